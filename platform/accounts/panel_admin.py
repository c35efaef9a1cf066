"""The admin's pages about invited panels."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, Q
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import Panel, PanelMember
from accounts.panel_invite import InvitePages


@admin.register(Panel)
class PanelAdmin(InvitePages):
    teaches = (
        "A panel is your own list of people who may be asked to rate. Add one, and invite its members from a CSV file."
    )
    list_display = ["name", "team", "members_link", "joined", "waiting", "created_at"]
    list_filter = [("team", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["team"]
    search_fields = ["name"]
    ordering = ["name"]  # Said here: a count over rows forgets the model's own order.
    figures = ["members_link", "joined", "waiting", "created_at"]

    def get_queryset(self, request):
        waiting = Count("members", filter=Q(members__joined_at=None))
        return super().get_queryset(request).annotate(size=Count("members"), waiting_count=waiting)

    def get_fields(self, request, obj=None):
        return ["name", "team", *(self.figures if obj else [])]

    def get_readonly_fields(self, request, obj=None):
        """A panel stays with the team by which its members were invited."""
        return ["team", *self.figures] if obj else []

    def response_add(self, request, obj, post_url_continue=None):
        """A new panel is empty: the next step is its members."""
        if {"_addanother", "_popup"} & set(request.POST):
            return super().response_add(request, obj, post_url_continue)
        return redirect("admin:accounts_panel_invite", obj.pk)

    def get_deleted_objects(self, objs, request):
        """Counts the members instead of listing each: a panel may have thousands."""
        members = PanelMember.objects.filter(panel__in=objs).count()
        lines = [f"Panel: {obj}" for obj in objs] + [f"{members:,} members and invitations; accounts and votes stay"]
        locked = [str(obj) for obj in objs if not self.has_delete_permission(request, obj)]
        return lines, {"panels": len(objs), "members": members}, set(), locked

    @admin.display(description="members", ordering="size")
    def members_link(self, panel) -> str:
        address = f"{reverse('admin:accounts_panelmember_changelist')}?panel__id__exact={panel.pk}"
        return format_html('<a href="{}">{} members</a>', address, panel.size)

    @admin.display(description="joined")
    def joined(self, panel) -> int:
        return panel.size - panel.waiting_count

    @admin.display(description="not joined yet", ordering="waiting_count")
    def waiting(self, panel) -> int:
        return panel.waiting_count
