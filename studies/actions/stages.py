"""An arm walks from stage to stage; this writes what each stage asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from django.db.models import Avg, F, Q, QuerySet
from pgvector.django import CosineDistance

from inference.training.parameters import Measure
from prompts.models import Prompt
from studies import arms, fidelity, pipeline, tuned
from studies.actions import ensure
from studies.actions.extend import extend, read
from studies.evaluated import evaluated_prompts
from studies.models import Arm, Candidate, Checkpoint, Clip, EngineSpec, Rewrite, Score, Study, TextEmbedding, Work
from studies.models.work import identity_of

UNFINISHED = [Work.State.WAITING, Work.State.RUNNING]
EXEMPLARS_FROM = Q(kind=Prompt.Kind.EXPERT, split=Prompt.Split.TRAIN)


class StageError(Exception):
    """The arm cannot go on; the message says why and what to do."""


def move_on(arm: Arm) -> bool:
    """Opens the arm's next stage while its present one is settled; whether it moved.

    Raises StageError where what the next stage needs has failed.
    """
    moved = False
    while arm.stage != Arm.Stage.FINISHED and (not arm.stage or (settled(arm) and not _still_reads(arm))):
        choices = arms.parse(arm.method, arm.parameters)
        if not arm.stage:
            _begin(arm, choices)
        rounds = getattr(choices, "rounds", 1)
        arm.stage, arm.round = pipeline.next_stage(arm.method, rounds, arm.stage, arm.round, choices.first_round)
        if arm.stage in OPEN:
            OPEN[arm.stage](arm, choices)
        arm.save(update_fields=["stage", "round"])
        moved = True
    return moved


def settled(arm: Arm) -> bool:
    """Nothing that the arm's stage asked for is waiting or running."""
    if arm.stage == Arm.Stage.TRAINING:
        return _trained(arm)
    if arm.text_embeddings.filter(state__in=UNFINISHED).exists():
        return False
    mine = _stage_candidates(arm)
    unfinished = (  # what comes last first: while a stage goes on, one look mostly finds some
        Score.objects.filter(clip__renderings__candidate__in=mine, state__in=UNFINISHED),
        Clip.objects.filter(renderings__candidate__in=mine, state__in=UNFINISHED),
        Rewrite.objects.filter(candidates__in=mine, state__in=UNFINISHED),
    )
    return not any(rows.exists() for rows in unfinished)


def _still_reads(arm: Arm) -> bool:
    """Whether it must read texts first that nobody asked for: it was under way when a release began to ask."""
    return read(arm, _stage_candidates(arm)) > 0


def _trained(arm: Arm) -> bool:
    checkpoint = arm.checkpoints.get(round=arm.round)
    if checkpoint.state == Work.State.FAILED:
        raise StageError(f"{arm.name}: fine-tuning failed ({checkpoint.error}) Retry the failed rows, or cancel.")
    return checkpoint.state == Work.State.DONE


def _stage_candidates(arm: Arm) -> QuerySet[Candidate]:
    purpose = pipeline.EVALUATE if arm.stage == Arm.Stage.EVALUATING else _ranked_purpose(arm)
    return arm.candidates.filter(purpose=purpose, round=arm.round)


def _ranked_purpose(arm: Arm) -> str:
    return pipeline.TRAIN if arm.method == Arm.Method.INSTRUCT_FEEDBACK else pipeline.SELECT


# What each stage asks for


def _begin(arm: Arm, choices: arms.NoChoice) -> None:
    """Weights from another study become the arm's own, as its round 0: that study may be changed or deleted."""
    if isinstance(choices, arms.Rewriting) and choices.checkpoint:
        try:
            tuned.adopt(arm, choices.checkpoint)
        except LookupError as error:
            raise StageError(f"{arm.name}: {error}") from error


def _retrieve(arm: Arm, choices: arms.NoChoice) -> None:
    texts = [
        *arm.study.prompt_set.prompts.filter(EXEMPLARS_FROM).values_list("text", flat=True),
        *evaluated_prompts(arm.study).values_list("text", flat=True),
    ]
    scorer = arm.study.feedback_scorer
    rows = ensure.ensure(TextEmbedding, (ensure.embedding(scorer, text) for text in texts))
    arm.text_embeddings.set(rows.values())


def _propose(arm: Arm, choices: arms.NoChoice) -> None:
    purpose = _ranked_purpose(arm)
    if isinstance(choices, arms.Feedback):
        prompts, n = training_prompts(arm.study, choices.training_prompts), choices.candidates
    else:
        prompts, n = list(evaluated_prompts(arm.study)), getattr(choices, "n", 1)
    checkpoint = tuned.carried_on(arm)
    spread = getattr(choices, "sampling", "") == "spread"
    asked = [
        (prompt, index, _sampled(arm, checkpoint, prompt, index, [], n if spread else 0))
        for prompt in prompts
        for index in range(n)
    ]
    _write_candidates(arm, purpose, asked)


def _sampled(
    arm: Arm, checkpoint: Checkpoint | None, prompt: Prompt, index: int, exemplars: list[str], spread: int = 0
) -> Rewrite:
    """spread: of how many candidates this is one, where they are to differ; the first of them is greedy."""
    seed = pipeline.candidate_seed(arm.study.seed, prompt.position, arm.round, index)
    stratum = (index - 1, spread - 1) if spread and index else None
    return ensure.rewrite(_rewriter(arm), checkpoint, prompt.text, exemplars, seed, stratum)


def _rewriter(arm: Arm) -> EngineSpec:
    if arm.rewriter is None:
        raise StageError(f"{arm.name} has no rewriter. Cancel the study and launch one in which it has.")
    return arm.rewriter


def _train(arm: Arm, choices: arms.NoChoice) -> None:
    parameters = choices.training.model_dump(mode="json") if isinstance(choices, arms.Feedback) else {}
    found = scored_candidates(arm, choices.ranked_by.measure)
    ranked = [r for text, scored in found if (r := pipeline.ranking(text, scored))]
    if not ranked:
        raise StageError(
            f"{arm.name}: no training prompt has two different candidates with a score, so there is nothing to rank. "
            "Look at the failed rows, raise `candidates`, or choose another rewriter."
        )
    # A study's seed seeds its training too; equal data and parameters are then equal weights.
    parameters["seed"] = arm.study.seed
    parent = tuned.carried_on(arm)
    content = {"rewriter": _rewriter(arm).slug, "parent": parent.identity if parent else None, "ranked": ranked}
    Checkpoint.objects.create(
        identity=identity_of(study=arm.study.slug, arm=arm.key, parameters=parameters, **content),
        arm=arm,
        round=arm.round,
        rewriter=_rewriter(arm),
        parent=parent,
        parameters=parameters,
        ranked=ranked,
        validation=validation_prompts(arm.study, parameters.get("validation_prompts", 0)),
    )


def _evaluate(arm: Arm, choices: arms.NoChoice) -> None:
    prompts = list(evaluated_prompts(arm.study))
    match arm.method:
        case Arm.Method.ORIGINAL:
            asked = [(prompt, 0, ensure.kept(prompt.text)) for prompt in prompts]
        case Arm.Method.BEST_OF_N:
            asked = _chosen(arm, prompts, choices.ranked_by)
        case Arm.Method.INSTRUCT_ICL:
            nearest = exemplars(arm, prompts, getattr(choices, "exemplars", 3))
            checkpoint = tuned.carried_on(arm)
            asked = [(p, 0, _sampled(arm, checkpoint, p, 0, nearest[p.text])) for p in prompts if p.text in nearest]
        case _:
            checkpoint = tuned.carried_on(arm)
            asked = [(prompt, 0, _sampled(arm, checkpoint, prompt, 0, [])) for prompt in prompts]
    _write_candidates(arm, pipeline.EVALUATE, asked)


OPEN: dict[str, Callable[[Arm, arms.NoChoice], None]] = {
    Arm.Stage.RETRIEVING: _retrieve,
    Arm.Stage.CANDIDATES: _propose,
    Arm.Stage.TRAINING: _train,
    Arm.Stage.EVALUATING: _evaluate,
}


def _write_candidates(arm: Arm, purpose: str, asked: list[tuple[Prompt, int, Rewrite]]) -> None:
    rewrites = ensure.ensure(Rewrite, (rewrite for _, _, rewrite in asked))
    Candidate.objects.bulk_create(
        (
            Candidate(
                arm=arm,
                prompt=prompt,
                purpose=purpose,
                round=arm.round,
                index=index,
                rewrite=rewrites[rewrite.identity],
            )
            for prompt, index, rewrite in asked
        ),
        ignore_conflicts=True,
        batch_size=500,
    )
    extend(arm.study, arm.candidates.filter(purpose=purpose, round=arm.round))


# What the stages look at


def training_prompts(study: Study, n: int) -> list[Prompt]:
    """The N open training prompts that the study's seed draws."""
    found = {p.position: p for p in study.prompt_set.prompts.filter(split=Prompt.Split.TRAIN, kind=Prompt.Kind.OPEN)}
    return [found[position] for position in pipeline.sample_prompts(study.seed, list(found), n)]


def validation_prompts(study: Study, n: int) -> list[dict]:
    """The n open validation prompts that the study's seed draws, each with its audio seed: [{"text", "seed"}]."""
    rows = study.prompt_set.prompts.filter(split=Prompt.Split.VALIDATION, kind=Prompt.Kind.OPEN)
    found = {prompt.position: prompt.text for prompt in rows}
    chosen = pipeline.sample_prompts(study.seed, list(found), n)
    return [{"text": found[at], "seed": pipeline.item_seed(study.seed, "validation", at)} for at in chosen]


def scored_candidates(arm: Arm, measure: Measure | None = None) -> Iterable[tuple[str, list[pipeline.Scored]]]:
    """For each prompt of the arm's ranked candidates: its text, and the candidates with their mean feedback score.

    measure: of their fidelity; without one it is 1.
    """
    rows = (
        arm.candidates.filter(purpose=_ranked_purpose(arm), round=arm.round, rewrite__state=Rewrite.State.DONE)
        .order_by("prompt__position", "index")
        .annotate(
            feedback=Avg(
                "renderings__clip__scores__value",
                filter=Q(renderings__clip__scores__scorer=arm.study.feedback_scorer)
                & Q(renderings__clip__scores__reference=F("prompt__text")),
            )
        )
        .select_related("prompt", "rewrite")
    )
    kept = _fidelity(arm, measure, {(row.prompt.text, row.rewrite.text) for row in rows})
    by_prompt: dict[str, list[pipeline.Scored]] = {}
    for row in rows:
        text, made = row.prompt.text, row.rewrite.text
        by_prompt.setdefault(text, []).append(
            pipeline.Scored(made, row.feedback, row.index, row.rewrite_id, kept[text, made])
        )
    return by_prompt.items()


def _fidelity(arm: Arm, measure: Measure | None, pairs: set[tuple[str, str]]) -> Mapping[tuple[str, str], float | None]:
    """By (prompt, rewrite); None where a cosine lacks an embedding."""
    if measure is None:
        return dict.fromkeys(pairs, 1.0)
    if measure not in fidelity.READERS:
        return {pair: fidelity.share(measure, *pair) for pair in pairs}
    reader = getattr(arm.study, fidelity.READERS[measure])
    known = TextEmbedding.objects.filter(scorer=reader, state=Work.State.DONE)
    vectors = dict(known.filter(text__in={text for pair in pairs for text in pair}).values_list("text", "vector"))
    return {pair: fidelity.cosine(*map(vectors.get, pair)) for pair in pairs}


def _chosen(arm: Arm, prompts: list[Prompt], how: arms.Ranking) -> list[tuple[Prompt, int, Rewrite]]:
    by_text = {prompt.text: prompt for prompt in prompts}
    found = scored_candidates(arm, how.measure)
    winners = {text: pipeline.best(scored, how.constraint) for text, scored in found}
    rewrites = Rewrite.objects.in_bulk([winner.rewrite for winner in winners.values() if winner])
    return [(by_text[text], 0, rewrites[w.rewrite]) for text, w in winners.items() if w]


def exemplars(arm: Arm, prompts: list[Prompt], k: int) -> dict[str, list[str]]:
    """The k expert captions of the training split nearest to each prompt, by cosine of the feedback scorer's texts."""
    scorer = arm.study.feedback_scorer
    captions = arm.study.prompt_set.prompts.filter(EXEMPLARS_FROM).values("text")
    known = TextEmbedding.objects.filter(scorer=scorer, state=Work.State.DONE)
    vectors = dict(known.filter(text__in=[p.text for p in prompts]).values_list("text", "vector"))
    shelf = known.filter(text__in=captions)
    return {
        prompt.text: [row.text for row in shelf.order_by(CosineDistance("vector", vectors[prompt.text]), "text")[:k]]
        for prompt in prompts
        if prompt.text in vectors
    }
