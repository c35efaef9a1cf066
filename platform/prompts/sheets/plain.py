"""Plain text: a prompt a line."""

from __future__ import annotations

import re

from prompts.sheets.table import Sheet

# As editors count; a prompt may hold the other separators that Python's splitlines knows.
LINE_END = re.compile(r"\r\n|\r|\n")


def sheet(text: str) -> Sheet:
    lines = enumerate(LINE_END.split(text), 1)
    return Sheet("plain text", ("text",), ((line, [content]) for line, content in lines if content.strip()), ours=True)
