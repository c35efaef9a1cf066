"""What words mean in the sandbox."""

import random
from statistics import fmean

import pytest

from inference.sandbox.vocabulary import (
    ATTRIBUTES,
    CUE_WORDS,
    CUES,
    PHRASES,
    cues_in,
    parse,
    relevance,
    sample_attributes,
    shipped_prompts,
    still_asked,
    wanted,
)


@pytest.mark.parametrize(("attribute", "value"), [(a, v) for a, values in ATTRIBUTES.items() for v in values])
def test_every_wording_names_its_value_and_nothing_else(attribute, value):
    for wording in PHRASES[attribute, value]:
        assert parse(wording) == {attribute: value}
        assert cues_in(wording) == []


def test_every_cue_is_found_by_each_of_its_words_and_names_no_attribute():
    assert len(CUES) >= 60
    for cue, forms in CUE_WORDS.items():
        for form in forms:
            assert cues_in(form) == [cue]
            assert parse(form) == {}


def test_parse_reads_whole_words_whatever_the_case():
    assert parse("A SLOW Grand Piano, falling rain") == {"tempo": "slow", "instrument": "piano", "ambience": "rain"}
    assert parse("slowdown of pianists on a train") == {}


def test_parse_takes_the_first_mention_and_the_longest_wording():
    assert parse("violin, then piano") == {"instrument": "violin"}
    assert parse("no drums") == {"drums": "none"}


@pytest.mark.parametrize("text", ["no rain", "without piano", "not loud"])
def test_what_is_denied_is_not_named(text):
    assert parse(text) == {}


def test_cues_are_found_across_hyphens_and_apostrophes():
    assert cues_in("Lo-Fi for my road-trip") == ["lofi", "road trip"]


def test_explicit_wording_beats_a_cue():
    assert wanted("sad")["tempo"]["slow"] == pytest.approx(0.85)
    assert wanted("sad but fast tempo")["tempo"] == {"slow": 0.0, "moderate": 0.0, "fast": 1.0}


def test_cues_that_agree_are_surer_and_cues_that_quarrel_are_not():
    assert wanted("sad funeral")["tempo"]["slow"] > 0.95
    assert wanted("sad running")["tempo"]["slow"] == pytest.approx(wanted("sad running")["tempo"]["fast"])


def test_what_is_wanted_sums_to_one_and_leaves_the_rest_open():
    asked = wanted("sad church music")
    assert "ambience" not in asked
    assert all(sum(p.values()) == pytest.approx(1) for p in asked.values())


def test_relevance_is_one_for_what_is_most_asked_for_and_falls_with_every_miss():
    prompt = "sad church music"
    truth = {a: max(p, key=p.get) for a, p in wanted(prompt).items()} | {"ambience": "rain"}
    assert relevance(prompt, truth) == pytest.approx(1)
    assert relevance(prompt, truth | {"tempo": "fast"}) < 0.9
    assert relevance("slow piano", truth | {"instrument": "flute"}) == pytest.approx(0.5)


def test_a_text_that_asks_for_nothing_is_neither_kept_nor_broken():
    assert relevance("blockchain", sample_attributes({}, random.Random(0))) == 0.5


def test_sampling_keeps_what_is_named_and_draws_the_rest_evenly():
    rng = random.Random(0)
    drawn = [sample_attributes(parse("slow piano"), rng) for _ in range(2000)]
    assert {(d["tempo"], d["instrument"]) for d in drawn} == {("slow", "piano")}
    assert fmean(d["tone"] == "dark" for d in drawn) == pytest.approx(0.5, abs=0.05)
    assert fmean(sample_attributes("sad", rng)["tempo"] == "slow" for _ in range(2000)) == pytest.approx(0.85, abs=0.04)


def test_a_text_asks_for_all_that_it_asks_for_and_an_addition_takes_nothing_of_it():
    for row in shipped_prompts():
        assert still_asked(row["text"], row["text"]) == 1
    assert still_asked("slow piano", "slow piano, echoing hall") == 1
    assert still_asked("blockchain", "loud drums") == 1


def test_what_is_left_out_or_turned_is_no_longer_asked_for():
    assert still_asked("slow piano", "piano, loud") == pytest.approx(0.5)
    assert still_asked("slow piano", "fast piano") == pytest.approx(0.5)
    assert still_asked("slow piano", "a quiet evening") < 0.5
    assert still_asked("slow piano", "") == 0
