"""The language of an account."""

from __future__ import annotations

from django.utils.translation import get_supported_language_variant


def supported(code: str) -> str:
    """The nearest language the pages come in; empty where there is none."""
    try:
        return get_supported_language_variant(code) if code else ""
    except LookupError:
        return ""
