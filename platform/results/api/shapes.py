"""The shapes of questions and answers, for the schema and for whoever reads it."""

from __future__ import annotations

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers as s

from prompts.models import PromptSet
from studies.models import WORK, Study


def _interval(help_text: str = "Low and high end, 95 %.") -> s.ListField:
    return s.ListField(child=s.FloatField(), min_length=2, max_length=2, allow_null=True, help_text=help_text)


class StudySerializer(s.ModelSerializer):
    team: s.Field = s.SlugRelatedField(slug_field="slug", read_only=True)
    prompt_set: s.Field = s.SlugRelatedField(slug_field="slug", read_only=True)
    generator: s.Field = s.SlugRelatedField(slug_field="slug", read_only=True)
    feedback_scorer: s.Field = s.SlugRelatedField(slug_field="slug", read_only=True)
    evaluation_scorer: s.Field = s.SlugRelatedField(slug_field="slug", read_only=True)
    oracle: s.Field = s.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    url = s.HyperlinkedIdentityField(view_name="api:study", lookup_field="slug")
    results = s.HyperlinkedIdentityField(view_name="api:results", lookup_field="slug")
    progress = s.HyperlinkedIdentityField(view_name="api:progress", lookup_field="slug")
    export = s.HyperlinkedIdentityField(view_name="api:export", lookup_field="slug")

    class Meta:
        model = Study
        fields = [
            "slug",
            "name",
            "description",
            "recipe",
            "team",
            "status",
            "status_reason",
            "prompt_set",
            "generator",
            "feedback_scorer",
            "evaluation_scorer",
            "oracle",
            "seed",
            "seconds",
            "evaluation_kind",
            "evaluation_split",
            "evaluation_takes",
            "feedback_takes",
            "control_prompts",
            "created_at",
            "launched_at",
            "finished_at",
            "url",
            "results",
            "progress",
            "export",
        ]
        read_only_fields = fields


class NewStudy(s.Serializer):
    """A draft from a recipe: the name of a shipped one, or a whole one with the keys of its YAML."""

    team = s.SlugField(help_text="Of which you are owner or editor.")
    prompt_set = s.SlugField()
    recipe = s.JSONField(
        help_text='As in "sandbox" or "architectures@published", or an object as in inference/recipes/main.yaml.'
    )
    name = s.CharField(required=False, max_length=200, help_text="In place of the recipe's.")
    slug = s.SlugField(required=False, max_length=80, help_text="The study's address; made of the recipe's name.")


class NewPrompt(s.Serializer):
    text = s.CharField(help_text="As a user types it, in one line.")
    kind = s.ChoiceField(choices=["open", "expert"], required=False, help_text="open by default.")
    split = s.ChoiceField(choices=["train", "validation", "test"], required=False, help_text="test by default.")
    scene = s.CharField(required=False, allow_blank=True)
    tags = s.ListField(child=s.CharField(), required=False)


class NewPromptSet(s.Serializer):
    team = s.SlugField(help_text="Of which you are owner or editor.")
    name = s.CharField(max_length=200)
    slug = s.SlugField(required=False, max_length=80, help_text="Made of the name.")
    description = s.CharField(required=False, allow_blank=True, max_length=10_000)
    language = s.CharField(required=False, max_length=35, help_text="BCP 47, as in en; en by default.")
    licence = s.CharField(required=False, allow_blank=True, max_length=120)
    prompts = NewPrompt(many=True, allow_empty=False)


class PromptSetSerializer(s.ModelSerializer):
    team: s.Field = s.SlugRelatedField(slug_field="slug", read_only=True)
    prompts = s.IntegerField(source="size", help_text="How many it holds.", read_only=True)

    class Meta:
        model = PromptSet
        fields = ["slug", "name", "team", "description", "language", "licence", "version", "frozen_at", "prompts"]
        read_only_fields = fields


class Retry(s.Serializer):
    kind = s.ChoiceField(
        choices=sorted(WORK), required=False, help_text="Only rows of this kind; all kinds without it."
    )
    error = s.CharField(required=False, help_text="Only rows that failed for this reason, as it is written.")


class Step(s.Serializer):
    kind = s.CharField()
    name = s.CharField()
    done = s.IntegerField()
    failed = s.IntegerField()
    running = s.IntegerField()
    waiting = s.IntegerField()
    total = s.IntegerField(help_text="With those that later stages are known to ask for.")


class Progress(s.Serializer):
    status = s.ChoiceField(choices=Study.Status.choices)
    status_reason = s.CharField()
    seconds_left = s.FloatField(allow_null=True, help_text="By the rate so far; null before it is known.")
    steps = Step(many=True)
    votes = s.IntegerField(help_text="Of people, that count.")
    votes_needed = s.IntegerField()


class Event(s.Serializer):
    """One of a stream."""

    event = s.ChoiceField(choices=["progress", "end"])
    data: s.Field = s.CharField(  # type: ignore[assignment]  # the field, not the property
        help_text="JSON: of `progress` as that address has it, of `end` its status."
    )


def page_of(name: str, shape: type[s.Serializer]) -> s.Serializer:
    """A page of a list."""
    return inline_serializer(
        name,
        {
            "next": s.URLField(allow_null=True, help_text="The next page; empty on the last."),
            "previous": s.URLField(allow_null=True),
            "results": shape(many=True),
        },
    )


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
    relative = s.FloatField(allow_null=True, help_text="The difference as a share of the mean of versus.")
    relative_interval = _interval()
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
    control = Contrast(many=True, help_text="The same on the expert prompts beside; empty where there are none.")
    noise_floor = s.DictField(
        child=s.FloatField(), help_text="By measure: what other audio seeds alone could change an arm's mean by."
    )
    preference = Preference(many=True)
    ratings = Rating(many=True)
    votes = s.IntegerField(help_text="All preferences, those of simulated raters among them.")
    votes_simulated = s.IntegerField()
    sessions_excluded = s.IntegerField(help_text="Sessions of people whose votes are not used.")
    method = s.DictField(help_text="How the numbers were made.")
    notices = Notice(many=True)


class FieldProblem(s.Serializer):
    field = s.CharField(help_text="Its dotted path, as in prompts.3.text.")
    detail = s.CharField()


class Problem(s.Serializer):
    """RFC 9457."""

    type = s.CharField()
    title = s.CharField()
    status = s.IntegerField()
    detail = s.CharField(help_text="What is wrong, and what to do.")
    errors = FieldProblem(many=True, required=False)  # type: ignore[assignment]  # the field, not the property


class FigureEntry(s.Serializer):
    name = s.CharField()
    title = s.CharField()
    caption = s.CharField()
    forms = s.DictField(child=s.URLField(), help_text="Address by form: svg, pdf, png, json (Vega-Lite), csv.")


class TableEntry(s.Serializer):
    name = s.CharField()
    title = s.CharField()
    forms = s.DictField(child=s.URLField(), help_text="Address by form: tex, csv, md.")
