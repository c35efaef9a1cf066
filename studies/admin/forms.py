"""Forms of a study and its arms: they say what is wrong while it is still a draft, by the field it concerns."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from pydantic import BaseModel

from prompts.models import Prompt
from studies import arms
from studies.models import Arm, Study
from studies.storable import JsonField


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

    control_prompts = forms.IntegerField(
        min_value=0, required=False, initial=0, help_text=Study._meta.get_field("control_prompts").help_text
    )

    class Meta:
        model = Study
        fields = "__all__"  # noqa: DJ007 (the admin's fieldsets name them)
        widgets = {"description": forms.Textarea(attrs={"rows": 3, "cols": 70})}
        help_texts = {
            "generator": "Makes audio of text.",
            "seconds": "Length of each clip.",
            "slug": "The study's address, for you and for raters.",
            "prompt_set": "What is rewritten. Launching freezes it.",
            "evaluation_kind": "Open: as users type. Expert: as captions are written; rewriting should not harm them.",
            "votes_per_trial": "Different raters a trial.",
            "trials_per_session": "What one rater is asked for.",
        }

    def clean_control_prompts(self) -> int:
        return self.cleaned_data["control_prompts"] or 0


class Indented(json.JSONEncoder):
    """As people write it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "indent": 2})


class ArmForm(forms.ModelForm):
    parameters = JsonField(
        required=False,
        encoder=Indented,
        widget=forms.Textarea(attrs={"rows": 2, "class": "code"}),
        help_text="As JSON; {} takes the defaults, which stand in the table below.",
    )

    class Meta:
        model = Arm
        fields = ["position", "key", "name", "method", "rewriter", "parameters"]

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


WHAT_IT_DOES = {
    "original": "The prompt as typed: what every other arm is measured against.",
    "instruct": "One rewrite by instruction alone (0-shot).",
    "instruct_icl": "One rewrite with the nearest expert captions shown as examples.",
    "best_of_n": "Samples n rewrites, renders all, keeps the one that the teaching scorer likes best.",
    "instruct_feedback": "The paper's method: ranks sampled rewrites by their audio, fine-tunes the rewriter on them.",
}
WHAT_IT_COSTS = {
    "original": "evaluation takes",
    "instruct": "evaluation takes",
    "instruct_icl": "evaluation takes, and an embedding of every expert caption once",
    "best_of_n": "n × feedback takes to choose, and evaluation takes to judge: with 8, 2 and 4 it is 20",
    "instruct_feedback": "evaluation takes; and once candidates × feedback takes for each training prompt and round, "
    "and the training",
}


def methods_help() -> list[dict[str, str]]:
    """What each method does, costs in clips a prompt, and lets one choose with its defaults, from the schemas."""
    return [
        {
            "key": method,
            "does": WHAT_IT_DOES[method],
            "costs": WHAT_IT_COSTS[method],
            "choices": ", ".join(_choices(schema)),
        }
        for method, schema in arms.SCHEMAS.items()
    ]


def _choices(schema: type[BaseModel]) -> list[str]:
    return [_choice(name, field) for name, field in schema.model_fields.items()]


def _choice(name: str, field) -> str:
    default = field.get_default(call_default_factory=True)
    if isinstance(default, BaseModel):
        return f"{name} ({', '.join(f'{k}: {v}' for k, v in default.model_dump(mode='json').items())})"
    return f"{name} ({default})"
