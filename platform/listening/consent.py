"""The words that raters agree to. What was shown is what is stored: exactly, by checksum."""

from __future__ import annotations

import hashlib
import math

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studies.models import Study

SECONDS_TO_DECIDE = 8


def text(study: Study) -> str:
    """In the reader's language; paragraphs are separated by an empty line."""
    pairs = min(study.trials_per_session, study.trials.count())
    minutes = max(1, math.ceil(pairs * (2 * study.seconds + SECONDS_TO_DECIDE) / 60))
    return "\n\n".join(
        (
            ngettext(
                "You will hear one pair of short sounds that computer programs made from a written request, and say"
                " which of the two you prefer.",
                "You will hear %(pairs)s pairs of short sounds that computer programs made from a written request,"
                " and say each time which of the two you prefer.",
                pairs,
            )
            % {"pairs": pairs}
            + " "
            + ngettext("It takes about %(minutes)s minute.", "It takes about %(minutes)s minutes.", minutes)
            % {"minutes": minutes},
            _(
                "We store your answers, when you gave them, how long you listened, and the id under which your"
                " platform sent you, if one did. We store no name, no e-mail address and no network address."
            ),
            _(
                "The answers are used for research on sound generation and may be published without anything that"
                " points to you."
            ),
            _(
                "Taking part is voluntary. You can stop at any time without giving a reason; votes given by then"
                " are kept. You confirm that you are at least 18 years old."
            ),
        )
    )


def checksum(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
