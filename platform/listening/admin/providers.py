"""Providers of raters: every researcher sees them, an administrator adds and changes them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts import roles
from accounts.scoped import has_role, is_administrator
from listening.models import Provider


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin):
    list_display = ["name", "key", "person_parameter", "hand_in", "one_code"]
    prepopulated_fields = {"key": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "key"]}),
        (
            "Its links",
            {
                "fields": [
                    ("person_parameter", "person_placeholder"),
                    "visit_parameters",
                    ("preview_parameter", "preview_value"),
                ],
                "description": "Which parameters of the link say who comes. The placeholders are what the platform "
                "replaces when it sends somebody.",
            },
        ),
        ("At the end", {"fields": ["hand_in", "completed_url", "screened_url", "left_url", "one_code"]}),
        ("Its list of submissions", {"fields": ["returned_statuses"]}),
    ]

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request, roles.SEE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request)
