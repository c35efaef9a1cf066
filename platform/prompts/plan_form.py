"""The form beside a preview: which column is which, and how prompts are split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from prompts.cells import fold
from prompts.header import COLUMNS
from prompts.models import Prompt
from prompts.plan import Plan, Shares

Split = Prompt.Split
NOWHERE = ""
LABELS = {"text": "Prompt", "kind": "Kind", "split": "Split", "scene": "Scene", "tags": "Tags"}
HOW = [
    ("given", "as the file says"),
    ("random", "drawn at random, scenes together"),
    ("tags", "by tag"),
]


class PlanForm(forms.Form):
    """names: the columns of the file."""

    kind = forms.ChoiceField(
        choices=Prompt.Kind.choices, initial=Prompt.Kind.OPEN, label="Kind, where the file says none"
    )
    split = forms.ChoiceField(choices=Split.choices, initial=Split.TEST, label="Split, where the file says none")
    how = forms.ChoiceField(choices=HOW, initial="given", label="Splits")
    train = forms.IntegerField(min_value=0, max_value=100, initial=40, required=False, label="Train, %")
    validation = forms.IntegerField(min_value=0, max_value=100, initial=10, required=False, label="Validation, %")
    test = forms.IntegerField(min_value=0, max_value=100, initial=50, required=False, label="Test, %")
    seed = forms.IntegerField(min_value=0, max_value=2**31 - 1, initial=1, required=False)
    train_tags = forms.CharField(max_length=1000, required=False, label="Tags of train", help_text="Joined by ;")
    validation_tags = forms.CharField(max_length=1000, required=False, label="Tags of validation")
    test_tags = forms.CharField(max_length=1000, required=False, label="Tags of test")

    def __init__(
        self, data: Mapping[str, Any] | None, names: Sequence[str], read: Mapping[str, str], split: str = Split.TEST
    ) -> None:
        """read: the column that is read for each of ours, and split: the file's own, before anybody has chosen."""
        super().__init__(data, initial={f"column_{ours}": name for ours, name in read.items()} | {"split": split})
        columns = [(name, name) for name in dict.fromkeys(names) if name]
        for ours in COLUMNS:
            choices = columns if ours == "text" else [(NOWHERE, "none"), *columns]
            self.fields[f"column_{ours}"] = forms.ChoiceField(
                choices=choices, required=ours == "text", label=LABELS[ours]
            )

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[f"column_{ours}"] for ours in COLUMNS]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("how") == "random" and not self.errors:
            together = sum(data[split] or 0 for split in Split.values)
            if together != 100:
                self.add_error("test", f"The shares make {together} % together; they must make 100.")
        if data.get("how") == "tags" and not self.errors:
            self._check_tags()
        return data

    def _check_tags(self) -> None:
        named: dict[str, str] = {}
        for split in Split.values:
            for tag in _tags(self.cleaned_data[f"{split}_tags"]):
                if named.setdefault(tag, split) != split:
                    self.add_error(f"{split}_tags", f"“{tag}” is among those of {named[tag]} too.")
        if not named:
            self.add_error("train_tags", "Name the tags of at least one split.")

    @property
    def plan(self) -> Plan:
        """Of a valid form."""
        data = self.cleaned_data
        return Plan(
            columns={ours: name for ours in COLUMNS if (name := data[f"column_{ours}"]) != NOWHERE},
            kind=data["kind"],
            split=data["split"],
            by_tag=self._by_tag() if data["how"] == "tags" else {},
            shares=self._shares() if data["how"] == "random" else None,
        )

    def _shares(self) -> Shares:
        return Shares({split: self.cleaned_data[split] or 0 for split in Split.values}, self.cleaned_data["seed"] or 0)

    def _by_tag(self) -> dict[str, str]:
        return {tag: split for split in Split.values for tag in _tags(self.cleaned_data[f"{split}_tags"])}


def _tags(text: str) -> list[str]:
    return [fold(tag) for tag in text.split(";") if tag.strip()]
