"""The broker that is a folder: whatever is seen in it is whole, however many write and read at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from kombu import Connection

import config.celery  # noqa: F401 (takes the folder's transport into use)


@pytest.fixture
def options(tmp_path) -> dict[str, str]:
    for name in ("messages", "control"):
        (tmp_path / name).mkdir()
    return {
        "data_folder_in": f"{tmp_path}/messages",
        "data_folder_out": f"{tmp_path}/messages",
        "control_folder": f"{tmp_path}/control",
    }


def drained(queue) -> list[int]:
    found = []
    while (message := queue.get(no_ack=True)) is not None:
        found.append(message.payload)
    return found


def test_of_many_writers_and_readers_nobody_meets_half_a_message(options):
    told, errors, over = [], [], threading.Event()

    def write(first: int) -> None:
        with Connection("filesystem://localhost//", transport_options=options) as connection:
            queue = connection.SimpleQueue("work")
            for n in range(first, first + 200):
                queue.put(n)

    def read() -> None:
        try:
            with Connection("filesystem://localhost//", transport_options=options) as connection:
                queue = connection.SimpleQueue("work").queue(connection.default_channel)
                while not over.is_set():
                    told.extend(drained(queue))
                told.extend(drained(queue))
        except Exception as error:  # whatever ends a reader
            errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    writers = [threading.Thread(target=write, args=(first,)) for first in (0, 1000, 2000)]
    for thread in [*readers, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    for thread in readers:
        thread.join()
    assert not errors
    assert sorted(told) == [n for first in (0, 1000, 2000) for n in range(first, first + 200)]


def test_a_folder_that_is_away_is_a_broker_that_is_away(options):
    messages = Path(options["data_folder_in"])
    with Connection("filesystem://localhost//", transport_options=options) as connection:
        queue = connection.SimpleQueue("away")
        messages.rmdir()
        messages.touch()
        for ask in (lambda: queue.put(7), queue.get_nowait):
            with pytest.raises(connection.connection_errors):
                ask()

        messages.unlink()
        messages.mkdir()
        queue.put(7)
        assert queue.get_nowait().payload == 7


def test_a_folder_that_was_emptied_is_a_broker_again_for_whoever_comes_back(options):
    for _ in range(2):
        with Connection("filesystem://localhost//", transport_options=options) as connection:
            queue = connection.SimpleQueue("emptied")
            queue.put(7)
            assert queue.get_nowait().payload == 7
        Path(options["control_folder"], "emptied.exchange").unlink()


def test_what_cannot_be_read_costs_itself_only(options, caplog):
    with Connection("filesystem://localhost//", transport_options=options) as connection:
        queue = connection.SimpleQueue("cut")
        Path(options["data_folder_in"], "0_cut.cut.msg").write_text('{"body": "ab')
        queue.put(7)
        assert drained(queue.queue) == [7]
        assert "left out" in caplog.text


def test_a_table_that_cannot_be_read_is_written_anew(options):
    with Connection("filesystem://localhost//", transport_options=options) as connection:
        channel = connection.default_channel
        channel._queue_bind("work", "work", "", "first")
        Path(options["control_folder"], "work.exchange").write_text("")  # as of a process that was killed meanwhile
        assert channel.get_table("work") == []
        for queue in ("first", "second"):
            channel._queue_bind("work", "work", "", queue)
        assert {row.queue for row in channel.get_table("work")} == {"first", "second"}
