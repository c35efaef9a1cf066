"""Forms of the admin's pages about prompts."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError

from prompts import cells
from prompts.comparing import held
from prompts.faults import UnreadableError
from prompts.limits import Limits
from prompts.models import Prompt
from prompts.reading import contents

ENDINGS = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".txt", ".parquet")


class UploadForm(forms.Form):
    file = forms.FileField(label="File", widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS)}))

    def clean_file(self) -> tuple[str, bytes]:
        """Its name and what there is to read in it."""
        file = self.cleaned_data["file"]
        try:
            return file.name, contents(file, Limits.current())
        except UnreadableError as error:
            raise ValidationError(str(error)) from error


class PromptForm(forms.ModelForm):
    """One prompt by hand, under the same rules as an imported one."""

    tags = forms.CharField(required=False, help_text="Joined by ;")

    class Meta:
        model = Prompt
        fields = ["prompt_set", "text", "kind", "split", "scene", "tags"]
        widgets = {"text": forms.Textarea(attrs={"rows": 3, "cols": 80})}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["tags"] = "; ".join(self.instance.tags)

    def clean_text(self) -> str:
        return self._cell("text", Limits.current().characters)

    def clean_scene(self) -> str:
        return self._cell("scene", Limits.current().scene)

    def clean_tags(self) -> list[str]:
        tags = [tag.strip() for tag in self.cleaned_data["tags"].split(";") if tag.strip()]
        _refuse(fault for tag in tags for fault in cells.faults(tag, Limits.current().tag))
        return list(dict.fromkeys(tags))

    def _cell(self, name: str, limit: int) -> str:
        text = self.cleaned_data[name].strip()
        _refuse(cells.faults(text, limit))
        return text

    def clean(self) -> dict:
        data = super().clean() or {}
        prompt_set = data.get("prompt_set") or getattr(self.instance, "prompt_set", None)
        if not self.errors and prompt_set:
            candidate = Prompt(**{name: data[name] for name in ("text", "kind", "split", "scene")})
            _, seen = held(prompt_set, without=self.instance.pk)
            for column, message in seen.faults(candidate):
                self.add_error(column, message[:1].upper() + message[1:])
        return data


def _refuse(faults) -> None:
    found = list(faults)
    if found:
        raise ValidationError([fault[:1].upper() + fault[1:] for fault in found])
