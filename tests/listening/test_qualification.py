"""Questions before the test: whom it is for, asked once, without saying which answer is wanted."""

import pytest
from django.test import Client

from listening import providers
from listening.models import Session
from listening.qualification import faults
from tests import factories
from tests.listening.raters import arrived, page

HEARING = {"question": "Do you hear well?", "options": ["Yes", "No"], "accepted": ["Yes"]}
MUSIC = {"question": "How often do you listen to music?", "options": ["Daily", "Weekly", "Never"],
         "accepted": ["Daily", "Weekly"]}  # fmt: skip


@pytest.fixture
def asking(study):
    return factories.bare(study, qualification=[HEARING, MUSIC])


def answered(client: Client, study, *answers: str):
    given = {f"answer{number}": answer for number, answer in enumerate(answers)}
    return client.post(page("questions", study), given, follow=True)


def test_accepted_answers_are_stored_and_lead_on(asking):
    response = answered(arrived(asking), asking, "Yes", "Weekly")

    assert response.redirect_chain[-1][0] == page("trial", asking)
    assert Session.objects.get().qualification == [
        {"question": "Do you hear well?", "answer": "Yes"},
        {"question": "How often do you listen to music?", "answer": "Weekly"},
    ]


def test_whoever_is_not_looked_for_is_screened_out_with_a_code_of_its_own(asking):
    response = answered(arrived(asking, PROLIFIC_PID="p1"), asking, "Yes", "Never")

    assert "This test needs other listeners" in response.text
    assert providers.study_code(asking, "screened") in response.text
    session = Session.objects.get()
    assert session.state == "screened" and session.qualification[1]["answer"] == "Never"
    assert not session.presentations.exists()


def test_nobody_answers_a_second_time(asking):
    client = arrived(asking, PROLIFIC_PID="p1")
    answered(client, asking, "No", "Daily")

    again = answered(client, asking, "Yes", "Daily")
    from_the_link = Client().get(page("arrive", asking), query_params={"PROLIFIC_PID": "p1"}, follow=True)

    for response in (again, from_the_link):
        assert "This test needs other listeners" in response.text
    assert Session.objects.get().qualification[0]["answer"] == "No"


@pytest.mark.parametrize("answers", [(), ("Yes",), ("Yes", "Sometimes"), ("Yes", ""), ("yes", "Daily")])
def test_what_is_missing_or_no_option_is_asked_again(asking, answers):
    client = arrived(asking)

    response = answered(client, asking, *answers)

    assert response.status_code == 422
    assert "Please answer every question" in response.text
    assert Session.objects.get().qualification is None
    assert (" checked" in response.text) == bool({"Yes", "Daily"} & set(answers))


def test_the_page_does_not_say_which_answers_are_accepted(asking):
    client = arrived(asking)
    asked = client.get(page("questions", asking)).text

    asking.listening_test.qualification = [{**HEARING, "accepted": ["No"]}, {**MUSIC, "accepted": ["Never"]}]
    asking.listening_test.save()
    other = client.get(page("questions", asking)).text

    def without_form_token(text: str) -> list[str]:
        return [line for line in text.splitlines() if "csrfmiddlewaretoken" not in line]

    assert without_form_token(asked) == without_form_token(other)
    assert "accepted" not in asked


@pytest.mark.parametrize("value", [[], [HEARING], [HEARING, MUSIC]])
def test_well_formed_questions_have_no_faults(value):
    assert faults(value) == []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"question": "x"}, "Write a list"),
        (["Do you hear well?"], "Question 1: needs “question”"),
        ([HEARING, {"question": "x", "options": ["a", "b"]}], "Question 2: needs “question”"),
        ([{**HEARING, "weight": 2}], "nothing else"),
        ([{**HEARING, "question": " "}], "a text of one line"),
        ([{**HEARING, "question": "two\nlines"}], "a text of one line"),
        ([{**HEARING, "options": ["Yes"]}], "two or more different options"),
        ([{**HEARING, "options": ["Yes", "Yes"]}], "two or more different options"),
        ([{**HEARING, "options": "Yes, no"}], "two or more different options"),
        ([{**HEARING, "options": ["Yes", 1]}], "two or more different options"),
        ([{**HEARING, "accepted": []}], "at least one accepted option"),
        ([{**HEARING, "accepted": ["Perhaps"]}], "accepts “Perhaps”, which is not one of its options"),
        ([HEARING, HEARING], "“Do you hear well?” is asked twice"),
    ],
)
def test_a_fault_is_named_with_its_question(value, said):
    (fault,) = faults(value)

    assert said in fault
