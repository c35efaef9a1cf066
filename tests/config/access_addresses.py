"""The site's addresses, filled: what an address's row in the table asks of a world, as a path and as a form's body."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import MultiWidget
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from tests.config.access_table import FILE, Row
from tests.config.access_world import World

ARGUMENT = re.compile(r"<[^>]+>|\(\?P<\w+>.*?\)\$?")


def patterns() -> dict[str, str]:
    """The routes of all addresses by their full names; one without a name, or with another's, goes by its route."""
    found: dict[str, str] = {}
    for name, route in _walk(get_resolver().url_patterns, (), "/"):
        found[name if name and name not in found else route] = route
    return found


def _walk(entries, rooms: tuple[str, ...], before: str) -> Iterator[tuple[str, str]]:
    for entry in entries:
        route = before + str(entry.pattern).removeprefix("^")
        if isinstance(entry, URLPattern):
            yield ":".join([*rooms, entry.name]) if entry.name else "", route
        else:
            yield from _walk(entry.url_patterns, (*rooms, entry.namespace) if entry.namespace else rooms, route)


PATTERNS = patterns()


def address(name: str, fill: list[object], query: str = "") -> str:
    if name.startswith("/"):
        given = iter(fill)
        found = ARGUMENT.sub(lambda _: str(next(given)), PATTERNS[name])
    else:
        found = reverse(name, args=fill)
    return f"{found}?{query}" if query else found


def filled(row: Row, world: World) -> list[object]:
    return [world.values.get(word, word) for word in row.fill.split()]


def queried(row: Row, world: World) -> str:
    return re.sub(r"\$([\w.]+)", lambda found: str(world.values[found[1]]), row.query)


def sent(name: str, row: Row, world: World, role: str = "administrator") -> dict:
    """The body of a POST that would do something, if its sender may. role: who fills in the form."""
    given = {key: _filled(value, world) for key, value in row.body.items()}
    given = {k: SimpleUploadedFile("more.csv", b"text\nan organ\n") if v == FILE else v for k, v in given.items()}
    return _form(world.client(role), address(name, filled(row, world))) | given if row.form else given


def _filled(value: object, world: World) -> object:
    return world.values[value[1:]] if isinstance(value, str) and value.startswith("$") else value


def _form(client: Client, where: str) -> dict:
    """What a browser would send of an admin's page, as it stands."""
    context = client.get(where).context
    if not context or "adminform" not in context:
        return {}
    sets = [inline.formset for inline in context["inline_admin_formsets"]]
    forms = [context["adminform"].form, *(s.management_form for s in sets), *(form for s in sets for form in s)]
    return {name: value for form in forms for name, value in _fields(form)}


def _fields(form) -> Iterator[tuple[str, object]]:
    for name, entry in form.fields.items():
        value, key = form[name].value(), form.add_prefix(name)
        if isinstance(entry.widget, MultiWidget):
            parts = enumerate(entry.widget.decompress(value))
            yield from ((f"{key}_{at}", part) for at, part in parts if part is not None)
        elif value is not None and value is not False:
            yield key, value
