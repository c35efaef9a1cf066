"""Which words of a rewrite are new, kept or lost."""

from results.difference import Piece, difference


def test_words_are_kept_added_and_lost_in_their_places():
    assert difference("sad church music", "A sad slow organ, church") == [
        Piece("added", "A"),
        Piece("kept", "sad"),
        Piece("added", "slow organ,"),
        Piece("kept", "church"),
        Piece("lost", "music"),
    ]


def test_case_and_punctuation_make_no_difference():
    assert difference("Sad piano!", "sad, piano") == [Piece("kept", "sad, piano")]


def test_a_text_kept_as_given_is_one_piece():
    assert difference("gym tune", "gym tune") == [Piece("kept", "gym tune")]


def test_nothing_in_common_is_all_lost_and_all_added():
    assert difference("rain", "loud drums") == [Piece("lost", "rain"), Piece("added", "loud drums")]
