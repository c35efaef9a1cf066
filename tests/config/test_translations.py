"""What raters read is there in every language, and what is compiled is what was written."""

import gettext
import io
import shutil

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from config import translations
from listening.actions.open_trials import open_trials
from tests import factories

languages = pytest.mark.parametrize("language", translations.LANGUAGES)


def test_every_language_of_the_site_but_english_has_translations():
    assert {code for code, _ in settings.LANGUAGES} == {"en", *translations.LANGUAGES}


@languages
def test_every_string_that_raters_read_is_translated(language):
    """Where this fails: script/translate, then fill in what it names."""
    known = translations.read(language)

    asked = [message for message in translations.gathered(language) if message.id]
    assert [message.id for message in asked if known.get(message.id, message.context) is None] == []
    assert [message.id for message in translations.unfinished(known)] == []


@languages
def test_what_is_compiled_is_what_was_written(language):
    compiled = translations.path_of(language, "mo").read_bytes()

    assert words(compiled) == words(translations.compiled(language))


def words(compiled: bytes) -> dict:
    """Without the header, which says when and by what."""
    catalog = gettext.GNUTranslations(io.BytesIO(compiled))._catalog
    return {key: text for key, text in catalog.items() if key}


@languages
def test_no_string_is_left_from_a_page_that_is_gone(language):
    there = {(message.id, message.context) for message in translations.gathered(language)}

    assert {(message.id, message.context) for message in translations.read(language)} <= there


def test_gathering_again_changes_nothing(tmp_path, monkeypatch):
    before = {path.relative_to(translations.LOCALE): path.read_bytes() for path in translations.LOCALE.rglob("*.po")}
    shutil.copytree(translations.LOCALE, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(translations, "LOCALE", tmp_path)

    translations.main()

    assert len(before) == len(translations.LANGUAGES)
    assert {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.po")} == before


def test_a_message_whose_placeholders_do_not_agree_is_found():
    catalog = translations.Catalog(locale="de")
    catalog.add("Play %(name)s", "Spielen")
    catalog.add(("%(n)s day", "%(n)s days"), ("ein Tag", "%(n)s Tage"))
    catalog.add("Next", "")

    assert [message.id for message in translations.unfinished(catalog)] == ["Play %(name)s", "Next"]


@pytest.mark.parametrize(
    ("asked", "language", "says"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de", "Ein kurzer Hörtest"),
        ("fr-CH, fr;q=0.9", "fr", "Un court test d’écoute"),
        ("en-GB", "en", "A short listening test"),
        ("ja", "en", "A short listening test"),
    ],
)
def test_the_browser_chooses_the_language(db, asked, language, says):
    study = factories.complete(factories.study())
    open_trials(study=study)

    response = Client().get(reverse("listening:arrive", args=[study.slug]), headers={"accept-language": asked})

    assert f'<html lang="{language}"' in response.text
    assert says in response.text
    assert "django_language" not in response.cookies
