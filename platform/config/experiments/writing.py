"""An experiment's page: Markdown with what held and what did not, tables, figures, and how to make it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from config.experiments.experiment import Claim, Experiment, Findings, Run
from config.machine import machine
from results.drawing import taken_along
from results.tables.writing import markdown
from studies import clock, recipes
from studies.progress import effort

DOCS = Path(settings.ROOT) / "docs"
PROSE = {"name", "answers", "needs", "reading", "description"}
VERDICTS = {True: "Held", False: "Did not hold", None: "Not told from chance"}


def fingerprint(recipe: recipes.Recipe) -> str:
    """Of all in a recipe that changes a number."""
    content = recipe.model_dump(mode="json", exclude_unset=True, exclude=PROSE)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Written:
    """docs: the folder that pages and pictures go under. models: the block in place of the recipes' own, or None."""

    experiment: Experiment
    runs: Sequence[Run]
    models: str | None = None
    docs: Path = DOCS

    def write(self) -> Path:
        """The page and its pictures; earlier ones of the experiment go."""
        found = self.experiment.find(self.runs)
        pages, pictures = self.docs / "experiments", self.docs / "images" / "experiments"
        pages.mkdir(parents=True, exist_ok=True)
        pictures.mkdir(parents=True, exist_ok=True)
        for old in pictures.glob(f"{self.experiment.name}.*.svg"):
            old.unlink()
        for one in found.drawings:
            drawn = taken_along(one.chart, one.title, one.source, "svg")
            path = pictures / f"{self.experiment.name}.{one.name}.svg"
            path.write_bytes(drawn if isinstance(drawn, bytes) else drawn.encode())
        path = pages / f"{self.experiment.name}.md"
        path.write_text(self.page(found), encoding="utf-8")
        return path

    def page(self, found: Findings) -> str:
        parts = [
            f"---\n{yaml.safe_dump(self.front(), sort_keys=False, allow_unicode=True, width=120)}---",
            f"# {self.experiment.title}",
            self.experiment.question,
            f"## What came out\n\n{claims(found.claims)}",
            *([f"## What to keep in mind\n\n{bullets(found.remarks)}"] if found.remarks else []),
            "## Numbers",
            *(markdown(table, self.experiment.title).strip() for table in found.tables),
            *self.figures(found),
            f"## How to read it\n\n{self.reading()}",
            f"## How it was made\n\n{self.made()}",
        ]
        return "\n\n".join(part.strip() for part in parts if part) + "\n"

    def front(self) -> dict[str, Any]:
        loaded = {name: recipes.load(name, self.models) for name in self.experiment.recipes}
        return {
            "experiment": self.experiment.name,
            "models": self.models or "as the recipe says",
            "recipes": {name: fingerprint(recipe) for name, recipe in loaded.items()},
            "seeds": self.seeds,
            "written": clock.now().date().isoformat(),
        }

    @property
    def seeds(self) -> list[int]:
        return sorted({run.seed for run in self.runs})

    def figures(self, found: Findings) -> list[str]:
        places = [f"../images/experiments/{self.experiment.name}.{one.name}.svg" for one in found.drawings]
        shown = [f"![{o.title}]({p})\n\n{o.caption}" for o, p in zip(found.drawings, places, strict=True)]
        return ["## Figures", *shown] if shown else []

    def reading(self) -> str:
        if self.experiment.reading:
            return self.experiment.reading
        told = (recipes.load(name, self.models).reading.strip() for name in self.experiment.recipes)
        return "\n\n".join(text for text in told if text)

    def made(self) -> str:
        option = f" --models {self.models}" if self.models else ""
        named = ", ".join(f"[`{name}`](../../inference/recipes/{name}.yaml)" for name in self.experiment.recipes)
        here = machine()
        return "\n\n".join(
            [
                f"```sh\nscript/experiment {self.experiment.name} --seeds {len(self.seeds)}{option}\n```",
                f"Recipe: {named}; seeds {', '.join(map(str, self.seeds))}; {self.votes()}.",
                f"{self.cost()} On {here['cores']} CPU cores, {here['busy']} processes busy on average when this was "
                f"written; {here['system']}, Python {here['python']}.",
            ]
        )

    def votes(self) -> str:
        given = sum(run.page.results["votes"] for run in self.runs)
        return f"{given:,} votes of simulated raters" if given else "no votes"

    def cost(self) -> str:
        """Of one seed, on average: equal rows of several studies were made once, and count for the first of them."""
        spent = [found.engine_seconds for run in self.runs if (found := effort(run.page.study))]
        minutes = sum(spent) / 60 / len(self.seeds)
        return (
            f"Engine calls took {minutes:.1f} minutes a seed, without what other studies had made before: equal "
            "rewrites, clips and scores are made once."
        )


def claims(found: Sequence[Claim]) -> str:
    return bullets([f"**{VERDICTS[one.held]}.** {one.text} {_sentence(one.numbers)}" for one in found])


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
