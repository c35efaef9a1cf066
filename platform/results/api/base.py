"""What every address of the API has: who asks, what they may see, how errors and ETags look."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from accounts import roles
from accounts.models import ApiToken, Team, User
from results.access import visible_studies
from results.api import shapes
from results.records import Asked
from studies.models import Study

PROBLEMS = {
    400: OpenApiResponse(shapes.Problem, "What was asked for makes no sense; `errors` says which field, and why."),
    401: OpenApiResponse(shapes.Problem, "No token, or one that is unknown or has expired."),
    403: OpenApiResponse(shapes.Problem, "The token has not the scope, or its user not the role."),
    404: OpenApiResponse(shapes.Problem, "No such thing among those that you may see."),
    409: OpenApiResponse(shapes.Problem, "It stands so that this cannot be done now."),
    415: OpenApiResponse(shapes.Problem, "The body is not JSON."),
    422: OpenApiResponse(shapes.Problem, "The same Idempotency-Key came with another request."),
    503: OpenApiResponse(shapes.Problem, "Too many whole files are being made; Retry-After says when to come back."),
    429: OpenApiResponse(shapes.Problem, "Too many requests of this token; Retry-After says when."),
}
PROBLEM = "application/problem+json"


def problems(*statuses: int) -> dict[tuple[int, str], OpenApiResponse]:
    return {(status, PROBLEM): PROBLEMS[status] for status in statuses}


READ = problems(400, 401, 403, 404, 429)  # 400: also of NUL in an address, wherever it is sent
LISTED = READ
WRITTEN = READ | problems(409, 415, 422)


class Api(APIView):
    renderer_classes = [JSONRenderer, BrowsableAPIRenderer]
    http_method_names = ["get", "head", "options"]

    def studies(self) -> QuerySet[Study]:
        """Those that the user may see, and the token was made for."""
        found, token = visible_studies(self.request.user), self.request.auth
        return found.filter(slug__in=token.studies) if isinstance(token, ApiToken) and token.studies else found

    @property
    def limited(self) -> bool:
        """Whether the token is for some studies alone."""
        token = self.request.auth
        return isinstance(token, ApiToken) and bool(token.studies)

    def for_all_studies(self) -> None:
        if self.limited:
            raise PermissionDenied("This token is for some studies alone: it makes nothing new. Use one for all.")

    def study(self, slug: str) -> Study:
        return get_object_or_404(self.studies(), slug=slug)

    def changed(self, slug: str) -> Study:
        """A study that may be changed; to a viewer it is known, but not theirs to change."""
        study = self.study(slug)
        if not self.teams().filter(pk=study.team_id).exists():
            raise PermissionDenied("Viewers read. An owner or editor of the team can do this.")
        return study

    @property
    def user(self) -> User:
        return cast(User, self.request.user)  # whoever is unknown was sent away

    def teams(self) -> QuerySet[Team]:
        return roles.teams_of(self.request.user, roles.CHANGE)

    def asked(self, study: Study) -> Asked:
        one = reverse("api:clip", [study.slug, 0], request=self.request)
        return Asked(study, one.removesuffix("0.flac") + "{clip}.flac")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """An ETag of the content on what was read, and 304 where the reader has it."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if request.method in ("GET", "HEAD") and response.status_code == 200 and isinstance(response, Response):
            response.add_post_render_callback(lambda rendered: _conditional(request, rendered))
        return response


class Nowhere(Api):
    """Whatever is no address of the API: a problem as any other, and for nobody who is unknown."""

    http_method_names = ["get", "head", "options", "post", "put", "patch", "delete"]

    @extend_schema(exclude=True)
    def get(self, request: Request, rest: str) -> Response:
        raise NotFound("There is no such address: `/api/v1/` lists those there are.")

    post = put = patch = delete = get


def _conditional(request: Request, response: Any) -> Any:
    import hashlib

    if not response.has_header("ETag"):
        response["ETag"] = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
    response["Cache-Control"] = "private, no-cache"
    return get_conditional_response(request._request, etag=response["ETag"], response=response)
