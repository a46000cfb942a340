"""Every row of the portal's own tables as hashes: what changed between two moments, by table."""

import hashlib
from collections.abc import Collection

from django.apps import apps
from django.db import connection
from django.db.models import Model

HOUSES = frozenset({"portal", "tasks", "agreements"})


def own_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if model.__module__.split(".")[0] in HOUSES]


def tables(*, left_out: Collection[str] = ()) -> dict[str, str]:
    """Return the SHA-256 of each table's rows, by the table's name."""
    found = {}
    with connection.cursor() as cursor:
        for name in sorted({model._meta.db_table for model in own_models()} - set(left_out)):
            cursor.execute(f'SELECT * FROM "{name}"')
            rows = sorted(repr([_plain(value) for value in row]) for row in cursor.fetchall())
            found[name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


def _plain(value: object) -> object:
    """PostgreSQL gives bytes as a view, which is told by where it lies in memory."""
    return bytes(value) if isinstance(value, memoryview) else value
