"""Each kind of record as a list: filtered, ordered, a page at a time."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from results.api.base import LISTED, Api
from results.api.listed import Pages
from results.api.shapes import page_of
from results.records import RECORDS, Field, Records

SHAPES: dict[str, type[s.Field]] = {
    "integer": s.IntegerField,
    "number": s.FloatField,
    "text": s.CharField,
    "flag": s.BooleanField,
    "time": s.DateTimeField,
    "json": s.JSONField,
}
LISTS = {"integers": s.IntegerField, "numbers": s.FloatField, "texts": s.CharField}


class IntegerFilter(django_filters.Filter):
    """NumberFilter takes 1e999999999 too, of which the database wants every digit."""

    field_class = forms.IntegerField


FILTERS: dict[str, type[django_filters.Filter]] = {
    "integer": IntegerFilter,
    "text": django_filters.CharFilter,
    "flag": django_filters.BooleanFilter,
}


def shape_of(kind: Records) -> type[s.Serializer]:
    """For the schema: a record's fields with their types."""
    return inline_serializer(_title(kind.one), {f.name: _shape(f) for f in kind.fields}).__class__


def _shape(field: Field) -> s.Field:
    told: dict[str, Any] = {"help_text": field.help} if field.help else {}
    if field.name == "id":
        return s.IntegerField(**told)
    if field.type in LISTS:
        child = LISTS[field.type](allow_null=True)
        return s.ListField(child=child, allow_null=True, **told)
    return SHAPES[field.type](allow_null=True, **told)


def _title(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


def filters_of(kind: Records) -> type[django_filters.FilterSet]:
    fields = {f.name: FILTERS[f.type](field_name=f.source, label=f.help) for f in kind.fields if f.filtered}
    return type(f"{_title(kind.name)}Filters", (django_filters.FilterSet,), fields)


class RecordsView(Api):
    """Made for each kind of record by `view_of`."""

    kind: Records
    filters: type[django_filters.FilterSet]
    orderings: dict[str, str]

    def get(self, request: Request, slug: str) -> Response:
        study = self.study(slug)
        pages = Pages()
        rows = pages.paginate_queryset(self._found(request, self.kind.rows(study)), request, view=self)
        finish = self.kind.finish(self.asked(study))
        records = [finish({field.name: row[field.source] for field in self.kind.fields}) for row in rows or []]
        return pages.get_paginated_response(records)

    def _found(self, request: Request, rows: QuerySet) -> QuerySet:
        chosen = self.filters(request.query_params, rows)
        if not chosen.is_valid():
            raise s.ValidationError(chosen.errors)
        order = request.query_params.get("ordering", "").removeprefix("-")
        found = chosen.qs
        if order in self.orderings and order != "id":
            found = found.filter(**{f"{self.orderings[order]}__isnull": False})
        return found.values("pk", *(field.source for field in self.kind.fields if field.source != "pk"))


def view_of(kind: Records) -> type[RecordsView]:
    orderings = {field.name: field.source for field in kind.fields if field.name == "id" or field.type == "time"}
    orderings |= {f.name: f.source for f in kind.fields if f.name in ("position", "value", "response_ms", "loudness")}
    shape = shape_of(kind)
    page = page_of(f"{_title(kind.name)}Page", shape)
    parameters = [
        OpenApiParameter("cursor", str, description="As `next` of the page before has it."),
        OpenApiParameter("page_size", int, description="Records on a page, 1 to 1,000; 100 by default."),
        OpenApiParameter(
            "ordering", str, enum=[sign + name for name in orderings for sign in ("", "-")],
            description="Records without a value are left out where they cannot be ordered by it.",
        ),
        *(
            OpenApiParameter(f.name, {"integer": OpenApiTypes.INT, "flag": OpenApiTypes.BOOL}.get(f.type, str),
                             description=f"Only records with this: {f.help}" if f.help else "Only records with this.")
            for f in kind.fields if f.filtered
        ),
    ]  # fmt: skip
    made = type(
        f"{_title(kind.name)}View",
        (RecordsView,),
        {"kind": kind, "filters": filters_of(kind), "orderings": orderings, "__doc__": kind.about},
    )
    described = extend_schema(
        operation_id=kind.name.replace("-", "_"),
        summary=kind.about,
        tags=["records"],
        parameters=parameters,
        responses={200: page, **LISTED},
    )
    return extend_schema_of(made, described)


def extend_schema_of(view: type[RecordsView], described) -> type[RecordsView]:
    """A method of the view's own, so that the schema of one kind is not that of all."""

    def get(self: RecordsView, request: Request, slug: str) -> Response:
        return RecordsView.get(self, request, slug)

    view.get = described(get)  # type: ignore[method-assign]
    return view


VIEWS = {name: view_of(kind) for name, kind in RECORDS.items()}
