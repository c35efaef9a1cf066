"""A study as a bundle, and back: here, elsewhere, and where something is wrong."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Rater, User
from listening.models import Session, Vote
from listening.pools import fill
from prompts.models import PromptSet
from results.bundles.fresh import Fresh
from studies import recipes
from studies.described import recipe_of
from studies.models import Clip, Rewrite, Score, StoredFile, Study
from tests import bundles, factories
from tests.once import once


@pytest.fixture
def made(owner, voted, tmp_path):
    """The bundle of a study with votes, as a file."""
    voted.refresh_from_db()
    path = tmp_path / "bundle.zip"
    path.write_bytes(once(bundled, owner, voted))
    return path


def bundled(owner: User, voted: Study) -> bytes:
    Session.objects.filter(study=voted).update(comment="Jane Doe heard this.", arrival={"PROLIFIC_PID": "p7"})
    reader = Client()
    reader.force_login(owner)
    return got(reader, voted, audio="true").getvalue()


def got(client, study, **asked):
    response = client.get(reverse("api:bundle", args=[study.slug]), asked)
    assert response.status_code == 200, response.content
    return response


def restored(path, team) -> Study:
    before = set(Study.objects.values_list("pk", flat=True))
    said = io.StringIO()
    call_command("import_bundle", path, team=team.slug, stdout=said)
    assert "to the last digit" in said.getvalue()
    return Study.objects.exclude(pk__in=before).get()


def names(path) -> set[str]:
    return set(zipfile.ZipFile(path).namelist())


def test_a_bundle_has_all_that_a_reader_looks_for(made, voted):
    assert names(made) >= {
        *("README.md", "CITATION.cff", "manifest.json", "recipe.yaml", "engines.json", "results.json"),
        *(
            f"records/{kind}.jsonl"
            for kind in ("prompts", "rewrites", "clips", "scores", "votes", "sessions", "trials")
        ),
        *("figures/alignment.svg", "figures/alignment.csv", "tables/arms.tex", "tables/arms.csv", "rows/votes.jsonl"),
    }
    archive = zipfile.ZipFile(made)
    readme = archive.read("README.md").decode()
    assert "We evaluated 4 open prompts" in readme and "simulated raters gave" in readme and "2311.00897" in readme
    assert yaml.safe_load(archive.read("CITATION.cff"))["title"] == voted.name
    assert recipes.parse(yaml.safe_load(archive.read("recipe.yaml"))) == recipe_of(voted)
    assert len(archive.read("records/votes.jsonl").splitlines()) == Vote.objects.count()
    engines = {engine["slug"]: engine for engine in json.loads(archive.read("engines.json"))}
    assert engines[voted.evaluation_scorer.slug]["preprocessing"] == []  # these scores were made by no engine


def test_equal_studies_give_equal_bytes(made, reader, voted):
    assert got(reader, voted, audio="true").getvalue() == made.read_bytes()


def test_a_bundle_says_nobody_s_name(made, voted):
    archive = zipfile.ZipFile(made)
    said = b"".join(archive.read(name) for name in archive.namelist()).decode(errors="replace")
    secrets = [rater.external_id for rater in Rater.objects.filter(sessions__study=voted)]
    secrets += ["Jane Doe", "p7", *Session.objects.filter(study=voted).values_list("token", flat=True)]
    assert not [secret for secret in secrets if secret in said and len(secret) > 3]


def test_it_is_restored_beside_itself(made, voted, owner):
    back = restored(made, voted.team)
    assert back.slug != voted.slug and back.status == Study.Status.COMPLETE and back.team == voted.team
    assert back.prompt_set.slug != voted.prompt_set.slug
    assert (back.launched_at, back.finished_at) == (voted.launched_at, voted.finished_at)
    assert Fresh(back).results["preference"] == Fresh(voted).results["preference"] != []
    assert {arm.key for arm in back.arms.all()} == {arm.key for arm in voted.arms.all()}
    assert back.listening_test.closed and not voted.listening_test.closed


def test_it_is_restored_where_nothing_of_it_is(made, voted, stranger):
    """Clips are heard there too."""
    before, sounds = Fresh(voted).results, StoredFile.objects.filter(name__startswith="clips/").count()
    slug = voted.slug
    _forgotten()
    back = restored(made, stranger.teams.get())
    assert back.slug == slug
    assert Fresh(back).results == {**before, "seconds": pytest.approx(before["seconds"])}
    assert StoredFile.objects.count() == sounds > 0
    assert back.trials.count() == len({(one.content, one.arms) for one in back.trials.all()})


def _forgotten() -> None:
    """As in another database: everything is gone but people and teams."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE studies_study, studies_storedfile, studies_clip, studies_rewrite, studies_enginespec, "
                       "prompts_promptset, accounts_rater, accounts_consenttext RESTART IDENTITY CASCADE")  # fmt: skip


def test_trials_that_are_restored_are_known_by_their_own_clips(made, voted):
    back = restored(made, voted.team)
    before = back.trials.count()
    fill(back.listening_questions.get())
    assert back.trials.filter(kind="study").count() == voted.trials.filter(kind="study").count()
    assert back.trials.count() == before


def test_what_was_made_here_otherwise_is_not_overwritten(made, voted):
    """Nothing is written at all."""
    Score.objects.filter(scorer=voted.evaluation_scorer).update(value=0.5)
    with pytest.raises(CommandError, match=r"with value '0.5'.*database of its own.*Nothing was restored"):
        restored(made, voted.team)
    assert Study.objects.count() == 1 and PromptSet.objects.count() == 1


def test_what_waits_here_is_done_by_the_bundle(made, voted):
    clip = Clip.objects.latest("pk")
    Score.objects.filter(clip=clip).update(state="waiting", value=None)
    restored(made, voted.team)
    assert not Score.objects.filter(value=None).exists()


def test_a_changed_bundle_is_refused(made, voted, tmp_path):
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(b'"choice":"a"', b'"choice":"b"') if "votes" in name else content)
    with pytest.raises(CommandError, match=r"votes.jsonl is not what the manifest says"):
        restored(changed, voted.team)


@pytest.mark.parametrize("cut", [0, 100, 20_000])
def test_a_bundle_that_was_cut_off_is_refused(made, voted, tmp_path, cut):
    short = tmp_path / "short.zip"
    short.write_bytes(made.read_bytes()[:cut])
    with pytest.raises(CommandError, match=r"no whole study bundle.*goes on by Range"):
        restored(short, voted.team)


def test_numbers_that_come_out_otherwise_are_named(made, voted, tmp_path):
    """As where another version computes otherwise: the study is there, and the command says what differs."""

    def better(content: bytes) -> bytes:
        results = json.loads(content)
        results["arms"][0]["clap"] += 0.001
        return json.dumps(results).encode()

    changed = bundles.changed(made, tmp_path / "changed.zip", {"results.json": better})
    said = io.StringIO()
    with pytest.raises(CommandError, match=r"1 numbers are not those of the bundle.*numpy"):
        call_command("import_bundle", changed, team=voted.team.slug, stdout=said)
    assert "results.arms.0.clap" in said.getvalue()


def test_a_study_at_work_has_no_bundle(reader, owner):
    study = factories.study(factories.team(owner))
    response = reader.get(reverse("api:bundle", args=[study.slug]))
    assert response.status_code == 409 and "over" in response.json()["detail"]
    assert reader.get(reverse("api:bundle", args=[study.slug]), {"audio": "perhaps"}).status_code == 400


def test_without_audio_the_numbers_are_the_same(reader, voted, tmp_path):
    path = tmp_path / "bundle.zip"
    path.write_bytes(got(reader, voted).getvalue())
    assert not [name for name in names(path) if name.startswith("audio/")]
    restored(path, voted.team)
    assert Rewrite.objects.exists()
