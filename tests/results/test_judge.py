"""The judge's tab, its buttons and its addresses, and what is said of studies in which it judges or teaches."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from listening.judging import material
from results.notices.scores import votes_that_teach
from results.opened import Opened
from results.tables import TABLES
from studies.models import ClipEmbedding, EngineSpec, Study, StudyJudge
from tests import factories
from tests.listening.test_train_judge import embed
from tests.once import once


def shown(reader, study) -> str:
    return reader.get(reverse("results:tab", args=[study.slug, "judge"])).content.decode()


@pytest.fixture
def ready(voted, monkeypatch):
    """Votes on four prompts, whose clips and texts the judging scorer has embedded."""
    monkeypatch.setattr(material, "LEAST_PROMPTS", 4)
    return once(embedded, voted)


def embedded(voted: Study) -> Study:
    StudyJudge.objects.all().delete()
    ClipEmbedding.objects.all().delete()
    embed(voted, voted.evaluation_scorer)
    return voted


def test_the_tab_shows_judge_clap_and_ceiling_side_by_side(voted, reader):
    text = shown(reader, voted)

    assert "Trained on 48 votes of simulated raters" in text
    assert "0.500" in text and "plain CLAP 0.300" in text
    rows = TABLES["judge"](Opened(voted)).rows
    assert [row["name"] for row in rows][:2] == ["Study judge", "Plain CLAP"]
    assert rows[0]["gain_interval"] == [0.05, 0.3]


def test_a_study_without_votes_says_what_a_judge_is(study, reader):
    assert "Nobody has voted yet" in shown(reader, study)


def test_train_and_use_are_two_buttons(ready, reader):
    assert "Train a judge" in shown(reader, ready)

    reader.post(reverse("results:judge_train", args=[ready.slug]))

    judge = StudyJudge.objects.get()
    assert "Train it again" in shown(reader, ready) and "Use it as a scorer" in shown(reader, ready)
    assert judge.created_by.username == "owner"
    reader.post(reverse("results:judge_use", args=[ready.slug]))
    assert EngineSpec.objects.get(engine="study-judge").slug in shown(reader, ready)
    assert "Use it as a scorer" not in shown(reader, ready)


def test_a_new_judge_is_shown_at_once(ready, reader):
    assert not TABLES["judge"](Opened(ready)).rows
    reader.post(reverse("results:judge_train", args=[ready.slug]))
    assert TABLES["judge"](Opened(ready)).rows


def test_what_cannot_be_trained_is_said(voted, reader):
    """No scorer has read these prompts."""
    response = reader.post(reverse("results:judge_train", args=[voted.slug]), {"both": "on"}, follow=True)

    assert "has heard no two clips that were voted on" in response.content.decode()
    assert StudyJudge.objects.count() == 1


def test_viewers_see_no_button(voted, viewer, reader):
    reader.force_login(viewer)
    assert "Trained on 48 votes" in shown(reader, voted)
    assert "Train it again" not in shown(reader, voted)


def test_scripts_train_it_read_it_and_make_it_a_scorer(ready, reader):
    where = reverse("api:judge", args=[ready.slug])
    assert reader.get(where).status_code == 404

    made = reader.post(where, json.dumps({"seed": 3}), content_type="application/json")

    assert made.status_code == 201 and made.json()["seed"] == 3
    assert reader.get(where).json() == made.json()
    used = reader.post(reverse("api:judge-scorer", args=[ready.slug])).json()
    assert used["scorer"] == EngineSpec.objects.get(engine="study-judge").slug
    wrong = reader.post(where, json.dumps({"scorers": ["nobody"]}), content_type="application/json")
    assert wrong.status_code == 400 and wrong.json()["errors"][0]["field"] == "scorers"


def test_a_study_that_it_teaches_is_warned_of_and_one_that_it_judges_says_so(study):
    judge = factories.engine("scorer", "study-judge", checkpoint="judges/x", parameters={"scorers": []})
    study.feedback_scorer, study.evaluation_scorer = judge, judge

    assert [(one["code"], one["level"]) for one in votes_that_teach(study)] == [
        ("votes-taught", "warning"),
        ("judge-learned", "note"),
    ]
