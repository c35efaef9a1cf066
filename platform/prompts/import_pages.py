"""Importing a file of prompts in the admin: upload, preview with every fault, then keep the good rows or cancel."""

from __future__ import annotations

from collections import Counter

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from accounts.scoped import StaffRequest, TeamScoped
from prompts.actions import forget_upload, import_prompts, keep_upload, new_version
from prompts.comparing import compare
from prompts.describing import Description, Text, changes
from prompts.errors import ImportRefusedError, PromptError
from prompts.forms import UploadForm
from prompts.header import COLUMNS
from prompts.limits import Limits
from prompts.models import PromptSet, Upload
from prompts.plan import split_named
from prompts.plan_form import PlanForm
from prompts.reading import Reading, read_prompts

SHOWN_FAULTS, SHOWN_ROWS = 200, 12


class ImportPages(TeamScoped):
    """For the admin of prompt sets. The pages of an import ask for the right to change the set."""

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/import/", wrap(self.upload), name="prompts_promptset_import"),
            path("<int:pk>/import/preview/", wrap(self.preview), name="prompts_promptset_preview"),
            path("<int:pk>/version/", wrap(require_POST(self.begin_version)), name="prompts_promptset_version"),
            path("<int:pk>/statistics/", wrap(self.statistics), name="prompts_promptset_statistics"),
            *super().get_urls(),
        ]

    def statistics(self, request: StaffRequest, pk: int) -> HttpResponse:
        prompt_set = self._seen(request, pk)
        texts = _texts(prompt_set)
        description = Description(texts)
        most = max((count for _, count in description.lengths), default=1)
        heights = ((length, count, round(100 * count / most, 1)) for length, count in description.lengths)
        context = {
            "description": description,
            "bars": [(length, count, height, 100 - height) for length, count, height in heights],
            "changes": changes(_texts(prompt_set.previous), texts) if prompt_set.previous else None,
            "later": PromptSet.objects.filter(previous=prompt_set).first(),
            "may_change": self.has_change_permission(request, prompt_set),
            "title": f"Statistics of {prompt_set}",
        }
        return self._page(request, prompt_set, "statistics", context)

    def begin_version(self, request: StaffRequest, pk: int) -> HttpResponse:
        prompt_set = self._changeable(request, pk)
        try:
            made = new_version(by=request.user, prompt_set=prompt_set)
        except PromptError as error:
            messages.error(request, str(error))
            return redirect("admin:prompts_promptset_statistics", pk)
        self.log_addition(request, made, f"Begun as a copy of {prompt_set}.")
        messages.success(request, f"{made} has the prompts of {prompt_set}, and can be changed.")
        return redirect("admin:prompts_promptset_change", made.pk)

    def upload(self, request: StaffRequest, pk: int) -> HttpResponse:
        prompt_set = self._changeable(request, pk)
        form = UploadForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            name, content = form.cleaned_data["file"]
            keep_upload(by=request.user, prompt_set=prompt_set, name=name, content=content)
            return redirect("admin:prompts_promptset_preview", pk)
        context = {"form": form, "columns": COLUMNS, "limits": Limits.current()}
        return self._page(request, prompt_set, "upload", context)

    def preview(self, request: StaffRequest, pk: int) -> HttpResponse:
        """GET shows what the upload would do. POST does it, for the very bytes that were shown."""
        prompt_set = self._changeable(request, pk)
        upload = Upload.objects.filter(prompt_set=prompt_set, user=request.user).first()
        if upload is None:
            messages.warning(request, "There is no upload waiting. Choose the file again.")
            return redirect("admin:prompts_promptset_import", pk)
        if request.method == "POST":
            return self._decide(request, prompt_set, upload)
        return self._page(request, prompt_set, "preview", _preview(prompt_set, upload, request.GET))

    def _decide(self, request: StaffRequest, prompt_set: PromptSet, upload: Upload) -> HttpResponse:
        if "cancel" in request.POST:
            forget_upload(by=request.user, prompt_set=prompt_set)
            messages.info(request, f"{upload.name} was not imported; nothing has changed.")
            return redirect("admin:prompts_promptset_change", prompt_set.pk)
        if request.POST.get("checksum") != upload.checksum:
            messages.warning(request, "Another file was uploaded since. This is its preview.")
            return redirect("admin:prompts_promptset_preview", prompt_set.pk)
        reading, form = _planned(upload, request.POST)
        if form.is_bound and not form.is_valid():
            return self._page(request, prompt_set, "preview", _preview(prompt_set, upload, request.POST))
        return self._import(request, prompt_set, upload, reading)

    def _import(self, request: StaffRequest, prompt_set: PromptSet, upload: Upload, reading: Reading) -> HttpResponse:
        try:
            done = import_prompts(by=request.user, prompt_set=prompt_set, reading=reading, keep_good=True)
        except ImportRefusedError:
            messages.error(request, "Nothing was imported: the file has no good row left. Its faults are below.")
            return redirect("admin:prompts_promptset_preview", prompt_set.pk)
        except PromptError as error:
            messages.error(request, str(error))
            return redirect("admin:prompts_promptset_change", prompt_set.pk)
        forget_upload(by=request.user, prompt_set=prompt_set)
        left_out = f" {len({fault.line for fault in done.faults})} faulty rows were left out." if done.faults else ""
        self.log_change(request, prompt_set, f"Imported {done.added} prompts from {upload.name}.{left_out}")
        messages.success(request, f"{done.added} prompts imported from {upload.name}.{left_out}")
        return redirect(f"{reverse('admin:prompts_prompt_changelist')}?prompt_set__id__exact={prompt_set.pk}")

    def _seen(self, request: StaffRequest, pk: int) -> PromptSet:
        prompt_set = self.get_queryset(request).filter(pk=pk).first()
        if prompt_set is None:
            raise Http404
        return prompt_set

    def _changeable(self, request: StaffRequest, pk: int) -> PromptSet:
        prompt_set = self._seen(request, pk)
        if not self.has_change_permission(request, prompt_set):
            raise PermissionDenied
        return prompt_set

    def _page(self, request: StaffRequest, prompt_set: PromptSet, name: str, context: dict) -> HttpResponse:
        base = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "prompt_set": prompt_set,
            "title": f"Import into {prompt_set}",
        }
        return TemplateResponse(request, f"admin/prompts/promptset/{name}.html", base | context)


def _texts(prompt_set: PromptSet) -> list[Text]:
    rows = prompt_set.prompts.order_by("position").values_list("text", "kind", "split")
    return [Text(*row) for row in rows]


def _planned(upload: Upload, chosen: QueryDict) -> tuple[Reading, PlanForm]:
    """The file as it was chosen to be read, or, where nothing was chosen yet, as its columns' names say."""
    reading = read_prompts(bytes(upload.content), name=upload.name)
    read = dict(zip(reading.columns, reading.sources, strict=True))
    form = PlanForm(chosen if "column_text" in chosen else None, reading.names, read, split_named(upload.name))
    if form.is_valid():
        reading = read_prompts(bytes(upload.content), name=upload.name, plan=form.plan)
    return reading, form


def _preview(prompt_set: PromptSet, upload: Upload, chosen: QueryDict) -> dict:
    reading, form = _planned(upload, chosen)
    found = compare(reading, prompt_set)
    counts = Counter((row.kind, row.split) for row in found.new)
    return {
        "upload": upload,
        "form": form,
        "reading": reading,
        "new": len(found.new),
        "known": found.known,
        "counts": sorted((kind, split, count) for (kind, split), count in counts.items()),
        "rows": found.new[:SHOWN_ROWS],
        "faults": found.faults[:SHOWN_FAULTS],
        "fault_count": len(found.faults),
        "faulty_rows": len({fault.line for fault in found.faults}),
    }
