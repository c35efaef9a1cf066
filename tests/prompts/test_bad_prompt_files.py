"""Whatever file comes: prompts, or faults that name their place; never another error."""

from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import example, given
from hypothesis import strategies as st

from prompts import cells
from prompts.limits import Limits
from prompts.plan import Plan, Shares
from prompts.reading import Reading, read_prompts
from tests.strange import BYTES, LINES, TEXT, VALUE, changed, drawn, spoilt

NAMES = st.sampled_from(["p.csv", "p.tsv", "p.jsonl", "p.json", "p.txt", "p.parquet", "train.csv", "", "\0", "a/b."])
LIMITS = Limits(rows=40, characters=200)
GOOD = b"text,kind,split,scene,tags\nrain on a tin roof,open,test,s1,a;b\nan organ,expert,train,s2,\n"


def well_read(reading: Reading) -> None:
    """Rows that can be stored and shown, and faults that say where and what."""
    assert reading.rows or reading.faults
    assert not (reading.rows and reading.unreadable)
    for row in reading.rows:
        assert row.text and not [*cells.faults(row.text, LIMITS.characters)]
        "".join((row.text, row.kind, row.split, row.scene, *row.tags)).encode()
    for fault in reading.faults:
        assert fault.message and (fault.line is None or fault.line > 0)
        str(fault).encode()
    "".join((*reading.names, *reading.sources, *reading.ignored, reading.kind)).encode()


@drawn(300)
@given(BYTES, NAMES)
@example(b'{"text": "\\ud800"}', "p.jsonl")
@example(b'{"\\udc00": "rain"}\n{"text": "rain"}', "p.jsonl")
@example(b'[{"text": "rain", "\\ud800": 1}]', "p.json")
@example(b'{"text": ' + b"9" * 5_000 + b"}", "p.jsonl")
@example(b"[" + b"9" * 5_000 + b"]", "p.json")
@example(b'{"text": ' + b"[" * 900 + b"]" * 900 + b"}", "p.jsonl")
@example(b"text\n" + b"x" * 140_000, "p.csv")
@example(b"text\0\nrain", "p.csv")
def test_any_bytes(data, name):
    well_read(read_prompts(data, LIMITS, name))


@drawn(200)
@given(spoilt(GOOD), NAMES)
def test_a_file_that_was_damaged(data, name):
    well_read(read_prompts(data, LIMITS, name))


@drawn(150)
@given(st.lists(st.one_of(changed({"text": "rain", "kind": "open", "tags": ["a"]}), VALUE), max_size=4), st.booleans())
def test_any_json(items, array):
    text = json.dumps(items) if array else "\n".join(map(json.dumps, items))
    well_read(read_prompts(text.encode(), LIMITS, "p.jsonl"))


def parquet() -> bytes:
    out = io.BytesIO()
    tags = pa.array([["a"], ["b", "c"]])
    pq.write_table(pa.table({"text": ["rain on a tin roof", "an organ"], "tags": tags, "audio": [b"1", b"2"]}), out)
    return out.getvalue()


@drawn(200)
@given(spoilt(parquet()))
def test_a_damaged_parquet_file(data):
    well_read(read_prompts(data, LIMITS, "p.parquet"))


@drawn(100)
@given(
    LINES, st.dictionaries(st.sampled_from(["text", "kind", "split", "scene", "tags"]), TEXT, max_size=3), st.booleans()
)
def test_any_plan(text, columns, shares):
    plan = Plan(columns, shares=Shares({"train": 40, "validation": 10, "test": 50}) if shares else None)
    reading = read_prompts(text.encode("utf-8", "replace"), LIMITS, "p.csv", plan)
    assert reading.rows or reading.faults
