"""A worker that is killed and started again makes the same bytes, in whatever batches the work comes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from inference.engines import flac, registry
from inference.engines.protocols import RewriteRequest, Sound
from inference.engines.threads import torch_threads
from inference.training.fine_tuning import fine_tune
from inference.training.parameters import parse
from inference.training.ranked import RankedPrompt

TEXTS = ["sad church music", "gym workout tune with loud drums", "rain", "calm strings in a large hall", "birds"]
VALUES = {"instruction": "{prompt}: ", "dtype": "float64", "max_new_tokens": 10}
FAMILIES = {"transformers-seq2seq": "seq2seq_checkpoint", "transformers-causal": "causal_checkpoint"}


@torch_threads(1)
def everything(checkpoints: dict[str, str], batch: int) -> dict[str, str]:
    """A digest of all that engines make of a few texts, in batches of this size."""
    made: dict[str, bytes] = {}
    for engine in FAMILIES:
        rewriter = registry.load(engine, checkpoints[engine], values={**VALUES, "max_batch": batch})
        texts = rewriter.rewrite([RewriteRequest(text, seed=seed) for seed, text in enumerate(TEXTS)])
        made[engine] = json.dumps(texts).encode()
        ranked = [RankedPrompt(TEXTS[0], [], texts, [0.3, 0.1, 0.2, 0.5, 0.4])]
        made[f"{engine} trained"] = fine_tune(rewriter, ranked, parse({"epochs": 3})).weights
    scorer = registry.load("transformers-clap", checkpoints["clap"], values={"dtype": "float64", "max_batch": batch})
    noise = np.random.default_rng(1).normal(size=(5, 30_000)).astype(np.float32) / 8
    sounds = [Sound(row[: 5_000 * (number + 2)], 16_000) for number, row in enumerate(noise)]
    made["audio"] = scorer.embed_audio(sounds).tobytes()
    made["text"] = scorer.embed_text(TEXTS).tobytes()
    made["fingerprint"] = scorer.fingerprint().encode()
    made["sound"] = b"".join(map(flac.encode, registry.load("sandbox-synthesiser").generate(TEXTS, range(5), 0.5)))
    return {name: hashlib.sha256(content).hexdigest() for name, content in made.items()}


def test_another_process_and_other_batches_make_the_same_bytes(request, clap_checkpoint):
    checkpoints = {engine: request.getfixturevalue(name) for engine, name in FAMILIES.items()} | {
        "clap": clap_checkpoint
    }
    command = [sys.executable, __file__, json.dumps(checkpoints)]

    there = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONHASHSEED": "7"},
        capture_output=True,
        check=True,
    )

    assert json.loads(there.stdout) == everything(checkpoints, batch=2)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(everything(json.loads(sys.argv[1]), batch=5)))
