"""Rows in, outcomes out: real engines of the sandbox on rows of a real study."""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from inference import serving, tasks
from inference.engines import flac
from inference.engines.protocols import RewriteRequest, Sound
from results.summary import results_of
from studies import actions
from studies.actions import Batch, Outcome, ensure
from studies.models import Checkpoint, Clip, ClipEmbedding, Rewrite, Score, StoredFile, Study, TextEmbedding
from tests import factories
from tests.inference.test_training_rows import RANKED
from tests.inference.test_training_rows import row as training_row

pytestmark = pytest.mark.django_db
RATE = 16_000


@pytest.fixture
def study():
    """One prompt to judge, two to validate on."""
    prompts = factories.prompt_set(test=1)
    for number, text in enumerate(("calm lake at night", "robot factory"), start=1):
        prompts.prompts.create(position=100 + number, text=text, kind="open", split="validation")
    arms = ("original", "instruct", "instruct_feedback")
    made = factories.study(arms=arms, prompt_set=prompts, seconds=1.0, evaluation_takes=1, listening_pairs=[])
    made.arms.filter(key="instruct_feedback").update(parameters={"training_prompts": 3, "candidates": 2})
    return made


def finished(study: Study) -> Study:
    study.arms.filter(method="instruct_feedback").delete()
    study = actions.launch(study=study, by=None)
    while tasks.one_batch() is not None:
        pass
    study.refresh_from_db()
    assert study.status == Study.Status.COMPLETE
    return study


def spied(monkeypatch, spec, name: str) -> list:
    """What the shelved engine's method is given from now on, a list a call."""
    engine, calls = serving.engine_of(spec), []
    method = getattr(engine, name)
    monkeypatch.setattr(engine, name, lambda items: calls.append(list(items)) or method(items))
    return calls


def score(clip: Clip, study: Study, reference: str) -> Score:
    """Scored by the judging scorer and recorded, in a batch of its own."""
    row = ensure.score(clip, study.evaluation_scorer, reference)
    row.state, row.lease, row.leased_until = "running", uuid.uuid4(), timezone.now() + timedelta(minutes=1)
    row.save()
    assert tasks.serve(Batch("score", row.lease, [row])) == 1
    row.refresh_from_db()
    return row


def test_a_score_says_which_checkpoint_and_front_end_made_it(study):
    finished(study)
    by_clap = Score.objects.exclude(scorer=study.oracle)
    assert by_clap.exists()
    for row in by_clap.select_related("scorer"):
        assert row.preprocessing == serving.engine_of(row.scorer).fingerprint()
        assert re.fullmatch("[0-9a-f]{64}", row.preprocessing)


def test_prompt_and_rewrite_are_embedded_on_the_way_so_that_their_likeness_is_known(study):
    study = finished(study)
    known = set(TextEmbedding.objects.filter(scorer=study.evaluation_scorer).values_list("text", flat=True))
    (rewrite,) = Rewrite.objects.exclude(rewriter=None)
    assert {rewrite.source, rewrite.text} <= known
    cosine = {arm["arm"]: arm["text_cosine"] for arm in results_of(study)["arms"]}
    assert cosine["original"] == pytest.approx(1.0)
    assert -1 <= cosine["instruct"] < 1


def test_a_clip_and_a_text_are_embedded_once_however_many_scores_want_them(study, monkeypatch):
    first, second = (factories.finished_clip(study.generator, "tone", seed) for seed in (1, 2))
    heard = spied(monkeypatch, study.evaluation_scorer, "embed_audio")
    read = spied(monkeypatch, study.evaluation_scorer, "embed_text")

    made = [score(first, study, "sad music"), score(first, study, "loud drums"), score(second, study, "sad music")]

    assert [len(call) for call in heard] == [1, 1]  # each clip when it is first scored
    assert read == [["sad music"], ["loud drums"]]
    assert ClipEmbedding.objects.count() == 2
    for row in made:
        vectors = ClipEmbedding.objects.get(clip=row.clip).vector, TextEmbedding.objects.get(text=row.reference).vector
        assert row.value == round(float(np.dot(*vectors)), 7)


def test_a_score_is_the_same_whether_its_embeddings_were_just_made_or_read_back(study, monkeypatch):
    first, second = (factories.finished_clip(study.generator, "tone", seed) for seed in (1, 2))
    engine = serving.engine_of(study.evaluation_scorer)
    # Between two numbers of single precision, and half a unit of the seventh digit away from one of them.
    between = np.array([0.663981465, np.sqrt(1 - 0.663981465**2)])
    monkeypatch.setattr(engine, "embed_audio", lambda sounds: np.array([between] * len(sounds)))
    monkeypatch.setattr(engine, "embed_text", lambda texts: np.array([[1.0, 0.0]] * len(texts)))

    made = score(first, study, "sad music").value
    Score.objects.all().delete()
    assert score(first, study, "sad music").value == made == score(second, study, "sad music").value


class Generator:
    """Answers with sounds that are given to it."""

    def __init__(self, *waves: np.ndarray) -> None:
        self.waves = waves

    def generate(self, texts, seeds, seconds):
        return [Sound(wave.astype(np.float32), RATE) for wave in self.waves]


def in_place_of(monkeypatch, spec, engine) -> None:
    monkeypatch.setitem(serving.shelf().engines, (spec.pk, None), engine)


NOISE = np.random.default_rng(1).uniform(-0.4, 0.4, RATE)
SILENCE, CLIPPED, SHORT = np.zeros(RATE), np.sign(NOISE), NOISE[: RATE // 2]
BROKEN = np.where(NOISE > 0.39, np.nan, NOISE)


def test_a_sound_that_cannot_be_scored_fails_its_own_row_only(study, monkeypatch):
    in_place_of(monkeypatch, study.generator, Generator(SILENCE, NOISE, CLIPPED, SHORT, BROKEN))
    rows = [Clip(pk=n, generator=study.generator, text="x", seed=n, duration=1.0) for n in range(5)]

    outcomes = serving.clip(rows)

    reasons = ("silent", "", "clipped", "lasts", "not numbers")
    assert all(reason in outcome.error for reason, outcome in zip(reasons, outcomes, strict=True))
    assert outcomes[1].error == ""
    assert [bool(outcome.values) for outcome in outcomes] == [False, True, False, False, False]
    assert StoredFile.objects.count() == 1


def test_what_is_stored_and_scored_is_what_the_model_made(study, monkeypatch):
    quiet = 0.02 * NOISE
    in_place_of(monkeypatch, study.generator, Generator(quiet))

    (outcome,) = serving.clip([Clip(pk=1, generator=study.generator, text="x", seed=1, duration=1.0)])

    stored = flac.decode(bytes(StoredFile.objects.get(name=outcome.values["audio"]).content))
    assert np.abs(stored.samples - quiet).max() <= 1 / 32768
    assert hashlib.sha256(bytes(StoredFile.objects.get().content)).hexdigest() in outcome.values["audio"]


def test_validation_asks_how_well_sounds_fit_the_prompts_as_typed(study, monkeypatch):
    read = spied(monkeypatch, study.feedback_scorer, "embed_text")
    row = training_row(study)

    made = serving.Validation(row)(serving.engine_of(row.rewriter))

    assert read == [[prompt["text"] for prompt in row.validation]]
    assert not set(read[0]) & set(made["rewrites"])


def test_a_validation_sound_that_the_study_would_refuse_fits_nothing(study, monkeypatch):
    row, rewriter = training_row(study), serving.engine_of(study.arms.get(method="instruct").rewriter)
    in_place_of(monkeypatch, study.generator, Generator(NOISE))
    alone = serving.Validation(row)
    alone.prompts = alone.prompts[1:]
    heard = alone(rewriter)["clap"]
    assert heard != 0

    in_place_of(monkeypatch, study.generator, Generator(SILENCE, NOISE))
    assert serving.Validation(row)(rewriter)["clap"] == pytest.approx(heard / 2)

    in_place_of(monkeypatch, study.generator, Generator(SILENCE, SILENCE))
    assert serving.Validation(row)(rewriter)["clap"] == 0


def trained(study: Study, **parameters) -> Checkpoint:
    """As the database has it after a worker served and recorded it."""
    study = actions.launch(study=study, by=None)
    row = training_row(study, **parameters)
    assert tasks.serve(actions.claim(worker="here", kinds=("training",))) == 1
    return Checkpoint.objects.get(pk=row.pk)


def test_a_checkpoint_keeps_the_curve_that_its_epoch_was_chosen_from(study):
    curve = trained(study).curve

    assert [entry["epoch"] for entry in curve] == [0, 1, 2]
    assert all(entry["loss"] > 0 and entry["prompts"] == 1 for entry in curve[1:])
    (kept,) = (entry for entry in curve if entry.get("kept"))
    assert kept["clap"] == max(entry["clap"] for entry in curve)


@pytest.mark.parametrize("lora", [None, {"rank": 2}])
def test_a_checkpoint_serves_what_was_trained_and_leaves_its_base_alone(study, lora):
    base = serving.engine_of(study.arms.get(method="instruct_feedback").rewriter)
    before = base.weights()

    # Without validation the last epoch is kept; with it, that could be the one before training.
    row = trained(study, validated=0, lora=lora)

    engine = serving.engine_of(row.rewriter, row)
    assert engine.weights() == bytes(StoredFile.objects.get(name=row.weights.name).content)
    assert base.weights() == before
    request, best = RewriteRequest(RANKED["text"]), RANKED["candidates"][:1]
    assert engine.log_likelihoods(request, best) > base.log_likelihoods(request, best)


def test_an_item_that_breaks_a_call_costs_only_itself():
    rows = [Rewrite(pk=number, source=str(number)) for number in range(4)]

    def call(batch):
        if any(row.pk == 2 for row in batch):
            raise FloatingPointError("nothing but NaN")
        return [Outcome(row.pk, {"text": row.source}) for row in batch]

    outcomes = tasks.isolated(call, rows)

    assert [outcome.row for outcome in outcomes] == [0, 1, 2, 3]
    assert [outcome.error for outcome in outcomes] == ["", "", "FloatingPointError: nothing but NaN", ""]
    assert [outcome.values for outcome in outcomes] == [{"text": "0"}, {"text": "1"}, {}, {"text": "3"}]
