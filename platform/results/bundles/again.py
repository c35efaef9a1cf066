"""A study made again from its bundle: every rewrite, sound, score and checkpoint anew, and then set beside it."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from django.db import transaction

from accounts.models import Team
from prompts.models import Prompt, PromptSet
from results.bundles import comparing
from results.bundles.archive import Archive
from results.bundles.errors import in_words
from results.bundles.fresh import Fresh
from results.bundles.restoring import free_prompts_slug
from results.bundles.rows import ROWS, Row
from studies import actions, recipes
from studies.models import Study, Work

Rewrote = tuple[str, int, str, int, int]  # arm, prompt's position, purpose, round, index
COMPARED = ("arms", "contrasts", "control")  # of results: what engines say; who voted is not asked again
TOLERANCE = 1e-6  # of scores and results: beyond it another machine may round otherwise


@transaction.atomic
def begin(archive: Archive, team: Team) -> Study:
    """A study of the bundle's recipe and prompts, launched. Engines get names of their own, so that nothing that was
    made before is taken for what this makes. Raises BundleError, RecipeError or StudyError."""
    mark = secrets.token_hex(3)
    with in_words("recipe.yaml cannot be read"):
        renamed = _renamed(cast("dict[str, Any]", recipes.plain(archive.bytes("recipe.yaml"))), mark)
    recipe = recipes.parse(renamed)
    with in_words("rows/prompts.jsonl cannot be restored"):
        prompts = _prompts(archive, team)
    slug = actions.free_slug(f"{archive.manifest['study'][:60]}-again")
    study = actions.create_study(recipe=recipe, slug=slug, team=team, prompt_set=prompts, by=None)
    return actions.launch(study=study, by=None)


def _renamed(recipe: dict[str, Any], mark: str) -> dict[str, Any]:
    names = {name: f"{name[:50]}-{mark}" for name in recipe["engines"]}
    roles = ("generator", "feedback_scorer", "evaluation_scorer", "oracle")
    arms = [arm | ({"rewriter": names[arm["rewriter"]]} if arm.get("rewriter") else {}) for arm in recipe["arms"]]
    told = {role: names[recipe[role]] for role in roles if recipe.get(role)}
    engines = {names[name]: engine for name, engine in recipe["engines"].items()}
    return {**recipe, **told, "arms": arms, "engines": engines, "name": f"{recipe['name'][:180]} (again)"}


def _prompts(archive: Archive, team: Team) -> PromptSet:
    about = next(archive.lines("rows/prompt_set.jsonl"))
    kept = {name: about[name] for name in ("name", "description", "language", "licence")}
    made = PromptSet.objects.create(team=team, slug=free_prompts_slug(about["slug"]), **kept)
    names = ("position", "text", "kind", "split", "scene", "tags")
    rows = archive.lines("rows/prompts.jsonl")
    told = (Prompt(prompt_set=made, **{name: row[name] for name in names}) for row in rows)
    Prompt.objects.bulk_create(told, batch_size=1_000)
    return made


@dataclass
class Making:
    """What engines made in one making, by names that hold in every making."""

    texts: dict[Rewrote, str] = field(default_factory=dict)
    sounds: dict[tuple[Rewrote, int], str] = field(default_factory=dict)  # by take: a name made of the content
    scores: dict[tuple[Rewrote, int, str, str], float] = field(default_factory=dict)  # and role, reference
    checkpoints: dict[tuple[str, int], str] = field(default_factory=dict)  # by arm and round: the weights' name


def making(read: Callable[[str], Iterable[Row]]) -> Making:
    """read: the rows of a table, of a bundle or of a study that is here."""
    study = next(iter(read("study")))
    roles = {study[f"{role}_id"]: role for role in ("oracle", "evaluation_scorer", "feedback_scorer")}
    places = {row["id"]: row["position"] for row in read("prompts")}
    arms = {row["id"]: row["key"] for row in read("arms")}
    texts = {row["id"]: row["text"] for row in read("rewrites") if row["state"] == Work.State.DONE}
    files = {row["id"]: row["audio"] for row in read("clips") if row["state"] == Work.State.DONE}
    made, names, uses = Making(), {}, defaultdict(list)
    for row in read("candidates"):
        place = places[row["prompt_id"]]
        name = (arms[row["arm_id"]], place, row["purpose"], row["round"], row["index"])
        names[row["id"]] = name
        made.texts[name] = texts.get(row["rewrite_id"], "")
    for row in read("renderings"):
        use = names[row["candidate_id"]], row["take"]
        made.sounds[use] = files.get(row["clip_id"], "")
        uses[row["clip_id"]].append(use)
    for row in read("scores"):
        for use in uses[row["clip_id"]] if row["value"] is not None else ():
            made.scores[*use, roles[row["scorer_id"]], row["reference"]] = row["value"]
    for row in read("checkpoints"):
        made.checkpoints[arms[row["arm_id"]], row["round"]] = row["weights"]
    return made


def of_bundle(archive: Archive) -> Making:
    """Raises BundleError."""
    with in_words("its rows cannot be read"):
        return making(lambda name: archive.lines(f"rows/{name}.jsonl"))


def of_study(study: Study) -> Making:
    return making(lambda name: ROWS[name].read(study))


class Compared(NamedTuple):
    """Of one kind of thing. examples: a few that differ, in words."""

    kind: str
    compared: int
    equal: int
    only_in_bundle: int
    only_here: int
    largest: float | None
    examples: list[str]

    @property
    def same(self) -> bool:
        return self.equal == self.compared and not self.only_in_bundle and not self.only_here


def beside(archive: Archive, study: Study) -> list[Compared]:
    """What engines made there and here, and what follows from it."""
    was, here = of_bundle(archive), of_study(study)
    found = [
        _compared("rewrites", was.texts, here.texts),
        _compared("checkpoints", was.checkpoints, here.checkpoints),
        _compared("clips", was.sounds, here.sounds),
        _compared("scores", was.scores, here.scores),
    ]
    told = ({name: each[name] for name in COMPARED} for each in (archive.json("results.json"), Fresh(study).results))
    return [*found, _compared("results", *(comparing.flat(each) for each in told))]


def _compared(kind: str, was: dict, here: dict) -> Compared:
    both = [name for name in was if name in here]
    gaps = {name: gap for name in both if (gap := _gap(was[name], here[name])) > TOLERANCE}
    sizes = [gap for gap in gaps.values() if gap != float("inf")]
    worst = sorted(gaps, key=lambda name: -gaps[name])[:3]
    examples = [f"{_words(name)}: {was[name]!r} in the bundle, {here[name]!r} here" for name in worst]
    equal, missing, more = len(both) - len(gaps), len(was) - len(both), len(here) - len(both)
    return Compared(kind, len(both), equal, missing, more, max(sizes, default=None), examples)


def _gap(was: Any, here: Any) -> float:
    """How far numbers are from each other; infinite for anything else that differs."""
    numeric = isinstance(was, int | float) and isinstance(here, int | float)
    return abs(was - here) if numeric else 0.0 if was == here else float("inf")


def _words(name: Any) -> str:
    return " ".join(_words(part) for part in name) if isinstance(name, tuple) else str(name)
