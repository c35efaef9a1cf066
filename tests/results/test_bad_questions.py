"""Whatever the API and the plan are asked: an answer, or a problem that names the field."""

from __future__ import annotations

import json
from base64 import b64encode
from urllib.parse import quote_plus, urlencode

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given
from hypothesis import strategies as st

from results.forms import PlanForm
from results.hooks import guard
from results.records import RECORDS
from studies.models import Study
from tests.strange import TEXT, VALUE, changed, drawn

pytestmark = pytest.mark.django_db
FILTERS = sorted({field.name for kind in RECORDS.values() for field in kind.fields if field.filtered})
ORDERINGS = ["", "id", "-id", "created_at", "-created_at", "value", "position", "loudness", "response_ms", "name"]
WORDS = TEXT.filter(lambda text: "\0" not in text)
PROBLEM = "application/problem+json"


def query(**asked: str) -> str:
    return "&".join(f"{name}={quote_plus(text, errors='replace')}" for name, text in asked.items())


def answered(response, *statuses: int) -> None:
    assert response.status_code in statuses, response.content[:300]
    if response.status_code >= 400:
        told = response.json()
        assert response.headers["Content-Type"] == PROBLEM and told["detail"] and told["status"] == response.status_code


def test_any_place_in_a_list(lasting_reader, lasting_study):
    """A cursor is ours, but comes from the reader: its place may be no time, no number, and beyond any row."""
    lists = [
        "studies",
        "prompt-sets",
        "webhooks",
        *(f"studies/{lasting_study.slug}/{name}" for name in ("votes", "scores")),
    ]
    texts = st.one_of(TEXT, st.sampled_from(["2026-01-01", "0001-01-01", "9999-12-31T23:59:59+00:00", "7", "0.5"]))

    @drawn(150)
    @given(st.sampled_from(lists), st.sampled_from(ORDERINGS), texts, st.sampled_from(["0", "1", "-1", "9" * 30, "x"]))
    @example("studies", "", "no time", "0")
    @example("studies", "name", "a\0b", "0")
    @example(lists[-1], "id", "9" * 5_000, "0")
    @example(lists[-1], "value", "x", "0")
    def tried(name, ordering, position, offset):
        place = urlencode({"p": position.encode("utf-8", "replace"), "o": offset, "r": "1"})
        cursor = b64encode(place.encode("ascii")).decode()
        asked = f"/api/v1/{name}?{query(cursor=cursor, **({'ordering': ordering} if ordering else {}))}"
        answered(lasting_reader.get(asked), 200, 400, 404)

    tried()


def test_any_filter(lasting_reader, lasting_study):
    kinds = st.sampled_from([name for name in RECORDS if "embedding" not in name])

    @drawn(150)
    @given(kinds, st.dictionaries(st.sampled_from([*FILTERS, "page_size", "ordering", "cursor"]), WORDS, max_size=3))
    @example("votes", {"session": "1e999999999"})
    @example("clips", {"seed": "9" * 5_000})
    def tried(kind, asked):
        answered(lasting_reader.get(f"/api/v1/studies/{lasting_study.slug}/{kind}?{query(**asked)}"), 200, 400, 404)

    tried()


def test_any_body(lasting_reader, lasting_study):
    """Of everything that is made: nothing is, or what was asked for."""
    made = {
        "studies": {"team": lasting_study.team.slug, "prompt_set": lasting_study.prompt_set.slug, "recipe": "sandbox"},
        "prompt-sets": {"team": lasting_study.team.slug, "name": "P", "prompts": [{"text": "rain", "tags": ["a"]}]},
        "webhooks": {"team": lasting_study.team.slug, "url": "https://a.example/", "events": ["study.completed"]},
    }

    for name, body in made.items():
        _any_body(lasting_reader, name, body)


def _any_body(reader, name: str, body: dict) -> None:
    @drawn(70)
    @given(st.one_of(changed(body), VALUE))
    @example({**body, "name": "\ud800"})
    @example({**body, "recipe": {"name": "\0"}, "prompts": [{"text": "\ud800"}], "url": "https://ü.example/"})
    def tried(told):
        before = Study.objects.count()
        response = reader.post(f"/api/v1/{name}", json.dumps(told), content_type="application/json")
        answered(response, 201, 400)
        assert Study.objects.count() - before == (name == "studies" and response.status_code == 201)

    tried()


def test_any_plan(lasting_study):
    names = st.sampled_from([*PlanForm.base_fields, "no-such"])

    @drawn(150)
    @given(st.dictionaries(names, TEXT, max_size=4))
    @example({"basis": "²"})
    @example({"basis": "9" * 5_000})
    @example({"gain": "nan", "share": "1e999"})
    def tried(given_):
        form = PlanForm(given_, Study.objects.all())
        assert form.is_valid() or all(form.errors.values())
        str(form)

    tried()


@drawn(300)
@given(st.one_of(TEXT, st.builds("https://{}{}".format, TEXT, TEXT), st.from_regex(r"https://[\[\]:.0-9a-zü%@]{0,80}")))
@example("https://" + "a" * 64 + ".example/")
@example("https://a..example/")
@example("https://a.example/ü")
@example("https://[::1")
def test_any_address_of_a_webhook(url):
    """What is let through can be called: httpcore takes it, and so does whoever looks the name up."""
    try:
        guard.check(url)
    except ValidationError as refused:
        assert all(refused.messages)
    else:
        url.encode("ascii")
