"""What studies make, row by row, to read and to hear. Only workers write it."""

from __future__ import annotations

from django.contrib import admin
from django.http import FileResponse, Http404, HttpRequest
from django.template.defaultfilters import filesizeformat, floatformat, truncatechars
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join

from accounts.scoped import ReadOnly, TeamScoped
from studies.models import Checkpoint, Clip, Rewrite, Score, StoredFile, Study, TextEmbedding, Work

EPOCHS = "<tr><th>Epoch</th><th>Objective</th><th>Ranking accuracy</th></tr>"


class StudyFilter(admin.SimpleListFilter):
    """By a study that wants the row; only those that one may see are offered."""

    title, parameter_name = "study", "study"

    def __init__(self, request, params, model, model_admin):
        self.model_admin = model_admin
        super().__init__(request, params, model, model_admin)

    def lookups(self, request, model_admin):
        return [(study.pk, study.name) for study in model_admin.studies(request)[:50]]

    def queryset(self, request, rows):
        if not (self.value() or "").isdigit():
            return rows
        # Of those that one may see: work is shared, and that somebody else wants it too is their affair.
        asked = self.model_admin.studies(request).filter(pk=self.value())
        wanted = rows.model._default_manager.filter(**{f"{rows.model.studies_path}__in": asked})
        return rows.filter(pk__in=wanted.values("pk"))


class WorkAdmin(ReadOnly, TeamScoped):
    """Subclasses say what a row shows; state, reason and who did it are the same for all."""

    teaches = "Workers write here as soon as a study is launched."
    shows: tuple[str, ...] = ()
    list_filter = ["state", StudyFilter]
    show_full_result_count = False
    ordering = ["-id"]
    list_per_page = 50

    @property
    def team_path(self) -> str:  # type: ignore[override]
        return f"{self.model.studies_path}__team"

    def get_list_display(self, request):
        """Reasons where there are some; the width belongs to what was made."""
        last = "reason" if request.GET.get("state__exact") == Work.State.FAILED else "spent"
        return ["id", "standing", *self.shows, last, "finished_at"]

    def studies(self, request):
        return self.admin_site._registry[Study].get_queryset(request)

    @admin.display(description="state", ordering="state")
    def standing(self, row: Work) -> str:
        return format_html('<span class="status {}">{}</span>', row.state, row.state)

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

    shows = ("short_text", "player", "generator", "loudness_shown")
    list_select_related = ["generator"]
    search_fields = ["text"]
    list_per_page = 25

    fields = [
        *("player", "text", "generator", "seed", "duration", "sample_rate", "samples", "loudness_shown", "peak"),
        *("truth", "state", "error", "attempts", "worker", "seconds", "created_at", "finished_at"),
    ]
    readonly_fields = ["player", "loudness_shown", "peak", "created_at"]

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

    @admin.display(description="true peak, dBTP")
    def peak(self, clip) -> str:
        return "" if clip.true_peak is None else f"{clip.true_peak:.1f}"


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
    """Weights are no file to open: they are named, and the bundle of the study has them."""

    shows = ("arm", "round", "rewriter", "ranked_prompts")
    list_select_related = ["arm", "rewriter"]
    fields = [
        *("arm", "round", "rewriter", "parent", "weights_file", "parameters", "epochs", "ranking"),
        *("state", "error", "attempts", "worker", "seconds", "created_at", "finished_at"),
    ]
    readonly_fields = ["weights_file", "epochs", "ranking", "created_at"]

    @admin.display(description="ranked prompts")
    def ranked_prompts(self, row) -> int:
        return len(row.ranked)

    @admin.display(description="weights")
    def weights_file(self, row) -> str:
        size = StoredFile.objects.filter(name=row.weights.name).values_list("size", flat=True).first()
        return format_html("<code>{}</code> {}", row.weights.name, filesizeformat(size)) if size else row.weights.name

    @admin.display(description="by epoch")
    def epochs(self, row) -> str:
        rows = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", map(_epoch, row.curve))
        return format_html(f"<table>{EPOCHS}{{}}</table>", rows)

    @admin.display(description="what it learnt from")
    def ranking(self, row) -> str:
        """Each prompt with its candidates, the best first, and the score of each."""
        return format_html_join("", "<details><summary>{}</summary><ol>{}</ol></details>", map(_ranked, row.ranked))


def _epoch(row: dict) -> tuple[object, str, str]:
    return row.get("epoch"), floatformat(row.get("objective"), 3), floatformat(row.get("ranking_accuracy"), 3)


def _ranked(row: dict) -> tuple[str, str]:
    scored = zip(row["candidates"], row["scores"], strict=True)
    candidates = ((text, floatformat(score, 3)) for text, score in scored)
    return row["text"], format_html_join("", '<li>{} <span class="quiet">{}</span></li>', candidates)
