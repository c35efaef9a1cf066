"""What commands read from their line."""

from __future__ import annotations

import argparse


def above_zero(text: str) -> int:
    """For argparse's `type`. Raises ArgumentTypeError."""
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError("a whole number above 0, please")
    return int(text)
