"""What a researcher sees: a verdict, a table, figures, clips to compare, and empty places that teach."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from listening.actions.open_trials import open_trials
from listening.simulation import simulate
from results import drawing, page
from results.summary import results_of
from studies.models import Score, Study
from tests import factories


def text_of(reader, study, query: str = "", tab: str = "summary") -> str:
    response = reader.get(reverse("results:tab", args=[study.slug, tab]) + query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_answer_stands_in_one_sentence(study):
    verdict = page.verdict(results_of(study))

    assert verdict["tone"] == "good"
    assert verdict["text"] == "Instruct feedback fits what users asked for better than their own prompts do"
    assert "+10.0" in verdict["numbers"]


def test_no_gain_is_claimed_where_the_interval_includes_zero(study):
    for number, score in enumerate(Score.objects.order_by("clip", "reference", "scorer")):
        Score.objects.filter(pk=score.pk).update(value=0.3 + 0.1 * (number % 7) / 7)

    assert page.verdict(results_of(study))["tone"] != "good"


def test_the_table_shows_each_arm_with_its_gain_over_the_original(study, reader):
    shown = text_of(reader, study)

    assert "Instruct feedback" in shown
    assert re.search(r'class="up">\+10\.0', shown)
    assert "95% intervals" in shown


def test_examples_put_the_original_beside_the_arm_and_mark_what_was_added(study, reader):
    shown = text_of(reader, study, "?arm=instruct", "examples")

    assert "Where Instruct gained most" in shown
    assert "<mark>instruct slow piano</mark>" in shown
    assert shown.count('<audio controls preload="none"') == 4 * 4
    assert '<a href="?arm=instruct#examples" aria-current="true">' in shown


def test_every_example_can_be_had_in_the_order_of_its_gain_or_its_loss(study, reader):
    def gains(query: str) -> list[str]:
        shown = text_of(reader, study, f"?arm=instruct{query}", "examples")
        return re.findall(r'class="gain">Instruct <strong>(.+?)</strong>', shown)

    Score.objects.update(value=0.3)
    arm = study.arms.get(key="instruct")
    for at, candidate in enumerate(arm.candidates.order_by("prompt__position")):
        Score.objects.filter(clip__renderings__candidate=candidate).update(value=0.3 + 0.01 * at)

    assert gains("&order=gain") == ["+3.0", "+2.0", "+1.0", "+0.0"]
    assert gains("&order=loss") == ["+0.0", "+1.0", "+2.0", "+3.0"]
    assert gains("&order=nonsense") == gains("")


def test_an_arm_that_does_not_exist_is_passed_over(study, reader):
    assert "Where Instruct feedback gained most" in text_of(reader, study, "?arm=nonsense", "examples")


def test_prompts_that_try_to_be_markup_stay_text(owner, reader):
    team = factories.team(owner)
    prompts = factories.prompt_set(team, test=1)
    prompts.prompts.filter(split="test").update(text="<script>alert(1)</script>")
    study = factories.complete(factories.study(team, prompt_set=prompts))

    assert "<script>alert" not in text_of(reader, study)


def test_a_draft_says_what_comes_next(owner, reader):
    shown = text_of(reader, factories.study(factories.team(owner)))

    assert "Not launched yet" in shown
    assert "<table" not in shown


def test_a_paused_study_says_why(study, reader):
    Study.objects.filter(pk=study.pk).update(status="paused", finished_at=None, status_reason="Seven clips failed.")

    assert "Seven clips failed." in text_of(reader, study)


def test_simulated_votes_are_marked_wherever_they_stand(study, reader):
    open_trials(study=study)
    simulate(study=study, raters=2, seed=1)

    shown = text_of(reader, study)

    assert "Simulated raters have voted" in shown
    assert '<span class="tag">simulated</span>' in shown


def test_pages_hold_no_inline_script_or_style(study, reader):
    for shown in (text_of(reader, study), reader.get(reverse("results:studies")).content.decode()):
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", shown)


def test_figures_have_the_colours_of_the_pages():
    tokens = (Path(settings.ROOT) / "static" / "tokens.css").read_text()
    pairs = set(re.findall(r"light-dark\((#\w+), (#\w+)\)", tokens))

    assert set(drawing.DARK.items()) <= pairs


def test_the_list_teaches_whoever_has_no_study(stranger, client):
    client.force_login(stranger)

    shown = client.get(reverse("results:studies")).content.decode()

    assert "No study yet" in shown
    assert "Import a prompt set" in shown


def test_signing_in_leads_to_where_one_wanted_to_go(study, owner, client):
    there = reverse("results:study", args=[study.slug])
    asked = client.get(there).url

    response = client.post(asked, {"username": "owner", "password": "correct horse battery", "next": there})

    assert (response.status_code, response.url) == (302, there)
