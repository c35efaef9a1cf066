"""A study to be heard: two arms of sandbox clips, complete, its trials open."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.models import Team
from inference.engines import flac, hygiene
from inference.engines.protocols import Sound
from inference.sandbox.synthesiser import render
from listening.actions.open_trials import open_trials
from listening.models import ListeningTest, Trial
from prompts.models import Prompt, PromptSet
from studies.models import Arm, Candidate, Clip, EngineSpec, Rendering, Rewrite, Study

RATE = 16_000  # Hz
SOON_FULL = 3  # votes that one trial in four needs: some fill up while raters are at work


@transaction.atomic
def make(*, prompts: int, seconds: float, votes: int, per_session: int) -> Study:
    """Two arms × `prompts` trials of clips of `seconds`, most of them with `votes` places.

    A session has `per_session` of them, with the traps and gold that studies have by default and nothing before them.
    """
    study = _study(prompts, seconds, votes, per_session)
    clips = _clips(study, prompts)
    for arm in study.arms.all():
        for prompt in study.prompt_set.prompts.all():
            _evaluated(arm, prompt, next(clips))
    study.status, study.launched_at, study.finished_at = Study.Status.COMPLETE, timezone.now(), timezone.now()
    study.save()
    plain = {"headphones": "none", "practice_trials": 0, "break_every": 0, "comment_asked": False}
    ListeningTest.objects.filter(study=study).update(**plain)
    study.refresh_from_db()
    open_trials(study=study)
    asked = Trial.objects.filter(study=study, kind=Trial.Kind.STUDY).order_by("pk").values_list("pk", flat=True)
    Trial.objects.filter(pk__in=list(asked)[::4]).update(votes_needed=min(votes, SOON_FULL))
    return study


def _study(prompts: int, seconds: float, votes: int, per_session: int) -> Study:
    name = f"load-{uuid.uuid4().hex[:8]}"
    team, _ = Team.objects.get_or_create(slug="load", defaults={"name": "Load"})
    prompt_set = PromptSet.objects.create(team=team, name=name, slug=name)
    Prompt.objects.bulk_create(
        Prompt(prompt_set=prompt_set, position=i, kind="open", split="test", text=f"rain on a tin roof, {i}")
        for i in range(1, prompts + 1)
    )
    study = Study.objects.create(
        team=team,
        name=name,
        slug=name,
        prompt_set=prompt_set,
        generator=_engine("generator", "sandbox-synthesiser"),
        feedback_scorer=_engine("scorer", "transformers-clap"),
        evaluation_scorer=_engine("scorer", "transformers-clap"),
        seconds=seconds,
        listening_pairs=[["instruct", "original"]],
        listening_prompts=prompts,
        votes_per_trial=votes,
        trials_per_session=per_session,
    )
    rewriter = _engine("rewriter", "transformers-seq2seq")
    Arm.objects.create(study=study, key="original", name="Original", method="original")
    Arm.objects.create(study=study, key="instruct", name="Instruct", method="instruct", rewriter=rewriter, position=1)
    return study


def _engine(kind: str, engine: str) -> EngineSpec:
    slug = f"load-{engine}"
    return EngineSpec.objects.get_or_create(slug=slug, defaults={"kind": kind, "engine": engine, "name": slug})[0]


def _clips(study: Study, prompts: int) -> Iterator[Clip]:
    """Pieces of the sandbox's music, each with a sound of its own."""
    for seed in range(2 * prompts):
        sound = Sound(render({}, seed, study.seconds, RATE)[0], RATE)
        loudness, peak = hygiene.loudness(sound)
        clip = Clip(
            identity=uuid.uuid4().hex,
            generator=study.generator,
            text=str(seed),
            seed=seed,
            duration=study.seconds,
            state=Clip.State.DONE,
            sample_rate=RATE,
            samples=len(sound.samples),
            loudness=loudness,
            true_peak=peak,
            finished_at=timezone.now(),
        )
        clip.audio.save(f"{clip.identity}.flac", ContentFile(flac.encode(sound)), save=False)
        clip.save()
        yield clip


def _evaluated(arm: Arm, prompt: Prompt, clip: Clip) -> None:
    rewrite = Rewrite.objects.create(
        identity=uuid.uuid4().hex,
        rewriter=arm.rewriter,
        source=prompt.text,
        text=f"{prompt.text} {arm.key}",
        state=Rewrite.State.DONE,
    )
    candidate = Candidate.objects.create(arm=arm, prompt=prompt, purpose="evaluate", rewrite=rewrite)
    Rendering.objects.create(candidate=candidate, clip=clip, take=0)
