"""How the sandbox's rewriters are trained: the same seed gives the same bytes, and what is saved can be loaded."""

from dataclasses import replace

import pytest

from inference.engines import registry
from inference.engines.protocols import RewriteRequest
from inference.sandbox import build, rewriter_models, rewriters

ENGINES = {"t5": "transformers-seq2seq", "gpt2": "transformers-causal"}


@pytest.fixture(scope="module", params=ENGINES)
def trained(request, tmp_path_factory):
    """(family, the folders of two trainings of a few steps, the steps that the first told)."""
    kind = request.param
    folders = [tmp_path_factory.mktemp(kind) for _ in range(2)]
    told = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(rewriters.PLANS, kind, tuple(replace(lesson, steps=3) for lesson in rewriters.LESSONS))
        patch.setattr(rewriter_models, "TOKENIZER_TEXTS", 1_000)
        patch.setattr(rewriters, "rewriter_quality", lambda folder, split: {"kept_unseen": 0.5})
        rewriters.train(kind, folders[0], 7, lambda *step: told.append(step))
        rewriters.train(kind, folders[1], 7)
    return kind, folders, told


def test_the_same_seed_gives_the_same_bytes(trained):
    _, (first, second), _ = trained
    weights = [build.entry(folder / "model.safetensors") for folder in (first, second)]
    assert weights[0] == weights[1]
    assert (first / "tokenizer.json").read_bytes() == (second / "tokenizer.json").read_bytes()


def test_every_step_of_every_lesson_is_told(trained):
    _, _, told = trained
    assert [(step, steps) for step, steps, _ in told] == [(n, 9) for n in range(1, 10)]
    assert told[0][2] > told[-1][2] > 0


def test_what_was_saved_is_an_engine_and_has_a_card(trained):
    kind, (folder, _), _ = trained
    engine = registry.load(ENGINES[kind], str(folder), values={"keep_prompt": True, "max_new_tokens": 4})
    assert engine.rewrite([RewriteRequest("sad church music")])[0].startswith("sad church music")
    card = (folder / "README.md").read_text("utf-8")
    assert f"rewriter-{kind}" in card and "kept_unseen" in card
