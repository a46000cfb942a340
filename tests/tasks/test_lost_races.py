"""Every action of tasks/, taken twice from one page: the second is refused, or changes nothing.

The who-may matrix knows how each action comes to be asked for. Whoever may takes it; then it is taken once
more with the objects and the version as they were before, as by somebody who pressed the same button a
minute later. It locks a row besides the head of the trail. A new action is tried here by its row of the
matrix. That two connections wait for each other is shown on PostgreSQL by the tests that end in _together.
"""

import copy
import datetime as dt
import inspect
import sys
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import QuerySet

from portal.audit.models import Event
from portal.lib import actions
from portal.lib.errors import RuleError
from portal.notices.models import Notice
from portal.users.models import User
from tasks import assignment_drafts, assignments, indicators
from tasks.models import Assignment, Cooperation
from tests import who_may
from tests.test_who_may import PREPARE, ROWS, world
from tests.who_may_rows import Row
from tests.who_may_unasked import NOT_ASKED

__all__ = ["world"]

MINUTE = dt.timedelta(minutes=1)
OURS = {row.key: row for row in ROWS if row.action.startswith("tasks.")}

ADDS = "each adds one of its own, and both are seen"
AGAIN = {
    "tasks.assignment_drafts.add": ADDS,
    "tasks.assignment_imports.put": "two sheets wait; a sheet that waits changes nothing",
    "tasks.beginnings.set_days": "asked without days here; a day that was taken is stale (test_beginnings)",
    "tasks.changes.prepare": "two drafts stand beside each other; one of them is carried out",
    "tasks.comments.add assignment": ADDS,
    "tasks.comments.add clause": ADDS,
    "tasks.comments.add report": ADDS,
    "tasks.consolidations.add": "each adds paragraphs of the officer's own at the end",
    "tasks.group_plans.add": ADDS,
    "tasks.period_reviews.add": "each adds paragraphs of the officer's own at the end",
    "tasks.urgings.note_call assignment": "each notes a call of its own",
    "tasks.urgings.note_call report": "each notes a call of its own",
}
"""Actions that have another effect when they are taken again, and why nothing is lost by that."""


UNLOCKED = {
    "tasks.groups.found": "a running group of a name is there once (group_name_once)",
    "tasks.schemes.enter": "what a document approves is there once (scheme_approved_once)",
    "tasks.urging_letters.write": "an agency has one letter that waits for its number",
}
"""Actions that only add a row and lock nothing, and the constraint that keeps two of them apart."""

SHOWN: Mapping[str, Callable[..., Any]] = {
    "tasks.assignment_drafts": lambda programme, keys, wanted, **_kwargs: (
        assignment_drafts.differences(programme, assignment_drafts.chosen(programme, keys), wanted),
    ),
    "tasks.cooperations": lambda share, by, **_kwargs: (
        Cooperation.objects.filter(share=share).first() or Cooperation(share=share),
        by,
    ),
    "tasks.quotas": lambda assignment, **_kwargs: (indicators.measure_of(assignment),),
}
"""What version_of() is asked of that a form carries, where it is not of what the action is about alone."""


class Call:
    """The call of one action: what it was given, and the version of what was shown, before it was taken."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        self.function: Callable[..., Any] | None = None
        self.args: tuple[Any, ...] = ()
        self.kwargs: dict[str, Any] = {}
        self.locked: set[str] = set()
        run_once = actions._run_once

        def noting(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            if self.function is None and f"{function.__module__}.{function.__name__}" == name:
                self.function, self.args = function, copy.deepcopy(args)
                self.kwargs = copy.deepcopy(kwargs) | version(function, args, kwargs)
                kwargs = kwargs | {"at": kwargs["at"] + MINUTE}  # what was shown was done before
            return run_once(function, *args, **kwargs)

        monkeypatch.setattr(actions, "_run_once", noting)
        lock = QuerySet.select_for_update

        def locking(rows: QuerySet[Any], *args: Any, **kwargs: Any) -> QuerySet[Any]:
            if self.function is not None:
                self.locked.add(rows.model._meta.label)
            return lock(rows, *args, **kwargs)

        monkeypatch.setattr(QuerySet, "select_for_update", locking)

    def again(self) -> None:
        """Take it once more, from a page that is as old."""
        assert self.function is not None
        given = self.kwargs | {"at": self.kwargs["at"] + 2 * MINUTE}
        actions.action(self.function)(*self.args, **given)


def version(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, str]:
    """Return the version that a form would carry, of an action that compares one."""
    of_assignments = assignments.version_of if isinstance(args[0], Assignment) else None
    version_of = getattr(sys.modules[function.__module__], "version_of", of_assignments)
    if version_of is None or "version" not in inspect.signature(function).parameters or kwargs.get("version"):
        return {}
    shown = SHOWN.get(function.__module__, lambda *given, **_kwargs: given[:1])(*args, **kwargs)
    return {"version": version_of(*shown)}


def taken(row: Row, world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Let whoever may take the action, in a state in which it is done."""
    ask = PREPARE[row.key](world, next(state for state in row.states if state in row.done))
    by = next(user for who, user in world.people.items() if row.may(*who))
    call = Call(monkeypatch, row.action)
    ask(User.objects.get(pk=by.pk))
    return call


def picture() -> dict[str, Any]:
    """Every row of tasks/, and how much was told and recorded."""
    rows = {}
    with connection.cursor() as cursor:
        for model in apps.get_app_config("tasks").get_models():
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            rows[model.__name__] = sorted(map(str, cursor.fetchall()))
    return rows | {"events": Event.objects.count(), "notices": Notice.objects.count()}


@pytest.mark.parametrize("key", [key for key in OURS if key not in AGAIN])
def test_of_two_from_one_page_one_is_done(
    key: str, world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = taken(OURS[key], world, monkeypatch)
    assert key in UNLOCKED or {one for one in call.locked if not one.startswith("audit.")}
    before = picture()
    try:
        call.again()
    except (RuleError, PermissionDenied):
        return
    after = picture()
    assert {name for name in before if before[name] != after[name]} == set()


def test_the_exceptions_are_actions_of_the_matrix() -> None:
    assert set(AGAIN) | set(UNLOCKED) <= set(OURS)
    tried = {row.action for row in OURS.values()}
    every = {name for name, _place in who_may.actions() if name.startswith("tasks.")}
    assert every - tried <= set(NOT_ASKED), "give it a row in tests/who_may.py"
