"""The portal refuses to start on a bad value, and https changes exactly what it must."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.source import BASE, text

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


READ = "from django.conf import settings; settings.DEBUG"
"""Every start begins with it, and a bad value ends it there."""


def start(folder, code: str = READ, **given: str) -> subprocess.CompletedProcess:
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


HTTPS = {"PUBLIC_URL": "https://portal.example.vn", "ALLOWED_HOSTS": "portal.example.vn"}


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
        ({"SECRET_KEY": "django-insecure-" + LONG}, "sample value"),
        ({"KEY_ENCRYPTION_KEY": LONG + "abcdefgh"}, "are the same"),
        ({"SECRET_KEY_FALLBACKS": "old"}, "SECRET_KEY_FALLBACKS is too short"),
        ({"SECRET_KEY_FALLBACKS": LONG + "abcdefgh"}, "in use"),
        ({"DEBUG": "1"}, "DEBUG is not available"),
        ({"DEMO_PUBLIC": "1"}, "set DEMO=1 too"),
        (HTTPS | {"ALLOWED_HOSTS": "portal.example.vn,*.example.vn"}, "wildcard"),
        (HTTPS | {"ALLOWED_HOSTS": "portal.example.vn,.vn"}, "wildcard"),
        (HTTPS | {"ALLOWED_HOSTS": "https://portal.example.vn"}, "without scheme or port"),
        (HTTPS | {"ALLOWED_HOSTS": "portal.example.vn:443"}, "without scheme or port"),
        (HTTPS | {"ALLOWED_HOSTS": "localhost"}, "must hold portal.example.vn"),
        (HTTPS | {"PUBLIC_URL": "http://portal.example.vn"}, "PUBLIC_URL must be https://"),
        ({"ALLOWED_HOSTS": "localhost,portal.example.vn"}, "PUBLIC_URL must be https://"),
        ({"PUBLIC_URL": "portal.example.vn"}, "without a path"),
        ({"PUBLIC_URL": "https://portal.example.vn/portal"}, "without a path"),
        ({"DEMO": "1"} | HTTPS, "this machine only"),
        ({"DEMO": "1", "ALLOWED_HOSTS": "localhost,192.0.2.1"}, "this machine only"),
    ],
)
def test_bad_value_is_refused(tmp_path, given, said):
    done = start(tmp_path, **given)
    assert done.returncode != 0
    assert said in done.stderr.splitlines()[-1]
    assert LONG not in done.stderr  # no secret on the operator's screen


def test_file_of_a_secret_that_others_may_read_is_refused(tmp_path):
    alone = {"SECRET_KEY": "", "KEY_ENCRYPTION_KEY": ""}
    assert start(tmp_path, **alone).returncode == 0
    (tmp_path / "secrets" / "SECRET_KEY").chmod(0o644)
    done = start(tmp_path, **alone)
    assert f"chmod 600 {tmp_path}/secrets/SECRET_KEY" in done.stderr.splitlines()[-1]


def test_file_of_a_secret_that_is_weak_is_refused(tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "SECRET_KEY").write_text("short")
    (tmp_path / "secrets" / "SECRET_KEY").chmod(0o600)
    assert "too short" in start(tmp_path, SECRET_KEY="").stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"PUBLIC_URL": "http://[::1]:8000"},
        {"PUBLIC_URL": "http://portal.localhost:8000", "ALLOWED_HOSTS": "portal.localhost"},
        {"DEMO": "1"},
        {
            "DEMO": "1",
            "DEMO_PUBLIC": "1",
            "ALLOWED_HOSTS": "192.0.2.1",
            "PUBLIC_URL": "http://192.0.2.1:8000",
        },
        {"SECRET_KEY_FALLBACKS": "retired-" + LONG},
        {"DEBUG": "0"},
    ],
)
def test_good_values_are_accepted(tmp_path, given):
    done = start(tmp_path, **given)
    assert done.returncode == 0, done.stderr


def test_checks_for_deployment_find_nothing(tmp_path):
    code = "import django; django.setup(); from django.core.management import call_command as do; "
    places = ",".join(f"{tmp_path}-elsewhere/{n}" for n in (1, 2))
    given = HTTPS | ON_POSTGRES | {"EMAIL_URL": "smtp://127.0.0.1:1", "CHECKPOINT_DIRS": places}
    done = start(tmp_path, code + "do('check', deploy=True, fail_level='WARNING')", **given)
    assert done.returncode == 0, done.stderr


def test_each_silenced_check_has_its_reason():
    silenced = re.search(
        r"SILENCED_SYSTEM_CHECKS = \[(.*?)\n\]", text(Path("portal/settings.py")), re.DOTALL
    )[1]
    lines = silenced.strip().splitlines()
    assert len(lines) == 3
    assert [line for line in lines if len(line.partition("#")[2]) < 30] == []


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
    ("hosts", "url", "facts"),
    [
        ("localhost,portal.example.vn", "https://portal.example.vn", '["__Host-session", true, true]'),
        ("localhost", "http://localhost:8000", '["session", false, false]'),
    ],
)
def test_cookies_and_hsts_follow_the_public_address(tmp_path, hosts, url, facts):
    done = start(tmp_path, ASK, PUBLIC_URL=url, ALLOWED_HOSTS=hosts)
    assert done.stdout.strip() == facts, done.stderr
