"""New study from a recipe: each with what it answers, costs and how it is read, one click away; a copy of a study."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST

from accounts import roles
from accounts.models import Team
from accounts.scoped import StaffRequest, TeamScoped
from prompts.models import PromptSet
from studies import actions, blocks, described, recipes
from studies.admin.cards import card, choices, played
from studies.errors import StudyError

DEFAULT = "sandbox"  # models that run everywhere


class ChooseForm(forms.Form):
    """With which models the study will run, whose it will be, and on which prompts."""

    models = forms.ChoiceField(label="Models", help_text="Every recipe runs with any of them.")
    team = forms.ModelChoiceField(Team.objects.none(), empty_label=None, help_text="Its members will see the study.")
    prompt_set = forms.ModelChoiceField(
        PromptSet.objects.none(), empty_label=None, label="Prompts", help_text="Launching freezes them."
    )

    def __init__(self, data, teams, sets) -> None:
        first = {"team": teams.first(), "prompt_set": sets.first()}
        given = {name: data.get(name) or (default.pk if default else None) for name, default in first.items()}
        super().__init__(given | {"models": data.get("models") or DEFAULT})
        self.fields["models"].choices = [(key, blocks.load(key).name) for key in blocks.names()]  # type: ignore[attr-defined]
        self.asked = urlencode(self.data)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        self.fields["prompt_set"].queryset = sets  # type: ignore[attr-defined]


class Gallery(TeamScoped):
    """For the admin of studies."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("recipes/", view(self.recipes), name="studies_study_recipes"),
            path("recipes/<slug:key>/", view(self.recipe), name="studies_study_from_recipe"),
            path("<int:pk>/duplicate/", view(require_POST(self.duplicate)), name="studies_study_duplicate"),
            *super().get_urls(),
        ]

    def recipes(self, request: StaffRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = self.choice(request, request.GET)
        chosen = form.cleaned_data["prompt_set"] if form.is_valid() else None
        models = form.cleaned_data.get("models") or DEFAULT
        cards = [card(key, models, chosen) for key in recipes.names()]
        context = {"title": "New study from a recipe", "opts": self.opts, "form": form, "cards": cards}
        template = "admin/studies/study/recipes.html"
        return TemplateResponse(request, template, {**self.admin_site.each_context(request), **context})

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def recipe(self, request: StaffRequest, key: str) -> HttpResponse:
        """Its page; by POST, a study of it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if key not in recipes.names():
            raise Http404
        return self.from_recipe(request, key) if request.method == "POST" else self.about(request, key)

    def about(self, request: StaffRequest, key: str) -> HttpResponse:
        form = self.choice(request, request.GET)
        chosen = form.cleaned_data["prompt_set"] if form.is_valid() else None
        shown = card(key, form.cleaned_data.get("models") or DEFAULT, chosen)
        if shown.recipe is None:
            raise Http404
        context = {
            "title": shown.recipe.name,
            "opts": self.opts,
            "form": form,
            "card": shown,
            "arms": [(arm, choices(arm)) for arm in shown.recipe.arms],
            "engines": [(name, *played(shown.recipe, name)) for name in shown.recipe.engines],
            "yaml": described.as_yaml(shown.recipe),
            "written": (Path(settings.ROOT) / "docs" / "experiments" / f"{key}.md").exists(),
        }
        template = "admin/studies/study/recipe.html"
        return TemplateResponse(request, template, {**self.admin_site.each_context(request), **context})

    def from_recipe(self, request: StaffRequest, key: str) -> HttpResponse:
        form = self.choice(request, request.POST)
        if not form.is_valid():
            messages.error(request, "Choose a team of yours and a prompt set that it can see, then the recipe.")
            return redirect("admin:studies_study_recipes")
        models = form.cleaned_data.pop("models")
        try:
            recipe = recipes.load(key, models)
            made = actions.create_study(
                recipe=recipe,
                slug=actions.free_slug(key),
                by=request.user,
                recipe_name=f"{key}@{models}",
                **form.cleaned_data,
            )
        except StudyError as error:
            for field, texts in error.messages.items():
                messages.error(request, f"{key}, {field}: {' '.join(texts)}")
            return redirect("admin:studies_study_recipes")
        messages.success(request, f"“{made}” is a draft: change what you like, then launch it below the form.")
        return redirect("admin:studies_study_change", made.pk)

    def duplicate(self, request: StaffRequest, pk: int) -> HttpResponse:
        study = self.get_queryset(request).filter(pk=pk).first()
        if study is None:
            raise Http404
        if not self._may(request, self.change_roles, study):
            raise PermissionDenied
        made = actions.duplicate(study=study, by=request.user)
        messages.success(request, f"“{made}” is a draft with the same settings and its own listening test.")
        return redirect("admin:studies_study_change", made.pk)

    def choice(self, request: HttpRequest, data) -> ChooseForm:
        sets = self.admin_site._registry[PromptSet].get_queryset(request)
        return ChooseForm(data, roles.teams_of(request.user, self.change_roles), sets.order_by("-created_at"))
