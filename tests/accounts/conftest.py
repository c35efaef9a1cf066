"""E-mail of panels leaves at once, and can be looked at."""

import pytest


@pytest.fixture(autouse=True)
def _post_at_once(monkeypatch):
    """In the thread that asks for it, so that a test finds it in the outbox."""

    class AtOnce:
        def __init__(self, target, args) -> None:
            self.run = lambda: target(*args)

        def start(self) -> None:
            self.run()

    monkeypatch.setattr("accounts.panels.mail.Thread", AtOnce)


@pytest.fixture
def posted(django_capture_on_commit_callbacks):
    """A context at whose end what was to be sent after the commit is sent."""
    return lambda: django_capture_on_commit_callbacks(execute=True)
