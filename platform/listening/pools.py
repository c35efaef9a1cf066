"""Trials that every rater draws from: practice from worst to best, traps, gold. Made from the study's own clips."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from listening import hearing
from listening.models import Question, Stimulus, Trial
from listening.stimuli import spoken
from studies.models import Arm, Clip
from studies.pipeline import item_seed

Kind, Treatment = Trial.Kind, Stimulus.Treatment
Sounds = Sequence[tuple[Arm | None, Clip, str]]  # arm, clip, treatment
POOL = 10  # of each kind: nobody meets one twice, and a session of a hundred trials has enough
WORST_TO_BEST = (Treatment.DEGRADE_4, Treatment.DEGRADE_3, Treatment.DEGRADE_2, Treatment.DEGRADE_1, Treatment.NONE)


def fill(question: Question) -> None:
    """Adds what is missing; changes nothing that is there. Without study trials there is nothing to make them of."""
    test, base = question.study.listening_test, _base(question)
    wanted = (
        (Kind.PRACTICE, test.practice_trials, _practice),
        (Kind.TRAP, test.traps_per_ten, _traps),
        (Kind.GOLD, test.gold_per_ten, _gold),
    )
    for kind, some, make in wanted:
        if some and base and not question.trials.filter(kind=kind).exists():
            _write_each_once(question, kind, make(question, base))


def _write_each_once(question: Question, kind: str, made: Iterable[tuple[int, Sounds]]) -> None:
    """Pairs of arms share clips, so that two of them can come to the same sounds."""
    for prompt, sounds in {(prompt, _content(sounds)): (prompt, sounds) for prompt, sounds in made}.values():
        write(question, kind, prompt, sounds)


def _content(sounds: Sounds) -> str:
    return content_named((clip.pk, treatment) for _, clip, treatment in sounds)


def content_named(sounds: Iterable[tuple[int, str]]) -> str:
    """By which a trial of the same sounds is known: keys of clips, and what is done to them."""
    return "-".join(sorted(f"{clip}{'.' + treatment if treatment else ''}" for clip, treatment in sounds))


def arms_named(arms: Iterable[int]) -> str:
    return "-".join(map(str, sorted(arms)))


def write(question: Question, kind: str, prompt: int, sounds: Sounds) -> Trial:
    trial = Trial.objects.create(
        study=question.study,
        question=question,
        kind=kind,
        prompt_id=prompt,
        content=_content(sounds),
        arms=arms_named(arm.pk for arm, _, _ in sounds if arm),
        votes_needed=question.votes_needed if kind == Kind.STUDY else None,
    )
    Stimulus.objects.bulk_create(
        Stimulus(trial=trial, position=place, arm=arm, clip=clip, treatment=treatment)
        for place, (arm, clip, treatment) in enumerate(sounds)
    )
    return trial


def _base(question: Question) -> list[tuple[int, list[Clip]]]:
    """Study trials to make others of: (prompt, clips), drawn by the study's seed."""
    trials = question.trials.filter(kind=Kind.STUDY).prefetch_related("stimuli__clip")
    drawn = sorted(trials, key=lambda trial: item_seed(question.study.seed, "pool", question.pk, trial.pk))
    return [(trial.prompt_id, [one.clip for one in trial.stimuli.all()]) for trial in drawn[: 3 * POOL]]


def _turn(base: list, start: int, count: int) -> list:
    """`count` of them from `start` on, round and round, so that kinds share clips only where there are few."""
    turned = [base[(start + i) % len(base)] for i in range(min(count, len(base)))]
    return [(prompt, _rotated(clips, i)) for i, (prompt, clips) in enumerate(turned)]


def _rotated(clips: Sequence[Clip], by: int) -> list[Clip]:
    """No arm's clips alone are spoken into or degraded."""
    return [*clips[by % len(clips) :], *clips[: by % len(clips)]]


def _practice(question: Question, base: list) -> Iterator[tuple[int, Sounds]]:
    for i, treatment in enumerate(WORST_TO_BEST):
        prompt, clips = base[(2 * POOL + i) % len(base)]
        yield prompt, _beside(clips, treatment) if treatment else _plain(clips)


def _traps(question: Question, base: list) -> Iterator[tuple[int, Sounds]]:
    """A voice in one of the clips. Short clips have no room for it, and then there are no traps."""
    for i, (prompt, clips) in enumerate(_turn(base, 0, POOL)):
        if not _room_for_a_voice(clips):
            continue
        place = item_seed(question.study.seed, "trap", question.pk, i) % len(clips)
        asks = Treatment.SAY_WORST if question.kind not in Question.PAIRS and i % 2 else Treatment.SAY_BEST
        yield prompt, [(None, clip, asks if n == place else "") for n, clip in enumerate(clips)]


def _room_for_a_voice(clips: Sequence[Clip]) -> bool:
    shortest = min(hearing.seconds(clip) for clip in clips)
    return all(spoken.fits(shortest, language) for language in spoken.LANGUAGES)


def _gold(question: Question, base: list) -> Iterator[tuple[int, Sounds]]:
    """A clip beside its degraded self, where one question asks about several; else what nobody can rate high."""
    worst = Treatment.NOISE if question.kind == Question.Kind.RELEVANCE else Treatment.DEGRADE_4
    for prompt, clips in _turn(base, POOL, POOL):
        yield prompt, _beside(clips, worst)


def _beside(clips: Sequence[Clip], treatment: str) -> Sounds:
    """The treated clip, and itself untouched in place of the second one where the screen has several."""
    return [(None, clips[0], treatment), *((None, clip, "") for clip in clips[:-1])]


def _plain(clips: Sequence[Clip]) -> Sounds:
    return [(None, clip, "") for clip in clips]
