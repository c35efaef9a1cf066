"""What raters are asked, in one place: the question, what stands before the prompt, what the answers say."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from listening.models import Question

Text = str | Promise
Kind = Question.Kind


@dataclass(frozen=True)
class Wording:
    """buttons: value, label, key of each answer that is one press. anchors: places on a 0–100 scale and their words."""

    text: Text
    prompt: Text = _("Someone asked for")
    buttons: tuple[tuple[str, Text, str], ...] = ()
    anchors: tuple[tuple[int, Text], ...] = ()
    ends: tuple[Text, ...] = ()


QUALITY_ANCHORS = (
    (100, _("Excellent")),
    (80, _("Good")),
    (60, _("Fair")),
    (40, _("Poor")),
    (20, _("Bad")),
)
RELEVANCE_ANCHORS = (
    (100, _("Exactly what was asked for")),
    (75, _("Mostly")),
    (50, _("Partly")),
    (25, _("Hardly")),
    (0, _("Not at all")),
)

WORDINGS = {
    Kind.PREFERENCE: Wording(
        text=_("Which do you prefer?"),
        buttons=(
            ("a", _("I prefer A"), "1"),
            ("tie", _("No difference"), "0"),
            ("bad", _("Both are bad"), "9"),
            ("b", _("I prefer B"), "2"),
        ),
    ),
    Kind.CMOS: Wording(
        text=_("How do the two compare?"),
        buttons=(
            ("-3", _("A much better"), "1"),
            ("-2", _("A better"), "2"),
            ("-1", _("A slightly better"), "3"),
            ("0", _("About the same"), "4"),
            ("1", _("B slightly better"), "5"),
            ("2", _("B better"), "6"),
            ("3", _("B much better"), "7"),
        ),
    ),
    Kind.RELEVANCE: Wording(text=_("How well does the sound fit what was asked for?"), anchors=RELEVANCE_ANCHORS),
    Kind.QUALITY: Wording(text=_("How good is the sound?"), anchors=QUALITY_ANCHORS),
    Kind.MUSHRA: Wording(text=_("How good is each sound?"), anchors=QUALITY_ANCHORS),
    Kind.BEST_WORST: Wording(text=_("Which is best, and which is worst?"), ends=(_("Best"), _("Worst"))),
}


def wording(question: Question) -> Wording:
    """The question's words; its own where the researcher wrote some."""
    return WORDINGS[Kind(question.kind)]


def text_of(question: Question) -> Text:
    return question.text or wording(question).text


def buttons_of(question: Question) -> list[tuple[str, Text, str]]:
    """The answers that the question offers: ties and "both bad" only where it does."""
    left_out = {value for value, offered in (("tie", question.ties), ("bad", question.both_bad)) if not offered}
    return [button for button in wording(question).buttons if button[0] not in left_out]
