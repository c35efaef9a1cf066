"""What scripts read. Anonymous callers get 401; a study of somebody else's is 404, as if it were not there."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from results import export
from results.access import audible_clips, visible_studies
from results.api import shapes
from results.api.problems import problem
from results.audio import audio_response
from results.summary import results_of
from studies.models import Study

PROBLEMS = {
    401: OpenApiResponse(shapes.Problem, "No token, or one that is unknown or has expired."),
    404: OpenApiResponse(shapes.Problem, "No such study among those that you may see."),
}


class JsonLines(BaseRenderer):
    """Named so that `Accept: application/x-ndjson` is understood; errors under it are JSON."""

    media_type, format = "application/x-ndjson", "jsonl"

    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        return JSONRenderer().render(data)


class Flac(JsonLines):
    media_type, format = "audio/flac", "flac"


class ReadOnly(APIView):
    http_method_names = ["get", "head", "options"]
    renderer_classes = [JSONRenderer]

    def get_exception_handler(self):
        return problem

    def study(self, slug: str) -> Study:
        return get_object_or_404(visible_studies(self.request.user), slug=slug)


class Newest(CursorPagination):
    ordering, page_size = "-created_at", 100


class Studies(ReadOnly, ListAPIView):
    serializer_class = shapes.StudySerializer
    pagination_class = Newest

    def get_queryset(self):
        return visible_studies(self.request.user)

    @extend_schema(operation_id="studies", summary="Your studies, newest first", responses={401: PROBLEMS[401]})
    def get(self, request: Request, *args, **kwargs) -> Response:
        return super().get(request, *args, **kwargs)


class ResultsView(ReadOnly):
    @extend_schema(
        operation_id="results", summary="Results, complete or so far", responses={200: shapes.Results, **PROBLEMS}
    )
    def get(self, request: Request, slug: str) -> Response:
        return Response(results_of(self.study(slug)))


class Export(ReadOnly):
    renderer_classes = [JsonLines, JSONRenderer]

    @extend_schema(
        operation_id="export",
        summary="Everything the study has made, one JSON record a line",
        description="Records carry a `type`: study (the header, with the schema's version), prompt, arm, candidate, "
        "clip, score, vote, end. Without `end` the file was cut off.",
        responses={(200, "application/x-ndjson"): OpenApiTypes.STR, **PROBLEMS},
    )
    def get(self, request: Request, slug: str) -> StreamingHttpResponse:
        study = self.study(slug)
        one = reverse("api:clip", [slug, 0], request=request)
        lines = export.lines(study, one.removesuffix("0.flac") + "{clip}.flac")
        name = f'attachment; filename="{slug}.jsonl"'
        return StreamingHttpResponse(
            export.bytes_of(lines), content_type="application/x-ndjson", headers={"Content-Disposition": name}
        )


class Audio(ReadOnly):
    renderer_classes = [Flac, JSONRenderer]

    @extend_schema(
        operation_id="clip",
        summary="A clip as the generator made it; understands Range",
        responses={(200, "audio/flac"): OpenApiTypes.BINARY, **PROBLEMS},
    )
    def get(self, request: Request, slug: str, clip: int) -> HttpResponse:
        return audio_response(request, get_object_or_404(audible_clips(self.study(slug)), pk=clip))
