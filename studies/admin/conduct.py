"""Launch, pause, resume, cancel, retry: buttons on a study's page, and actions of the list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from accounts.scoped import StaffRequest, TeamScoped
from studies import actions
from studies.errors import StudyError
from studies.models import Study

Status = Study.Status
_CHANGE = "admin:studies_study_change"


@dataclass(frozen=True)
class Verb:
    """One thing that can be asked of a study. label: of its button. done: what is said when it worked."""

    act: Callable
    label: str
    done: str
    allowed: tuple[Status, ...]


VERBS = {
    "launch": Verb(actions.launch, "Launch", "{study} is running.", (Status.DRAFT,)),
    "pause": Verb(actions.pause, "Pause", "{study} is paused; what is under way will be recorded.", (Status.RUNNING,)),
    "resume": Verb(actions.resume, "Resume", "{study} goes on.", (Status.PAUSED,)),
    "retry": Verb(
        actions.retry_failed,
        "Retry failed rows",
        "{result} failed rows of {study} wait again.",
        (Status.RUNNING, Status.PAUSED),
    ),
    "cancel": Verb(
        actions.cancel,
        "Cancel for good",
        "{study} is cancelled; what it made stays.",
        (Status.RUNNING, Status.PAUSED),
    ),
}


class Conduct(TeamScoped):
    """For the admin of studies."""

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.do))
        return [path("<int:pk>/do/<slug:name>/", view, name="studies_study_do"), *super().get_urls()]

    def get_actions(self, request) -> dict:
        found: dict = super().get_actions(request)
        if self.has_change_permission(request):
            found |= {
                name: (partial(_selected, name), name, f"{verb.label}: selected studies")
                for name, verb in VERBS.items()
            }
        return found

    def may_conduct(self, request: HttpRequest, study: Study) -> bool:
        return self._may(request, self.change_roles, study)

    def do(self, request: StaffRequest, pk: int, name: str) -> HttpResponse:
        study = self.get_queryset(request).filter(pk=pk).first()
        if study is None or name not in VERBS:
            raise Http404
        if not self.may_conduct(request, study):
            raise PermissionDenied
        if name == "cancel":
            return self.sure(request, [study])
        which = {key: request.POST[key] for key in ("kind", "error") if name == "retry" and key in request.POST}
        self.ask(request, study, name, **which)
        watching = reverse("results:watch", args=[study.slug])
        return redirect(watching if request.POST.get("next") == watching else reverse(_CHANGE, args=[pk]))

    def ask(self, request: StaffRequest, study: Study, name: str, **which: str) -> None:
        """Does it and says so, or says by field why not. which: the rows to retry, all where nothing is said."""
        verb = VERBS[name]
        try:
            result = verb.act(study=study, by=request.user, **which)
        except StudyError as error:
            for field, texts in error.messages.items():
                messages.error(request, f"{study}, {field}: {' '.join(texts)}")
            return
        self.log_change(request, study, f"{verb.label}.")
        messages.success(request, verb.done.format(study=study, result=result))

    def sure(self, request: StaffRequest, studies: list[Study]) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "studies": studies}
        return TemplateResponse(request, "admin/studies/study/cancel.html", context | {"title": "Cancel for good?"})


def _selected(name: str, admin: Conduct, request: StaffRequest, rows: QuerySet[Study]) -> HttpResponse | None:
    """An action of the list. What cannot be undone asks first."""
    studies = list(admin.changeable(request, rows))
    if name == "cancel" and "sure" not in request.POST:
        return admin.sure(request, studies)
    for study in studies:
        admin.ask(request, study, name)
    return redirect(_CHANGE, studies[0].pk) if name == "cancel" and len(studies) == 1 else None
