"""Whether a migration may run while the code of before still does: two linters over the SQL that Django makes of it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import yaml
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter

OURS = ("accounts", "prompts", "studies", "listening", "results", "inference")
SQUAWK = Path(sys.executable).parent / "squawk"
REVIEWED = Path(__file__).parent / "reviewed_migrations.yaml"

# What squawk says that is no harm here.
HARMLESS = [
    *("prefer-bigint-over-int", "prefer-bigint-over-smallint", "prefer-identity", "prefer-text-field"),  # taste
    *("prefer-robust-stmts", "require-lock-timeout", "require-statement-timeout"),  # the operator's: docs/operations.md
    *("ban-drop-not-null", "ban-drop-constraint"),  # loosening: what the code of before writes is still allowed
    "adding-foreign-key-constraint",  # Django adds it with a column that is empty, and PostgreSQL checks no row then
]
# What django-migration-linter says that is no harm here.
STYLE = ["RUNPYTHON_MODEL_VARIABLE_NAME"]


def reviewed() -> dict[str, dict[str, str]]:
    """By heading, migrations that are let pass, each with the reason why."""
    return yaml.safe_load(REVIEWED.read_text())


def to_check() -> list[tuple[str, str]]:
    passed = {name for names in reviewed().values() for name in names}
    loader = MigrationLoader(None)
    return sorted(key for key in loader.disk_migrations if key[0] in OURS and ".".join(key) not in passed)


def faults(app: str, name: str) -> list[str]:
    """What the linters say against it, a line each."""
    return [*_breaks_old_code(app, name), *_locks(app, name)]


def _breaks_old_code(app: str, name: str) -> list[str]:
    linter = MigrationLinter(no_cache=True, no_output=True, exclude_migration_tests=STYLE, all_warnings_as_errors=True)
    found: list[str] = []
    linter.print_errors = lambda issues: found.extend(f"{issue.code}: {issue.message}" for issue in issues)
    linter.lint_all_migrations(app_label=app, migration_name=name)
    return found if linter.has_errors else []


def _locks(app: str, name: str) -> list[str]:
    sql = io.StringIO()
    call_command("sqlmigrate", app, name, stdout=sql, no_color=True)
    asked = [SQUAWK, "--reporter", "json", "--pg-version", "18", "--exclude", ",".join(HARMLESS)]
    done = subprocess.run(asked, input=sql.getvalue(), capture_output=True, text=True)
    assert done.stdout.startswith("["), done.stderr
    return [f"{found['rule_name']}: {found['message']}" for found in json.loads(done.stdout)]
