"""How good a sandbox rewriter is, measured on scenes and words that no training step saw."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import fmean

from transformers import AutoConfig

from inference.engines import registry
from inference.engines.protocols import RewriteRequest
from inference.sandbox import captions, rewrites
from inference.sandbox.phrases import ALSO
from inference.sandbox.vocabulary import ATTRIBUTES, CUE_WORDS, PHRASES, parse, shipped_prompts, wanted
from inference.sandbox.words import COMMON

VISITORS = Path(__file__).parent / "data" / "visitor_prompts.txt"
CANDIDATES, EXEMPLARS = 8, 3
PARAMETERS = {
    "instruction": rewrites.INSTRUCTION,
    "exemplar_instruction": rewrites.EXEMPLAR_INSTRUCTION,
    "exemplar_separator": rewrites.EXEMPLAR_SEPARATOR,
    "max_new_tokens": 64,
}
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
    """A rewriter checkpoint behind the platform's own engine, item by item with the item's seed.

    keep_prompt: decode as the shipped recipe does, each rewrite beginning with the prompt's words; or the bare model.
    """

    def __init__(self, checkpoint: str | Path, keep_prompt: bool) -> None:
        encodes = AutoConfig.from_pretrained(checkpoint).is_encoder_decoder
        engine = "transformers-seq2seq" if encodes else "transformers-causal"
        self.engine = registry.load(engine, str(checkpoint), values=PARAMETERS | {"keep_prompt": keep_prompt})

    def write(self, prompts: Sequence[str], exemplars: int = 0) -> list[str]:
        """Greedy rewrites, each with this many exemplars: [prompts]."""
        return self.engine.rewrite([RewriteRequest(p, nearest_captions(p, exemplars)) for p in prompts])

    def sample(self, prompts: Sequence[str], n: int) -> list[list[str]]:
        """[prompts][n] samples."""
        seeds = range(n * len(prompts))
        texts = self.engine.rewrite([RewriteRequest(prompts[seed // n], seed=seed) for seed in seeds])
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
    """Figures on a split, and `passes` (1.0 where all bars hold). Relevance is the oracle's, 0..1.

    Measured as the shipped recipe decodes; `bare_…` are the model's alone, without its prompt's words forced on it.
    """
    writer, bare = Writer(checkpoint, keep_prompt=True), Writer(checkpoint, keep_prompt=False)
    quality = _kept(writer, split) | _expert(writer, split) | _open(writer, split)
    alone = _kept(bare, split) | _expert(bare, split)
    quality |= {f"bare_{name}": alone[name] for name in ("kept_unseen", "expert_change")}
    return quality | {"passes": float(all(bar(quality) for bar in BARS.values()))}


def _kept(writer: Writer, split: str) -> dict[str, float]:
    prompts = [*VISITORS.read_text(encoding="utf-8").splitlines(), *_prompts("open", split)]
    rewritten = writer.write(prompts)
    unseen = [(word, words(w)) for p, w in zip(prompts, rewritten, strict=True) for word in unseen_words(p)]
    return {
        "unseen_words": len(unseen),
        "kept_unseen": fmean(word in kept for word, kept in unseen),
        "longest": max(len(w.split()) for w in rewritten),
    }


def _expert(writer: Writer, split: str) -> dict[str, float]:
    prompts = _prompts("expert", split)
    pairs = list(zip(prompts, writer.write(prompts), strict=True))
    return {"expert_change": fmean(expected_relevance(p, w) - expected_relevance(p, p) for p, w in pairs)}


def _open(writer: Writer, split: str) -> dict[str, float]:
    prompts = _prompts("open", split)
    begun = time.monotonic()
    greedy = writer.write(prompts)
    seconds = time.monotonic() - begun
    sampled = writer.sample(prompts, CANDIDATES)
    original, zero_shot = _relevances(prompts, prompts), _relevances(prompts, greedy)
    icl = _relevances(prompts, writer.write(prompts, EXEMPLARS))
    of_samples = [_relevances([p] * CANDIDATES, ws) for p, ws in zip(prompts, sampled, strict=True)]
    best = [max(values) for values in of_samples]
    quality = {
        "original": fmean(original),
        "zero_shot": fmean(zero_shot),
        "icl": fmean(icl),
        "sampled": fmean(fmean(values) for values in of_samples),
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


def _relevances(references: Sequence[str], texts: Sequence[str]) -> list[float]:
    return [expected_relevance(reference, text) for reference, text in zip(references, texts, strict=True)]


def _gain(name: str, ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float]:
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    low, high = interval(differences)
    return {f"{name}_gain": fmean(differences), f"{name}_gain_low": low, f"{name}_gain_high": high}
