"""Importing a CSV in the admin: upload, preview with every fault, then keep the good rows or cancel."""

from __future__ import annotations

from collections import Counter

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.scoped import StaffRequest, TeamScoped
from prompts.actions import forget_upload, import_prompts, keep_upload
from prompts.comparing import compare
from prompts.errors import ImportRefusedError, PromptError
from prompts.forms import UploadForm
from prompts.header import COLUMNS
from prompts.limits import Limits
from prompts.models import PromptSet, Upload
from prompts.reading import read_prompts

SHOWN_FAULTS, SHOWN_ROWS = 200, 12


class ImportPages(TeamScoped):
    """For the admin of prompt sets. Both pages ask for the right to change the set."""

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/import/", wrap(self.upload), name="prompts_promptset_import"),
            path("<int:pk>/import/preview/", wrap(self.preview), name="prompts_promptset_preview"),
            *super().get_urls(),
        ]

    def upload(self, request: StaffRequest, pk: int) -> HttpResponse:
        prompt_set = self._changeable(request, pk)
        form = UploadForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            file = form.cleaned_data["file"]
            keep_upload(by=request.user, prompt_set=prompt_set, name=file.name, content=file.read())
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
        return self._page(request, prompt_set, "preview", _preview(prompt_set, upload))

    def _decide(self, request: StaffRequest, prompt_set: PromptSet, upload: Upload) -> HttpResponse:
        if "cancel" in request.POST:
            forget_upload(by=request.user, prompt_set=prompt_set)
            messages.info(request, f"{upload.name} was not imported; nothing has changed.")
            return redirect("admin:prompts_promptset_change", prompt_set.pk)
        if request.POST.get("checksum") != upload.checksum:
            messages.warning(request, "Another file was uploaded since. This is its preview.")
            return redirect("admin:prompts_promptset_preview", prompt_set.pk)
        return self._import(request, prompt_set, upload)

    def _import(self, request: StaffRequest, prompt_set: PromptSet, upload: Upload) -> HttpResponse:
        try:
            reading = read_prompts(bytes(upload.content))
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

    def _changeable(self, request: StaffRequest, pk: int) -> PromptSet:
        prompt_set = self.get_queryset(request).filter(pk=pk).first()
        if prompt_set is None:
            raise Http404
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


def _preview(prompt_set: PromptSet, upload: Upload) -> dict:
    reading = read_prompts(bytes(upload.content))
    found = compare(reading, prompt_set)
    counts = Counter((row.kind, row.split) for row in found.new)
    return {
        "upload": upload,
        "reading": reading,
        "new": len(found.new),
        "known": found.known,
        "counts": sorted((kind, split, count) for (kind, split), count in counts.items()),
        "rows": found.new[:SHOWN_ROWS],
        "faults": found.faults[:SHOWN_FAULTS],
        "fault_count": len(found.faults),
        "faulty_rows": len({fault.line for fault in found.faults}),
    }
