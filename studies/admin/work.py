"""What studies make, row by row, to read and to hear. Only workers write it."""

from __future__ import annotations

from django.contrib import admin
from django.http import FileResponse, Http404, HttpRequest
from django.template.defaultfilters import truncatechars
from django.urls import path, reverse
from django.utils.html import format_html

from accounts.scoped import ReadOnly, TeamScoped
from studies.models import Checkpoint, Clip, Rewrite, Score, Study, TextEmbedding, Work


class StudyFilter(admin.SimpleListFilter):
    """By a study that wants the row; only those that one may see are offered."""

    title, parameter_name = "study", "study"

    def lookups(self, request, model_admin):
        return [(study.pk, study.name) for study in model_admin.studies(request)[:50]]

    def queryset(self, request, rows):
        if not (self.value() or "").isdigit():
            return rows
        wanted = rows.model._default_manager.filter(**{rows.model.studies_path: self.value()})
        return rows.filter(pk__in=wanted.values("pk"))


class WorkAdmin(ReadOnly, TeamScoped):
    """Subclasses say what a row shows; state, reason and who did it are the same for all."""

    shows: tuple[str, ...] = ()
    list_filter = ["state", StudyFilter]
    show_full_result_count = False
    ordering = ["-id"]
    list_per_page = 50

    @property
    def team_path(self) -> str:  # type: ignore[override]
        return f"{self.model.studies_path}__team"

    def get_list_display(self, request):
        return ["id", "standing", *self.shows, "reason", "spent", "finished_at"]

    def studies(self, request):
        return self.admin_site._registry[Study].get_queryset(request)

    @admin.display(description="state", ordering="state")
    def standing(self, row: Work) -> str:
        return format_html('<span class="state {}">{}</span>', row.state, row.state)

    @admin.display(description="reason")
    def reason(self, row: Work) -> str:
        return truncatechars(row.error, 120)

    @admin.display(description="seconds", ordering="seconds")
    def spent(self, row: Work) -> str:
        return "" if row.seconds is None else f"{row.seconds:.2f}"

    @admin.display(description="text", ordering="text")
    def short_text(self, row) -> str:
        return truncatechars(row.text, 100)


@admin.register(Rewrite)
class RewriteAdmin(WorkAdmin):
    shows = ("short_source", "short_text", "rewriter")
    list_select_related = ["rewriter"]
    search_fields = ["source", "text"]

    @admin.display(description="prompt", ordering="source")
    def short_source(self, row) -> str:
        return truncatechars(row.source, 80)


@admin.register(Clip)
class ClipAdmin(WorkAdmin):
    """Heard as the generator made it; raters hear it at an even loudness."""

    shows = ("short_text", "player", "generator", "duration", "loudness_shown")
    list_select_related = ["generator"]
    search_fields = ["text"]
    list_per_page = 25

    fields = [
        *("player", "text", "generator", "seed", "duration", "sample_rate", "samples", "loudness", "true_peak"),
        *("truth", "state", "error", "attempts", "worker", "seconds", "created_at", "finished_at"),
    ]
    readonly_fields = ["player", "created_at"]

    def get_urls(self):
        view = self.admin_site.admin_view(self.audio)
        return [path("<int:pk>/audio.flac", view, name="studies_clip_audio"), *super().get_urls()]

    def audio(self, request: HttpRequest, pk: int) -> FileResponse:
        clip = self.get_queryset(request).filter(pk=pk).exclude(audio="").first()
        if clip is None:
            raise Http404
        return FileResponse(clip.audio.open("rb"), content_type="audio/flac", filename=f"clip-{pk}.flac")

    @admin.display(description="listen")
    def player(self, clip) -> str:
        if not clip.audio:
            return ""
        address = reverse("admin:studies_clip_audio", args=[clip.pk])
        return format_html('<audio controls preload="none" src="{}"></audio>', address)

    @admin.display(description="LUFS", ordering="loudness")
    def loudness_shown(self, clip) -> str:
        return "" if clip.loudness is None else f"{clip.loudness:.1f}"


@admin.register(Score)
class ScoreAdmin(WorkAdmin):
    shows = ("clip_link", "scorer", "short_reference", "shown_value")
    list_select_related = ["scorer"]
    search_fields = ["reference"]
    raw_id_fields = ["clip"]

    @admin.display(description="clip", ordering="clip")
    def clip_link(self, row) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:studies_clip_change", args=[row.clip_id]), row.clip_id)

    @admin.display(description="against", ordering="reference")
    def short_reference(self, row) -> str:
        return truncatechars(row.reference, 80)

    @admin.display(description="value", ordering="value")
    def shown_value(self, row) -> str:
        return "" if row.value is None else f"{row.value:.4f}"


@admin.register(TextEmbedding)
class TextEmbeddingAdmin(WorkAdmin):
    shows = ("short_text", "scorer")
    list_select_related = ["scorer"]
    search_fields = ["text"]
    exclude = ["vector", "arms"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("vector")


@admin.register(Checkpoint)
class CheckpointAdmin(WorkAdmin):
    shows = ("arm", "round", "rewriter", "ranked_prompts")
    list_select_related = ["arm", "rewriter"]

    @admin.display(description="ranked prompts")
    def ranked_prompts(self, row) -> int:
        return len(row.ranked)
