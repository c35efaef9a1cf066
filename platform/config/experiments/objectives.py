"""Families and objectives: which family learns more by which objective, and what each rewriter is good at."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from config.experiments import drawings, over_seeds, skill
from config.experiments.experiment import Claim, Experiment, Findings, Run
from results.rewriters import Skill, skills

OBJECTIVES = {"ranking": "margin ranking", "dpo": "DPO", "simpo": "SimPO"}
FAMILIES = {"": "encoder-decoder", "_decoder": "decoder-only"}


def find(runs: Sequence[Run]) -> Findings:
    found = [{skill.arm: skill for skill in skills(run.page)} for run in runs]
    return Findings(
        claims=[*learned(runs), *families(runs), *ranks(found), *surprising(found)],
        tables=[over_seeds.arms(runs), skill.table(found)],
        drawings=[drawings.gains(runs), *drawings.of_seed(runs[0], "rewriters")],
        remarks=[
            "Each objective has its default constants but for margin ranking, whose margin and length penalty the "
            "sandbox's models were given on validation prompts: that favours it.",
            "Held-out candidates are scored on two clips each, so feedback's own order of them is noisy: no rewriter "
            "could rank all pairs rightly.",
        ],
    )


def learned(runs: Sequence[Run]) -> list[Claim]:
    return [
        over_seeds.above(f"The {family} learns by {named}.",
                         over_seeds.gain(runs, f"{objective}{end}", f"instruct{end}"))
        for end, family in FAMILIES.items()
        for objective, named in OBJECTIVES.items()
    ]  # fmt: skip


def families(runs: Sequence[Run]) -> list[Claim]:
    return [
        over_seeds.above(f"By {named}, the encoder-decoder ends above the decoder-only.",
                         over_seeds.gain(runs, objective, f"{objective}_decoder"))
        for objective, named in OBJECTIVES.items()
    ]  # fmt: skip


def ranks(found: list[dict[str, Skill]]) -> list[Claim]:
    """That training makes likelihood order held-out candidates better; a seed is one number, so seeds are counted."""
    return [
        _in_seeds(f"{named} makes the {family} rank held-out candidates better.",
                  [(each[arm].before, each[arm].ranking) for each in found], 100, "%")
        for end, family in FAMILIES.items()
        for objective, named in OBJECTIVES.items()
        if (arm := f"{objective}{end}")
    ]  # fmt: skip


def surprising(found: list[dict[str, Skill]]) -> list[Claim]:
    """That learning costs no fluency."""
    return [
        _in_seeds(f"What the {family} adds after {named} is no more surprising than before.",
                  [(each[f"{objective}{end}"].values["surprisal"], each[f"instruct{end}"].values["surprisal"])
                   for each in found], 1, " bits")
        for end, family in FAMILIES.items()
        for objective, named in OBJECTIVES.items()
    ]  # fmt: skip


def _in_seeds(text: str, pairs: list[tuple[float | None, float | None]], scale: float, unit: str) -> Claim:
    """Claims that the second of each pair is the greater one, in every seed."""
    known = [(scale * a, scale * b) for a, b in pairs if a is not None and b is not None]
    text = text[:1].upper() + text[1:]
    if not known:
        return Claim(text, None, "it was not measured")
    held = [b > a for a, b in known]
    told = f"{fmean(a for a, _ in known):.1f} and {fmean(b for _, b in known):.1f}{unit} on average, {sum(held)} of "
    return Claim(text, over_seeds.in_every(held), f"{told}{len(known)} seeds")


EXPERIMENT = Experiment(
    name="objectives",
    title="Architectures and objectives, taken apart",
    question="Does it depend on the objective which family learns more from feedback, and what do they learn: to "
    "write, to copy, or to rank?",
    recipes=("objectives",),
    find=find,
)
