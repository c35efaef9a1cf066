"""Sessions and votes as raters left them, to read; only the rater's pages write them."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, Q

from accounts.scoped import ReadOnly, TeamScoped
from listening.models import Session, Vote


@admin.register(Session)
class SessionAdmin(ReadOnly, TeamScoped):
    """The token stays out: whoever holds it is the rater."""

    team_path = "study__team"
    list_display = ["id", "study", "rater", "simulated", "state", "votes", "started_at", "minutes", "completion_code"]
    list_filter = ["state", "rater__simulated", "rater__provider"]
    list_select_related = ["study", "rater"]
    search_fields = ["study__slug", "rater__external_id", "completion_code"]
    date_hierarchy = "started_at"
    ordering = ["-id"]
    fields = ["study", "rater", "simulated", "consent", "state", "votes", "arrival", "started_at", "last_seen_at",
              "finished_at", "minutes", "completion_code"]  # fmt: skip

    def get_queryset(self, request):
        voted = Count("presentations", filter=Q(presentations__vote__isnull=False))
        return super().get_queryset(request).annotate(votes_given=voted)

    @admin.display(description="simulated", boolean=True)
    def simulated(self, session) -> bool:
        return session.rater.simulated

    @admin.display(description="votes", ordering="votes_given")
    def votes(self, session) -> int:
        return session.votes_given

    @admin.display(description="minutes")
    def minutes(self, session) -> str:
        return f"{((session.finished_at or session.last_seen_at) - session.started_at).total_seconds() / 60:.1f}"


@admin.register(Vote)
class VoteAdmin(ReadOnly, TeamScoped):
    """What was preferred to what; a vote beyond those needed is marked and counts nowhere."""

    team_path = "presentation__session__study__team"
    list_display = ["id", "study", "prompt", "preferred", "over", "choice", "simulated", "counts", "seconds",
                    "created_at"]  # fmt: skip
    list_filter = ["choice", "presentation__state", "presentation__session__rater__simulated"]
    list_select_related = [
        "winner",
        "presentation__session__study",
        "presentation__session__rater",
        "presentation__trial__prompt",
        "presentation__trial__first_arm",
        "presentation__trial__second_arm",
    ]
    search_fields = ["presentation__session__study__slug", "presentation__trial__prompt__text"]
    show_full_result_count = False
    date_hierarchy = "created_at"
    ordering = ["-id"]
    fields = ["study", "prompt", "preferred", "over", "choice", "simulated", "counts", "seconds", "created_at"]

    @admin.display(description="study")
    def study(self, vote) -> str:
        return str(vote.presentation.session.study)

    @admin.display(description="prompt")
    def prompt(self, vote) -> str:
        return vote.presentation.trial.prompt.text

    @admin.display(description="preferred")
    def preferred(self, vote) -> str:
        return vote.winner.name if vote.winner else "neither"

    @admin.display(description="over")
    def over(self, vote) -> str:
        trial = vote.presentation.trial
        arms = [arm.name for arm in (trial.first_arm, trial.second_arm) if arm != vote.winner]
        return " and ".join(arms)

    @admin.display(description="simulated", boolean=True)
    def simulated(self, vote) -> bool:
        return vote.presentation.session.rater.simulated

    @admin.display(description="counts", boolean=True)
    def counts(self, vote) -> bool:
        return vote.presentation.state == vote.presentation.State.VOTED

    @admin.display(description="seconds", ordering="response_ms")
    def seconds(self, vote) -> str:
        return f"{vote.response_ms / 1000:.1f}"
