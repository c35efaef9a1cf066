"""The words that raters agree to. What was shown is what is stored: exactly, by checksum."""

from __future__ import annotations

import hashlib
import math

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from listening import configuration
from listening.models import ListeningTest, Question, Trial
from listening.schedule import schedule
from studies.models import Study

STANDARD_VERSION = 3  # of the words below
SECONDS_TO_DECIDE, SECONDS_FOR_HEADPHONES = 8, 90


def text(study: Study) -> str:
    """The study's own words, or the product's in the reader's language; an empty line between paragraphs."""
    test = configuration.test_of(study)
    if test.consent_text:
        return test.consent_text.strip().replace("\r\n", "\n")
    count = trials(test)
    return "\n\n".join(
        (
            ngettext(
                "You will listen to short sounds that computer programs made from a written request, and answer one"
                " question about them.",
                "You will listen to short sounds that computer programs made from a written request, and answer one"
                " question about them, %(count)s times.",
                count,
            )
            % {"count": count}
            + " "
            + takes(test),
            _(
                "We store your answers, when you gave them, how long you listened, and the id under which your"
                " platform sent you, if one did. We store no name and no network address."
            ),
            _(
                "The answers are used for research on sound generation and may be published without anything that"
                " points to you."
            )
            + _kept(test),
            _(
                "Taking part is voluntary. You can stop at any time without giving a reason; votes given by then"
                " are kept. You confirm that you are at least 18 years old."
            ),
        )
    )


def _kept(test: ListeningTest) -> str:
    if test.retention_days is None:
        return ""
    days = ngettext(
        "%(days)s day after you have finished, we delete what connects them with you.",
        "%(days)s days after you have finished, we delete what connects them with you.",
        test.retention_days,
    )
    return " " + days % {"days": test.retention_days}


def facts(study: Study) -> str:
    """What stands beside a study's own words, which may not say it; the product's say it themselves."""
    test = configuration.test_of(study)
    return takes(test) if test.consent_text else ""


def takes(test: ListeningTest) -> str:
    """How long it takes, and what is paid for it."""
    minutes = duration(test)
    said = ngettext("It takes about %(minutes)s minute.", "It takes about %(minutes)s minutes.", minutes)
    said %= {"minutes": minutes}
    if not test.reward:
        return said
    reward = {"reward": number_format(test.reward, 2), "currency": test.currency}
    return f"{said} " + _("You get %(reward)s %(currency)s for a completed session.") % reward


def version(study: Study) -> str:
    """Which words these are: the product's by their number, a study's own by how often they were changed."""
    test = configuration.test_of(study)
    return f"study {test.consent_version}" if test.consent_text else f"standard {STANDARD_VERSION}"


def trials(test: ListeningTest, there: int | None = None) -> int:
    """Trials of one session after practice. there: study trials, where they were counted before."""
    there = test.study.trials.filter(kind=Trial.Kind.STUDY).count() if there is None else there
    return len(schedule(min(test.study.trials_per_session, there), test.traps_per_ten, test.gold_per_ten, seed=0))


def duration(test: ListeningTest, there: int | None = None) -> int:
    """Minutes that a session takes: every clip heard once, a moment to decide, and what comes before."""
    kinds = {question.kind for question in configuration.questions_of(test.study)}
    clips = max(map(_clips, kinds))
    each = clips * test.study.seconds + SECONDS_TO_DECIDE
    before = SECONDS_FOR_HEADPHONES if test.headphones != ListeningTest.Headphones.NONE else 0
    return max(1, math.ceil(((trials(test, there) + test.practice_trials) * each + before) / 60))


def _clips(kind: str) -> int:
    """Heard on one screen, about."""
    return 1 if kind in Question.SINGLES else 2 if kind in Question.PAIRS else 4


def checksum(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
