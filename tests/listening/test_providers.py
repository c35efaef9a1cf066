"""Providers are rows: what a researcher enters there, what their links say, how Mechanical Turk's frame works."""

import re
import xml.etree.ElementTree as ElementTree
from html import unescape

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from listening import providers
from listening.models import Provider, Session
from listening.recruitment import recruitment
from tests import factories
from tests.accounts.panels import panel
from tests.listening.raters import arrived, form, heard_pair, page

SITE = "https://listen.example.org"
ASSIGNED = {
    "workerId": "A1B2",
    "assignmentId": "3XYZ",
    "hitId": "H1",
    "turkSubmitTo": "https://workersandbox.mturk.com",
}


def entered(study) -> dict:
    return {one.provider.key: one for one in recruitment(study, SITE)}


def test_prolific_gets_a_link_with_its_placeholders_and_a_code_for_each_end(study):
    prolific = entered(study)["prolific"]

    assert prolific.link == (
        f"{SITE}/listen/{study.slug}/?PROLIFIC_PID={{{{%PROLIFIC_PID%}}}}&STUDY_ID={{{{%STUDY_ID%}}}}"
        "&SESSION_ID={{%SESSION_ID%}}"
    )
    assert set(prolific.codes) == {"complete", "screened", "left"}
    assert prolific.codes["complete"] == providers.study_code(study, "complete")


def test_a_code_for_timing_out_where_a_session_can(study):
    factories.bare(study, session_minutes=60)

    assert "timed_out" in entered(study)["prolific"].codes


def test_volunteers_get_the_plain_link_and_no_codes(study):
    assert (entered(study)["volunteer"].link, entered(study)["volunteer"].codes) == (f"{SITE}/listen/{study.slug}/", {})


def test_mechanical_turk_gets_its_question(study):
    question = entered(study)["mturk"].question

    root = ElementTree.fromstring(question)  # noqa: S314 (our own)
    space = root.tag.removesuffix("ExternalQuestion")
    assert space == (
        "{http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2006-07-14/ExternalQuestion.xsd}"
    )
    assert root.findtext(f"{space}ExternalURL") == f"{SITE}/listen/{study.slug}/mturk/"
    assert int(root.findtext(f"{space}FrameHeight")) > 300


def test_only_the_providers_that_a_study_takes_are_named(study):
    assert set(entered(study)) == {"prolific", "mturk", "crowd", "volunteer"}

    study.listening_test.providers.set(Provider.objects.filter(key="mturk"))
    study.listening_test.panels.add(panel())

    assert set(entered(study)) == {"mturk", "panel"}


def test_another_platform_is_another_row(study):
    Provider.objects.create(
        key="cloud",
        name="Cloud Listeners",
        person_parameter="participantId",
        person_placeholder="[ID]",
        hand_in="redirect",
        completed_url="https://cloud.example.org/done?code={code}",
        screened_url="https://cloud.example.org/screened",
    )
    rater = arrived(study, participantId="c1")
    for _ in range(3):
        rater.post(page("vote", study), form(heard_pair(rater, study)))

    text = rater.get(page("end", study)).text

    session = Session.objects.get()
    assert (session.rater.provider, session.rater.external_id) == ("cloud", "c1")
    assert f'href="https://cloud.example.org/done?code={session.completion_code}"' in text
    assert "Hand in the code at Cloud Listeners" in text
    assert "participantId=" in entered(study)["cloud"].link


def framed(study, **changes):
    return Client().get(page("mturk", study), query_params={**ASSIGNED, **changes})


def test_the_frames_page_leads_out_and_takes_the_code_back_without_knowing_anybody(study):
    response = framed(study)

    address, _, query = re.search(r'href="([^"]*)" target="_blank"', response.text)[1].partition("?")
    assert address == page("arrive", study)
    assert QueryDict(unescape(query)).dict() == {"workerId": "A1B2", "assignmentId": "3XYZ", "hitId": "H1"}
    assert 'action="https://workersandbox.mturk.com/mturk/externalSubmit"' in response.text
    assert '<input type="hidden" name="assignmentId" value="3XYZ">' in response.text
    assert not response.cookies and "csrf" not in response.text
    assert not Session.objects.exists()


def test_only_mechanical_turk_may_frame_the_page_and_only_there_its_form_goes(study):
    response = framed(study)

    policy = response.headers["Content-Security-Policy"]
    assert "frame-ancestors https://*.mturk.com" in policy and "'none'" not in policy.partition("frame-ancestors")[2]
    assert "form-action https://*.mturk.com;" in policy
    assert "X-Frame-Options" not in response.headers


def test_every_other_page_stays_out_of_frames(study):
    rater = arrived(study)
    answers = [rater.get(page(name, study)) for name in ("arrive", "declined", "trial", "end")]

    assert all(one.headers["X-Frame-Options"] == "DENY" for one in answers)
    policies = [one.headers["Content-Security-Policy"] for one in answers]
    assert all("frame-ancestors 'none'" in policy and "form-action 'self'" in policy for policy in policies)


@pytest.mark.parametrize("value", [None, "", "ASSIGNMENT_ID_NOT_AVAILABLE"])
def test_a_task_that_is_only_looked_at_cannot_be_begun(study, value):
    given = {key: one for key, one in {**ASSIGNED, "assignmentId": value}.items() if one is not None}

    response = Client().get(page("mturk", study), query_params=given)

    assert "Accept the task to begin" in response.text
    assert "<form" not in response.text and "workerId" not in response.text


@pytest.mark.parametrize(
    "changes",
    [
        {"turkSubmitTo": "https://evil.example.org"},
        {"turkSubmitTo": "https://www.mturk.com.evil.example.org"},
        {"turkSubmitTo": "http://www.mturk.com"},
        {"turkSubmitTo": "javascript:alert(1)"},
        {"turkSubmitTo": ""},
        {"workerId": "<b>"},
        {"assignmentId": '"><script>'},
    ],
)
def test_an_address_that_mechanical_turk_would_not_give_is_refused_and_not_framed(study, changes):
    response = framed(study, **changes)

    assert response.status_code == 400
    assert response.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


def test_a_study_that_takes_nobody_from_there_is_not_framed(study):
    study.listening_test.providers.set(Provider.objects.filter(key="prolific"))

    response = framed(study)

    assert response.status_code == 403
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Frame-Options"] == "DENY"


def test_a_worker_who_comes_out_of_the_frame_is_the_same_worker(study):
    client = Client()
    address = reverse("listening:arrive", args=[study.slug])
    query = {"workerId": "A1B2", "assignmentId": "3XYZ", "hitId": "H1"}
    checksum = client.get(address, query_params=query).context["checksum"]
    client.post(address, {"answer": "agree", "checksum": checksum}, query_params=query)

    session = Session.objects.get()
    assert (session.rater.provider, session.rater.external_id) == ("mturk", "A1B2")
    assert session.arrival == {"assignmentId": "3XYZ", "hitId": "H1"}
