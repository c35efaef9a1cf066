"""Forms of the panel's pages."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.translation import gettext_lazy as _

from accounts.models import RaterAccount
from listening.eligibility import language_name


class PanelForm(forms.Form):
    """A label stands above its field, and needs no colon."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class AddressForm(PanelForm):
    email = forms.EmailField(
        label=_("Your e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"}), max_length=254
    )

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class PasswordForm(AddressForm):
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    prefix = "by"  # two forms of one page ask for an address


class LanguageForm(PanelForm):
    def __init__(self, account: RaterAccount, data=None) -> None:
        super().__init__(data, initial={"language": account.language})
        codes = dict.fromkeys([code for code, _name in settings.LANGUAGES] + [account.language or "en"])
        named = sorted(((code, language_name(code)) for code in codes), key=lambda pair: pair[1].casefold())
        choices = [("", _("As in my browser")), *named]
        self.fields["language"] = forms.ChoiceField(label=_("Language"), required=False, choices=choices)


class NewPasswordForm(PanelForm):
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = " ".join(password_validators_help_texts())


class DeleteForm(PanelForm):
    """Nothing is chosen beforehand: what becomes of the answers is theirs to say."""

    answers = forms.ChoiceField(
        label=_("And the answers that you gave?"),
        choices=[
            ("delete", _("Delete my answers too. They can then no longer be used.")),
            ("keep", _("Keep my answers without me. Nobody can tell any more that they were mine.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose what becomes of your answers.")},
    )

    def __init__(self, *args, asked: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not asked:
            del self.fields["answers"]
