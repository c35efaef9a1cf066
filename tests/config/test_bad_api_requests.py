"""Thousands of requests to the API that are almost right: refused as problems, and nothing half done."""

from __future__ import annotations

import pytest

from tests.config.bad_answers import Fired
from tests.config.bad_asking import Drawing, alone, named
from tests.strange import LEAST_TAKEN, by_day

pytestmark = pytest.mark.django_db
EACH = by_day(1_100)
# What takes a part of a second to be made, and is asked for seldom.
WHOLE = ("api:bundle", "api:dataset", "api:figure", "api:audio-tar", "api:schema", "api:docs")
ADDRESSES = 5 * named("api:", without=WHOLE) + named("api:")


@pytest.mark.parametrize("seed", range(2))
def test_the_api_refuses_what_is_almost_right(target, seed):
    fired = Fired(target, alone(Drawing(target.world, seed, ADDRESSES)), EACH)

    assert not fired.wrong, str(fired)
    assert fired.taken > EACH * LEAST_TAKEN and fired.refused > EACH / 4, str(fired)
