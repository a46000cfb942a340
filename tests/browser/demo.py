"""A running demonstration for tests, benchmarks and pictures.

Loading it takes most of a minute, so it is built once per run and copied: a copied folder, and on
PostgreSQL a database made from a template.
"""

import datetime as dt
import os
import secrets
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg2

from tests import migrated
from tests.servers import free_port, wait_for_port

BASE = Path(__file__).resolve().parents[2]
PASSWORD = "phoi-hop-quan-dan"
PIN = "2468-1357"
BUILD_TIMEOUT = 300  # seconds
YEAR = (dt.datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date() - dt.timedelta(days=31)).year
"""The year of its programme in force."""


@dataclass(frozen=True)
class Demo:
    """A demonstration: its folder, its database, and where it is served.

    `given` are settings of its own: empty() makes a portal that is no demonstration.
    """

    folder: Path
    database_url: str
    url: str = "http://localhost:8000"
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are given; nothing of the test run's own settings."""
        mine = {"SECRET_KEY", "KEY_ENCRYPTION_KEY", "REDIS_URL", "EMAIL_URL", "ALLOWED_HOSTS", "HOST", "PORT"}
        inherited = {name: value for name, value in os.environ.items() if name not in mine}
        return inherited | {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DEMO": "1",
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database_url,
            "PUBLIC_URL": self.url,
            **self.given,
        }

    def manage(self, *arguments: str, typed: str = "") -> str:
        """Run a management command on it, with lines typed into it, and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=BUILD_TIMEOUT,
            check=False,
        )
        assert done.returncode == 0, f"manage.py {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def python(self, *statements: str) -> str:
        """Run statements in its shell and return what they printed."""
        return self.manage("shell", "--no-imports", "--command", "; ".join(statements)).strip()

    def code(self, username: str) -> str:
        """Return the next unused one-time code of an account."""
        return self.manage("demo_code", username).strip()


def build(folder: Path, postgres_url: str | None) -> Demo:
    """Make the demonstration from nothing; `postgres_url` names a server where databases can be made."""
    folder.mkdir(parents=True)
    demo = Demo(folder, _new_database(folder, postgres_url))
    demo.manage("load_demo")
    demo.manage("collectstatic", "--verbosity=0", "--no-input")
    return demo


def empty(folder: Path, postgres_url: str | None) -> Demo:
    """Make a portal without any data, for real people: DEMO=0."""
    folder.mkdir(parents=True)
    names = ("SECRET_KEY", "KEY_ENCRYPTION_KEY")
    given = {"DEMO": "0", **{name: secrets.token_urlsafe(60) for name in names}}
    portal = Demo(folder, _new_database(folder, postgres_url), given=given)
    portal.manage("collectstatic", "--verbosity=0", "--no-input")
    return portal


def copy(built: Demo, folder: Path) -> Demo:
    """Return a copy that may be changed; the one that was built must be at rest."""
    shutil.copytree(built.folder, folder)
    if built.database_url.startswith("sqlite"):
        return Demo(folder, f"sqlite:///{folder}/portal.sqlite3")
    name = f"copy_{uuid.uuid4().hex[:12]}"
    return Demo(folder, _make_database(built.database_url, name, template=built.database_url))


@contextmanager
def served(demo: Demo, *, workers: int = 1) -> Iterator[Demo]:
    """Serve a demonstration on a free port of the loopback address."""
    port = free_port()
    here = replace(demo, url=f"http://localhost:{port}")
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    quiet = ["--workers", str(workers), "--workers-kill-timeout", "1", "--no-ws", "--log-level", "warning"]
    with (demo.folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [*command, *quiet, "--blocking-threads", "4", "portal.wsgi:application"],
            cwd=BASE,
            env=here.environment,
            stdout=log,
            stderr=log,
        )
        try:
            wait_for_port(port, seconds=60)
            yield here
        finally:
            server.terminate()
            server.wait(20)


def _new_database(folder: Path, postgres_url: str | None) -> str:
    """Return the address of a migrated database of its own: on the server, or a file in the folder."""
    if postgres_url:
        return _make_database(
            postgres_url, f"demo_{uuid.uuid4().hex[:12]}", template=migrated.postgres(postgres_url)
        )
    shutil.copy(migrated.sqlite(), folder / "portal.sqlite3")
    return f"sqlite:///{folder}/portal.sqlite3"


def _make_database(server_url: str, name: str, *, template: str = "") -> str:
    """Create a database beside the one in the address and return its address."""
    link = psycopg2.connect(server_url.rpartition("/")[0] + "/postgres")
    link.autocommit = True
    with link.cursor() as cursor:
        source = f' TEMPLATE "{template.rpartition("/")[2]}"' if template else ""
        cursor.execute(f'CREATE DATABASE "{name}"{source}')
    link.close()
    return server_url.rpartition("/")[0] + f"/{name}"
