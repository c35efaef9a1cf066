"""Thousands of requests to pages that are almost right: refused in words, and nothing half done."""

from __future__ import annotations

import pytest

from tests.config.bad_answers import Fired
from tests.config.bad_asking import Drawing, alone, named
from tests.strange import LEAST_TAKEN, by_day

pytestmark = pytest.mark.django_db
EACH = by_day(1_100)
# Pages of raters, and of whoever is not signed in, are asked for more often: everybody may.
PAGES = named("admin:", "/admin/", "healthz", "metrics") + 12 * named(
    "home", "results:", "account:", "listening:", "panel:"
)


@pytest.mark.parametrize("seed", range(4))
def test_pages_refuse_what_is_almost_right(target, seed):
    fired = Fired(target, alone(Drawing(target.world, seed, PAGES)), EACH)

    assert not fired.wrong, str(fired)
    assert fired.taken > EACH * LEAST_TAKEN and fired.refused > EACH / 4, str(fired)
