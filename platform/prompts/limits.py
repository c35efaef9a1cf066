"""How much one import may bring. A setting PROMPT_LIMITS = {"rows": …} changes any of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Limits:
    """bytes: of the file. rows: of one file, faulty ones included. characters: of one prompt, scene and tag."""

    bytes: int = 20_000_000
    rows: int = 50_000
    characters: int = 2_000
    scene: int = 80
    tag: int = 80

    @classmethod
    def current(cls) -> Limits:
        return cls(**getattr(settings, "PROMPT_LIMITS", {}))
