"""Each kind of question as raters see it, in their languages; and as a researcher previews it."""

from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import Page

from config.screenshots.camera import PHONE, Studio
from config.screenshots.hearing import AGREE, address_of, at_question, listen, loaded, study_to_hear
from config.screenshots.people import demo
from listening.models import Question
from studies.models import Study

KINDS = tuple(Question.Kind.values)
DARK = {"color_scheme": "dark"}
# Picture, kind of question, device.
SCREENS = [
    *((f"question-{kind.replace('_', '-')}", kind, PHONE) for kind in KINDS),
    ("question-preference-desk", "preference", {}),
    ("question-mushra-desk", "mushra", {}),
    ("question-best-worst-dark", "best_worst", {**PHONE, **DARK}),
    ("question-relevance-german", "relevance", {**PHONE, "locale": "de-DE"}),
    ("question-cmos-french", "cmos", {"locale": "fr-FR"}),
]


def take(studio: Studio) -> None:
    with study_to_hear(studio.study, "Every kind of question", KINDS) as study:
        for name, kind, device in SCREENS:
            if studio.wants(name):
                camera = studio.camera(**device)
                page = at_question(camera, study, kind)
                listen(page)
                half_answered(page, kind)
                camera.take(name)
        for language, locale in (("german", "de-DE"), ("french", "fr-FR")):
            studio.phone(locale=locale).take(f"listen-consent-{language}", address_of(study, language))
        _preview(studio, study)


def half_answered(page: Page, kind: str) -> None:
    """What an answer looks like before it is sent."""
    if kind == "best_worst":
        page.locator(".end input").nth(0).check(force=True)
    for number, slider in enumerate(page.locator(".slider [type=range]").all()):
        for _ in range(number % 4):
            slider.press("PageUp")
        slider.press("ArrowUp")
    page.evaluate("document.activeElement.blur()")


def _preview(studio: Studio, study: Study) -> None:
    wide = studio.camera(user=demo())
    wide.take("preview", reverse("listening:preview", args=[study.slug]))
    wide.page.locator(AGREE).click()
    loaded(wide.page)
    wide.take("preview-trial")
