"""What one cell may hold. Each check says what is wrong and what to do, or nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

LINE_BREAKS = "\n\r\x0b\x0c\x85\u2028\u2029"
# Controls; marks that reorder what a reader sees (a rater would read another prompt than the model); lost characters;
# surrogates, each half of a character.
UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffd]")
# After a sign: an optional space, a letter, and nothing that calls, compares or reaches out.
PLAIN_AFTER_SIGN = re.compile(r"\s?[^\W\d_][^(|!=]*")


def faults(text: str, limit: int) -> Iterator[str]:
    """What forbids `text`, which is stripped and not blank; limit: characters."""
    if len(text) > limit:
        yield f"{len(text):,} characters; at most {limit:,} are allowed. Shorten it."
    yield from _characters(text)
    if is_formula(text):
        yield (
            f"begins like a spreadsheet formula ({text[:12]}…), and results are opened in spreadsheets. "
            "Begin with a word."
        )


def is_blank(text: str) -> bool:
    """Nothing that could be seen: spaces, controls, zero-width characters."""
    return text.isspace() or all(unicodedata.category(character)[0] in "ZC" for character in text)


def is_formula(text: str) -> bool:
    """A spreadsheet would compute it. A dash or plus before plain words is a list or a mood, not a formula."""
    sign = unicodedata.normalize("NFKC", text[:1])  # Some spreadsheets compute full-width signs too.
    if sign in ("=", "@"):
        return True
    return sign in ("+", "-") and not PLAIN_AFTER_SIGN.fullmatch(text[1:])


def fold(text: str) -> str:
    """Equal for texts that differ in case, width or spaces only."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _characters(text: str) -> Iterator[str]:
    if found := UNWANTED.search(text):
        yield f"character {found.start() + 1:,} is {_name(found[0])}."


def _name(character: str) -> str:
    if character == "\0":
        return "NUL (U+0000): delete it"
    if character in LINE_BREAKS:
        return "a line break, and a prompt is one line: write a space instead, or close a quote that was left open"
    if character == "\t":
        return "a tab: write a space instead"
    if character == "\ufffd":
        return "“\ufffd” (U+FFFD): an earlier conversion lost what stood there; type it again"
    return f"an invisible control character (U+{ord(character):04X}): delete it"
