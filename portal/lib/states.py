"""The only code that writes a state column."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from portal.lib.errors import RuleError

Transitions = Mapping[str, frozenset[str]]
"""Allowed targets by current state. A state that is missing or empty is final."""


def move(obj: models.Model, to: str, table: Transitions, *, field: str = "state", **changes: Any) -> None:
    """Lock the row, check that `to` may follow its present state, write it with `changes`.

    Must run inside a transaction. The object in hand is brought up to date. Raises RuleError when
    the state in the database, which may have moved meanwhile, does not allow the step.
    """
    row = type(obj)._default_manager.select_for_update().only("pk", field).get(pk=obj.pk)
    now = getattr(row, field)
    if to not in table.get(now, frozenset()):
        label = dict(obj._meta.get_field(field).flatchoices).get(now, now)  # type: ignore[union-attr]
        raise RuleError(
            _("This step is no longer possible: the present state is “%(state)s”.") % {"state": label}
        )
    setattr(obj, field, to)
    for name, value in changes.items():
        setattr(obj, name, value)
    obj.save(update_fields=[field, *changes])


def move_all(rows: models.QuerySet[Any], to: str, table: Transitions, *, field: str = "state") -> int:
    """Write `to` in every row of the queryset with one statement; return how many there are.

    Must run inside a transaction. Raises RuleError when the state of one row does not allow the step.
    """
    sources = [state for state, targets in table.items() if to in targets]
    wanted = list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))
    moved = rows.model._default_manager.filter(pk__in=wanted, **{f"{field}__in": sources}).update(
        **{field: to}
    )
    if moved != len(wanted):
        raise RuleError(_("This step is no longer possible for all of them: the state of some has changed."))
    return len(wanted)
