"""What is said where there is no page: unknown addresses, rights that are missing, faults of ours."""

from __future__ import annotations

from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from playwright.sync_api import Route

from config import away
from config.screenshots.camera import Studio
from config.screenshots.people import demo, researcher


def take(studio: Studio) -> None:
    wide = studio.camera(user=demo())
    wide.take("not-found", "/no/such/page/", status=404)
    wide.take("not-found-study", reverse("results:study", args=["no-such-study"]), status=404)
    with researcher("ola", staff=False) as user:
        studio.camera(user=user).take("forbidden", reverse("admin:index"), status=403)
    studio.phone().take("listen-unknown", reverse("listening:arrive", args=["no-such-test"]), status=404)
    for name, error in {"fault": RuntimeError(), "away": OperationalError()}.items():
        answer, camera = answer_to(error), studio.camera()
        camera.page.route(f"**/{name}", giving(answer))
        camera.take(name, f"/{name}", status=answer.status_code)


def answer_to(error: Exception) -> HttpResponse:
    """What the site's handler answers where no view has caught this error."""
    try:
        raise error
    except Exception:
        return away.error(RequestFactory().get("/studies/"))


def giving(response: HttpResponse) -> Callable[[Route], None]:
    """In the place of an address of the site, from where its styles come."""

    def give(route: Route) -> None:
        route.fulfill(status=response.status_code, content_type="text/html; charset=utf-8", body=response.content)

    return give
