"""The study judge as an engine: plain CLAP plus what votes taught, and never by a head that learned from the pair."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.engines import memory, registry, self_test
from inference.engines.protocols import EngineError, Sound
from inference.judging import folds, weights
from inference.judging.evidence import preferences
from inference.judging.learning import Head, learn
from inference.judging.sides import Sides
from inference.judging.weights import Heads

CLAP = {"engine": "transformers-clap", "checkpoint": "sandbox:clap-judge", "parameters": {"dtype": "float64"}}
TEXTS = ["slow quiet piano", "loud fast drums", "rain and a flute", "dark organ"]


@pytest.fixture(scope="module")
def judge():
    return registry.load("study-judge", "judges/x", "", {"scorers": [CLAP]})


@pytest.fixture(scope="module")
def heard(judge) -> tuple[np.ndarray, np.ndarray]:
    """Texts, and a sound of each, as the judge embeds them."""
    sounds = registry.load("sandbox-synthesiser").generate(TEXTS, [1] * 4, seconds=1.0)
    return judge.embed_text(TEXTS).astype(float), judge.embed_audio(sounds).astype(float)


def head(heard, votes: list[list[int]]) -> Head:
    """Learned from sounds 0 and 1 in pairs, for every text."""
    texts, clips = heard
    sides = Sides(texts, clips[[0, 0, 2, 2]], clips[[1, 3, 1, 3]])
    return learn([sides], preferences(np.array(votes, float))).head


def loaded(judge, heard, learned: dict[str, int] | None = None):
    plain, taught = head(heard, [[0, 0, 0]] * 4), head(heard, [[9, 0, 0]] * 4)
    marks = {folds.mark(text): fold for text, fold in (learned or {}).items()}
    judge.load_weights(weights.to_bytes(Heads(taught, (plain, replace(taught, sure=2.0)), marks)))
    return judge


def test_before_any_vote_it_is_its_scorers_score(judge, heard):
    texts, clips = heard
    plain = head(heard, [[0, 0, 0]] * 4)
    judge.load_weights(weights.to_bytes(Heads(plain, (), {})))

    values = judge.relate(TEXTS, texts, ["new"] * 4, clips)

    assert values == pytest.approx(np.einsum("id,id->i", texts, clips), abs=1e-7)
    clap = registry.load("transformers-clap", CLAP["checkpoint"], "", CLAP["parameters"])
    assert clap.embed_text(TEXTS) == pytest.approx(texts, abs=1e-6)


def test_votes_move_it_towards_what_was_preferred(judge, heard):
    texts, clips = heard
    told = loaded(judge, heard).relate(["new"] * 2, texts[[1, 1]], ["a", "b"], clips[[0, 1]])

    plain = texts[[1, 1]] * clips[[0, 1]]
    assert told[0] - told[1] > plain.sum(1)[0] - plain.sum(1)[1]


@pytest.mark.parametrize("pair", [("Slow, quiet piano!", "new"), ("new", "slow quiet piano")])
def test_what_votes_were_about_is_judged_by_the_head_that_was_kept_from_them(judge, heard, pair):
    texts, clips = heard
    found = loaded(judge, heard, {"slow quiet piano": 0}).relate([pair[0]], texts[:1], [pair[1]], clips[:1])

    assert found[0] == pytest.approx(float(texts[0] @ clips[0]), abs=1e-7)  # fold 0's head learned nothing here


def test_a_pair_that_no_single_head_was_kept_from_is_refused(judge, heard):
    texts, clips = heard
    both = loaded(judge, heard, {"slow quiet piano": 0, "dark organ": 1})

    with pytest.raises(EngineError, match="cannot be judged with a clip of 'dark organ'"):
        both.relate(["slow quiet piano"], texts[:1], ["dark organ"], clips[:1])


def test_without_its_weights_and_with_others_it_says_what_to_do(heard):
    judge = registry.load("study-judge", "judges/x", "", {"scorers": [CLAP]})
    with pytest.raises(EngineError, match="no weights yet"):
        judge.relate(["x"], heard[0][:1], ["x"], heard[1][:1])
    with pytest.raises(EngineError, match="train it again"):
        judge.load_weights(b"\x80\x04pickle")
    two = registry.load("study-judge", "judges/x", "", {"scorers": [CLAP, CLAP]})
    with pytest.raises(EngineError, match=r"its scorers give \[128, 128\]"):
        two.load_weights(weights.to_bytes(Heads(head(heard, [[1, 0, 0]] * 4), (), {})))


def test_two_scorers_stand_side_by_side_and_weigh_alike(heard):
    teacher = {**CLAP, "checkpoint": "sandbox:clap-teacher"}
    two = registry.load("study-judge", "judges/x", "", {"scorers": [CLAP, teacher]})
    sound = Sound(np.sin(np.arange(16_000) / 20).astype(np.float32) * 0.1, 16_000)

    text, clip = two.embed_text(["slow piano"]), two.embed_audio([sound])

    own = [float((s.embed_text(["slow piano"]) * s.embed_audio([sound])).sum()) for s in two.scorers]
    assert float((text * clip).sum()) == pytest.approx(np.mean(own), abs=1e-6)
    assert [part.shape for part in two.split(text)] == [(1, 128), (1, 128)]
    assert memory.weight(two) > memory.weight(two.scorers[0]) > 0


def test_its_fingerprint_changes_with_its_weights_and_its_scorer_passes_the_self_test(judge, heard):
    before = judge.fingerprint()
    assert loaded(judge, heard).fingerprint() != before
    assert "above others" in self_test.examine("scorer", judge)
