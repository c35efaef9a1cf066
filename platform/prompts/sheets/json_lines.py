"""JSON lines: an object a line. One array of objects is read too, its objects counted as rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from prompts import header
from prompts.faults import Fault, UnreadableError
from prompts.sheets.plain import LINE_END
from prompts.sheets.table import Line, Sheet, cell

Item = tuple[int, dict[str, Any] | Fault]
SHOWN = 200  # faults of a file of which no line can be read
DEEPEST = "nested too deeply to be a prompt"
LONGEST = "holds a number of too many digits to be read"
HALF = "half of a character stands alone, as in \\ud83c without its other half. Write the character itself."
# An escape that begins or ends a character of two halves; alone it is none, and no text can hold it.
ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")
SURROGATE = re.compile("[\ud800-\udfff]")


def sheet(text: str) -> Sheet:
    """Raises UnreadableError where no line is an object; else a faulty line is that line's fault alone."""
    items = list(_array(text) if text.lstrip().startswith("[") else _lines(text))
    faults = [item for _, item in items if isinstance(item, Fault)]
    if faults and len(faults) == len(items):  # no line says what the columns are
        raise UnreadableError(*faults[:SHOWN])
    names = tuple(dict.fromkeys(name for _, item in items if isinstance(item, dict) for name in item))
    return Sheet("JSON lines", names, (_cells(line, item, names) for line, item in items))


def _lines(text: str) -> Iterator[Item]:
    for line, content in enumerate(LINE_END.split(text), 1):
        if content.strip():
            yield line, _object(line, content)


def _object(line: int, content: str) -> dict[str, Any] | Fault:
    try:
        found = json.loads(content)
        halved = _halved(content, found)
    except json.JSONDecodeError as error:
        return Fault(line, f"is not JSON: {error.msg.lower()} at character {error.colno}. Write one object a line.")
    except ValueError:
        return Fault(line, f"{LONGEST}.")
    except RecursionError:
        return Fault(line, f"is {DEEPEST}.")
    if halved:
        return Fault(line, HALF)
    return found if isinstance(found, dict) else Fault(line, _not_an_object(found))


def _array(text: str) -> Iterator[Item]:
    try:
        found = json.loads(text)
        halved = _halved(text, found)
    except json.JSONDecodeError as error:
        raise UnreadableError(Fault(error.lineno, f"is not JSON: {error.msg.lower()}.")) from error
    except ValueError as error:
        raise UnreadableError(Fault(None, f"The file {LONGEST}.")) from error
    except RecursionError as error:
        raise UnreadableError(Fault(None, f"The file is {DEEPEST}.")) from error
    if halved:
        raise UnreadableError(Fault(None, HALF))
    for row, item in enumerate(found, 1):
        yield row, item if isinstance(item, dict) else Fault(row, _not_an_object(item))


def _halved(content: str, found: Any) -> bool:
    """Whether any text of what was read holds half of a character."""
    return bool(ESCAPED_HALF.search(content)) and bool(SURROGATE.search(json.dumps(found, ensure_ascii=False)))


def _not_an_object(found: Any) -> str:
    return f'is {type(found).__name__}, not an object. Write it as {{"text": …}}.'


def _cells(line: int, item: dict[str, Any] | Fault, names: tuple[str, ...]) -> Line:
    if isinstance(item, Fault):
        return line, item
    cells = []
    for name in names:
        try:
            cells.append(cell(item.get(name)))
        except (ValueError, RecursionError):
            if header.is_known(name):
                return line, Fault(line, "holds an object, not a text.", name)
            cells.append("")  # a dataset's own affair
    return line, cells
