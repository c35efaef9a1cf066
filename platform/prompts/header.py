"""The names of a file's columns: which of them are ours."""

from __future__ import annotations

import difflib
from collections import Counter

from prompts.faults import Fault, UnreadableError

COLUMNS = ("text", "kind", "split", "scene", "tags")
KNOWN_AS = {"prompt": "text", "prompts": "text", "caption": "text", "captions": "text", "type": "kind", "tag": "tags"}
# Of a dataset, whose other columns are its own affair.
TEXTS = ("text", "prompt", "caption")
ALIKE = 0.75  # of names: “spilt” is “split”, “genre” is no “scene”


def columns(cells: list[str], line: int) -> dict[str, int]:
    """Where our columns stand. Others are passed by, unless one looks like ours misspelt.

    Raises UnreadableError with every fault of the header.
    """
    names = tuple(cell.strip().lower() for cell in cells)
    if "text" not in names and any(map(is_text, names)):
        return of_dataset(names)
    wrong = _absent(names) or [*_misspelt(names), *_doubled(names), *_missing(names)]
    if wrong:
        raise UnreadableError(*(Fault(line, message) for message in wrong))
    return {name: at for at, name in enumerate(names) if name in COLUMNS}


def of_dataset(names: tuple[str, ...]) -> dict[str, int]:
    """Where each of our columns stands among a dataset's. Raises UnreadableError where none holds the prompts."""
    at = {name.strip().lower(): place for place, name in reversed(list(enumerate(names)))}
    text = next((name for name in TEXTS if name in at), None)
    if text is None:
        held = ", ".join(names)[:200] or "none at all"
        message = f"No column holds the prompts: one must be named {' or '.join(TEXTS)}. The file has: {held}."
        raise UnreadableError(Fault(None, message))
    return {"text": at[text], **{name: at[name] for name in COLUMNS[1:] if name in at}}


def is_text(name: str) -> bool:
    """Whether a dataset's column of that name holds the prompts."""
    return name.strip().lower() in TEXTS


def is_known(line: str, delimiter: str | None = None) -> bool:
    """Whether one of the names on the line is ours, or means one of ours. No delimiter: the line is one name."""
    names = line.split(delimiter) if delimiter else [line]
    return any(name.strip().strip('"').strip().lower() in {*COLUMNS, *KNOWN_AS} for name in names)


def _absent(names: tuple[str, ...]) -> list[str]:
    if set(names) & {*COLUMNS, *KNOWN_AS}:
        return []
    return [
        f"there is no header: this line names none of the columns {', '.join(COLUMNS)}. "
        "Make the first line text,kind,split,scene,tags (only text is required)."
    ]


def _misspelt(names: tuple[str, ...]) -> list[str]:
    meant = {name: _meant(name) for name in names if name not in COLUMNS}
    wrong = {name: ours for name, ours in meant.items() if ours and ours not in names}
    return [f"unknown column “{name[:40]}”. Did you mean “{ours}”?" for name, ours in wrong.items()]


def _meant(name: str) -> str:
    return KNOWN_AS.get(name) or next(iter(difflib.get_close_matches(name, COLUMNS, 1, ALIKE)), "")


def _doubled(names: tuple[str, ...]) -> list[str]:
    counts = Counter(name for name in names if name in COLUMNS)
    return [f"column “{name}” stands {n} times. Keep one." for name, n in counts.items() if n > 1]


def _missing(names: tuple[str, ...]) -> list[str]:
    return [] if "text" in names else ["the column “text” is missing, and it is required."]
