"""What the soak is at: which fault is next or strikes now, how far studies and raters are, how long each took.

In a terminal as a table that grows, above one line of now; elsewhere, as in a log, a line whenever something is new.
"""

from __future__ import annotations

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from config.soak.conducting import Struck


class Showing:
    def __init__(self, console: Console, faults: int) -> None:
        self.console, self.faults, self.number = console, faults, 0
        now = TextColumn("{task.fields[now]}")
        self.bar = Progress(TextColumn("faults"), BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn(), now)
        self.task = self.bar.add_task("faults", total=faults, now="starting …")
        self.table = Table("at", "fault", "what was hit", "recovered after", title="Faults")
        self.live = Live(Group(self.table, self.bar), console=console, refresh_per_second=4)

    def __enter__(self) -> Showing:
        if self.console.is_terminal:
            self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.live.stop()

    def says(self, text: str) -> None:
        """What is done now; changes every moment."""
        self.bar.update(self.task, now=text)

    def turns(self, text: str) -> None:
        """Another part of it begins."""
        self.says(text)
        self._line(text)

    def struck(self, one: Struck) -> None:
        self.number += 1
        after = "[red]never[/]" if one.seconds is None else f"{one.seconds:.1f} s"
        self.table.add_row(f"{one.at:.1f} s", one.fault, one.what, after)
        self.bar.advance(self.task)
        self._line(f"{self.number} of {self.faults}, at {one.at:.1f} s: {one.what}; whole again after: {after}")

    def _line(self, text: str) -> None:
        if not self.console.is_terminal:
            self.console.print(text, highlight=False)
