"""What was done to a study, from the admin too: field by field, by whom, and when."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts.scoped import StaffRequest
from studies import actions
from studies.models import Event, Study


class Historic(admin.ModelAdmin):
    """For admins of a study and of what belongs to it: every saved change becomes an event of the study."""

    def study_of(self, obj: Any) -> Study:
        return obj

    def construct_change_message(self, request: HttpRequest, form, formsets, add=False):
        """Called once a save, when forms still know what was there before."""
        if form.instance.pk:
            self._note(request, form, formsets or [], add)
        return super().construct_change_message(request, form, formsets, add)

    def _note(self, request: HttpRequest, form, formsets, add: bool) -> None:
        study, what = self.study_of(form.instance), form.instance._meta.verbose_name
        if add:
            actions.note(study=study, by=request.user, text=f"Made by hand: {what}.")  # type: ignore[arg-type]
            return
        changes = [_change(form, name) for name in form.changed_data]
        changes += [change for formset in formsets for change in _rows(formset)]
        text = f"Changed: {what}."
        actions.note_changes(study=study, by=request.user, text=text, changes=changes)  # type: ignore[arg-type]

    def history_view(self, request: StaffRequest, object_id: str, extra_context=None) -> HttpResponse:  # type: ignore[override]
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_view_permission(request, obj):
            raise Http404
        study = self.study_of(obj)
        context = {
            **self.admin_site.each_context(request),
            "title": "History",
            "subtitle": str(obj),
            "opts": self.opts,
            "object": obj,
            "study": study,
            "events": Event.objects.filter(study=study).select_related("by"),
        }
        return TemplateResponse(request, "admin/studies/study/history.html", context)


def _change(form, name: str, before: str = "") -> dict[str, Any]:
    label = form.fields[name].label or name.replace("_", " ")
    return {
        "field": f"{before}{label}",
        "old": _shown(form, name, form.get_initial_for_field(form.fields[name], name)),
        "new": _shown(form, name, form.cleaned_data.get(name)),
    }


def _shown(form, name: str, value: Any) -> Any:
    """A choice by its name: an id says nothing to whoever reads the history."""
    queryset = getattr(form.fields[name], "queryset", None)
    if queryset is None or value in (None, ""):
        return value
    if isinstance(value, list | tuple) or hasattr(value, "values_list"):
        return sorted(str(one) for one in value)
    return str(queryset.model._default_manager.filter(pk=getattr(value, "pk", value)).first() or value)


def _rows(formset) -> list[dict[str, Any]]:
    """Added, changed and removed rows below the form."""
    found = [{"field": f"{_name(obj)} {obj}", "old": None, "new": "added"} for obj in formset.new_objects]
    found += [{"field": f"{_name(obj)} {obj}", "old": "there", "new": "removed"} for obj in formset.deleted_objects]
    changed = {obj.pk: names for obj, names in formset.changed_objects}
    for form in formset.initial_forms:
        for name in changed.get(form.instance.pk, []):
            found.append(_change(form, name, f"{_name(form.instance)} {form.instance}: "))
    return found


def _name(obj) -> str:
    return str(obj._meta.verbose_name).capitalize()
