"""The shapes of answers, for the schema and for whoever reads it. Nothing is validated by them: the API only reads."""

from __future__ import annotations

from rest_framework import serializers as s

from studies.models import Study


def _interval(help_text: str = "Low and high end, 95 %.") -> s.ListField:
    return s.ListField(child=s.FloatField(), min_length=2, max_length=2, allow_null=True, help_text=help_text)


class StudySerializer(s.ModelSerializer):
    team: s.Field = s.SlugRelatedField(slug_field="slug", read_only=True)
    results = s.HyperlinkedIdentityField(view_name="api:results", lookup_field="slug")
    export = s.HyperlinkedIdentityField(view_name="api:export", lookup_field="slug")

    class Meta:
        model = Study
        fields = ["slug", "name", "team", "status", "created_at", "launched_at", "finished_at", "results", "export"]


class Scorers(s.Serializer):
    feedback = s.CharField()
    evaluation = s.CharField()


class ArmResult(s.Serializer):
    arm = s.CharField(help_text="Key of the arm.")
    name = s.CharField()
    method = s.CharField()
    stage = s.CharField(help_text="Where the arm stands; empty before it begins.")
    prompts = s.IntegerField(help_text="Prompts that have a CLAP score.")
    prompts_wanted = s.IntegerField()
    clips = s.IntegerField()
    clips_failed = s.IntegerField()
    clap = s.FloatField(allow_null=True, help_text="Mean score against the prompt as typed, −1..1.")
    clap_interval = _interval()
    oracle = s.FloatField(allow_null=True, help_text="Mean relevance by ground truth, 0..1.")
    oracle_interval = _interval()
    bleu = s.FloatField(allow_null=True, help_text="Mean sentence SacreBLEU of rewrite against prompt, 0..100.")
    bleu_interval = _interval()
    chrf = s.FloatField(allow_null=True, help_text="0..100.")
    chrf_interval = _interval()
    kept_terms = s.FloatField(allow_null=True, help_text="Share of the prompt's content words kept, 0..1.")
    kept_terms_interval = _interval()
    text_cosine = s.FloatField(allow_null=True, help_text="Prompt and rewrite as the judging scorer reads them.")
    text_cosine_interval = _interval()


class Contrast(s.Serializer):
    arm = s.CharField()
    versus = s.CharField()
    measure = s.ChoiceField(choices=["clap", "oracle"])
    difference = s.FloatField(allow_null=True, help_text="Mean of arm − versus over the prompts that both have.")
    interval = _interval()
    prompts = s.IntegerField()
    p = s.FloatField(allow_null=True, help_text="Sign-flip test, two-sided.")
    p_holm = s.FloatField(allow_null=True, help_text="Adjusted over the contrasts of one measure.")


class Preference(s.Serializer):
    arm = s.CharField()
    versus = s.CharField()
    simulated = s.BooleanField(help_text="Votes of simulated raters; never counted with people's.")
    share = s.FloatField(help_text="Votes for arm, a tie counting half, 0..1.")
    interval = _interval("95 %, over raters and prompts.")
    votes = s.IntegerField()
    ties = s.IntegerField()
    both_bad = s.IntegerField()
    raters = s.IntegerField()
    prompts = s.IntegerField()


class Rating(s.Serializer):
    question = s.CharField(help_text="relevance, quality, mushra (0..100), cmos (−3..3), best_worst (−1..1).")
    arm = s.CharField()
    versus = s.CharField(allow_null=True, help_text="Of a comparison: the other arm.")
    simulated = s.BooleanField()
    mean = s.FloatField()
    interval = _interval("95 %, over raters and prompts.")
    scale = s.ListField(child=s.FloatField(), min_length=2, max_length=2)
    votes = s.IntegerField()
    raters = s.IntegerField()
    prompts = s.IntegerField()


class Notice(s.Serializer):
    code = s.CharField()
    level = s.ChoiceField(choices=["warning", "note"])
    title = s.CharField()
    text = s.CharField()


class Results(s.Serializer):
    study = s.CharField(help_text="Slug.")
    name = s.CharField()
    status = s.ChoiceField(choices=Study.Status.choices)
    seconds = s.FloatField(allow_null=True, help_text="Wall time from launch to the end, or until now.")
    scorers = Scorers()
    arms = ArmResult(many=True)
    contrasts = Contrast(many=True)
    preference = Preference(many=True)
    ratings = Rating(many=True)
    votes = s.IntegerField(help_text="All preferences, those of simulated raters among them.")
    votes_simulated = s.IntegerField()
    sessions_excluded = s.IntegerField(help_text="Sessions of people whose votes are not used.")
    method = s.DictField(help_text="How the numbers were made.")
    notices = Notice(many=True)


class Problem(s.Serializer):
    type = s.CharField()
    title = s.CharField()
    status = s.IntegerField()
    detail = s.CharField()
