"""What everybody of a team reads, in the order in which they meet it."""

from __future__ import annotations

from django.urls import reverse

from config.screenshots.camera import Studio
from config.screenshots.people import demo, researcher, team_of
from results.tabs import TABS


def take(studio: Studio) -> None:
    wide, study = studio.camera(user=demo()), studio.study
    sharp, dark = studio.camera(user=demo(), device_scale_factor=1.5), studio.camera(user=demo(), color_scheme="dark")
    results = reverse("results:study", args=[study.slug])
    tabs = {tab: reverse("results:tab", args=[study.slug, tab]) for tab in TABS}
    studio.camera().take("sign-in", reverse("results:login"))
    wide.take("studies", reverse("results:studies"))
    sharp.take("results", results, whole=False)
    dark.take("results-dark", results)
    wide.take_all({f"tab-{tab}": path for tab, path in tabs.items()})
    dark.take("tab-preference-dark", tabs["preference"])
    wide.take("watch", reverse("results:watch", args=[study.slug]))
    wide.take("workers", reverse("results:workers"))
    wide.take("plan", reverse("results:plan"))
    dark.take("plan-dark", reverse("results:plan"))
    wide.take("api", reverse("api:docs"))
    wide.take("api-study", reverse("api:study", args=[study.slug]))
    _first_steps(studio)


def _first_steps(studio: Studio) -> None:
    """What a team sees that has no study yet."""
    with team_of("Newcomers") as team, researcher("mira", team) as user:
        wide = studio.camera(user=user)
        wide.take("first-studies", reverse("results:studies"))
        wide.take("first-recipes", reverse("admin:studies_study_recipes"))
