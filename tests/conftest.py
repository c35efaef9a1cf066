"""What every test stands on: real PostgreSQL, no hub, no network."""

import gc
import math
import os

import pytest
from django.utils import translation

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_finish():
    """What there is by now, thousands of tests and torch, stays: whoever collects garbage need not look at it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _quiet_broker(settings, tmp_path):
    """Messages of a test go nowhere: whoever wants a worker starts one of its own."""
    from celery import current_app

    before = dict(current_app.conf.broker_transport_options or {})
    folders = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path), "control_folder": str(tmp_path)}
    current_app.conf.broker_transport_options = {**before, **folders}
    yield
    current_app.conf.broker_transport_options = before


@pytest.fixture(autouse=True)
def _nothing_is_remembered(settings):
    """What a test changes of a study is seen at once."""
    from listening import sounds

    sounds._trial.cache_clear()  # a trial that is put back (tests/once.py) has the key of one that was heard before
    settings.LISTENING_REMEMBER_SECONDS = 0
    settings.KEPT_PATIENCE = 0
    settings.EXPORTS_AT_ONCE = 8  # an answer that an earlier test did not read keeps its place until it is collected


@pytest.fixture(autouse=True)
def _no_language_stays():
    """A request leaves its language with its thread: the next test would read what it asks for in that one."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """A password's hash is slow by intent; no test is about that."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Tests roll back: autovacuum would find every table empty, and PostgreSQL would plan for empty ones."""
    from django.db import connection

    from studies import clock
    from tests import servers

    clock.BELIEVED = math.inf
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        clock.now()  # asked once, so that how many questions a page asks does not depend on when it is asked
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'ALTER TABLE "{table}" SET (autovacuum_enabled = false)')
    yield
    with django_db_blocker.unblock():
        servers.alone()


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory):
    """The address of a server that speaks S3's protocol."""
    from tests import buckets

    with buckets.serving(tmp_path_factory.mktemp("s3")) as address:
        yield address


@pytest.fixture
def s3(s3_server, settings, monkeypatch):
    """An empty bucket that audio can be in; new files go to the database until `s3.new_files` says otherwise."""
    from tests import buckets

    own = buckets.Own(s3_server, settings, monkeypatch)
    yield own
    own.close()
