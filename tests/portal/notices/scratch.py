"""A portal of its own for tests that start, race and kill processes."""

import datetime as dt
import os
import secrets
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from tests import migrated

ROOT = Path(__file__).resolve().parents[3]
FILE = "portal.sqlite3"


SETUP = """
import django
django.setup()
from portal.notices.models import Mail, Notice
from tests.portal.notices import scratch"""


@dataclass
class ScratchPortal:
    """Database and data folder that only the processes started here know."""

    environment: dict[str, str]

    def start(self, *command: str, **environment: str) -> subprocess.Popen:
        """Start `python COMMAND` in the background."""
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: str, **environment: str) -> str:
        """Run `python COMMAND` to its end and return what it printed."""
        process = self.start(*command, **environment)
        said, _none = process.communicate(timeout=300)
        assert process.returncode == 0, said
        return said

    def manage(self, *command: str, **environment: str) -> str:
        return self.run("manage.py", *command, **environment).strip()

    def ask(self, expression: str) -> str:
        """Return what a line of Python about notices prints."""
        return self.run("-c", f"{SETUP}\nprint({expression})").strip()


def environment(folder: Path, database_url: str) -> dict[str, str]:
    """Return the settings of a scratch portal, with nothing taken over but the paths."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url,
        "SECRET_KEY": secrets.token_urlsafe(60),
        "KEY_ENCRYPTION_KEY": secrets.token_urlsafe(60),
        "PUBLIC_URL": "http://localhost",
        "ALLOWED_HOSTS": "localhost",
    }


class ScratchDatabase:
    """A migrated database beside the one of this run: a file, or a new one on the same PostgreSQL."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = os.environ.get("DATABASE_URL", "")
        self.name = f"scratch_{secrets.token_hex(6)}"
        self.on_postgres = self.server.startswith("postgres")
        self.url = (
            f"{self.server.rpartition('/')[0]}/{self.name}"
            if self.on_postgres
            else f"sqlite:///{folder / FILE}"
        )

    def __enter__(self) -> str:
        if self.on_postgres:
            self._say(f"CREATE DATABASE {self.name} TEMPLATE {migrated.postgres(self.server)}")
        else:
            shutil.copy(migrated.sqlite(), self.folder / FILE)
        return self.url

    def __exit__(self, *fault: object) -> None:
        if self.on_postgres:
            self._say(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _say(self, statement: str) -> None:
        link = psycopg2.connect(self.server)
        link.autocommit = True
        link.cursor().execute(statement)
        link.close()


def seed(assignments: int, days: int) -> int:
    """In a scratch portal: make assignments due so many days from today, a focal point for each ten."""
    from django.utils import timezone

    from portal.users.models import Role
    from tasks.models import Programme
    from tests import factories

    due_on = timezone.localdate() + dt.timedelta(days=days)
    host = factories.AgencyFactory(code="BCHQS")
    programme = factories.ProgrammeFactory(host=host, year=due_on.year)
    Programme.objects.update(state="in_force", in_force_at=timezone.now())
    task = factories.PriorityTaskFactory(programme=programme)
    for number in range(assignments):
        if number % 10 == 0:
            lead = factories.AgencyFactory()
            factories.person(f"daumoi{number}", Role.FOCAL_POINT, lead)
        factories.AssignmentFactory(task=task, lead=lead, code=f"1.{number}", due_on=due_on)
    return assignments


def tell(count: int, days: int) -> int:
    """In a scratch portal: send back so many results, each a notice that cannot wait for the day's mail."""
    from django.utils import timezone

    from portal.notices.models import Notice
    from tasks.models import Assignment
    from tests import factories

    seed(count, days=days)
    Assignment.objects.update(status="rejected")
    now, people = timezone.now(), factories.User.objects.order_by("pk")
    subjects = Assignment.objects.values_list("pk", flat=True).order_by("pk")
    Notice.objects.bulk_create(
        Notice(
            kind="assignment.rejected",
            subject_type="tasks.assignment",
            subject_id=subject,
            recipient=people[number // 10],
            rule="rejected",
            due_on=now.date(),
            text_vi=f"Chưa đạt {number}",
            text_en=f"Rejected {number}",
            created_at=now,
            send_after=now,
        )
        for number, subject in enumerate(subjects)
    )
    return count


def wave(count: int) -> int:
    """In a scratch portal: add so many assignments due in a week, each rejected just now.

    One focal point for each ten. In one transaction, as an action would.
    """
    from django.db import transaction
    from django.utils import timezone

    from portal.notices.models import Notice
    from portal.users.models import Role
    from tasks.models import Assignment, PriorityTask, Programme
    from tests import factories

    now = timezone.now()
    with transaction.atomic():
        task = PriorityTask.objects.first()
        if task is None:
            host = factories.AgencyFactory(code="BCHQS")
            task = factories.PriorityTaskFactory(
                programme=factories.ProgrammeFactory(host=host, year=now.year)
            )
            Programme.objects.update(state="in_force", in_force_at=now)
        begun = Assignment.objects.count()
        for number in range(begun, begun + count):
            if (number - begun) % 10 == 0:
                lead = factories.AgencyFactory(code=f"W{number}", name_vi=f"Sở {number}")
                person = factories.person(f"daumoi{number}", Role.FOCAL_POINT, lead)
            row = factories.AssignmentFactory(
                task=task,
                lead=lead,
                code=f"1.{number}",
                due_on=timezone.localdate(now) + dt.timedelta(days=7),
                status="rejected",
            )
            Notice.objects.create(
                kind="assignment.rejected",
                subject_type="tasks.assignment",
                subject_id=row.pk,
                recipient=person,
                rule="rejected",
                due_on=timezone.localdate(now),
                text_vi=f"Chưa đạt {number}",
                text_en=f"Rejected {number}",
                created_at=now,
                send_after=now,
            )
    return count
