"""What can go wrong with a study, said to the person who can act on it."""

from __future__ import annotations


class StudyError(Exception):
    """`messages`: what to change, by the field it concerns."""

    def __init__(self, messages: dict[str, list[str]]) -> None:
        self.messages = messages
        super().__init__("; ".join(f"{field}: {text}" for field, texts in messages.items() for text in texts))


class RecipeError(StudyError):
    """A recipe that cannot be read; fields are dotted paths into the YAML."""
