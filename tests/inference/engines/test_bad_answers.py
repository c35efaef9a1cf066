"""Whatever a generator answers: a sound, or an EngineError that says what came; never another error."""

from __future__ import annotations

import io

import httpx
import numpy as np
import soundfile
from hypothesis import example, given
from hypothesis import strategies as st

from inference.engines import blackbox, flac, service
from inference.engines.protocols import EngineError, Sound
from tests.strange import BYTES, TEXT, VALUE, drawn, spoilt

TONE = np.sin(np.arange(800) / 9).astype(np.float32) / 4


def written(kind: str) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, TONE, 8_000, format=kind, subtype="PCM_16")
    return out.getvalue()


def heard(sound: Sound) -> None:
    assert sound.samples.ndim == 1 and np.isfinite(sound.samples).all() and sound.sample_rate > 0


@drawn(200)
@given(st.one_of(BYTES, spoilt(written("FLAC")), spoilt(written("WAV"))))
def test_any_bytes_as_a_stored_sound(data):
    try:
        heard(flac.decode(data))
    except EngineError as refused:
        assert str(refused)


@drawn(200)
@given(st.one_of(BYTES, spoilt(written("WAV")), spoilt(written("FLAC"))))
def test_any_bytes_as_a_generator_s_answer(data):
    try:
        sound = blackbox.decode(data, seconds=1.0)
    except EngineError as refused:
        assert str(refused)
    else:
        assert sound.samples.ndim == 1 and len(sound.samples)


@drawn(100)
@given(
    st.sampled_from(["audio/wav", "application/json", "", "text/html", ";"]), st.one_of(BYTES, VALUE.map(repr), TEXT)
)
@example("application/json", "[" * 100_000)
@example("application/json", '{"audio": "\\ud800"}')
@example("application/json", '{"audio": 1}')
def test_any_body_of_a_service(kind, body):
    content = body if isinstance(body, bytes) else body.encode("utf-8", "replace")
    try:
        assert isinstance(service._sound_file(httpx.Response(200, headers={"content-type": kind}), content), bytes)
    except EngineError as refused:
        assert "The service sent" in str(refused)


@drawn(200)
@given(st.text(st.characters(max_codepoint=255), max_size=30))
@example("²")
@example("9" * 5_000)
@example("Fri, 31 Dec 9999 23:59:59 -2359")
@example("Mon, 01 Jan 0001 00:00:00 +2359")
@example("Fri, 31 Dec 99999 23:59:59 GMT")
def test_any_time_at_which_a_service_wants_to_be_asked_again(value):
    wait = service._retry_after(value)
    assert wait is None or wait >= 0
