"""Translations of what raters read: gathered from templates and code, checked, compiled. No gettext is needed.

`script/translate` runs `main`. Strings that are new stand empty in locale/<language>/LC_MESSAGES/django.po until
somebody writes them; tests/config/test_translations.py fails until then.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
LOCALE = ROOT / "locale"
LANGUAGES = ("de", "fr")
PLURALS = {"de": "nplurals=2; plural=(n != 1);", "fr": "nplurals=2; plural=(n > 1);"}
# What raters read. Researchers' pages are English.
TEMPLATES = ("templates/listening", "templates/panel")
CODE = ("platform/listening", "platform/accounts/panels")
NOT_FOR_RATERS = ("admin", "management", "migrations", "quality")
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (1,)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
NO_DAY = datetime(2000, 1, 1, tzinfo=UTC)  # the same words make the same file
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def main() -> None:
    """Gathers strings, keeps their translations, compiles; says what is missing."""
    missing = 0
    for language in LANGUAGES:
        known = read(language)
        renewed = gathered(language)
        for message in renewed:
            before = known.get(message.id, message.context)
            if message.id and before is not None:
                message.string = before.string
        write(language, renewed)
        for message in unfinished(renewed):
            missing += 1
            print(f"{language}: {message.id!r} ({message.locations[0][0]})")  # noqa: T201
    if missing:
        sys.exit(
            f"{missing} translations are missing: write them into locale/*/LC_MESSAGES/django.po and run this again."
        )


def gathered(language: str) -> Catalog:
    """Every string that raters may read, without translations, in the order of files."""
    catalog = Catalog(locale=language, project="Audionese", fuzzy=False, charset="utf-8")
    catalog.mime_headers = [("Plural-Forms", PLURALS[language])]  # of French, babel knows a third that gettext does not
    for path in sources():
        for words, context, comments in strings(path):
            catalog.add(words, locations=[(str(path.relative_to(ROOT)), 0)], context=context, auto_comments=comments)
    return catalog


def sources() -> Iterator[Path]:
    templates = [path for room in TEMPLATES for path in (ROOT / room).rglob("*") if path.suffix in (".html", ".txt")]
    code = [path for room in CODE for path in (ROOT / room).rglob("*.py")]
    yield from sorted(templates)
    yield from (path for path in sorted(code) if not {*path.relative_to(ROOT).parts} & {*NOT_FOR_RATERS})


def strings(path: Path) -> Iterator[tuple]:
    """(id or ids, context, comments) of one file. A template is read as Django turns it into code for gettext."""
    text = path.read_text()
    code = text if path.suffix == ".py" else "\n".join(line.strip() for line in templatize(text).splitlines())
    found = extract_python(io.BytesIO(code.encode()), KEYWORDS, ["Translators:"], {"encoding": "utf-8"})
    for _line, function, arguments, comments in found:
        yield _message(KEYWORDS[str(function)], arguments, comments)


def _message(places: tuple, arguments, comments) -> tuple:
    given = arguments if isinstance(arguments, tuple) else (arguments,)
    context = next((given[place[0] - 1] for place in places if isinstance(place, tuple)), None)
    ids = tuple(given[place - 1] for place in places if isinstance(place, int))
    return ids if len(ids) > 1 else ids[0], context, comments


def path_of(language: str, suffix: str = "po") -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"django.{suffix}"


def read(language: str) -> Catalog:
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return pofile.read_po(file, locale=language)


def write(language: str, catalog: Catalog) -> None:
    """Without dates and line numbers: a file changes only where its words do."""
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    out = io.BytesIO()
    pofile.write_po(out, catalog, width=110, omit_header=True, include_lineno=False)
    path.write_bytes(header(language).encode() + out.getvalue())
    path_of(language, "mo").write_bytes(compiled(language))


def header(language: str) -> str:
    fields = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[language],
    }
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in fields.items())
    return f'# What raters read. Written with script/translate.\nmsgid ""\nmsgstr ""\n{lines}\n'


def compiled(language: str) -> bytes:
    """The .mo that belongs to the .po."""
    catalog, out = read(language), io.BytesIO()
    catalog.creation_date = catalog.revision_date = NO_DAY
    write_mo(out, catalog)
    return out.getvalue()


def unfinished(catalog: Catalog) -> list[Message]:
    """Messages without a whole translation, uncertain ones, and those whose placeholders do not agree."""
    return [message for message in catalog if message.id and not _finished(message)]


def _forms(text) -> tuple[str, ...]:
    """One text, or singular and plural."""
    return tuple(text) if isinstance(text, tuple | list) else (text,)


def _finished(message: Message) -> bool:
    ids, given = _forms(message.id), _forms(message.string)
    there = len(given) == len(ids) and all(given) and not message.fuzzy
    # The plural form names every placeholder; a singular may spell its number out.
    allowed = set(PLACEHOLDER.findall(ids[-1]))
    fits = all(set(PLACEHOLDER.findall(text)) <= allowed for text in given if text)
    return there and fits and (not given[-1] or set(PLACEHOLDER.findall(given[-1])) == allowed)


if __name__ == "__main__":
    main()
