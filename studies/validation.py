"""What must be true of a study before it may be launched, and what deserves a warning."""

from __future__ import annotations

from collections import defaultdict

from prompts.models import Prompt
from studies import arms, tuned
from studies.errors import StudyError
from studies.evaluated import CONTROL, control_prompts, main_prompts
from studies.models import Arm, EngineSpec, Study

Messages = dict[str, list[str]]


def check(study: Study) -> None:
    """Raises StudyError with every fault, by field."""
    found = faults(study)
    if found:
        raise StudyError(found)


def faults(study: Study) -> Messages:
    """What forbids a launch, by field; arms are named `arms.KEY` and their parameters `arms.KEY.parameters`."""
    found: Messages = defaultdict(list)
    _engines(study, found)
    _prompts(study, found)
    if not study.arms.exists():
        found["arms"].append("Add at least one arm.")
    for arm in study.arms.select_related("rewriter"):
        _arm(study, arm, found)
    _pairs(study, found)
    return dict(found)


def warnings(study: Study) -> Messages:
    """What a launch allows but a reader of the results must know."""
    found: Messages = defaultdict(list)
    if study.teaches_and_judges:
        found["evaluation_scorer"].append(
            "The scorer that teaches also judges: its scores will flatter what it taught. "
            "Choose another checkpoint to judge."
        )
    for field in ("feedback_scorer", "evaluation_scorer"):
        spec = getattr(study, field)
        if spec.kind == EngineSpec.Kind.SCORER and not spec.hears_words:
            found[field].append(
                f"{spec} hears quality and no words: it does not say whether a clip fits its prompt. As a second "
                "opinion put it into a composite with a CLAP."
            )
    if study.feedback_scorer.learned_from_votes:
        found["feedback_scorer"].append(
            f"{study.feedback_scorer} has learned from votes, and now it teaches: what is made will please the taste "
            "of those raters, and their votes cannot judge it. Let another scorer judge, and raters who are new."
        )
    if (there := control_prompts(study).count()) < study.control_prompts:
        found["control_prompts"].append(
            f"{study.prompt_set} has {there} expert prompts in its {study.evaluation_split} split, fewer than asked "
            "for: whether rewriting harms them will be less sure, or unknown."
        )
    if not study.arms.filter(method=Arm.Method.ORIGINAL).exists():
        found["arms"].append("Without an `original` arm no gain over the user's own prompt can be shown.")
    return dict(found)


def _engines(study: Study, found: Messages) -> None:
    for field, kind in (("generator", "generator"), ("feedback_scorer", "scorer"), ("evaluation_scorer", "scorer")):
        spec: EngineSpec = getattr(study, field)
        if spec.kind != kind:
            found[field].append(f"{spec} is a {spec.kind}; choose a {kind}.")
    if study.oracle and study.oracle.kind != EngineSpec.Kind.JUDGE:
        found["oracle"].append(f"{study.oracle} is a {study.oracle.kind}; choose a judge or leave it empty.")


def _prompts(study: Study, found: Messages) -> None:
    if not main_prompts(study).exists():
        found["prompt_set"].append(
            f"{study.prompt_set} has no {study.evaluation_kind} prompt in its {study.evaluation_split} split: "
            "nothing to evaluate."
        )
    if study.control_prompts and study.evaluation_kind == CONTROL:
        found["control_prompts"].append("A study of expert prompts is its own control: put 0 here.")


def _arm(study: Study, arm: Arm, found: Messages) -> None:
    where = f"arms.{arm.key}"
    if arm.method != Arm.Method.ORIGINAL and (arm.rewriter is None or arm.rewriter.kind != EngineSpec.Kind.REWRITER):
        found[f"{where}.rewriter"].append(f"{arm.name} needs a rewriter.")
    wrong = arms.faults(arm.method, arm.parameters)
    found_here = [f"{line} (method {arm.method})" for line in wrong]
    if not wrong:
        found_here = _prompts_for(study, arm) + _weights_for(arm)
    if found_here:
        found[f"{where}.parameters"].extend(found_here)


def _prompts_for(study: Study, arm: Arm) -> list[str]:
    choices = arms.parse(arm.method, arm.parameters)
    train = study.prompt_set.prompts.filter(split=Prompt.Split.TRAIN)
    if isinstance(choices, arms.Feedback):
        have = train.filter(kind=Prompt.Kind.OPEN).count()
        if choices.training_prompts > have:
            return [f"training_prompts: {choices.training_prompts} asked, but the train split has {have} open prompts."]
        return _validation_for(study, choices.training.validation_prompts)
    if isinstance(choices, arms.Exemplars):
        if not study.feedback_scorer.hears_words:
            return [f"exemplars: the nearest captions are found by {study.feedback_scorer}, which hears no words."]
        have = train.filter(kind=Prompt.Kind.EXPERT).count()
        if choices.exemplars > have:
            return [f"exemplars: {choices.exemplars} asked, but the train split has {have} expert captions."]
    return []


def _weights_for(arm: Arm) -> list[str]:
    choices = arms.parse(arm.method, arm.parameters)
    name = choices.checkpoint if isinstance(choices, arms.Rewriting) else ""
    fault = tuned.fault(arm, name) if name else ""
    return [fault] if fault else []


def _validation_for(study: Study, wanted: int) -> list[str]:
    have = study.prompt_set.prompts.filter(split=Prompt.Split.VALIDATION, kind=Prompt.Kind.OPEN).count()
    if wanted > have:
        return [f"training.validation_prompts: {wanted} asked, but the validation split has {have} open prompts."]
    if wanted and study.evaluation_split == Prompt.Split.VALIDATION:
        return ["training.validation_prompts: the study judges the validation split, which then may not choose epochs."]
    return []


def _pairs(study: Study, found: Messages) -> None:
    keys = set(study.arms.values_list("key", flat=True))
    for pair in study.listening_pairs:
        if not (isinstance(pair, list) and len(pair) == 2 and pair[0] != pair[1]):
            found["listening_pairs"].append(f"{pair!r} is not a pair of two different arm keys.")
        elif unknown := set(pair) - keys:
            found["listening_pairs"].append(f"No arm has the key {', '.join(sorted(unknown))}.")
