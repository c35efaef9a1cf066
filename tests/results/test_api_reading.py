"""Lists of records: all of them once, in the order asked for, a page at a time; and nothing sent twice in vain."""

from __future__ import annotations

import pytest
from django.urls import reverse

from listening.models import Vote
from results.records import RECORDS
from studies.models import Candidate, ClipEmbedding, Score

FILTERED = [(kind.name, field) for kind in RECORDS.values() for field in kind.fields if field.filtered]


def listed(client, study, kind: str, /, **asked) -> dict:
    response = client.get(reverse(f"api:{kind}", args=[study.slug]), asked)
    assert response.status_code == 200, response.content
    return response.json()


def walked(client, study, kind: str, /, **asked) -> list[dict]:
    page = listed(client, study, kind, **asked)
    found = page["results"]
    while page["next"]:
        page = client.get(page["next"]).json()
        found += page["results"]
    return found


@pytest.fixture
def embedded(voted):
    """With an embedding of every clip."""
    clips = {score.clip_id for score in Score.objects.all()}
    ClipEmbedding.objects.bulk_create(
        [ClipEmbedding(clip_id=clip, scorer=voted.evaluation_scorer, vector=[0.6, 0.8]) for clip in clips],
        ignore_conflicts=True,
    )
    return voted


@pytest.mark.parametrize("kind", [kind for kind in RECORDS if kind != "text-embeddings"])
@pytest.mark.parametrize("backwards", [False, True])
def test_pages_hold_every_record_once_and_in_order(embedded, reader, kind, backwards):
    rows = walked(reader, embedded, kind, page_size=7, ordering="-id" if backwards else "id")
    ids = [row["id"] for row in rows]
    assert sorted(ids) == sorted(RECORDS[kind].rows(embedded).values_list("pk", flat=True))
    assert ids == sorted(ids, reverse=backwards) and ids
    assert all(set(row) == {field.name for field in RECORDS[kind].fields} for row in rows)


@pytest.mark.parametrize(("kind", "field"), FILTERED, ids=lambda value: getattr(value, "name", value))
def test_every_filter_finds_just_what_it_says(embedded, reader, kind, field):
    every = walked(reader, embedded, kind, page_size=1000)
    for value in {row[field.name] for row in every if row[field.name] not in (None, "")}:
        found = walked(reader, embedded, kind, page_size=1000, **{field.name: value})
        assert found == [row for row in every if row[field.name] == value]


def test_a_page_stays_right_while_votes_come_in(voted, reader):
    first = listed(reader, voted, "votes", page_size=5, ordering="-created_at")
    newest = Vote.objects.latest("created_at")
    copy = Vote.objects.get(pk=newest.pk)
    copy.pk, copy.presentation = None, factories_presentation(copy)
    copy.save(force_insert=True)
    second = reader.get(first["next"]).json()
    assert not {row["id"] for row in first["results"]} & {row["id"] for row in second["results"]}
    assert copy.pk not in {row["id"] for row in second["results"]}


def factories_presentation(vote: Vote):
    """One more, of the same session, on a trial that it has not had."""
    presentation = vote.presentation
    had = presentation.session.presentations.values("trial")
    trial = presentation.trial.study.trials.exclude(pk__in=had).first()
    presentation.pk, presentation.trial, presentation.token = None, trial, "another"
    presentation.save(force_insert=True)
    return presentation


def test_ordering_by_a_value_leaves_out_what_has_none(study, reader):
    Score.objects.filter(pk=Score.objects.earliest("pk").pk).update(state="waiting", value=None)
    values = [row["value"] for row in walked(reader, study, "scores", ordering="-value", page_size=9)]
    assert values == sorted(values, reverse=True) and len(values) == Score.objects.count() - 1


@pytest.mark.parametrize(
    ("kind", "asked", "field", "said"),
    [
        ("votes", {"ordering": "rater"}, "ordering", "Order by one of id"),
        ("votes", {"trial": "first"}, "trial", "number"),
        ("studies", {"status": "done"}, "status", "complete"),
        ("studies", {"ordering": "slug"}, "ordering", "created_at"),
    ],
)
def test_what_makes_no_sense_is_named(study, reader, kind, asked, field, said):
    response = reader.get(reverse(f"api:{kind}", args=[] if kind == "studies" else [study.slug]), asked)
    told = response.json()
    assert response.status_code == 400 and response["Content-Type"] == "application/problem+json"
    assert told["errors"][0]["field"] == field and said in told["errors"][0]["detail"] and said in told["detail"]


def test_a_cursor_that_is_none_is_refused(study, reader):
    response = reader.get(reverse("api:votes", args=[study.slug]), {"cursor": "x"})
    assert response.status_code in (400, 404)


def test_lists_take_the_same_queries_whatever_their_length(voted, reader, django_assert_max_num_queries):
    for kind in RECORDS:
        with django_assert_max_num_queries(8):
            listed(reader, voted, kind, page_size=1000)


@pytest.mark.parametrize("name", ["study", "results", "votes", "figures", "tables", "studies", "progress"])
def test_what_a_script_has_already_is_not_sent_again(voted, reader, name):
    where = reverse(f"api:{name}", args=[] if name == "studies" else [voted.slug])
    first = reader.get(where)
    again = reader.get(where, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    voted.name = "Renamed"
    voted.save()
    Vote.objects.filter(pk=Vote.objects.latest("pk").pk).update(response_ms=99_999)
    if name not in ("progress", "figures", "tables"):
        assert reader.get(where, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_rewrites_name_the_clips_of_their_takes(voted, reader):
    row = walked(reader, voted, "rewrites", arm="instruct", page_size=1)[0]
    candidate = Candidate.objects.get(pk=row["id"])
    assert row["clips"] == list(candidate.renderings.order_by("take").values_list("clip", flat=True)) != []
    assert row["text"] == candidate.rewrite.text


@pytest.mark.parametrize("name", ["studies", "study", "votes", "results", "progress", "figures"])
def test_it_can_be_walked_through_in_a_browser(voted, reader, name):
    args = [] if name == "studies" else [voted.slug]
    page = reader.get(reverse(f"api:{name}", args=args), headers={"Accept": "text/html"})
    assert page.status_code == 200 and page["Content-Type"].startswith("text/html") and voted.slug in page.text
