"""A real Celery worker on both brokers, as the Procfile runs it."""

import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests import migrated
from tests.source import BASE
from tests.test_deploy import PROCFILE

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]

NOTICE_OF_NO_KIND = """
from datetime import timedelta
from django.utils import timezone
from portal.agencies.models import Agency
from portal.notices.models import Notice
from portal.users.models import User
now = timezone.now()
user = User.objects.create_user("an", full_name="An", email="an@example.vn")
Notice.objects.create(kind="nothing", subject_type="nothing", subject_id=1, recipient=user, rule="-7",
                      due_on=now.date(), created_at=now, send_after=now - timedelta(minutes=1))
"""
DECLARE = "from portal.operations.serving import preparation; preparation.broker()"
LONGEST = 90  # seconds until a job must have run


class Portal:
    """A portal in a folder of its own, with one notice whose mail the sweep must settle."""

    def __init__(self, folder: Path, redis_url: str = "") -> None:
        self.folder = folder
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DATA_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3",
            "REDIS_URL": redis_url,
        }

    def run(self, *command: str) -> None:
        subprocess.run([sys.executable, *command], cwd=BASE, env=self.environment, check=True, timeout=240)

    @contextmanager
    def process(self, name: str) -> Iterator[subprocess.Popen]:
        command = [sys.executable, *shlex.split(PROCFILE[name])]
        running = subprocess.Popen(command, cwd=BASE, env=self.environment)
        try:
            yield running
        finally:
            running.terminate()
            running.wait(20)

    def mail_state(self) -> str:
        with closing(sqlite3.connect(self.folder / "portal.sqlite3", timeout=20)) as database:
            return database.execute("SELECT mail_state FROM notices_notice").fetchone()[0]

    def settles(self) -> bool:
        end = time.monotonic() + LONGEST
        while time.monotonic() < end:
            if self.mail_state() == "skipped":
                return True
            time.sleep(0.2)
        return False


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    portal = Portal(tmp_path_factory.mktemp("prepared"))
    shutil.copy(migrated.sqlite(), portal.folder / "portal.sqlite3")
    portal.run("manage.py", "shell", "--verbosity=0", "-c", NOTICE_OF_NO_KIND)
    portal.run("manage.py", "shell", "--verbosity=0", "-c", DECLARE)
    return portal.folder


@pytest.fixture(params=["embedded", pytest.param("redis", marks=pytest.mark.redis)])
def portal(request, prepared, tmp_path) -> Portal:
    shutil.copytree(prepared, tmp_path / "var")
    redis_url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    return Portal(tmp_path / "var", redis_url)


def test_worker_catches_up_and_stops_quickly(portal):
    portal.run("-m", "celery", "--app", "portal", "call", "portal.notices.jobs.deliver_notices")
    with portal.process("worker") as worker:
        assert portal.settles()
        began = time.monotonic()
        worker.terminate()
        worker.wait(20)
    assert time.monotonic() - began < 15  # alone it takes two or three; other tests run beside this one


def test_beat_names_jobs_that_exist():
    known = "from portal.celery import app; app.loader.import_default_modules(); " + (
        "missing = {e['task'] for e in app.conf.beat_schedule.values()} - set(app.tasks); "
        "raise SystemExit(f'no such job: {missing}' if missing else 0)"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings"}
    subprocess.run([sys.executable, "-c", known], cwd=BASE, env=environment, check=True, timeout=60)
