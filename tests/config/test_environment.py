"""Secrets come from variables, or from files that variables name."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment, _Variables


@pytest.fixture
def env(monkeypatch):
    """Read anew, as a process does that has just begun."""
    fresh = Environment()
    fresh.ENVIRON = _Variables()
    return fresh


def test_a_variable_is_read_from_the_file_that_its_other_name_names(env, monkeypatch, tmp_path):
    (tmp_path / "url").write_text("postgresql://a:b@db/audionese\n")
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))

    assert env.str("DATABASE_URL", "") == "postgresql://a:b@db/audionese"
    assert env.db_url_config(env.str("DATABASE_URL"))["NAME"] == "audionese"


def test_a_file_counts_more_than_the_variable_itself(env, monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from the file")
    monkeypatch.setenv("SECRET_KEY", "from the variable")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))

    assert env.str("SECRET_KEY", "") == "from the file"


def test_a_file_that_is_not_there_is_named(env, monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "missing"))

    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY_FILE names .*missing, which cannot be read"):
        env.str("SECRET_KEY", "")


def test_all_secrets_of_an_installation_come_from_files(tmp_path):
    secrets = {
        "SECRET_KEY": "k" * 60,
        "DATABASE_URL": "postgresql://audionese:secret@db/audionese",
        "CELERY_BROKER_URL": "redis://:secret@broker/0",
        "EMAIL_URL": "smtp+tls://someone:secret@mail.example.org:587",
    }
    for name, value in secrets.items():
        (tmp_path / name).write_text(value + "\n")
    environment = {k: v for k, v in os.environ.items() if k not in secrets}
    environment |= {f"{name}_FILE": str(tmp_path / name) for name in secrets} | {"AUDIONESE_DATA": str(tmp_path)}
    script = (
        "from django.conf import settings as s; d = s.DATABASES['default'];"
        "print(s.SECRET_KEY == 'k' * 60, d['HOST'], d['PASSWORD'], s.CELERY_BROKER_URL);"
        "print(s.EMAIL_HOST, s.EMAIL_HOST_PASSWORD)"
    )
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "db", "secret", "redis://:secret@broker/0", "mail.example.org", "secret"]
