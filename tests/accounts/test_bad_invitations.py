"""Whatever list of people comes, and whatever stands in a link: rows and faults by line, or a refusal."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.panels import joining, links
from accounts.panels.errors import PanelError
from accounts.panels.reading import read_invitations
from studies import clock
from tests.strange import BYTES, TEXT, drawn, spoilt

GOOD = b"email,language\nanna@example.org,de\nben@example.org,en\n"


@drawn(300)
@given(st.one_of(BYTES, spoilt(GOOD), TEXT))
@example(b"\xff\xfe")
@example(b'email\n"a\n' * 3)
@example(b"email\n" + b"x" * 140_000)
@example("a\0@example.org")
def test_any_list(source):
    reading = read_invitations(source)

    assert reading.rows or reading.faults or "email" in str(source).lower()
    for row in reading.rows:
        assert row.email.count("@") >= 1 and "\0" not in row.email and len(row.email) <= 254
        f"{row.email}{row.language}".encode()
    assert all(fault.line > 0 and fault.message for fault in reading.faults)


@pytest.mark.django_db
def test_any_token_of_a_link():
    @drawn(60)
    @given(TEXT.filter(lambda text: "\0" not in text and text.isprintable() and "/" not in text))
    def tried(token):
        for read in (links.account_of, lambda one: joining.invitation(one, clock.now())):
            with pytest.raises(PanelError):
                read(token)

    tried()
