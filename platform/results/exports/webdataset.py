"""Audio as a WebDataset: a tar with a FLAC file and a JSON file a clip, under one key."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from functools import partial

from django.core.files.storage import Storage

from results.exports import heard_of
from results.exports.resumed import Part
from results.records import Record
from studies.models import Clip, Study
from studies.storage import files

BLOCK = tarfile.BLOCKSIZE
END = tarfile.RECORDSIZE  # two empty blocks, filled up to what tapes like


def parts(study: Study) -> Iterator[Part]:
    """Members in the order of clips; audio is read when its turn comes, and only where it is asked for."""
    total = 0
    for part in _members(study):
        total += part.size
        yield part
    rest = 2 * BLOCK
    rest += -(total + rest) % END
    yield Part(rest, lambda: bytes(rest))


def _members(study: Study) -> Iterator[Part]:
    storage = files()
    for batch in heard_of.finished(study):
        sizes = storage.sizes([str(clip.audio.name) for clip in batch])  # a study may have come without its audio
        uses, scores = heard_of.uses(study, batch), heard_of.scores(study, batch)
        for clip in batch:
            name, key = str(clip.audio.name), f"{clip.pk:012d}"
            if name in sizes:
                yield from _member(f"{key}.flac", sizes[name], partial(_read, storage, name))
            told = json.dumps(about(clip, uses[clip.pk], scores[clip.pk]), ensure_ascii=False).encode()
            yield from _member(f"{key}.json", len(told), lambda told=told: told)


def about(clip: Clip, uses: list[Record], scores: list[Record]) -> Record:
    """What the JSON beside a clip says."""
    return {
        "clip": clip.pk,
        "text": clip.text,
        "seed": clip.seed,
        "seconds": clip.duration,
        "sample_rate": clip.sample_rate,
        "samples": clip.samples,
        "loudness": clip.loudness,
        "true_peak": clip.true_peak,
        "uses": uses,
        "scores": scores,
    }


def _member(name: str, size: int, read) -> Iterator[Part]:
    entry = tarfile.TarInfo(name)
    entry.size = size
    header = entry.tobuf(tarfile.USTAR_FORMAT)
    yield Part(len(header), lambda: header)
    yield Part(size, read)
    if rest := -size % BLOCK:
        yield Part(rest, lambda: bytes(rest))


def _read(storage: Storage, name: str) -> bytes:
    with storage.open(name) as file:
        return file.read()
