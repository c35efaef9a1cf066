"""Failure signs speak up: each with its cause, its number and what to do; and not where there is none."""

from __future__ import annotations

from copy import deepcopy

import pytest

from prompts.models import Prompt
from results.notices import listening, notices
from results.statistics import votes_needed
from results.summary import results_of
from studies.models import Checkpoint, Clip, Score, Study
from tests import factories


def said(study, results=None) -> dict[str, dict]:
    return {each["code"]: each for each in notices(study, results or results_of(study))}


def vote(results: dict, share: float, interval: list[float], votes: int, arm="instruct_feedback", **fields) -> dict:
    found = deepcopy(results)
    row = {"arm": arm, "versus": "original", "share": share, "interval": interval, "votes": votes, "ties": 0}
    found["preference"] = [{**row, "both_bad": 0, "raters": 40, "prompts": 20, "simulated": False, **fields}]
    return found


def test_a_study_without_faults_is_left_in_peace(study):
    results = vote(results_of(study), 0.7, [0.64, 0.76], 400)
    assert [n["code"] for n in notices(study, results) if n["level"] == "warning"] == []


def test_a_score_that_rose_and_ears_that_did_not_follow(study):
    results = results_of(study)
    flat = said(study, vote(results, 0.51, [0.46, 0.56], 800))["clap-alone"]
    assert flat["level"] == "warning" and "hear no difference" in flat["title"] and "correlation" in flat["text"]
    assert "prefer the original" in said(study, vote(results, 0.4, [0.35, 0.45], 800))["clap-alone"]["title"]
    # A preference that is there, or votes too few to tell, are no such sign; nor is an arm whose score did not rise.
    for share, interval in ((0.7, [0.64, 0.76]), (0.52, [0.3, 0.74])):
        assert "clap-alone" not in said(study, vote(results, share, interval, 30))
    fallen = vote(results, 0.51, [0.46, 0.56], 800)
    fallen["contrasts"] = [row | {"interval": [-0.1, 0.1]} for row in fallen["contrasts"]]
    assert "clap-alone" not in said(study, fallen)


@pytest.mark.parametrize(("kept", "spoken"), [((0.5, 0.6), True), ((0.5, 0.9), False), ((0.9, 0.5), False)])
def test_an_arm_of_which_no_round_held_its_floor(study, kept, spoken):
    arm = study.arms.get(key="instruct_feedback")
    for number, share in enumerate(kept):
        curve = [{"epoch": 1, "clap": 0.4, "fidelity": share, "kept": True}]
        made = {"identity": f"c{number}", "arm": arm, "round": number, "rewriter": arm.rewriter, "weights": "w"}
        Checkpoint.objects.create(**made, state="done", curve=curve, parameters={"fidelity_floor": 0.8})

    found = said(study).get("floor-broken")

    assert bool(found) == spoken
    assert not found or (found["level"] == "warning" and "Instruct feedback: no round" in found["title"])


def test_too_few_votes_name_the_number_that_is_needed(study):
    results = vote(results_of(study), 0.6, [0.42, 0.78], 60)
    row = results["preference"][0]
    naive = votes_needed(0.6)

    # Votes that come from few raters weigh less than they count: reach 0.18 where independent ones would have 0.124.
    assert listening.design_effect(row) == pytest.approx((0.18 / 1.96) ** 2 / (0.6 * 0.4 / 60))
    assert listening.wanted(row) == pytest.approx(naive * listening.design_effect(row), abs=1)
    assert listening.wanted(row) > 2 * naive
    told = said(study, results)["few-votes"]
    assert f"60 of about {listening.wanted(row):,}" in told["title"] and "Invite more raters" in told["text"]
    assert "few-votes" not in said(study, vote(results, 0.6, [0.55, 0.65], 2_000))


def test_a_gain_that_other_seeds_could_have_made(study):
    results = results_of(study)
    assert results["noise_floor"] == {}  # one take alone tells nothing of other ones
    results["noise_floor"] = {"clap": 0.05}

    told = said(study, results)["noise-floor"]
    assert told["title"] == "Below the noise floor: Instruct"  # 4.0; the others gained 8 and 10
    assert "Raise the takes" in told["text"]


def test_the_noise_floor_is_what_takes_of_one_text_differ_by(owner):
    team = factories.team(owner)
    made = factories.study(team, prompt_set=factories.prompt_set(team, test=4), evaluation_takes=2)
    study = Study.objects.get(pk=factories.complete(made, takes=2).pk)
    # Two takes that differ by .001: s = .001/√2, so 1.96·√(2 s² / (2 · 4)).
    assert results_of(study)["noise_floor"]["clap"] == pytest.approx(1.96 * (0.001**2 / 8) ** 0.5, abs=1e-6)


def test_silent_and_clipped_clips_are_counted_apart(study):
    clips = Clip.objects.filter(renderings__candidate__arm__key="instruct").order_by("pk")
    reasons = ("The sound is silent: -90 dBFS, and at least -60 is expected.", "9.0% of the samples are clipped; …")
    for clip, reason in zip(clips, (*reasons, "Out of memory."), strict=False):
        Clip.objects.filter(pk=clip.pk).update(state="failed", error=reason)

    found = said(study)
    assert found["clips-rejected"]["title"] == "Unusable audio: 1 silent and 1 clipped clips"
    assert "Instruct: 3" in found["clips-failed"]["text"]


def test_clips_that_failed_otherwise_are_not_called_silent(study):
    Clip.objects.filter(pk=Clip.objects.first().pk).update(state="failed", error="Out of memory.")
    assert "clips-failed" in said(study) and "clips-rejected" not in said(study)


@pytest.fixture
def controlled(owner):
    """A study whose expert prompts, which it evaluates beside, lost what its open ones gained."""
    team = factories.team(owner)
    prompts = factories.prompt_set(team, test=4, expert=0)
    Prompt.objects.bulk_create(
        Prompt(prompt_set=prompts, position=90 + i, kind="expert", split="test", text=f"A slow piano, number {i}")
        for i in range(4)
    )
    made = factories.study(team, prompt_set=prompts, control_prompts=4)
    factories.complete(made, values={"original": 0.3, "instruct": 0.4})
    made.evaluation_kind = "expert"
    factories.complete(made, values={"original": 0.4, "instruct": 0.3})
    made.evaluation_kind = "open"
    made.save()
    return Study.objects.get(pk=made.pk)


def test_expert_prompts_that_suffered(controlled):
    results = results_of(controlled)

    (row,) = [row for row in results["control"] if row["measure"] == "clap"]
    assert (row["difference"], row["prompts"]) == (pytest.approx(-0.1), 4)
    told = said(controlled, results)["experts-harmed"]
    assert told["title"] == "Expert prompts have suffered: Instruct" and "fewer prompts" in told["text"]


def test_the_control_is_in_no_other_number(controlled):
    results = results_of(controlled)

    assert {arm["arm"]: arm["prompts"] for arm in results["arms"]} == {"original": 4, "instruct": 4}
    assert results["arms"][1]["clap"] > 0.39 and results["arms"][1]["clips"] == 4
    Score.objects.filter(clip__renderings__candidate__prompt__kind="expert").update(value=0.9)
    again = results_of(controlled)
    assert again["arms"] == results["arms"] and again["contrasts"] == results["contrasts"]


def test_without_a_control_nothing_is_said_of_experts(study):
    assert results_of(study)["control"] == [] and "experts-harmed" not in said(study)
