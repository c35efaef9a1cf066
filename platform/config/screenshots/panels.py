"""A panel: how researchers invite its members, and what members meet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.models import Panel, PanelMember, RaterAccount
from accounts.panels import links
from config.screenshots.camera import Camera, Studio
from config.screenshots.hearing import AGREE, study_to_hear, vote
from config.screenshots.people import demo
from listening.actions.erase import erase
from studies.models import Study

HOST = "@pictures.example"
LIST = f"email,language\nada{HOST},en\nben{HOST},de\ncleo{HOST},fr\nnobody at all,en\nben{HOST},de\n"
PAID: dict[str, Any] = {"reward": "2.50", "currency": "EUR"}


def take(studio: Studio) -> None:
    with panel_of(studio.study, "Weekend listeners") as panel:
        ada = panel.members.create(email=f"ada{HOST}", invited_at=timezone.now())
        max_ = panel.members.create(email=f"max{HOST}", language="de", invited_at=timezone.now())
        panel.members.create(email=f"zoe{HOST}")
        _inviting(studio, panel, ada)
        phone = studio.phone()
        _coming(phone, ada)
        with study_to_hear(studio.study, "Sounds of the week", **PAID) as study:
            study.listening_test.panels.add(panel)
            _working(phone, study)
            _leaving(phone)
        phone.go(reverse("panel:join", args=[max_.token])).locator("button[value=decline]").click()
        phone.take("panel-declined")


@contextmanager
def panel_of(study: Study, name: str) -> Iterator[Panel]:
    while Panel.objects.filter(team=study.team, name=name).exists():
        name += " again"
    panel = Panel.objects.create(team=study.team, name=name)
    try:
        yield panel
    finally:
        for account in RaterAccount.objects.filter(email__endswith=HOST):
            erase(rater=account.rater, keep_votes=False)
        panel.delete()


def _inviting(studio: Studio, panel: Panel, member: PanelMember) -> None:
    wide = studio.camera(user=demo())
    wide.take("admin-panel", reverse("admin:accounts_panel_change", args=[panel.pk]))
    wide.take("admin-panel-members", reverse("admin:accounts_panelmember_changelist"))
    wide.take("admin-panel-member", reverse("admin:accounts_panelmember_change", args=[member.pk]))
    wide.take("admin-panel-invite", reverse("admin:accounts_panel_invite", args=[panel.pk]))
    wide.page.fill("[name=text]", LIST)
    wide.press("Check the list")
    wide.take("admin-panel-invite-preview")


def _coming(phone: Camera, member: PanelMember) -> None:
    """By the invitation; later by a link that is sent."""
    phone.take("panel-join", reverse("panel:join", args=[member.token]))
    phone.page.locator("button[value=accept]").click()
    phone.page.wait_for_url(f"**{reverse('panel:home')}")
    phone.page.context.clear_cookies()
    phone.take("panel-sign-in", reverse("panel:sign_in"))
    phone.page.fill("[name=email] >> nth=0", member.email)
    phone.press("Send me a link")
    phone.take("panel-sent")
    account = RaterAccount.objects.get(email=member.email)
    phone.take("panel-link", reverse("panel:link", args=[links.token_for(account)]))
    phone.page.locator("form button").first.click()
    phone.page.wait_for_url(f"**{reverse('panel:home')}")


def _working(phone: Camera, study: Study) -> None:
    phone.take("panel-home", reverse("panel:home"))
    phone.page.locator(f"form[action='{reverse('panel:begin', args=[study.slug])}'] button").click()
    phone.page.locator(AGREE).click()
    for _ in range(study.trials_per_session):
        vote(phone.page)
    phone.take("panel-end")
    phone.take("panel-home-owed", reverse("panel:home"))


def _leaving(phone: Camera) -> None:
    phone.take("panel-profile", reverse("panel:profile"))
    phone.take("panel-delete", reverse("panel:delete"))
    phone.page.locator("[name=answers]").first.check()
    phone.page.locator("button.bad").click()
    phone.take("panel-deleted")
