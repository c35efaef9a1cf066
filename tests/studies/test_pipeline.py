"""The pure part: which work becomes possible, and the seeds it gets."""

import pytest

from studies import pipeline
from studies.pipeline import Scored, Scorers


@pytest.mark.parametrize(
    ("method", "rounds", "walk"),
    [
        ("original", 1, ["evaluating", "finished"]),
        ("instruct_icl", 1, ["retrieving", "evaluating", "finished"]),
        ("best_of_n", 1, ["candidates", "evaluating", "finished"]),
        ("instruct_feedback", 1, ["candidates", "training", "evaluating", "finished"]),
        ("instruct_feedback", 2, ["candidates", "training", "candidates", "training", "evaluating", "finished"]),
    ],
)
def test_each_method_walks_its_own_stages(method, rounds, walk):
    here, seen = ("", 0), []
    while here[0] != "finished":
        here = pipeline.next_stage(method, rounds, *here)
        seen.append(here[0])
    assert seen == walk


def test_arms_share_the_audio_seeds_of_a_prompt():
    assert pipeline.take_seeds(7, "evaluate", 3, 4) == pipeline.take_seeds(7, "evaluate", 3, 4)
    assert pipeline.take_seeds(7, "evaluate", 3, 2) == pipeline.take_seeds(7, "evaluate", 3, 4)[:2]


def test_ranked_takes_are_not_judged_takes():
    ranked = set(pipeline.take_seeds(7, "select", 3, 50))
    assert ranked == set(pipeline.take_seeds(7, "train", 3, 50))
    assert not ranked & set(pipeline.take_seeds(7, "evaluate", 3, 50))


def test_seeds_are_exact_in_json_and_differ_between_items():
    seeds = [pipeline.item_seed(1, "x", i) for i in range(1000)]
    assert len(set(seeds)) == 1000
    assert all(seed == int(float(seed)) and 0 <= seed < 2**53 for seed in seeds)


def test_the_first_candidate_is_greedy_and_the_others_are_sampled():
    seeds = [pipeline.candidate_seed(1, 5, 0, i) for i in range(8)]
    assert seeds[0] is None
    assert len(set(seeds)) == 8


def test_an_evaluated_clip_is_judged_against_prompt_and_rewrite_and_the_teacher_sees_the_prompt():
    scorers = Scorers(feedback=1, evaluation=2, oracle=3)
    assert pipeline.wanted_scores("evaluate", scorers, "p", "r") == {(2, "p"), (2, "r"), (1, "p"), (3, "p")}
    assert pipeline.wanted_scores("train", scorers, "p", "r") == {(1, "p")}
    assert pipeline.wanted_scores("evaluate", scorers._replace(oracle=None), "p", "p") == {(2, "p"), (1, "p")}


def test_the_best_candidate_has_the_highest_score_and_the_earlier_of_equals_wins():
    assert pipeline.best([Scored("a", 0.1, 0), Scored("b", 0.4, 1), Scored("c", 0.4, 2)]).text == "b"
    assert pipeline.best([Scored("a", None, 0)]) is None


def test_a_ranking_is_best_first_with_equal_texts_merged():
    ranked = pipeline.ranking(
        "p", [Scored("a", 0.1, 0), Scored("b", 0.4, 1), Scored("a", 0.1, 2), Scored("c", None, 3)]
    )
    assert ranked == {
        "text": "p",
        "exemplars": [],
        "candidates": ["b", "a"],
        "scores": [0.4, 0.1],
        "fidelity": [1.0, 1.0],
    }


def test_a_prompt_whose_candidates_all_say_the_same_teaches_nothing():
    assert pipeline.ranking("p", [Scored("a", 0.1, 0), Scored("a", 0.1, 1)]) is None


def test_more_training_prompts_contain_the_fewer():
    few, many = (pipeline.sample_prompts(3, list(range(1, 41)), n) for n in (5, 10))
    assert len(few) == 5
    assert set(few) < set(many)
    assert few != pipeline.sample_prompts(4, list(range(1, 41)), 5)


@pytest.mark.parametrize(
    ("failed", "settled", "too_many"), [(5, 5, False), (6, 60, False), (6, 59, True), (100, 1000, False)]
)
def test_a_study_fails_too_much_beyond_its_share_and_beyond_five(failed, settled, too_many):
    assert pipeline.failing(failed, settled, 0.1) is too_many
