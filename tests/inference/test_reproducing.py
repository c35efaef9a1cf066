"""A study made again from its bundle by a real worker with the real sandbox engines."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from studies import actions
from studies.models import Clip, Rewrite, Score, Study
from tests import bundles, factories
from tests.inference import workers
from tests.inference.test_worker import finished, small_study

pytestmark = pytest.mark.django_db(transaction=True)


def bundle_of(study: Study, path):
    owner = factories.user(is_superuser=True)
    client = Client()
    client.force_login(owner)
    path.write_bytes(client.get(reverse("api:bundle", args=[study.slug])).getvalue())
    return path


def test_a_study_made_again_comes_out_the_same(tmp_path):
    study = small_study()
    study.arms.exclude(key__in=["original", "instruct", "instruct_feedback"]).delete()
    actions.launch(study=study, by=None)
    said, report = io.StringIO(), tmp_path / "report.json"
    with workers.running(tmp_path) as worker:
        worker.wait_until(finished(study))
        path = bundle_of(study, tmp_path / "bundle.zip")
        before = {model: model.objects.filter(state="done").count() for model in (Clip, Score)}
        sampled = Rewrite.objects.exclude(rewriter=None).count()
        call_command("reproduce_bundle", path, team=study.team.slug, json=report, stdout=said)
    assert "All of it came out the same" in said.getvalue()
    # Nothing that was made before was taken for it.
    assert {model: model.objects.filter(state="done").count() for model in before} == {
        model: 2 * count for model, count in before.items()
    }
    assert Rewrite.objects.exclude(rewriter=None).count() == 2 * sampled
    compared = {each["kind"]: each for each in json.loads(report.read_text())}
    assert set(compared) == {"rewrites", "checkpoints", "clips", "scores", "results"}
    assert all(each["compared"] == each["equal"] > 0 for each in compared.values())

    _what_differs_is_named(study, path, tmp_path)


def _what_differs_is_named(study, path, tmp_path) -> None:
    def higher(content: bytes) -> bytes:
        first, *rest = content.splitlines()
        row = json.loads(first)
        return b"\n".join([json.dumps(row | {"value": row["value"] + 0.25}).encode(), *rest, b""])

    other = bundles.changed(path, tmp_path / "other.zip", {"rows/scores.jsonl": higher})
    made, said = Study.objects.exclude(pk=study.pk).get(), io.StringIO()
    with pytest.raises(CommandError, match="did not come out the same"):
        call_command("reproduce_bundle", other, team=study.team.slug, study=made.slug, stdout=said)
    assert "0.25" in said.getvalue() and "in the bundle" in said.getvalue()
