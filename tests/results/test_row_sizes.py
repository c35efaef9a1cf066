"""What a row weighs, for whoever plans a large installation."""

import json

import pytest
from django.core.management import call_command
from django.db import connection

from studies.models import StoredFile
from tests import factories


@pytest.fixture
def files(db):
    return [
        StoredFile.objects.create(name=f"clips/{n}.flac", content=bytes([n]) * 200_000, size=200_000) for n in range(8)
    ]


def told(capsys, *options) -> dict[str, dict]:
    call_command("row_sizes", "--json", *options)
    return {one["table"]: one for one in json.loads(capsys.readouterr().out)}


def test_all_that_a_table_takes_on_the_disk_is_shared_out_over_its_rows(files, capsys):
    one = told(capsys)["studies_storedfile"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('studies_storedfile')")
        whole = cursor.fetchone()[0]
    assert one["count"] == len(files)
    # Beside them there are only the maps of free space and of what is visible to all.
    assert 0.6 * whole <= one["count"] * one["total"] <= whole


def test_audio_is_kept_beside_the_rows_and_not_squeezed(files, capsys):
    one = told(capsys)["studies_storedfile"]
    assert one["moved_out"] >= 200_000 > one["rows"]


def test_small_tables_can_be_left_out(files, capsys):
    factories.user("owner")
    assert "accounts_user" in told(capsys)
    assert "accounts_user" not in told(capsys, "--least", "5")


def test_people_read_a_table(files, capsys):
    call_command("row_sizes")
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["table", "count", "rows", "moved", "out", "indexes", "total"]
    assert lines[0].split()[0] == "studies_storedfile"  # what weighs most comes first


def test_each_index_is_weighed_where_somebody_asks(files, capsys):
    call_command("row_sizes", "--indexes")
    out = capsys.readouterr().out
    assert "studies_storedfile_pkey" in out and "used" in out
