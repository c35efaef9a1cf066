"""When a clip counts as heard. Pure: the server's own count of bytes and time, and what the player reports."""

from __future__ import annotations

from studies.models import Clip

WAV_HEADER = 44  # bytes
SAMPLE = 2  # bytes: 16 bits, one channel


def wav_size(clip: Clip) -> int:
    """Bytes of the clip as raters get it."""
    return WAV_HEADER + SAMPLE * (clip.samples or 0)


def seconds(clip: Clip) -> float:
    return (clip.samples or 0) / (clip.sample_rate or 1)


def credited(reported: float, before: float, others: float, elapsed: float) -> float:
    """Seconds of one clip that are believed: one clip plays at a time, and no faster than the clock.

    before, others: seconds credited to this clip and to all others. elapsed: since it could first be played.
    """
    return max(before, min(reported, elapsed - others))


def heard(clip: Clip, served: int, played: float, enough: float, tolerance: float) -> bool:
    """All of it was sent, and `enough` seconds were played, or the whole clip where it is shorter."""
    return served >= wav_size(clip) and played >= min(enough, seconds(clip)) - tolerance
