"""What researchers make: a study from a recipe or by hand, prompts from a file, keys, webhooks, people, providers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.urls import reverse

from accounts.models import ApiToken, Team
from config.screenshots.camera import IMAGES, Camera, Studio
from config.screenshots.people import demo
from config.screenshots.work import wait
from listening.models import Session
from prompts.models import PromptSet
from results.hooks import announce
from results.models import Delivery, Webhook
from studies.models import Study

PROMPTS = IMAGES.parents[1] / "inference" / "sandbox" / "data" / "open_prompts.csv"
FORMS = {
    "admin-study-new": "studies_study_add",
    "admin-engine-new": "studies_enginespec_add",
    "admin-prompt-set-new": "prompts_promptset_add",
    "admin-prompt-new": "prompts_prompt_add",
    "admin-team-new": "accounts_team_add",
    "admin-person-new": "accounts_user_add",
    "admin-panel-new": "accounts_panel_add",
    "admin-provider-new": "listening_provider_add",
    "admin-webhook-new": "results_webhook_add",
    "admin-api-key-new": "accounts_apitoken_add",
}


def take(studio: Studio) -> None:
    wide = studio.camera(user=demo())
    wide.take_all({name: reverse(f"admin:{view}") for name, view in FORMS.items()})
    with drafts_go():
        _from_recipe(wide)
    _from_file(wide)
    _key(wide)
    _webhook(wide, studio.study)
    _erasure(wide)


@contextmanager
def drafts_go() -> Iterator[None]:
    """Studies that are made meanwhile are deleted."""
    before = set(Study.objects.values_list("pk", flat=True))
    try:
        yield
    finally:
        for draft in Study.objects.exclude(pk__in=before):
            draft.delete()


def _from_recipe(wide: Camera) -> None:
    wide.take_all({"admin-recipe": reverse("admin:studies_study_from_recipe", args=["main"])})
    wide.take("admin-recipes", reverse("admin:studies_study_recipes"))
    wide.press("Reckon with these")
    wide.press("Make this study")
    wide.take("admin-draft")
    draft = Study.objects.latest("pk")
    wide.take("admin-study-delete", reverse("admin:studies_study_delete", args=[draft.pk]))
    wide.take("preview-example", reverse("listening:preview", args=[draft.slug]))


def _from_file(wide: Camera) -> None:
    made = PromptSet.objects.create(team=Team.objects.get(slug="demo"), name="Visitors")
    try:
        wide.take("admin-import", reverse("admin:prompts_promptset_import", args=[made.pk]))
        wide.page.set_input_files("[type=file]", PROMPTS)
        wide.press("Check the file")
        wide.take("admin-import-preview")
    finally:
        made.delete()


def _key(wide: Camera) -> None:
    """The page that shows a new key is there once; the key of the picture is gone when the picture is there."""
    page, name = wide.go(reverse("admin:accounts_apitoken_add")), "Nightly export"
    try:
        page.fill("[name=name]", name)
        page.check("[name=scopes][value=export]")
        page.locator("input[name=_save]").click()
        wide.take("admin-api-key-issued")
        key = ApiToken.objects.get(user=demo(), name=name)
        wide.take("admin-api-key", reverse("admin:accounts_apitoken_change", args=[key.pk]))
    finally:
        ApiToken.objects.filter(user=demo(), name=name).delete()


def _webhook(wide: Camera, study: Study) -> None:
    """One whose host does not exist: the page of a delivery says what came of it."""
    events = [Webhook.Event.PAUSED, Webhook.Event.COMPLETED]
    hook = Webhook.objects.create(team=study.team, url="https://lab.example/audionese", events=events)
    try:
        told = announce.test(hook)
        wait(lambda: Delivery.objects.filter(pk=told.pk, attempts__gt=0).exists(), "Nobody delivers webhooks")
        wide.take("admin-webhook", reverse("admin:results_webhook_change", args=[hook.pk]))
        wide.take("admin-deliveries", reverse("admin:results_delivery_changelist"))
        wide.take("admin-delivery", reverse("admin:results_delivery_change", args=[told.pk]))
    finally:
        hook.delete()


def _erasure(wide: Camera) -> None:
    """Asked, and not answered."""
    rater = Session.objects.filter(population=Session.Population.SIMULATED).order_by("pk")[0].rater_id
    page = wide.go(reverse("admin:accounts_rater_changelist") + f"?id__exact={rater}")
    page.locator(f"[name=_selected_action][value='{rater}']").check()
    page.select_option("select[name=action]", "erase_chosen")
    page.locator("button[name=index]").click()
    wide.take("admin-erase")
