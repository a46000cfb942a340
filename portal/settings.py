"""All settings, read once from the environment (deploy/env.sample lists every variable).

The portal refuses to start on a bad value: a wrong setting found at 3 a.m. by a user is worse
than a start that says in one line what to mend.
"""

import os
import secrets
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from portal import log_settings
from portal.lib import refusals
from portal.schedule import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- Read once -----------------------------------------------------------------------------
DEMO: bool = env.bool("DEMO", default=False)
DEMO_PUBLIC: bool = env.bool("DEMO_PUBLIC", default=False)
# Printed by `make run`: the demonstration holds invented data only, on loopback.
# DEMO_PUBLIC=1 draws others, which the database keeps (portal.operations.marks).
DEMO_PASSWORD, DEMO_PIN = ("phoi-hop-quan-dan", "2468-1357") if DEMO and not DEMO_PUBLIC else ("", "")
DEBUG = False
refusals.debug(env.str("DEBUG", default=""))
if DEMO_PUBLIC and not DEMO:
    raise ImproperlyConfigured("DEMO_PUBLIC=1 shows a demonstration: set DEMO=1 too, or leave it out.")
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DATABASE_URL: str = env.str("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'portal.sqlite3'}")
DATABASE_OWNER_URL: str = env.str("DATABASE_OWNER_URL", default="")
REDIS_URL: str = env.str("REDIS_URL", default="")
PUBLIC_URL: str = env.str("PUBLIC_URL", default="http://localhost:8000").rstrip("/")
EMAIL_URL: str = env.str("EMAIL_URL", default="")
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="cong-phoi-hop@localhost")
MAIL_ALL_TO: str = env.str("MAIL_ALL_TO", default="")
# A gateway for SMS or Zalo, if the province has one: see portal.notices.gateways.
PHONE_GATEWAY_URL: str = env.str("PHONE_GATEWAY_URL", default="")
PHONE_GATEWAY_SECRET: str = env.str("PHONE_GATEWAY_SECRET", default="")
if PHONE_GATEWAY_URL and not PHONE_GATEWAY_SECRET:
    raise ImproperlyConfigured("PHONE_GATEWAY_URL needs PHONE_GATEWAY_SECRET, which signs each message.")
PROVINCE: str = env.str("PROVINCE", default="Thanh Hóa")
HOST_NAME: str = env.str("HOST_NAME", default=f"Bộ CHQS tỉnh {PROVINCE}")
# The province's identity provider, if it has one: see portal.users.oidc.
OIDC_ISSUER: str = env.str("OIDC_ISSUER", default="")
OIDC_NAME: str = env.str("OIDC_NAME", default="")
OIDC_CLIENT_ID: str = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET: str = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_CLAIM: str = env.str("OIDC_CLAIM", default="preferred_username")
OIDC_TRUSTS_MFA: bool = env.bool("OIDC_TRUSTS_MFA", default=False)
OIDC_MFA_ACR: str = env.str("OIDC_MFA_ACR", default="")
if OIDC_TRUSTS_MFA and OIDC_CLAIM == "email":  # an administrator writes the addresses of others
    raise ImproperlyConfigured("OIDC_TRUSTS_MFA needs a claim that names the account: set OIDC_CLAIM.")
# Another time-stamp authority (RFC 3161), whose stamp comes last: see agreements.sealing.
TSA_URL: str = env.str("TSA_URL", default="")
TSA_CA_FILE: str = env.str("TSA_CA_FILE", default="")
TSA_CRL_URLS: list[str] = env.list("TSA_CRL_URLS", default=[])
if TSA_URL and not (TSA_CA_FILE and TSA_CRL_URLS):
    raise ImproperlyConfigured("TSA_URL needs TSA_CA_FILE and TSA_CRL_URLS: without them nothing proves it.")
# Keys of the authority in a token instead of files: see agreements.keys.hardware.
PKCS11_MODULE: str = env.str("PKCS11_MODULE", default="")
PKCS11_TOKEN: str = env.str("PKCS11_TOKEN", default="")
PKCS11_PIN: str = env.str("PKCS11_PIN", default="")
if PKCS11_MODULE and not (PKCS11_TOKEN and PKCS11_PIN):
    raise ImproperlyConfigured("PKCS11_MODULE needs PKCS11_TOKEN and PKCS11_PIN.")
# After so many days without a backup that was restored and checked the administrator is reminded.
BACKUP_PROVEN_DAYS: int = env.int("BACKUP_PROVEN_DAYS", default=35)
ACCEL_LOCATION: str = env.str("ACCEL_LOCATION", default="").rstrip("/")
TEXT_LOG = env.str("LOG_FORMAT", default="text") == "text"

USES_SQLITE = DATABASE_URL.startswith("sqlite")
if USES_SQLITE:
    with suppress(OSError):  # a folder that cannot be made is reported by whoever opens the database
        DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
HTTPS = PUBLIC_URL.startswith("https://")


def secret(name: str, *, length: int) -> str:
    """Return a secret from the environment, or from DATA_DIR/secrets, made there on first use.

    A secret is generated only for the one-machine set-up (SQLite under DATA_DIR) and for the
    demonstration: with a shared database every machine must be given the same one, so a missing
    secret is refused there.
    """
    value: str = env.str(name, default="")
    if value:
        refusals.weak_secret(name, value, length=length)
        return value
    path = DATA_DIR / "secrets" / name
    if path.is_file():
        refusals.open_file(path)
        value = path.read_text().strip()
        refusals.weak_secret(f"{name} in {path}", value, length=length)
        return value
    if not (USES_SQLITE or DEMO):
        raise ImproperlyConfigured(f"{name} is not set: set a random value of at least {length} characters.")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_urlsafe(length))
    except FileExistsError:  # another process of the same start was first
        pass
    return path.read_text().strip()


SECRET_KEY = secret("SECRET_KEY", length=50)
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
KEY_ENCRYPTION_KEY = secret("KEY_ENCRYPTION_KEY", length=32)
for _retired in SECRET_KEY_FALLBACKS:
    refusals.weak_secret("SECRET_KEY_FALLBACKS", _retired, length=50)
refusals.shared_secrets(SECRET_KEY, SECRET_KEY_FALLBACKS, KEY_ENCRYPTION_KEY)

ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
refusals.hosts(ALLOWED_HOSTS, PUBLIC_URL)
if not DEMO:
    refusals.open_to_the_network(ALLOWED_HOSTS, PUBLIC_URL)
elif not DEMO_PUBLIC:
    refusals.demonstration(ALLOWED_HOSTS, PUBLIC_URL)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
try:
    TRUSTED_PROXIES = [ip_network(name) for name in env.list("TRUSTED_PROXIES", default=[])]
    TRUSTED_NETWORKS = [ip_network(name) for name in env.list("TRUSTED_NETWORKS", default=[])]
except ValueError as error:
    raise ImproperlyConfigured(
        f"TRUSTED_PROXIES and TRUSTED_NETWORKS name addresses or networks: {error}."
    ) from error
if OIDC_ISSUER:
    if not OIDC_ISSUER.startswith("https://") and HTTPS:
        raise ImproperlyConfigured("OIDC_ISSUER must be an https:// address.")
    if not (OIDC_NAME and OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
        raise ImproperlyConfigured("OIDC_ISSUER needs OIDC_NAME, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.")

# --- Applications: the order is the direction of imports, lowest first -----------------------
INSTALLED_APPS = [
    "portal.apps.PortalAdminConfig",  # django.contrib.admin with our site class
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",  # the widgets' templates, for FORM_RENDERER
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",  # the table of who is who at the identity provider
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "csp",
    "portal.lib",
    "portal.audit",
    "portal.calendar",
    "portal.agencies",
    "portal.users",
    "portal.files",
    "portal.notices",
    "tasks",
    "agreements",
    "portal.dashboards",
    "portal.operations",
]

MIDDLEWARE = [
    # What every answer must carry comes first: also on static files, and on faults of what follows.
    "portal.lib.headers.BrowserRulesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.operations.loopback.LoopbackMiddleware",
    "portal.lib.proxies.TrustedProxyMiddleware",
    "portal.lib.web.RequestFactsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.lib.web.LanguageMiddleware",
    "portal.lib.web.SizeMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.users.middleware.WallMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.users.session_middleware.SessionMiddleware",
    "portal.users.middleware.SignedInMiddleware",
    "portal.lib.web.RefusalMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "portal.users.context.person",
                "portal.notices.context.unread",
                "portal.dashboards.context.doors",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Database ------------------------------------------------------------------------------
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
if USES_SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        # recursive_triggers: without it INSERT OR REPLACE slips past the append-only triggers.
        # mmap_size: the file is read where it lies, up to a GiB of it; half of a sweep went into copying.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;"
        "PRAGMA mmap_size=1073741824; PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY;",
    }
else:
    DATABASES["default"] |= {
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 3,
            # jit: what the second wall adds makes a page's small query look dear, and a quarter of a
            # second went into compiling what then ran for a millisecond. work_mem: what a sweep over a
            # million assignments compares stays in memory; other queries take a fraction of it.
            "options": "-c statement_timeout=60000 -c lock_timeout=30000"
            " -c idle_in_transaction_session_timeout=60000 -c jit=off -c work_mem=32MB",
        },
    }

# What `migrate` signs in with, when the portal's own role may not change tables.
DATABASE_OWNER = env.db_url_config(DATABASE_OWNER_URL) if DATABASE_OWNER_URL else {}
if DATABASE_OWNER and DATABASE_OWNER["NAME"] != DATABASES["default"]["NAME"]:
    raise ImproperlyConfigured("DATABASE_OWNER_URL and DATABASE_URL have to name the same database.")

# "default" holds throttles and used codes, which every process must see: the database.
# "pages" holds rendered values whose key names a version, so losing it is harmless.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_facts",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # of Django's 300 a stranger's guesses push out the counts
    },
    "pages": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    ),
}

# --- Language and time -----------------------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = "portal.formats"

# --- Sign-in -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "portal.users.passwords.LengthValidator"},
    {"NAME": "portal.users.passwords.CommonValidator"},
    {"NAME": "portal.users.passwords.ContextValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "portal.users.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {"change_password": "portal.users.forms.PasswordChangeForm"}
# portal.users.throttle counts failures, and right answers never: a hall full of signers shares one
# address. allauth counts by account too, which would let an outsider lock a head out.
ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": "", "reauthenticate": "", "change_password": ""}
MFA_ADAPTER = "portal.users.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Cổng phối hợp QS-QP"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODE_COUNT = 20  # a month of work where the sheet is the only factor
MFA_FORMS = {"reauthenticate": "portal.users.forms.ReauthenticateByCodeForm"}
SOCIALACCOUNT_STORE_TOKENS = False

SESSION_ENGINE = "django.contrib.sessions.backends.db"
# How long a sign-in lasts is said in portal.users.sessions. Kept a day: while it is known whose a session
# was, what they typed after its end can wait for them.
SESSION_COOKIE_AGE = 24 * 60 * 60  # seconds
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.lib.web.csrf_failure"
# The __Host- prefix demands Secure, so it comes exactly with https.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_SSL_REDIRECT = False  # the reverse proxy does it; the portal never sees plain http there
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None  # set by deploy/nginx.conf
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # no redirect to https: see SECURE_SSL_REDIRECT
    "security.W005",  # HSTS for subdomains: the province's other names are not ours to promise for
    "security.W021",  # HSTS preloading: a list of browsers' makers, and for whole domains, see W005
]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        **{f"{name}-src": [SELF] for name in ("script", "style", "font", "connect")},
        "img-src": [SELF, "data:"],
        "form-action": [SELF],
        **{name: [NONE] for name in ("default-src", "base-uri", "frame-ancestors", "object-src")},
    }
}

# --- Files -----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # nothing uses it: see portal.files
    "staticfiles": {"BACKEND": "portal.lib.static.StaticFiles"},
}
WHITENOISE_USE_FINDERS = True  # also answers the plain names, see portal.lib.static
FILES_DIR = DATA_DIR / "files"
INCOMING_DIR = DATA_DIR / "incoming"  # uploads while they are checked; the same disk as FILES_DIR
QUARANTINE_DIR = DATA_DIR / "quarantine"  # recalled files, sealed: nothing serves from here
PKI_DIR = DATA_DIR / "pki"
MAIL_DIR = DATA_DIR / "mail"
# Signed checkpoints of the audit chain; two disks that one accident, or one hand, does not reach both.
CHECKPOINT_KEY_DIR = DATA_DIR / "checkpoint-key"
CHECKPOINT_DIRS = [
    Path(folder).resolve()
    for folder in env.list("CHECKPOINT_DIRS", default=[f"{DATA_DIR}/checkpoints/{n}" for n in (1, 2)])
]
if len(set(CHECKPOINT_DIRS)) < 2:
    raise ImproperlyConfigured("CHECKPOINT_DIRS must name at least two different folders.")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # bytes, form fields
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
"""A part of a consolidated report is a form of two fields a paragraph, with paragraphs of 46 agencies."""
UPLOAD_LIMIT = 20 * 1024 * 1024  # bytes, one file

# --- Mail: a server, or in the demonstration a folder that the notices page shows ---------------
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "portal.notices.mailbox.FolderBackend"
EMAIL_TIMEOUT = 10  # seconds
if MAIL_ALL_TO:
    REDIRECTED_BACKEND, EMAIL_BACKEND = EMAIL_BACKEND, "portal.lib.redirected_mail.Backend"

# --- Celery: a clock and workers, never the queue of record ---------------------------------------
CELERY_BROKER_URL = REDIS_URL or f"sqla+sqlite:///{DATA_DIR / 'broker.sqlite3'}"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 600, "unacked_restore_interval": 10, "unacked_restore_throttle": 1}
    if REDIS_URL
    else {}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120  # seconds
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = SCHEDULE

# --- Logs ------------------------------------------------------------------------------------------
LOGGING = log_settings.logging(as_text=TEXT_LOG)
