"""Sizes of tests that have a promised figure: small in `make test`, the figure itself in `make soak`.

    @pytest.mark.soak
    def test_nothing_is_lost(evidence):
        count = scale.of(ci=50, full=10_000)
        ...
        evidence("reminders", reminders=count, lost=0)

As a pytest plugin it gives the fixture `evidence`, which at full scale writes
docs/evidence/<name>-<database>.json: what was measured, when, on which commit. At SCALE=ci nothing
is written: a promise is met by a soak run only.
"""

import datetime as dt
import json
import os
import platform
import re
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import connection
from time_machine import escape_hatch
from xdist.scheduler import LoadScopeScheduling

from tests.source import BASE

SCALE = os.environ.get("SCALE", "ci")
FOLDER = Path("docs/evidence")
DEAR = {
    "tests/crowd/test_crowd.py",
    "tests/portal/operations/test_demo_building.py",
    "tests/portal/operations/test_worker.py",
    "tests/portal/test_database_roles.py",
    "tests/portal/users/test_oidc.py",
}
"""Files whose tests share a demonstration, a migrated database, a provider, or roles of the whole server."""

ABOUT_TWO = re.compile(r"race|twice|at_once|together|concurrent")
Size = TypeVar("Size")


@pytest.hookimpl(trylast=True)  # tests of the browser get their mark before
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out on PostgreSQL what has nothing to do with a database, and in the short run divide the rest.

    Each test runs on one of the two databases then, the same one every time; at full scale, or with
    DIVIDE=0, on both. On both always runs whatever is about two at once, by its name, and what is
    marked `both`: triggers, locks and SQL of our own.
    """
    is_postgres = os.environ.get("DATABASE_URL", "").startswith("postgres")
    is_whole = is_full() or os.environ.get("DIVIDE") == "0"

    def is_left_out(item: pytest.Item) -> bool:
        if is_postgres and not asks_database(item):
            return True
        return not is_whole and _is_divided(item) and _half(item) != is_postgres

    left_out = [item for item in items if is_left_out(item)]
    items[:] = [item for item in items if item not in set(left_out)]
    config.hook.pytest_deselected(items=left_out)


def _is_divided(item: pytest.Item) -> bool:
    is_on_both = item.get_closest_marker("both") is not None or ABOUT_TWO.search(item.nodeid)
    return not (is_on_both or _has_one_home(item))


def _has_one_home(item: pytest.Item) -> bool:
    """What is about one database, or about none, is asked once already."""
    marks = {mark.name for mark in item.iter_markers()}
    return bool(marks & {"sqlite", "postgres", "redis", "browser"}) or not asks_database(item)


def asks_database(item: pytest.Item) -> bool:
    """Tell whether a test has anything to do with a database."""
    marks = {mark.name for mark in item.iter_markers()}
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(marks & {"django_db", "both", "postgres", "browser"} or {"db", "transactional_db"} & fixtures)


def _half(item: pytest.Item) -> int:
    return zlib.crc32(_kept_together(item.nodeid).encode()) % 2


def _kept_together(nodeid: str) -> str:
    """Return what goes to one database and one worker: a test, or a file whose world is dear to build."""
    file = nodeid.partition("::")[0]
    return file if file in DEAR else nodeid


class _DearWorldsOnce(LoadScopeScheduling):
    """Gives tests to the workers as they come, but a file whose world is dear to build to one of them."""

    def _split_scope(self, nodeid: str) -> str:
        return _kept_together(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """The browser's tests are told apart by file: `--dist loadfile`."""
    return None if config.getvalue("dist") == "loadfile" else _DearWorldsOnce(config, log)


def is_full() -> bool:
    return SCALE == "full"


def of(*, ci: Size, full: Size) -> Size:
    """Return the size for this run."""
    if SCALE not in {"ci", "full"}:
        raise pytest.UsageError(f"SCALE={SCALE} is unknown; it is ci or full.")
    return full if is_full() else ci


def written(name: str, figures: dict[str, object], *, folder: Path = BASE / FOLDER) -> Path:
    """Write the evidence of one measurement and return its file; an older one is replaced."""
    facts = {
        "name": name,
        "measured_at": _now().isoformat(timespec="seconds"),
        "commit": _commit(),
        "database": connection.vendor,
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "figures": figures,
    }
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}-{connection.vendor}.json"
    file.write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n")
    return file


def _now() -> dt.datetime:
    """Return the time of the world, though the test may hold the clock."""
    clock = escape_hatch.datetime.datetime if escape_hatch.is_travelling() else dt.datetime
    return clock.now(dt.UTC)


def _commit() -> str:
    """Return the commit that was measured, with a mark when files differ from it."""
    command = ["git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=, with changes"]
    return subprocess.run(command, cwd=BASE, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def evidence() -> Callable[..., None]:
    """Return evidence(name, **figures): keep what a test measured, at full scale only."""

    def keep(name: str, **figures: object) -> None:
        if is_full():
            written(name, figures)

    return keep
