"""What raters hear: one format, one length, one loudness, under names that say nothing."""

import io
import wave

import numpy as np
import pytest
import soundfile
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from inference.engines import flac, hygiene
from inference.engines.protocols import Sound
from inference.sandbox.synthesiser import render
from listening import ranges, sounds
from listening.actions.take_trial import take_trial
from studies.models import Clip
from tests.listening.raters import NOW, arrived, consented, form, heard_pair, open_pair, page, token


def fetch(client, token: str, **headers: str):
    response = client.get(reverse("listening:audio", args=[token]), headers=headers)
    return response, b"".join(response.streaming_content) if response.streaming else response.content


def loudest(data: bytes) -> float:
    with wave.open(io.BytesIO(data)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return 20 * np.log10(np.abs(samples).max() / 32767)


@pytest.fixture
def rater(study) -> Client:
    return arrived(study)


def test_both_sides_have_the_same_format_and_size(study, rater):
    shown = open_pair(rater, study)

    (a, sound_a), (b, sound_b) = fetch(rater, token(shown, "a")), fetch(rater, token(shown, "b"))

    with wave.open(io.BytesIO(sound_a)) as file:
        assert file.getparams()[:4] == (1, 2, 16_000, 16_000)
    assert len(sound_a) == len(sound_b) == 44 + 2 * 16_000
    assert sound_a[:44] == sound_b[:44]
    a.headers.pop("X-Request-ID"), b.headers.pop("X-Request-ID")  # of each request, and drawn
    assert dict(a.headers) == dict(b.headers)
    assert a.headers["Content-Type"] == "audio/wav"
    assert a.headers["Cache-Control"] == "private, max-age=900, immutable"
    assert not {"ETag", "Last-Modified", "Content-Disposition"} & set(a.headers)


def heard_wav(shown, letter: str) -> bytes:
    related = ("presentation__session", "presentation__trial", "stimulus__clip")
    return sounds.wav(shown.playbacks.select_related(*related).get(letter=letter))


def measured(clip: Clip, **values: float | None) -> None:
    Clip.objects.filter(pk=clip.pk).update(**values)


def test_loudness_is_brought_to_the_target(study):
    Clip.objects.update(loudness=-20.0, true_peak=-13.9)
    shown = take_trial(session=consented(study), now=NOW)

    # A tone that peaks at -13.98 dBFS, 3 dB lower.
    assert loudest(heard_wav(shown, "a")) == pytest.approx(-13.98 - 3, abs=0.05)


def test_a_clip_that_would_pass_the_peak_limit_lowers_every_other(study):
    shown = take_trial(session=consented(study), now=NOW)
    loud, quiet = (one.stimulus.clip for one in shown.playbacks.order_by("letter"))
    measured(loud, loudness=-30.0, true_peak=-4.0)  # would peak at +3: 4 dB too high
    measured(quiet, loudness=-20.0, true_peak=-13.9)

    assert loudest(heard_wav(shown, "a")) == pytest.approx(-13.98 + 3.0, abs=0.05)
    assert loudest(heard_wav(shown, "b")) == pytest.approx(-13.98 - 7.0, abs=0.05)


@pytest.mark.parametrize(("one", "other"), [("loud", "quiet"), ("quiet", "quiet")])
def test_music_of_any_loudness_is_heard_equally_loud_and_below_the_peak_limit(study, one, other):
    shown = take_trial(session=consented(study), now=NOW)
    clips = [playback.stimulus.clip for playback in shown.playbacks.all()]
    for clip, level, drums in zip(clips, (one, other), ("none", "driving"), strict=True):
        sound = Sound(render({"loudness": level, "drums": drums}, clip.pk, 2.0)[0], 16_000)
        clip.loudness, clip.true_peak = hygiene.loudness(sound)
        clip.audio.save(f"{clip.identity}-{drums}.flac", ContentFile(flac.encode(sound)), save=True)

    heard = [soundfile.read(io.BytesIO(heard_wav(shown, letter)), dtype="float32")[0] for letter in "ab"]

    found = [hygiene.loudness(Sound(samples, 16_000)) for samples in heard]
    assert found[0][0] == pytest.approx(found[1][0], abs=0.1)
    assert max(loudness for loudness, _ in found) < -22.9
    assert max(peak for _, peak in found) < -0.95


def test_a_peak_that_was_not_measured_is_taken_for_the_highest(study):
    shown = take_trial(session=consented(study), now=NOW)
    first, second = (one.stimulus.clip for one in shown.playbacks.order_by("letter"))
    measured(first, loudness=-30.0, true_peak=None)
    measured(second, loudness=-30.0, true_peak=-30.0)

    assert loudest(heard_wav(shown, "a")) == pytest.approx(-13.98 - 1.0, abs=0.05)


def test_samples_beyond_the_scale_are_clipped_not_wrapped():
    data = sounds.encode(np.array([2.0, -2.0, 0.0, 1.0]), 8000)

    assert np.frombuffer(data[44:], "<i2").tolist() == [32767, -32768, 0, 32767]


def test_a_range_is_served_and_says_so(study, rater):
    shown = open_pair(rater, study)
    _, whole = fetch(rater, token(shown, "a"))

    response, part = fetch(rater, token(shown, "a"), range="bytes=100-299")

    assert response.status_code == 206
    assert response.headers["Content-Range"] == f"bytes 100-299/{len(whole)}"
    assert response.headers["Content-Length"] == "200"
    assert part == whole[100:300]


def test_a_range_behind_the_end_is_refused(study, rater):
    response, body = fetch(rater, token(open_pair(rater, study), "a"), range="bytes=99999999-")

    assert response.status_code == 416
    assert response.headers["Content-Range"] == "bytes */32044"
    assert body == b""


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-", (0, 100)),
        ("bytes=0-0", (0, 1)),
        ("bytes=90-200", (90, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-1000", (0, 100)),
        ("", None),
        ("bytes=-", None),
        ("bytes=9-1", None),
        ("bytes=a-b", None),
        ("items=0-5", None),
        ("bytes=0-1,5-6", None),
        ("bytes=" + "9" * 400 + "-", None),
        ("bytes=٣-", None),
    ],
)
def test_ranges_are_read_as_the_rfc_says(header, expected):
    assert ranges.parse(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_ranges_behind_the_end_are_unsatisfiable(header):
    with pytest.raises(ranges.Unsatisfiable):
        ranges.parse(header, 100)


def test_asking_for_the_headers_alone_serves_nothing(study, rater):
    shown = open_pair(rater, study)

    response = rater.head(reverse("listening:audio", args=[token(shown, "a")]))

    assert response.headers["Content-Length"] == "32044"
    shown.refresh_from_db()
    assert shown.first_served_at is None


def test_nobody_hears_somebody_elses_pair(study, rater):
    shown = open_pair(rater, study)

    for stranger in (Client(), arrived(study, PROLIFIC_PID="other")):
        assert fetch(stranger, token(shown, "a"))[0].status_code == 404


def test_a_pair_is_silent_after_its_vote(study, rater):
    shown = heard_pair(rater, study)
    rater.post(page("vote", study), form(shown))

    assert fetch(rater, token(shown, "a"))[0].status_code == 404


def test_a_pair_is_silent_after_the_session_ended(study, rater):
    shown = open_pair(rater, study)
    rater.post(page("leave", study))

    assert fetch(rater, token(shown, "a"))[0].status_code == 404


def test_an_unknown_address_is_not_found(study, rater):
    assert rater.get("/listen/audio/" + "x" * 32).status_code == 404


def test_a_study_may_be_called_audio(study):
    study.slug = "audio"
    study.save()

    assert Client().get(page("arrive", study)).status_code == 200
