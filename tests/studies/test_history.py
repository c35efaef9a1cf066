"""What was done to a study: who, when, what."""

import pytest
from django.urls import reverse

from accounts.models import Membership
from studies import actions
from studies.models import Event
from tests import factories
from tests.studies.test_admin import filled, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    made = factories.user("editor", is_staff=True)
    client.force_login(made)
    return made


@pytest.fixture
def study(editor):
    return factories.study(factories.team(editor, role=Membership.Role.EDITOR))


def test_a_saved_change_is_told_field_by_field(client, study, editor):
    client.post(page(study), filled(study, name="Renamed", seed=9))

    (event,) = Event.objects.filter(study=study)
    assert (event.by, event.text) == (editor, "Changed: study.")
    told = {change["field"]: (change["old"], change["new"]) for change in event.changes}
    assert told["Name"] == (study.name, "Renamed")
    assert told["Seed"] == ("1", "9")
    assert set(told) <= {"Name", "Seed", "Pairs that raters compare"}


def test_choices_are_told_by_name(client, study):
    other = factories.engine("scorer", "transformers-clap", checkpoint="sandbox:clap-teacher")

    client.post(page(study), filled(study, evaluation_scorer=other.pk))

    told = {change["field"]: change["new"] for change in Event.objects.get().changes}
    assert told["Evaluation scorer"] == str(other)


def test_arms_are_told_too(client, study):
    client.post(page(study), filled(study, **{"arms-1-name": "Reworded"}))

    (event,) = Event.objects.filter(study=study)
    assert any(change["field"].endswith(": Name") and change["new"] == "Reworded" for change in event.changes)


def test_a_save_that_changes_nothing_is_not_told(client, study):
    client.post(page(study), filled(study, listening_pairs="instruct, original"))
    Event.objects.all().delete()

    study.refresh_from_db()
    client.post(page(study), filled(study, listening_pairs="instruct, original"))

    assert not Event.objects.exists()


def test_what_is_done_to_a_launched_study_is_written_down_whoever_does_it(study, editor):
    study = actions.launch(study=study, by=editor)
    actions.pause(study=study, by=None)
    actions.resume(study=study, by=editor)
    actions.cancel(study=study, by=editor)

    told = list(Event.objects.filter(study=study).order_by("pk").values_list("by__username", "text"))
    assert told == [
        ("editor", "Launched: settings and prompts are frozen."),
        (None, "Paused."),
        ("editor", "Resumed."),
        ("editor", "Cancelled; what it made stays."),
    ]


def test_the_listening_test_of_a_launched_study_can_change_and_its_history_says_so(client, study, editor):
    study = factories.complete(study)
    test = study.listening_test
    address = reverse("admin:listening_listeningtest_change", args=[test.pk])
    form = client.get(address).context["adminform"].form
    data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    data = {name: value for name, value in data.items() if value is not None and value is not False}
    questions = study.listening_questions.all()
    data |= {"listening_questions-TOTAL_FORMS": 1, "listening_questions-INITIAL_FORMS": 1, "qualification": "[]"}
    data |= {
        f"listening_questions-0-{name}": value
        for name, value in {"id": questions[0].pk, "study": study.pk, "kind": "preference", "ties": "on"}.items()
    }

    response = client.post(address, data | {"title": "Better?", "languages": ""})

    assert response.status_code == 302, response.context["adminform"].form.errors
    event = Event.objects.filter(study=study, text="Changed: listening test.").get()
    assert event.by == editor
    assert {"field": "Title", "old": "nothing", "new": "Better?"} in event.changes
    shown = client.get(reverse("admin:studies_study_history", args=[study.pk])).content.decode()
    assert "Better?" in shown
    assert "editor" in shown


def test_a_stranger_reads_no_history(client, study):
    client.force_login(factories.user("eve", is_staff=True))

    assert client.get(reverse("admin:studies_study_history", args=[study.pk])).status_code == 404
