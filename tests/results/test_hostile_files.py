"""Files that are small and unpack to gigabytes, nest without end, or are something else than they say."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import ApiToken
from inference.engines import blackbox, flac
from inference.engines.protocols import EngineError
from prompts.limits import Limits
from prompts.reading import read_prompts
from results.bundles.archive import MANIFEST, Archive
from results.bundles.errors import BundleError
from studies import recipes
from studies.errors import RecipeError
from tests import factories

KINDS = {
    "gzip": gzip.compress(b"text\nrain\n"),
    "zip": b"PK\x03\x04" + b"\0" * 60,
    "program": b"\x7fELF" + bytes(range(256)),
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "pickle": b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.",
    "pdf": b"%PDF-1.7\n",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["prompts.csv", "prompts.parquet", "prompts.jsonl", "prompts.txt"])
def test_a_file_is_judged_by_its_content_and_not_by_its_name(kind, name):
    reading = read_prompts(KINDS[kind], name=name)

    assert reading.unreadable and not reading.rows and reading.faults


def test_parquet_that_unpacks_to_far_more_is_not_unpacked():
    out = io.BytesIO()
    texts = pa.array(["rain " * 2_000_000] + [f"{n} " * 500_000 for n in range(4)])
    pq.write_table(pa.table({"text": texts}), out, compression="zstd", use_dictionary=False)
    assert len(out.getvalue()) < 100_000

    reading = read_prompts(out.getvalue(), Limits(bytes=100_000), name="prompts.parquet")
    assert reading.unreadable and "unpacks to far more" in reading.faults[0].message


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000, '[{"text":' + "[" * 100_000])
def test_json_that_nests_without_end_is_a_fault_of_the_file(text):
    reading = read_prompts(text.encode(), name="prompts.jsonl")

    assert not reading.rows and reading.faults


@pytest.mark.django_db
def test_json_that_nests_without_end_is_a_fault_of_the_request(client):
    user = factories.user()
    key = ApiToken.issue(user, "script", scopes=["read", "write"])[1]
    body = '{"prompts":' + "[" * 200_000
    answer = client.post(
        reverse("api:prompt-sets"), body, content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )

    assert answer.status_code == 400 and "nested too deeply" in answer.json()["detail"]


@pytest.mark.django_db
def test_a_request_that_brings_too_much_is_refused_before_it_is_read(client, settings):
    settings.LARGEST_BODY = 1_000
    answer = client.post("/login/", {"file": SimpleUploadedFile("x.csv", b"x" * 2_000)})

    assert answer.status_code == 413


@pytest.mark.django_db
def test_only_who_is_signed_in_brings_a_large_file_and_only_to_its_page(client, settings):
    settings.LARGEST_BODY = 1_000
    researcher = factories.user(is_staff=True)
    made = factories.prompt_set(factories.team(researcher))
    where = reverse("admin:prompts_promptset_import", args=[made.pk])
    file = {"file": SimpleUploadedFile("x.csv", b"text\n" + b"rain on a roof\n" * 200)}
    assert client.post(where, file).status_code == 413

    client.force_login(researcher)
    file["file"].seek(0)
    assert client.post(where, file).status_code == 302


def zipped(tmp_path, files: dict[str, bytes]):
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def test_a_bundle_that_unpacks_to_a_full_disk_is_not_unpacked(tmp_path):
    path = zipped(tmp_path, {MANIFEST: b"{}", "rows/votes.jsonl": bytes(40_000_000)})
    assert path.stat().st_size < 100_000

    with pytest.raises(BundleError, match="would unpack to 40,000,000 bytes"):
        Archive(path)


def test_nor_is_one_whose_manifest_does_or_nests_without_end(tmp_path):
    with pytest.raises(BundleError, match="would unpack"):
        Archive(zipped(tmp_path, {MANIFEST: b" " * 40_000_000}))
    with pytest.raises(BundleError, match="no whole study bundle"):
        Archive(zipped(tmp_path, {MANIFEST: b"[" * 200_000}))


def test_a_bundle_holds_nothing_that_its_manifest_does_not_name(tmp_path):
    manifest = json.dumps({"format": "audionese-bundle/1", "files": {}, "study": "s", "software": {}}).encode()
    path = zipped(tmp_path, {MANIFEST: manifest, "../x": b"x"})

    with pytest.raises(BundleError, match="do not agree"):
        Archive(path).check()


def test_yaml_whose_anchors_stand_for_gigabytes_is_no_recipe(tmp_path):
    lines = ["a0: &a0 [rain, rain]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))]
    (tmp_path / "recipe.yaml").write_text("\n".join(lines))

    with pytest.raises(RecipeError) as refused:
        recipes.load(str(tmp_path / "recipe.yaml"))
    assert "repeated by anchors" in str(refused.value.messages)


def silence(seconds: int, channels: int = 1, kind: str = "FLAC") -> bytes:
    out = io.BytesIO()
    soundfile.write(out, np.zeros((seconds * 8_000, channels), np.int16), 8_000, format=kind, subtype="PCM_16")
    return out.getvalue()


def test_flac_that_unpacks_to_hours_is_not_unpacked():
    bomb = silence(4_800)
    assert len(bomb) < 200_000

    with pytest.raises(EngineError, match="where none is so long"):
        flac.decode(bomb)
    assert len(blackbox.decode(bomb, seconds=1.0).samples) == 16_000  # of a generator: its beginning


def test_a_generator_s_file_of_a_hundred_channels_is_refused():
    with pytest.raises(EngineError, match="100 channels"):
        blackbox.decode(silence(1, 100, "WAV"), seconds=1.0)
