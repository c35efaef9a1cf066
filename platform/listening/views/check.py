"""Sounds of our own: the headphone check's, made anew for each rater, and the one to set the volume by."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from inference.engines import hygiene
from inference.engines.protocols import Sound
from listening import rules, sounds
from listening.actions.check_headphones import METHODS, record_sent
from listening.models import HeadphoneCheck
from listening.stimuli import sample
from listening.views.audio import CHUNK, sent
from listening.views.page import rater_of

RATE = 22_050  # Hz: more than the checks' sounds need, and six of them are soon there on a phone


@require_safe
def sound(request: HttpRequest, token: str, trial: str) -> HttpResponse | StreamingHttpResponse:
    """Sound 1..6 of an open check, for its own rater. All are of one length, and nobody else gets the same."""
    check, place = _find(request, token), int(trial) - 1
    data = sounds.encode(METHODS[check.method].render(check.seed, place, RATE), RATE)
    return sent(request, data, partial(_noted, check, place, data), cache="private, no-store")


def _find(request: HttpRequest, token: str) -> HeadphoneCheck:
    rater = rater_of(request)
    check = HeadphoneCheck.objects.filter(token=token, rater=rater, answered_at=None).first()
    if rater is None or check is None:
        raise Http404
    return check


def _noted(check: HeadphoneCheck, trial: int, data: bytes, start: int, stop: int) -> Iterator[bytes]:
    """Yields the bytes, and notes when the last one of the sound has gone out."""
    for position in range(start, stop, CHUNK):
        yield data[position : min(stop, position + CHUNK)]
    if stop == len(data):
        record_sent(check=check, trial=trial)


@require_safe
def volume(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The same for everybody."""
    data = _sample(rules.value("LUFS"))
    return sent(request, data, lambda start, stop: iter([data[start:stop]]), cache="public, max-age=86400")


@lru_cache(maxsize=1)
def _sample(target: float) -> bytes:
    """At the loudness of the test's clips (LUFS)."""
    notes = sample.notes(RATE)
    loudness, _peak = hygiene.loudness(Sound(notes, RATE))
    return sounds.encode(notes * 10 ** ((target - loudness) / 20), RATE)
