"""All settings, in one file, from the environment only. The README lists every variable."""

import os
import sys
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from leadcrm import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
TRUE = {"1", "true", "yes", "on"}


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str, default: str = "") -> bool:
    return env(name, default).lower() in TRUE


def names(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


TESTING = "pytest" in sys.modules
# Tests keep to a directory of their own, whatever the shell says.
DATA_DIR = Path((not TESTING and env("LEADCRM_DATA_DIR")) or BASE_DIR / ".data" / ("test" if TESTING else ""))
DATA_DIR = DATA_DIR.resolve()
DEBUG = flag("DEBUG")

# --- secret and hosts -------------------------------------------------------------------------
EMBEDDED = not env("DATABASE_URL")
SECRET_KEY = env("SECRET_KEY") or (embedded.secret_key(DATA_DIR) if EMBEDDED or DEBUG else "")
if not DEBUG and (len(SECRET_KEY) < 32 or len(set(SECRET_KEY)) < 8 or "change-me" in SECRET_KEY):
    raise ImproperlyConfigured(
        "SECRET_KEY is missing or weak: set it to at least 32 random characters "
        '(python -c "import secrets; print(secrets.token_urlsafe(48))").'
    )
ALLOWED_HOSTS = names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = names("CSRF_TRUSTED_ORIGINS")
SECURE_COOKIES = flag("SECURE_COOKIES")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = int(env("HSTS_SECONDS", "0"))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"

# --- rooms ------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "leadcrm",
    "workspaces",
    "leads",
    "scoring",
    "pools",
    "intake",
    "notices",
    "insights",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_fsm",
]

MIDDLEWARE = [
    "leadcrm.health.Measure",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "workspaces.seam.RequestSeam",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "workspaces.seam.PageMember",
]

ROOT_URLCONF = "leadcrm.urls"
WSGI_APPLICATION = "leadcrm.wsgi.application"
AUTH_USER_MODEL = "workspaces.User"
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

if TESTING:  # the cast signs in with every test
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "workspaces.seam.page_context",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "rows",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "leadcrm.rows.environment", "extensions": ["jinja2.ext.i18n"]},
    },
]

# --- database: the program's role owns nothing; migrations run as the owner --------------------
APP_ROLE = "leadcrm_app"


def database(url: str, role: str = "") -> dict:
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or (parts.hostname or "")
    if role:
        options["options"] = f"{options.get('options', '')} -c role={role}".strip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASE_URL = env("DATABASE_URL") or embedded.database_url(DATA_DIR)
OWNER_DATABASE_URL = env("OWNER_DATABASE_URL")
DATABASES = {
    # With one URL the program steps down to its own role as it connects; with two it logs in as it.
    "default": database(DATABASE_URL, role="" if OWNER_DATABASE_URL else APP_ROLE),
    "owner": database(OWNER_DATABASE_URL or DATABASE_URL) | {"CONN_MAX_AGE": 0},
}
DATABASE_ROUTERS = ["workspaces.tenancy.OwnerMigrates"]


# --- broker and cache ---------------------------------------------------------------------------
def broker_url(url: str) -> str:
    """The same server in the broker library's words: it spells sockets and their databases differently."""
    if url.startswith("unix://"):
        return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
    return url


REDIS_URL = env("REDIS_URL") or embedded.redis_url(DATA_DIR)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# A message only says "look now": due work is rows. So no results, no ETA, JSON only.
VISIBILITY_TIMEOUT_S = 60
CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": VISIBILITY_TIMEOUT_S}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": VISIBILITY_TIMEOUT_S}
CELERY_VISIBILITY_TIMEOUT = VISIBILITY_TIMEOUT_S
CELERY_TIMEZONE = "UTC"

# --- languages and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_COOKIE_SAMESITE = "Lax"

# --- files ------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "leadcrm" / "static", BASE_DIR / "frontend" / "dist"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG or TESTING  # nothing collected there
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024  # one bulk request of 1,000 leads
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "intake.uploads.AtMost",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
IMPORT_MAX_BYTES = int(env("IMPORT_MAX_BYTES", str(1024**3)))

# --- what goes out: e-mail by any SMTP server, and webhooks -----------------------------------------
# Without EMAIL_HOST there is no e-mail: notices stay in the program, and the settings page says so.
EMAIL_HOST_NAME = env("EMAIL_HOST")
MAILERS = {
    "default": {
        "OPTIONS": {
            "host": EMAIL_HOST_NAME or "localhost",
            "port": int(env("EMAIL_PORT", "25")),
            "username": env("EMAIL_HOST_USER"),
            "password": env("EMAIL_HOST_PASSWORD"),
            "use_tls": flag("EMAIL_USE_TLS"),
            "use_ssl": flag("EMAIL_USE_SSL"),
            "timeout": 10,
        }
    }
}
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "LeadCRM <leadcrm@localhost>")
PUBLIC_URL = env("PUBLIC_URL", "http://localhost:8000").rstrip("/")  # what links in e-mails begin with
# Webhooks may point into the own network (an admin sets them); with this flag they may not.
WEBHOOKS_PUBLIC_ONLY = flag("WEBHOOKS_PUBLIC_ONLY")
# Where the answers of a lead are asked for that Meta tells of by its id alone.
META_GRAPH_URL = env("META_GRAPH_URL", "https://graph.facebook.com/v23.0").rstrip("/")
# Kinds of sources of facts beside those in intake/enriching: {"kind": "package.module.Class"}.
ENRICHMENT_SOURCES: dict[str, str] = {}

SECURE_CSP = {
    "default-src": ["'self'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "connect-src": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "object-src": ["'none'"],
}

# --- API ------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "workspaces.authentication.KeyAuthentication",
        "workspaces.authentication.PageAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["workspaces.permissions.RoleAllows"],
    "DEFAULT_PAGINATION_CLASS": "workspaces.paging.CursorPages",
    "PAGE_SIZE": 50,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "workspaces.problems.answer",
    "DEFAULT_THROTTLE_CLASSES": ["workspaces.throttling.PerMember"],
    "DEFAULT_THROTTLE_RATES": {
        "member": env("API_RATE", "1200/min"),
        "anonymous": "60/min",
        "capture": env("CAPTURE_RATE", "60/min"),
        "form": env("FORM_RATE", "15000/min"),
        "forms": env("FORMS_RATE", "30000/min"),
        "visits": env("VISIT_RATE", "120/min"),
        "site": env("SITE_RATE", "15000/min"),
        "sites": env("SITES_RATE", "30000/min"),
        "hooks": env("HOOK_RATE", "1200/min"),
    },
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "LeadCRM",
    "DESCRIPTION": "Lead qualification by rules, scores and an enforced flow.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "Role": "workspaces.models.Role",
        "BuyingRole": "leads.models.company.BuyingRole",
        "ChannelKind": "leads.models.source.ChannelKind",
        "FieldKind": "leads.models.fields.FieldKind",
        "NoticeKind": "notices.models.Kind",
        "FollowUpChannel": "leads.models.followup.FollowUpChannel",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "leadcrm.api.describe_common",
    ],
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "INFO")},
}
