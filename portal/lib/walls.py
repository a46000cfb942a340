"""The second wall: PostgreSQL hides the rows that are private to a person or an agency.

Policies on those tables (row-level security) read three settings of the connection: how far it sees,
who asks, and for which agency. They are set here and nowhere else. A request begins as nobody and is
let in as far as its signed-in person reaches; commands and jobs see everything. The wall knows nothing
of `access`: a condition forgotten there shows no foreign row here. On SQLite there is no such wall.

Settings belong to the connection and outlive transactions, so that nothing depends on one being open.
One that was set inside a transaction goes back with its rollback: never further than it was before.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.signals import connection_created
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

ABORTED = 3  # psycopg2.extensions.TRANSACTION_STATUS_INERROR


class Scope(StrEnum):
    """How far a connection sees."""

    NONE = "none"
    OWN = "own"  # what is the person's, and their agency's
    COMMAND = "command"  # and what every agency reports
    RECORDS = "records"  # own, and technical state; of no agency
    ALL = "all"


@dataclass(frozen=True)
class Reach:
    """What the database shows: `person` and `agency` are keys of rows, None is nobody and none."""

    scope: Scope
    person: int | None = None
    agency: int | None = None


NOBODY = Reach(Scope.NONE)
EVERYTHING = Reach(Scope.ALL)

_outside = EVERYTHING  # outside of requests: commands, jobs and tests work for everybody
_inside: ContextVar[Reach | None] = ContextVar("reach", default=None)


def reach() -> Reach:
    """Return what the database shows to the code that runs now."""
    return _inside.get() or _outside


def close() -> None:
    """Let nobody see anything outside of requests, from here on: for the processes that serve the web."""
    global _outside  # noqa: PLW0603 - a fact of the process, settled once when it starts
    _outside = NOBODY
    _put(NOBODY)


@contextmanager
def request() -> Iterator[None]:
    """Serve one request: nobody is known until let_in(), and nothing stays behind it."""
    token = _inside.set(NOBODY)
    try:
        if _outside != NOBODY:
            _put(NOBODY)
        yield
    finally:
        was_let_in = reach() != _outside
        _inside.reset(token)
        if was_let_in:
            _put_or_close(_outside)


def let_in(to: Reach) -> None:
    """Show what a person of this request may see. Outside of a request nobody is let in."""
    if _inside.get() not in {None, to}:
        _inside.set(to)
        _put(to)


@contextmanager
def everything() -> Iterator[None]:
    """Read and write rows of other people for a moment. Each place that does is named in a house rule."""
    before, token = reach(), _inside.set(EVERYTHING)
    try:
        if before != EVERYTHING:
            _put(EVERYTHING)
        yield
    finally:
        _inside.reset(token)
        if before != EVERYTHING:
            _put_or_close(before)


def _put(to: Reach, link: BaseDatabaseWrapper = connection) -> None:
    """Tell the open connection; one that is opened later is told then. Not a query that pages count."""
    if link.vendor != "postgresql":
        return
    if not link.in_atomic_block:
        link.close_if_health_check_failed()  # the server may have restarted since the last request
    if link.connection is None:
        return
    names = {"app.scope": to.scope.value, "app.person": to.person, "app.agency": to.agency}
    calls = ", ".join(["set_config(%s, %s, false)"] * len(names))
    params = [text for name, value in names.items() for text in (name, "" if value is None else str(value))]
    with link.wrap_database_errors, link.connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", params)


def _put_or_close(to: Reach) -> None:
    """Go back to a narrower reach; a connection that cannot be told is not used again.

    In an aborted transaction nothing can be told: the rollback that has to follow takes back what was
    set since it began.
    """
    link = connection.connection
    if link is not None and connection.vendor == "postgresql" and link.get_transaction_status() == ABORTED:
        return
    try:
        _put(to)
    except Error:
        connection.close()


def _tell_new_connection(connection: BaseDatabaseWrapper, **_facts: Any) -> None:
    _put(reach(), connection)


def connect() -> None:
    """Called once, when the portal starts."""
    connection_created.connect(_tell_new_connection, dispatch_uid="portal.lib.walls")


# --- For migrations --------------------------------------------------------------------------------
# Each setting is read once a statement, not once a row; a setting that never was is NULL, one that was
# emptied is ''. Neither equals anything.
SCOPE = "(SELECT current_setting('app.scope', true))"
PERSON = "(SELECT NULLIF(current_setting('app.person', true), '')::bigint)"
AGENCY = "(SELECT NULLIF(current_setting('app.agency', true), '')::bigint)"


def build(table: str, policies: Mapping[str, str]) -> "Wall":
    """Return the operation that puts a table behind the wall, for its owner too.

    `policies`: what follows CREATE POLICY <name> ON <table>, by name. Who sees everything is let
    through beside them.
    """
    every = {"everything": f"USING ({SCOPE} = 'all')", **policies}
    up = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        *(f"CREATE POLICY {name} ON {table} {rule}" for name, rule in every.items()),
    ]
    down = [
        *(f"DROP POLICY {name} ON {table}" for name in every),
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    ]
    return Wall(up, down)


class Wall(Operation):
    """Statements for PostgreSQL alone; the models stay what they are, so that none is made anew for them."""

    reversible = True

    def __init__(self, up: list[str], down: list[str]) -> None:
        self.up = up
        self.down = down

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Say that nothing follows for the models."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        self._run(self.up, schema_editor)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        self._run(self.down, schema_editor)

    def _run(self, statements: list[str], schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement)
