"""Sessions and votes as raters left them, to read; only the rater's pages write them."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, Q

from accounts.scoped import ReadOnly, TeamScoped
from listening.models import Session, Vote
from listening.pseudonyms import pseudonym


@admin.register(Session)
class SessionAdmin(ReadOnly, TeamScoped):
    """Under a pseudonym: the payment list alone has ids. The token stays out: whoever holds it is the rater."""

    teaches = "A session is one rater's visit. There is none yet: the links to give to raters are at Recruitment."
    team_path = "study__team"
    list_display = ["id", "study", "pseudonym", "population", "state", "used", "votes", "started_at", "minutes"]
    list_filter = ["state", "population", "used", "language", "rater__provider"]
    list_select_related = ["study"]
    search_fields = ["study__slug"]
    date_hierarchy = "started_at"
    ordering = ["-id"]
    fields = [
        "study",
        "pseudonym",
        "population",
        "question",
        "consent",
        "consent_version",
        "state",
        "used",
        "votes",
        "language",
        "started_at",
        "last_seen_at",
        "finished_at",
        "minutes",
        "comment",
    ]

    def get_queryset(self, request):
        voted = Count("presentations", filter=Q(presentations__vote__isnull=False))
        return super().get_queryset(request).annotate(votes_given=voted)

    @admin.display(description="rater")
    def pseudonym(self, session) -> str:
        return pseudonym(session.study, session.rater_id)

    @admin.display(description="votes", ordering="votes_given")
    def votes(self, session) -> int:
        return session.votes_given

    @admin.display(description="minutes")
    def minutes(self, session) -> str:
        return f"{((session.finished_at or session.last_seen_at) - session.started_at).total_seconds() / 60:.1f}"


class QuestionFilter(admin.ChoicesFieldListFilter):
    """Both are kinds: each says of what."""

    def __init__(self, *args, **named):
        super().__init__(*args, **named)
        self.title = "kind of question"


class TrialFilter(admin.ChoicesFieldListFilter):
    def __init__(self, *args, **named):
        super().__init__(*args, **named)
        self.title = "kind of trial"


@admin.register(Vote)
class VoteAdmin(ReadOnly, TeamScoped):
    """What was answered; a vote beyond those needed, or of a session that is not used, is marked and counts nowhere."""

    teaches = "Votes stand here as they are given. Nobody has voted yet."
    team_path = "presentation__session__study__team"
    list_display = ["id", "study", "kind", "prompt", "preferred", "over", "choice", "population", "counts", "seconds",
                    "created_at"]  # fmt: skip
    list_filter = [
        ("presentation__trial__question__kind", QuestionFilter),
        ("presentation__trial__kind", TrialFilter),
        "choice",
        "presentation__state",
        "presentation__population",
    ]
    list_select_related = ["winner", "presentation__session__study", "presentation__trial__prompt"]
    search_fields = ["presentation__session__study__slug", "presentation__trial__prompt__text"]
    show_full_result_count = False
    date_hierarchy = "created_at"
    ordering = ["-id"]
    fields = ["study", "kind", "prompt", "preferred", "over", "choice", "answers", "passed", "population", "counts",
              "seconds", "created_at"]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("presentation__playbacks__stimulus__arm")

    @admin.display(description="study")
    def study(self, vote) -> str:
        return str(vote.presentation.session.study)

    @admin.display(description="trial")
    def kind(self, vote) -> str:
        return vote.presentation.trial.get_kind_display()

    @admin.display(description="prompt")
    def prompt(self, vote) -> str:
        return vote.presentation.trial.prompt.text

    @admin.display(description="preferred")
    def preferred(self, vote) -> str:
        return vote.winner.name if vote.winner else "neither"

    @admin.display(description="over")
    def over(self, vote) -> str:
        arms = [one.stimulus.arm for one in vote.presentation.playbacks.all() if one.stimulus.arm]
        return " and ".join(arm.name for arm in arms if arm != vote.winner)

    @admin.display(description="answers")
    def answers(self, vote) -> str:
        rows = vote.presentation.playbacks.all()
        return ", ".join(f"{one.stimulus.arm or one.stimulus.treatment or 'clip'}: {one.value:g}" for one in rows)

    @admin.display(description="by")
    def population(self, vote) -> str:
        return vote.presentation.get_population_display()

    @admin.display(description="counts", boolean=True)
    def counts(self, vote) -> bool:
        shown = vote.presentation
        return shown.state == shown.State.VOTED and shown.session.used and shown.trial.kind == shown.trial.Kind.STUDY

    @admin.display(description="seconds", ordering="response_ms")
    def seconds(self, vote) -> str:
        return f"{vote.response_ms / 1000:.1f}"
