"""One settings file: the environment goes in, nothing secret stays.

Without any variable it runs on one machine: embedded PostgreSQL, a filesystem broker, local files under DATA.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import audio, beat, embedded
from config.environment import Environment
from config.observability import logs

env = Environment()

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(env.str("AUDIONESE_DATA", str(ROOT / ".data"))).resolve()


def _local_secret() -> str:
    """A secret of this installation's own, made once, for whoever has set no SECRET_KEY."""
    path = DATA / "secret-key"
    if not path.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=DATA) as file, suppress(FileExistsError):  # readable by its owner alone
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.link(file.name, path)  # whole or not at all: processes that start together have one
    return path.read_text()


DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "") or _local_secret()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django_otp",
    "django_otp.plugins.otp_totp",  # before accounts, which takes its pages out of the admin
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
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]

MIDDLEWARE = [
    "config.observability.probes.Probes",
    "config.observability.requests.Measured",
    "django.middleware.security.SecurityMiddleware",
    "config.bodies.Middleware",
    "config.characters.Middleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.audit.Middleware",
    "accounts.second_factor.middleware.Middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.away.Middleware",
]

# What a browser may do with a page: docs/security.md says why, a browser in the tests that no page needs more.
# Raters' pages narrow it further (listening/views/page.py).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")
}
SECURE_REFERRER_POLICY = "same-origin"  # links that sign somebody in are told to nobody
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# Production is said by one setting: pages are served by TLS alone, and browsers remember that.
HTTPS = env.bool("AUDIONESE_HTTPS", False)
# Proxies in front that tell who asks, and how, in X-Forwarded-For and -Proto; with none these headers are lies.
PROXIES = env.int("AUDIONESE_PROXIES", 0)
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = env.int("AUDIONESE_HSTS_SECONDS", 365 * 24 * 3600) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS

LARGEST_BODY = 25_000_000  # bytes of a request
LARGEST_FILE = env.int("AUDIONESE_LARGEST_FILE", 1_000_000_000)  # of one with which a researcher brings a dataset

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
        # A connection that a restarted server has left behind is made anew, and no page meets it.
        "CONN_HEALTH_CHECKS": True,
    }
}
# The same few questions come a hundred times a second: PostgreSQL plans each once a connection, not once a page.
DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=5)
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 10)  # seconds; a host that is gone answers nothing
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backend.ResearcherBackend"]
# Whether every researcher needs a second factor to sign in; else those of teams that ask for it, and who likes.
SECOND_FACTOR_REQUIRED = env.bool("AUDIONESE_SECOND_FACTOR_REQUIRED", False)
OTP_TOTP_ISSUER = "Audionese"
OTP_TOTP_THROTTLE_FACTOR = 0  # codes are limited as passwords are: accounts/tries.py
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
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns of a missing one at every start
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    # Audio and weights live in PostgreSQL, one dump is the whole study; or in S3-compatible storage.
    "default": audio.storage(env),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated", "results.api.tokens.Scoped"],
    "DEFAULT_THROTTLE_CLASSES": ["results.api.tokens.Rate"],
    "DEFAULT_PARSER_CLASSES": ["results.api.parsers.Json"],
    "EXCEPTION_HANDLER": "results.api.problems.problem",
    "DEFAULT_VERSIONING_CLASS": None,
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "results.api.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
}
API_REQUESTS_A_MINUTE = env.int("AUDIONESE_API_REQUESTS_A_MINUTE", 600)  # of each token
# Whole files that are being made, over all servers: the other cores are the raters'.
EXPORTS_AT_ONCE = env.int("AUDIONESE_EXPORTS_AT_ONCE", max(1, (os.cpu_count() or 1) // 2))
# Whether webhooks may go to http:// and into private networks: where those who make them are trusted with that.
WEBHOOKS_PRIVATE = env.bool("AUDIONESE_WEBHOOKS_PRIVATE", False)
SPECTACULAR_SETTINGS = {
    "TITLE": "Audionese",
    "VERSION": "1",
    "DESCRIPTION": "Prompt studies in text-to-audio generation: everything in, everything out.",
    "OAS_VERSION": "3.1.0",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "PromptKind": ["open", "expert"],
        "WorkKind": ["clip", "embedding", "rewrite", "score", "training"],
    },
}

# Celery: with no broker, kombu's filesystem transport wakes the local worker.
_QUEUE = DATA / "broker"
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "filesystem://localhost//")  # kombu warns of a URL without a host
# Whoever sends a message asks twice at once, and goes on without: a sweep finds what waits. Workers ask for ever.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {"max_retries": 1, "interval_start": 0.0, "interval_step": 0.2}
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
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
# Beat remembers in memory, and counts by a clock that nobody can set: set back by an hour, it would rest for an hour.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
SWEEP_SECONDS = env.float("AUDIONESE_SWEEP_SECONDS", 10.0)
CELERY_BEAT_SCHEDULE = {
    # Finds waiting rows whose message was lost and rows whose worker died.
    "sweep": {"task": "inference.tasks.sweep", "schedule": beat.every(SWEEP_SECONDS)},
    "time-out": {"task": "listening.tasks.time_out", "schedule": beat.every(60.0)},
    "deliver": {"task": "results.tasks.deliver", "schedule": beat.every(10.0)},
    "votes-complete": {"task": "results.tasks.votes_complete", "schedule": beat.every(30.0)},
    "look-ahead": {"task": "results.tasks.look_ahead", "schedule": beat.every(30.0)},
    "judges": {"task": "listening.tasks.judges", "schedule": beat.every(60.0)},
    # Every hour that a beat runs; what is done is done once.
    "forget": {"task": "listening.tasks.forget", "schedule": beat.every(3600.0)},
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
# Of a worker on a graphics card: it starts with one process alone, and only where there is a card.
GPU_WORKER = env.bool("AUDIONESE_GPU_WORKER", False)
# The most rows of one engine call; slow engines get fewer (inference/pace.py).
BATCH_SIZES = {"embedding": 64, "rewrite": 64, "clip": 64, "score": 128, "training": 1}
# What an hour of a rater's time is reckoned at, where a study is planned; what is paid is the listening test's reward.
RATER_PAY_AN_HOUR = env.float("AUDIONESE_RATER_PAY_AN_HOUR", 12.0)
RATER_CURRENCY = env.str("AUDIONESE_RATER_CURRENCY", "USD")
# While votes or scores come in, pages may show numbers as old as this many times what it takes to compute them.
KEPT_PATIENCE = env.float("AUDIONESE_KEPT_PATIENCE", 20.0)
RECIPES = ROOT / "inference" / "recipes"

# Who may read /metrics: whoever sends this token; without one, these networks, when no proxy stands in between.
METRICS_TOKEN = env.str("AUDIONESE_METRICS_TOKEN", "")
METRICS_NETWORKS = env.list("AUDIONESE_METRICS_NETWORKS", default=["127.0.0.0/8", "::1/128"])

# Lines for people, or one JSON object a line for whatever collects them.
try:
    LOGGING = logs.configuration(env.str("AUDIONESE_LOG_FORMAT", "text"), env.str("LOG_LEVEL", "INFO"))
except ValueError as error:
    raise ImproperlyConfigured(str(error)) from error
