"""New migrations can run while the code of before still does, and a bad one does not get by."""

from __future__ import annotations

import itertools

import pytest
from django.db.migrations.loader import MigrationLoader

from tests.config import migration_rules

pytestmark = pytest.mark.django_db
_count = itertools.count(1)

FIRST = """
from django.db import migrations, models
class Migration(migrations.Migration):
    operations = [migrations.CreateModel("Sound", [
        ("id", models.BigAutoField(primary_key=True)),
        ("title", models.CharField(max_length=40)),
        ("length", models.IntegerField(null=True)),
    ])]
"""
NEXT = """
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import migrations, models
class Migration(migrations.Migration):
    atomic = {atomic}
    dependencies = [("{app}", "0001_initial")]
    operations = [{operation}]
"""


@pytest.mark.parametrize(("app", "name"), migration_rules.to_check())
def test_a_new_migration_can_run_while_the_code_of_before_still_does(app, name):
    found = migration_rules.faults(app, name)
    assert not found, f"{app}.{name}: {found}. docs/operations.md, Upgrade, says how to take it in steps."


def test_every_reviewed_migration_is_there_and_says_why():
    there = {".".join(key) for key in MigrationLoader(None).disk_migrations}
    for names in migration_rules.reviewed().values():
        assert set(names) <= there and all(names.values())


@pytest.fixture
def planted(tmp_path, monkeypatch, settings):
    """An app whose second migration does this one thing; its name."""

    def plant(operation: str, atomic: bool = True) -> str:
        app = f"planted{next(_count)}"
        folder = tmp_path / app / "migrations"
        folder.mkdir(parents=True)
        for file in (folder.parent / "__init__.py", folder / "__init__.py"):
            file.touch()
        (folder / "0001_initial.py").write_text(FIRST)
        (folder / "0002_next.py").write_text(NEXT.format(app=app, operation=operation, atomic=atomic))
        monkeypatch.syspath_prepend(tmp_path)
        settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, app]
        return app

    return plant


BAD = {
    'migrations.AddField("sound", "rate", models.IntegerField(default=1))': "NOT_NULL",  # no default in the database
    'migrations.RemoveField("sound", "title")': "DROP_COLUMN",
    'migrations.RenameField("sound", "title", "name")': "RENAME_COLUMN",
    'migrations.DeleteModel("Sound")': "DROP_TABLE",
    'migrations.RenameModel("Sound", "Noise")': "RENAME_TABLE",
    'migrations.AlterField("sound", "length", models.IntegerField(default=0))': "adding-not-nullable-field",
    'migrations.AlterField("sound", "length", models.TextField(null=True))': "changing-column-type",
    'migrations.AlterField("sound", "title", models.CharField(max_length=40, unique=True))': "ADD_UNIQUE",
    'migrations.AddIndex("sound", models.Index(fields=["title"], name="titles"))': "require-concurrent-index-creation",
    'migrations.AddConstraint("sound", models.CheckConstraint(condition=models.Q(length__gt=0), name="positive"))': (
        "constraint-missing-not-valid"
    ),
    'migrations.RunSQL("UPDATE x SET y = 1; ALTER TABLE x DROP COLUMN z")': "ban-drop-column",
    "migrations.RunPython(lambda apps, schema_editor: None)": "RUNPYTHON_REVERSIBLE",
}


@pytest.mark.parametrize(("operation", "rule"), BAD.items(), ids=BAD.values())
def test_a_bad_migration_does_not_get_by(planted, operation, rule):
    found = migration_rules.faults(planted(operation), "0002_next")
    assert any(fault.startswith(f"{rule}:") for fault in found), found


GOOD = {
    "an optional column": 'migrations.AddField("sound", "rate", models.IntegerField(null=True))',
    "a default in the database": 'migrations.AddField("sound", "rate", models.IntegerField(default=1, db_default=1))',
    "a table": 'migrations.CreateModel("Noise", [("id", models.BigAutoField(primary_key=True))])',
    "a constraint for new rows": 'AddConstraintNotValid("sound", models.CheckConstraint('
    'condition=models.Q(length__gt=0), name="positive"))',
}


@pytest.mark.parametrize("what", GOOD)
def test_a_good_one_does(planted, what):
    assert migration_rules.faults(planted(GOOD[what]), "0002_next") == []


@pytest.mark.django_db(transaction=True)
def test_an_index_that_is_made_beside_the_work_does(planted):
    index = 'AddIndexConcurrently("sound", models.Index(fields=["title"], name="titles"))'
    assert migration_rules.faults(planted(index, atomic=False), "0002_next") == []
