"""A study's judge: to train it on the study's votes, to read how it does, to make a scorer of it."""

from __future__ import annotations

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions.train_judge import train_judge
from listening.actions.use_judge import use_judge
from results.api.base import READ, WRITTEN, Api
from results.api.idempotency import KEY, once
from results.api.problems import Refused
from studies.models import EngineSpec, Study, StudyJudge


class JudgeShape(s.ModelSerializer):
    study: s.Field = s.SlugRelatedField(slug_field="slug", read_only=True)
    scorer: s.Field = s.SlugRelatedField(
        slug_field="slug", source="spec", read_only=True, allow_null=True, help_text="As which studies can choose it."
    )
    scorers = s.ListField(child=s.DictField(), help_text="Engines on whose embeddings it stands.")
    material = s.DictField(help_text="Votes that it learned from, the fold of each prompt, and a digest of both.")
    measured = s.DictField(help_text="On prompts that it did not learn from, beside plain CLAP on the same.")

    class Meta:
        model = StudyJudge
        fields = ["id", "study", "scorer", "scorers", "seed", "simulated", "material", "measured", "created_at"]
        read_only_fields = fields


class NewJudge(s.Serializer):
    scorers = s.ListField(
        child=s.SlugField(), required=False, max_length=4, help_text="Slugs; the evaluation scorer without it."
    )
    seed = s.IntegerField(required=False, min_value=0, max_value=2**31 - 1, help_text="Of the folds; 1 without it.")


class Judge(Api):
    http_method_names = ["get", "head", "options", "post"]

    @extend_schema(
        operation_id="judge",
        summary="The newest judge that was trained on the study's votes",
        tags=["judges"],
        responses={200: JudgeShape, **READ},
    )
    def get(self, request: Request, slug: str) -> Response:
        return Response(JudgeShape(newest(self.study(slug))).data)

    @extend_schema(
        operation_id="train_judge",
        summary="Train a judge on the study's votes",
        tags=["judges"],
        parameters=[KEY],
        request=NewJudge,
        responses={201: OpenApiResponse(JudgeShape, "The judge."), **WRITTEN},
    )
    @once
    def post(self, request: Request, slug: str) -> Response:
        study = self.changed(slug)
        asked = NewJudge(data=request.data or {})
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        scorers = engines(wanted.get("scorers", []))
        made = train_judge(study=study, by=self.user, scorers=scorers, seed=wanted.get("seed", 1))
        return Response(JudgeShape(made).data, status=201)


class JudgeAsScorer(Api):
    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="use_judge",
        summary="Make the newest judge a scorer that studies can choose",
        tags=["judges"],
        parameters=[KEY],
        request=None,
        responses={200: JudgeShape, **WRITTEN},
    )
    @once
    def post(self, request: Request, slug: str) -> Response:
        judge = newest(self.changed(slug))
        use_judge(judge=judge, by=self.user)
        return Response(JudgeShape(judge).data)


def newest(study: Study) -> StudyJudge:
    judge = study.judges.select_related("study", "spec").first()
    if judge is None:
        raise Http404("No judge has been trained on this study's votes yet.")
    return judge


def engines(slugs: list[str]) -> list[EngineSpec]:
    found = {spec.slug: spec for spec in EngineSpec.objects.filter(slug__in=slugs)}
    if unknown := [slug for slug in slugs if slug not in found]:
        raise Refused({"scorers": [f"There is no engine {slug!r}." for slug in unknown]})
    return [found[slug] for slug in slugs]
