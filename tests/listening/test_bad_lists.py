"""Whatever platforms, players and raters send: rows, ranges and answers, or a refusal in words."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from listening import answers, qualification, ranges, submissions
from listening.errors import BadChoice
from listening.models import Question
from listening.providers import arrival
from tests.strange import BYTES, TEXT, VALUE, drawn, spoilt

GOOD = b"Participant id,Status\np1,RETURNED\np2,APPROVED\n"


@drawn(300)
@given(st.one_of(BYTES, spoilt(GOOD)))
@example(b"participant,status\n" + b"x" * 140_000)
@example(b"participant,status\n\0,returned")
@example(b"participant;status\n\r\rp;returned")
def test_any_list_of_submissions(content):
    try:
        rows = submissions.read(content)
    except submissions.BadList as refused:
        assert str(refused)
    else:
        assert all(row.line > 0 and "\0" not in row.participant for row in rows)


@drawn(400)
@given(
    st.one_of(st.text(st.characters(max_codepoint=255), max_size=40), st.from_regex(r"bytes=[0-9]{0,22}-[0-9]{0,22}")),
    st.integers(0, 10**6),
)
@example("bytes=²-", 10)
@example("bytes=0-" + "9" * 5_000, 10)
@example("bytes=-0", 10)
@example("bytes=0-", 0)
def test_any_range(header, size):
    try:
        found = ranges.parse(header, size)
    except ranges.Unsatisfiable:
        return
    assert found is None or 0 <= found[0] < found[1] <= size


@drawn(200)
@given(
    st.one_of(
        VALUE, st.lists(st.fixed_dictionaries({"question": VALUE, "options": VALUE, "accepted": VALUE}), max_size=2)
    )
)
def test_any_questions_before_a_test(value):
    if not qualification.faults(value):
        qualification.answered(value, [options[0] for _, options in qualification.shown(value)])


@drawn(300)
@given(
    st.sampled_from(Question.Kind.values),
    st.booleans(),
    st.dictionaries(st.sampled_from(["choice", "value", "best", "worst", "value_a", "value_b"]), TEXT, max_size=6),
)
def test_any_answer(kind, ties, given_):
    question = Question(kind=kind, ties=ties, both_bad=ties)
    try:
        answer = answers.parse(question, "ab", given_)
    except BadChoice:
        return
    assert set(answer.values) == {"a", "b"}


@pytest.mark.django_db
def test_any_arrival():
    names = st.sampled_from(["PROLIFIC_PID", "STUDY_ID", "SESSION_ID", "workerId", "assignmentId", "participant", "x"])

    @drawn(60)
    @given(st.dictionaries(names, TEXT, max_size=4))
    def tried(parameters):
        try:
            found = arrival(parameters)
        except ValueError as refused:
            assert str(refused).endswith("is not an id.")
        else:
            assert found is None or found.external_id.isprintable()

    tried()
