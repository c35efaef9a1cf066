"""Rewriters taken apart: fluency, copying and ranking, each against a count by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from django.urls import reverse

from prompts.words import words
from results.measurements import Texts
from results.measures.copying import overlap, verbatim
from results.measures.fluency import ALPHABET, EDGE, CharacterModel, repeated
from results.opened import Opened
from results.rewriters import added, reference_texts, skills
from studies.models import Checkpoint

NOT_MEASURED = "Ranking of held-out candidates was not measured"
TEXTS = ["slow piano in a large hall, dark tone", "fast flute, bright tone, dry sound", "quiet organ, long reverb"]


@pytest.fixture(scope="module")
def model():
    return CharacterModel.of(TEXTS)


@pytest.mark.parametrize("context", ["", "d", "dark ton", "xyz", EDGE])
def test_probabilities_of_what_may_follow_sum_to_one(model, context):
    assert sum(model.probability(chr(code), context) for code in range(ALPHABET)) == pytest.approx(1)


def test_a_probability_is_witten_and_bells():
    model = CharacterModel.of(["ab"])  # framed: EDGE a b EDGE, so three characters of three kinds were seen
    no_context = (1 + 3 / ALPHABET) / (3 + 3)
    assert model.probability("b", "") == pytest.approx(no_context)
    assert model.probability("b", "a") == pytest.approx((1 + no_context) / 2)
    assert model.probability("b", "q") == pytest.approx(no_context)


def test_surprisal_is_the_mean_of_bits(model):
    framed = f"{EDGE}dry hall{EDGE}"
    bits = [-math.log2(model.probability(framed[at], framed[:at])) for at in range(1, len(framed))]
    assert model.surprisal("Dry  hall") == pytest.approx(np.mean(bits))
    assert model.surprisal(" ") is None


def test_garbled_words_surprise_more_than_known_ones_in_another_order(model):
    fluent, garbled = "bright piano, dry tone", "brgiht pinao, dyr tnoe"
    assert model.surprisal(garbled) > model.surprisal(fluent) + 1


def test_loops_are_counted():
    assert repeated(words("a b c a b c a b c")) == pytest.approx(1 - 3 / 7)
    assert repeated(words("one two three four")) == 0
    assert repeated(["one", "two"]) is None


def test_copied_word_pairs_count_as_often_as_the_prompt_has_them():
    prompt = words("sad church music")
    assert overlap(prompt, words("sad church music, slow organ")) == pytest.approx(2 / 4)
    assert overlap(prompt, words("sad church sad church sad church")) == pytest.approx(1 / 5)
    assert overlap(prompt, ["sad"]) is None


def test_unchanged_is_unchanged_but_for_case_and_punctuation():
    assert verbatim(words("Sad church music!"), words("sad  church music"))
    assert not verbatim(words("sad church music"), words("sad music church"))


def test_what_a_rewrite_added_is_what_its_fluency_is_measured_on():
    assert added(Texts("sad church music", "sad, slow church music with organ")) == "slow with organ"


def test_the_reference_holds_no_evaluated_prompt(study):
    texts = reference_texts(study)
    evaluated = set(study.prompt_set.prompts.filter(split="test").values_list("text", flat=True))
    assert texts and not evaluated & set(texts)


def learned(study, *entries) -> None:
    curve = [{"epoch": at, **entry} for at, entry in enumerate(entries)]
    arm = study.arms.get(key="instruct_feedback")
    Checkpoint.objects.create(identity="ranked", arm=arm, rewriter=arm.rewriter, state="done", weights="w", curve=curve)


def test_ranking_is_that_of_the_epoch_that_was_kept_and_of_the_rewriter_before(study):
    learned(
        study,
        {"clap": 0.3, "held_out_ranking": 0.5},
        {"clap": 0.4, "held_out_ranking": 0.7, "kept": True},
        {"clap": 0.3, "held_out_ranking": 0.6},
    )
    found = {skill.arm: skill for skill in skills(Opened(study))}

    assert (found["instruct_feedback"].before, found["instruct_feedback"].ranking) == (0.5, 0.7)
    assert found["instruct"].ranking == found["best_of_n"].ranking == 0.5  # the same rewriter, before training
    assert found["instruct"].objective == "" and found["instruct_feedback"].objective == "margin_ranking"


def tab(reader, study) -> str:
    return reader.get(reverse("results:tab", args=[study.slug, "training"])).content.decode()


def test_the_tab_shows_how_each_rewriter_ranks(study, reader):
    learned(study, {"clap": 0.3, "held_out_ranking": 0.5}, {"clap": 0.4, "held_out_ranking": 0.75, "kept": True})
    shown = tab(reader, study)
    assert NOT_MEASURED not in shown and "75%" in shown


def test_the_tab_says_how_ranking_would_be_measured_where_it_was_not(study, reader):
    learned(study, {"loss": 0.3, "kept": True})
    assert NOT_MEASURED in tab(reader, study)
