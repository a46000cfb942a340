"""Rows that are written once: triggers that refuse to change or delete them, on both engines.

A migration lists what is guarded with AppendOnly. On SQLite a later migration that rebuilds the
table drops its triggers with it: such a migration repeats the operation (test_guards finds it).
"""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class AppendOnly(Operation):
    """Forbid DELETE and TRUNCATE of a table, and UPDATE of these columns; other columns may change.

    `deletable`: a row that nothing refers to may go; foreign keys hold the others. The first of the
    columns is the key: on SQLite no other row may take the place of one by INSERT OR REPLACE.
    """

    reversible = True

    def __init__(self, table: str, columns: list[str], *, deletable: bool = False) -> None:
        self.table = table
        self.columns = columns
        self.deletable = deletable

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models stay what they are."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        is_sqlite = schema_editor.connection.vendor == "sqlite"
        for statement in self._sqlite() if is_sqlite else self._postgresql():
            schema_editor.execute(statement)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        on_table = "" if schema_editor.connection.vendor == "sqlite" else f" ON {self.table}"
        for name in self._names:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")

    def describe(self) -> str:
        return f"Guard the rows of {self.table}"

    @property
    def _names(self) -> tuple[str, str, str]:
        return f"{self.table}_no_update", f"{self.table}_no_delete", f"{self.table}_no_truncate"

    @property
    def _message(self) -> str:
        return f"rows of {self.table} are append-only"

    def _sqlite(self) -> list[str]:
        update, delete, _truncate = self._names
        changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in self.columns)
        refuse = f"BEGIN SELECT RAISE(ABORT, '{self._message}'); END"
        made = [f"CREATE TRIGGER {update} BEFORE UPDATE ON {self.table} WHEN {changed} {refuse}"]
        if self.deletable:
            key = self.columns[0]
            is_there = f"NEW.{key} IN (SELECT {key} FROM {self.table})"  # noqa: S608 - names of our own
            made.append(f"CREATE TRIGGER {delete} BEFORE INSERT ON {self.table} WHEN {is_there} {refuse}")
        else:
            made.append(f"CREATE TRIGGER {delete} BEFORE DELETE ON {self.table} {refuse}")
        return [f"DROP TRIGGER IF EXISTS {update}", f"DROP TRIGGER IF EXISTS {delete}", *made]

    def _postgresql(self) -> list[str]:
        update, delete, truncate = self._names
        changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in self.columns)
        refuse = f"EXECUTE FUNCTION {self.table}_refuse()"
        made = {
            update: f"BEFORE UPDATE ON {self.table} FOR EACH ROW WHEN ({changed}) {refuse}",
            truncate: f"BEFORE TRUNCATE ON {self.table} FOR EACH STATEMENT {refuse}",
        }
        if not self.deletable:
            made[delete] = f"BEFORE DELETE ON {self.table} FOR EACH ROW {refuse}"
        return [
            f"""CREATE OR REPLACE FUNCTION {self.table}_refuse() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION '{self._message}'; END $$""",
            *(f"DROP TRIGGER IF EXISTS {name} ON {self.table}" for name in self._names),
            *(f"CREATE TRIGGER {name} {rule}" for name, rule in made.items()),
            *(f"ALTER TABLE {self.table} ENABLE ALWAYS TRIGGER {name}" for name in made),
        ]


def refuse_unguarded(connection: BaseDatabaseWrapper, **_facts: Any) -> None:
    """Refuse an SQLite connection on which INSERT OR REPLACE would slip past the triggers."""
    if connection.vendor != "sqlite":
        return
    (is_on,) = connection.connection.execute("PRAGMA recursive_triggers").fetchone()
    if not is_on:
        connection.close()
        raise ImproperlyConfigured(
            "SQLite must run with PRAGMA recursive_triggers=ON: see DATABASES in portal/settings.py."
        )
