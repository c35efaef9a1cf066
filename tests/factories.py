"""Rows for tests, made the short way: a team, a prompt set, the sandbox's engines, a study, finished clips."""

from __future__ import annotations

import itertools
import uuid

import numpy as np
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from accounts.models import Membership, Team, User
from inference.engines import flac
from inference.engines.protocols import Sound
from listening.models import ListeningTest
from prompts.models import Prompt, PromptSet
from studies.models import Arm, Candidate, Clip, EngineSpec, Rendering, Rewrite, Score, Study
from studies.models.work import identity_of

_count = itertools.count(1)


def same_keys() -> None:
    """Who hears what follows from keys: these are then the same in every run, whatever was tested before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()")
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER SEQUENCE "{name}" RESTART WITH 1000000')


def user(name: str = "", **fields) -> User:
    return User.objects.create_user(name or f"user{next(_count)}", password="correct horse battery", **fields)


def team(*members: User, role: str = Membership.Role.OWNER) -> Team:
    number = next(_count)
    made = Team.objects.create(name=f"Team {number}", slug=f"team-{number}")
    for member in members:
        Membership.objects.create(team=made, user=member, role=role)
    return made


def engine(kind: str, key: str, **fields) -> EngineSpec:
    fields.setdefault("slug", f"{key}-{next(_count)}")
    return EngineSpec.objects.create(kind=kind, engine=key, name=fields["slug"], **fields)


def prompt_set(
    owner: Team | None = None, test: int = 4, train: int = 3, expert: int = 3, validation: int = 0, control: int = 0
) -> PromptSet:
    """control: expert prompts of the test split."""
    number = next(_count)
    made = PromptSet.objects.create(team=owner or team(), name=f"Prompts {number}", slug=f"prompts-{number}")
    rows = (
        [("open", "test", f"sad church music {i}") for i in range(test)]
        + [("open", "train", f"gym workout tune {i}") for i in range(train)]
        + [("open", "validation", f"rainy day mood {i}") for i in range(validation)]
        + [("expert", "train", f"A slow piano in a low register, echoing, number {i}") for i in range(expert)]
        + [("expert", "test", f"A fast flute in a high register, dry, number {i}") for i in range(control)]
    )
    Prompt.objects.bulk_create(
        Prompt(prompt_set=made, position=i, kind=kind, split=split, text=text)
        for i, (kind, split, text) in enumerate(rows, 1)
    )
    return made


def study(owner: Team | None = None, arms: tuple[str, ...] = ("original", "instruct"), **fields) -> Study:
    """A draft study in the sandbox's engines, one arm a method."""
    owner = owner or team()
    number = next(_count)
    defaults = {
        "team": owner,
        "name": f"Study {number}",
        "slug": f"study-{number}",
        "prompt_set": fields.pop("prompt_set", None) or prompt_set(owner),
        "generator": engine("generator", "sandbox-synthesiser"),
        "feedback_scorer": engine("scorer", "transformers-clap", checkpoint="sandbox:clap-teacher"),
        "evaluation_scorer": engine("scorer", "transformers-clap", checkpoint="sandbox:clap-judge"),
        "oracle": engine("judge", "sandbox-oracle"),
        "listening_pairs": [[arms[-1], arms[0]]] if len(arms) > 1 else [],
    }
    made = Study.objects.create(**{**defaults, **fields})
    rewriter = engine("rewriter", "transformers-seq2seq", checkpoint="sandbox:rewriter-t5")
    for position, method in enumerate(arms):
        Arm.objects.create(
            study=made,
            key=method,
            name=method.replace("_", " ").capitalize(),
            method=method,
            position=position,
            rewriter=None if method == "original" else rewriter,
        )
    return bare(made)


def bare(made: Study, **fields) -> Study:
    """Its listening test without anything before or between the trials, but for what `fields` say."""
    nothing = {"headphones": "none", "practice_trials": 0, "traps_per_ten": 0, "gold_per_ten": 0, "break_every": 0}
    ListeningTest.objects.filter(study=made).update(**{**nothing, **fields})
    made.refresh_from_db()
    return made


def finished_clip(generator: EngineSpec, text: str, seed: int, seconds: float = 1.0, rate: int = 16_000) -> Clip:
    """A done clip of a quiet tone whose pitch depends on the seed."""
    time = np.arange(round(seconds * rate)) / rate
    samples = (0.2 * np.sin(2 * np.pi * (220 + 20 * (seed % 20)) * time)).astype(np.float32)
    made = Clip(
        identity=identity_of(generator=generator.slug, text=text, seed=seed, seconds=seconds),
        generator=generator,
        text=text,
        seed=seed,
        duration=seconds,
        state=Clip.State.DONE,
        sample_rate=rate,
        samples=len(samples),
        loudness=-20.0,
        true_peak=-13.9,
        finished_at=timezone.now(),
    )
    made.audio.save(f"{uuid.uuid4().hex}.flac", ContentFile(flac.encode(Sound(samples, rate))), save=False)
    made.save()
    return made


def complete(made: Study, takes: int = 1, values: dict[str, float] | None = None) -> Study:
    """Marks the study complete, with evaluated candidates, clips and scores for every arm and test prompt.

    values: mean score by arm key; a small prompt-dependent difference is added.
    """
    values = values or {}
    prompts = made.prompt_set.prompts.filter(split=made.evaluation_split, kind=made.evaluation_kind)
    for arm, prompt in itertools.product(made.arms.all(), prompts):
        _evaluated(made, arm, prompt, takes, values.get(arm.key, 0.3))
    made.status, made.launched_at, made.finished_at = Study.Status.COMPLETE, timezone.now(), timezone.now()
    made.save()
    return made


def _evaluated(made: Study, arm: Arm, prompt: Prompt, takes: int, value: float) -> None:
    text = prompt.text if arm.method == "original" else f"{prompt.text}, {arm.key} slow piano"
    rewrite, _ = Rewrite.objects.get_or_create(
        identity=identity_of(arm=arm.pk, text=text),
        defaults={"rewriter": arm.rewriter, "source": prompt.text, "text": text, "state": Rewrite.State.DONE},
    )
    candidate = Candidate.objects.create(arm=arm, prompt=prompt, purpose=Candidate.Purpose.EVALUATE, rewrite=rewrite)
    for take in range(takes):
        clip = finished_clip(made.generator, f"{arm.pk} {text}", take)
        Rendering.objects.create(candidate=candidate, clip=clip, take=take)
        for scorer in (made.feedback_scorer, made.evaluation_scorer, made.oracle):
            for reference in {prompt.text, text}:
                Score.objects.create(
                    identity=identity_of(clip=clip.pk, scorer=scorer.pk, reference=reference),
                    clip=clip,
                    scorer=scorer,
                    reference=reference,
                    state=Score.State.DONE,
                    value=value + 0.01 * (prompt.position % 3) + 0.001 * take,
                )
