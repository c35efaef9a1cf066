"""Files that are almost right, brought and looked at and kept; and sounds, asked for in every kind of piece."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.config.bad_answers import Answered, Fired, Target, sent
from tests.config.bad_asking import Asked, alone
from tests.config.bad_files import pieces, sounds, uploads
from tests.strange import by_day

pytestmark = pytest.mark.django_db
UPLOADS, PIECES = by_day(600), by_day(2_600)


def test_uploads_that_are_almost_right_are_refused_or_read(target):
    fired = Fired(target, uploads(target.world, 1), UPLOADS)

    assert not fired.wrong, str(fired)
    assert fired.taken > UPLOADS / 3 and fired.refused > UPLOADS / 20, str(fired)


def test_a_piece_of_a_sound_is_that_piece_or_refused(target):
    whole = {path: heard(target, path, role) for path, role in sounds(target.world).items()}
    fired = Fired(target, alone(pieces(target.world, 1)), PIECES, lambda one: faults(one, whole))

    assert not fired.wrong, str(fired)
    assert fired.statuses[206] > PIECES / 4 and fired.statuses[416] > PIECES / 20, str(fired)


def heard(target: Target, path: str, role: str) -> bytes:
    headers = {"Authorization": f"Bearer {target.world.keys['owner']}"} if role == "script" else {}
    (answer,) = sent(target, [Asked(role, "GET", path, headers=headers)])
    assert answer.status == 200 and answer.body
    return answer.body


def faults(answer: Answered, whole: dict[str, bytes]) -> Iterator[str]:
    """A piece brings the bytes that it says it does; a HEAD says how many there would be."""
    if answer.status != 206:
        return
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", answer.response["Content-Range"])
    first, last, size = map(int, found.groups())
    all_of_it = whole[answer.asked.where]
    wanted = all_of_it[first : last + 1]
    if size != len(all_of_it) or not wanted or int(answer.response.get("Content-Length", len(wanted))) != len(wanted):
        yield f"{answer.response.headers} of {len(all_of_it)} bytes"
    if answer.body != (b"" if answer.asked.method == "HEAD" else wanted):
        yield "other bytes"
