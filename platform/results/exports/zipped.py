"""A zip file as a stream: made from its beginning to its end, equal bytes for equal members."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from results.exports.writing import Sink

MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that the format knows: members have no time of their own


class Member(NamedTuple):
    """packed: whether it gets smaller by it; audio and Parquet do not."""

    name: str
    blocks: Iterable[bytes]
    packed: bool = True


class Checked(NamedTuple):
    """sha256 in hexadecimal digits, bytes unpacked."""

    sha256: str
    bytes: int


def zipped(members: Iterable[Member], sums: dict[str, Checked] | None = None) -> Iterator[bytes]:
    """sums: filled with each member's checksum as it is written, for a manifest that comes last."""
    sink = Sink()
    with zipfile.ZipFile(sink, "w", allowZip64=True) as archive:  # type: ignore[call-overload]  # it is written to only
        for member in members:
            digest, size = hashlib.sha256(), 0
            with archive.open(_entry(member), "w", force_zip64=True) as file:
                for block in member.blocks:
                    file.write(block)
                    digest.update(block)
                    size += len(block)
                    if part := sink.taken():
                        yield part
            if sums is not None:
                sums[member.name] = Checked(digest.hexdigest(), size)
            yield sink.taken()
    yield sink.taken()


def _entry(member: Member) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(member.name, MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED if member.packed else zipfile.ZIP_STORED
    entry.external_attr = 0o644 << 16
    entry.create_system = 3
    return entry
