"""Words of a prompt, and which of them say something about the sound. Pure."""

from __future__ import annotations

import re
import unicodedata

# Words that carry no wish. Whoever writes "without drums" wants "without" kept: negations are not here.
_STOP = """
a an the this that these those some any and or but so as of in on at to for from by with into like than then
i me my you your we our it its he she they them their is are was were be been am do does did have has had
will would can could should may might must just very really please want wants need needs give make let
something anything thing kind sort sound sounds sounding music song track audio clip
"""
STOP_WORDS = frozenset(_STOP.split())
NEGATIONS = frozenset({"no", "not", "without", "never"})
# Scripts that write no space between words: a run of characters is looked for inside the rewrite.
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def content_words(text: str) -> set[str]:
    every = set(words(text))
    return every - STOP_WORDS or every


def words(text: str) -> list[str]:
    return _WORD.findall(folded(text))


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
