"""Ranked prompts and rewriters for the tests of training, and margin ranking written from its formula."""

from __future__ import annotations

from inference.engines import registry
from inference.training.parameters import parse
from inference.training.ranked import RankedPrompt

FAMILIES = {"transformers-seq2seq": "seq2seq_checkpoint", "transformers-causal": "causal_checkpoint"}
RANKED = [
    RankedPrompt(
        "sad church music", [], ["slow organ", "fast drums", "long echo in a hall", "rain"], [0.1, 0.4, 0.3, 0.2]
    ),
    RankedPrompt("gym workout tune", ["loud drums"], ["calm flute", "deep bass and drums", "birds"], [0.2, 0.9, -0.3]),
]
FAST = {"learning_rate": 3e-3, "epochs": 6}


def loaded(engine: str, checkpoint: str, dtype: str = "float64"):
    values = {"instruction": "{prompt}: ", "exemplar_instruction": "{exemplars}; {prompt}: ", "dtype": dtype}
    return registry.load(engine, checkpoint, values=values)


def parameters(**values):
    return parse(values)


def from_the_formula(s: list[float], scores: list[float], margin: float, noise_floor: float) -> float:
    """Σ_i Σ_{j>i} max(0, s_j − s_i + (j − i)·m), pair by pair."""
    total = 0.0
    for i in range(len(s)):
        for j in range(i + 1, len(s)):
            if scores[i] - scores[j] < noise_floor or scores[i] == scores[j]:
                continue
            total += max(0.0, s[j] - s[i] + (j - i) * margin)
    return total
