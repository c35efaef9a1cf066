"""Numbers as the results pages write them. An en dash stands for what was not measured."""

from __future__ import annotations

from django import template

register = template.Library()
NONE = "–"


@register.filter
def times100(value: float | None) -> str:
    """0.314 → 31.4"""
    return NONE if value is None else f"{100 * value:.1f}"


@register.filter
def signed100(value: float | None) -> str:
    """0.05 → +5.0, with a true minus sign."""
    return NONE if value is None else f"{100 * value:+.1f}".replace("-", "−")


@register.filter
def plain(value: float | None) -> str:
    return NONE if value is None else f"{value:.1f}"


@register.filter
def percent(value: float | None) -> str:
    return NONE if value is None else f"{value:.0%}"


@register.filter
def ends100(interval: list[float] | None) -> str:
    """[0.03, 0.05] → +3.0 to +5.0"""
    return NONE if interval is None else " to ".join(signed100(end) for end in interval)


@register.filter
def range100(interval: list[float] | None) -> str:
    """[0.306, 0.316] → 30.6–31.6; "to" where a minus sign and a dash would meet."""
    if interval is None:
        return NONE
    return ("–" if interval[0] >= 0 else " to ").join(times100(end).replace("-", "−") for end in interval)


@register.filter
def sure(interval: list[float] | None) -> str:
    """ "up" or "down" where zero lies outside the interval, else empty."""
    if interval is None or interval[0] <= 0 <= interval[1]:
        return ""
    return "up" if interval[0] > 0 else "down"


@register.filter
def duration(seconds: float | None) -> str:
    """95.2 → 1 min 35 s"""
    if seconds is None:
        return NONE
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", "" if hours else f"{rest} s"]
    return " ".join(part for part in parts if part)


@register.filter
def duration_minutes(minutes: float | None) -> str:
    """1.6 → 1 min 36 s"""
    return NONE if minutes is None else duration(60 * minutes)
