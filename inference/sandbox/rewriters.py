"""How the sandbox's rewriters are trained from nothing: T5s (encoder-decoder) and GPT-2s (decoder-only), of two sizes.

Three lessons, each with an optimiser of its own: to keep words (learnt from made-up ones), what words mean, and how
people write.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from inference.engines.threads import torch_threads
from inference.sandbox.cards import card
from inference.sandbox.quality import rewriter_quality
from inference.sandbox.rewriter_models import END, PAD, family, new_model, new_tokenizer
from inference.sandbox.rewrites import KEEPERS, PEOPLE, TEACHERS, Company, Example, example

Progress = Callable[[int, int, float], None]  # step, steps, loss


@dataclass(frozen=True)
class Lesson:
    """company: who writes. rate: the highest learning rate of a one-cycle schedule.

    short_until, exemplars_from: shares of the steps; until then only the shorter half of the texts, from then on
    `exemplars` (a share) of the texts with exemplars.
    """

    company: Company
    steps: int
    rate: float
    exemplars: float
    short_until: float = 0.0
    exemplars_from: float = 0.0


LESSONS = (
    Lesson(KEEPERS, steps=5000, rate=2e-3, exemplars=0.3, short_until=0.35, exemplars_from=0.5),
    Lesson(TEACHERS, steps=1200, rate=1.5e-3, exemplars=0.0),
    Lesson(PEOPLE, steps=1000, rate=1e-3, exemplars=0.2),
)
# GPT-2 finds out how to copy in fewer steps, each of which costs more.
_CAUSAL = (replace(LESSONS[0], steps=2200), *LESSONS[1:])
# The small T5 copies after the same lesson, but needs longer to learn what words mean.
_LONGER = (LESSONS[0], replace(LESSONS[1], steps=3600), replace(LESSONS[2], steps=2000))
PLANS = {"t5": LESSONS, "t5-small": _LONGER, "gpt2": _CAUSAL, "gpt2-small": _CAUSAL}
BATCH = 32
IGNORED = -100
SHIFT = 64  # GPT-2 learns absolute positions: texts start anywhere in the first ones, so that all are practised


def _pad(rows: list[list[int]], filler: int) -> Tensor:
    """[batch, longest], filled on the right."""
    width = max(map(len, rows))
    return torch.tensor([row + [filler] * (width - len(row)) for row in rows])


def _seq2seq_batch(tokenizer: PreTrainedTokenizerFast, examples: list[Example]) -> dict[str, Tensor]:
    sources = tokenizer([e.source for e in examples])["input_ids"]
    targets = tokenizer([e.rewrite for e in examples])["input_ids"]
    inputs = _pad(sources, PAD)
    return {"input_ids": inputs, "attention_mask": (inputs != PAD).long(), "labels": _pad(targets, IGNORED)}


def _causal_batch(tokenizer: PreTrainedTokenizerFast, examples: list[Example]) -> dict[str, Tensor]:
    """Prompt tokens are read, not learnt: both families learn log p(rewrite | prompt)."""
    sources = tokenizer([e.source for e in examples])["input_ids"]
    targets = [[*ids, END] for ids in tokenizer([e.rewrite for e in examples])["input_ids"]]
    inputs = _pad([s + t for s, t in zip(sources, targets, strict=True)], PAD)
    labels = _pad([[IGNORED] * len(s) + t for s, t in zip(sources, targets, strict=True)], IGNORED)
    positions = torch.arange(inputs.shape[1]) + torch.randint(SHIFT, (len(inputs), 1))
    return {
        "input_ids": inputs,
        "attention_mask": (inputs != PAD).long(),
        "labels": labels,
        "position_ids": positions,
    }


def _batches(kind: str, tokenizer: PreTrainedTokenizerFast, lesson: Lesson, seed: int) -> Iterator[dict[str, Tensor]]:
    """A fresh batch for each step; batches hold texts of like length, to pad little."""
    rng = random.Random(seed)
    build = _seq2seq_batch if family(kind) == "t5" else _causal_batch
    for begin in range(0, lesson.steps, 8):
        exemplars = lesson.exemplars if begin >= lesson.exemplars_from * lesson.steps else 0.0
        spare = 2 if begin < lesson.short_until * lesson.steps else 1
        drawn = [example(rng, rng.random() < exemplars, lesson.company) for _ in range(8 * BATCH * spare)]
        drawn.sort(key=lambda e: len(e.source) + len(e.rewrite))
        groups = [drawn[i : i + BATCH] for i in range(0, 8 * BATCH, BATCH)]
        rng.shuffle(groups)
        yield from (build(tokenizer, group) for group in groups[: lesson.steps - begin])


def train(kind: str, folder: str | Path, seed: int = 0, progress: Progress | None = None) -> dict[str, float]:
    """Train a rewriter from nothing on one thread; save it, its tokenizer and its model card in the folder.

    kind: of PLANS. Returns how it was made (seconds, steps, parameters, loss in nats a token) and the figures of
    `rewriter_quality` on the validation split.
    """
    with torch_threads(1):
        made = _train(kind, Path(folder), seed, progress or (lambda *_: None))
        quality = {split: rewriter_quality(folder, split) for split in ("validation", "test")}
    (Path(folder) / "README.md").write_text(card(kind, made, quality), encoding="utf-8")
    return made | quality["validation"]


def _train(kind: str, folder: Path, seed: int, progress: Progress) -> dict[str, float]:
    begun, steps, loss = time.monotonic(), sum(lesson.steps for lesson in PLANS[kind]), 0.0
    torch.manual_seed(seed)
    tokenizer, model = new_tokenizer(kind, seed), new_model(kind)
    for number, lesson in enumerate(PLANS[kind]):
        if number:  # so that a lesson can be given again without those before it
            torch.manual_seed(seed + 100 * number)
        before = sum(earlier.steps for earlier in PLANS[kind][:number])
        for step, loss in enumerate(teach(kind, model, tokenizer, lesson, seed + 100 * number), start=before + 1):
            progress(step, steps, loss)
    _save(model, tokenizer, folder)
    parameters = sum(p.numel() for p in model.parameters())
    seconds = time.monotonic() - begun
    return {"seed": seed, "seconds": seconds, "steps": steps, "parameters": parameters, "loss": loss}


def teach(
    kind: str, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, lesson: Lesson, seed: int
) -> Iterator[float]:
    """One lesson, in place; yields the loss of each step (nats a token)."""
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=lesson.rate, weight_decay=0.01, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lesson.rate, total_steps=lesson.steps, pct_start=0.05)
    for batch in _batches(kind, tokenizer, lesson, seed + 1):
        yield _step(model, batch, optimizer)
        schedule.step()


def _save(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Half precision on disk; no call here ever truncates, so the tokenizer saves none."""
    model.eval().half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _step(model: PreTrainedModel, batch: dict[str, Tensor], optimizer: torch.optim.Optimizer) -> float:
    loss = model(**batch).loss
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())
