"""The guards of rows that are written once: they stand on every table and on every connection."""

import os
import subprocess
import sys

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from portal.audit.checks import check_places
from portal.audit.guards import AppendOnly
from tests.source import BASE

pytestmark = [pytest.mark.django_db, pytest.mark.both]
SQLITE = connection.vendor == "sqlite"
GUARDED = ["audit_event", "files_storedfile", "agreements_revision", "agreements_signature"]
GUARDED += ["agreements_seal", "agreements_timestamp"]


# --- The guards stand on every connection -------------------------------------------------------------
@pytest.mark.parametrize("table", GUARDED)
def test_every_guard_stands_in_the_newest_schema(table):
    """A migration that rebuilds a table on SQLite drops its triggers and must set them again."""
    with connection.cursor() as cursor:
        if SQLITE:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
            wanted = {"no_update", "no_delete"}
        else:
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled = 'A'", [table]
            )
            wanted = {"no_change"} if table == "audit_event" else {"no_update", "no_delete"}
            wanted |= {"no_truncate"}
        if table == "files_storedfile" and not SQLITE:
            wanted.discard("no_delete")  # what nothing refers to may be swept
        names = {name.removeprefix(f"{table}_") for (name,) in cursor.fetchall()}
    assert wanted <= names


def test_guard_can_be_set_again_and_taken_back():
    guard = AppendOnly("files_storedfile", ["sha256"])
    editor = connection.schema_editor()  # not entered: on SQLite that is for connections at rest
    for step in (guard.database_forwards, guard.database_backwards, guard.database_forwards):
        step("files", editor, None, None)
    test_every_guard_stands_in_the_newest_schema("files_storedfile")


@pytest.mark.sqlite
@pytest.mark.skipif(not SQLITE, reason="about SQLite")
def test_sqlite_without_recursive_triggers_is_refused(tmp_path):
    link = connection.copy()
    link.settings_dict = {**link.settings_dict, "NAME": str(tmp_path / "db.sqlite3"), "OPTIONS": {}}
    with pytest.raises(ImproperlyConfigured, match="recursive_triggers"):
        link.ensure_connection()
    assert link.connection is None


# --- Where checkpoints lie --------------------------------------------------------------------------
def test_places_in_the_data_folder_are_warned_of(settings, tmp_path):
    settings.CHECKPOINT_DIRS = [settings.DATA_DIR / "1", settings.DATA_DIR / "2"]
    assert [warning.id for warning in check_places()] == ["audit.W001"]
    assert "audit.W001" in {message.id for message in run_checks(include_deployment_checks=True)}
    settings.CHECKPOINT_DIRS = [settings.DATA_DIR / "1", tmp_path / "elsewhere"]
    assert check_places() == []


@pytest.mark.parametrize("folders", ["/tmp/one", "/tmp/one,/tmp/../tmp/one"])
def test_one_place_is_refused(folders):
    environment = {**os.environ, "CHECKPOINT_DIRS": folders, "PYTHONPATH": str(BASE)}
    done = subprocess.run(
        [sys.executable, "-c", "import portal.settings"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "at least two different folders" in done.stderr
