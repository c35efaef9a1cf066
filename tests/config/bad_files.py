"""Files that are almost right, brought where files are taken in; and sounds, asked for in pieces."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Iterator
from functools import cache
from random import Random
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from tests.config.access_world import World
from tests.config.bad_asking import Asked, as_form
from tests.config.bad_words import IN_HEADERS, RANGES, damaged, mutated, value, word

BRINGERS = ("owner", "owner", "owner", "editor", "administrator", "viewer", "stranger", "anonymous")
ENDINGS = ("csv", "tsv", "jsonl", "json", "txt", "parquet", "zip", "", "CSV", "csv\u202e", "\0")
PLANS = ("column_text", "column_kind", "column_tags", "kind", "split", "how", "train", "seed", "train_tags", "test")


@cache
def whole() -> dict[str, bytes]:
    """Right files, by what they are."""
    parquet = io.BytesIO()
    pq.write_table(pa.table({"text": ["rain on a tin roof", "an organ"], "tags": [["a"], ["b", "c"]]}), parquet)
    table = 'text,kind,split,scene,tags\nrain on a tin roof,open,test,s1,a;b\n"an organ, at dusk",expert,train,s2,\n'
    rows = [{"text": "rain on a tin roof", "tags": ["a"]}, {"prompt": "an organ", "split": "train"}]
    return {
        "table": table.encode(),
        "tabs": table.replace(",", "\t").encode(),
        "wide": table.encode("utf-16"),
        "lines": "\n".join(map(json.dumps, rows)).encode(),
        "array": json.dumps(rows).encode(),
        "text": b"rain on a tin roof\nan organ\n",
        "parquet": parquet.getvalue(),
        "gzip": gzip.compress(table.encode()),
        "people": b"email,language\nanna@example.org,de\nben@example.org,fr\n",
    }


def uploads(world: World, seed: int) -> Iterator[list[Asked]]:
    """Endless: a file is brought; then its preview is asked for, and it is kept, as somebody would do."""
    random, prompts = Random(seed), world.values["draft.prompts"]
    bring, look = (reverse(f"admin:prompts_promptset_{name}", args=[prompts]) for name in ("import", "preview"))
    while True:
        content, role = _file(random), random.choice(BRINGERS)
        if random.random() < 0.25:
            invite = reverse("admin:accounts_panel_invite", args=[world.values["panel"]])
            yield [_brought(random, role, invite, content, random.choice(({}, {"confirm": "yes"})))]
            continue
        plan = {name: word(random) for name in random.sample(PLANS, random.choice((0, 2, 4)))}
        chosen = {"column_text": "text", "kind": "open", "split": "test", "how": "given", **plan}
        told = {"checksum": hashlib.sha256(content).hexdigest(), **random.choice(({}, plan, chosen))}
        yield [
            _brought(random, role, bring, content, {}),
            Asked(role, "GET", f"{look}?{as_form(random.choice(({}, plan, chosen)))}"),
            Asked(role, "POST", look, as_form(told).encode(), "application/x-www-form-urlencoded"),
        ]


def _file(random: Random) -> bytes:
    content = random.choice(list(whole().values()))
    for _ in range(random.choice((0, 1, 1, 2, 5))):
        if random.random() < 0.5:
            content = damaged(random, content)
        else:
            content = mutated(random, content.decode("utf-8", "replace")).encode("utf-8", "surrogatepass")
    lines = "\n".join(json.dumps({"text": value(random), word(random)[:50]: value(random)}) for _ in range(2))
    return content if random.random() < 0.85 else lines.encode()


def _brought(random: Random, role: str, where: str, content: bytes, more: dict[str, str]) -> Asked:
    name = random.choice((f"p.{random.choice(ENDINGS)}", mutated(random, "train-00000.csv"), word(random)[:300]))
    file = SimpleUploadedFile("p.csv", content, random.choice(("text/csv", "application/x-sh", "", "image/png")))
    body = encode_multipart(BOUNDARY, {**more, "file": file})
    body = body.replace(b'filename="p.csv"', b'filename="%s"' % name.encode("utf-8", "surrogatepass"), 1)
    return Asked(role, "POST", where, damaged(random, body) if random.random() < 0.15 else body, MULTIPART_CONTENT)


def sounds(world: World) -> dict[str, str]:
    """Addresses that answer with a file in pieces, and who may hear it."""
    values, study = world.values, [world.values["complete.slug"]]
    return {
        reverse("listening:audio", args=[values["sound"]]): "rater",
        reverse("listening:check_sound", args=[values["check"], 1]): "rater",
        reverse("listening:volume"): "anonymous",
        reverse("listening:example_sound", args=["a"]): "anonymous",
        reverse("results:clip", args=[*study, values["clip"]]): "viewer",
        reverse("api:clip", args=[*study, values["clip"]]): "script",
        reverse("api:records-file", args=[*study, "prompts", "csv"]): "script",
    }


def pieces(world: World, seed: int) -> Iterator[Asked]:
    """Endless: of a sound, what a player might ask for, and what none would."""
    random, where = Random(seed), sounds(world)
    often, seldom = [path for path in where if "/api/" not in path], [path for path in where if "/api/" in path]
    while True:
        path = random.choice(seldom if random.random() < 0.05 else often)
        role = (
            where[path] if random.random() < 0.85 else random.choice(("rater", "other rater", "stranger", "anonymous"))
        )
        headers = {"Range": _range(random)}
        for name in random.sample(
            ("If-Range", "If-None-Match", "If-Modified-Since", "Accept-Encoding"), random.choice((0, 0, 1))
        ):
            headers[name] = random.choice(IN_HEADERS)
        if role == "script":
            headers["Authorization"] = f"Bearer {world.keys['owner']}"
        path = path if random.random() < 0.9 else quote(mutated(random, path), errors="surrogatepass")
        yield Asked(role, random.choice(("GET", "GET", "GET", "HEAD")), path, headers=headers)


def _range(random: Random) -> str:
    first, last = (random.choice((0, 1, 43, 44, 999, 32_768, 10**6, 10**12, "")) for _ in range(2))
    if random.random() < 0.6:
        return f"bytes={first}-{last}"
    told = random.choice(RANGES)
    return told if random.random() < 0.7 else _plain(mutated(random, told))


def _plain(header: str) -> str:
    """As a server lets it through."""
    return header.encode("latin-1", "ignore").translate(None, b"\0\r\n").decode("latin-1")
