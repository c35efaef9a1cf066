"""What a study is told of the scorers that it chose."""

from __future__ import annotations

import pytest

from studies import validation
from tests import factories

pytestmark = pytest.mark.django_db
CLAP = {"engine": "transformers-clap", "checkpoint": "sandbox:clap-teacher"}


def test_a_predictor_of_quality_hears_no_words_and_a_composite_with_a_clap_does():
    alone = factories.engine("scorer", "distillmos")
    both = factories.engine("scorer", "composite", parameters={"scorers": [CLAP, {"engine": "distillmos"}]})
    two = factories.engine("scorer", "composite", parameters={"scorers": [{"engine": "distillmos"}] * 2})

    assert [spec.hears_words for spec in (alone, both, two)] == [False, True, False]
    warned = validation.warnings(factories.study(evaluation_scorer=alone))
    assert "hears quality and no words" in warned["evaluation_scorer"][0] and "feedback_scorer" not in warned


def test_exemplars_are_not_found_by_a_scorer_that_hears_no_words():
    alone = factories.engine("scorer", "distillmos")
    study = factories.study(arms=("original", "instruct_icl"), feedback_scorer=alone)

    assert "which hears no words" in validation.faults(study)["arms.instruct_icl.parameters"][0]


def test_an_engine_made_of_the_scorer_that_teaches_counts_as_the_one_that_taught():
    composite = factories.engine("scorer", "composite", parameters={"scorers": [CLAP, {"engine": "distillmos"}]})
    study = factories.study(evaluation_scorer=composite)

    assert study.teaches_and_judges
    assert "also judges" in validation.warnings(study)["evaluation_scorer"][0]
