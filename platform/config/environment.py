"""The environment as the settings read it: each variable as it is, or the file that NAME_FILE names.

Files are how Docker, Kubernetes and systemd hand secrets over: they show in no list of processes and in no `inspect`.
"""

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping


class _Variables(FileAwareMapping):
    def __getitem__(self, key: str) -> str:
        try:
            return super().__getitem__(key).strip()  # editors end a file with a new line, which no secret has
        except OSError as error:
            raise ImproperlyConfigured(
                f"{key}_FILE names {error.filename}, which cannot be read: {error.strerror}. "
                "The file must be readable for the user that this process runs as."
            ) from error


class Environment(environ.Env):
    ENVIRON = _Variables()
