"""Work that was given back to its platform, or timed out there: sessions end, and what they held comes back."""

import io

import pytest
from django.core.management import CommandError, call_command

from listening.actions import close_returned as closing
from listening.actions.close_returned import close_returned
from listening.actions.take_trial import take_trial
from listening.models import Presentation, Provider, Session
from listening.submissions import BadList, Submission, read
from tests.listening.raters import NOW, consented, take_and_vote


@pytest.fixture
def prolific(db) -> Provider:
    return Provider.objects.get(key="prolific")


def rows(*pairs: tuple[str, str]) -> list[Submission]:
    return [Submission(line, name, status) for line, (name, status) in enumerate(pairs, 2)]


def outcomes(study, provider, *pairs: tuple[str, str]) -> list[str]:
    lines = close_returned(study=study, provider=provider, rows=rows(*pairs), by=None, now=NOW)
    return [line.outcome for line in lines]


@pytest.mark.parametrize("status", ["RETURNED", "TIMED-OUT", "Timed out", "returned"])
def test_a_returned_submission_ends_the_session_and_gives_back_what_it_held(study, prolific, status):
    session = consented(study, "p1")
    take_and_vote(session)
    held = take_trial(session=session, now=NOW)

    assert outcomes(study, prolific, ("p1", status)) == [closing.CLOSED]

    session.refresh_from_db(), held.refresh_from_db()
    assert (session.state, held.state) == ("returned", "released")
    assert Presentation.objects.filter(state="voted").count() == 1


def test_every_line_says_what_became_of_it(study, prolific):
    for name in ("returned", "working", "left"):
        consented(study, name)
    complete = consented(study, "complete")
    while take_and_vote(complete):
        pass
    Session.objects.filter(rater__external_id="left").update(state="left", finished_at=NOW, completion_code="L")

    said = outcomes(
        study,
        prolific,
        ("returned", "RETURNED"),
        ("working", "ACTIVE"),
        ("left", "RETURNED"),
        ("complete", "TIMED-OUT"),
        ("stranger", "RETURNED"),
    )

    assert said == [closing.CLOSED, closing.KEPT, closing.ENDED, closing.COMPLETE, closing.NOBODY]
    states = dict(Session.objects.values_list("rater__external_id", "state"))
    assert states == {"returned": "returned", "working": "active", "left": "left", "complete": "complete"}


def test_whoever_returned_it_and_took_it_up_again_goes_on(study, prolific):
    consented(study, "p1")

    assert outcomes(study, prolific, ("p1", "RETURNED"), ("p1", "ACTIVE")) == [closing.AGAIN, closing.KEPT]
    assert Session.objects.get().active


def test_people_of_another_provider_or_study_are_not_meant(study, prolific):
    consented(study, "p1")

    assert outcomes(study, Provider.objects.get(key="mturk"), ("p1", "Returned")) == [closing.NOBODY]
    assert Session.objects.get().active


def test_run_again_it_changes_nothing(study, prolific):
    consented(study, "p1")
    outcomes(study, prolific, ("p1", "RETURNED"))
    before = Session.objects.values().get()

    assert outcomes(study, prolific, ("p1", "RETURNED")) == [closing.ENDED]
    assert Session.objects.values().get() == before


@pytest.mark.parametrize(
    "text",
    [
        "Submission id,Participant id,Status\nx,p1,RETURNED\n",
        "﻿participant ID , STATUS\np1,RETURNED\n",
        '"WorkerId","AssignmentStatus"\r\n"p1","RETURNED"\r\n',
        "participant;status\np1;RETURNED\n\n",
    ],
)
def test_the_columns_of_every_platform_are_found(text):
    (row,) = read(text.encode())

    assert (row.line, row.participant, row.status) == (2, "p1", "RETURNED")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name,state\np1,RETURNED\n", "Its columns are: “name”, “state”."),
        (b"participant\np1\n", "Its columns are: “participant”."),
        (b"", "Its columns are: none."),
        (b"participant,status\np1\n", "Line 2 has 1 columns"),
        ("participant,status\nß".encode("latin-1"), "not a CSV in UTF-8"),
    ],
)
def test_a_list_that_cannot_be_read_says_why(content, said):
    with pytest.raises(BadList, match=said):
        read(content)


def test_the_command_reports_every_line(study, tmp_path):
    consented(study, "p1")
    file = tmp_path / "export.csv"
    file.write_text("Participant id,Status\np1,TIMED-OUT\np2,APPROVED\n")
    out = io.StringIO()

    call_command("close_returned", study.slug, str(file), stdout=out)

    assert out.getvalue().splitlines() == [
        "2: p1 TIMED-OUT: closed",
        "3: p2 APPROVED: not returned: nothing to do",
        "1 closed; 1 not returned: nothing to do",
    ]


def test_a_list_with_a_fault_changes_nothing(study, tmp_path):
    consented(study, "p1")
    file = tmp_path / "export.csv"
    file.write_text("Participant id,Status\np1,RETURNED\np2\n")

    with pytest.raises(CommandError, match="Line 3"):
        call_command("close_returned", study.slug, str(file))
    assert Session.objects.get().active


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere", "export.csv"], "There is no study 'nowhere'"),
        (["{study}", "export.csv"], "No such file"),
        (["{study}", "{file}", "--provider", "cloud"], "There is no provider 'cloud'; there are: crowd, mturk"),
    ],
)
def test_the_command_says_what_it_does_not_find(study, tmp_path, arguments, said):
    file = tmp_path / "export.csv"
    file.write_text("participant,status\n")

    with pytest.raises(CommandError, match=said):
        call_command("close_returned", *(one.format(study=study.slug, file=file) for one in arguments))
