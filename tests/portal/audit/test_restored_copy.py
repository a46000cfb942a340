"""A whole portal of its own, put back to an old copy of its database: found from the files outside of it."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from dataclasses import replace

import pytest

from tests.browser import demo
from tests.browser.demo import BASE, Demo

pytestmark = [pytest.mark.slow, pytest.mark.both]


@pytest.fixture(scope="module")
def portal(tmp_path_factory) -> Demo:
    """An empty portal on the run's database server, or on an SQLite file."""
    given = os.environ.get("DATABASE_URL", "")
    return demo.empty(
        tmp_path_factory.mktemp("restored") / "var", given if given.startswith("postgres") else None
    )


def act(portal: Demo, count: int) -> None:
    portal.python(
        "from django.utils import timezone",
        "from portal.audit.events import record",
        "from portal.lib.actions import action",
        "act = action(record)",
        f"[act('demo.loaded', None, by=None, at=timezone.now()) for _ in range({count})]",
    )


def old_copy(portal: Demo) -> Demo:
    """Copy the database as it is now: the SQLite file, or a database made from it."""
    if portal.database_url.startswith("sqlite"):
        path = portal.database_url.removeprefix("sqlite:///")
        shutil.copy(path, f"{path}.old")
        return replace(portal, database_url=f"{portal.database_url}.old")
    name = f"old_{uuid.uuid4().hex[:12]}"
    return replace(
        portal, database_url=demo._make_database(portal.database_url, name, template=portal.database_url)
    )


def verify(portal: Demo) -> tuple[int, dict]:
    command = [sys.executable, "manage.py", "verify_audit", "--json"]
    done = subprocess.run(
        command, cwd=BASE, env=portal.environment, capture_output=True, text=True, timeout=240, check=False
    )
    return done.returncode, json.loads(done.stdout)


def test_old_copy_is_named(portal):
    act(portal, 3)
    portal.manage("write_checkpoint")
    old = old_copy(portal)
    act(portal, 2)
    portal.manage("write_checkpoint")
    assert verify(portal)[0] == 0

    code, said = verify(old)
    assert (code, said["outcome"], said["bad_seq"], said["vouched_seq"]) == (1, "bad", 4, 3)
    assert "before event 5, which checkpoint 2 signed" in said["reason"]

    act(old, 4)  # and it goes on from there
    code, said = verify(old)
    assert (code, said["bad_seq"]) == (1, 5)
    with pytest.raises(AssertionError, match="does not continue checkpoint 2"):
        old.manage("write_checkpoint")
