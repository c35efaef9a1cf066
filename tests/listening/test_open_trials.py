"""A completed study becomes trials."""

from listening.actions.open_trials import open_trials
from listening.models import Stimulus, Trial
from studies.models import Clip, Rendering
from studies.signals import study_completed
from tests import factories


def completed(**fields):
    return factories.complete(factories.study(**fields))


def test_opens_one_trial_a_pair_and_evaluation_prompt(db):
    study = completed(votes_per_trial=5)

    opened = open_trials(study=study)

    assert opened == 4
    assert set(study.trials.values_list("prompt__split", "votes_needed")) == {("test", 5)}


def test_opened_again_adds_nothing(db):
    study = completed()
    open_trials(study=study)
    before = list(Trial.objects.values())

    assert open_trials(study=study) == 0
    assert list(Trial.objects.values()) == before


def test_the_order_of_a_pair_makes_no_difference(db):
    study = completed(listening_pairs=[["original", "instruct"], ["instruct", "original"]])

    assert open_trials(study=study) == 4


def test_takes_no_more_prompts_than_the_study_wants_and_the_same_ones_for_every_pair(db):
    arms = ("original", "instruct", "best_of_n")
    study = completed(arms=arms, listening_pairs=[[a, "original"] for a in arms[1:]], listening_prompts=2)

    open_trials(study=study)

    by_pair = {}
    for trial in study.trials.all():
        by_pair.setdefault(tuple(trial.stimuli.values_list("arm", flat=True)), set()).add(trial.prompt_id)
    assert len(by_pair) == 2
    assert len(set(map(frozenset, by_pair.values()))) == 1
    assert {len(prompts) for prompts in by_pair.values()} == {2}


def test_a_later_clip_fills_up_to_the_limit_and_not_beyond(db):
    study = completed(listening_prompts=3)
    late = Rendering.objects.filter(candidate__arm__key="instruct").order_by("pk").first()
    Rendering.objects.filter(pk=late.pk).update(take=7)
    first = open_trials(study=study)
    Rendering.objects.filter(pk=late.pk).update(take=0)

    assert (first, open_trials(study=study)) == (3, 0)


def test_the_same_clip_on_both_sides_is_no_trial(db):
    study = completed()
    same = Rendering.objects.filter(candidate__arm__key="instruct").order_by("pk").first()
    other = Rendering.objects.get(candidate__arm__key="original", candidate__prompt=same.candidate.prompt)
    Rendering.objects.filter(pk=same.pk).update(clip=other.clip)

    assert open_trials(study=study) == 3
    assert not study.trials.filter(prompt=same.candidate.prompt).exists()


def test_two_clips_that_sound_exactly_alike_are_no_trial(db):
    study = completed()
    same = Rendering.objects.filter(candidate__arm__key="instruct").first()
    other = Rendering.objects.get(candidate__arm__key="original", candidate__prompt=same.candidate.prompt)
    Clip.objects.filter(pk=same.clip_id).update(audio=other.clip.audio.name)

    assert open_trials(study=study) == 3


def test_clips_of_different_length_are_no_trial(db):
    study = completed()
    clip = Rendering.objects.filter(candidate__arm__key="instruct").first().clip
    Clip.objects.filter(pk=clip.pk).update(samples=clip.samples - 1)

    assert open_trials(study=study) == 3


def test_silence_is_no_trial(db):
    study = completed()
    clip = Rendering.objects.filter(candidate__arm__key="instruct").first().clip
    Clip.objects.filter(pk=clip.pk).update(loudness=-70.0)

    assert open_trials(study=study) == 3


def test_only_take_zero_is_heard(db):
    study = factories.complete(factories.study(), takes=3)
    open_trials(study=study)

    heard = set(Stimulus.objects.filter(trial__study=study).values_list("clip", flat=True))

    assert set(Rendering.objects.filter(clip__in=heard).values_list("take", flat=True)) == {0}


def test_a_pair_of_arms_that_are_not_there_is_passed_over(db):
    study = completed(listening_pairs=[["instruct", "nobody"], ["instruct", "instruct"], ["instruct", "original"]])

    assert open_trials(study=study) == 4


def test_completing_a_study_opens_its_trials(db):
    study = completed()

    study_completed.send(sender=type(study), study=study)

    assert study.trials.count() == 4
