"""Erasing raters from the admin's list. It takes the list over from accounts."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts import admin as people
from accounts.models import Rater
from accounts.scoped import is_administrator
from listening.actions.erase import erase

admin.site.unregister(Rater)


@admin.register(Rater)
class RaterAdmin(people.RaterAdmin):
    """Raters are of no team: administrators see and erase them."""

    actions = ["erase_chosen"]

    def has_erase_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request)

    @admin.action(description="Erase the chosen raters", permissions=["erase"])
    def erase_chosen(self, request: HttpRequest, raters: QuerySet[Rater]) -> HttpResponse | None:
        """Asks first what becomes of the votes."""
        if request.POST.get("votes") not in ("keep", "delete"):
            return self._ask(request, raters)
        keep = request.POST["votes"] == "keep"
        erased = [erase(rater=rater, keep_votes=keep) for rater in raters]
        kept = " Their votes are kept without a name." if keep else " Trials that lack votes now are open again."
        messages.success(request, f"{len(erased)} raters erased.{kept}")
        return None

    def _ask(self, request: HttpRequest, raters: QuerySet[Rater]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Erase raters",
            "raters": raters.annotate(studies=Count("sessions")),
        }
        return TemplateResponse(request, "admin/accounts/rater/erase.html", context)
