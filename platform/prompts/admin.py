"""The admin's pages about prompt sets and prompts."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, Max, Q
from django.http import HttpRequest
from django.shortcuts import redirect
from django.template.defaultfilters import truncatechars
from django.urls import reverse
from django.utils.html import format_html

from accounts import roles
from accounts.scoped import TeamScoped
from prompts.forms import PromptForm
from prompts.import_pages import ImportPages
from prompts.models import Prompt, PromptSet

SPLITS = Prompt.Split.values


@admin.register(PromptSet)
class PromptSetAdmin(ImportPages):
    """Its prompts are too many for one page: they are imported, and listed on their own."""

    teaches = "A study rewrites what users typed. Add a prompt set, and import a file of prompts into it."
    list_display = ["name", "version", "team", "language", "prompts_link", *SPLITS, "frozen", "created_at"]
    list_filter = ["language", ("team", admin.RelatedOnlyFieldListFilter), ("frozen_at", admin.EmptyFieldListFilter)]
    list_select_related = ["team"]
    search_fields = ["name", "slug", "description"]
    ordering = ["name", "version"]  # Said here: a count over rows forgets the model's own order.
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "slug", "team", "description"]}),
        ("Origin", {"fields": ["language", "licence"]}),
        ("State", {"fields": ["prompts_link", "frozen_at", "created_at"]}),
    ]

    def get_queryset(self, request):
        by_split = {split: Count("prompts", filter=Q(prompts__split=split)) for split in SPLITS}
        return super().get_queryset(request).annotate(size=Count("prompts"), **by_split)

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if obj else self.fieldsets[:2]

    def get_readonly_fields(self, request, obj=None):
        """What results rest on does not change under them."""
        fixed = ["team", "slug", "language"] if obj and obj.frozen_at else []
        return ["prompts_link", "frozen_at", "created_at", *fixed]

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and _is_used(obj))

    def get_deleted_objects(self, objs, request):
        """Counts the prompts instead of listing each: a set may hold tens of thousands."""
        locked = [obj for obj in objs if not self.has_delete_permission(request, obj)]
        prompts = Prompt.objects.filter(prompt_set__in=objs).count()
        lines = [f"Prompt set: {obj}" for obj in objs] + [f"{prompts:,} prompts"]
        protected = [f"{obj}: a study or a later version uses it, or you may not change it" for obj in locked]
        return lines, {"prompt sets": len(objs), "prompts": prompts}, set(), protected

    def response_add(self, request, obj, post_url_continue=None):
        """A new set is empty: the next step is its file."""
        if {"_addanother", "_popup"} & set(request.POST):
            return super().response_add(request, obj, post_url_continue)
        return redirect("admin:prompts_promptset_import", obj.pk)

    @admin.display(description="prompts", ordering="size")
    def prompts_link(self, obj) -> str:
        address = f"{reverse('admin:prompts_prompt_changelist')}?prompt_set__id__exact={obj.pk}"
        return format_html('<a href="{}">{} prompts</a>', address, obj.size)

    @admin.display(boolean=True, description="frozen", ordering="frozen_at")
    def frozen(self, obj) -> bool:
        return obj.frozen_at is not None

    @admin.display(ordering="train")
    def train(self, obj) -> int:
        return obj.train

    @admin.display(ordering="validation")
    def validation(self, obj) -> int:
        return obj.validation

    @admin.display(ordering="test")
    def test(self, obj) -> int:
        return obj.test


def _is_used(prompt_set: PromptSet) -> bool:
    """By a study, or by the version that began as its copy."""
    later = PromptSet.objects.filter(previous=prompt_set)
    return bool(prompt_set.frozen_at) or prompt_set.studies.exists() or later.exists()


@admin.register(Prompt)
class PromptAdmin(TeamScoped):
    teaches = "Prompts come with their set: open or add one, and import a file."
    team_path = "prompt_set__team"
    form = PromptForm
    list_display = ["position", "short_text", "kind", "split", "scene", "tags_list", "prompt_set"]
    list_display_links = ["short_text"]
    list_filter = ["kind", "split", ("prompt_set", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["prompt_set"]
    search_fields = ["text", "scene"]
    autocomplete_fields = ["prompt_set"]
    show_full_result_count = False

    def get_readonly_fields(self, request, obj=None):
        return ["prompt_set"] if obj else []

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.prompt_set.frozen_at)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.has_change_permission(request, obj)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """A prompt is added to a set that one may change and that is not frozen."""
        if db_field.name == "prompt_set":
            teams = roles.teams_of(request.user, self.change_roles)
            kwargs["queryset"] = PromptSet.objects.filter(frozen_at=None, team__in=teams)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.position = (obj.prompt_set.prompts.aggregate(last=Max("position"))["last"] or 0) + 1
        super().save_model(request, obj, form, change)

    @admin.display(description="prompt", ordering="text")
    def short_text(self, obj) -> str:
        return truncatechars(obj.text, 90)

    @admin.display(description="tags")
    def tags_list(self, obj) -> str:
        return "; ".join(obj.tags)
