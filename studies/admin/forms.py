"""Forms of a study and its arms: they say what is wrong while it is still a draft, by the field it concerns."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from pydantic import BaseModel

from prompts.models import Prompt
from studies import arms
from studies.models import Arm, Study


class PairsField(forms.CharField):
    """Pairs of arm keys, one pair a line, as in `instruct, original`."""

    widget = forms.Textarea(attrs={"rows": 4, "cols": 50, "placeholder": "instruct, original"})

    def prepare_value(self, value):
        return "\n".join(", ".join(map(str, pair)) for pair in value) if isinstance(value, list) else value

    def clean(self, value):
        pairs = [[key.strip() for key in line.split(",")] for line in (value or "").splitlines() if line.strip()]
        for number, pair in enumerate(pairs, 1):
            if len(pair) != 2 or not all(pair) or pair[0] == pair[1]:
                raise ValidationError(f"Line {number} is not two different arm keys joined by a comma.")
        return pairs

    def has_changed(self, initial, data) -> bool:
        try:
            return self.clean(data) != (initial or [])
        except ValidationError:
            return True


class StudyForm(forms.ModelForm):
    listening_pairs = PairsField(
        required=False,
        label="Pairs that raters compare",
        help_text="Two arm keys a line, as in: instruct, original. Empty: nobody listens.",
    )
    evaluation_split = forms.ChoiceField(
        choices=Prompt.Split.choices,
        initial=Prompt.Split.TEST,
        help_text="Whose prompts are judged and heard. Nothing is trained on the test split.",
    )

    class Meta:
        model = Study
        fields = "__all__"  # noqa: DJ007 (the admin's fieldsets name them)
        help_texts = {
            "generator": "Makes audio of text.",
            "seconds": "Length of each clip.",
            "slug": "The study's address, for you and for raters.",
        }


class ArmForm(forms.ModelForm):
    class Meta:
        model = Arm
        fields = ["position", "key", "name", "method", "rewriter", "parameters"]
        widgets = {"parameters": forms.Textarea(attrs={"rows": 3, "cols": 28, "class": "code"})}

    def clean_parameters(self) -> dict:
        return self.cleaned_data["parameters"] or {}

    def clean(self) -> dict:
        data = super().clean() or {}
        method, rewriter = data.get("method"), data.get("rewriter")
        if method == Arm.Method.ORIGINAL and rewriter:
            self.add_error("rewriter", "The original is the prompt as given: leave the rewriter empty.")
        if method and method != Arm.Method.ORIGINAL and "rewriter" in data and not rewriter:
            self.add_error("rewriter", "This method rewrites: choose a rewriter.")
        for fault in arms.faults(method, data.get("parameters") or {}) if method else []:
            self.add_error("parameters", fault)
        return data


def parameters_help() -> SafeString:
    """What each method lets one choose, with its defaults, from the schemas themselves."""
    lines = ((method, ", ".join(_choices(schema))) for method, schema in arms.SCHEMAS.items() if schema.model_fields)
    listed = format_html_join("", "<dt>{}</dt><dd>{}</dd>", lines)
    return format_html('<p>JSON, as in {{"n": 8}}; empty for the defaults.</p><dl class="columns">{}</dl>', listed)


def _choices(schema: type[BaseModel]) -> list[str]:
    return [_choice(name, field) for name, field in schema.model_fields.items()]


def _choice(name: str, field) -> str:
    default = field.get_default(call_default_factory=True)
    if isinstance(default, BaseModel):
        return f"{name} ({', '.join(f'{k}: {v}' for k, v in default.model_dump(mode='json').items())})"
    return f"{name} ({default})"
