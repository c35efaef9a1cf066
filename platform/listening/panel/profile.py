"""What an account holds, to see and to change."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import RaterAccount
from accounts.panels.account import change_language, remove_password, set_password
from listening.panel import browser
from listening.panel.forms import LanguageForm, NewPasswordForm
from listening.panel.guard import members_only
from listening.panel.signed_in import language_of


@require_safe
@members_only
def show(request: HttpRequest, account: RaterAccount) -> HttpResponse:
    return _page(request, account)


@require_POST
@members_only
def language(request: HttpRequest, account: RaterAccount) -> HttpResponse:
    form = LanguageForm(account, request.POST)
    if not form.is_valid():
        return _page(request, account, language_form=form)
    change_language(account=account, language=form.cleaned_data["language"])
    with translation.override(language_of(request) or translation.get_language()):
        messages.success(request, _("Your language is stored."))
    return redirect("panel:profile")


@require_POST
@members_only
def password(request: HttpRequest, account: RaterAccount) -> HttpResponse:
    if "remove" in request.POST:
        remove_password(account=account)
        return _stored(request, account, _("Your password was removed. You sign in by e-mail from now on."))
    form = NewPasswordForm(request.POST)
    if not form.is_valid():
        return _page(request, account, password_form=form)
    try:
        set_password(account=account, password=form.cleaned_data["password"])
    except ValidationError as error:
        form.add_error("password", error)
        return _page(request, account, password_form=form)
    return _stored(request, account, _("Your password is stored. Other browsers were signed out."))


def _stored(request: HttpRequest, account: RaterAccount, words: str) -> HttpResponse:
    browser.keep(request, account)
    messages.success(request, words)
    return redirect("panel:profile")


def _page(request: HttpRequest, account: RaterAccount, language_form=None, password_form=None) -> HttpResponse:
    context = {
        "account": account,
        "language_form": language_form or LanguageForm(account),
        "password_form": password_form or NewPasswordForm(),
        "memberships": account.memberships.select_related("panel__team"),
    }
    return render(request, "panel/profile.html", context)
