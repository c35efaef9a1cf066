"""Lists of people to invite: what is read of them, and what is wrong on which line."""

import pytest

from accounts.panels.reading import MOST_BYTES, MOST_ROWS, read_invitations


def read(source) -> list[tuple]:
    reading = read_invitations(source)
    assert not reading.faults
    return [(row.email, row.language) for row in reading.rows]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a byte order mark"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["commas", "semicolons", "tabs"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_reads_what_spreadsheets_write(mark, delimiter, end):
    text = end.join(
        (f"email{delimiter}language", f"Anna@Example.org{delimiter}DE", f'"ben@example.org"{delimiter}', "")
    )

    assert read(mark + text.encode()) == [("anna@example.org", "de"), ("ben@example.org", "")]


def test_a_pasted_list_needs_no_header():
    assert read("anna@example.org\n\n  ben@example.org  \n") == [("anna@example.org", ""), ("ben@example.org", "")]
    assert read("anna@example.org;pt_BR") == [("anna@example.org", "pt-br")]


def test_columns_may_stand_in_any_order_and_what_studies_do_not_need_is_not_kept():
    reading = read_invitations("Name,Language,E-Mail\nAnna,de,anna@example.org\n")

    assert [(row.email, row.language) for row in reading.rows] == [("anna@example.org", "de")]
    assert reading.ignored == ("Name",)


def test_every_fault_is_reported_at_once_with_its_line_and_the_good_lines_stay():
    reading = read_invitations(
        "email,language\nanna@example.org,de\nnobody,de\n\n,de\nben@example.org,German\nANNA@example.org,en\n"
        f"cleo@example.org,en,more\n{'x' * 250}@example.org,\ndora@example.org,\n"
    )

    assert [row.email for row in reading.rows] == ["anna@example.org", "dora@example.org"]
    told = {fault.line: fault.message for fault in reading.faults}
    assert sorted(told) == [3, 5, 6, 7, 8, 9]
    assert "“nobody” is not an e-mail address" in told[3]
    assert "missing" in told[5]
    assert "“German” is not a language code" in told[6]
    assert "on line 2 already" in told[7]
    assert "3 cells, but 2 expected" in told[8]


def test_quotes_that_do_not_balance_are_reported_where_they_open():
    reading = read_invitations('email\nanna@example.org\n"ben@example.org\ncleo@example.org\n')

    assert [row.email for row in reading.rows] == ["anna@example.org"]
    assert [fault.line for fault in reading.faults] == [3]


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("", 1, "empty"),
        (" \n\n", 1, "empty"),
        ("name,age\nAnna,3", 1, "one column email"),
        ("email,e-mail\na@example.org,b@example.org", 1, "one column email"),
        ("email\nanna@example.org\nbjörn@example.org".encode("latin-1"), 3, "not UTF-8"),
        ("email\n" + "anna@example.org\n" * (MOST_ROWS + 1), MOST_ROWS + 2, "More than 2,000"),
        ("x" * (MOST_BYTES + 1), 1, "larger than 1 MB"),
    ],
    ids=["empty", "blank", "no address column", "two of them", "latin-1", "too many", "too large"],
)
def test_a_list_that_cannot_be_read_has_one_fault_and_no_rows(source, line, words):
    reading = read_invitations(source)

    assert reading.rows == ()
    (fault,) = reading.faults
    assert fault.line == line and words in fault.message
