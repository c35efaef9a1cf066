"""Preference pairs of rewrites for DPO, in TRL's format: `prompt`, `chosen`, `rejected`, and where they come from.

`prompt` is what the rewriter reads: its instruction with the user's prompt in it. Pairs of equal texts, and those that
nobody prefers, are none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, groupby

from django.db.models import Avg, F, Q

from inference.engines.parameters import RewriterParameters
from inference.engines.protocols import RewriteRequest
from inference.engines.templates import fill
from listening import query
from results.records import Record
from studies.models import Candidate, EngineSpec, Study

PURPOSES = (Candidate.Purpose.TRAIN, Candidate.Purpose.SELECT)


def by_votes(study: Study, simulated: bool) -> Iterator[Record]:
    """A pair of arms on one prompt, by the majority of its votes. margin: votes more, as a share of all but ties."""
    told: dict[tuple[int, str, str], Counter[str]] = defaultdict(Counter)
    for vote in query.votes(study, simulated=simulated):
        told[vote.prompt, vote.arm_a, vote.arm_b][vote.winner] += 1
    arms, texts = {arm.key: arm for arm in study.arms.select_related("rewriter")}, _heard(study)
    for (prompt, a, b), votes in sorted(told.items()):
        better, worse = (a, b) if votes[a] > votes[b] else (b, a)
        if votes[a] == votes[b] or (prompt, a) not in texts or (prompt, b) not in texts:
            continue
        user = texts[prompt, better][0]
        chosen, rejected = texts[prompt, better][1], texts[prompt, worse][1]
        if chosen != rejected:
            rewriter = arms[better].rewriter or arms[worse].rewriter
            origin = {"chosen_from": better, "rejected_from": worse, "votes": [votes[better], votes[worse]]}
            margin = (votes[better] - votes[worse]) / (votes[better] + votes[worse])
            yield _pair(prompt, user, rewriter, chosen, rejected, margin) | origin


def _heard(study: Study) -> dict[tuple[int, str], tuple[str, str]]:
    """By prompt and arm: the prompt as typed, and the text that was judged."""
    rows = Candidate.objects.filter(arm__study=study, purpose=Candidate.Purpose.EVALUATE).values_list(
        "prompt_id", "arm__key", "prompt__text", "rewrite__text"
    )
    return {(prompt, arm): (typed, text) for prompt, arm, typed, text in rows}


def by_feedback(study: Study) -> Iterator[Record]:
    """Candidates of one prompt that the feedback scorer ranked. margin: difference of their mean scores over takes."""
    wanted = Q(renderings__clip__scores__scorer=study.feedback_scorer_id) & Q(
        renderings__clip__scores__reference=F("prompt__text")
    )
    rows = (
        Candidate.objects.filter(arm__study=study, purpose__in=PURPOSES)
        .annotate(score=Avg("renderings__clip__scores__value", filter=wanted))
        .filter(score__isnull=False)
        .order_by("arm", "purpose", "round", "prompt", "index")
        .values_list(
            "arm__key", "purpose", "round", "prompt_id", "prompt__text", "rewrite__exemplars", "rewrite__text", "score"
        )
    )
    arms = {arm.key: arm for arm in study.arms.select_related("rewriter")}
    for (arm, purpose, round_, prompt, user, shown), group in groupby(rows.iterator(), key=lambda row: row[:6]):
        best = {text: score for *_, text, score in sorted(group, key=lambda row: row[-1])}
        for (worse, low), (better, high) in combinations(best.items(), 2):
            if high > low:
                origin = {"chosen_from": arm, "rejected_from": arm, "purpose": purpose, "round": round_}
                yield _pair(prompt, user, arms[arm].rewriter, better, worse, high - low, shown) | origin


def _pair(
    prompt: int,
    user: str,
    rewriter: EngineSpec | None,
    chosen: str,
    rejected: str,
    margin: float,
    exemplars: Sequence[str] = (),
) -> Record:
    asked = user
    if rewriter is not None:
        asked = fill(RewriterParameters.model_validate(_shared(rewriter)), RewriteRequest(user, tuple(exemplars)))
    return {
        "prompt": asked,
        "chosen": chosen,
        "rejected": rejected,
        "margin": margin,
        "user_prompt": user,
        "prompt_id": prompt,
    }


def _shared(rewriter: EngineSpec) -> dict:
    """Of the engine's parameters those that every rewriter has."""
    return {name: value for name, value in rewriter.parameters.items() if name in RewriterParameters.model_fields}


PAIRS: dict[str, Callable[[Study], Iterator[Record]]] = {
    "people": lambda study: by_votes(study, simulated=False),
    "simulated": lambda study: by_votes(study, simulated=True),
    "feedback": by_feedback,
}
