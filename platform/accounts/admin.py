"""The admin's pages about people: researchers, teams, tokens, raters."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import member_admin, panel_admin, roles  # noqa: F401 (they register themselves)
from accounts.forms import ApiTokenForm, MembershipForm, MembershipFormSet
from accounts.models import ApiToken, AuditEntry, ConsentText, Membership, Rater, Team, User
from accounts.scoped import Discreet, ReadOnly, TeamScoped, is_administrator, teams
from accounts.second_factor import factor, pages

admin.site.site_header = admin.site.site_title = "Audionese"
admin.site.index_title = "Studies, prompts and people"
admin.site.enable_nav_sidebar = False  # Lists need the width; the first page is one click away.
USUAL_LIFE = timedelta(days=90)  # of a key, unless another day is chosen
# Membership of a team is the permission; groups would be a second list of it.
admin.site.unregister(Group)
admin.site.unregister(TOTPDevice)  # its pages show the secret that a device was told
admin.site.login = pages.to_admin  # type: ignore[method-assign]  # one way in, with its limits and its second factor


@admin.register(User)
class ResearcherAdmin(Discreet, UserAdmin):
    """Administrators only: a researcher has no permission on accounts."""

    list_display = ["username", "email", "teams_list", "second_factor_since", "is_staff", "is_active"]
    actions = ["take_second_factor_away"]
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
        ("Dates", {"fields": ["last_login", "date_joined", "second_factor_since"], "classes": ["collapse"]}),
    ]
    add_fieldsets = [
        *UserAdmin.add_fieldsets,
        ("Access", {"fields": ["email", "is_staff"], "description": "Staff may sign in here; every researcher is."}),
    ]
    readonly_fields = ["last_login", "date_joined", "second_factor_since"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("teams")

    def get_changeform_initial_data(self, request):
        return {**super().get_changeform_initial_data(request), "is_staff": True}

    @admin.action(description="Take the second factor away: they have lost device and codes", permissions=["change"])
    def take_second_factor_away(self, request, users) -> None:
        for user in users:
            factor.take_away(user=user, by=request.user)
        messages.success(request, f"{len(users)} accounts sign in by their password alone, and are signed out.")

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
class ApiTokenAdmin(Discreet):
    """Everybody's own keys. The key is on the page that follows, once; the database keeps its hash."""

    teaches = "A key lets a script do what you may do. Make one for each, with no more rights than it needs."
    form = ApiTokenForm
    list_display = ["name", "user", "may_do", "for_studies", "created_at", "expires_at", "last_used_at"]
    readonly_fields = ["created_at", "last_used_at"]
    search_fields = ["name", "user__username"]

    def get_queryset(self, request):
        tokens = super().get_queryset(request).select_related("user")
        return tokens if request.user.is_superuser else tokens.filter(user=request.user)

    def get_fields(self, request, obj=None):
        whose = ["user"] if obj or request.user.is_superuser else []
        return ["name", *whose, "scopes", "studies", "expires_at", *(self.readonly_fields if obj else [])]

    def get_form(self, request, obj=None, change=False, **kwargs):
        """Whose studies are offered: the token's own user's; an administrator sees all anyway."""
        form = super().get_form(request, obj, change, **kwargs)
        return type("ApiTokenForm", (form,), {"reader": obj.user if obj else request.user})

    @admin.display(description="may")
    def may_do(self, token: ApiToken) -> str:
        return ", ".join(token.scopes)

    @admin.display(description="studies")
    def for_studies(self, token: ApiToken) -> str:
        return ", ".join(token.studies) or "all"

    def get_readonly_fields(self, request, obj=None):
        return [*self.readonly_fields, "user"] if obj else []

    def get_changeform_initial_data(self, request):
        return {"user": request.user.pk, "expires_at": timezone.now() + USUAL_LIFE}

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
        issued, request.issued_key = ApiToken.issue(
            user, obj.name, obj.expires_at, scopes=obj.scopes, studies=obj.studies
        )
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


@admin.register(AuditEntry)
class AuditAdmin(ReadOnly):
    """Administrators only; the database itself refuses changes."""

    list_display = ["at", "kind", "who", "text"]
    list_filter = ["kind", "at"]
    search_fields = ["who", "text"]
    date_hierarchy = "at"
    list_per_page = 50


@admin.register(Rater)
class RaterAdmin(ReadOnly):
    """The provider's id finds somebody and is shown nowhere: payment lists alone have it."""

    list_display = ["id", "provider", "simulated", "created_at"]
    list_filter = ["provider", "simulated"]
    exclude = ["external_id"]
    search_fields = ["=external_id"]
    search_help_text = "The whole id by which the provider knows somebody, as they write it when they ask to be erased."


@admin.register(ConsentText)
class ConsentTextAdmin(ReadOnly):
    teaches = "What raters agree to stands here, word for word, once the first has agreed."
    list_display = ["__str__", "created_at"]
