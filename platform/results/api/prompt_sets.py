"""Prompt sets: to read, and to make from JSON by the same rules as a file."""

from __future__ import annotations

import itertools
import json
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts import roles
from prompts.actions.importing import import_prompts
from prompts.errors import ImportRefusedError, PromptError
from prompts.models import PromptSet
from prompts.reading import read_prompts
from results.api import shapes
from results.api.base import LISTED, READ, WRITTEN, Api
from results.api.idempotency import KEY, once
from results.api.listed import Pages
from results.api.problems import Refused


class PromptSetApi(Api):
    def sets(self) -> QuerySet[PromptSet]:
        seen = PromptSet.objects.filter(team__in=roles.teams_of(self.request.user))
        if self.limited:
            seen = seen.filter(studies__in=self.studies()).distinct()
        return seen.select_related("team").annotate(size=Count("prompts", distinct=True))


class PromptSets(PromptSetApi):
    http_method_names = ["get", "head", "options", "post"]
    orderings = {"created_at": "created_at", "name": "name"}

    @extend_schema(
        operation_id="prompt_sets",
        summary="Your prompt sets",
        tags=["prompt sets"],
        parameters=[
            OpenApiParameter("ordering", str, enum=["created_at", "-created_at", "name", "-name"]),
            OpenApiParameter("cursor", str, description="As `next` of the page before has it."),
            OpenApiParameter("page_size", int, description="1 to 1,000; 100 by default."),
        ],
        responses={200: shapes.page_of("PromptSetPage", shapes.PromptSetSerializer), **LISTED},
    )
    def get(self, request: Request) -> Response:
        pages = Pages()
        rows = pages.paginate_queryset(self.sets(), request, view=self)
        return pages.get_paginated_response(shapes.PromptSetSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="create_prompt_set",
        summary="Make a prompt set; all of it, or nothing where a prompt is faulty",
        tags=["prompt sets"],
        parameters=[KEY],
        request=shapes.NewPromptSet,
        responses={201: shapes.PromptSetSerializer, **WRITTEN},
    )
    @once
    def post(self, request: Request) -> Response:
        asked = shapes.NewPromptSet(data=request.data)
        asked.is_valid(raise_exception=True)
        made = self._made(request, asked.validated_data)
        told = shapes.PromptSetSerializer(get_object_or_404(self.sets(), pk=made.pk)).data
        address = reverse("api:prompt-set", [made.slug], request=request)
        return Response(told, status=201, headers={"Location": address})

    @transaction.atomic
    def _made(self, request: Request, wanted: dict[str, Any]) -> PromptSet:
        self.for_all_studies()
        prompts, slug = wanted.pop("prompts"), wanted.pop("team")
        team = self.teams().filter(slug=slug).first()
        if team is None:
            named = ", ".join(self.teams().values_list("slug", flat=True)) or "none"
            raise Refused({"team": [f"Not a team whose owner or editor you are. Those are: {named}."]})
        made = PromptSet(team=team, **{"slug": free_slug(wanted["name"]), **wanted})
        lines = "\n".join(json.dumps(prompt, ensure_ascii=False) for prompt in prompts)
        try:
            return import_prompts(by=self.user, prompt_set=made, reading=read_prompts(lines.encode())).prompt_set
        except ImportRefusedError as refused:
            raise Refused(_by_prompt(refused)) from refused
        except PromptError as refused:
            raise Refused(refused.messages) from refused


def _by_prompt(refused: ImportRefusedError) -> dict[str, list[str]]:
    """Faults of lines as faults of the prompts that they are, the first being 0."""
    found: dict[str, list[str]] = {}
    for fault in refused.faults:
        where = ["prompts", "" if fault.line is None else str(fault.line - 1), fault.column]
        found.setdefault(".".join(part for part in where if part), []).append(fault.message)
    return found


def free_slug(name: str) -> str:
    stem = slugify(name)[:70] or "prompts"
    numbered = (f"{stem}-{n}" for n in itertools.count(2))
    taken = set(PromptSet.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(slug for slug in itertools.chain([stem], numbered) if slug not in taken)


class OnePromptSet(PromptSetApi):
    @extend_schema(
        operation_id="prompt_set",
        summary="One prompt set",
        tags=["prompt sets"],
        responses={200: shapes.PromptSetSerializer, **READ},
    )
    def get(self, request: Request, slug: str) -> Response:
        return Response(shapes.PromptSetSerializer(get_object_or_404(self.sets(), slug=slug)).data)
