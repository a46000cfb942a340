"""The portal refuses to start on a bad value, and https changes exactly what it must."""

import os
import subprocess
import sys

import pytest

from tests.source import BASE

LONG = "Zq8-vT2k_pL5xW9rB4nY7mC1sD6fG3hJ0aK2eN8uQ5tR7yV4"
GOOD = {"SECRET_KEY": LONG + "abcdefgh", "KEY_ENCRYPTION_KEY": LONG, "PUBLIC_URL": "http://localhost:8000"}
ASK = """
import django, json
django.setup()
from django.test import Client
answer = Client().get("/healthz", headers={"host": "localhost", "x-forwarded-proto": "https"})
from django.conf import settings
print(json.dumps([settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE,
                  "Strict-Transport-Security" in answer]))
"""


def start(folder, code: str = "import django; django.setup()", **given: str) -> subprocess.CompletedProcess:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = inherited | GOOD | {"DJANGO_SETTINGS_MODULE": "portal.settings", "DATA_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=BASE,
        env={name: value for name, value in (environment | given).items() if value},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


ON_POSTGRES = {"DATABASE_URL": "postgres://portal@localhost/portal"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ({"SECRET_KEY": "ab" * 40}, "too simple"),
        ({"SECRET_KEY": "change-me-" + LONG}, "sample value"),
        ({"KEY_ENCRYPTION_KEY": "short"}, "KEY_ENCRYPTION_KEY is too short"),
        (ON_POSTGRES | {"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        (ON_POSTGRES | {"KEY_ENCRYPTION_KEY": ""}, "KEY_ENCRYPTION_KEY is not set"),
        ({"ALLOWED_HOSTS": "*"}, "wildcard"),
        ({"TRUSTED_PROXIES": "nginx"}, "TRUSTED_PROXIES"),
    ],
)
def test_bad_value_is_refused(tmp_path, given, said):
    done = start(tmp_path, **given)
    assert done.returncode != 0
    assert said in done.stderr.splitlines()[-1]


def test_one_machine_draws_its_own_secrets_once(tmp_path):
    alone = {"SECRET_KEY": "", "KEY_ENCRYPTION_KEY": ""}
    assert start(tmp_path, **alone).returncode == 0
    drawn = (tmp_path / "secrets" / "SECRET_KEY").read_text()
    assert start(tmp_path, **alone).returncode == 0
    assert (tmp_path / "secrets" / "SECRET_KEY").read_text() == drawn
    assert (tmp_path / "secrets" / "SECRET_KEY").stat().st_mode & 0o777 == 0o600


def test_demonstration_on_postgres_draws_its_own_secrets_too(tmp_path):
    given = ON_POSTGRES | {"SECRET_KEY": "", "KEY_ENCRYPTION_KEY": "", "DEMO": "1"}
    assert start(tmp_path, **given).returncode == 0


@pytest.mark.parametrize(
    ("url", "facts"),
    [
        ("https://portal.example.vn", '["__Host-session", true, true]'),
        ("http://localhost:8000", '["session", false, false]'),
    ],
)
def test_cookies_and_hsts_follow_the_public_address(tmp_path, url, facts):
    done = start(tmp_path, ASK, PUBLIC_URL=url)
    assert done.stdout.strip() == facts, done.stderr
