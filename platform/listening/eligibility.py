"""Who may rate: what a study's listening test asks of people before they begin."""
# ruff: noqa: N818 (each name says what happened; the family is ListeningError)

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from accounts.models import PanelMember, Rater, RaterAccount
from listening.errors import Closed, ListeningError
from listening.models import ListeningTest, Session, Trial, Vote
from studies.models import Study


class PanelsOnly(ListeningError):
    way_on = ""
    status = 403
    title = _("This listening test is for an invited panel")
    message = _("If you were invited, please sign in first and begin from your own page. Nothing was stored.")


class OtherLanguage(ListeningError):
    way_on = ""
    status = 403
    title = _("This listening test is in another language")

    def __init__(self, languages: list[str]) -> None:
        named = ", ".join(language_name(code) for code in languages)
        super().__init__(
            _("It is for people who listen in: %(languages)s. Thank you for coming.") % {"languages": named}
        )


class TookPartBefore(ListeningError):
    way_on = ""
    status = 403
    title = _("You have heard sounds like these before")
    message = _(
        "You took part in an earlier test, and this one needs people who have not. Thank you for coming: nothing"
        " changes about what you did before."
    )


class NoPartBefore(ListeningError):
    way_on = ""
    status = 403
    title = _("This listening test follows an earlier one")
    message = _(
        "It is for people who finished that one. If you did, please come by the way you came then. Thank you for"
        " coming: nothing was stored."
    )


class ChecksMissed(ListeningError):
    way_on = ""
    status = 403
    title = _("This listening test needs other listeners")
    message = _(
        "Some sounds of earlier tests only checked how well they could be heard, and this test asks for more right"
        " answers to them than you had. Nothing changes about what you did before. Thank you for coming."
    )


PREFETCHED = ("panels", "not_after", "only_after")


@dataclass(frozen=True)
class Known:
    """What is known of somebody. studies: begun. quality: share of attention checks passed, 0 to 1; None: had none."""

    panels: frozenset[int] = frozenset()
    studies: frozenset[int] = frozenset()
    completed: frozenset[int] = frozenset()
    quality: float | None = None


def known(rater: Rater | None) -> Known:
    if rater is None:
        return Known()
    panels = PanelMember.objects.filter(account__rater=rater).values_list("panel", flat=True)
    states = dict(rater.sessions.values_list("study", "state"))
    completed = frozenset(study for study, state in states.items() if state == Session.State.COMPLETE)
    return Known(frozenset(panels), frozenset(states), completed, quality(rater))


def quality(rater: Rater) -> float | None:
    checks = Vote.objects.filter(presentation__session__rater=rater, passed__isnull=False)
    counts = checks.aggregate(all=Count("pk"), passed=Count("pk", filter=Q(passed=True)))
    return counts["passed"] / counts["all"] if counts["all"] else None


def refusal(test: ListeningTest, rater: Rater | None, language: str) -> ListeningError | None:
    """Why this person may not begin, or None. Whoever has begun may always go on.

    language: in which they read the pages, or that of their account.
    """
    return judge(test, known(rater), language)


def judge(test: ListeningTest, person: Known, language: str) -> ListeningError | None:
    """The same without asking the database, where the test's PREFETCHED were."""
    panels, not_after, only_after = ({row.pk for row in getattr(test, name).all()} for name in PREFETCHED)
    if test.study_id in person.studies:
        return None
    if test.closed:
        return Closed()
    if panels and not panels & person.panels:
        return PanelsOnly()
    if not_after & person.studies:
        return TookPartBefore()
    if only_after and not only_after & person.completed:
        return NoPartBefore()
    if test.languages and not any(same_language(language, code) for code in test.languages):
        return OtherLanguage(test.languages)
    if person.quality is not None and person.quality < (test.least_quality or 0):
        return ChecksMissed()
    return None


def same_language(one: str, other: str) -> bool:
    """de-AT is German where German is asked for, and German will do where Austrian is; German is not Danish."""
    one, other = f"{one.lower()}-", f"{other.lower()}-"
    return len(one) > 1 and (one.startswith(other) or other.startswith(one))


def language_name(code: str) -> str:
    """As its speakers call it."""
    try:
        return get_language_info(code.lower())["name_local"]
    except KeyError:
        return code


def open_to(account: RaterAccount, language: str = "") -> list[Study]:
    """Studies that the account's panels are chosen for and that it may begin, newest first.

    `trial_count`: trials of each. language: for an account that has none of its own.
    """
    person = known(account.rater)
    offered = needing_votes().filter(pk__in=_chosen(person.panels)).exclude(pk__in=person.studies)
    related = offered.select_related("listening_test", "team").prefetch_related(
        *(f"listening_test__{name}" for name in PREFETCHED), "listening_questions"
    )
    spoken = account.language or language
    return [study for study in related if judge(study.listening_test, person, spoken) is None]


def _chosen(panels: frozenset[int]) -> QuerySet:
    return ListeningTest.objects.filter(panels__in=panels, closed=False).values("study")


def needing_votes() -> QuerySet[Study]:
    """Complete studies that still have room for a person's votes."""
    trials = Trial.objects.filter(study=OuterRef("pk"), kind=Trial.Kind.STUDY).order_by().values("study")
    studies = Study.objects.filter(status=Study.Status.COMPLETE).annotate(
        trial_count=Subquery(trials.annotate(n=Count("pk")).values("n")),
        votes_given=Subquery(trials.annotate(n=Sum("votes_people")).values("n")),
        roomy=Subquery(trials.filter(votes_people__lt=F("votes_needed")).annotate(n=Count("pk")).values("n")),
    )
    wanted = F("listening_test__votes_wanted")
    return studies.filter(Q(listening_test__votes_wanted=None) | Q(votes_given__lt=wanted), roomy__gt=0)


def in_progress(rater: Rater) -> QuerySet[Session]:
    """Sessions that can be continued."""
    return rater.sessions.filter(state=Session.State.ACTIVE, study__status=Study.Status.COMPLETE)
