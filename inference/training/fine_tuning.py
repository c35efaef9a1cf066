"""Fine-tunes a rewriter on ranked candidates: one optimiser step a prompt, the best epoch kept.

Without dropout, so that the curve shows learning and not its noise (ours).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

from inference.engines.protocols import EngineError
from inference.training.objectives import NEEDS_REFERENCE, OBJECTIVES, Likelihoods, pairs
from inference.training.parameters import TrainingParameters
from inference.training.ranked import RankedPrompt

Entry = dict[str, Any]
Validate = Callable[[Any], dict[str, float]]


class Diverged(Exception):  # noqa: N818 (it ends training, it is no fault of the caller)
    """Training left the numbers or ran away; the message says where."""


@dataclass(frozen=True)
class TrainingResult:
    """weights: safetensors bytes of the epoch kept. curve: an entry an epoch.

    An entry: {"epoch", "loss", "objective", "cross_entropy", "ranking_accuracy", "prompts",
    "skipped": [{"text", "reason"}]}: means over prompts, each before its own step; with validation also "clap",
    "fidelity" and what else it tells, after the epoch, and an entry of epoch 0, before training. The entry whose
    weights are kept has "kept": True; where training ended early, the last one has "stopped": why.
    """

    weights: bytes
    curve: list[Entry]


def fine_tune(
    rewriter: Any,
    ranked: Sequence[RankedPrompt],
    parameters: TrainingParameters,
    validate: Validate | None = None,
    progress: Callable[[Entry], None] | None = None,
) -> TrainingResult:
    """Fine-tunes a copy of a `TransformersRewriter`, which itself stays as it is. The same input gives the same bytes.

    validate: given the rewriter in training, its {"clap", "fidelity"} on prompts that do not train; with it the epoch
    of the highest CLAP is kept among those that hold the fidelity floor (where none does, the most faithful one), else
    the last good one.
    progress: called with each epoch's entry of the curve.
    Raises EngineError where no prompt has two candidates to tell apart, or the first epoch leaves the numbers.
    """
    prompts, skipped = _usable([prompt.held_to(parameters.constraint) for prompt in ranked], parameters.noise_floor)
    student = rewriter.copy_for_training(parameters.lora, parameters.seed)
    course = Course(student, parameters, progress or (lambda entry: None))
    if validate:
        course.end_of_epoch({"epoch": 0, **validate(student)})
    references = _references(student, prompts) if _objective(parameters) in NEEDS_REFERENCE else [None] * len(prompts)
    optimizer = torch.optim.AdamW(student.trainable(), lr=parameters.learning_rate, weight_decay=0.0)
    order = torch.Generator().manual_seed(parameters.seed)
    for epoch in range(1, parameters.epochs + 1):
        visits = torch.randperm(len(prompts), generator=order).tolist()
        try:
            with deterministic():
                steps = [_step(student, prompts[at], references[at], optimizer, parameters) for at in visits]
            entry = {"epoch": epoch, **_means(steps), "prompts": len(prompts), "skipped": skipped}
            course.check(entry)
        except Diverged as reason:
            course.diverged(str(reason))
            break
        course.end_of_epoch(entry | (validate(student) if validate else {}))
        if course.stale:
            course.curve[-1]["stopped"] = f"no better validation CLAP for {parameters.patience} epochs"
            break
    return course.result()


@dataclass
class Course:
    """What training has been through: the curve, and the weights of the best epoch so far."""

    student: Any
    parameters: TrainingParameters
    progress: Callable[[Entry], None]
    curve: list[Entry] = field(default_factory=list)
    best: int = -1  # index into the curve
    weights: list[Tensor] = field(default_factory=list)

    def end_of_epoch(self, entry: Entry) -> None:
        self.curve.append(entry)
        if self._better(entry):
            self.best = len(self.curve) - 1
            self.weights = [weight.detach().to("cpu", copy=True) for weight in self.student.trainable()]
        self.progress(entry)

    def _better(self, entry: Entry) -> bool:
        if "clap" not in entry or self.best < 0:
            return True
        return self._standing(entry) > self._standing(self.curve[self.best])

    def _standing(self, entry: Entry) -> tuple[bool, float]:
        """Of those that hold the fidelity floor the one with the higher CLAP is better, of the others the more faithful
        one."""
        holds = self.parameters.holds(entry)
        return holds, entry["clap" if holds else "fidelity"]

    @property
    def stale(self) -> bool:
        return len(self.curve) - 1 - self.best >= self.parameters.patience

    def check(self, entry: Entry) -> None:
        """Raises Diverged where the loss has run away since the first epoch."""
        first = next((before["loss"] for before in self.curve if "loss" in before), entry["loss"])
        if entry["loss"] > self.parameters.diverged * max(first, 1e-6):
            raise Diverged(f"the loss rose from {first:.3g} to {entry['loss']:.3g}")

    def diverged(self, reason: str) -> None:
        """Ends training; raises EngineError where nothing good was learnt before."""
        if not any("loss" in entry for entry in self.curve):
            raise EngineError(f"Training went astray in its first epoch ({reason}): lower learning_rate.")
        self.curve[-1]["stopped"] = f"{reason}: the weights before are kept; lower learning_rate"

    def result(self) -> TrainingResult:
        self.curve[self.best]["kept"] = True
        with torch.no_grad():
            for weight, kept in zip(self.student.trainable(), self.weights, strict=True):
                weight.copy_(kept)
        return TrainingResult(self.student.weights(), self.curve)


@contextmanager
def deterministic() -> Iterator[None]:
    """Only deterministic kernels inside; what was set before holds again outside."""
    before, warned = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warned)


def likelihoods(student: Any, prompt: RankedPrompt, reference: Tensor | None = None) -> Likelihoods:
    """What an objective reads of a prompt whose candidates are sorted."""
    sums, lengths = student.token_log_likelihoods(prompt.request, prompt.candidates)
    scores = torch.tensor(prompt.scores, dtype=torch.float64, device=sums.device)
    fidelity = torch.tensor(prompt.fidelity or [1.0] * len(scores), dtype=torch.float64, device=sums.device)
    return Likelihoods(sums, lengths.to(sums.dtype), scores, fidelity, reference)


def _objective(parameters: TrainingParameters) -> str:
    return parameters.objective  # type: ignore[attr-defined]  # each schema of the union names its own


@torch.no_grad()
def _references(student: Any, prompts: Sequence[RankedPrompt]) -> list[Tensor]:
    return [student.token_log_likelihoods(prompt.request, prompt.candidates)[0] for prompt in prompts]


def _step(
    student: Any,
    prompt: RankedPrompt,
    reference: Tensor | None,
    optimizer: torch.optim.Optimizer,
    parameters: TrainingParameters,
) -> dict[str, float]:
    """One optimiser step on one prompt's candidates; what was measured before it."""
    y = likelihoods(student, prompt, reference)
    objective = OBJECTIVES[_objective(parameters)](y, parameters)
    cross_entropy = -y.sums[0] / y.lengths[0]
    loss = objective + parameters.cross_entropy * cross_entropy
    optimizer.zero_grad()
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(student.trainable(), parameters.gradient_clip)
    if not (loss.isfinite() and norm.isfinite()):
        what = "the loss" if not loss.isfinite() else "its gradient"
        raise Diverged(f"{what} is no number at {prompt.text!r}")
    optimizer.step()
    return {
        "loss": loss.item(),
        "objective": objective.item(),
        "cross_entropy": cross_entropy.item(),
        "ranking_accuracy": _rightly(y, parameters.noise_floor, getattr(parameters, "length_penalty", 1.0)),
    }


def _rightly(y: Likelihoods, noise_floor: float, length_penalty: float) -> float:
    """Share of pairs, 0..1, in which the better candidate is the likelier one."""
    i, j = pairs(y.scores, noise_floor).nonzero(as_tuple=True)
    s = y.normalised(length_penalty)
    return (s[i] > s[j]).double().mean().item()


@torch.no_grad()
def ranking_accuracy(rewriter: Any, ranked: Sequence[RankedPrompt], noise_floor: float, length_penalty: float) -> float:
    """Share of pairs, 0..1, that Σ log p / |y|^length_penalty orders as their scores do, the mean over prompts.

    ranked: sorted best first, each with a pair further apart than the noise floor; at least one.
    """
    return fmean(_rightly(likelihoods(rewriter, prompt), noise_floor, length_penalty) for prompt in ranked)


def _means(steps: Sequence[dict[str, float]]) -> dict[str, float]:
    return {key: fmean(step[key] for step in steps) for key in steps[0]}


def _usable(ranked: Sequence[RankedPrompt], noise_floor: float) -> tuple[list[RankedPrompt], list[dict[str, str]]]:
    """(prompts to learn from, sorted best first; the others with why not)."""
    prompts = [prompt.sorted_best_first() for prompt in ranked]
    skipped = [{"text": p.text, "reason": fault} for p in prompts if (fault := p.fault(noise_floor))]
    usable = [prompt for prompt in prompts if not prompt.fault(noise_floor)]
    if not usable:
        reasons = "; ".join(sorted({entry["reason"] for entry in skipped})) or "there are none"
        raise EngineError(
            f"Nothing to learn from {len(ranked)} ranked prompts ({reasons}): sample more candidates, or hotter."
        )
    return usable, skipped
