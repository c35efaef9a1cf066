"""What rewriters are good at, taken apart: whether they write well, copy, and know which rewrite feedback prefers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from inference.training import parameters
from prompts.models import Prompt
from prompts.words import words
from results.difference import difference
from results.measurements import Texts
from results.measures.copying import overlap, verbatim
from results.measures.fluency import CharacterModel, repeated
from results.opened import Opened
from results.statistics import mean_intervals
from studies.evaluated import evaluated_prompts
from studies.models import Arm, Checkpoint, Study

MEASURES = ("surprisal", "repeated", "overlap", "verbatim")


@dataclass(frozen=True)
class Skill:
    """One arm's rewriter. surprisal: bits a character of what it added, under the prompt set's other texts; repeated,
    overlap, verbatim: shares, 0..1; each with its interval. ranking: share of pairs of held-out candidates that its
    likelihood orders as feedback does; before: the same of the rewriter before training. None where not measured.
    """

    arm: str
    name: str
    rewriter: str
    objective: str
    n: int
    values: dict[str, float | None]
    intervals: dict[str, list[float] | None]
    ranking: float | None
    before: float | None


def skills(page: Opened) -> list[Skill]:
    """Of every arm that has rewritten something."""
    return page.kept("skills", list[Skill], lambda: _skills(page))


def _skills(page: Opened) -> list[Skill]:
    model, ranks = CharacterModel.of(reference_texts(page.study)), rankings(page)
    arms = page.study.arms.select_related("rewriter").exclude(method=Arm.Method.ORIGINAL)
    return [skill for arm in arms if (skill := _skill(page, arm, model, ranks))]


def reference_texts(study: Study) -> list[str]:
    """Prompts of the set, open and expert, that the study does not evaluate: the same for all of its arms."""
    rest = Prompt.objects.filter(prompt_set=study.prompt_set_id).exclude(pk__in=evaluated_prompts(study).values("pk"))
    return list(rest.exclude(split=study.evaluation_split).order_by("position").values_list("text", flat=True))


def _skill(page: Opened, arm: Arm, model: CharacterModel, ranks: dict[str, Any]) -> Skill | None:
    pairs = [pair for prompt in page.measured.prompts if (pair := page.measured.texts.get((arm.pk, prompt)))]
    if not pairs:
        return None
    found = dict(zip(MEASURES, mean_intervals(_columns(pairs, model)), strict=True))
    before, after = ranks.get(arm.key) or (ranks.get(f"rewriter {arm.rewriter_id}"), None)
    untrained = arm.method != Arm.Method.INSTRUCT_FEEDBACK
    return Skill(
        arm=arm.key,
        name=arm.name,
        rewriter=arm.rewriter.name if arm.rewriter else "",
        objective="" if untrained else str(arm.parameters.get("training", {}).get("objective", parameters.DEFAULT)),
        n=len(pairs),
        values={name: each and each.value for name, each in found.items()},
        intervals={name: each and each.interval for name, each in found.items()},
        ranking=before if untrained else after,
        before=before,
    )


def _columns(pairs: Iterable[Texts], model: CharacterModel) -> np.ndarray:
    """[rewrites, measures], NaN where a rewrite has none."""
    return np.array([[_number(measure(pair, model)) for measure in _MEASURE.values()] for pair in pairs])


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def added(pair: Texts) -> str:
    """What the rewrite says that the prompt does not."""
    return " ".join(piece.text for piece in difference(*pair) if piece.kind == "added")


_MEASURE: dict[str, Callable[[Texts, CharacterModel], float | None]] = {
    "surprisal": lambda pair, model: model.surprisal(added(pair)),
    "repeated": lambda pair, model: repeated(words(pair.rewrite)),
    "overlap": lambda pair, model: overlap(words(pair.prompt), words(pair.rewrite)),
    "verbatim": lambda pair, model: verbatim(words(pair.prompt), words(pair.rewrite)),
}


def rankings(page: Opened) -> dict[str, Any]:
    """(before, after) training by arm; "rewriter ID": before training, whichever arm asked."""
    found: dict[str, Any] = {}
    done = Checkpoint.objects.filter(arm__study=page.study, state=Checkpoint.State.DONE)
    for one in done.select_related("arm").defer("ranked").order_by("arm__position", "round"):
        asked = [entry for entry in one.curve if entry.get("held_out_ranking") is not None]
        if not asked:
            continue
        kept = next((entry for entry in asked if entry.get("kept")), asked[-1])
        first = found.get(one.arm.key, (asked[0]["held_out_ranking"], None))[0]
        found[one.arm.key] = (first, kept["held_out_ranking"])
        found.setdefault(f"rewriter {one.rewriter_id}", first)
    return found
