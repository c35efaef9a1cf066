"""A study whose four prompts, in two arms, are open to be heard."""

import pytest

from listening.actions.open_trials import open_trials
from studies.models import Study
from tests import factories
from tests.once import once


@pytest.fixture
def study(db) -> Study:
    return once(opened)


def opened() -> Study:
    made = factories.complete(factories.study(votes_per_trial=2, trials_per_session=3))
    open_trials(study=made)
    return made
