"""The broker that is a folder, for one machine: kombu's, but what can be seen in it is whole.

kombu opens a message under its final name and then writes into it. On a busy machine a worker reads what is not there
yet, takes it for unrecoverable, and ends; so it does where a table of queues is half written.
"""

from __future__ import annotations

import fcntl
import json
import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kombu import transport
from kombu.transport import filesystem
from kombu.transport.filesystem import exchange_queue_t
from kombu.utils.json import dumps

log = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # its own bases disagree
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        _appear(Path(self.data_folder_out) / name, dumps(payload))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Raises Empty. A message that cannot be read, as on a disk that was full, only said that there is work."""
        while True:
            try:
                return super()._get(queue)
            except json.JSONDecodeError as error:
                log.warning("A message that cannot be read is left out: %s.", error)

    def queue_bind(
        self, queue: str, exchange: str | None = None, routing_key: str = "", arguments: Any = None, **options: Any
    ) -> None:
        """Also where this process remembers to have done it: the folder may have been emptied since."""
        super().queue_bind(queue, exchange, routing_key, arguments, **options)
        exchange = exchange or "amq.direct"
        self._queue_bind(exchange, *self.typeof(exchange).prepare_bind(queue, exchange, routing_key, arguments))

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        self.control_folder.mkdir(exist_ok=True)
        bound = exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._alone():
            table = self.get_table(exchange)
            if bound not in table:
                _appear(self._exchange_file(exchange), dumps([bound, *table]))

    def get_table(self, exchange: str) -> list[exchange_queue_t]:
        try:
            return super().get_table(exchange)
        except json.JSONDecodeError:  # whoever binds a queue next writes it anew
            return []

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.control_folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Transport(filesystem.Transport):
    """A folder that is away, or on a disk without room, is a broker that is away: workers ask until it is back."""

    Channel = Channel
    connection_errors = (*filesystem.Transport.connection_errors, OSError)  # type: ignore[assignment]  # one more


def use() -> None:
    """Brokers whose address begins with filesystem:// are this one."""
    transport.TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"


def _appear(path: Path, text: str) -> None:
    """Whole or not at all."""
    beside = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    beside.write_text(text)
    beside.replace(path)
