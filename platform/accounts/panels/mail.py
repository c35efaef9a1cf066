"""E-mail to invited raters: plain text, in their language."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from threading import Thread

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.panels.language import supported

logger = logging.getLogger(__name__)


def letter(to: str, name: str, language: str, **context: object) -> EmailMessage:
    """The first line of templates/panel/mail/<name>.txt is the subject; the rest, after an empty line, the text."""
    with translation.override(supported(language) or settings.LANGUAGE_CODE):
        subject, text = render_to_string(f"panel/mail/{name}.txt", context).strip().split("\n", 1)
    return EmailMessage(" ".join(subject.split()), text.strip() + "\n", to=[to])


def address(site: str, page: str, *args: str) -> str:
    """site: as in https://listen.example.org."""
    return site + reverse(f"panel:{page}", args=args)


def send_apart(message: EmailMessage) -> None:
    """In a thread of its own: how long an answer takes must not say whether an address has an account."""
    Thread(target=_send, args=[message]).start()


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except (SMTPException, OSError):
        logger.exception("E-mail could not be sent. Check EMAIL_URL.")  # no address in the log
