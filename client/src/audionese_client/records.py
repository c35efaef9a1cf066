"""Records of a study: iterated a page at a time, or as a data frame."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from audionese_client.http import Connection

if TYPE_CHECKING:
    import pandas

PAGE = 1_000  # as many as the server gives at once
TIMES = ("created_at", "started_at", "finished_at")


class Records:
    """filters: equal to a field's value, as `arm="instruct"`; `ordering`: a field, with a minus to turn it."""

    def __init__(self, connection: Connection, address: str, kind: str, filters: dict[str, Any]) -> None:
        self.kind = kind
        self._connection, self._address, self._filters = connection, address, filters

    def __iter__(self) -> Iterator[dict[str, Any]]:
        page = self._connection.get(self._address, page_size=PAGE, **self._filters)
        while True:
            yield from page["results"]
            if not page["next"]:
                return
            page = self._connection.get(page["next"])

    def to_pandas(self) -> pandas.DataFrame:
        """All of them, in columns of their types; times are UTC. Unfiltered ones need the scope `export`."""
        try:
            import pandas
        except ImportError as missing:
            raise ImportError('Data frames need pandas: pip install "audionese-client[pandas]"') from missing
        if not self._filters:
            return pandas.read_parquet(io.BytesIO(self._connection.content(f"{self._address}.parquet")))
        frame = pandas.DataFrame(list(self))
        for name in frame.columns.intersection(TIMES):
            frame[name] = pandas.to_datetime(frame[name], utc=True)
        return frame

    def __repr__(self) -> str:
        told = "".join(f", {name}={value!r}" for name, value in self._filters.items())
        return f"Records({self.kind!r}{told})"
