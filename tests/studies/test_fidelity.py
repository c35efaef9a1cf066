"""Fidelity: what sacrebleu says, and which words are kept."""

import pytest
import sacrebleu

from studies.fidelity import SIGNATURES, cosine, fidelity, kept_terms, lost


@pytest.mark.parametrize("text", ["rain", "sad piano", "a slow sad piano in a church at night"])
def test_a_text_is_wholly_faithful_to_itself_however_short(text):
    assert fidelity(text, text) == pytest.approx((100.0, 100.0, 1.0))


def test_bleu_and_chrf_are_sacrebleus_own():
    prompt, rewrite = "sad church music at night", "Sad church music, a slow organ at night"

    measured = fidelity(prompt, rewrite)

    assert measured.bleu == pytest.approx(sacrebleu.sentence_bleu(rewrite, [prompt], use_effective_order=True).score)
    assert measured.chrf == pytest.approx(sacrebleu.sentence_chrf(rewrite, [prompt]).score)


def test_signatures_say_that_short_texts_are_measured_at_their_own_order():
    assert "eff:yes" in SIGNATURES["bleu"]
    assert SIGNATURES["chrf"].startswith("nrefs:1")


def test_an_addition_keeps_every_term_though_bleu_calls_it_lost():
    measured = fidelity("sad piano", "A sad piano plays slowly in a low register with long echoing notes")

    assert measured.bleu < 20
    assert measured.kept_terms == 1.0


def test_kept_terms_count_distinct_content_words_whatever_their_case_and_punctuation():
    assert kept_terms("Sad, SAD church music!", "a church at noon") == 0.5


def test_without_stays_a_word_that_carries_a_wish():
    assert kept_terms("jazz without drums", "jazz drums") == pytest.approx(2 / 3)


def test_a_prompt_of_stop_words_alone_is_measured_on_all_of_them():
    assert kept_terms("something with music", "music") == pytest.approx(1 / 3)


def test_a_prompt_without_words_has_no_recall():
    assert kept_terms("🎹 !!!", "a piano") is None


def test_unicode_forms_of_one_word_are_one_word():
    assert kept_terms("cafe\u0301 jazz", "JAZZ in a caf\u00e9") == 1.0


def test_words_of_scripts_without_spaces_are_looked_for_inside_the_rewrite():
    assert kept_terms("悲しい音楽", "静かで悲しい音楽、ピアノ") == 1.0
    assert kept_terms("悲しい音楽", "静かなピアノ") == 0.0


@pytest.mark.parametrize(
    ("prompt", "rewrite", "owed"),
    [
        ("Sad church music", "a slow organ", "sad church"),
        ("Sad church music", "a sad organ in a church", ""),
        ("rain, rain and Thunder", "soft rain", "thunder"),
        ("jazz without any drums", "drums, no jazz", "without drums"),
        ("no rain, no drums", "no rain", "no drums"),
        ("not too loud, please", "please, not loud", "not too"),
        ("雨の音", "piano", "雨の音"),
        ("...", "piano", ""),
    ],
)
def test_what_a_rewrite_has_lost_is_told_in_the_prompts_order_and_makes_it_whole(prompt, rewrite, owed):
    assert lost(prompt, rewrite) == owed
    assert kept_terms(prompt, f"{rewrite}, {owed}") in (1.0, None)


def test_a_cosine_is_that_of_the_directions_alone():
    assert cosine([3.0, 0.0], [1.0, 1.0]) == pytest.approx(0.5**0.5)
    assert cosine([1.0, 0.0], None) is None
