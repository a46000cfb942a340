"""Make tests with real transactions possible beside append-only tables and seeded rows.

After such a test Django empties every table. Here the triggers that refuse this are put aside for
that moment, and the rows that migrations made (the audit chain's head, the holidays) come back.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection
from django.test import TransactionTestCase

_set_up = TransactionTestCase._fixture_setup.__func__


@functools.cache
def _migrated_rows() -> str:
    """Read what a fresh database holds; asked before the first test that commits anything."""
    return connection.creation.serialize_db_to_string()


def _fixture_setup(cls: type[TransactionTestCase]) -> None:
    _migrated_rows()
    _set_up(cls)


def _fixture_teardown(self: TransactionTestCase) -> None:
    with _triggers_aside():
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
        connection.creation.deserialize_db_from_string(_migrated_rows())
        _run(connection.ops.sequence_reset_sql(no_style(), apps.get_models()))  # past the rows that came back


@contextmanager
def _triggers_aside() -> Iterator[None]:
    aside, back = _sqlite_triggers() if connection.vendor == "sqlite" else _postgres_triggers()
    _run(aside)
    yield
    _run(back)


def _run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _sqlite_triggers() -> tuple[list[str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        rows = cursor.fetchall()
    return [f"DROP TRIGGER {name}" for name, _sql in rows], [sql for _name, sql in rows]


def _postgres_triggers() -> tuple[list[str], list[str]]:
    """A trigger is enabled as A (always) or O (by origin); it comes back as it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname, CASE tgenabled WHEN 'A' THEN 'ALWAYS ' ELSE '' END"
            " FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('A', 'O')"
        )
        rows = cursor.fetchall()
    aside = [f"ALTER TABLE {table} DISABLE TRIGGER {name}" for table, name, _how in rows]
    back = [f"ALTER TABLE {table} ENABLE {how}TRIGGER {name}" for table, name, how in rows]
    return aside, back


def install() -> None:
    """Called once, by conftest.py."""
    TransactionTestCase._fixture_setup = classmethod(_fixture_setup)
    TransactionTestCase._fixture_teardown = _fixture_teardown
