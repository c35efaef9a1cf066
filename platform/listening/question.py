"""What raters are asked, in one place. `answers`: what each choice's button says."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from listening import rules


@dataclass(frozen=True)
class Question:
    text: str | Promise
    prompt: str | Promise  # what stands before the user's prompt
    answers: tuple[tuple[str, str | Promise, str], ...]  # choice, label, key

    def offered(self) -> list[tuple[str, str | Promise, str]]:
        return [answer for answer in self.answers if answer[0] != "tie" or rules.value("TIES")]


PREFERENCE = Question(
    text=_("Which do you prefer?"),
    prompt=_("Someone asked for"),
    answers=(
        ("a", _("I prefer A"), "1"),
        ("tie", _("No difference"), "0"),
        ("b", _("I prefer B"), "2"),
    ),
)
