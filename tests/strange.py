"""What may come: texts, bytes and values that nobody would send, drawn the same way at every run."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

NIGHTLY = os.environ.get("AUDIONESE_NIGHTLY") == "1"
SAMPLE = 8  # one in so many by day
LEAST_TAKEN = 1 / 12 if NIGHTLY else 1 / 24  # of almost right requests: few of them vary more


def by_day(number: int) -> int:
    """Of so many a night; the first of them on every change."""
    return number if NIGHTLY else number // SAMPLE


def drawn(examples: int) -> settings:
    """The same examples at every run, kept nowhere; pages and files take their time."""
    slow = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=slow,
        print_blob=False,
    )


# Surrogates too, which JSON can hold; and what readers of tables, numbers and dates take for something.
ODD = st.sampled_from([
    "", " ", "\0", "a\0b", "\ud800", "\ufeff", "\u202e", "\r", "\n", "\r\n", '"', '""', "'", ",", ";", "\t", "|",
    "\x1a",
    "²", "٣", "1e999", "-1", "nan", "inf", "9" * 5_000, "2026-13-45", "0b", "0x", "{", "[", "[" * 5_000, "{}", "null",
    "&a [*a]", "*a", "!!int x", "!!timestamp x", "!!python/object:os.system {}", "<<: 1", "? [a]", "%", "@", "=1+1",
    "../",
    "text", "prompt", "email", "status", "participant", "name", "x" * 3_000, "{prompt}", "💥",
])  # fmt: skip
TEXT = st.one_of(
    ODD, st.text(st.characters(exclude_categories=()), max_size=40), st.lists(ODD, max_size=8).map("".join)
)
LINES = st.lists(st.lists(TEXT, max_size=4).map(",".join), max_size=8).map("\n".join)
NUMBER = st.one_of(st.integers(), st.floats(), st.sampled_from([10**400, -(2**63) - 1, 2**31, 2**15, -1, 0, 1]))
VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBER, TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=12,
)
BYTES = st.one_of(
    st.binary(max_size=200),
    LINES.map(lambda text: text.encode("utf-8", "surrogatepass")),
    LINES.map(lambda text: text.encode("utf-16", "surrogatepass")),
)


def spoilt(data: bytes) -> st.SearchStrategy[bytes]:
    """Whole files with a few bytes of another kind, cut off, or with a part twice."""
    place = st.integers(0, len(data))
    return st.builds(
        lambda at, to, alien, ways: (
            data[: min(at, to)] + alien + data[max(at, to) :], data[: max(at, to)] + data[min(at, to) :], data[:at],
        )[ways],
        place, place, st.binary(max_size=6), st.integers(0, 2),
    )  # fmt: skip


def changed(told: dict) -> st.SearchStrategy[dict]:
    """A right value with some of its fields gone, or holding something else."""
    return st.dictionaries(st.sampled_from([*told, "no-such"]), VALUE, max_size=3).flatmap(
        lambda other: st.sets(st.sampled_from(list(told)), max_size=1).map(
            lambda gone: {key: one for key, one in {**told, **other}.items() if key not in gone}
        )
    )
