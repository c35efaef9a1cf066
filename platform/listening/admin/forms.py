"""Forms of a listening test: they say what is wrong by the field it concerns, before anybody is asked."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError

from listening import qualification
from listening.actions.open_trials import FOUR, listening_pairs
from listening.models import ListeningTest, Question
from studies.storable import JsonField

Kind = Question.Kind


class ListeningTestForm(forms.ModelForm):
    class Meta:
        model = ListeningTest
        fields = "__all__"  # noqa: DJ007 (the admin's fieldsets name them)
        field_classes = {"qualification": JsonField}
        widgets = {
            "consent_text": forms.Textarea(attrs={"rows": 10, "cols": 80}),
            "qualification": forms.Textarea(attrs={"rows": 8, "cols": 80, "class": "code"}),
        }
        help_texts = {
            "qualification": "JSON, as in "
            '[{"question": "Do you hear well?", "options": ["Yes", "No"], "accepted": ["Yes"]}]. '
            "Whoever gives an answer that is not accepted is screened out; which are accepted never leaves the server."
        }

    def clean_qualification(self) -> list:
        value = self.cleaned_data["qualification"] or []
        if found := qualification.faults(value):
            raise ValidationError(found)
        return value

    def clean_consent_text(self) -> str:
        return self.cleaned_data["consent_text"].replace("\r\n", "\n").strip()

    def save(self, commit: bool = True) -> ListeningTest:
        """Other words are another version: a session says which one it agreed to."""
        if "consent_text" in self.changed_data and self.instance.pk:
            self.instance.consent_version += 1
        return super().save(commit)


class QuestionForm(forms.ModelForm):
    class Meta:
        model = Question
        fields = ["kind", "text", "ties", "both_bad", "votes_per_trial"]

    def clean(self) -> dict:
        data = super().clean() or {}
        if self.instance.pk and "kind" in self.changed_data and self.instance.sessions.exists():
            self.add_error("kind", "Raters have begun to answer it: add another question instead.")
        if data.get("both_bad") and data.get("kind") != Kind.PREFERENCE:
            self.add_error("both_bad", "Only a preference can say that both are bad.")
        return data


class QuestionFormSet(forms.BaseInlineFormSet):
    """A study's questions, in the order of the page."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        if not kept:
            raise ValidationError("A listening test asks at least one question.")
        for form in kept:
            self._enough_arms(form)
        for form in self.deleted_forms:
            if form.instance.pk and form.instance.sessions.exists():
                raise ValidationError(f"“{form.instance}” has answers: it cannot be removed.")

    def _enough_arms(self, form: forms.ModelForm) -> None:
        pairs = listening_pairs(self.instance)
        arms = {arm.pk for pair in pairs for arm in pair}
        if form.cleaned_data.get("kind") == Kind.BEST_WORST and len(arms) < FOUR:
            form.add_error(
                "kind", f"Best and worst of four needs four arms among the study's listening pairs; it has {len(arms)}."
            )

    def save_new(self, form: forms.ModelForm, commit: bool = True) -> Question:
        taken = [question.position for question in self.instance.listening_questions.all()]
        form.instance.position = max(taken, default=-1) + 1
        return super().save_new(form, commit)
