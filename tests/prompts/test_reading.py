"""What the reader accepts, and what it says of each fault: the line, the column, and what to do."""

import io
import tracemalloc

import pytest

from prompts.limits import Limits
from prompts.reading import Row, read_prompts

HEADER = "text,kind,split,scene,tags\n"


def read(text: str, **limits):
    return read_prompts(text.encode(), Limits(**limits))


def lines(reading) -> list[tuple[int | None, str]]:
    return [(fault.line, fault.column) for fault in reading.faults]


def test_reads_every_column():
    reading = read(HEADER + '"rain, and a cello",expert,train,rainy-cafe,mood; short;mood\n')

    assert reading.faults == ()
    assert reading.rows == (Row(2, "rain, and a cello", "expert", "train", "rainy-cafe", ("mood", "short")),)


def test_text_alone_is_an_open_test_prompt():
    assert read("text\nsad church music\n").rows == (Row(2, "sad church music", "open", "test"),)


@pytest.mark.parametrize(
    "data",
    [
        "text\ncafé\n".encode("utf-8-sig"),
        "text\ncafé\n".encode("utf-16"),
        "text\ncafé\n".encode("utf-32"),
        "text\r\ncafé\r\n".encode(),
        "text\rcafé\r".encode(),
        "\n\n Text \n\ncafé".encode(),
        io.BytesIO("text\ncafé".encode()),
    ],
    ids=["utf-8 mark", "utf-16 mark", "utf-32 mark", "windows lines", "old mac lines", "blank lines", "a file"],
)
def test_accepts_what_spreadsheets_write(data):
    reading = read_prompts(data, Limits())

    assert [row.text for row in reading.rows] == ["café"]
    assert not reading.faults


@pytest.mark.parametrize(
    "text",
    [
        "- slow piano",
        "-slow piano",
        "+ drums and bass",
        "– dash first",
        'a 5" speaker humming',
        "what is love?",
        "🎹 piano",
        "पियानो और बारिश",
        "1 minute of rain",
    ],
)
def test_accepts_prompts_that_only_look_odd(text):
    assert [row.text for row in read(f"text\n{text}\n").rows] == [text]


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ('""', "the prompt is empty"),
        ('"   "', "the prompt is empty"),
        ("\u200b\u200b", "the prompt is empty"),
        ("x" * 10_000, "10,000 characters; at most 2,000"),
        ("slow\0piano", "character 5 is NUL"),
        ("slow\x07piano", "U+0007"),
        ("slow \u202eonaip", "U+202E"),
        ("slow\tpiano", "a tab"),
        ('"slow\npiano"', "a line break"),
        ("caf\ufffd", "an earlier conversion lost"),
        ("=cmd|'/C calc'!A0", "spreadsheet formula"),
        ("=1+1", "spreadsheet formula"),
        ("@SUM(1+1)", "spreadsheet formula"),
        ("+1+1", "spreadsheet formula"),
        ("-2+3", "spreadsheet formula"),
        ("- HYPERLINK(x)", "spreadsheet formula"),
        ("＝1+1", "spreadsheet formula"),
    ],
)
def test_refuses_a_prompt_and_keeps_its_neighbours(cell, says):
    reading = read(f"text\nrain\n{cell}\nsnow\n")

    assert [row.text for row in reading.rows] == ["rain", "snow"]
    assert lines(reading) == [(3, "text")]
    assert says in str(reading.faults[0])


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("rain,expertt,test,,", "kind", "“expertt” is none of open, expert"),
        ("rain,open,dev,,", "split", "“dev” is none of train, validation, test"),
        (f"rain,open,test,{'s' * 81},", "scene", "at most 80"),
        ("rain,open,test,=cafe,", "scene", "formula"),
        (f"rain,open,test,,short;{'t' * 81}", "tags", "at most 80"),
        ("rain,open,test", "", "3 cells, but the header names 5 columns. Add the commas."),
        ("rain,and snow,open,test,,", "", "6 cells, but the header names 5 columns. Put quotes around"),
    ],
)
def test_names_the_column_at_fault(row, column, says):
    reading = read(f"{HEADER}{row}\n")

    assert lines(reading) == [(2, column)]
    assert says in str(reading.faults[0])
    assert not reading.rows


def test_shows_every_fault_of_a_row():
    assert lines(read(HEADER + "=1,loud,dev,,\n")) == [(2, "text"), (2, "kind"), (2, "split")]


@pytest.mark.parametrize("twin", ["sad church music", "Sad  Church MUSIC", "ｓad church music"])
def test_refuses_the_second_of_two_equal_prompts(twin):
    reading = read(f"text\nsad church music\n{twin}\n")

    assert lines(reading) == [(3, "text")]
    assert "already stands on line 2" in str(reading.faults[0])


def test_an_expert_caption_may_equal_an_open_prompt_of_its_own_split_only():
    assert not read(HEADER + "rain,open,test,,\nrain,expert,test,,\n").faults
    assert "would leak" in str(read(HEADER + "rain,open,test,,\nrain,expert,train,,\n").faults[0])


def test_refuses_a_scene_in_two_splits():
    reading = read(HEADER + "rain,open,test,cafe,\nsnow,open,train,Cafe,\nhail,open,test,cafe,\n")

    assert lines(reading) == [(3, "scene")]
    assert "already in the test split (on line 2)" in str(reading.faults[0])
    assert [row.text for row in reading.rows] == ["rain", "hail"]


def test_counts_lines_as_an_editor_does():
    """A quoted cell of two lines and a blank line come before the faulty row."""
    reading = read('text\n"rain\nand wind"\n\n=1+1\n')

    assert [fault.line for fault in reading.faults] == [2, 5]


@pytest.mark.parametrize(
    ("text", "line"),
    [('text\nrain\n"snow', 3), ('text\nrain\n"snow\nhail', 3), ('text\nrain\n"snow" hail', 3)],
)
def test_says_where_a_quote_was_left_open(text, line):
    reading = read(text)

    assert [fault.line for fault in reading.faults] == [line]
    assert "quotes do not balance" in str(reading.faults[0])
    assert [row.text for row in reading.rows] == ["rain"]


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        (b"", None, "is empty"),
        (b" \n\n", None, "is empty"),
        (b"\xef\xbb\xbf", None, "is empty"),
        (b"text,kind\n", None, "no prompt below the header"),
        (b"sad church music\nrain\n", 1, "there is no header"),
        (b"kind,split\nopen,test\n", 1, "“text” is missing"),
        (b"text,text\na,b\n", 1, "“text” stands 2 times"),
        (b"text,kind,kind\na,open,open\n", 1, "“kind” stands 2 times"),
        (b"prompts,kind\na,open\n", 1, "Did you mean “text”?"),
        (b"text,spilt\na,test\n", 1, "Did you mean “split”?"),
        (b'"text\nrain\n', 1, "quotes do not balance"),
        (b"text\nrain\ncaf\xe9 del mar\n", 3, "byte 14 (0xe9) is not UTF-8. It looks like Windows-1252, where"),
        ("text\nrain\n".encode("utf-16-le"), 1, "UTF-16 without its byte order mark"),
        (b"\xff\xfet\x00e\x00x\x00t\x00\n\x00a", 2, "is not UTF-16"),
        (b"PK\x03\x04\x14\x00", None, "spreadsheet workbook"),
        (b"\x1f\x8b\x08", None, "compressed"),
    ],
)
def test_refuses_a_whole_file_that_cannot_be_trusted(data, line, says):
    reading = read_prompts(data, Limits())

    assert reading.unreadable
    assert not reading.rows
    assert reading.faults[0].line == line
    assert says in str(reading.faults[0])


def test_shows_every_fault_of_a_header():
    assert len(read("text,text,spilt,scenes\na,b,c,d\n").faults) == 3


def test_refuses_a_million_rows_quickly_and_in_little_memory():
    data = b"text\n" + b"".join(b"rain %d\n" % i for i in range(1_000_000))
    tracemalloc.start()

    reading = read_prompts(data, Limits())

    assert tracemalloc.get_traced_memory()[1] < 100e6
    tracemalloc.stop()
    assert reading.unreadable
    assert not reading.rows
    assert str(reading.faults[0]) == "line 50002: more than 50,000 rows. Split the file into several prompt sets."


def test_reads_no_more_of_a_file_than_the_limit():
    endless = io.BytesIO(b"text\n" + b"x" * 10_000)

    reading = read_prompts(endless, Limits(bytes=1_000))

    assert endless.tell() == 1_001
    assert "larger than" in str(reading.faults[0])


def test_an_open_quote_does_not_swallow_a_long_file():
    reading = read('text\n"rain\n' + "snow\n" * 5_000)

    assert reading.unreadable
    assert lines(reading) == [(2, "")]


def test_limits_are_a_setting(settings):
    settings.PROMPT_LIMITS = {"characters": 5}

    assert "at most 5 " in str(read_prompts(b"text\nabcdef\n").faults[0])


def test_the_shipped_prompts_have_no_fault(settings):
    with (settings.ROOT / "inference" / "sandbox" / "data" / "open_prompts.csv").open("rb") as file:
        reading = read_prompts(file)

    assert reading.faults == ()
    assert len(reading.rows) > 140
