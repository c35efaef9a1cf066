"""The sandbox's CLAPs before they learn: two small architectures, their tokenizers, and the mel front end of both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import Tensor, nn
from transformers import ClapConfig, ClapFeatureExtractor, ClapModel, ClapProcessor, PreTrainedTokenizerFast

from inference.engines.mel import LogMel, MelSettings
from inference.sandbox.clap_texts import Taste
from inference.sandbox.synthesiser import render

Progress = Callable[[int, int, float], None]  # step, steps, loss
Clip = tuple[Mapping[str, str], int]  # attributes, seed

RATE, SECONDS, DIM, LONGEST = 16_000, 3, 128, 128
BEGIN, PAD, END, UNKNOWN = range(4)
SPECIAL = {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}


@dataclass(frozen=True)
class Recipe:
    """Everything that makes one CLAP. clips: how many are rendered; first: the first one's seed."""

    seed: int
    first: int
    taste: Taste
    depths: tuple[int, ...]
    heads: tuple[int, ...]
    text_width: int
    vocabulary: int
    text_layers: int = 2
    clips: int = 7_000
    steps: int = 2_000
    batch: int = 64
    rate: float = 3e-3


RECIPES = {
    "clap-teacher": Recipe(
        seed=11,
        first=1_000_000,
        taste=Taste((50, 25, 25), 3, 0.3, (" ", ". ", " and ", ", ")),
        depths=(1, 1, 2),
        heads=(2, 4, 8),
        text_width=128,
        vocabulary=1500,
    ),
    "clap-judge": Recipe(
        seed=23,
        first=2_000_000,
        taste=Taste((40, 35, 25), 2, 0.4, (" with ", "; ", " - ", ", a ", " ")),
        depths=(1, 2, 1),
        heads=(3, 6, 12),
        text_width=112,
        vocabulary=1300,
    ),
}


def new_tokenizer(recipe: Recipe, texts: Iterable[str]) -> PreTrainedTokenizerFast:
    """Lower-case byte-level BPE learnt from the texts, with RoBERTa's special tokens. Never truncates by itself."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=recipe.vocabulary,
        special_tokens=list(SPECIAL.values()),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    ends = [("<s>", BEGIN), ("</s>", END)]
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=ends)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=LONGEST, clean_up_tokenization_spaces=False, **SPECIAL
    )


def new_model(recipe: Recipe) -> ClapModel:
    """Random weights. [256 frames, 64 bands] folds into 128 × 128, in patches of 8 × 8."""
    audio = {
        "spec_size": 128,
        "num_mel_bins": 64,
        "patch_size": 8,
        "patch_stride": [8, 8],
        "window_size": 4,
        "depths": list(recipe.depths),
        "num_attention_heads": list(recipe.heads),
        "num_hidden_layers": len(recipe.depths),
        "patch_embeds_hidden_size": 24,
        "hidden_size": 24 * 2 ** (len(recipe.depths) - 1),
        "hidden_dropout_prob": 0.0,
        "num_classes": 1,
    }
    text = {
        "vocab_size": recipe.vocabulary,
        "hidden_size": recipe.text_width,
        "num_hidden_layers": recipe.text_layers,
        "num_attention_heads": 4,
        "intermediate_size": 2 * recipe.text_width,
        "max_position_embeddings": LONGEST + PAD + 1,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
        "bos_token_id": BEGIN,
        "pad_token_id": PAD,
        "eos_token_id": END,
    }
    model = ClapModel(ClapConfig(text_config=text, audio_config=audio, projection_dim=DIM))
    for module in model.modules():  # the published models' small weights would start narrow towers too faintly
        if isinstance(module, nn.Linear | nn.Conv2d):
            nn.init.xavier_uniform_(module.weight)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.2)
    return model


def feature_extractor() -> ClapFeatureExtractor:
    """64 mel bands of 64 ms windows every 11.75 ms: exactly the 256 frames that the audio tower folds into a square."""
    return ClapFeatureExtractor(
        sampling_rate=RATE,
        hop_length=188,
        max_length_s=SECONDS,
        fft_window_size=1024,
        frequency_min=50,
        frequency_max=8000,
        truncation="rand_trunc",
    )


def spectrograms(jobs: Sequence[Clip], progress: Progress, threads: int = 2) -> Tensor:
    """float16 dB [clips, frames, bands] of the clips, as rendered."""
    mel = LogMel(MelSettings.of(feature_extractor()))

    def spectrogram(job: Clip) -> Tensor:
        samples, _ = render(*job, SECONDS, RATE)
        return mel(torch.from_numpy(samples)[None])[0, 0].half()

    mels = []
    with ThreadPoolExecutor(threads) as pool:
        for found in pool.map(spectrogram, jobs):
            mels.append(found)
            progress(len(mels), len(jobs), 0.0)
    return torch.stack(mels)


def save(folder: Path, model: ClapModel, tokenizer: PreTrainedTokenizerFast) -> None:
    """What `ClapModel`, `AutoTokenizer` and `ClapProcessor` load. The tokenizer must not have learnt to truncate."""
    model.save_pretrained(folder)
    ClapProcessor(feature_extractor(), tokenizer).save_pretrained(folder)
