"""Choosing one row or several by a few letters of their names, in the admin.

A form that comes back shows what was chosen. Django asks for that whatever was sent; here, only for what may be a key.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple

LONGEST = 18  # digits of a key that PostgreSQL has room for


def keys(values: Iterable[Any]) -> list[Any]:
    texts = ((one, str(one)) for one in values)
    return [one for one, text in texts if not text or (text.isascii() and text.isdecimal() and len(text) <= LONGEST)]


class ChosenOne(AutocompleteSelect):
    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, keys(value), attr)


class ChosenSeveral(AutocompleteSelectMultiple):
    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, keys(value), attr)
