"""Rows of a programme, of any noun: make what is missing, change what differs, delete what is gone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from portal.lib.errors import RuleError
from tasks.loading.wanted import Row
from tasks.models import Programme

Key = tuple[Any, ...]


@dataclass
class Pen:
    """Counts what is written, and refuses to write on a text that may no longer change."""

    programme: Programme
    is_editable: bool
    changed: int = 0

    def touch(self) -> None:
        """Say that a row is about to be written. Raises RuleError."""
        if not self.is_editable:
            raise RuleError(
                _(
                    "The text of the programme of %(year)d may no longer change (%(state)s), "
                    "and the file says something else. Nothing was written."
                )
                % {"year": self.programme.year, "state": self.programme.get_state_display()}
            )
        self.changed += 1

    def set(self, row: models.Model, columns: Row) -> None:
        """Write the columns of one row, new or not."""
        self.touch()
        for column, value in columns.items():
            setattr(row, column, value)
        row.save()


def keyed(rows: Mapping[Any, Any]) -> dict[Key, Any]:
    """Return rows with a key of one column as rows with a tuple for a key."""
    return {(key,): row for key, row in rows.items()}


def differs(row: models.Model, columns: Row) -> bool:
    """Return whether one of the columns holds something else."""
    return any(getattr(row, column) != value for column, value in columns.items())


def upsert(
    pen: Pen, model: type[models.Model], rows: Mapping[Key, Row], columns: tuple[str, ...]
) -> dict[Key, int]:
    """Make and change rows of the programme, found by the key `columns`; return the ids by key."""
    present = _present(pen, model, columns)
    for key, row in rows.items():
        found = present.get(key)
        if found is None:
            found = model(programme=pen.programme, **dict(zip(columns, key, strict=True)))
        if found.pk is None or differs(found, row):
            pen.set(found, row)
        present[key] = found
    return {key: row.pk for key, row in present.items()}


def prune(pen: Pen, model: type[models.Model], keys: Iterable[Key], columns: tuple[str, ...]) -> None:
    """Delete the rows of the programme that have none of the keys."""
    keep = set(keys)
    for key, row in _present(pen, model, columns).items():
        if key not in keep:
            pen.touch()
            row.delete()


def _present(pen: Pen, model: type[models.Model], columns: tuple[str, ...]) -> dict[Key, models.Model]:
    rows = model._default_manager.filter(programme=pen.programme)
    return {tuple(getattr(row, column) for column in columns): row for row in rows}


def replace(
    pen: Pen, model: type[models.Model], parent: str, lists: Mapping[int, list[Row]], *, order: str
) -> None:
    """Make the rows under each parent a list: one that is as wanted stays, any other is written anew.

    Anew, because rows of a list share unique places that cannot be swapped one by one.
    """
    present: dict[int, list[models.Model]] = defaultdict(list)
    for row in model._default_manager.filter(**{f"{parent}__in": lists}).order_by(parent, order):
        present[getattr(row, parent)].append(row)
    for parent_id, wanted in lists.items():
        found = present[parent_id]
        if len(found) == len(wanted) and not any(map(differs, found, wanted)):
            continue
        pen.touch()
        model._default_manager.filter(pk__in=[row.pk for row in found]).delete()
        model._default_manager.bulk_create(model(**{parent: parent_id}, **row) for row in wanted)
