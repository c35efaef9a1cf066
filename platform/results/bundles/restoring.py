"""A bundle's rows back into a database: in the order in which they were made, under new keys."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count, islice
from typing import Any, cast

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import DateTimeField, Model
from django.db.models.fields.files import FileField

from accounts.models import Team
from listening.models import Trial
from listening.models.session import opaque
from listening.pools import arms_named, content_named
from prompts.models import PromptSet
from results.bundles.archive import Archive
from results.bundles.errors import BundleError, in_words
from results.bundles.rows import ROWS, Row, Rows
from studies.actions import free_slug
from studies.models import Checkpoint, EngineSpec, Study, Work
from studies.models.work import identity_of
from studies.storage import files

BATCH = 1_000
Keys = dict[type[Model], dict[Any, Any]]


@transaction.atomic
def restore(archive: Archive, team: Team) -> Study:
    """All of it or nothing. Raises BundleError where rows of this database say otherwise."""
    restored = _Restored(archive, team)
    for name, rows in ROWS.items():
        with in_words(f"rows/{name}.jsonl cannot be restored"):
            restored.table(name, rows)
    with in_words("the study cannot be restored"):
        study = Study.objects.get(pk=restored.study)
        _name_trials(study)
    return study


def restore_audio(archive: Archive) -> int:
    """How many clips' files the bundle brought; one that is there already is the same, named by its content."""
    storage, names = files(), archive.names("audio")
    for name in names:
        with in_words(f"{name} cannot be restored"):
            storage.save(name.removeprefix("audio/"), ContentFile(archive.bytes(name)))
    return len(names)


class _Restored:
    def __init__(self, archive: Archive, team: Team) -> None:
        self.archive, self.team = archive, team
        self.keys: Keys = {rows.model: {} for rows in ROWS.values()}
        self.study = 0

    def table(self, name: str, rows: Rows) -> None:
        lines = self.archive.lines(f"rows/{name}.jsonl")
        size = 1 if rows.model in (Checkpoint, Study) else BATCH  # a checkpoint may point at the one before
        while batch := list(islice(lines, size)):
            self._batch(name, rows, batch)

    def _batch(self, name: str, rows: Rows, batch: list[Row]) -> None:
        olds = [row["id"] if "id" in row else row[cast(str, rows.model._meta.pk.attname)] for row in batch]
        made = [self._object(rows, row) for row in batch]
        there = _there(rows, made) if rows.shared else {}
        new = [(each, row) for each, row in zip(made, batch, strict=True) if _mark(rows, each) not in there]
        rows.model._default_manager.bulk_create([each for each, _ in new])
        _keep_times(rows, [each for each, _ in new], [row for _, row in new])
        for old, row, each in zip(olds, batch, made, strict=True):
            found = there.get(_mark(rows, each), each) if rows.shared else each
            if found is not each:
                _agree(name, rows, found, each)
            key = row["slug"] if rows.model is EngineSpec else old
            self.keys[rows.model][key] = found.pk
            if rows.model is Study:
                self.study = found.pk

    def _object(self, rows: Rows, row: Row) -> Model:
        if unknown := set(row) - {field.attname for field in rows.fields}:
            raise ValueError(f"unknown fields {', '.join(sorted(unknown))}")
        told: Row = {}
        for field in rows.fields:
            value = row[field.attname]
            if field.primary_key and rows.model._meta.pk.attname == "id":
                continue
            if field.related_model in self.keys and value is not None:
                value = self.keys[cast(type[Model], field.related_model)][value]
            told[field.attname] = value if isinstance(field, FileField) or field.is_relation else field.to_python(value)
        return rows.model(**{**told, **self._anew(rows, told)})

    def _anew(self, rows: Rows, told: Row) -> Row:
        """What a row cannot bring along: whose it is, a free name, a token of its own."""
        if rows.model is PromptSet:
            return {"team": self.team, "slug": free_prompts_slug(told["slug"])}
        if rows.model is Study:
            return {"team": self.team, "slug": free_slug(told["slug"])}
        if rows.model is Checkpoint and Checkpoint.objects.filter(identity=told["identity"]).exists():
            # The study that it comes from is here too.
            return {"identity": identity_of(restored=told["identity"], arm=told["arm_id"])}
        return {"token": opaque()} if "token" in rows.left_out else {}


def _mark(rows: Rows, row: Model) -> tuple:
    return tuple(getattr(row, name) for name in rows.shared)


def _there(rows: Rows, made: list[Model]) -> dict[tuple, Model]:
    """Rows of this database that are the same thing."""
    first = rows.shared[-1]
    found = rows.model._default_manager.filter(**{f"{first}__in": [getattr(row, first) for row in made]})
    return {_mark(rows, row): row for row in found}


def _agree(name: str, rows: Rows, here: Model, brought: Model) -> None:
    """What was made here and there from the same must be the same; what waits here is done by the bundle."""
    if isinstance(here, Work) and isinstance(brought, Work) and here.state != Work.State.DONE:
        if brought.state == Work.State.DONE:
            brought.pk = here.pk
            brought.save()
        return
    for field in rows.agrees:
        mine, theirs = getattr(here, field), getattr(brought, field)
        if mine != theirs and not (field == "commit" and not (mine and theirs)):
            raise BundleError(
                f"{name}: {_mark(rows, here)[0]} is here too, but with {field} {str(mine)[:60]!r} and not "
                f"{str(theirs)[:60]!r}. Restore the bundle into a database of its own."
            )


def _keep_times(rows: Rows, new: list[Model], brought: list[Row]) -> None:
    """Times that a new row would get of itself are those of the bundle."""
    names = [f.name for f in rows.fields if isinstance(f, DateTimeField) and f.auto_now_add]
    if names and new:
        for row, told in zip(new, brought, strict=True):
            for name in names:
                setattr(row, name, DateTimeField().to_python(told[name]))
        rows.model._default_manager.bulk_update(new, names, batch_size=500)


def _name_trials(study: Study) -> None:
    """A trial is told from others by the keys of its clips and arms, which are others here."""
    trials = Trial.objects.filter(study=study).prefetch_related("stimuli")
    named = []
    for trial in trials.iterator(chunk_size=BATCH):
        stimuli = list(trial.stimuli.all())
        trial.content = content_named((one.clip_id, one.treatment) for one in stimuli)
        trial.arms = arms_named(one.arm_id for one in stimuli if one.arm_id)
        named.append(trial)
    Trial.objects.bulk_update(named, ["content", "arms"], batch_size=500)


def free_prompts_slug(wanted: str) -> str:
    taken = set(PromptSet.objects.filter(slug__startswith=wanted[:70]).values_list("slug", flat=True))
    numbered: Iterator[str] = (f"{wanted[:70]}-{n}" for n in count(2))
    return next(slug for slug in chain([wanted], numbered) if slug not in taken)
