"""A database that does not answer: every page says when to ask again, and none of them is a server's error."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from listening.actions.open_trials import open_trials
from tests import factories
from tests.listening.raters import arrived, open_pair, token

pytestmark = pytest.mark.django_db(transaction=True)
LISTEN = "/listen/some-study/trial/"


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def study(db):
    made = factories.complete(factories.study(votes_per_trial=2, trials_per_session=3))
    open_trials(study=made)
    return made


@pytest.fixture
def _away(client):
    """Nothing listens where the database was."""
    options = connection.settings_dict["OPTIONS"]
    before = {**options}
    connection.close()
    options["host"] = "/nowhere"
    yield
    options.clear()
    options.update(before)
    connection.close()


@pytest.mark.usefixtures("_away")
def test_a_page_says_so_and_comes_back_by_itself(client):
    answer = client.get(LISTEN)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert "no-store" in answer.headers["Cache-Control"]
    assert '<meta http-equiv="refresh" content="3">' in answer.content.decode()


@pytest.mark.usefixtures("_away")
def test_what_was_sent_is_not_sent_again_by_itself(client):
    answer = client.post("/listen/some-study/vote/", {"pair": "x"})

    assert answer.status_code == 503
    assert "refresh" not in answer.content.decode() and "go back and try again" in answer.content.decode()


@pytest.mark.usefixtures("_away")
def test_a_rater_reads_it_in_their_language(client):
    answer = client.get(LISTEN, headers={"Accept-Language": "de"})

    assert "Einen Moment bitte" in answer.content.decode()


@pytest.mark.usefixtures("_away")
@pytest.mark.parametrize("address", ["/admin/", "/listen/audio/" + "x" * 32, "/studies/some/"])
def test_every_room_answers_the_same(client, address):
    client.cookies["sessionid"] = "k" * 32

    assert client.get(address).status_code == 503


@pytest.mark.usefixtures("_away")
def test_scripts_read_it_as_a_problem(client):
    answer = client.get("/api/v1/studies/", headers={"Authorization": "Bearer some-key"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert answer.json()["detail"] == "The database does not answer at the moment. Ask again in 3 seconds."


def test_a_sound_that_cannot_be_counted_is_asked_for_again(study):
    rater = arrived(study)
    rater.raise_request_exception = False
    sound = reverse("listening:audio", args=[token(open_pair(rater, study), "a")])

    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    answer = rater.get(sound)
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = off")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert rater.get(sound).status_code == 200


def test_a_fault_of_the_page_stays_a_fault_of_the_page(client, monkeypatch):
    def broken(*_: object):
        raise RuntimeError("a bug")

    monkeypatch.setattr("listening.remembered.heard", broken)

    answer = client.get(LISTEN, headers={"Accept-Language": "de"})

    assert answer.status_code == 500
    assert "Etwas ist schiefgegangen" in answer.content.decode()
