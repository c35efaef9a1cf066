"""Forms of the admin's pages about people."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError

from accounts import roles
from accounts.models import ApiToken, Membership, User


class UsernameField(forms.ModelChoiceField):
    """Somebody by their exact username: a list to choose from would show who else is here."""

    def __init__(self) -> None:
        super().__init__(
            User.objects.filter(is_active=True),
            to_field_name="username",
            widget=forms.TextInput,
            help_text="As they sign in.",
            error_messages={
                "invalid_choice": "Nobody active has this username. Check its spelling, or ask an administrator "
                "to add the account."
            },
        )

    def prepare_value(self, value):
        if isinstance(value, int):
            return User.objects.filter(pk=value).values_list("username", flat=True).first()
        return super().prepare_value(value)


class MembershipForm(forms.ModelForm):
    user = UsernameField()

    class Meta:
        model = Membership
        fields = ["user", "role"]


class MembershipFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        """Somebody must be able to let others in."""
        super().clean()
        kept = [form.cleaned_data for form in self.forms if form.is_valid() and not form.cleaned_data.get("DELETE")]
        if not any(self.errors) and not any(data.get("role") == Membership.Role.OWNER for data in kept):
            raise ValidationError("A team needs an owner: make one of its members owner.")


class ApiTokenForm(forms.ModelForm):
    """reader: whose studies can be chosen."""

    reader: User
    scopes = forms.MultipleChoiceField(
        choices=ApiToken.Scope,
        widget=forms.CheckboxSelectMultiple,
        help_text="What it may do, within what its user may do.",
    )
    studies = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Only these. None chosen: all that its user may see, those to come too. A key for some studies makes "
        "no new ones.",
    )

    class Meta:
        model = ApiToken
        fields = ["name", "user", "scopes", "studies", "expires_at"]
        help_texts = {
            "name": "What will use it, so that you know which one to delete.",
            "expires_at": "Never, when left empty.",
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "studies" in self.fields:
            self.fields["studies"].choices = self._studies()  # type: ignore[attr-defined]  # a choice field's

    def _studies(self) -> list[tuple[str, str]]:
        """Those that the reader sees now, and those that the key is for already."""
        teams = roles.teams_of(self.reader).order_by("studies__name")
        found = dict(teams.exclude(studies=None).values_list("studies__slug", "studies__name"))
        return list(({slug: slug for slug in self.instance.studies} | found).items())
