"""What an engine must do before its results are stored: a scorer that cannot tell a drum from rain is refused.

The sounds are our own synthesiser's, far apart and described in plain words, so that they suit any CLAP.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from inference.engines import hygiene
from inference.engines.protocols import EngineError, RewriteRequest, Sound
from inference.sandbox.synthesiser import render

SECONDS = 3.0
SEEDS = (1, 2)
# Words and the attributes of the sound that they describe.
PROBES = {
    "loud pounding drums, fast": {"drums": "driving", "tempo": "fast", "loudness": "loud", "ambience": "none"},
    "quiet slow flute melody, high register, no drums": {
        "instrument": "flute", "tempo": "slow", "loudness": "quiet", "register": "high", "drums": "none",
        "ambience": "none",
    },
    "rain sounds, slow quiet piano, no drums": {
        "instrument": "piano", "ambience": "rain", "tempo": "slow", "loudness": "quiet", "drums": "none",
    },
}  # fmt: skip
MARGIN = 0.02  # by which matching pairs must score above others (ours); a collapsed checkpoint gives about 0.00


def examine(kind: str, engine: Any) -> str:
    """What the engine showed it can do, in a few words. Raises EngineError saying what it cannot."""
    return EXAMINATIONS[kind](engine)


def _scorer(engine: Any) -> str:
    if not getattr(engine, "hears_words", True):
        return _predictor(engine)
    sounds = [Sound(*render(truth, seed, SECONDS)[:1], 16_000) for truth in PROBES.values() for seed in SEEDS]
    heard = engine.embed_audio(sounds).reshape(len(PROBES), len(SEEDS), -1).mean(1)
    scores = engine.embed_text(list(PROBES)) @ heard.T  # [texts, sounds]
    matching = np.eye(len(PROBES), dtype=bool)
    apart = float(scores[matching].mean() - scores[~matching].mean())
    if not apart >= MARGIN:
        raise EngineError(
            f"This scorer does not tell sounds apart: matching pairs score {apart:+.3f} above others, where at least "
            f"{MARGIN:+.2f} is asked for. Its checkpoint is damaged, collapsed, or made for another architecture: "
            "choose another (laion/larger_clap_music, as converted, is known to be collapsed)."
        )
    return f"matching pairs score {apart:+.2f} above others"


def _predictor(engine: Any) -> str:
    """One that hears no words must at least hear that sounds differ."""
    wave = render(next(iter(PROBES.values())), SEEDS[0], SECONDS)[0]
    noise = np.random.default_rng(1).normal(size=len(wave)).astype(np.float32)
    noisy = 0.5 * wave + 0.5 * float(np.sqrt(np.mean(wave**2))) * noise
    rows = engine.embed_audio([Sound(wave, 16_000), Sound(noisy.astype(np.float32), 16_000)])
    clean, worse = (rows * engine.embed_text(["", ""])).sum(1)
    if not np.isfinite(rows).all() or abs(clean - worse) < 1e-3:
        raise EngineError(
            f"This predictor says {clean:.3f} of a clean sound and {worse:.3f} of the same in noise: its checkpoint is "
            "damaged or made for another architecture."
        )
    return f"a clean sound is worth {clean:.2f}, the same in noise {worse:.2f}"


def _rewriter(engine: Any) -> str:
    request = RewriteRequest("sad church music")
    (text,) = engine.rewrite([request])
    if engine.rewrite([request, RewriteRequest("rain on a tin roof")])[0] != text:
        raise EngineError("This rewriter gives another text in another batch: use dtype float32 or float64.")
    return f"{request.text!r} became {text[:60]!r}"


def _generator(engine: Any) -> str:
    first, again = (engine.generate(["calm piano in a large hall"], [1], 1.0)[0] for _ in range(2))
    hygiene.check(first, seconds=1.0)
    if not np.allclose(first.samples, again.samples, atol=1e-4):
        raise EngineError("This generator gives another sound for the same seed: its results cannot be repeated.")
    return f"1 s at {first.sample_rate:,} Hz, the same sound twice"


def _judge(engine: Any) -> str:
    (value,) = engine.judge(["slow piano"], [{"instrument": "piano", "tempo": "slow"}])
    return f"a sound that fits is {value:.2f} relevant"


EXAMINATIONS: dict[str, Callable[[Any], str]] = {
    "scorer": _scorer,
    "rewriter": _rewriter,
    "generator": _generator,
    "judge": _judge,
}
