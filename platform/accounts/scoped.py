"""Admin pages that show people what belongs to their teams, and nothing else."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest

from accounts import roles
from accounts.choosing import ChosenOne, ChosenSeveral
from accounts.models import Team, User


class StaffRequest(HttpRequest):
    """A request as it arrives at a page of the admin: somebody is signed in."""

    user: User


def teams(request: HttpRequest, wanted: tuple[roles.Role, ...]) -> list[int]:
    """The teams in which whoever asks has one of the roles. The admin asks dozens of times a page: looked up once."""
    held: dict[int, str] | None = getattr(request, "team_roles", None)
    if held is None:
        held = request.team_roles = roles.roles_of(request.user)  # type: ignore[attr-defined]
    return [team for team, role in held.items() if role in wanted]


def has_role(request: HttpRequest, wanted: tuple[roles.Role, ...]) -> bool:
    """In some team, or as an administrator in all of them."""
    return is_administrator(request) or bool(teams(request, wanted))


def is_administrator(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_superuser


class Discreet(admin.ModelAdmin):
    """To whoever may not see a row it is not forbidden but absent: its address answers as one that never existed."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model:
        found = super().get_object(request, object_id, from_field)
        if found is None or not self.has_view_permission(request, found):
            raise Http404
        return found


class TeamScoped(Discreet):
    """`team_path` is the lookup from the model to its team. Subclasses narrow what the roles may do, never widen it."""

    team_path = "team"
    change_roles: tuple[roles.Role, ...] = roles.CHANGE

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return self._within(super().get_queryset(request), request, roles.SEE)

    def changeable(self, request: HttpRequest, rows: QuerySet | None = None) -> QuerySet:
        """Of `rows`, those that the user may change."""
        return self._within(super().get_queryset(request) if rows is None else rows, request, self.change_roles)

    def _within(self, rows: QuerySet, request: HttpRequest, wanted: tuple[roles.Role, ...]) -> QuerySet:
        if is_administrator(request):
            return rows
        mine = self.model._default_manager.filter(**{f"{self.team_path}__in": teams(request, wanted)})
        # As a subquery: joins to many teams must not repeat rows.
        return rows.filter(pk__in=mine.values("pk"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, roles.SEE, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, self.change_roles)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.change_roles, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.change_roles, obj)

    def _may(self, request: HttpRequest, wanted: tuple[roles.Role, ...], obj: Model | None = None) -> bool:
        if obj is None or obj.pk is None:
            return has_role(request, wanted)
        return self._within(self.model._default_manager.filter(pk=obj.pk), request, wanted).exists()

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Choosing a prompt set or a team is no place to delete one."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and hasattr(field.widget, "can_delete_related"):
            field.widget.can_delete_related = False
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """A row can be given to a team in which one may change things, and refer to what one can see."""
        if db_field.remote_field.model is Team:
            mine = roles.teams_of(request.user, self.change_roles)
            kwargs.update(queryset=mine, initial=mine.first() if mine.count() == 1 else None)
        elif "queryset" not in kwargs:
            related = self.admin_site._registry.get(db_field.remote_field.model)
            if isinstance(related, TeamScoped):
                kwargs["queryset"] = related.get_queryset(request)
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", ChosenOne(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", ChosenSeveral(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class ReadOnly(Discreet):
    """Rows that only the product writes."""

    def has_add_permission(self, request: HttpRequest, *args) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
