"""What a study's size follows from, and how many rows each stage of an arm asks for. Before any row exists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from studies import pipeline
from studies.arms import Feedback, NoChoice, parse
from studies.evaluated import evaluated_prompts, main_prompts
from studies.models import Arm, EngineSpec, Study


@dataclass(frozen=True)
class ArmPlan:
    """One arm as far as its size goes. rewriter: its engine, None where nothing is rewritten."""

    name: str
    method: str
    parameters: dict
    rewriter: EngineSpec | None = None

    @property
    def choices(self) -> NoChoice:
        return parse(self.method, self.parameters)

    @property
    def stages(self) -> list[tuple[str, int]]:
        return pipeline.stages(self.method, getattr(self.choices, "rounds", 1), self.choices.first_round)


@dataclass(frozen=True)
class Design:
    """Of a study, or of a recipe with a number of prompts."""

    prompts: int
    evaluation_takes: int
    feedback_takes: int
    seconds: float
    arms: Sequence[ArmPlan]
    generator: EngineSpec
    scorers: Sequence[EngineSpec]
    oracle: bool
    pairs: int = 0
    listening_prompts: int = 0
    votes_per_trial: int = 0
    trials_per_session: int = 1

    def amount(self, arm: ArmPlan, stages: Iterable[tuple[str, int]] | None = None) -> pipeline.Amount:
        """Rows of an arm in these stages, all of them where none are named, before equal rows are merged."""
        total = pipeline.Amount()
        for stage, _ in arm.stages if stages is None else stages:
            total = total.plus(
                pipeline.stage_amount(
                    stage,
                    arm.method,
                    prompts=self._prompts(stage, arm.choices),
                    candidates=_candidates(stage, arm.choices),
                    takes=self.evaluation_takes if stage == pipeline.EVALUATING else self.feedback_takes,
                    scores=self.scores(arm, stage),
                )
            )
        return total

    def _prompts(self, stage: str, choices: NoChoice) -> int:
        if stage == pipeline.CANDIDATES and isinstance(choices, Feedback):
            return choices.training_prompts
        return self.prompts

    def scores(self, arm: ArmPlan, stage: str) -> int:
        """Of each clip."""
        purpose = pipeline.EVALUATE if stage == pipeline.EVALUATING else pipeline.SELECT
        scorers = pipeline.Scorers(1, 2, 3 if self.oracle else None)
        rewrite = "the prompt" if arm.method == Arm.Method.ORIGINAL else "a rewrite of it"
        return len(pipeline.wanted_scores(purpose, scorers, "the prompt", rewrite))


def _candidates(stage: str, choices: NoChoice) -> int:
    if stage == pipeline.EVALUATING:
        return 1
    return choices.candidates if isinstance(choices, Feedback) else getattr(choices, "n", 1)


def of_study(study: Study) -> Design:
    return Design(
        prompts=evaluated_prompts(study).count(),
        evaluation_takes=study.evaluation_takes,
        feedback_takes=study.feedback_takes,
        seconds=study.seconds,
        arms=[plan_of(arm) for arm in study.arms.select_related("rewriter")],
        generator=study.generator,
        scorers=[study.feedback_scorer, study.evaluation_scorer],
        oracle=study.oracle_id is not None,
        pairs=len(study.listening_pairs),
        listening_prompts=min(study.listening_prompts, main_prompts(study).count()),
        votes_per_trial=study.votes_per_trial,
        trials_per_session=study.trials_per_session,
    )


def plan_of(arm: Arm) -> ArmPlan:
    return ArmPlan(arm.name, arm.method, arm.parameters, arm.rewriter)
