"""Forms of signing in and of the second factor."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    """The same words whatever was wrong, so that nobody learns which names there are."""

    error_messages = {
        "invalid_login": "Name and password do not match, or there were too many tries. Check both, or wait a quarter "
        "of an hour.",
        "inactive": "Name and password do not match.",
    }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code",
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean_code(self) -> str:
        """As apps show it, in two groups."""
        return self.cleaned_data["code"].replace(" ", "")


class SetUpForm(CodeForm):
    """Whoever has only found a browser open must not bind it to a device of theirs."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["password", "code"]
