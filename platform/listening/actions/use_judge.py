"""A trained judge as a scorer that other studies can choose."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from studies import recipes
from studies.actions import install_engine, note
from studies.models import EngineSpec, StudyJudge


@transaction.atomic
def use_judge(*, judge: StudyJudge, by: User | None) -> EngineSpec:
    """Its engine spec: the one that is there, or a new one. All researchers see it: it names no study."""
    digest = str(judge.weights.name).rsplit("/", 1)[-1][:8]
    who = "simulated raters" if judge.simulated else "people"
    engine = recipes.Engine(
        kind="scorer",
        engine="study-judge",
        name=f"Study judge {digest}, from {judge.measured['votes']:,} votes of {who}",
        checkpoint=str(judge.weights.name),
        parameters={"scorers": judge.scorers},
    )
    spec = install_engine(name="study-judge", engine=engine)
    if judge.spec_id != spec.pk:
        judge.spec = spec
        judge.save(update_fields=["spec"])
        note(study=judge.study, by=by, text=f"Its judge can be chosen as {spec.name}.")
    return spec
