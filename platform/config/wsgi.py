"""The WSGI entry point of the web server."""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from config.observability import exporting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
exporting.begin("web")  # before the application is made: it adds a middleware

CHARSET = re.compile(r';\s*charset\s*=\s*("[^"]*"|[^;]*)', re.IGNORECASE)
_site = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Forms and addresses are UTF-8, as browsers send them. Python knows charsets that read nothing, as idna and hex,
    and Django takes a request's word for one before there is anybody to answer."""
    environ["CONTENT_TYPE"] = CHARSET.sub("", environ.get("CONTENT_TYPE", ""))
    return _site(environ, start_response)
