"""What is left out of log lines: addresses, e-mail, what platforms call people, keys, and links that sign somebody in.

A filter of the handler, so that lines of libraries and traces pass through it too.
"""

from __future__ import annotations

import logging
import re

SECRET = r"[\w.~+/-]"  # noqa: S105 (a character of one)
RULES = [
    (re.compile(rf"(\bBearer\s+){SECRET}+=*", re.IGNORECASE), r"\1…"),
    (re.compile(r"\b(aud|whsec)_[\w+/=-]{8,}"), r"\1_…"),
    # Links and sounds of one person's own; /panel/sign-in/sent/ is everybody's.
    (re.compile(rf"(/panel/(?:join|sign-in)/)(?!sent\b){SECRET.replace('/', '')}{{8,}}"), r"\1…"),
    (re.compile(r"(/listen/(?:audio|check)/)[\w-]{32}"), r"\1…"),
    # As Prolific, Mechanical Turk and other platforms name people and visits in addresses.
    (re.compile(r"\b((?:\w*PID|SESSION_ID|workerId|assignmentId|(?i:participant_?id|external_id))['\"]?\s*[=:]\s*['\"]?)"
                r"[^&\s'\",)}]+"), r"\1…"),
    # PostgreSQL tells whole rows: DETAIL:  Key (provider, external_id)=(prolific, 5f0c…) already exists.
    (re.compile(r"(Key \([^)]*\)=|Failing row contains )\(.*?\)(?=[ .]|$)", re.MULTILINE), r"\1(…)"),
    (re.compile(r"\?[\w.\[\]-]+=[^\s'\"<>)]*"), "?…"),  # what stands behind an address
    (re.compile(r"(://[^\s/:@]*:)[^\s/@]+@"), r"\1…@"),  # passwords in addresses of services
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "…@…"),
    (re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)"), "…"),
    # With eight groups or with an empty one; 2026:10:30 is a time.
    (re.compile(r"(?<![\w:.])(?:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){1,6}:(?:[0-9a-f]{1,4}:?)*)(?![\w:])",
                re.IGNORECASE), "…"),
]  # fmt: skip
OWN = re.compile(r"(?<![\w.])127\.0\.0\.1(?![\w.]*\d)")  # this machine is nobody


def discreet(text: str) -> str:
    parts = OWN.split(text)
    for rule, instead in RULES:
        parts = [rule.sub(instead, part) for part in parts]
    return "127.0.0.1".join(parts)


class Filter(logging.Filter):
    """Writes the line out, with its trace, and leaves out what nobody needs to read."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = discreet(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        record.exc_text = discreet(record.exc_text) if record.exc_text else record.exc_text
        record.stack_info = discreet(record.stack_info) if record.stack_info else record.stack_info
        return True
