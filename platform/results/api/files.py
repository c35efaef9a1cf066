"""Studies as files: every kind of record in every form, everything at once, clips, figures, tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.audit import Kind, note
from accounts.models import ApiToken
from results import drawing
from results.access import audible_clips
from results.api import shapes
from results.api.base import READ, Api, problems
from results.api.problems import Conflict
from results.audio import audio_response
from results.bundles.writing import bundle
from results.exports.dataset import dataset
from results.exports.pairs import PAIRS
from results.exports.resumed import Content, Parts, Stream, download
from results.exports.webdataset import parts
from results.exports.whole import whole
from results.exports.writing import FORMS, blocks, line
from results.figures import FIGURES
from results.opened import Opened
from results.records import RECORDS
from results.tables import TABLES
from results.tables.writing import FORMS as TABLE_FORMS
from results.tables.writing import written
from studies.models import Study

RANGE = OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="bytes=FIRST-: to go on where it was cut.")
IF_RANGE = OpenApiParameter("If-Range", str, OpenApiParameter.HEADER, description="The ETag of what is already there.")
RANGED = {
    206: OpenApiResponse(OpenApiTypes.BINARY, "One range of it."),
    304: OpenApiResponse(None, "What you have is what there is."),
    416: OpenApiResponse(None, "The range begins behind the end."),
}
MADE = RANGED | problems(503)


def _files(types: Iterable[str]) -> dict[tuple[int, str], Any]:
    """For the schema: a file of one of these content types."""
    shaped = {"application/json": OpenApiTypes.OBJECT}
    return {(200, content_type): shaped.get(content_type, OpenApiTypes.BINARY) for content_type in types}


class AnyForm(BaseRenderer):
    """A file has the form of its address, whatever `Accept` says; errors are JSON."""

    media_type, format = "*/*", "file"

    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        return JSONRenderer().render(data)


class File(Api):
    renderer_classes = [JSONRenderer, AnyForm]


class Download(File):
    scope = ApiToken.Scope.EXPORT

    def sent(self, request: Request, study: Study, name: str, content_type: str, content: Content) -> HttpResponse:
        if "Range" not in request.headers:  # else the rest of what was asked for before
            note(Kind.EXPORT, f"{study.slug}: {name}")
        return download(request._request, study, name, content_type, content, Opened(study).stamp)


class RecordsFile(Download):
    @extend_schema(
        operation_id="records_file",
        summary="All records of one kind as a file",
        description="JSON lines, CSV (lists as JSON, formulas disarmed) or Parquet (typed). Complete studies have an "
        "ETag, and a download that was cut off goes on by Range.",
        tags=["files"],
        parameters=[
            OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=list(RECORDS)),
            OpenApiParameter("form", str, OpenApiParameter.PATH, enum=list(FORMS)),
            RANGE,
            IF_RANGE,
        ],
        responses={**_files(content_type for content_type, _ in FORMS.values()), **MADE, **READ},
    )
    def get(self, request: Request, slug: str, kind: str, form: str) -> HttpResponse:
        study = self.study(slug)
        if kind not in RECORDS or form not in FORMS:
            raise Http404
        content_type, write = FORMS[form]
        records, asked = RECORDS[kind], self.asked(study)
        content = Stream(lambda: write(records, records.read(asked)))
        return self.sent(request, study, f"{kind}.{form}", content_type, content)


class Export(Download):
    @extend_schema(
        operation_id="export",
        summary="Everything the study has, one JSON record a line",
        description="Each record has a `type`: study (the header, with the schema's version and the engines), the "
        "kinds of records but embeddings, and end. Without `end` the file was cut off.",
        tags=["files"],
        parameters=[RANGE, IF_RANGE],
        responses={(200, "application/x-ndjson"): OpenApiTypes.STR, **MADE, **READ},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        study = self.study(slug)
        asked = self.asked(study)
        return self.sent(request, study, "export.jsonl", FORMS["jsonl"][0], Stream(lambda: whole(asked)))


class Tar(Download):
    @extend_schema(
        operation_id="audio_tar",
        summary="All clips as a WebDataset",
        description="A tar with a FLAC file and a JSON file a clip: its text, seed, loudness, which arms made it of "
        "which prompts, and its scores.",
        tags=["files"],
        parameters=[RANGE, IF_RANGE],
        responses={(200, "application/x-tar"): OpenApiTypes.BINARY, **MADE, **READ},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        study = self.study(slug)
        return self.sent(request, study, "audio.tar", "application/x-tar", Parts(lambda: parts(study)))


class Dataset(Download):
    @extend_schema(
        operation_id="dataset",
        summary="A folder that Hugging Face datasets opens, zipped",
        description="Unpack it and call `datasets.load_dataset` on the folder: `clips` has the audio and its scores, "
        "in the splits of the prompts; `votes`, `rewrites` and the other records are configurations of their own.",
        tags=["files"],
        parameters=[RANGE, IF_RANGE],
        responses={(200, "application/zip"): OpenApiTypes.BINARY, **MADE, **READ},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        study = self.study(slug)
        asked = self.asked(study)
        return self.sent(request, study, "dataset.zip", "application/zip", Stream(lambda: dataset(asked)))


class PreferencePairs(Download):
    @extend_schema(
        operation_id="preference_pairs",
        summary="Preference pairs of rewrites for DPO, as TRL reads them",
        description="A pair a line: `prompt` (what the rewriter reads), `chosen`, `rejected`; beside them `margin` and "
        "where they come from. people, simulated: the majority of votes on two arms; feedback: candidates that the "
        "feedback scorer ranked.",
        tags=["files"],
        parameters=[OpenApiParameter("by", str, OpenApiParameter.PATH, enum=list(PAIRS)), RANGE, IF_RANGE],
        responses={(200, "application/x-ndjson"): OpenApiTypes.STR, **MADE, **READ},
    )
    def get(self, request: Request, slug: str, by: str) -> HttpResponse:
        study = self.study(slug)
        if by not in PAIRS:
            raise Http404
        content = Stream(lambda: blocks(map(line, PAIRS[by](study))))
        return self.sent(request, study, f"preference-pairs-{by}.jsonl", FORMS["jsonl"][0], content)


class Bundle(Download):
    @extend_schema(
        operation_id="bundle",
        summary="The whole study as one zip, from which it is restored or run again",
        description="Manifest with checksums, recipe, engines, records, results, figures, tables, methods paragraph "
        "and citation; `import_bundle` and `reproduce_bundle` read it.",
        tags=["files"],
        parameters=[
            OpenApiParameter("audio", bool, description="With every clip; without it by default."),
            RANGE,
            IF_RANGE,
        ],
        responses={
            (200, "application/zip"): OpenApiTypes.BINARY,
            **MADE,
            **READ,
            **problems(400, 409),
        },
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        study, audio = self.study(slug), flag(request, "audio")
        if study.status not in (Study.Status.COMPLETE, Study.Status.CANCELLED):
            raise Conflict(f"A bundle is of a study that is over, and this one is {study.status}.")
        asked = self.asked(study)
        name = "bundle-with-audio.zip" if audio else "bundle.zip"
        return self.sent(request, study, name, "application/zip", Stream(lambda: bundle(asked, audio)))


def flag(request: Request, name: str) -> bool:
    value = request.query_params.get(name, "false").lower()
    if value not in ("true", "false"):
        raise ValidationError({name: "true or false."})
    return value == "true"


class Audio(File):
    @extend_schema(
        operation_id="clip_audio",
        summary="A clip as the generator made it; understands Range",
        tags=["files"],
        parameters=[RANGE],
        responses={(200, "audio/flac"): OpenApiTypes.BINARY, **RANGED, **READ},
    )
    def get(self, request: Request, slug: str, clip: int) -> HttpResponse:
        return audio_response(request._request, get_object_or_404(audible_clips(self.study(slug)), pk=clip))


class Figures(Api):
    @extend_schema(
        operation_id="figures",
        summary="The figures that the study has by now",
        tags=["files"],
        responses={200: shapes.FigureEntry(many=True), **READ},
    )
    def get(self, request: Request, slug: str) -> Response:
        page = Opened(self.study(slug))
        told = [
            {
                "name": name,
                "title": figure.title,
                "caption": figure.caption,
                "forms": _addresses(request, "figure", slug, name, drawing.TYPES),
            }
            for name, figure in FIGURES.items()
            if figure.rows(page)
        ]
        return Response(told)


class Tables(Api):
    @extend_schema(
        operation_id="tables",
        summary="The tables that the study has by now",
        tags=["files"],
        responses={200: shapes.TableEntry(many=True), **READ},
    )
    def get(self, request: Request, slug: str) -> Response:
        page = Opened(self.study(slug))
        made = {name: table(page) for name, table in TABLES.items()}
        told = [
            {"name": name, "title": table.title, "forms": _addresses(request, "table", slug, name, TABLE_FORMS)}
            for name, table in made.items()
            if table.rows
        ]
        return Response(told)


def _addresses(request: Request, kind: str, slug: str, name: str, forms) -> dict[str, str]:
    return {form: reverse(f"api:{kind}", [slug, name, form], request=request) for form in forms}


class Figure(File):
    @extend_schema(
        operation_id="figure",
        summary="A figure as SVG, PDF, PNG, Vega-Lite (json) or its numbers (csv)",
        tags=["files"],
        parameters=[
            OpenApiParameter("name", str, OpenApiParameter.PATH, enum=list(FIGURES)),
            OpenApiParameter("form", str, OpenApiParameter.PATH, enum=list(drawing.TYPES)),
        ],
        responses={**_files(drawing.TYPES.values()), **READ},
    )
    def get(self, request: Request, slug: str, name: str, form: str) -> HttpResponse:
        page = Opened(self.study(slug))
        rows = FIGURES[name].rows(page) if name in FIGURES and form in drawing.TYPES else []
        if not rows:
            raise Http404
        body = written(rows) if form == "csv" else self._drawn(page, name, rows, form)
        return HttpResponse(body, content_type=drawing.TYPES[form], headers={"Cache-Control": "private, no-cache"})

    def _drawn(self, page: Opened, name: str, rows: list, form: str) -> bytes | str:
        figure = FIGURES[name]
        title = f"{page.study.name}: {figure.title}"
        return drawing.taken_along(figure.chart(rows, False), title, figure.source(page, rows), form)


class Table(File):
    @extend_schema(
        operation_id="table",
        summary="A table as LaTeX (booktabs), CSV or Markdown",
        tags=["files"],
        parameters=[
            OpenApiParameter("name", str, OpenApiParameter.PATH, enum=list(TABLES)),
            OpenApiParameter("form", str, OpenApiParameter.PATH, enum=list(TABLE_FORMS)),
        ],
        responses={**_files(content_type for content_type, _ in TABLE_FORMS.values()), **READ},
    )
    def get(self, request: Request, slug: str, name: str, form: str) -> HttpResponse:
        study = self.study(slug)
        made = TABLES[name](Opened(study)) if name in TABLES and form in TABLE_FORMS else None
        if made is None or not made.rows:
            raise Http404
        content_type, write = TABLE_FORMS[form]
        return HttpResponse(write(made, study.name), content_type=content_type)
