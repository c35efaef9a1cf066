"""Both clips must have been heard before a vote counts: the server's own count and the player's must agree."""

from datetime import timedelta

import pytest

from listening import hearing
from listening.actions.record_listening import record_heard, record_served
from listening.actions.take_trial import take_trial
from listening.errors import NotHeard
from listening.models import Presentation, Vote
from listening.views import audio
from tests.listening.raters import NOW, answer, arrived, consented, form, heard_pair, page, serve


@pytest.fixture
def pair(study) -> Presentation:
    return take_trial(session=consented(study), now=NOW)


def after(seconds: float):
    return NOW + timedelta(seconds=seconds)


def served_of(pair: Presentation) -> tuple[int, ...]:
    return tuple(pair.playbacks.order_by("letter").values_list("served", flat=True))


def heard_of(pair: Presentation) -> tuple[float, ...]:
    return tuple(pair.playbacks.order_by("letter").values_list("heard", flat=True))


def play(pair: Presentation, now, **played: float) -> tuple[float, float]:
    record_heard(session=pair.session, token=pair.token, played=played, now=now)
    pair.refresh_from_db()
    return heard_of(pair)


@pytest.mark.parametrize(
    ("served", "played", "unheard"),
    [
        ("", {"a": 1.0, "b": 1.0}, ["a", "b"]),
        ("a", {"a": 1.0, "b": 1.0}, ["b"]),
        ("ab", {"a": 1.0}, ["b"]),
        ("ab", {"b": 1.0}, ["a"]),
        ("ab", {"a": 1.0, "b": 0.5}, ["b"]),
        ("ab", {}, ["a", "b"]),
    ],
)
def test_a_vote_with_a_side_unheard_is_refused(pair, served, played, unheard):
    serve(pair, letters=served)

    with pytest.raises(NotHeard) as refused:
        answer(pair, played=played)

    assert refused.value.sides == unheard
    assert not Vote.objects.exists()


def test_what_was_heard_before_a_refusal_is_kept(pair):
    serve(pair)
    with pytest.raises(NotHeard):
        answer(pair, played={"a": 1.0})

    stored = answer(pair, played={"b": 1.0})

    assert stored.presentation == pair


def test_five_seconds_of_a_long_clip_are_enough_and_less_is_not(pair):
    long = pair.playbacks.get(letter="a").stimulus.clip
    long.samples = 20 * long.sample_rate
    served = hearing.wav_size(long)

    assert hearing.heard(long, served, 4.8, enough=5, tolerance=0.25)
    assert not hearing.heard(long, served, 4.5, enough=5, tolerance=0.25)
    assert not hearing.heard(long, served - 1, 20, enough=5, tolerance=0.25)


def test_a_player_that_reports_more_than_time_allows_is_not_believed(pair):
    serve(pair)

    assert play(pair, after(0.4), a=1.0, b=1.0) == pytest.approx((0.4, 0.0))
    with pytest.raises(NotHeard):
        answer(pair, now=after(-9))


def test_the_two_clips_do_not_play_at_once(pair):
    serve(pair)

    assert play(pair, after(1.0), a=1.0) == (1.0, 0.0)
    assert play(pair, after(1.5), b=1.0) == pytest.approx((1.0, 0.5))
    assert play(pair, after(2.0), b=1.0) == (1.0, 1.0)


def test_hearing_is_not_forgotten(pair):
    serve(pair)
    play(pair, after(5), a=1.0, b=1.0)

    assert play(pair, after(6), a=0.0, b=0.2) == (1.0, 1.0)


def test_nothing_is_heard_before_it_was_sent(pair):
    assert play(pair, after(60), a=1.0, b=1.0) == (0.0, 0.0)


def test_bytes_count_where_they_join_what_was_sent_before(pair):
    for start, stop in ((100, 200), (0, 50), (60, 80), (40, 120), (0, 10), (120, 150)):
        record_served(playback=pair.playbacks.get(letter="a"), start=start, stop=stop, now=NOW)

    assert served_of(pair) == (150, 0)


def test_the_first_byte_starts_the_clock_once(pair):
    for letter, seconds in (("a", 1), ("b", 2)):
        record_served(playback=pair.playbacks.get(letter=letter), start=0, stop=10, now=after(seconds))

    pair.refresh_from_db()
    assert pair.first_served_at == after(1)


def test_the_page_says_what_is_missing_and_shows_the_pair_again(study):
    rater = arrived(study)
    shown = heard_pair(rater, study)

    response = rater.post(page("vote", study), form(shown, heard_b="0"))

    assert response.status_code == 422
    assert "Please listen to every sound first" in response.text
    assert response.context["pair"] == shown.token
    assert rater.post(page("vote", study), form(shown, heard_a="0")).status_code == 302


@pytest.mark.parametrize("report", ["", "-1", "nan", "inf", "-inf", "x", "1,0", "1e400"])
def test_a_report_that_is_no_time_counts_for_nothing(study, report):
    rater = arrived(study)
    shown = heard_pair(rater, study)

    response = rater.post(page("heard", study), form(shown, heard_a=report, heard_b="0.5"))

    assert response.status_code == 204
    assert heard_of(shown) == (0.0, 0.5)


def test_nobody_hears_for_somebody_else(study):
    theirs = heard_pair(arrived(study, PROLIFIC_PID="one"), study)
    other = arrived(study, PROLIFIC_PID="two")

    assert other.post(page("heard", study), form(theirs)).status_code == 403
    assert heard_of(theirs) == (0.0, 0.0)


def test_a_page_that_is_opened_again_knows_what_was_heard(study):
    rater = arrived(study)
    rater.post(page("heard", study), form(heard_pair(rater, study), heard_a="0.75", heard_b="0"))

    assert 'data-heard="0.75"' in rater.get(page("trial", study)).text


def test_a_connection_that_breaks_counts_what_went_out(pair, monkeypatch):
    monkeypatch.setattr(audio, "CHUNK", 1000)
    body = audio.counted(pair.playbacks.get(letter="a"), bytes(10_000), 0, 10_000)
    for _ in range(3):
        next(body)

    body.close()

    assert served_of(pair) == (2000, 0)
