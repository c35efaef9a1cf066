"""The admin's pages about people: researchers, teams, tokens, raters."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count
from django.http import HttpRequest
from django.template.response import TemplateResponse

from accounts import member_admin, panel_admin, roles  # noqa: F401 (they register themselves)
from accounts.forms import ApiTokenForm, MembershipForm, MembershipFormSet
from accounts.models import ApiToken, ConsentText, Membership, Rater, Team, User
from accounts.scoped import ReadOnly, TeamScoped, is_administrator, teams

admin.site.site_header = admin.site.site_title = "Audionese"
admin.site.index_title = "Studies, prompts and people"
admin.site.enable_nav_sidebar = False  # Lists need the width; the first page is one click away.
# Membership of a team is the permission; groups would be a second list of it.
admin.site.unregister(Group)


@admin.register(User)
class ResearcherAdmin(UserAdmin):
    """Administrators only: a researcher has no permission on accounts."""

    list_display = ["username", "email", "first_name", "last_name", "teams_list", "is_staff", "is_active"]
    list_filter = ["is_active", "is_staff", "is_superuser", "teams"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["first_name", "last_name", "email"]}),
        (
            "Access",
            {
                "fields": ["is_active", "is_staff", "is_superuser"],
                "description": "Staff may sign in here and see what belongs to their teams. "
                "Superusers see and change everything.",
            },
        ),
        ("Dates", {"fields": ["last_login", "date_joined"], "classes": ["collapse"]}),
    ]
    add_fieldsets = [
        *UserAdmin.add_fieldsets,
        ("Access", {"fields": ["email", "is_staff"], "description": "Staff may sign in here; every researcher is."}),
    ]
    readonly_fields = ["last_login", "date_joined"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("teams")

    def get_changeform_initial_data(self, request):
        return {**super().get_changeform_initial_data(request), "is_staff": True}

    @admin.display(description="teams")
    def teams_list(self, user: User) -> str:
        return ", ".join(team.name for team in user.teams.all())


class MembershipInline(admin.TabularInline):
    model = Membership
    form = MembershipForm
    formset = MembershipFormSet
    extra = 1
    verbose_name_plural = "Members: owners manage the team, editors change its studies, viewers look"

    def has_view_permission(self, request: HttpRequest, obj=None) -> bool:
        return True  # Whoever sees the team sees who is in it.

    def has_add_permission(self, request: HttpRequest, obj=None) -> bool:
        return obj is None or is_administrator(request) or obj.pk in teams(request, roles.OWN)

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.has_add_permission(request, obj)


@admin.register(Team)
class TeamAdmin(TeamScoped):
    """Administrators found a team; its owners manage it; its members see who else is in it."""

    team_path = "pk"
    change_roles = roles.OWN
    list_display = ["name", "slug", "members_count"]
    search_fields = ["name", "slug"]
    ordering = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [MembershipInline]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(size=Count("memberships"))

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return request.user.is_superuser

    @admin.display(description="members", ordering="size")
    def members_count(self, team) -> int:
        return team.size


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    """Everybody's own keys. The key is on the page that follows, once; the database keeps its hash."""

    form = ApiTokenForm
    list_display = ["name", "user", "created_at", "expires_at", "last_used_at"]
    readonly_fields = ["created_at", "last_used_at"]
    search_fields = ["name", "user__username"]

    def get_queryset(self, request):
        tokens = super().get_queryset(request).select_related("user")
        return tokens if request.user.is_superuser else tokens.filter(user=request.user)

    def get_fields(self, request, obj=None):
        whose = ["user"] if obj or request.user.is_superuser else []
        return ["name", *whose, "expires_at", *(self.readonly_fields if obj else [])]

    def get_readonly_fields(self, request, obj=None):
        return [*self.readonly_fields, "user"] if obj else []

    def get_changeform_initial_data(self, request):
        return {"user": request.user.pk}

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.has_module_permission(request) and (obj is None or self._own(request, obj))

    has_change_permission = has_delete_permission = has_view_permission

    def _own(self, request: HttpRequest, obj: ApiToken) -> bool:
        return request.user.is_superuser or obj.user_id == request.user.pk

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
            return
        user = obj.user if request.user.is_superuser and obj.user_id else request.user
        issued, request.issued_key = ApiToken.issue(user, obj.name, obj.expires_at)
        obj.pk, obj.user, obj.digest = issued.pk, user, issued.digest

    def response_add(self, request, obj, post_url_continue=None):
        """The key itself goes into this page alone: not into a message, a cookie or a log."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Your new key",
            "token": obj,
            "key": request.issued_key,
        }
        return TemplateResponse(request, "admin/accounts/apitoken/issued.html", context)


@admin.register(Rater)
class RaterAdmin(ReadOnly):
    list_display = ["id", "provider", "external_id", "simulated", "created_at"]
    list_filter = ["provider", "simulated"]
    search_fields = ["external_id"]


@admin.register(ConsentText)
class ConsentTextAdmin(ReadOnly):
    list_display = ["__str__", "created_at"]
