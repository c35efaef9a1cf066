"""Two CLAPs trained from nothing: one teaches, the other judges. Stock `transformers.ClapModel`, small.

They differ in seed, clips, taste in captions and architecture, so that what one mistakes the other need not.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from transformers import ClapConfig, ClapFeatureExtractor, ClapModel, ClapProcessor, PreTrainedTokenizerFast

from inference.engines.mel import LogMel, MelSettings
from inference.sandbox.clap_texts import Taste, training_text
from inference.sandbox.synthesiser import complete, render
from inference.sandbox.vocabulary import ATTRIBUTES, wanted

Progress = Callable[[int, int, float], None]  # step, steps, loss

RATE, SECONDS, DIM, LONGEST = 16_000, 3, 128, 128
BEGIN, PAD, END, UNKNOWN = 0, 1, 2, 3


@dataclass(frozen=True)
class Recipe:
    """Everything that makes one CLAP. clips: how many are rendered; first: the first one's seed."""

    seed: int
    first: int
    taste: Taste
    depths: tuple[int, ...]
    heads: tuple[int, ...]
    text_width: int
    text_layers: int
    vocabulary: int
    clips: int = 8_000
    steps: int = 2_000
    batch: int = 96
    rate: float = 2e-3


RECIPES = {
    "clap-teacher": Recipe(
        seed=11, first=1_000_000, taste=Taste((50, 25, 25), 3, 0.3, (" ", ". ", " and ", ", ")),
        depths=(1, 1, 2), heads=(2, 4, 8), text_width=128, text_layers=2, vocabulary=1600,
    ),
    "clap-judge": Recipe(
        seed=23, first=2_000_000, taste=Taste((40, 35, 25), 2, 0.4, (" with ", "; ", " - ", ", a ", " ")),
        depths=(1, 2, 1), heads=(3, 6, 12), text_width=96, text_layers=3, vocabulary=1300,
    ),
}  # fmt: skip


def feature_extractor() -> ClapFeatureExtractor:
    """64 mel bands of 64 ms windows every 11.75 ms: exactly 256 frames of 3 s, what the audio tower folds into a square."""
    return ClapFeatureExtractor(
        sampling_rate=RATE,
        hop_length=188,
        max_length_s=SECONDS,
        fft_window_size=1024,
        frequency_min=50,
        frequency_max=8000,
        truncation="rand_trunc",
    )


def spectrogram(attributes: Mapping[str, str], seed: int, mel: LogMel) -> Tensor:
    """float16 [frames, bands] in dB of one rendered clip."""
    samples, _ = render(attributes, seed, SECONDS, RATE)
    return mel(torch.from_numpy(samples)[None])[0, 0].half()


def spectrograms(jobs: Sequence[tuple[Mapping[str, str], int]], progress: Progress, threads: int = 2) -> Tensor:
    """float16 [clips, frames, bands] of rendered clips (attributes, seed)."""
    mel, mels = LogMel(MelSettings.of(feature_extractor())), []
    with ThreadPoolExecutor(threads) as pool:
        for found in pool.map(lambda job: spectrogram(*job, mel), jobs):
            mels.append(found)
            progress(len(mels), len(jobs), 0.0)
    return torch.stack(mels)


def new_tokenizer(recipe: Recipe) -> PreTrainedTokenizerFast:
    """Lower-case byte-level BPE learnt from the training text, with RoBERTa's special tokens. Never truncates by itself."""
    rng = random.Random(recipe.seed)
    texts = (training_text(complete({}, rng.getrandbits(40)), recipe.taste, rng) for _ in range(8_000))
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=recipe.vocabulary, special_tokens=special, initial_alphabet=alphabet, show_progress=False
        ),
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", BEGIN), ("</s>", END)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        cls_token="<s>",
        sep_token="</s>",
        model_max_length=LONGEST,
        clean_up_tokenization_spaces=False,
    )


def new_model(recipe: Recipe) -> ClapModel:
    """Random weights. [256 frames, 64 bands] folds into 128 × 128, in patches of 8 × 8."""
    audio = {
        "spec_size": 128, "num_mel_bins": 64, "patch_size": 8, "patch_stride": [8, 8], "window_size": 4,
        "depths": list(recipe.depths), "num_attention_heads": list(recipe.heads), "num_hidden_layers": len(recipe.depths),
        "patch_embeds_hidden_size": 24, "hidden_size": 24 * 2 ** (len(recipe.depths) - 1), "mlp_ratio": 4.0,
        "hidden_dropout_prob": 0.0, "num_classes": 1,
    }  # fmt: skip
    text = {
        "vocab_size": recipe.vocabulary, "hidden_size": recipe.text_width, "num_hidden_layers": recipe.text_layers,
        "num_attention_heads": 4, "intermediate_size": 2 * recipe.text_width, "max_position_embeddings": LONGEST + 2,
        "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "pad_token_id": PAD,
        "bos_token_id": BEGIN, "eos_token_id": END,
    }  # fmt: skip
    model = ClapModel(ClapConfig(text_config=text, audio_config=audio, projection_dim=DIM))
    for module in model.modules():  # the published models' small weights start a tower of this width too faintly
        if isinstance(module, nn.Linear | nn.Conv2d):
            nn.init.xavier_uniform_(module.weight)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.2)
    return model


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


def distributions(asked: Sequence[Mapping[str, Mapping[str, float]]]) -> dict[str, Tensor]:
    """attribute -> [batch, values]; zeros where nothing is asked."""
    return {
        a: torch.tensor([[wishes.get(a, {}).get(v, 0.0) for v in values] for wishes in asked])
        for a, values in ATTRIBUTES.items()
    }


@dataclass
class Batch:
    mels: Tensor  # [batch, 1, frames, bands]
    texts: Mapping[str, Tensor]
    heard: Mapping[str, Tensor]
    read: Mapping[str, Tensor]


def _batches(recipe: Recipe, mels: Tensor, truths: Sequence[Mapping[str, str]],
             tokenizer: PreTrainedTokenizerFast) -> Iterator[Batch]:  # fmt: skip
    """Every clip once an epoch, with a fresh text each time, moved round in time a little."""
    rng = random.Random(recipe.seed + 1)
    while True:
        order = rng.sample(range(len(mels)), len(mels))
        for i in range(0, len(order) - recipe.batch + 1, recipe.batch):
            picked = order[i : i + recipe.batch]
            texts = [training_text(truths[k], recipe.taste, rng) for k in picked]
            rolled = torch.stack([mels[k].float().roll(rng.randint(-40, 40), 0) for k in picked])[:, None]
            heard = distributions([{a: {v: 1.0} for a, v in truths[k].items()} for k in picked])
            words = tokenizer(texts, return_tensors="pt", padding=True)
            yield Batch(rolled, words, heard, distributions([wanted(text) for text in texts]))


def train(
    name: str, folder: str | Path, recipe: Recipe | None = None, progress: Progress | None = None
) -> dict[str, float]:
    """Train a CLAP from nothing and save model, tokenizer and feature extractor in the folder.

    name: "clap-teacher" or "clap-judge". Returns seconds, steps, clips, parameters and the last loss.
    One thread: sums are added in one order, so the same seed gives the same weights.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _train(recipe or RECIPES[name], Path(folder), progress or (lambda *_: None))
    finally:
        torch.set_num_threads(threads)


def _train(recipe: Recipe, folder: Path, progress: Progress) -> dict[str, float]:
    torch.manual_seed(recipe.seed)
    begun = time.monotonic()
    tokenizer, model = new_tokenizer(recipe), new_model(recipe)
    seeds = range(recipe.first, recipe.first + recipe.clips)
    truths = [complete({}, seed) for seed in seeds]
    mels = spectrograms([({}, seed) for seed in seeds], progress)
    loss = _fit(recipe, model, _batches(recipe, mels, truths, tokenizer), progress)
    save(folder, model, tokenizer)
    parameters = sum(p.numel() for p in model.parameters())
    return {"seconds": time.monotonic() - begun, "steps": recipe.steps, "clips": recipe.clips,
            "parameters": parameters, "loss": loss}  # fmt: skip


def _fit(recipe: Recipe, model: ClapModel, batches: Iterator[Batch], progress: Progress) -> float:
    heads = Heads()
    weights = [*model.parameters(), *heads.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=recipe.rate, weight_decay=0.01, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, total_steps=recipe.steps, pct_start=0.1)
    model.train()
    loss = torch.zeros(())
    for step, batch in zip(range(1, recipe.steps + 1), batches, strict=False):
        loss = objective(model, heads, batch)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        schedule.step()
        progress(step, recipe.steps, float(loss.detach()))
    model.eval()
    return float(loss.detach())


def objective(model: ClapModel, heads: Heads, batch: Batch) -> Tensor:
    """InfoNCE in both directions (Radford et al. 2021), plus what the heads cannot yet read."""
    heard = model.audio_projection(model.audio_model(input_features=batch.mels).pooler_output)
    read = model.text_projection(model.text_model(**batch.texts).pooler_output)
    logits = F.normalize(heard, dim=-1) @ F.normalize(read, dim=-1).T
    same = torch.arange(len(logits))
    scale_a, scale_t = model.logit_scale_a.exp().clamp(max=60), model.logit_scale_t.exp().clamp(max=60)
    contrast = F.cross_entropy(logits * scale_a, same) + F.cross_entropy(logits.T * scale_t, same)
    return 0.5 * contrast + heads(heard, batch.heard) + heads(read, batch.read)


def save(folder: Path, model: ClapModel, tokenizer: PreTrainedTokenizerFast) -> None:
    """What `ClapModel`, `AutoTokenizer` and `ClapProcessor` load. The tokenizer must not have learnt to truncate."""
    model.save_pretrained(folder)
    ClapProcessor(feature_extractor(), tokenizer).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
