"""A study as a Hugging Face dataset: a zip of the folder that `datasets.load_dataset` opens.

One configuration a kind: `clips` (a row a take of what an arm made of a prompt, with its audio), and the study's
records. The splits of `clips` are those of the prompts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from django.core.files.storage import Storage

from results.exports import heard_of
from results.exports.writing import Sink, parquet
from results.exports.zipped import Member, zipped
from results.records import RECORDS, Asked, Record
from studies.models import Clip, Study
from studies.storage import files

SHARD = 400  # rows of one file of clips
GROUP = 50  # of which so many are in memory at once
SPLITS = ("train", "validation", "test")
LEFT_OUT = ("clips", "clip-embeddings", "text-embeddings")

_VALUES = {
    "clip": pa.int64(),
    "prompt": pa.int64(),
    "prompt_text": pa.string(),
    "arm": pa.string(),
    "rewrite": pa.string(),
    "purpose": pa.string(),
    "round": pa.int64(),
    "index": pa.int64(),
    "take": pa.int64(),
    "seed": pa.int64(),
    "seconds": pa.float64(),
    "loudness": pa.float64(),
    "feedback_score": pa.float64(),
    "evaluation_score": pa.float64(),
    "oracle_score": pa.float64(),
}
_AUDIO = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def _features() -> dict[str, dict]:
    """As `datasets` writes them into a Parquet file, so that it knows the audio for audio."""
    names = {pa.int64(): "int64", pa.float64(): "float64", pa.string(): "string"}
    values = {name: {"dtype": names[kind], "_type": "Value"} for name, kind in _VALUES.items()}
    return {"audio": {"_type": "Audio"}, **values}


SCHEMA = pa.schema([("audio", _AUDIO), *_VALUES.items()]).with_metadata(
    {"huggingface": json.dumps({"info": {"features": _features()}})}
)


def dataset(asked: Asked) -> Iterator[bytes]:
    return zipped(_members(asked))


def _members(asked: Asked) -> Iterator[Member]:
    study = asked.study
    counts: dict[str, int] = {}
    for split in SPLITS:
        rows = _rows(study, split)
        shards = groupby(enumerate(rows), key=lambda numbered: numbered[0] // SHARD)
        for shard, numbered in shards:
            counts[split] = shard + 1
            name = f"clips/{split}-{shard:05d}.parquet"
            yield Member(name, _written(row for _, row in numbered), packed=False)
    kinds = [kind for kind in RECORDS.values() if kind.name not in LEFT_OUT and kind.rows(study).exists()]
    for kind in kinds:
        yield Member(f"{kind.name}.parquet", parquet(kind, kind.read(asked)), packed=False)
    yield Member("README.md", [card(study, list(counts), [kind.name for kind in kinds]).encode()])


def _written(rows: Iterable[Record]) -> Iterator[bytes]:
    sink, group = Sink(), []
    with pq.ParquetWriter(pa.PythonFile(sink, "w"), SCHEMA, compression="none") as writer:
        for row in rows:
            group.append(row)
            if len(group) == GROUP:
                writer.write_table(pa.Table.from_pylist(group, schema=SCHEMA))
                group.clear()
                yield sink.taken()
        if group:
            writer.write_table(pa.Table.from_pylist(group, schema=SCHEMA))
    yield sink.taken()


def _rows(study: Study, split: str) -> Iterator[Record]:
    storage: Storage = files()
    roles = {"feedback": study.feedback_scorer, "evaluation": study.evaluation_scorer, "oracle": study.oracle}
    for batch in heard_of.finished(study):
        uses, scores = heard_of.uses(study, batch), heard_of.scores(study, batch)
        for clip in batch:
            wanted = [use for use in uses[clip.pk] if use["split"] == split]
            audio = _audio(storage, clip) if wanted else None
            values = {(each["scorer"], each["reference"]): each["value"] for each in scores[clip.pk]}
            for use in wanted:
                told = {
                    name: use[name] for name in ("prompt", "prompt_text", "arm", "purpose", "round", "index", "take")
                }
                for role, scorer in roles.items():
                    told[f"{role}_score"] = values.get((scorer.slug, use["prompt_text"])) if scorer else None
                told |= {"clip": clip.pk, "rewrite": clip.text, "seed": clip.seed}
                yield told | {"seconds": clip.duration, "loudness": clip.loudness, "audio": audio}


def _audio(storage: Storage, clip: Clip) -> dict | None:
    name = str(clip.audio.name)
    try:
        with storage.open(name) as file:
            return {"bytes": file.read(), "path": f"{clip.pk}.flac"}
    except FileNotFoundError:  # the study came here without its audio
        return None


def card(study: Study, splits: list[str], kinds: list[str]) -> str:
    """README.md with the header that `load_dataset` reads."""
    files = [{"split": split, "path": f"clips/{split}-*.parquet"} for split in splits]
    configs = [{"config_name": "clips", "data_files": files, "default": True}] if splits else []
    configs += [{"config_name": kind, "data_files": [{"split": "train", "path": f"{kind}.parquet"}]} for kind in kinds]
    header = yaml.safe_dump({"pretty_name": study.name, "configs": configs}, sort_keys=False, allow_unicode=True)
    return (
        f"---\n{header}---\n\n# {study.name}\n\n{study.description}\n\n"
        "`clips`: a row a take of what an arm made of a prompt; scores are against the prompt as it was typed.\n"
        f"Further configurations, with one split `train`: {', '.join(kinds)}.\n\n"
        f'```python\nload_dataset("{study.slug}", "votes", split="train")\n```\n'
    )
