"""A researcher looks at the test as raters see it, with a real browser."""

import pytest
from playwright.sync_api import Page, expect

from listening.models import Question, Session
from tests import factories
from tests.browser.pages import CLIPS, DESKTOP, PHONE, listen, loaded, picture, study_of

pytestmark = pytest.mark.django_db(transaction=True)


def signed_in(page: Page, study) -> Page:
    page.goto(f"/listen/{study.slug}/preview/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    return page


def test_a_researcher_goes_through_the_pages_that_raters_see(browse, accessible):
    browse.expected += ["404"]  # what was fetched ahead when it began anew
    study = study_of(owner=factories.team(factories.user("ada")))
    page = signed_in(browse(**DESKTOP), study)
    expect(page.get_by_text("Preview: nothing counts.")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="I agree").click()
    loaded(page)
    accessible(page)
    picture(page, "preview-trial")
    listen(page)
    page.get_by_role("button", name="I prefer A").click()
    expect(page.get_by_text("2 of 3")).to_be_visible()

    page.get_by_role("button", name="Start over").click()
    page.get_by_role("button", name="I agree").click()

    expect(page.get_by_text("1 of 3")).to_be_visible()
    assert Session.objects.get().population == "preview"
    study.refresh_from_db()
    assert sum(study.trials.values_list("votes_people", flat=True)) == 0


@pytest.mark.parametrize("kind", sorted(CLIPS))
def test_before_there_are_trials_each_question_is_shown_with_example_sounds(browse, accessible, kind):
    study = factories.study(factories.team(factories.user("ada")))
    Question.objects.create(study=study, position=1, kind=kind)
    page = signed_in(browse(**PHONE), study)
    expect(page.get_by_text("Example sounds")).to_be_visible()
    page.locator(".ribbon a").nth(1).click()
    loaded(page)
    accessible(page)
    picture(page, f"example-{kind}")
    assert page.locator(".player").count() >= {**CLIPS, "mushra": 2}[kind]
    assert not Session.objects.exists()
