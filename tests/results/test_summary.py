"""The results of a study: the contract that scripts rely on, and what becomes of what is missing."""

import json

import pytest
from django.db.models import F

from listening.actions.open_trials import open_trials
from listening.simulation import simulate
from results.statistics import holm
from results.summary import results_of
from studies.models import Arm, Candidate, Clip, Rendering, Score, Study, TextEmbedding
from studies.models.work import identity_of
from tests import factories
from tests.listening import raters

CONTRACT = {"study", "seconds", "scorers", "arms", "contrasts", "votes"}
ARM = {"arm", "prompts", "clips", "clap", "clap_interval", "bleu", "chrf", "kept_terms", "oracle"}
CONTRAST = {"arm", "versus", "measure", "difference", "interval", "prompts"}


def arm(results: dict, key: str) -> dict:
    return next(row for row in results["arms"] if row["arm"] == key)


def contrast(results: dict, key: str, versus: str, measure: str = "clap") -> dict:
    wanted = (key, versus, measure)
    return next(row for row in results["contrasts"] if (row["arm"], row["versus"], row["measure"]) == wanted)


def codes(results: dict) -> list[str]:
    return [notice["code"] for notice in results["notices"]]


def test_has_the_shape_that_is_promised_and_is_json(study):
    results = results_of(study)

    assert set(results) >= CONTRACT
    assert set(results["scorers"]) == {"feedback", "evaluation"}
    assert all(set(row) >= ARM for row in results["arms"])
    assert all(set(row) >= CONTRAST for row in results["contrasts"])
    assert json.loads(json.dumps(results)) == results


def test_arms_are_means_over_prompts(study):
    original = arm(results_of(study), "original")

    # Positions 1..4 add .01, .02, 0, .01.
    assert original["clap"] == pytest.approx(0.30 + 0.01)
    assert (original["prompts"], original["clips"]) == (4, 4)
    assert original["clap_interval"][0] < original["clap"] < original["clap_interval"][1]
    assert (original["bleu"], original["chrf"], original["kept_terms"]) == (100.0, 100.0, 1.0)


def test_a_prompt_counts_once_however_many_takes_it_has(study):
    before = arm(results_of(study), "original")["clap"]
    candidate = Candidate.objects.filter(arm__key="original").select_related("prompt").first()
    clip = factories.finished_clip(study.generator, "another take", 1)
    Rendering.objects.create(candidate=candidate, clip=clip, take=1)
    Score.objects.create(
        identity=identity_of(take=1),
        clip=clip,
        scorer=study.evaluation_scorer,
        reference=candidate.prompt.text,
        state="done",
        value=0.31 + 0.2,
    )

    # One of four prompts is now the mean of .31 and .51.
    after = arm(results_of(study), "original")
    assert (after["clap"], after["prompts"], after["clips"]) == (pytest.approx(before + 0.1 / 4), 4, 5)


def test_differences_are_paired_so_that_what_prompts_share_cancels(study):
    row = contrast(results_of(study), "instruct_feedback", "original")

    assert row["difference"] == pytest.approx(0.10)
    assert row["interval"] == pytest.approx([0.10, 0.10])
    assert row["prompts"] == 4


def test_each_arm_is_compared_with_every_simpler_one(study):
    pairs = [(row["arm"], row["versus"]) for row in results_of(study)["contrasts"] if row["measure"] == "oracle"]

    assert pairs == [
        ("instruct", "original"),
        ("instruct_feedback", "original"),
        ("best_of_n", "original"),
        ("instruct_feedback", "instruct"),
        ("best_of_n", "instruct"),
        ("instruct_feedback", "best_of_n"),
    ]


def test_only_prompts_that_both_arms_have_are_compared(study):
    gone = Candidate.objects.filter(arm__key="instruct").order_by("prompt__position").first()
    Score.objects.filter(clip__renderings__candidate=gone).delete()

    results = results_of(study)

    assert arm(results, "instruct")["prompts"] == 3
    assert contrast(results, "instruct", "original")["prompts"] == 3
    assert contrast(results, "instruct_feedback", "original")["prompts"] == 4


def test_scores_against_other_texts_or_by_other_scorers_or_unfinished_do_not_count(study):
    before = results_of(study)["arms"]
    rendering = Rendering.objects.first()
    other = factories.engine("scorer", "transformers-clap")
    for number, (scorer, reference, state, value) in enumerate(
        [
            (other, rendering.candidate.prompt.text, "done", 9.0),
            (study.evaluation_scorer, "another text", "done", 9.0),
            (study.evaluation_scorer, "a third text", "waiting", None),
        ]
    ):
        Score.objects.create(
            identity=identity_of(n=number),
            clip=rendering.clip,
            scorer=scorer,
            reference=reference,
            state=state,
            value=value,
        )

    assert results_of(study)["arms"] == before


def test_how_well_a_clip_fits_its_own_rewrite_does_not_count(study):
    before = results_of(study)["arms"]
    fits_itself = Score.objects.exclude(reference=F("clip__renderings__candidate__prompt__text"))

    assert fits_itself.update(value=9.0) > 0
    assert results_of(study)["arms"] == before


def test_candidates_that_were_only_ranked_do_not_count(study):
    before = results_of(study)["arms"]
    evaluated = Candidate.objects.filter(arm__key="best_of_n").first()
    ranked = Candidate.objects.create(
        arm=evaluated.arm, prompt=evaluated.prompt, purpose="select", index=1, rewrite=evaluated.rewrite
    )
    clip = factories.finished_clip(study.generator, "ranked", 5)
    Rendering.objects.create(candidate=ranked, clip=clip, take=0)

    assert results_of(study)["arms"] == before


def test_a_running_study_shows_what_there_is_and_which_arms_wait(study):
    Candidate.objects.filter(arm__key="best_of_n").delete()
    Study.objects.filter(pk=study.pk).update(status="running", finished_at=None)

    results = results_of(Study.objects.get(pk=study.pk))

    assert results["status"] == "running"
    waiting = arm(results, "best_of_n")
    assert (waiting["prompts"], waiting["prompts_wanted"], waiting["clap"]) == (0, 4, None)
    assert contrast(results, "best_of_n", "original")["difference"] is None
    assert contrast(results, "instruct", "original")["difference"] == pytest.approx(0.04)
    json.dumps(results, allow_nan=False)


def test_a_draft_and_a_study_without_arms_have_results_too(db):
    draft = factories.study(arms=())

    results = results_of(draft)

    assert (results["seconds"], results["arms"], results["contrasts"], results["votes"]) == (None, [], [], 0)


def test_a_study_without_an_oracle_has_no_contrast_by_it(study):
    Study.objects.filter(pk=study.pk).update(oracle=None)

    results = results_of(Study.objects.get(pk=study.pk))

    assert arm(results, "instruct")["oracle"] is None
    assert {row["measure"] for row in results["contrasts"]} == {"clap"}


def test_seconds_are_the_wall_time_from_launch_to_the_end(study):
    assert results_of(study)["seconds"] == pytest.approx((study.finished_at - study.launched_at).total_seconds())


def test_text_cosine_comes_from_the_judging_scorers_embeddings(study):
    candidate = Candidate.objects.filter(arm__key="instruct").select_related("prompt", "rewrite").first()
    for text, vector in ((candidate.prompt.text, [1.0, 0.0]), (candidate.rewrite.text, [0.6, 0.8])):
        TextEmbedding.objects.create(
            identity=identity_of(embedded=text),
            scorer=study.evaluation_scorer,
            text=text,
            vector=vector,
            state="done",
        )

    assert arm(results_of(study), "instruct")["text_cosine"] == pytest.approx(0.6)


def test_the_number_of_queries_does_not_grow_with_the_study(db, django_assert_num_queries):
    sizes = []
    for prompts, takes in ((1, 1), (4, 2)):
        made = factories.complete(factories.study(prompt_set=factories.prompt_set(test=prompts)), takes=takes)
        fresh = Study.objects.select_related("generator", "feedback_scorer", "evaluation_scorer", "oracle")
        sizes.append(fresh.get(pk=made.pk))

    for study in sizes:
        with django_assert_num_queries(12):
            results_of(study)


def test_votes_of_people_and_of_simulated_raters_are_never_counted_together(study):
    open_trials(study=study)
    simulate(study=study, raters=3, seed=1)
    person = raters.consented(study)
    raters.take_and_vote(person)

    results = results_of(study)

    assert results["votes"] == results["votes_simulated"] + 1
    assert [row["simulated"] for row in results["preference"]] == [False, True]
    assert results["preference"][0]["votes"] == 1
    assert results["preference"][1]["raters"] == 3
    assert {"simulated-votes", "few-votes"} <= set(codes(results))


def test_warns_where_the_scorer_that_taught_also_judges(study):
    Study.objects.filter(pk=study.pk).update(feedback_scorer=study.evaluation_scorer)

    assert codes(results_of(Study.objects.get(pk=study.pk)))[0] == "judge-taught"


def test_another_name_for_the_same_weights_is_still_the_scorer_that_taught(study):
    taught = study.feedback_scorer
    twin = factories.engine("scorer", taught.engine, checkpoint=taught.checkpoint, parameters={"max_batch": 4})
    Study.objects.filter(pk=study.pk).update(evaluation_scorer=twin)

    assert codes(results_of(Study.objects.get(pk=study.pk)))[0] == "judge-taught"

    twin.revision = "another"
    twin.save()
    assert "judge-taught" not in codes(results_of(Study.objects.get(pk=study.pk)))


def test_p_values_are_adjusted_over_the_contrasts_of_one_measure(study):
    for key, value in {"instruct": 0.02, "best_of_n": 0.5}.items():
        candidates = Candidate.objects.filter(arm__key=key)
        Score.objects.filter(clip__renderings__candidate__in=candidates).update(value=F("value") + value)
    contrasts = results_of(study)["contrasts"]

    for measure in ("clap", "oracle"):
        family = [row for row in contrasts if row["measure"] == measure]
        assert [row["p_holm"] for row in family] == pytest.approx(holm([row["p"] for row in family]))
        assert any(row["p_holm"] > row["p"] for row in family)


def test_a_low_bleu_with_every_term_kept_is_a_note_and_with_terms_lost_a_warning(study):
    rewrites = {
        "instruct": "a slow grand piano with much echo under the words {text}, in a low and dark register, at night",
        "best_of_n": "happy polka band",
    }
    for key, text in rewrites.items():
        for candidate in Candidate.objects.filter(arm__key=key).select_related("rewrite", "prompt"):
            candidate.rewrite.text = text.format(text=candidate.prompt.text)
            candidate.rewrite.save()

    levels = {n["title"].split(":")[0]: n["level"] for n in results_of(study)["notices"] if n["code"] == "low-bleu"}

    assert levels == {"Instruct": "note", "Best of n": "warning"}


def test_says_when_an_interval_includes_zero_and_when_an_arm_is_worse(study):
    better, worse = Arm.objects.get(key="instruct_feedback"), Arm.objects.get(key="best_of_n")
    for position, score in enumerate(Score.objects.filter(clip__renderings__candidate__arm=better).order_by("pk")):
        Score.objects.filter(pk=score.pk).update(value=0.31 + 0.1 * (-1) ** (position // 12))
    Score.objects.filter(clip__renderings__candidate__arm=worse).update(value=0.1)

    found = {n["code"]: n["title"] for n in results_of(study)["notices"]}

    assert found["no-gain"] == "No gain shown: Instruct feedback"
    assert found["worse"] == "Worse than the original: Best of n"


def test_failed_clips_are_counted_and_said(study):
    clip = Clip.objects.filter(renderings__candidate__arm__key="instruct").first()
    Clip.objects.filter(pk=clip.pk).update(state="failed", error="Silence.")
    Score.objects.filter(clip=clip).delete()

    results = results_of(study)

    assert (arm(results, "instruct")["clips"], arm(results, "instruct")["clips_failed"]) == (3, 1)
    assert "clips-failed" in codes(results)
