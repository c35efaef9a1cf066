"""Studies: to read, to make from a recipe, to launch, pause, resume, retry, cancel; and how far they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers as s
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from listening import query
from prompts.models import PromptSet
from results.api import shapes
from results.api.base import LISTED, READ, WRITTEN, Api
from results.api.idempotency import KEY, once
from results.api.listed import Pages
from results.api.problems import Refused
from results.api.stream import EventStream, events
from results.opened import Opened
from studies import actions, blocks, recipes
from studies.models import Study
from studies.progress import progress, time_left

CREATED = OpenApiResponse(shapes.StudySerializer, "The draft.")


class Studies(Api):
    http_method_names = ["get", "head", "options", "post"]
    orderings = {"created_at": "created_at", "name": "name"}

    @extend_schema(
        operation_id="studies",
        summary="Your studies, newest first",
        tags=["studies"],
        parameters=[
            OpenApiParameter("status", str, enum=Study.Status.values),
            OpenApiParameter("team", str, description="Slug."),
            OpenApiParameter("ordering", str, enum=["created_at", "-created_at", "name", "-name"]),
            OpenApiParameter("cursor", str, description="As `next` of the page before has it."),
            OpenApiParameter("page_size", int, description="1 to 1,000; 100 by default."),
        ],
        responses={200: shapes.page_of("StudyPage", shapes.StudySerializer), **LISTED},
    )
    def get(self, request: Request) -> Response:
        found = self.studies()
        if status := request.query_params.get("status"):
            if status not in Study.Status.values:
                raise s.ValidationError({"status": f"One of {', '.join(Study.Status.values)}."})
            found = found.filter(status=status)
        if team := request.query_params.get("team"):
            found = found.filter(team__slug=team)
        pages = Pages()
        rows = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(shapes.StudySerializer(rows, many=True, context={"request": request}).data)

    @extend_schema(
        operation_id="create_study",
        summary="Make a draft from a recipe",
        tags=["studies"],
        parameters=[KEY],
        request=shapes.NewStudy,
        responses={201: CREATED, **WRITTEN},
    )
    @once
    def post(self, request: Request) -> Response:
        asked = shapes.NewStudy(data=request.data)
        asked.is_valid(raise_exception=True)
        made = self._made(request, asked.validated_data)
        told = shapes.StudySerializer(made, context={"request": request}).data
        return Response(told, status=201, headers={"Location": str(told["url"])})

    @transaction.atomic
    def _made(self, request: Request, wanted: dict[str, Any]) -> Study:
        self.for_all_studies()
        teams = self.teams()
        team = teams.filter(slug=wanted["team"]).first()
        if team is None:
            named = ", ".join(teams.values_list("slug", flat=True)) or "none"
            raise Refused({"team": [f"Not a team whose owner or editor you are. Those are: {named}."]})
        prompts = PromptSet.objects.filter(slug=wanted["prompt_set"], team=team).first()
        if prompts is None:
            raise Refused({"prompt_set": [f"The team {team.slug} has no prompt set of this slug."]})
        recipe, name = self._recipe(wanted["recipe"])
        slug = wanted.get("slug") or actions.free_slug(slugify(name.replace("@", "-")) or "study")
        if Study.objects.filter(slug=slug).exists():
            raise Refused({"slug": ["A study of this slug is there already."]})
        if wanted.get("name"):
            recipe = recipe.model_copy(update={"name": wanted["name"]})
        return actions.create_study(
            recipe=recipe, slug=slug, team=team, prompt_set=prompts, by=self.user, recipe_name=name
        )

    def _recipe(self, wanted: Any) -> tuple[recipes.Recipe, str]:
        """A shipped one by its name; never a file by its path."""
        if not isinstance(wanted, str):
            return recipes.parse(wanted), ""
        if not recipes.known(wanted):
            shipped = ", ".join([*recipes.names(), *blocks.names()])
            raise Refused({"recipe": [f"No such recipe: send {shipped}, or a whole one."]})
        return recipes.load(wanted), wanted


class OneStudy(Api):
    @extend_schema(
        operation_id="study",
        summary="One study",
        tags=["studies"],
        responses={200: shapes.StudySerializer, **READ},
    )
    def get(self, request: Request, slug: str) -> Response:
        return Response(shapes.StudySerializer(self.study(slug), context={"request": request}).data)


class Results(Api):
    @extend_schema(
        operation_id="results",
        summary="Results, complete or so far",
        tags=["studies"],
        responses={200: shapes.Results, **READ},
    )
    def get(self, request: Request, slug: str) -> Response:
        return Response(Opened(self.study(slug)).results)


def told(study: Study) -> dict[str, Any]:
    """How far the study is, of work and of votes."""
    steps = progress(study) if study.status != Study.Status.DRAFT else []
    left = time_left(study, steps) if study.status == Study.Status.RUNNING else None
    heard = query.progress(study)
    names = ("kind", "name", "done", "failed", "running", "waiting", "total")
    return {
        "status": study.status,
        "status_reason": study.status_reason,
        "seconds_left": left and round(left.total_seconds(), 1),
        "steps": [{name: getattr(step, name) for name in names} for step in steps],
        "votes": heard.votes,
        "votes_needed": heard.votes_needed,
    }


class Progress(Api):
    @extend_schema(
        operation_id="progress",
        summary="How far the study is",
        tags=["studies"],
        responses={200: shapes.Progress, **READ},
    )
    def get(self, request: Request, slug: str) -> Response:
        return Response(told(self.study(slug)))


class Events(Api):
    renderer_classes = [EventStream, JSONRenderer]

    @extend_schema(
        operation_id="events",
        summary="Progress as server-sent events",
        description="An event `progress` whenever something changed, with the body of `progress`; `end` when the study "
        "is over. The server closes the stream now and then; `EventSource` comes back by itself.",
        tags=["studies"],
        responses={(200, "text/event-stream"): shapes.Event, **READ},
    )
    def get(self, request: Request, slug: str) -> StreamingHttpResponse:
        study = self.study(slug)

        def now() -> dict[str, Any]:
            return told(Study.objects.get(pk=study.pk))

        over = (Study.Status.COMPLETE, Study.Status.CANCELLED)
        return events(now, lambda state: state["status"] in over)


class Deed(Api):
    """One verb of a study's life. What forbids it is a 409 or, of a field, a 400."""

    http_method_names = ["post", "options"]
    act: Callable[..., Any]

    @once
    def post(self, request: Request, slug: str) -> Response:
        study = self.changed(slug)
        type(self).act(study=study, by=self.user, **self.choices(request))
        fresh = get_object_or_404(self.studies(), pk=study.pk)
        return Response(shapes.StudySerializer(fresh, context={"request": request}).data)

    def choices(self, request: Request) -> dict[str, Any]:
        return {}


class RetryDeed(Deed):
    def choices(self, request: Request) -> dict[str, Any]:
        asked = shapes.Retry(data=request.data or {})
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)


def deed(verb: str, summary: str, act: Callable[..., Any], base: type[Deed] = Deed) -> type[Deed]:
    body = shapes.Retry if base is RetryDeed else None
    made = type(f"{verb.capitalize()}Study", (base,), {"act": staticmethod(act), "__doc__": summary})

    def post(self: Deed, request: Request, slug: str) -> Response:
        return base.post(self, request, slug)

    described = extend_schema(
        operation_id=f"{verb}_study",
        summary=summary,
        tags=["studies"],
        parameters=[KEY],
        request=body,
        responses={200: shapes.StudySerializer, **WRITTEN},
    )
    setattr(made, "post", described(post))  # noqa: B010 (mypy knows no attributes of a type that is made)
    return made


DEEDS = {
    "launch": deed("launch", "Freeze the study and begin", actions.launch),
    "pause": deed("pause", "Hand out no further work", actions.pause),
    "resume": deed("resume", "Go on, without the rows that failed", actions.resume),
    "retry": deed("retry", "Let failed rows wait again", actions.retry_failed, RetryDeed),
    "cancel": deed("cancel", "End it for good; what was made stays", actions.cancel),
}
