"""What the panel's pages share: the account's language, errors as pages, and who may see them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation

from accounts.panels.errors import PanelError
from listening.panel.signed_in import account_of, language_of
from listening.views.page import page

View = Callable[..., HttpResponse]


def panel_page(view: View) -> View:
    """A rater's page in the account's language; what an action refuses becomes a page too."""

    @page
    @wraps(view)
    def spoken(request: HttpRequest, **kwargs) -> HttpResponse:
        language = language_of(request) or translation.get_language()
        with translation.override(language):
            try:
                response = view(request, **kwargs)
            except PanelError as error:
                response = render(request, "panel/problem.html", {"error": error}, status=error.status)
        response.headers["Content-Language"] = language
        return response

    return spoken


def members_only(view: View) -> View:
    """Calls the view with `account`; whoever is not signed in is asked to."""

    @panel_page
    @wraps(view)
    def known(request: HttpRequest, **kwargs) -> HttpResponse:
        account = account_of(request)
        return view(request, account=account, **kwargs) if account else redirect("panel:sign_in")

    return known
