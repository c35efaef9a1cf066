"""Two CLAPs trained from nothing: one teaches, the other judges. Stock `transformers.ClapModel`, small.

They differ in seed, clips, taste in captions and architecture, so that what one mistakes the other need not.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from transformers import ClapModel, PreTrainedTokenizerFast

from inference.engines.threads import torch_threads
from inference.sandbox.clap_model import (
    DIM,
    RECIPES,
    Clip,
    Progress,
    Recipe,
    new_model,
    new_tokenizer,
    save,
    spectrograms,
)
from inference.sandbox.clap_texts import training_text
from inference.sandbox.synthesiser import complete
from inference.sandbox.vocabulary import ATTRIBUTES, wanted

TOKENIZER_TEXTS = 8_000
ALIKE = 16  # texts of like length are read together: long captions would pad short prompts fivefold
WHEELS = 3.0  # weight of the heads beside the contrast
STEEPEST = 60.0  # the logit scale's limit


class Heads(nn.Module):
    """Training wheels, thrown away: they read every attribute from an embedding.

    The same ones read sounds and texts, which draws both into one space long before contrast alone would.
    """

    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.ModuleDict({a: nn.Linear(DIM, len(values)) for a, values in ATTRIBUTES.items()})

    def forward(self, embeddings: Tensor, targets: Mapping[str, Tensor]) -> Tensor:
        """Mean cross-entropy against [batch, values] distributions; rows of zeros ask for nothing."""
        losses = [-(targets[a] * F.log_softmax(head(embeddings), -1)).sum() for a, head in self.heads.items()]
        return torch.stack(losses).sum() / sum(t.sum() for t in targets.values())


@dataclass(frozen=True)
class Batch:
    """Pairs of a clip and a text. heard, read: what the clip has and the text asks for, as `distributions`."""

    mels: Tensor  # [batch, 1, frames, bands]
    words: Sequence[tuple[Tensor, Mapping[str, Tensor]]]  # (which of the batch, tokens of ALIKE texts)
    heard: Mapping[str, Tensor]
    read: Mapping[str, Tensor]


def distributions(asked: Sequence[Mapping[str, Mapping[str, float]]]) -> dict[str, Tensor]:
    """attribute -> [batch, values]; zeros where nothing is asked."""
    return {
        a: torch.tensor([[wishes.get(a, {}).get(v, 0.0) for v in values] for wishes in asked])
        for a, values in ATTRIBUTES.items()
    }


def train(
    name: str, folder: str | Path, seed: int = 0, recipe: Recipe | None = None, progress: Progress | None = None
) -> dict[str, float]:
    """Train a CLAP from nothing and save model, tokenizer and feature extractor in the folder.

    name: "clap-teacher" or "clap-judge". Returns what it took: seconds, steps, clips, parameters, the last loss.
    On one thread: sums are added in one order, so the same seed gives the same weights.
    """
    with torch_threads(1):
        return _train(recipe or RECIPES[name], Path(folder), seed, progress or (lambda *_: None))


def _train(recipe: Recipe, folder: Path, seed: int, progress: Progress) -> dict[str, float]:
    begun, busy = time.monotonic(), time.process_time()
    rng = random.Random(recipe.seed + 1000 * seed)
    torch.manual_seed(rng.getrandbits(40))
    clips: list[Clip] = [({}, number) for number in range(recipe.first, recipe.first + recipe.clips)]
    truths = [complete(*clip) for clip in clips]
    texts = (training_text(rng.choice(truths), recipe.taste, rng) for _ in range(TOKENIZER_TEXTS))
    tokenizer, model = new_tokenizer(recipe, texts), new_model(recipe)
    batches = _batches(recipe, spectrograms(clips, progress), truths, tokenizer, rng)
    loss = _fit(recipe, model, batches, progress)
    save(folder, model, tokenizer)
    parameters = sum(p.numel() for p in model.parameters())
    return {
        "seconds": time.monotonic() - begun,
        "processor_seconds": time.process_time() - busy,
        "steps": recipe.steps,
        "batch": recipe.batch,
        "clips": recipe.clips,
        "parameters": parameters,
        "loss": loss,
    }


def _batches(
    recipe: Recipe, mels: Tensor, truths: Sequence[Mapping[str, str]], tokenizer: PreTrainedTokenizerFast,
    rng: random.Random,
) -> Iterator[Batch]:  # fmt: skip
    """Every clip once an epoch, with a fresh text each time, moved round in time a little."""
    while True:
        order = rng.sample(range(len(mels)), len(mels))
        for i in range(0, len(order) - recipe.batch + 1, recipe.batch):
            picked = order[i : i + recipe.batch]
            texts = [training_text(truths[k], recipe.taste, rng) for k in picked]
            moved = torch.stack([mels[k].float().roll(rng.randint(-40, 40), 0) for k in picked])
            heard = distributions([{a: {v: 1.0} for a, v in truths[k].items()} for k in picked])
            yield Batch(
                moved[:, None], _words(texts, tokenizer), heard, distributions([wanted(text) for text in texts])
            )


def _words(texts: Sequence[str], tokenizer: PreTrainedTokenizerFast) -> list[tuple[Tensor, Mapping[str, Tensor]]]:
    order = sorted(range(len(texts)), key=lambda k: len(texts[k]))
    groups = [order[i : i + ALIKE] for i in range(0, len(order), ALIKE)]
    return [(torch.tensor(g), tokenizer([texts[k] for k in g], return_tensors="pt", padding=True)) for g in groups]


def _fit(recipe: Recipe, model: ClapModel, batches: Iterator[Batch], progress: Progress) -> float:
    model.audio_model.audio_encoder.batch_norm.requires_grad_(False)  # it only scales; no gradient need reach the mels
    heads = Heads()
    weights = [w for w in (*model.parameters(), *heads.parameters()) if w.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=recipe.rate, weight_decay=0.01, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, total_steps=recipe.steps, pct_start=0.1)
    model.train()
    loss = 0.0
    for step, batch in zip(range(1, recipe.steps + 1), batches, strict=False):
        loss = _step(model, heads, batch, weights, optimizer)
        schedule.step()
        progress(step, recipe.steps, loss)
    model.eval()
    return loss


def _step(
    model: ClapModel, heads: Heads, batch: Batch, weights: Sequence[Tensor], optimizer: torch.optim.Optimizer
) -> float:
    loss = objective(model, heads, batch)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(weights, 1.0)
    optimizer.step()
    return float(loss.detach())


def objective(model: ClapModel, heads: Heads, batch: Batch) -> Tensor:
    """InfoNCE in both directions (Radford et al. 2021), plus what the heads cannot yet read."""
    heard = model.audio_projection(model.audio_model(input_features=batch.mels).pooler_output)
    read = _read(model, batch)
    logits = F.normalize(heard, dim=-1) @ F.normalize(read, dim=-1).T
    same = torch.arange(len(logits))
    scales = [scale.exp().clamp(max=STEEPEST) for scale in (model.logit_scale_a, model.logit_scale_t)]
    contrast = F.cross_entropy(logits * scales[0], same) + F.cross_entropy(logits.T * scales[1], same)
    return 0.5 * contrast + WHEELS * (heads(heard, batch.heard) + heads(read, batch.read))


def _read(model: ClapModel, batch: Batch) -> Tensor:
    """[batch, dim] in the batch's order, before normalisation."""
    rows = torch.cat([model.text_model(**tokens).pooler_output for _, tokens in batch.words])
    back = torch.argsort(torch.cat([which for which, _ in batch.words]))
    return model.text_projection(rows[back])
