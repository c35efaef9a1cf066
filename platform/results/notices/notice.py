"""What a notice is, and how numbers stand in one. Pure."""

from __future__ import annotations

from typing import Any

from results.templatetags.numbers import ends100

Notice = dict[str, str]
Row = dict[str, Any]


def notice(code: str, level: str, title: str, text: str) -> Notice:
    return {"code": code, "level": level, "title": title, "text": text}


def names_of(results: Row) -> dict[str, str]:
    return {arm["arm"]: arm["name"] for arm in results["arms"]}


def gains(results: Row, measure: str = "clap", key: str = "contrasts") -> list[Row]:
    """Differences from the original that have an interval."""
    originals = {arm["arm"] for arm in results["arms"] if arm["method"] == "original"}
    rows = [row for row in results[key] if row["versus"] in originals and row["measure"] == measure]
    return [row for row in rows if row["interval"]]


def ranges(rows: list[Row], names: dict[str, str]) -> str:
    return "; ".join(f"{names[row['arm']]} {ends100(row['interval'])} CLAP ×100" for row in rows)


def listed(rows: list[Row], names: dict[str, str]) -> str:
    return ", ".join(names[row["arm"]] for row in rows)
