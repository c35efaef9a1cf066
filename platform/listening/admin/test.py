"""A study's listening test: configured by its team, previewed as raters see it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest

from accounts import roles
from accounts.scoped import TeamScoped, is_administrator, teams
from listening import query
from listening.actions.configure import configure
from listening.admin.forms import ListeningTestForm, QuestionForm, QuestionFormSet
from listening.admin.pages import Pages
from listening.models import ListeningTest, Question
from studies.admin.history import Historic
from studies.models import Study


class QuestionInline(admin.StackedInline):
    """Of the study, shown with its test."""

    model = Question
    form = QuestionForm
    formset = QuestionFormSet
    extra = 0
    verbose_name_plural = "Questions: a rater meets one of them, the one that lacks most votes"

    def has_view_permission(self, request: HttpRequest, obj=None) -> bool:
        return True  # Whoever sees the test sees what it asks.

    def has_add_permission(self, request: HttpRequest, obj=None) -> bool:
        return is_administrator(request) or obj is None or obj.study.team_id in teams(request, roles.CHANGE)

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.has_add_permission(request, obj)


@admin.register(ListeningTest)
class ListeningTestAdmin(Historic, Pages):
    """Every study has one; it is neither added nor deleted here."""

    teaches = "Every study has a listening test of its own: make a study, and set its test up here."
    form = ListeningTestForm
    team_path = "study__team"
    list_display = ["study", "asked", "votes", "people", "design", "closed"]
    list_select_related = ["study"]
    list_filter = ["closed", "design", "headphones"]
    search_fields = ["study__name", "study__slug", "title"]
    ordering = ["-study__created_at"]
    autocomplete_fields = ["not_after", "only_after"]
    readonly_fields = ["study", "consent_version"]
    fieldsets = [
        (None, {"fields": ["study", "title", "closed"]}),
        (
            "Who may rate",
            {
                "fields": [
                    *("providers", "panels", "languages", "not_after", "only_after", "least_quality"),
                    ("reward", "currency"),
                ],
                "description": "Nothing chosen means anybody. A reward is promised when a rater begins, and stays.",
            },
        ),
        (
            "Before",
            {
                "fields": [("consent_text", "consent_version"), "qualification", "headphones", "practice_trials"],
                "description": "Raters agree, answer your questions, prove that they wear headphones, and practise. "
                "Each step takes about a minute and keeps out who would add noise.",
            },
        ),
        (
            "During",
            {
                "fields": [
                    ("traps_per_ten", "gold_per_ten"),
                    ("least_seconds", "most_seconds"),
                    ("session_minutes", "break_every"),
                ],
                "description": "A trap is a voice inside a clip that says what to answer; gold is a clip beside itself "
                "made worse. With one of each in ten trials and twenty trials a session, at least 95 % of those who "
                "answer by chance are found.",
            },
        ),
        (
            "How trials are given out",
            {
                "fields": ["design", "votes_wanted"],
                "description": "Static: every trial gets its votes. Active: pairs of arms that are still open get more "
                "of them; say how many votes you want in all.",
            },
        ),
        ("After", {"fields": ["comment_asked", "retention_days"]}),
    ]

    def study_of(self, obj: ListeningTest) -> Study:
        return obj.study

    def has_add_permission(self, request: HttpRequest, *args) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("study__listening_questions")

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        """Few enough to tick; and of panels and studies those that the researcher can see."""
        related = self.admin_site._registry.get(db_field.remote_field.model)
        if isinstance(related, TeamScoped):
            kwargs["queryset"] = related.get_queryset(request)
        if db_field.name in ("providers", "panels"):
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_inline_instances(self, request, obj=None):
        """Questions hang on the study, so the formset's parent is the study and not the test."""
        inline = QuestionInline(Study, self.admin_site)
        if not inline.has_add_permission(request, obj):
            inline.max_num = 0
        return [inline]

    def get_formset_kwargs(self, request, obj, inline, prefix, **kwargs):
        made = super().get_formset_kwargs(request, obj, inline, prefix, **kwargs)
        return {**made, "instance": obj.study}

    def save_related(self, request: HttpRequest, form, formsets, change) -> None:
        super().save_related(request, form, formsets, change)
        study = Study.objects.get(pk=form.instance.study_id)
        if opened := configure(study=study):
            messages.info(request, f"{opened} new trials can be heard.")

    @admin.display(description="asks")
    def asked(self, test) -> str:
        return ", ".join(str(question) for question in test.study.listening_questions.all())

    @admin.display(description="votes")
    def votes(self, test) -> str:
        done = query.progress(test.study)
        return f"{done.votes} of {done.votes_needed}" if done.trials else "not open yet"

    @admin.display(description="raters")
    def people(self, test) -> int:
        return query.progress(test.study).raters
