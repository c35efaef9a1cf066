"""Plans: power by simulation that agrees with the raters it speaks of, and a page that says what to change."""

from __future__ import annotations

import json
import random
from types import SimpleNamespace

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from listening import listeners
from listening.models import Question
from results.measures import power
from results.measures.power import Crowd
from results.planning import USUAL, Plan, measured_spread
from studies.models import Rendering, Score, Study
from tests import factories

PLAN = {"share": 0.65, "gain": 0.02, "prompts": 80, "takes": 4, "heard": 40, "votes_per_trial": 5}
PLAN |= {"trials_per_session": 20, "pairs": 1}


def plan(**fields) -> Plan:
    return Plan(**PLAN | fields)


def test_the_crowd_that_is_planned_with_votes_as_simulated_raters_do():
    """The very listeners of the sandbox, on differences that spread as the plan supposes."""
    for name in ("careful", "careless"):
        crowd, listener = plan(crowd=name).raters, listeners.CROWDS[name]()
        rng, chance = np.random.default_rng(4), random.Random(4)
        question = SimpleNamespace(kind=Question.Kind.PREFERENCE, ties=True)
        effect = crowd.effect(0.65)
        felt = listener.noise * (effect + np.hypot(crowd.rater, crowd.prompt) * rng.normal(size=20_000))
        answers = [
            listener.answer(question, {"a": float(each), "b": 0.0}, {"a": "", "b": ""}, chance)["choice"]
            for each in felt
        ]
        share = np.mean([1.0 if one == "a" else 0.5 if one == "tie" else 0.0 for one in answers])
        assert share == pytest.approx(0.65, abs=0.012), name


def test_simulated_votes_have_the_share_that_was_asked_for():
    prompt, rater = np.tile(np.arange(200), 5), np.repeat(np.arange(50), 20)
    for crowd in (Crowd(), Crowd(rater=0.0, prompt=2.0, margin=0.5, attention=0.7)):
        votes = power._simulated(0.62, prompt, rater, crowd, 200, 1)
        assert votes.mean() == pytest.approx(0.62, abs=0.01)
        assert set(np.unique(votes)) == {0.0, 0.5, 1.0}


def test_no_effect_makes_a_crowd_that_drifts_off_agree_on_anything():
    with pytest.raises(ValueError, match="more than 75%"):
        Crowd(attention=0.5).effect(0.8)
    assert "more careful raters" in plan(share=0.95, crowd="careless").why_not


def test_more_of_anything_is_more_power():
    base = plan().votes.value
    assert plan(votes_per_trial=12).votes.value > base > plan(heard=20).votes.value
    assert plan(share=0.8).votes.value > base > plan(crowd="careless", share=0.6).votes.value


def test_what_is_said_to_be_enough_is_enough_and_less_is_not():
    asked = plan(votes_per_trial=2)
    votes, prompts = asked.votes_wanted, asked.heard_wanted
    assert plan(votes_per_trial=votes).votes.value >= 0.8 > plan(votes_per_trial=votes - 1).votes.value
    assert plan(votes_per_trial=2, heard=prompts).votes.value >= 0.8
    assert plan(share=0.52, heard=5).votes_wanted is None


def test_without_an_effect_a_study_finds_one_in_five_of_a_hundred():
    """The simulated test keeps its level, else its power says nothing."""
    votes = power._simulated(0.5, np.tile(np.arange(60), 6), np.repeat(np.arange(36), 10), Crowd(), 2_000, 3)
    mean, error = power._clustered(votes, np.repeat(np.arange(36), 10), np.tile(np.arange(60), 6))
    assert (np.abs(mean - 0.5) > 2.03 * error).mean() == pytest.approx(0.05, abs=0.02)


@pytest.fixture
def measured(owner):
    """Eight prompts that gain .05 or lose as much, in turn; two takes with a standard deviation of .02."""
    team = factories.team(owner)
    made = factories.study(team, prompt_set=factories.prompt_set(team, test=8), evaluation_takes=2)
    factories.complete(made, takes=2)
    for rendering in Rendering.objects.select_related("candidate__arm", "candidate__prompt"):
        arm, prompt = rendering.candidate.arm, rendering.candidate.prompt
        gain = 0.0 if arm.method == "original" else 0.05 * (-1) ** prompt.position
        take = 0.02 / 2**0.5 * (-1) ** rendering.take
        Score.objects.filter(clip=rendering.clip_id).update(value=0.3 + gain + take)
    return Study.objects.get(pk=made.pk)


def test_the_spread_of_a_study_is_measured(measured):
    spread = measured_spread(measured)
    assert spread.within == pytest.approx(0.02 * 2**0.5)
    assert spread.between == pytest.approx((0.05**2 * 8 / 7 - spread.within**2 / 2) ** 0.5)
    assert plan(basis=measured).spread == spread and plan().spread == USUAL


def page(client: Client, **asked):
    return client.get(reverse("results:plan"), asked)


def test_the_page_answers_without_being_asked_anything(reader, study):
    shown = page(reader).text
    for words in ("of such studies would find a preference of 60%", "CLAP ×100", "Raters&#x27; pay", "400"):
        assert words in shown.replace("Raters' pay", "Raters&#x27; pay"), words


def test_a_study_lends_its_numbers_and_its_cost(reader, study):
    shown = page(reader, basis=study.pk).text
    assert f'value="{study.votes_per_trial}"' in shown and "Engine time" in shown
    assert f'value="{study.pk}" selected' in shown


def test_only_one_s_own_studies_can_be_chosen(stranger, study):
    client = Client()
    client.force_login(stranger)
    response = page(client, basis=study.pk)
    assert study.name not in response.text and response.context["form"].errors["basis"]


def test_a_wrong_number_is_named_where_it_stands(reader, study):
    response = page(reader, share=40)
    assert response.context["form"].errors["share"] and response.context["plan"] is None
    assert 'role="alert"' in response.text


def test_the_curve_is_taken_along_with_what_it_rests_on(reader, study):
    asked = {"share": 70, "heard": 4, "download": 1}
    for form, begins in (("svg", b"<svg"), ("pdf", b"%PDF"), ("png", b"\x89PNG"), ("csv", b"arm,votes")):
        response = reader.get(reverse("results:power", args=[form]), asked)
        assert response.content.startswith(begins)
        assert response["Content-Disposition"] == f'attachment; filename="power.{form}"'
        assert response.content.count(b"\n") > 20 or form != "csv"
    told = json.loads(reader.get(reverse("results:power", args=["json"]), asked).content)["title"]
    assert "preference of 70%" in told["text"] and "seed 1" in " ".join(told["subtitle"])
    for form in ("svg", "pdf", "png", "json", "csv"):
        assert f"{reverse('results:power', args=[form])}?share=70" in page(reader, share=70).text


def test_the_curve_is_drawn(reader, study):
    for form, begins in (("svg", "<svg"), ("json", "{")):
        response = reader.get(reverse("results:power", args=[form]), {"share": 70, "heard": 4, "narrow": 1})
        assert response.status_code == 200 and response.text.startswith(begins)
    assert reader.get(reverse("results:power", args=["svg"]), {"share": 40}).status_code == 404
