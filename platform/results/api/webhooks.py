"""Webhooks: addresses that are told of studies, and what they were told."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts import roles
from results.api.base import LISTED, READ, WRITTEN, Api
from results.api.idempotency import KEY, once
from results.api.listed import Pages
from results.api.problems import Refused
from results.api.shapes import page_of
from results.hooks import announce, guard
from results.models import Delivery, Webhook
from studies.models import Study


class WebhookShape(s.ModelSerializer):
    team: s.Field = s.SlugRelatedField(slug_field="slug", read_only=True)
    study: s.Field = s.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)

    class Meta:
        model = Webhook
        fields = ["id", "team", "url", "events", "study", "active", "created_at"]
        read_only_fields = fields


class WebhookWithSecret(WebhookShape):
    class Meta(WebhookShape.Meta):
        fields = [*WebhookShape.Meta.fields, "secret"]
        read_only_fields = fields


class NewWebhook(s.Serializer):
    team = s.SlugField(help_text="Of which you are owner or editor.")
    url = s.CharField(max_length=500, help_text="https://… that takes a POST.")
    events = s.ListField(child=s.ChoiceField(choices=Webhook.Event.choices), allow_empty=False)
    study = s.SlugField(required=False, help_text="Slug; without it all studies of the team.")

    def validate_url(self, url: str) -> str:
        try:
            guard.check(url)
        except Invalid as refused:
            raise s.ValidationError(refused.messages) from refused
        return url


class DeliveryShape(s.ModelSerializer):
    study: s.Field = s.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)

    class Meta:
        model = Delivery
        fields = [
            *("id", "uid", "event", "study", "state", "attempts", "next_at", "status", "answer", "error", "seconds"),
            *("body", "created_at", "delivered_at"),
        ]
        read_only_fields = fields


PAGED = [
    OpenApiParameter("cursor", str, description="As `next` of the page before has it."),
    OpenApiParameter("page_size", int, description="1 to 1,000; 100 by default."),
    OpenApiParameter("ordering", str, enum=["id", "-id"]),
]
ID = OpenApiParameter("webhook", OpenApiTypes.INT, OpenApiParameter.PATH)


class WebhookApi(Api):
    orderings = {"-id": "-pk", "id": "pk"}

    def hooks(self) -> QuerySet[Webhook]:
        seen = Webhook.objects.filter(team__in=roles.teams_of(self.request.user)).select_related("team", "study")
        return seen.filter(study__in=self.studies()) if self.limited else seen

    def hook(self, number: int) -> Webhook:
        return get_object_or_404(self.hooks(), pk=number)

    def changed_hook(self, number: int) -> Webhook:
        hook = self.hook(number)
        if not self.teams().filter(pk=hook.team_id).exists():
            self.permission_denied(self.request, "Viewers read. An owner or editor of the team can do this.")
        return hook


class Webhooks(WebhookApi):
    http_method_names = ["get", "head", "options", "post"]

    @extend_schema(
        operation_id="webhooks",
        summary="Your teams' webhooks, newest first",
        tags=["webhooks"],
        parameters=PAGED,
        responses={200: page_of("WebhookPage", WebhookShape), **LISTED},
    )
    def get(self, request: Request) -> Response:
        pages = Pages()
        rows = pages.paginate_queryset(self.hooks(), request, view=self)
        return pages.get_paginated_response(WebhookShape(rows, many=True).data)

    @extend_schema(
        operation_id="create_webhook",
        summary="Have an address told of studies",
        description="Each event is a POST of JSON, signed as Standard Webhooks has it (`webhook-id`, "
        "`webhook-timestamp`, `webhook-signature`). Anything but 2xx is tried again, later each time, for about two "
        "days. The answer to this request holds the secret.",
        tags=["webhooks"],
        parameters=[KEY],
        request=NewWebhook,
        responses={201: WebhookWithSecret, **WRITTEN},
    )
    @once
    def post(self, request: Request) -> Response:
        asked = NewWebhook(data=request.data)
        asked.is_valid(raise_exception=True)
        self.for_all_studies()
        made = self._made(asked.validated_data)
        where = reverse("api:webhook", [made.pk], request=request)
        return Response(WebhookWithSecret(made).data, status=201, headers={"Location": where})

    def _made(self, wanted: dict[str, Any]) -> Webhook:
        team = self.teams().filter(slug=wanted["team"]).first()
        if team is None:
            named = ", ".join(self.teams().values_list("slug", flat=True)) or "none"
            raise Refused({"team": [f"Not a team whose owner or editor you are. Those are: {named}."]})
        slug = wanted.get("study")
        study = Study.objects.filter(slug=slug, team=team).first() if slug else None
        if slug and study is None:
            raise Refused({"study": [f"The team {team.slug} has no study of this slug."]})
        events = sorted(set(wanted["events"]))
        return Webhook.objects.create(team=team, url=wanted["url"], events=events, study=study, created_by=self.user)


class OneWebhook(WebhookApi):
    http_method_names = ["get", "head", "options", "delete"]

    @extend_schema(
        operation_id="webhook",
        summary="One webhook",
        tags=["webhooks"],
        parameters=[ID],
        responses={200: WebhookShape, **READ},
    )
    def get(self, request: Request, webhook: int) -> Response:
        return Response(WebhookShape(self.hook(webhook)).data)

    @extend_schema(
        operation_id="delete_webhook",
        summary="Tell it nothing more, and forget what it was told",
        tags=["webhooks"],
        parameters=[ID],
        responses={204: OpenApiResponse(None, "It is gone."), **READ},
    )
    def delete(self, request: Request, webhook: int) -> Response:
        self.changed_hook(webhook).delete()
        return Response(status=204)


class Deliveries(WebhookApi):
    @extend_schema(
        operation_id="deliveries",
        summary="What it was told, newest first, and what came of it",
        tags=["webhooks"],
        parameters=[ID, *PAGED],
        responses={200: page_of("DeliveryPage", DeliveryShape), **LISTED},
    )
    def get(self, request: Request, webhook: int) -> Response:
        pages = Pages()
        found = self.hook(webhook).deliveries.select_related("study")
        rows = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(DeliveryShape(rows, many=True).data)


class TestWebhook(WebhookApi):
    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="test_webhook",
        summary="Tell it that it works",
        tags=["webhooks"],
        parameters=[ID, KEY],
        request=None,
        responses={202: DeliveryShape, **WRITTEN},
    )
    @once
    def post(self, request: Request, webhook: int) -> Response:
        return Response(DeliveryShape(announce.test(self.changed_hook(webhook))).data, status=202)
