"""docs/pages.md: which pictures there are, of which address. Written by the script and read by it, and by the tests."""

from __future__ import annotations

import re
from typing import NamedTuple

HEAD = """# Every page

Taken by `script/screenshots` from a finished demo, in the order in which a researcher and then a rater meet them.
Beside each picture stand the name of its view and its address. Some of them again, by groups or by pictures:
`script/screenshots http://127.0.0.1:8000 panels question-mushra`.
"""
NOWHERE = "nowhere"  # the view of an address that is none
GROUP = re.compile(r"^## (.+)$", re.M)
SHOT = re.compile(r"^### .+\n\n`([\w:-]+)` · `(.+)`\n\n!\[.+\]\(images/([\w-]+)\.png\)$", re.M)
ACRONYMS = {"api": "API", "csv": "CSV", "cmos": "CMOS", "german": "German", "french": "French"}


class Shot(NamedTuple):
    """What a picture shows. view: its full name, as room:name. route: of its address, as the site writes it."""

    view: str
    route: str


Gallery = dict[str, dict[str, Shot]]  # groups by their names, shots by those of their pictures


def read(text: str) -> Gallery:
    """The groups of a gallery by their names."""
    _, *parts = GROUP.split(text)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return {name.lower(): {shot[3]: Shot(shot[1], shot[2]) for shot in SHOT.finditer(part)} for name, part in pairs}


def written(groups: Gallery) -> str:
    parts = (f"\n## {name.capitalize()}\n" + "".join(map(_entry, shots.items())) for name, shots in groups.items())
    return HEAD + "".join(parts)


def _entry(entry: tuple[str, Shot]) -> str:
    name, shot = entry
    words = caption(name)
    return f"\n### {words}\n\n`{shot.view}` · `{shot.route}`\n\n![{words}](images/{name}.png)\n"


def caption(name: str) -> str:
    """A picture's name in words."""
    first, *others = (ACRONYMS.get(word, word) for word in name.split("-"))
    return " ".join([first[0].upper() + first[1:], *others])
