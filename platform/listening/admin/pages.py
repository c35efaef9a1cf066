"""The pages of a listening test beside its form: recruitment, raters, payment, what is missing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from accounts.audit import Kind, note
from accounts.scoped import StaffRequest, TeamScoped
from listening import payment, topup
from listening.actions.decide import apply_rules, decide
from listening.admin import report
from listening.models import Decision, ListeningTest, Session
from listening.pseudonyms import pseudonym
from listening.quality.evidence import evidence
from listening.quality.rules import Finding, verdicts
from listening.recruitment import recruitment
from studies import clock

Population = Session.Population
RATERS_A_PAGE = 50
TITLES = {
    "recruitment": "Recruitment",
    "raters": "Raters",
    "rater": "Rater",
    "missing": "Missing votes",
    "payment": "Payment list",
}


def of_test(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """To somebody outside the team the test does not exist."""

    @wraps(view)
    def found(self: Pages, request: StaffRequest, pk: int, **kwargs) -> HttpResponse:
        test = self.get_queryset(request).select_related("study").filter(pk=pk).first()
        if test is None:
            raise Http404
        return view(self, request, test, **kwargs)

    return found


class Pages(TeamScoped):
    """For the admin of listening tests."""

    def get_urls(self):
        def page(name: str, view, address: str = ""):
            return path(f"<int:pk>/{address or name}/", self.admin_site.admin_view(view), name=f"listening_{name}")

        return [
            page("recruitment", self.recruitment),
            page("raters", self.raters),
            page("rules", require_POST(self.rules), "raters/rules"),
            page("rater", self.rater, "raters/<int:session>"),
            page("decide", require_POST(self.decide), "raters/<int:session>/decide"),
            page("missing", self.missing),
            page("payment", self.payment),
            page("paid", require_POST(self.paid), "payment/paid"),
            *super().get_urls(),
        ]

    @of_test
    def recruitment(self, request: StaffRequest, test: ListeningTest) -> HttpResponse:
        site = request.build_absolute_uri("/").rstrip("/")
        return self.shown(request, test, "recruitment", recruited=recruitment(test.study, site))

    @of_test
    def raters(self, request: StaffRequest, test: ListeningTest) -> HttpResponse:
        simulated = "simulated" in request.GET
        lines = report.lines(test.study, Population.SIMULATED if simulated else Population.PEOPLE)
        page = Paginator(lines, RATERS_A_PAGE).get_page(request.GET.get("page"))
        context = {"lines": lines, "page": page, "picture": report.picture(), "simulated": simulated}
        return self.shown(request, test, "raters", may_decide=self.may_change(request, test), **context)

    @of_test
    def rules(self, request: StaffRequest, test: ListeningTest) -> HttpResponse:
        self.refuse_viewers(request, test)
        population = Population.SIMULATED if "simulated" in request.POST else Population.PEOPLE
        made = apply_rules(study=test.study, population=population)
        messages.success(request, f"{made} new decisions; those that people made stay.")
        query = "?simulated" if population == Population.SIMULATED else ""
        return redirect(reverse("admin:listening_raters", args=[test.pk]) + query)

    @of_test
    def rater(self, request: StaffRequest, test: ListeningTest, session: int) -> HttpResponse:
        mine = self.session(test, session)
        found = {one.measures.session: one for one in report.verdicts_of(test.study, mine.population)}
        if mine.pk not in found:  # just begun
            found = {one.measures.session: one for one in verdicts(evidence(test.study, mine.population))}
        votes = mine.presentations.filter(vote__isnull=False).order_by("pk")
        context = {
            "session": mine,
            "pseudonym": pseudonym(test.study, mine.rater_id),
            "verdict": found[mine.pk],
            "votes": votes.select_related("vote", "trial__prompt").prefetch_related("playbacks__stimulus__arm"),
            "decisions": mine.decisions.select_related("by").order_by("-pk"),
        }
        return self.shown(request, test, "rater", may_decide=self.may_change(request, test), **context)

    @of_test
    def decide(self, request: StaffRequest, test: ListeningTest, session: int) -> HttpResponse:
        self.refuse_viewers(request, test)
        mine, why = self.session(test, session), request.POST.get("reason", "").strip()
        about, _, value = request.POST.get("decision", "").partition("-")
        if about not in Decision.About.values or value not in ("yes", "no") or not why:
            messages.error(request, "Nothing was decided: write a reason, then choose what to do.")
        else:
            decide(session=mine, about=about, value=value == "yes", reasons=[Finding("hand", why)], by=request.user)
            messages.success(request, "Decided, and written down.")
        return redirect("admin:listening_rater", test.pk, session)

    @of_test
    def missing(self, request: StaffRequest, test: ListeningTest) -> HttpResponse:
        lacking = topup.missing(test.study)
        if "csv" in request.GET:
            rows = [
                (str(one.question), trial.prompt.text, str(trial.votes_needed), str(trial.votes_people))
                for one in lacking
                for trial in one.trials
            ]
            return _csv(payment.as_csv(rows, ("question", "prompt", "votes_needed", "votes")), test, "missing")
        return self.shown(request, test, "missing", lacking=lacking)

    @of_test
    def payment(self, request: StaffRequest, test: ListeningTest) -> HttpResponse:
        """Only who may change the study: it names people."""
        self.refuse_viewers(request, test)
        note(Kind.PAYMENT, f"{test.study.slug}: payment list {'taken as CSV' if 'csv' in request.GET else 'seen'}.")
        sessions = payment.sessions(test.study)
        if "csv" in request.GET:
            return _csv(payment.as_csv(map(payment.row, sessions)), test, "payment")
        rows = [(session, payment.reasons(session)) for session in sessions]
        return self.shown(request, test, "payment", rows=rows)

    @of_test
    def paid(self, request: StaffRequest, test: ListeningTest) -> HttpResponse:
        self.refuse_viewers(request, test)
        chosen = payment.sessions(test.study).filter(pk__in=_numbers(request.POST.getlist("session")), payable=True)
        marked = chosen.filter(paid_at=None).update(paid_at=clock.now())
        self.log_change(request, test, f"Marked {marked} sessions as paid.")
        messages.success(request, f"{marked} sessions are marked as paid.")
        return redirect("admin:listening_payment", test.pk)

    def session(self, test: ListeningTest, pk: int) -> Session:
        found = Session.objects.filter(study=test.study, pk=pk).first()
        if found is None:
            raise Http404
        return found

    def may_change(self, request: HttpRequest, test: ListeningTest) -> bool:
        return self._may(request, self.change_roles, test)

    def refuse_viewers(self, request: HttpRequest, test: ListeningTest) -> None:
        if not self.may_change(request, test):
            raise PermissionDenied

    def shown(self, request: StaffRequest, test: ListeningTest, name: str, **context: Any) -> HttpResponse:
        base = {**self.admin_site.each_context(request), "opts": self.opts, "test": test, "study": test.study}
        page = f"admin/listening/listeningtest/{name}.html"
        return TemplateResponse(request, page, {**base, "title": TITLES[name], "here": name, **context})


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]


def _csv(table: str, test: ListeningTest, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{test.study.slug}-{name}.csv"'}
    return HttpResponse(table, content_type="text/csv; charset=utf-8", headers=headers)
