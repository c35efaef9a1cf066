"""From rewrites to embeddings, and to clips to scores: each candidate gets whatever its finished rows make possible."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet

from studies import arms, pipeline
from studies.actions import ensure
from studies.models import Arm, Candidate, Clip, EngineSpec, Rendering, Rewrite, Score, Study, TextEmbedding, Work


def extend(study: Study, candidates: QuerySet[Candidate]) -> int:
    """Writes the rows that have become possible for these candidates; how many of them are new work.

    Safe to repeat: what exists already is found, not made again.
    """
    candidates = candidates.filter(arm__study=study)
    renderings = Rendering.objects.filter(candidate__in=candidates)
    texts = sum(read(arm, candidates) for arm in study.arms.all())
    return texts + _render(study, candidates) + judge(study, renderings)


def read(arm: Arm, candidates: QuerySet[Candidate]) -> int:
    """Writes the embeddings of the arm's candidates and their prompts, if it ranks by them; how many are new work."""
    reader = arms.parse(arm.method, arm.parameters).reader
    if not reader:
        return 0
    ready = candidates.filter(arm=arm, rewrite__state=Rewrite.State.DONE).exclude(purpose=pipeline.EVALUATE)
    texts = {text for pair in ready.values_list("prompt__text", "rewrite__text") for text in pair}
    rows = ensure.ensure(TextEmbedding, (ensure.embedding(getattr(arm.study, reader), text) for text in texts))
    arm.text_embeddings.add(*rows.values())
    return _unfinished(rows.values())


def _render(study: Study, candidates: QuerySet[Candidate]) -> int:
    ready = candidates.filter(rewrite__state=Rewrite.State.DONE, renderings=None).select_related("rewrite", "prompt")
    takes = [
        (candidate, take, ensure.clip(study.generator, candidate.rewrite.text, seed, study.seconds))
        for candidate in ready
        for take, seed in enumerate(_seeds(study, candidate))
    ]
    clips = ensure.ensure(Clip, (clip for _, _, clip in takes))
    Rendering.objects.bulk_create(
        (Rendering(candidate=c, take=take, clip=clips[clip.identity]) for c, take, clip in takes),
        ignore_conflicts=True,
        batch_size=500,
    )
    return _unfinished(clips.values())


def _seeds(study: Study, candidate: Candidate) -> list[int]:
    takes = study.evaluation_takes if candidate.purpose == pipeline.EVALUATE else study.feedback_takes
    return pipeline.take_seeds(study.seed, candidate.purpose, candidate.prompt.position, takes)


def judge(study: Study, renderings: QuerySet[Rendering]) -> int:
    """Writes the scores that the study wants of these renderings' finished clips; how many rows are new work."""
    scorers, specs = scorers_of(study)
    rendered = (
        renderings.filter(candidate__arm__study=study, clip__state=Clip.State.DONE)
        .select_related("candidate__prompt", "candidate__rewrite", "clip")
        .prefetch_related(Prefetch("clip__scores", Score.objects.only("clip_id", "scorer_id", "reference")))
    )
    wanted = []
    for rendering in rendered:
        candidate, clip = rendering.candidate, rendering.clip
        present = {(score.scorer_id, score.reference) for score in clip.scores.all()}
        texts = (candidate.prompt.text, candidate.rewrite.text)
        asked = pipeline.wanted_scores(candidate.purpose, scorers, *texts)
        for scorer, reference in asked - present:
            wanted.append(ensure.score(clip, specs[scorer], reference))
    return _unfinished(ensure.ensure(Score, wanted).values())


def scorers_of(study: Study) -> tuple[pipeline.Scorers, dict[int, EngineSpec]]:
    """The study's scorers as the pipeline names them, and the engine specs behind the names."""
    specs = [study.feedback_scorer, study.evaluation_scorer, *([study.oracle] if study.oracle else [])]
    scorers = pipeline.Scorers(study.feedback_scorer_id, study.evaluation_scorer_id, study.oracle_id)
    return scorers, {spec.pk: spec for spec in specs}


def _unfinished(rows: Iterable[Work]) -> int:
    return sum(not row.settled for row in rows)
