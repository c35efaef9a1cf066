"""Kinds of files: what each is read as, and what is said of those that cannot be read."""

import io
import json
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from prompts.limits import Limits
from prompts.reading import Row, contents, read_prompts


def parquet(**columns) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target)
    return target.getvalue()


def texts(reading) -> list[str]:
    return [row.text for row in reading.rows]


@pytest.mark.parametrize(
    ("mark", "kind"), [("\t", "TSV"), (";", "CSV with semicolons"), ("|", "CSV with vertical bars")]
)
def test_the_mark_between_columns_is_found_in_the_header(mark, kind):
    reading = read_prompts(f'"text"{mark}kind\nrain, and a cello{mark}expert\n'.encode(), Limits())

    assert reading.rows == (Row(2, "rain, and a cello", "expert"),)
    assert reading.kind == kind


def test_plain_text_is_a_prompt_a_line():
    reading = read_prompts(b"sad church music\n\nrain, and a cello\r\n=1+1\n", Limits(), name="mine.TXT")

    assert reading.rows == (Row(1, "sad church music"), Row(3, "rain, and a cello"))
    assert [(fault.line, fault.column) for fault in reading.faults] == [(4, "text")]


def test_json_lines_are_objects_by_line():
    lines = [
        {"text": "rain", "split": "train", "tags": ["short", "mood"], "extra": {"of": "the dataset"}},
        {"text": "snow", "kind": "expert", "tags": None},
    ]
    data = "\n\n".join(map(json.dumps, lines)).encode()

    reading = read_prompts(data, Limits(), name="mine.jsonl")

    assert reading.rows == (Row(1, "rain", "open", "train", "", ("short", "mood")), Row(3, "snow", "expert"))
    assert (reading.kind, reading.columns) == ("JSON lines", ("text", "kind", "split", "tags"))
    assert reading.ignored == ("extra",)


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        ('{"text": "rain"', "", "is not JSON: expecting ',' delimiter at character 16"),
        ('["rain"]', "", "is list, not an object"),
        ('"rain"', "", "is str, not an object"),
        ('{"text": {"en": "rain"}}', "text", "holds an object, not a text"),
        ('{"kind": "open"}', "text", "the prompt is empty"),
        ("[" * 100_000, "", "nested too deeply"),
    ],
)
def test_a_faulty_line_of_json_leaves_its_neighbours(line, column, says):
    reading = read_prompts(f'{{"text": "snow"}}\n{line}\n{{"text": "hail"}}\n'.encode(), Limits())

    assert texts(reading) == ["snow", "hail"]
    assert [(fault.line, fault.column) for fault in reading.faults] == [(2, column)]
    assert says in str(reading.faults[0])


def test_an_array_of_objects_is_read_by_rows():
    reading = read_prompts(b'[{"prompt": "rain"},\n 5, {"prompt": "snow"}]', Limits(), name="mine.json")

    assert reading.rows == (Row(1, "rain"), Row(3, "snow"))
    assert [fault.line for fault in reading.faults] == [2]


def test_a_dataset_of_hugging_face_is_read_as_it_is():
    """The columns of MusicCaps and their types; and audio, which is never looked at."""
    data = parquet(
        ytid=["a", "b"],
        start_s=pa.array([1, 2], pa.int64()),
        caption=["A low sounding male voice is rapping.", "Rain on a tin roof."],
        aspect_list=["['rap']", "['rain']"],
        is_balanced_subset=[True, False],
        audio=pa.array([{"bytes": b"RIFF", "path": "a.wav"}] * 2),
    )

    reading = read_prompts(data, Limits(), name="train-00000-of-00001.parquet")

    said = ["A low sounding male voice is rapping.", "Rain on a tin roof."]
    assert reading.rows == tuple(Row(line, text, split="train") for line, text in enumerate(said, 1))
    assert (reading.kind, reading.columns) == ("Parquet", ("text",))
    assert set(reading.ignored) == {"ytid", "start_s", "aspect_list", "is_balanced_subset", "audio"}


@pytest.mark.parametrize(
    ("header", "row", "passed_by"),
    [
        # MusicCaps, AudioCaps, and a table that pandas wrote with its index.
        ("ytid,start_s,aspect_list,caption,author_id", '-0Gj8,30,"[\'rap\']","rain, on tin",4', 4),
        ("audiocap_id,youtube_id,start_time,caption", '7,s7,30,"rain, on tin"', 3),
        (",genre,text,caption", '0,rock,"rain, on tin",other', 3),
    ],
)
def test_tables_of_datasets_are_read_as_they_are(header, row, passed_by):
    reading = read_prompts(f"{header}\n{row}\n".encode(), Limits(), name="test.csv")

    assert texts(reading) == ["rain, on tin"] and not reading.faults
    assert reading.columns == ("text",) and len(reading.ignored) == passed_by


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train-00000-of-00004.parquet", "train"),
        ("data/Validation.csv", "validation"),
        ("latest.csv", "test"),
        ("my_train_prompts.txt", "train"),
        ("", "test"),
    ],
)
def test_the_split_is_what_the_name_of_the_file_says(name, split):
    reading = read_prompts(b"text,split\nrain,\nsnow,test\n" if not name.endswith("txt") else b"rain", name=name)

    assert reading.rows[0].split == split
    assert all(row.split == "test" for row in reading.rows[1:])


def test_a_dataset_with_its_sounds_may_be_larger_than_the_limit():
    """Of a large file the texts alone are read, and kept between preview and import."""
    rng = random.Random(1)
    sounds = [{"bytes": rng.randbytes(50_000), "path": f"{i}.flac"} for i in range(40)]
    data = parquet(caption=[f"rain {i}" for i in range(40)], tags=[["wet", "soft"]] * 40, audio=sounds)
    limits = Limits(bytes=20_000)
    assert len(data) > 2_000_000

    kept = contents(io.BytesIO(data), limits)
    reading = read_prompts(kept, limits)

    assert len(kept) < 20_000
    assert read_prompts(io.BytesIO(data), limits) == reading
    assert [row.tags for row in reading.rows] == [("wet", "soft")] * 40
    assert texts(reading) == [f"rain {i}" for i in range(40)]
    assert reading.ignored == ("audio",)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (parquet(text=[f"{i} {'x' * 900}" for i in range(40)]), "unpacks to far more text"),
        (parquet(text=[random.Random(i).randbytes(400).hex() for i in range(3)]), "larger than"),
        (parquet(text=["rain"] * 60, sound=[random.Random(1).randbytes(900)] * 60), "more than 50 rows"),
        (parquet(text=["rain"], sound=[random.Random(1).randbytes(30_000)])[:-9] + b"x" * 9, "The file is damaged"),
        (b"text\n" + b"rain\n" * 9_000, "larger than"),
    ],
)
def test_a_large_file_that_cannot_be_prompts_is_refused(data, says):
    reading = read_prompts(io.BytesIO(data), Limits(bytes=500, rows=50))

    assert reading.unreadable
    assert says in str(reading.faults[0])


def test_parquet_with_our_columns_keeps_them():
    data = parquet(
        text=["rain", None, "snow"],
        caption=["x", "y", "z"],
        kind=pa.array(["expert", "open", "open"]).dictionary_encode(),
        split=["train", "test", "nowhere"],
        tags=[["short", "mood"], [], None],
    )

    reading = read_prompts(data, Limits())

    assert reading.rows == (Row(1, "rain", "expert", "train", "", ("short", "mood")),)
    assert [(fault.line, fault.column) for fault in reading.faults] == [(2, "text"), (3, "split")]


def test_many_rows_come_in_their_order():
    wanted = [f"rain {i}" for i in range(1_000)]

    assert texts(read_prompts(parquet(prompt=wanted), Limits())) == wanted


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PAR1 and then nothing", "The file is damaged"),
        (parquet(text=["rain"] * 3)[:-20] + b"x" * 20, "The file is damaged"),
        (parquet(text=[f"rain {i}" for i in range(11)]), "more than 10 rows"),
        (parquet(sound=["rain"]), "No column holds the prompts: one must be named text or prompt or caption"),
        (parquet(text=pa.array([1, 2])), "text: holds int64, not text"),
        (parquet(text=["x" * 500_000] * 9), "more than 100,000 characters"),
        (b"[1, 2", "is not JSON"),
        (b"[]", "No column holds the prompts"),
        (b'{"sound": "rain"}', "The file has: sound."),
    ],
)
def test_refuses_a_file_that_cannot_be_prompts(data, says):
    reading = read_prompts(data, Limits(rows=10))

    assert not reading.rows
    assert reading.faults
    assert says in str(reading.faults[0])


def test_every_cut_of_a_parquet_file_is_said_to_be_damaged():
    data = parquet(text=["rain", "snow"], kind=["open", "expert"])
    for length in range(4, len(data) - 1, 7):
        assert read_prompts(data[:length], Limits()).unreadable
