"""What raters are asked, in one place: the question, what stands before the prompt, what the answers say."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from listening.models import Question

Text = str | Promise
Kind = Question.Kind


@dataclass(frozen=True)
class Scale:
    """words: of a 0–100 scale, from its top down; each names a fifth of it (`bands`) or a point, evenly spread."""

    words: tuple[Text, ...]
    bands: bool


@dataclass(frozen=True)
class Wording:
    """first, then, ready: what to do before anything was heard, when all was heard, and when an answer is complete.

    buttons: value, label, key of each answer that is one press. ends: the two things to choose of several clips.
    """

    text: Text
    first: Text
    then: Text
    ready: Text
    buttons: tuple[tuple[str, Text, str], ...] = ()
    scale: Scale | None = None
    ends: tuple[tuple[str, Text], ...] = ()


ASKED = _("Someone asked for:")  # what stands before the prompt
# ITU-R BS.1534: five equal intervals.
QUALITY = Scale((_("Excellent"), _("Good"), _("Fair"), _("Poor"), _("Bad")), bands=True)
RELEVANCE = Scale(
    (_("Exactly what was asked for"), _("Mostly"), _("Partly"), _("Hardly"), _("Not at all")), bands=False
)
FIRST_OF_TWO = _("Listen to both sounds, then choose.")
BOTH_HEARD = _("Both heard. Now choose.")
FIRST_OF_ONE = _("Listen to the sound, then rate it.")
HEARD = _("Heard. Now rate it.")
PRESS_NEXT = _("Rated. You can still change it, or go on with “Next”.")

WORDINGS = {
    Kind.PREFERENCE: Wording(
        text=_("Which do you prefer?"),
        first=FIRST_OF_TWO,
        then=BOTH_HEARD,
        ready=BOTH_HEARD,
        buttons=(
            ("a", _("I prefer A"), "1"),
            ("b", _("I prefer B"), "2"),
            ("tie", _("No difference"), "0"),
            ("bad", _("Both are bad"), "9"),
        ),
    ),
    Kind.CMOS: Wording(
        text=_("How do the two compare?"),
        first=FIRST_OF_TWO,
        then=BOTH_HEARD,
        ready=BOTH_HEARD,
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
    Kind.RELEVANCE: Wording(
        text=_("How well does the sound fit what was asked for?"),
        first=FIRST_OF_ONE,
        then=HEARD,
        ready=PRESS_NEXT,
        scale=RELEVANCE,
    ),
    Kind.QUALITY: Wording(
        text=_("How good is the sound?"), first=FIRST_OF_ONE, then=HEARD, ready=PRESS_NEXT, scale=QUALITY
    ),
    Kind.MUSHRA: Wording(
        text=_("How good is each sound?"),
        first=_("Listen to every sound and rate each of them."),
        then=_("All heard. Rate those that are missing."),
        ready=_("All rated. You can still compare and change, or go on with “Next”."),
        scale=QUALITY,
    ),
    Kind.BEST_WORST: Wording(
        text=_("Which is best, and which is worst?"),
        first=_("Listen to all four sounds, then choose the best and the worst."),
        then=_("All heard. Now choose the best and the worst."),
        ready=_("Both chosen. Go on with “Next”."),
        ends=(("best", _("Best")), ("worst", _("Worst"))),
    ),
}


def wording(question: Question) -> Wording:
    return WORDINGS[Kind(question.kind)]


def text_of(question: Question) -> Text:
    """The question; the researcher's own words where there are some."""
    return question.text or wording(question).text


def buttons_of(question: Question) -> list[tuple[str, Text, str]]:
    """The answers that the question offers: ties and "both bad" only where it does."""
    left_out = {value for value, offered in (("tie", question.ties), ("bad", question.both_bad)) if not offered}
    return [button for button in wording(question).buttons if button[0] not in left_out]
