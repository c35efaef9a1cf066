"""Engine specs: shared by all teams, so that work is shared too."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts import roles
from accounts.scoped import has_role, is_administrator
from inference.engines import registry
from studies.models import EngineSpec
from studies.storable import JsonField


class EngineSpecForm(forms.ModelForm):
    engine = forms.ChoiceField(choices=lambda: [(key, f"{key} ({e.kind})") for key, e in registry.ENGINES.items()])

    class Meta:
        model = EngineSpec
        fields = ["name", "slug", "kind", "engine", "checkpoint", "revision", "parameters", "licence"]
        field_classes = {"parameters": JsonField}
        widgets = {"parameters": forms.Textarea(attrs={"rows": 8, "cols": 80, "class": "code"})}
        help_texts = {
            "revision": "A commit or tag of the hub, so that the same name is always the same weights.",
            "parameters": "JSON, checked against the engine's own schema; missing ones get their defaults.",
            "licence": "Of the weights. Some allow research only: see their card.",
        }

    def clean_parameters(self) -> dict:
        return self.cleaned_data["parameters"] or {}


@admin.register(EngineSpec)
class EngineSpecAdmin(admin.ModelAdmin):
    """Every researcher sees and adds them; only an administrator changes one, and only before work has used it."""

    form = EngineSpecForm
    list_display = ["name", "kind", "engine", "checkpoint", "commit", "licence"]
    readonly_fields = ["commit"]
    list_filter = ["kind", "engine", "licence"]
    search_fields = ["name", "slug", "checkpoint"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "slug", "kind", "engine"]}),
        ("Weights", {"fields": ["checkpoint", "revision", "commit", "licence"]}),
        ("Parameters", {"fields": ["parameters"]}),
    ]

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request, roles.SEE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return has_role(request, roles.CHANGE)

    def has_change_permission(self, request: HttpRequest, obj: EngineSpec | None = None) -> bool:
        return is_administrator(request) and not (obj and obj.used)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        """Names people of all teams."""
        if not is_administrator(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def has_delete_permission(self, request: HttpRequest, obj: EngineSpec | None = None) -> bool:
        return self.has_change_permission(request, obj)
