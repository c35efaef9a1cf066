"""The headphone check: six sounds, two attempts, and nothing in the browser that says what is right."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from listening import providers
from listening.actions.check_headphones import METHODS
from listening.actions.open_trials import open_trials
from listening.models import HeadphoneCheck, Session
from tests import factories
from tests.listening.raters import arrived, page


@pytest.fixture(params=["antiphase", "huggins"])
def checking(request, study):
    return factories.bare(study, headphones=request.param)


def opened(client: Client, study) -> HeadphoneCheck:
    client.get(page("headphones", study))
    return HeadphoneCheck.objects.latest("pk")


def fetch(client: Client, check: HeadphoneCheck, trials=range(1, 7)) -> list:
    answers = [client.get(reverse("listening:check_sound", args=[check.token, trial])) for trial in trials]
    return [(answer, b"".join(answer.streaming_content)) for answer in answers]


def answer(client: Client, study, check: HeadphoneCheck, wrong: int = 0, **changes):
    """The right answers, but for the first `wrong` trials."""
    right = METHODS[check.method].answers(check.seed)
    given = [(place + (trial < wrong)) % 3 + 1 for trial, place in enumerate(right)]
    form = {f"answer{trial}": str(place) for trial, place in enumerate(given, 1)}
    return client.post(page("headphones", study), {"check": check.token, **form, **changes}, follow=True)


def attempt(client: Client, study, wrong: int = 0):
    check = opened(client, study)
    fetch(client, check)
    return answer(client, study, check, wrong)


def test_whoever_hears_it_goes_on(checking):
    response = attempt(arrived(checking), checking)

    assert response.redirect_chain[-1][0] == page("trial", checking)
    check = HeadphoneCheck.objects.get()
    assert (check.right, check.passed, check.attempt) == (6, True, 1)


@pytest.mark.parametrize(("method", "wrong", "passed"), [("antiphase", 1, True), ("antiphase", 2, False),
                                                         ("huggins", 1, False)])  # fmt: skip
def test_as_many_must_be_right_as_the_method_asks(study, method, wrong, passed):
    factories.bare(study, headphones=method)

    attempt(arrived(study), study, wrong)

    assert HeadphoneCheck.objects.get().passed is passed


def test_after_a_first_attempt_that_failed_advice_and_a_second_one_with_other_sounds(checking):
    client = arrived(checking)
    response = attempt(client, checking, wrong=6)
    assert "You can try once more" in response.text
    assert "Check that both sides play" in client.get(page("trial", checking), follow=True).text

    client.post(page("headphones", checking), {"again": "yes"})
    attempt(client, checking)

    first, second = HeadphoneCheck.objects.all()
    assert (first.passed, second.passed, second.attempt) == (False, True, 2)
    assert first.seed != second.seed and first.token != second.token
    assert Session.objects.get().active


def test_a_second_attempt_that_failed_ends_the_session_with_a_code_of_its_own(checking):
    client = arrived(checking, PROLIFIC_PID="p1")
    attempt(client, checking, wrong=6)
    client.post(page("headphones", checking), {"again": "yes"})

    response = attempt(client, checking, wrong=6)

    assert "This test needs other listeners" in response.text and "need headphones" in response.text
    assert providers.study_code(checking, "screened") in response.text
    assert Session.objects.get().state == "screened"
    client.post(page("headphones", checking), {"again": "yes"})
    assert HeadphoneCheck.objects.count() == 2


def test_answers_to_sounds_that_were_not_fetched_do_not_count(checking):
    client = arrived(checking)
    check = opened(client, checking)
    fetch(client, check, trials=range(1, 6))

    response = answer(client, checking, check)

    assert response.status_code == 422
    assert "Please play all six sounds" in response.text
    check.refresh_from_db()
    assert check.answered_at is None
    fetch(client, check, trials=[6])
    assert answer(client, checking, check).redirect_chain[-1][0] == page("trial", checking)


def test_half_a_sound_was_not_fetched(checking):
    client = arrived(checking)
    check = opened(client, checking)
    fetch(client, check, trials=range(1, 6))
    address = reverse("listening:check_sound", args=[check.token, 6])

    b"".join(client.get(address, headers={"Range": "bytes=0-9999"}).streaming_content)

    assert answer(client, checking, check).status_code == 422


@pytest.mark.parametrize("changes", [{"answer3": ""}, {"answer3": "0"}, {"answer3": "4"}, {"answer3": "x"}])
def test_a_missing_answer_or_one_that_is_none_is_asked_again(checking, changes):
    client = arrived(checking)
    check = opened(client, checking)
    fetch(client, check)

    assert answer(client, checking, check, **changes).status_code == 422
    check.refresh_from_db()
    assert check.answered_at is None


def test_answers_of_a_tab_with_another_attempt_change_nothing(checking):
    client = arrived(checking)
    first = opened(client, checking)
    fetch(client, first)
    answer(client, checking, first, wrong=6)
    client.post(page("headphones", checking), {"again": "yes"})
    second = opened(client, checking)

    answer(client, checking, first)

    first.refresh_from_db(), second.refresh_from_db()
    assert first.passed is False and second.answered_at is None


def test_a_refresh_is_the_same_attempt(checking):
    client = arrived(checking)

    assert opened(client, checking).pk == opened(client, checking).pk
    assert HeadphoneCheck.objects.count() == 1


def test_every_sound_looks_the_same_from_outside_and_is_kept_by_nobody(checking):
    client = arrived(checking)
    sounds = fetch(client, opened(client, checking))

    assert len({len(data) for _answer, data in sounds}) == 1
    for response, _data in sounds:
        response.headers.pop("X-Request-ID")  # of each request, and drawn
    headers = [sorted(response.headers.items()) for response, _data in sounds]
    assert all(one == headers[0] for one in headers)
    assert dict(headers[0])["Cache-Control"] == "private, no-store"


def test_the_page_and_its_sounds_say_nothing_about_what_is_right(checking):
    """Two checks' pages differ in their random names alone."""
    pages = []
    for _ in range(2):
        client = arrived(checking)
        text = client.get(page("headphones", checking)).text
        check = HeadphoneCheck.objects.latest("pk")
        assert str(check.seed) not in text
        lines = text.replace(check.token, "TOKEN").splitlines()
        pages.append([line for line in lines if "csrfmiddlewaretoken" not in line])

    assert pages[0] == pages[1]


def test_sounds_are_for_their_own_rater_alone(checking):
    client, stranger = arrived(checking), arrived(checking)
    check = opened(client, checking)
    address = reverse("listening:check_sound", args=[check.token, 1])

    assert stranger.get(address).status_code == 404
    assert Client().get(address).status_code == 404
    assert client.get(address).status_code == 200
    assert client.get(address.replace(check.token, "x" * 32)).status_code == 404


def test_sounds_of_a_check_that_is_over_are_gone(checking):
    client = arrived(checking)
    check = opened(client, checking)
    fetch(client, check)
    answer(client, checking, check)

    assert client.get(reverse("listening:check_sound", args=[check.token, 1])).status_code == 404


@pytest.mark.parametrize(("hours", "asked"), [(23, False), (25, True)])
def test_a_check_that_was_passed_in_another_study_is_believed_for_a_day(study, hours, asked):
    factories.bare(study, headphones="antiphase")
    other = factories.bare(factories.complete(factories.study()), headphones="antiphase")
    open_trials(study=other)
    client = arrived(study)
    attempt(client, study)
    HeadphoneCheck.objects.update(answered_at=timezone.now() - timedelta(hours=hours))

    checksum = client.get(page("arrive", other)).context["checksum"]
    response = client.post(page("arrive", other), {"answer": "agree", "checksum": checksum}, follow=True)

    assert (response.redirect_chain[-1][0] == page("headphones", other)) is asked


def test_the_volume_is_set_by_a_sound_that_everybody_may_hear(db):
    response = Client().get(reverse("listening:volume"))

    assert b"".join(response.streaming_content)[:4] == b"RIFF"
