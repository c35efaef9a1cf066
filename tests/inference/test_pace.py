"""Quick engines get large batches, slow ones small ones."""

import pytest

from inference.pace import CALL_SECONDS, FEW, Pace
from studies.models import Clip, Score

CLIPS = [Clip(generator_id=1, duration=3.0, text=str(number)) for number in range(FEW)]


@pytest.fixture
def pace(settings):
    settings.BATCH_SIZES = {"clip": 64, "score": 128, "training": 1}
    return Pace()


def test_an_engine_nobody_knows_begins_with_a_few_rows(pace):
    assert pace.rows("clip", CLIPS[0]) == FEW


def test_a_quick_engine_gets_all_that_the_settings_allow(pace):
    pace.learn("clip", CLIPS, seconds=0.1)
    assert pace.rows("clip", CLIPS[0]) == 64


def test_a_slow_one_gets_what_a_call_can_do_in_its_time(pace):
    pace.learn("clip", CLIPS, seconds=len(CLIPS) * CALL_SECONDS / 20)
    assert pace.rows("clip", CLIPS[0]) == 20


def test_a_very_slow_one_still_gets_a_few_and_never_more_than_allowed(pace):
    pace.learn("clip", CLIPS, seconds=10_000)
    assert pace.rows("clip", CLIPS[0]) == FEW


def test_engines_and_lengths_of_clips_are_told_apart(pace):
    pace.learn("clip", CLIPS, seconds=0.1)
    assert pace.rows("clip", Clip(generator_id=2, duration=3.0)) == FEW
    assert pace.rows("clip", Clip(generator_id=1, duration=30.0)) == FEW
    assert pace.rows("score", Score(scorer_id=1)) == FEW
