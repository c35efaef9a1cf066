"""Work rows by content: asking twice for the same thing makes one row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from studies.models import Checkpoint, Clip, EngineSpec, Rewrite, Score, TextEmbedding, Work
from studies.models.work import identity_of

Row = TypeVar("Row", bound=Work)


def ensure(model: type[Row], rows: Iterable[Row]) -> dict[str, Row]:
    """The stored rows of these identities, made where they were missing.

    Written in the order of their identities: two studies that ask for the same rows wait, never deadlock.
    """
    wanted = {row.identity: row for row in rows}
    ordered = [wanted[identity] for identity in sorted(wanted)]
    model._default_manager.bulk_create(ordered, ignore_conflicts=True, batch_size=500)
    return {row.identity: row for row in model._default_manager.filter(identity__in=wanted)}


def kept(text: str) -> Rewrite:
    """A text kept as given: nothing to wait for."""
    return Rewrite(identity=identity_of(kept=text), source=text, text=text, state=Rewrite.State.DONE)


def rewrite(
    rewriter: EngineSpec,
    checkpoint: Checkpoint | None,
    source: str,
    exemplars: list[str],
    seed: int | None,
    stratum: tuple[int, int] | None = None,
) -> Rewrite:
    """stratum: (i, n) for the i-th of n samples that are spread."""
    spread = {} if stratum is None else {"stratum": stratum[0], "strata": stratum[1]}
    return Rewrite(
        identity=identity_of(
            rewriter=rewriter.slug,
            checkpoint=checkpoint.identity if checkpoint else None,
            source=source,
            exemplars=exemplars,
            seed=seed,
            **spread,
        ),
        rewriter=rewriter,
        checkpoint=checkpoint,
        source=source,
        exemplars=exemplars,
        seed=seed,
        **spread,
    )


def clip(generator: EngineSpec, text: str, seed: int, duration: float) -> Clip:
    return Clip(
        identity=identity_of(generator=generator.slug, text=text, seed=seed, seconds=duration),
        generator=generator,
        text=text,
        seed=seed,
        duration=duration,
    )


def score(made: Clip, scorer: EngineSpec, reference: str) -> Score:
    return Score(
        identity=identity_of(clip=made.identity, scorer=scorer.slug, reference=reference),
        clip=made,
        scorer=scorer,
        reference=reference,
    )


def embedding(scorer: EngineSpec, text: str) -> TextEmbedding:
    return TextEmbedding(identity=identity_of(scorer=scorer.slug, text=text), scorer=scorer, text=text)
