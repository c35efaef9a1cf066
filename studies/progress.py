"""How far a study is: rows of each kind that are done, and how many there will be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, Sum

from studies import clock, design, pipeline
from studies.models import WORK, Arm, Clip, Study, Work

NAMES = {
    "embedding": "Read texts",
    "rewrite": "Rewrite prompts",
    "clip": "Make audio",
    "score": "Score audio",
    "training": "Fine-tune rewriters",
}

# A text kept as given is no work.
NO_KEPT_TEXTS = {"rewrite": {"rewriter__isnull": False}}


@dataclass(frozen=True)
class Step:
    """One kind of work. total: rows there are plus rows that later stages are known to ask for.

    seconds: what workers have spent on it; left: what they will, by the rate so far, None before the first row.
    """

    kind: str
    name: str
    done: int
    failed: int
    running: int
    waiting: int
    total: int
    seconds: float

    @property
    def settled(self) -> int:
        return self.done + self.failed

    @property
    def to_come(self) -> int:
        """Rows that wait, and rows that nobody has asked for yet."""
        return self.total - self.settled - self.running

    @property
    def left(self) -> float | None:
        remaining = self.total - self.settled
        if not remaining:
            return 0.0
        return self.seconds / self.settled * remaining if self.settled else None


def progress(study: Study) -> list[Step]:
    """The steps of a study in the order in which it walks through them; kinds it never needs are left out."""
    coming = _coming(study)
    steps = [_step(study, kind, coming[kind]) for kind in NAMES]
    return [step for step in steps if step.total]


def time_left(study: Study, steps: list[Step]) -> timedelta | None:
    """Wall time to the end, by the workers' rates so far; None while some step has no rate yet."""
    if study.launched_at is None or any(step.left is None for step in steps):
        return None
    worked = sum(step.seconds for step in steps)
    elapsed = (clock.now() - study.launched_at).total_seconds()
    # How many engine calls ran side by side so far, waits included.
    breadth = worked / elapsed if worked and elapsed else 1.0
    return timedelta(seconds=sum(step.left or 0.0 for step in steps) / max(breadth, 0.05))


@dataclass(frozen=True)
class Effort:
    """What a study took of its workers. share: of the processes' time since launch, spent inside engine calls."""

    processes: int
    engine_seconds: float
    share: float


def effort(study: Study) -> Effort | None:
    """None before the first call has ended. A process that other studies used as well counts with all its time."""
    if study.launched_at is None:
        return None
    workers: set[str] = set()
    spent = 0.0
    for model in WORK.values():
        mine = model._default_manager.filter(**{model.studies_path: study}).values("pk").distinct()
        rows = model._default_manager.filter(pk__in=mine, finished_at__gte=study.launched_at).exclude(worker="")
        for worker, seconds in rows.values_list("worker").annotate(Sum("seconds")).order_by():
            workers.add(worker)
            spent += seconds or 0.0
    wall = ((study.finished_at or clock.now()) - study.launched_at).total_seconds()
    return Effort(len(workers), spent, spent / (len(workers) * wall)) if workers and wall else None


def _step(study: Study, kind: str, coming: int) -> Step:
    model = WORK[kind]
    mine = model._default_manager.filter(**{model.studies_path: study}).values("pk").distinct()
    rows = model._default_manager.filter(pk__in=mine, **NO_KEPT_TEXTS.get(kind, {}))
    state = {s: Count("pk", filter=Q(state=s)) for s in Work.State.values}
    counts = rows.aggregate(**state, spent=Sum("seconds"))
    known = sum(counts[s] for s in Work.State.values)
    return Step(
        kind=kind,
        name=NAMES[kind],
        done=counts["done"],
        failed=counts["failed"],
        running=counts["running"],
        waiting=counts["waiting"],
        total=known + coming,
        seconds=counts["spent"] or 0.0,
    )


def _coming(study: Study) -> dict[str, int]:
    """Rows that nobody has written yet because they wait for others."""
    if study.status in (Study.Status.COMPLETE, Study.Status.CANCELLED):
        return dict.fromkeys(NAMES, 0)
    amount, size = pipeline.Amount(), design.of_study(study)
    for arm in study.arms.select_related("rewriter"):
        amount = amount.plus(_unopened(size, arm)).plus(_unextended(study, size, arm))
    return {
        "embedding": 0,
        "rewrite": amount.rewrites,
        "clip": amount.clips,
        "score": amount.scores,
        "training": amount.trainings,
    }


def _unopened(size: design.Design, arm: Arm) -> pipeline.Amount:
    plan = design.plan_of(arm)
    walk = plan.stages
    return size.amount(plan, walk[walk.index((arm.stage, arm.round)) + 1 :] if arm.stage else walk)


def _unextended(study: Study, size: design.Design, arm: Arm) -> pipeline.Amount:
    """What candidates that were proposed will still ask for: clips of unmade rewrites, scores of unmade clips."""
    amount = pipeline.Amount()
    for purpose, stage in ((pipeline.EVALUATE, pipeline.EVALUATING), (None, pipeline.CANDIDATES)):
        mine = arm.candidates.filter(purpose=purpose) if purpose else arm.candidates.exclude(purpose="evaluate")
        takes = study.evaluation_takes if purpose else study.feedback_takes
        clips = takes * _unrendered(mine)
        unmade = Clip.objects.filter(renderings__candidate__in=mine, state__in=UNFINISHED).values("pk").distinct()
        scores = (clips + unmade.count()) * size.scores(design.plan_of(arm), stage)
        amount = amount.plus(pipeline.Amount(0, clips, scores))
    return amount


UNFINISHED = [Work.State.WAITING, Work.State.RUNNING]


def _unrendered(candidates) -> int:
    waiting = candidates.filter(rewrite__state__in=UNFINISHED, renderings=None)
    return waiting.values("rewrite").distinct().count()
