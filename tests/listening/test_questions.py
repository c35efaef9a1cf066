"""Each kind of question over its page: what the page offers, what is stored, what is refused; how far and how long."""

from datetime import timedelta

import pytest

from listening.actions.open_trials import open_trials
from listening.models import Playback, Presentation, Vote
from listening.past import past_of
from listening.screen import PACE_FROM, SECONDS_TO_DECIDE, pace
from tests import factories
from tests.listening.raters import NOW, arrived, consented, form, heard_pair, page, take_and_vote

ARMS = ("original", "instruct", "instruct_icl", "best_of_n")
GIVEN = {
    "preference": {"choice": "bad"},
    "cmos": {"value": "-2"},
    "relevance": {"value_a": "0"},
    "quality": {"value_a": "87"},
    "mushra": {"value_a": "1", "value_b": "20", "value_c": "100", "value_d": "50"},
    "best_worst": {"best": "b", "worst": "d"},
}
SAID = {
    "preference": {"a": 0, "b": 0},
    "cmos": {"a": 2, "b": -2},
    "relevance": {"a": 0},
    "quality": {"a": 87},
    "mushra": {"a": 1, "b": 20, "c": 100, "d": 50},
    "best_worst": {"a": 0, "b": 1, "c": 0, "d": -1},
}
KINDS = sorted(GIVEN)


def study_of(kind: str, **test):
    made = factories.study(
        arms=ARMS, listening_pairs=[["original", arm] for arm in ARMS[1:]], trials_per_session=4, votes_per_trial=2
    )
    made = factories.bare(factories.complete(made), **test)
    made.listening_questions.update(kind=kind, both_bad=True)
    open_trials(study=made)
    return made


def post(shown: Presentation, kind: str, **changes) -> dict:
    heard = {f"heard_{letter}": "1.0" for letter in "abcd"}
    return {"pair": shown.token, "response_ms": "2500", **heard, **GIVEN[kind], **changes}


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_is_stored_with_what_it_says_of_each_clip(db, kind):
    study = study_of(kind)
    rater = arrived(study)

    response = rater.post(page("vote", study), post(heard_pair(rater, study), kind))

    assert response.url == page("trial", study)
    said = Playback.objects.filter(presentation__vote=Vote.objects.get())
    assert dict(said.values_list("letter", "value")) == SAID[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_offers_exactly_what_may_be_answered(db, kind):
    study = study_of(kind)
    text = arrived(study).get(page("trial", study)).text

    for name in GIVEN[kind]:
        assert f'name="{name}"' in text
    assert ('class="button first next"' in text) == (kind not in ("preference", "cmos"))
    assert text.count('type="range"') == {"relevance": 1, "quality": 1, "mushra": 4}.get(kind, 0)
    assert 'value="50"' not in text, "a scale has no value of its own"
    assert "Please allow JavaScript for this page" in text.split("<noscript>")[1].split("</noscript>")[0]


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("cmos", {"value": "4"}),
        ("cmos", {"value": ""}),
        ("quality", {"value_a": "101"}),
        ("quality", {"value_a": ""}),
        ("relevance", {"value_a": "50.5"}),
        ("mushra", {"value_c": ""}),
        ("best_worst", {"worst": "b"}),
        ("best_worst", {"best": ""}),
    ],
)
def test_half_an_answer_is_refused_and_the_trial_stays_open(db, kind, changes):
    study = study_of(kind)
    rater = arrived(study)
    shown = heard_pair(rater, study)

    assert rater.post(page("vote", study), post(shown, kind, **changes)).status_code == 400
    assert not Vote.objects.exists()
    assert rater.post(page("vote", study), post(shown, kind)).status_code == 302


@pytest.mark.parametrize("kind", ["mushra", "best_worst", "quality"])
def test_what_was_not_heard_is_named_on_the_page_that_comes_back(db, kind):
    study = study_of(kind)
    rater = arrived(study)
    response = rater.get(page("trial", study))
    shown = Presentation.objects.get(token=response.context["pair"])

    response = rater.post(page("vote", study), post(shown, kind))

    assert response.status_code == 422
    assert "Not heard long enough yet: A" in response.text
    assert f'value="{shown.token}"' in response.text


def test_the_researchers_own_words_are_asked(db):
    study = study_of("quality")
    study.listening_questions.update(text="How clean is it?")

    assert "How clean is it?" in arrived(study).get(page("trial", study)).text


def test_the_time_left_is_a_guess_until_the_raters_own_pace_is_known(db):
    study = study_of("preference")
    rater = arrived(study, PROLIFIC_PID="rater1")
    context = rater.get(page("trial", study)).context
    each = 2 * study.seconds + SECONDS_TO_DECIDE
    assert (context["number"], context["total"]) == (1, 4)
    assert context["minutes_left"] == -(-4 * each // 60)

    for _ in range(PACE_FROM):
        rater.post(page("vote", study), form(heard_pair(rater, study)))  # each open for a minute
    assert rater.get(page("trial", study)).context["minutes_left"] in (1, 2)


def test_a_night_in_between_does_not_slow_the_pace(db):
    study = study_of("preference")
    session, now = consented(study), NOW
    for _ in range(3):
        take_and_vote(session, now=now)
        now += timedelta(hours=9)

    assert pace(past_of(session).seconds, expected=99) == 10


def test_practice_is_counted_for_itself_and_takes_its_time_too(db):
    study = study_of("preference", practice_trials=2)
    rater = arrived(study)
    rater.post(page("practice", study))

    context = rater.get(page("trial", study)).context

    assert (context["practice"], context["number"], context["total"]) == (True, 1, 2)
    assert context["minutes_left"] == -(-6 * (2 * study.seconds + SECONDS_TO_DECIDE) // 60)
    assert "Practice: not counted" in rater.get(page("trial", study)).text
