"""Inviting in bulk in the admin: a list, its preview with every fault, then the good lines are invited."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import pluralize
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from accounts.models import Panel, PanelMember
from accounts.panels.inviting import invite, plan
from accounts.panels.reading import MOST_BYTES, MOST_ROWS, UnreadableError, decode, read_invitations
from accounts.scoped import StaffRequest, TeamScoped

SHOWN = 200


class InviteForm(forms.Form):
    """The text is what the preview showed and what is invited; a file becomes text at once."""

    file = forms.FileField(
        label="CSV file", required=False, widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"})
    )
    text = forms.CharField(
        label="or paste addresses", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 8, "cols": 60})
    )

    def clean(self) -> dict:
        data = super().clean() or {}
        if data.get("file"):
            data["text"] = self._decoded(data["file"])
        if not self.errors and not (data.get("text") or "").strip():
            self.add_error(None, "Choose a file, or paste addresses.")
        return data

    def _decoded(self, file) -> str:
        if file.size > MOST_BYTES:
            self.add_error("file", f"The file is larger than {MOST_BYTES // 1_000_000} MB. Split it.")
            return ""
        try:
            return decode(file.read())
        except UnreadableError as error:
            self.add_error("file", f"Line {error.fault.line}: {error}")
            return ""


class InvitePages(TeamScoped):
    """For the admin of panels. The page asks for the right to change the panel."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.invite_page)
        return [path("<int:pk>/invite/", view, name="accounts_panel_invite"), *super().get_urls()]

    def invite_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        """GET asks for the list; a first POST shows what it would do; the second, with `confirm`, does it."""
        panel = self._changeable(request, pk)
        form = InviteForm(request.POST or None, request.FILES or None)
        if not form.is_valid():
            return self._page(request, panel, "invite", {"form": form, "most": MOST_ROWS})
        text = form.cleaned_data["text"]
        if "confirm" in request.POST:
            return self._invite(request, panel, text)
        return self._page(request, panel, "preview", _preview(panel, text))

    def _invite(self, request: StaffRequest, panel: Panel, text: str) -> HttpResponse:
        rows, now, again = read_invitations(text).rows, timezone.now(), "again" in request.POST
        written = invite(panel=panel, rows=rows, by=request.user, site=site(request), now=now, again=again)
        self.log_change(request, panel, f"Invited {len(written)} people.")
        report(request, written, now)
        return redirect(f"{reverse('admin:accounts_panelmember_changelist')}?panel__id__exact={panel.pk}")

    def _changeable(self, request: StaffRequest, pk: int) -> Panel:
        panel = self.get_queryset(request).filter(pk=pk).first()
        if panel is None:
            raise Http404
        if not self.has_change_permission(request, panel):
            raise PermissionDenied
        return panel

    def _page(self, request: StaffRequest, panel: Panel, name: str, context: dict) -> HttpResponse:
        base = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "panel": panel,
            "title": f"Invite to {panel}",
        }
        return TemplateResponse(request, f"admin/accounts/panel/{name}.html", base | context)


def _preview(panel: Panel, text: str) -> dict:
    reading = read_invitations(text)
    return {
        "text": text,
        "plan": plan(panel, reading.rows),
        "ignored": reading.ignored,
        "faults": reading.faults[:SHOWN],
        "fault_count": len(reading.faults),
        "shown": SHOWN,
    }


def site(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def report(request: HttpRequest, written: Iterable[PanelMember], now: datetime) -> None:
    """Says how many letters left, and that the others wait."""
    keys = [member.pk for member in written]
    sent = PanelMember.objects.filter(pk__in=keys, invited_at=now).count()
    if sent or not keys:
        messages.success(request, f"{sent} invitation{pluralize(sent)} sent.")
    if left := len(keys) - sent:
        text = f"{left} could not be sent; nothing is lost. Choose them below and send again once e-mail works."
        messages.error(request, text)
