"""The admin's list of a panel's members: who has joined, who was written to, how much they did."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from accounts.models import Panel, PanelMember
from accounts.panel_invite import report, site
from accounts.panels.inviting import send_again
from accounts.scoped import TeamScoped

STATES = {
    "joined": Q(joined_at__isnull=False),
    "invited": Q(joined_at=None, invited_at__isnull=False),
    "unsent": Q(joined_at=None, invited_at=None),
}
LOOKS = {"joined": "done", "invited": "running", "unsent": "paused"}
WORDS = {"joined": "joined", "invited": "invited", "unsent": "not sent"}


class StateFilter(admin.SimpleListFilter):
    title = parameter_name = "state"

    def lookups(self, request, model_admin):
        return list(WORDS.items())

    def queryset(self, request, queryset):
        return queryset.filter(STATES.get(self.value() or "", Q()))


@admin.register(PanelMember)
class PanelMemberAdmin(TeamScoped):
    """Members come by invitation; here they are looked at, written to once more, or removed."""

    teaches = "Members come by invitation: open a panel, and invite them from a CSV file."
    team_path = "panel__team"
    list_display = ["email", "panel", "state", "used_language", "invited_at", "joined_at", "sessions_done"]
    list_filter = [StateFilter, ("panel", admin.RelatedOnlyFieldListFilter), "language"]
    list_select_related = ["panel", "account"]
    search_fields = ["email"]
    actions = ["write_again"]
    fields = ["email", "panel", "state", "used_language", "invited_at", "joined_at", "sessions_done"]

    def get_queryset(self, request):
        """Sessions are the listening room's: named, not imported. Those in other teams' studies are not counted."""
        done = Q(account__rater__sessions__state="complete", account__rater__sessions__study__team=F("panel__team"))
        return super().get_queryset(request).annotate(done=Count("account__rater__sessions", filter=done))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_invite_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request)

    @admin.action(description="Send the invitation again to the chosen members", permissions=["invite"])
    def write_again(self, request, members: QuerySet[PanelMember]) -> None:
        """To those who have not joined, of panels that one may change."""
        chosen, now, written = list(members.values_list("pk", flat=True)), timezone.now(), []
        for panel in Panel.objects.filter(members__in=chosen).distinct():
            try:
                written += send_again(panel=panel, members=chosen, by=request.user, site=site(request), now=now)
            except PermissionDenied:
                messages.error(request, f"{panel}: only owners and editors of its team may invite.")
        report(request, written, now)

    @admin.display(description="state")
    def state(self, member) -> str:
        name = "joined" if member.joined_at else "invited" if member.invited_at else "unsent"
        return format_html('<span class="status {}">{}</span>', LOOKS[name], WORDS[name])

    @admin.display(description="language", ordering="language")
    def used_language(self, member) -> str:
        return (member.account.language if member.account else member.language) or "–"

    @admin.display(description="sessions done", ordering="done")
    def sessions_done(self, member) -> int:
        return member.done
