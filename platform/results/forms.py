"""What a researcher asks of a plan."""

from __future__ import annotations

import re

from django import forms
from django.db.models import QuerySet

from listening import listeners
from results.planning import Plan
from studies.evaluated import main_prompts
from studies.models import Study

ROW = re.compile(r"[0-9]{1,18}")  # a key, as addresses have it
DEFAULTS = {
    "share": 60,
    "gain": 2.0,
    "prompts": 80,
    "takes": 4,
    "heard": 80,
    "pairs": 1,
    "votes_per_trial": 5,
    "trials_per_session": 20,
    "crowd": "careful",
}


class PlanForm(forms.Form):
    basis = forms.ModelChoiceField(
        Study.objects.none(),
        required=False,
        empty_label="none: only votes and pay",
        label="Arms and engines as in",
        help_text="Clips and engine time follow from it; a finished one lends its spread of scores too.",
    )
    share = forms.IntegerField(
        min_value=51, max_value=99, label="Preference worth finding, %", help_text="Of votes, a tie counting half."
    )
    heard = forms.IntegerField(min_value=2, max_value=2_000, label="Prompts heard", help_text="Of each pair of arms.")
    votes_per_trial = forms.IntegerField(min_value=1, max_value=200, label="Votes a trial")
    trials_per_session = forms.IntegerField(min_value=1, max_value=200, label="Trials a session")
    pairs = forms.IntegerField(min_value=1, max_value=50, label="Pairs of arms")
    crowd = forms.ChoiceField(
        choices=[(name, name) for name in listeners.CROWDS if name in ("careful", "careless")],
        label="Raters",
        help_text="The sandbox's simulated ones: careful, or drifting off in a third of the trials.",
    )
    gain = forms.FloatField(min_value=0.01, max_value=100, label="Gain worth finding, CLAP ×100")
    prompts = forms.IntegerField(min_value=2, max_value=100_000, label="Prompts evaluated")
    takes = forms.IntegerField(min_value=1, max_value=100, label="Takes a text", help_text="Audio seeds.")

    def __init__(self, given, studies: QuerySet[Study]) -> None:
        """given: the address's parameters; what they lack comes from the chosen study, then from DEFAULTS."""
        basis = str(given.get("basis", ""))
        chosen = studies.filter(pk=basis).first() if ROW.fullmatch(basis) else None
        fitting = {**DEFAULTS, **(_of(chosen) if chosen else {})}
        super().__init__({**fitting, **{name: value for name, value in given.items() if value != ""}})
        self.fields["basis"].queryset = studies.order_by("-created_at")  # type: ignore[attr-defined]

    def plan(self) -> Plan:
        """Of a valid form."""
        values = dict(self.cleaned_data)
        return Plan(**values | {"share": values["share"] / 100, "gain": values["gain"] / 100})


def _of(study: Study) -> dict[str, int]:
    prompts = main_prompts(study).count()
    return {
        "prompts": max(2, prompts),
        "takes": study.evaluation_takes,
        "heard": max(2, min(study.listening_prompts, prompts)),
        "pairs": max(1, len(study.listening_pairs)),
        "votes_per_trial": study.votes_per_trial,
        "trials_per_session": study.trials_per_session,
    }
