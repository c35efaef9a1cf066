"""What an operator does inside the web server's container, by `docker compose exec web python -m …`.

python -m config.topology.operating account       a team, an account, a token: printed
python -m config.topology.operating plain SLUG …  listening tests that nobody need pass a check for
python -m config.topology.operating work SLUG …   rows done, by study, kind and host, and who serves what, as JSON
"""

from __future__ import annotations

import json
import sys
from collections import Counter

import django


def account() -> str:
    """The key of a token that may do everything, of the owner of a team."""
    from accounts.models import ApiToken, Membership, Team, User

    team, _ = Team.objects.get_or_create(slug="topology", defaults={"name": "Topology"})
    user, _ = User.objects.get_or_create(username="topology")
    Membership.objects.get_or_create(team=team, user=user, defaults={"role": Membership.Role.OWNER})
    return ApiToken.issue(user, "topology", scopes=[scope.value for scope in ApiToken.Scope])[1]


def plain(*slugs: str) -> str:
    """Listening tests of studies without headphone check and practice, which a program that does not listen fails."""
    from listening.models import ListeningTest

    tests = ListeningTest.objects.filter(study__slug__in=slugs)
    tests.update(headphones="none", practice_trials=0, break_every=0, comment_asked=False)
    return ""


def work(*slugs: str) -> str:
    from studies.models import Worker

    engines = {worker.name.split("@")[1].partition(":")[0]: worker.engines for worker in Worker.objects.all()}
    return json.dumps({"done": {slug: _done(slug) for slug in slugs}, "engines": engines})


def _done(slug: str) -> dict[str, Counter[str]]:
    from studies.models import WORK

    done = {}
    for kind, model in WORK.items():
        rows = model._default_manager.filter(state="done", **{f"{model.studies_path}__slug": slug}).distinct()
        done[kind] = Counter(name.partition(":")[0] for _, name in rows.values_list("pk", "worker"))
    return done


if __name__ == "__main__":
    django.setup()
    command, *arguments = sys.argv[1:]
    print({"account": account, "plain": plain, "work": work}[command](*arguments))  # noqa: T201 - its answer
