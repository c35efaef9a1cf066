"""What is wrong with a file of prompts, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """line: counted from 1 as an editor counts; None when the whole file is meant. column: by its name, or empty."""

    line: int | None
    message: str
    column: str = ""

    def __str__(self) -> str:
        where = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.column) if part)
        return f"{where}: {self.message}" if where else self.message


class UnreadableError(Exception):
    """No row of the file can be trusted; `faults` says why."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(map(str, faults)))
