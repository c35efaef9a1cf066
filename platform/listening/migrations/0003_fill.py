"""Trials of two clips become trials of stimuli, under a question."""

from django.db import migrations
from django.db.models import F

def tests(apps, schema_editor):
    """What was asked before there was a choice: a preference with ties, and nothing before or between the trials."""
    Study, Test = apps.get_model("studies", "Study"), apps.get_model("listening", "ListeningTest")
    Question, Session = apps.get_model("listening", "Question"), apps.get_model("listening", "Session")
    for study in Study.objects.all():
        heard = Session.objects.filter(study=study).exists()
        before = {"headphones": "none", "practice_trials": 0, "traps_per_ten": 0, "gold_per_ten": 0} if heard else {}
        Test.objects.create(study=study, **before)
        question = Question.objects.create(study=study, kind="preference")
        apps.get_model("listening", "Trial").objects.filter(study=study).update(question=question)
        Session.objects.filter(study=study).update(question=question)


def stimuli(apps, schema_editor):
    Trial, Stimulus = apps.get_model("listening", "Trial"), apps.get_model("listening", "Stimulus")
    for trial in Trial.objects.iterator():
        clips = sorted((trial.first_clip_id, trial.second_clip_id))
        voted = trial.presentations.filter(state="voted")
        Trial.objects.filter(pk=trial.pk).update(
            content="-".join(map(str, clips)),
            arms=f"{trial.first_arm_id}-{trial.second_arm_id}",
            votes_people=voted.filter(session__rater__simulated=False).count(),
            votes_simulated=voted.filter(session__rater__simulated=True).count(),
        )
        Stimulus.objects.create(trial=trial, position=0, arm_id=trial.first_arm_id, clip_id=trial.first_clip_id)
        Stimulus.objects.create(trial=trial, position=1, arm_id=trial.second_arm_id, clip_id=trial.second_clip_id)


def playbacks(apps, schema_editor):
    Presentation, Playback = (apps.get_model("listening", name) for name in ("Presentation", "Playback"))
    Session = apps.get_model("listening", "Session")
    Session.objects.filter(rater__simulated=True).update(population="simulated")
    Presentation.objects.filter(session__population="simulated").update(population="simulated")
    Presentation.objects.update(shown_at=F("claimed_at"))
    for shown in Presentation.objects.select_related("trial", "vote").iterator():
        first, second = shown.trial.stimuli.order_by("position")
        choice = shown.vote.choice if hasattr(shown, "vote") else None
        worth = {"a": (1.0, 0.0), "b": (0.0, 1.0), "tie": (0.5, 0.5), None: (None, None)}[choice]
        sides = (first, second) if shown.a_is_first else (second, first)
        for letter, stimulus, value in zip("ab", sides, worth, strict=True):
            Playback.objects.create(
                presentation=shown,
                stimulus=stimulus,
                letter=letter,
                token=getattr(shown, f"{letter}_token"),
                served=getattr(shown, f"{letter}_served"),
                heard=getattr(shown, f"{letter}_heard"),
                value=value,
            )


class Migration(migrations.Migration):
    dependencies = [("listening", "0002_questions")]

    operations = [migrations.RunPython(step, migrations.RunPython.noop) for step in (tests, stimuli, playbacks)]
