"""Texts and scenes met so far: what a further prompt must not repeat, and where its scene belongs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from prompts.cells import fold


class Like(Protocol):
    """A row of a file, or a prompt of a set."""

    @property
    def text(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def split(self) -> str: ...
    @property
    def scene(self) -> str: ...


class Seen:
    """`where` says in words where a prompt stands: 'on line 3', 'in the set, at 12'."""

    def __init__(self) -> None:
        self._texts: dict[str, dict[str, tuple[str, str]]] = {}  # folded text -> kind -> split, where
        self._scenes: dict[str, tuple[str, str]] = {}  # folded scene -> split, where

    def add(self, prompt: Like, where: str) -> None:
        self._texts.setdefault(fold(prompt.text), {}).setdefault(prompt.kind, (prompt.split, where))
        if prompt.scene:
            self._scenes.setdefault(fold(prompt.scene), (prompt.split, where))

    def faults(self, prompt: Like) -> Iterator[tuple[str, str]]:
        """Column and message of what speaks against adding it."""
        yield from self._repeated(prompt)
        split, where = self._scenes.get(fold(prompt.scene), ("", "")) if prompt.scene else ("", "")
        if split and split != prompt.split:
            yield (
                "scene",
                f"“{prompt.scene}” is already in the {split} split ({where}); in {prompt.split} too it would leak "
                "from one into the other. A scene has one split.",
            )

    def _repeated(self, prompt: Like) -> Iterator[tuple[str, str]]:
        met = self._texts.get(fold(prompt.text), {})
        if prompt.kind in met:
            yield (
                "text",
                f"already stands {met[prompt.kind][1]} (case, width and spaces make no difference). Delete one.",
            )
        elif leaks := [(split, where) for split, where in met.values() if split != prompt.split]:
            split, where = leaks[0]
            yield "text", f"already stands {where}, in the {split} split; in {prompt.split} too it would leak."
