"""Whatever bundle comes: all of it is restored, or a BundleError says why, and nothing was written."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import example, given
from hypothesis import strategies as st

from results.bundles import again
from results.bundles.archive import FORMAT, MANIFEST, Archive
from results.bundles.errors import BundleError
from results.bundles.restoring import restore, restore_audio
from results.bundles.rows import ROWS
from studies.errors import StudyError
from studies.models import EngineSpec, StoredFile, Study
from tests import bundles
from tests.strange import BYTES, VALUE, changed, drawn, spoilt

pytestmark = pytest.mark.django_db
SMALL = {"format": FORMAT, "files": {}, "study": "s", "software": {}}


@pytest.fixture(scope="module")
def made(lasting_reader, lasting_study, tmp_path_factory):
    """The rows, sounds and recipe of a study: what is restored, without pictures and tables."""
    content = io.BytesIO(
        lasting_reader.get(f"/api/v1/studies/{lasting_study.slug}/bundle.zip", {"audio": "true"}).getvalue()
    )
    with zipfile.ZipFile(content) as whole:
        manifest = json.loads(whole.read(MANIFEST))
        kept = [name for name in manifest["files"] if name.startswith(("rows/", "audio/")) or name == "recipe.yaml"]
        return bundles.whole(
            tmp_path_factory.mktemp("bundle") / "bundle.zip", manifest, {n: whole.read(n) for n in kept}
        )


def opened(path, content: bytes):
    path.write_bytes(content)
    archive = Archive(path)
    archive.check()
    return archive


def test_any_bytes_as_a_bundle(made):
    path = made.with_name("other.zip")

    @drawn(150)
    @given(st.one_of(BYTES, spoilt(made.read_bytes()), spoilt(made.read_bytes()[-4_000:])))
    def tried(content):
        try:
            opened(path, content)
        except BundleError as refused:
            assert "other.zip" in str(refused) or "manifest" in str(refused)

    tried()


def test_any_manifest(tmp_path):
    @drawn(120)
    @given(st.one_of(VALUE, changed(SMALL)))
    @example({**SMALL, "files": {"x": 1}})
    @example({**SMALL, "files": {"rows/study.jsonl": {"bytes": 1}}})
    @example([])
    def tried(manifest):
        path = bundles.packed(tmp_path / "bundle.zip", {MANIFEST: json.dumps(manifest).encode()})
        try:
            Archive(path).check()
        except BundleError as refused:
            assert str(refused)

    tried()


def test_rows_of_another_kind(made, lasting_study):
    """Of each table the first row, with other fields, gone ones, or none at all."""
    before = Study.objects.count(), EngineSpec.objects.count()

    @drawn(60)
    @given(st.sampled_from(list(ROWS)), st.data())
    def tried(table, data):
        def edited(content: bytes) -> bytes:
            first, _, rest = content.partition(b"\n")
            told = data.draw(st.one_of(changed(json.loads(first)), VALUE)) if first else data.draw(VALUE)
            return json.dumps(told).encode() + b"\n" + rest

        archive = Archive(bundles.changed(made, made.with_name("other.zip"), {f"rows/{table}.jsonl": edited}))
        with transaction.atomic():
            try:
                restore(archive, lasting_study.team)
            except BundleError as refused:
                assert str(refused)
                assert (Study.objects.count(), EngineSpec.objects.count()) == before
            transaction.set_rollback(True)

    tried()


@pytest.mark.parametrize("recipe", [b"[", b"[]", b"{}", b"engines: 1", b"engines: {}\narms: 1", b"a: 2026-13-45", b""])
def test_a_recipe_that_is_none_is_not_run_again(made, lasting_study, recipe):
    archive = Archive(bundles.changed(made, made.with_name("other.zip"), {"recipe.yaml": lambda _: recipe}))
    with pytest.raises((BundleError, StudyError)):
        again.begin(archive, lasting_study.team)


def test_a_sound_that_leads_out_of_its_folder_is_refused_and_the_study_with_it(made, lasting_study):
    """All of a bundle or nothing of it: the rows were good, and a sound was not."""
    with zipfile.ZipFile(made) as whole:
        files = {name: whole.read(name) for name in whole.namelist() if name != MANIFEST}
        manifest = json.loads(whole.read(MANIFEST))
    path = bundles.whole(made.with_name("other.zip"), manifest, {**files, "audio/../../x.flac": b"x"})
    studies, sounds = Study.objects.count(), StoredFile.objects.count()

    with pytest.raises(BundleError, match="cannot be restored"):
        restore_audio(Archive(path))
    with pytest.raises(CommandError, match="Nothing was restored"):
        call_command("import_bundle", path, team=lasting_study.team.slug, stdout=io.StringIO())
    assert (Study.objects.count(), StoredFile.objects.count()) == (studies, sounds)
