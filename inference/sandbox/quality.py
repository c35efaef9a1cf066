"""How good a sandbox rewriter is, measured on scenes and words that no training step saw."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import fmean

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

from inference.sandbox import captions, rewrites
from inference.sandbox.phrases import ALSO
from inference.sandbox.rewrites import as_input
from inference.sandbox.vocabulary import ATTRIBUTES, CUE_WORDS, PHRASES, parse, shipped_prompts, wanted
from inference.sandbox.words import COMMON

VISITORS = Path(__file__).parent / "data" / "visitor_prompts.txt"
CANDIDATES, EXEMPLARS, TOP_P, NEW_TOKENS = 8, 3, 0.95, 128
# The bars. Oracle relevance stands in for CLAP where no scorer is at hand.
BARS: dict[str, Callable[[Mapping[str, float]], bool]] = {
    "kept_unseen": lambda q: q["kept_unseen"] >= 0.95,
    "expert_change": lambda q: q["expert_change"] >= -0.03,
    "zero_shot_gain": lambda q: q["zero_shot_gain_low"] > 0,
    "best_of_n_gain": lambda q: q["best_of_n_gain_low"] > 0,
    "longest": lambda q: q["longest"] <= 40,
}
STOPWORDS = frozenset(
    re.findall(
        r"\w+",
        "a an the and or but of in on at to for from with without by about into over under near above below until "
        "while when where who that this these those it its is are was were be been has have had do does my our your "
        "his her their i you he she we they me us them not no so very just make like some any as if then than too",
    )
)


class Writer:
    """A rewriter checkpoint, for measuring. (The platform's own engine decodes item by item with the item's seed.)"""

    def __init__(self, checkpoint: str | Path) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(checkpoint)
        self.pairs = AutoConfig.from_pretrained(checkpoint).is_encoder_decoder
        family = AutoModelForSeq2SeqLM if self.pairs else AutoModelForCausalLM
        self.model = family.from_pretrained(checkpoint, dtype=torch.float32).eval()

    @torch.inference_mode()
    def write(self, inputs: Sequence[str], n: int = 1, seed: int | None = None) -> list[list[str]]:
        """[inputs] -> [inputs][n]; greedy without a seed."""
        batch = self.tokenizer(list(inputs), return_tensors="pt", padding=True)
        sampling = {} if seed is None else {"top_p": TOP_P, "top_k": 0, "num_return_sequences": n}
        if seed is not None:
            torch.manual_seed(seed)
        ids = self.model.generate(
            input_ids=batch["input_ids"],
            attention_mask=batch["attention_mask"],
            do_sample=seed is not None,
            max_new_tokens=NEW_TOKENS,
            **sampling,
        )
        if not self.pairs:
            ids = ids[:, batch["input_ids"].shape[1] :]
        texts = [text.strip() for text in self.tokenizer.batch_decode(ids, skip_special_tokens=True)]
        return [texts[i : i + n] for i in range(0, len(texts), n)]


def expected_relevance(reference: str, text: str) -> float:
    """The oracle relevance to the reference, in expectation over what the synthesiser draws where the text is open."""
    named, asked = parse(text), wanted(reference)
    scores = []
    for attribute, p in asked.items():
        values = [named[attribute]] if attribute in named else ATTRIBUTES[attribute]
        scores.append(fmean(p[v] for v in values) / max(p.values()))
    return fmean(scores) if scores else 0.5


def words(text: str) -> list[str]:
    """Lower-case words, digits included."""
    return re.findall(r"\w+(?:['’]\w+)*", text.lower())


@cache
def known_words() -> frozenset[str]:
    """Every real word that training text can hold."""
    lists = [*CUE_WORDS.values(), *PHRASES.values(), *ALSO.values(), captions.NOUNS, captions.OCCASIONS,
             captions.OPENERS, captions.ENDINGS, captions.CAPTION_FRAMES, rewrites.QUALITIES, rewrites.OBJECTS,
             COMMON]  # fmt: skip
    return frozenset(word for texts in lists for text in texts for word in words(text))


def unseen_words(text: str) -> list[str]:
    """The content words of the text that no training text held."""
    return [w for w in words(text) if w not in STOPWORDS and w not in known_words()]


def interval(differences: Sequence[float], draws: int = 2000, seed: int = 0) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the mean, over prompts."""
    rng = random.Random(seed)
    means = sorted(fmean(rng.choices(differences, k=len(differences))) for _ in range(draws))
    return means[int(0.025 * draws)], means[int(0.975 * draws)]


def nearest_captions(prompt: str, count: int = EXEMPLARS) -> tuple[str, ...]:
    """The training captions that agree most with what the prompt asks for: a stand-in for nearest by embedding."""
    pool = [row["text"] for row in shipped_prompts() if row["kind"] == "expert" and row["split"] == "train"]
    return tuple(sorted(pool, key=lambda caption: expected_relevance(prompt, caption), reverse=True)[:count])


def _prompts(kind: str, split: str) -> list[str]:
    return [row["text"] for row in shipped_prompts() if (row["kind"], row["split"]) == (kind, split)]


def rewriter_quality(checkpoint: str | Path, split: str = "validation") -> dict[str, float]:
    """Every figure of the model card, and `passes` (1.0 where all bars hold). Relevance is the oracle's, 0..1."""
    writer = Writer(checkpoint)
    quality = _kept(writer, split) | _expert(writer, split) | _open(writer, split)
    return quality | {"passes": float(all(bar(quality) for bar in BARS.values()))}


def _kept(writer: Writer, split: str) -> dict[str, float]:
    prompts = [*VISITORS.read_text(encoding="utf-8").splitlines(), *_prompts("open", split)]
    rewritten = [w for (w,) in writer.write([as_input(p) for p in prompts])]
    unseen = [(word, words(w)) for p, w in zip(prompts, rewritten, strict=True) for word in unseen_words(p)]
    return {
        "unseen_words": len(unseen),
        "kept_unseen": fmean(word in kept for word, kept in unseen),
        "longest": max(len(w.split()) for w in rewritten),
    }


def _expert(writer: Writer, split: str) -> dict[str, float]:
    prompts = _prompts("expert", split)
    rewritten = [w for (w,) in writer.write([as_input(p) for p in prompts])]
    pairs = list(zip(prompts, rewritten, strict=True))
    return {"expert_change": fmean(expected_relevance(p, w) - expected_relevance(p, p) for p, w in pairs)}


def _open(writer: Writer, split: str) -> dict[str, float]:
    prompts = _prompts("open", split)
    begun = time.monotonic()
    greedy = [w for (w,) in writer.write([as_input(p) for p in prompts])]
    seconds = time.monotonic() - begun
    hinted = [w for (w,) in writer.write([as_input(p, nearest_captions(p)) for p in prompts])]
    sampled = writer.write([as_input(p) for p in prompts], CANDIDATES, seed=0)
    original = [expected_relevance(p, p) for p in prompts]
    zero_shot = [expected_relevance(p, w) for p, w in zip(prompts, greedy, strict=True)]
    icl = [expected_relevance(p, w) for p, w in zip(prompts, hinted, strict=True)]
    best = [max(expected_relevance(p, w) for w in ws) for p, ws in zip(prompts, sampled, strict=True)]
    quality = {
        "original": fmean(original),
        "zero_shot": fmean(zero_shot),
        "icl": fmean(icl),
        "sampled": fmean(expected_relevance(p, w) for p, ws in zip(prompts, sampled, strict=True) for w in ws),
        "best_of_n": fmean(best),
        "distinct": fmean(len(set(ws)) for ws in sampled) / CANDIDATES,
        "seconds_greedy": seconds / len(prompts),
    }
    return (
        quality
        | _gain("zero_shot", zero_shot, original)
        | _gain("icl", icl, zero_shot)
        | _gain("best_of_n", best, zero_shot)
    )


def _gain(name: str, ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float]:
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    low, high = interval(differences)
    return {f"{name}_gain": fmean(differences), f"{name}_gain_low": low, f"{name}_gain_high": high}
