"""Signs in scores and texts: what taught and judges, intent, gains that are none, harm to expert prompts."""

from __future__ import annotations

from collections.abc import Iterator

from results.notices.notice import Notice, Row, gains, listed, names_of, notice, ranges
from results.templatetags.numbers import times100
from studies.fidelity import LOST_INTENT
from studies.models import Checkpoint, Study

KEPT_ENOUGH = 0.9  # share of content words; ours


def judge_that_taught(study: Study) -> Iterator[Notice]:
    if study.teaches_and_judges:
        yield notice(
            "judge-taught",
            "warning",
            "The scorer that taught also judges",
            f"{study.evaluation_scorer.name} ranked the candidates and now scores the result, so CLAP flatters every "
            "arm that learned or chose by it. Run the study with another evaluation scorer before you claim a gain.",
        )


def votes_that_teach(study: Study) -> Iterator[Notice]:
    """A judge that has learned from raters is no bystander."""
    if study.feedback_scorer.learned_from_votes:
        yield notice(
            "votes-taught",
            "warning",
            "Votes have taught what is judged here",
            f"{study.feedback_scorer.name} ranked the candidates, and it has learned from raters. A gain by a score is "
            "the taste of those raters; votes of the same people cannot confirm it. Ask people who have not voted "
            "before, and let a scorer judge that no vote has trained.",
        )
    if study.evaluation_scorer.learned_from_votes:
        yield notice(
            "judge-learned",
            "note",
            "A study judge scores here",
            f"{study.evaluation_scorer.name}: where pages say CLAP, they show what its raters would prefer, in CLAP's "
            "unit. Prompts that it has learned from are judged by a head that was kept from their votes. Its own "
            "study's page says how often it agrees with people.",
        )


def lost_intent(results: Row) -> Iterator[Notice]:
    low = [arm for arm in results["arms"] if arm["bleu"] is not None and arm["bleu"] < LOST_INTENT]
    kept = [arm for arm in low if (arm["kept_terms"] or 0) >= KEPT_ENOUGH]
    lost = [arm for arm in low if arm not in kept]
    if lost:
        yield notice(
            "low-bleu",
            "warning",
            f"{_names(lost)}: rewrites have left the prompts",
            f"{_fidelities(lost)}. SacreBLEU under {LOST_INTENT:.0f} is the paper's sign of lost intent, and words are "
            "missing too: a higher CLAP may be for another wish than the user's. Read the rewrites; train on fewer "
            "prompts, for fewer steps, or weigh fidelity in.",
        )
    if kept:
        yield notice(
            "low-bleu",
            "note",
            f"{_names(kept)}: SacreBLEU under {LOST_INTENT:.0f}",
            f"{_fidelities(kept)}. The paper's sign of lost intent; but nearly all content words are kept, and with "
            "short prompts BLEU punishes whatever a rewrite adds. Read some rewrites on the fidelity tab to be sure.",
        )


def broken_floor(study: Study) -> Iterator[Notice]:
    """Arms of which no round held its fidelity floor."""
    made = Checkpoint.objects.filter(arm__study=study, state=Checkpoint.State.DONE, origin="")
    held: dict[str, list[bool]] = {}
    for one in made.defer("ranked").order_by("arm__position").select_related("arm"):
        held.setdefault(one.arm.name, []).append(one.held)
    broken = [name for name, rounds in held.items() if not any(rounds)]
    if broken:
        yield notice(
            "floor-broken",
            "warning",
            f"{', '.join(broken)}: no round held its fidelity floor",
            "Validation prompts lost more than fidelity_floor allows, so none of its checkpoints is used: the arm was "
            "evaluated with the weights that it began with. Rank under a constraint, keep the prompt's terms while "
            "decoding, or lower the floor.",
        )


def _names(arms: list[Row]) -> str:
    return ", ".join(arm["name"] for arm in arms)


def _fidelities(arms: list[Row]) -> str:
    return "; ".join(
        f"{arm['name']} {arm['bleu']:.1f}, {_percent(arm['kept_terms'])} of content words kept" for arm in arms
    )


def _percent(share: float | None) -> str:
    return "unknown share" if share is None else f"{share:.0%}"


def no_gain(results: Row) -> Iterator[Notice]:
    rows, names = gains(results), names_of(results)
    unsure = [row for row in rows if row["interval"][0] <= 0 <= row["interval"][1]]
    worse = [row for row in rows if row["interval"][1] < 0]
    if worse:
        yield notice(
            "worse",
            "warning",
            f"Worse than the original: {listed(worse, names)}",
            f"{ranges(worse, names)}. Look at the greatest losses among the examples before you use such a rewriter.",
        )
    if unsure:
        yield notice(
            "no-gain",
            "note",
            f"No gain shown: {listed(unsure, names)}",
            f"The interval of the difference from the original includes zero. {ranges(unsure, names)}. "
            "Four times the prompts would halve its width.",
        )


def noise(results: Row) -> Iterator[Notice]:
    """Gains whose interval leaves zero out, and which other audio seeds could still have made."""
    floor, names = results["noise_floor"].get("clap", 0.0), names_of(results)
    sure = [row for row in gains(results) if not row["interval"][0] <= 0 <= row["interval"][1]]
    under = [row for row in sure if abs(row["difference"]) < floor]
    if under:
        yield notice(
            "noise-floor",
            "warning",
            f"Below the noise floor: {listed(under, names)}",
            f"The difference from the original is under {times100(floor)} CLAP ×100: so far two runs of one arm come "
            "apart when only the audio seeds change. Raise the takes of each text and run the study again: four times "
            "the takes halve the floor.",
        )


def harmed_experts(results: Row) -> Iterator[Notice]:
    rows, names = gains(results, key="control"), names_of(results)
    harmed = [row for row in rows if row["interval"][1] < 0]
    if harmed:
        yield notice(
            "experts-harmed",
            "warning",
            f"Expert prompts have suffered: {listed(harmed, names)}",
            f"On the {harmed[0]['prompts']} expert prompts beside: {ranges(harmed, names)}. The paper's sign of a "
            "rewriter that has learnt open prompts by heart. Leave long prompts as they are, train on fewer prompts or "
            "fewer steps, or put expert prompts among those it learns from.",
        )
