"""A study: configured while it is a draft, watched afterwards."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from accounts import roles
from accounts.scoped import is_administrator, teams
from studies import cost, validation, workers
from studies.admin.conduct import VERBS, Conduct
from studies.admin.forms import ArmForm, StudyForm, methods_help
from studies.admin.gallery import Gallery
from studies.admin.history import Historic
from studies.models import WORK, Arm, EngineSpec, Study
from studies.progress import Step, progress, time_left

Kind = EngineSpec.Kind
ENGINE_KINDS = {
    "generator": Kind.GENERATOR,
    "feedback_scorer": Kind.SCORER,
    "evaluation_scorer": Kind.SCORER,
    "oracle": Kind.JUDGE,
    "rewriter": Kind.REWRITER,
}


class FitsEngines(admin.options.BaseModelAdmin):
    """Offers each field the engines that can do its work."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if kind := ENGINE_KINDS.get(db_field.name):
            kwargs["queryset"] = EngineSpec.objects.filter(kind=kind)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ArmInline(FitsEngines, admin.StackedInline):
    model = Arm
    form = ArmForm
    fieldsets = [(None, {"fields": [("name", "key", "position"), ("method", "rewriter"), "parameters"]})]
    extra = 0
    min_num = 1

    def get_formset(self, request, obj=None, **kwargs):
        self.verbose_name_plural = "Arms: the ways of rewriting that are compared, on the same prompts"
        return super().get_formset(request, obj, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj=None) -> bool:
        return True  # Whoever sees the study sees its arms.

    def has_add_permission(self, request: HttpRequest, obj=None) -> bool:
        may = is_administrator(request) or obj is None or obj.team_id in teams(request, roles.CHANGE)
        return may and (obj is None or obj.status == Study.Status.DRAFT)

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.has_add_permission(request, obj)


@admin.register(Study)
class StudyAdmin(FitsEngines, Historic, Gallery, Conduct):
    teaches = "A recipe has all that a study needs but its prompts: choose one, see what it costs, and launch."
    form = StudyForm
    inlines = [ArmInline]
    list_display = ["name", "team", "state", "prompt_set", "arms_count", "created_at", "launched_at"]
    list_filter = [
        "status",
        ("team", admin.RelatedOnlyFieldListFilter),
        ("prompt_set", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["team", "prompt_set"]
    search_fields = ["name", "slug", "description"]
    ordering = ["-created_at"]
    date_hierarchy = "created_at"
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["prompt_set"]
    fieldsets = [
        (None, {"fields": ["name", "slug", "team", "description", "prompt_set"]}),
        (
            "Engines",
            {
                "fields": ["generator", ("feedback_scorer", "evaluation_scorer"), "oracle"],
                "description": "The scorer that ranks candidates teaches the rewriter; another one must judge, "
                "or it flatters what it taught.",
            },
        ),
        (
            "Evaluation",
            {
                "fields": [
                    ("evaluation_kind", "evaluation_split", "control_prompts"),
                    ("evaluation_takes", "feedback_takes"),
                    ("seconds", "seed"),
                    "failure_limit",
                ],
                "description": "Every arm rewrites each of these prompts; every text is rendered once a take. Twice "
                "the takes are twice the clips, and tell an arm's effect from the luck of one draw.",
            },
        ),
        (
            "Listening test",
            {
                "fields": ["listening_pairs", ("listening_prompts", "votes_per_trial", "trials_per_session")],
                "description": "Votes = pairs × prompts × votes a trial. To tell a preference of 60 % from chance a "
                "pair needs about 200 of them; with twenty trials a session careless raters can be told apart.",
            },
        ),
        (
            "Record",
            {"fields": ["recipe", "created_by", "created_at", "launched_at", "finished_at"], "classes": ["collapse"]},
        ),
    ]
    record = ["recipe", "created_by", "created_at", "launched_at", "finished_at"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(arms_size=Count("arms"))

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return self.fieldsets[:-1]
        return self.fieldsets if self.has_change_permission(request, obj) else _read_only(self.fieldsets)

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    def get_readonly_fields(self, request, obj=None):
        return [*self.record, "pairs_heard"]

    def has_change_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        """Launched is frozen: what the results say must be what was asked."""
        return super().has_change_permission(request, obj) and not self.frozen(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not self.frozen(obj)

    def get_deleted_objects(self, objs, request):
        """What belongs to a draft goes with it, though it is not deleted on its own."""
        deleted, counts, perms, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, perms & {self.opts.verbose_name}, protected

    @staticmethod
    def frozen(obj: Study | None) -> bool:
        return obj is not None and obj.status != Study.Status.DRAFT

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def response_change(self, request, obj) -> HttpResponse:
        if "_launch" not in request.POST:
            return super().response_change(request, obj)
        self.ask(request, obj, "launch")
        return redirect("admin:studies_study_change", obj.pk)

    def response_add(self, request, obj, post_url_continue=None) -> HttpResponse:
        """To the study itself: launching it is the next step."""
        if {"_addanother", "_popup"} & set(request.POST):
            return super().response_add(request, obj, post_url_continue)
        request.POST = request.POST.copy()
        request.POST["_continue"] = "1"
        return super().response_add(request, obj, post_url_continue)

    def render_change_form(self, request, context, *args, **kwargs):
        return super().render_change_form(request, context | {"methods": methods_help()}, *args, **kwargs)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        study = self.get_object(request, object_id)
        standing = self.standing(request, study) if isinstance(study, Study) else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **standing})

    def standing(self, request: HttpRequest, study: Study) -> dict[str, Any]:
        """What the page says above the form: where the study stands and what can be done now."""
        missing = validation.faults(study) if study.status == Study.Status.DRAFT else {}
        draft = study.status == Study.Status.DRAFT
        steps = [] if missing or draft else progress(study)
        left = time_left(study, steps) if study.status == Study.Status.RUNNING else None
        failed = any(step.failed for step in steps)
        open_to = VERBS.items() if self.may_conduct(request, study) else ()
        verbs = [(name, verb) for name, verb in open_to if study.status in verb.allowed and name != "launch"]
        return {
            "missing": missing,
            "warnings": validation.warnings(study),
            "unserved": workers.missing(study),
            "steps": [(step, _failed(study, step)) for step in steps],
            "minutes_left": None if left is None else max(1, round(left.total_seconds() / 60)),
            "verbs": [(name, verb) for name, verb in verbs if failed or name != "retry"],
            "cost": cost.of_study(study) if draft and not missing else None,
        }

    @admin.display(description="status", ordering="status")
    def state(self, study) -> str:
        title = study.status_reason
        return format_html(
            '<span class="status {}" title="{}">{}</span>', study.status, title, study.get_status_display()
        )

    @admin.display(description="Pairs that raters compare")
    def pairs_heard(self, study) -> str:
        names = dict(study.arms.values_list("key", "name"))
        return "; ".join(" – ".join(names.get(key, key) for key in pair) for pair in study.listening_pairs) or "none"

    @admin.display(description="arms", ordering="arms_size")
    def arms_count(self, study) -> int:
        return study.arms_size


def _read_only(fieldsets: list) -> list:
    """With the pairs as people read them, not as they are stored."""
    shown = {"listening_pairs": "pairs_heard"}
    return [
        (title, {**options, "fields": [shown.get(each, each) if isinstance(each, str) else each
                                       for each in options["fields"]]})
        for title, options in fieldsets
    ]  # fmt: skip


def _failed(study: Study, step: Step) -> str:
    """The address of the step's failed rows."""
    page = reverse(f"admin:studies_{WORK[step.kind]._meta.model_name}_changelist")
    return f"{page}?study={study.pk}&state__exact=failed"
