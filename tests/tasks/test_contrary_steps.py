"""Contrary steps of tasks/: two people take different steps from one page, and the first of them wins.

The who-may matrix says which actions are done in a state; which of them move a thing out of it is found by
taking each alone. Every mover is tried before every other action of that state, about the same thing: the
first is done; the second, asked with the thing as it was before, hears a rule and leaves nothing, neither a
row nor an event nor a notice, unless the matrix has it done in the state to which the first has led. Then a
second that moves the thing too is refused for the version of its page. Elsewhere none is sent, so that each
state stands for itself. A new action joins by its row. That two connections wait for each other is shown on
PostgreSQL by the tests that end in _together.
"""

import copy
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction

from portal.audit.models import Event
from portal.lib import actions
from portal.lib.errors import RuleError
from portal.users.models import User
from tasks.models import StandingGroup
from tests.tasks.test_lost_races import MINUTE, OURS, picture, version
from tests.test_who_may import PREPARE, world
from tests.who_may_rounds import Ask
from tests.who_may_rows import Row

__all__ = ["world"]

Moves = Callable[[], dict[Any, str]]
"""Returns the state of every thing of a kind, by key."""

_FIGURES = {"tasks.figures.enter", "tasks.figures.correct", "tasks.quotas.distribute", "tasks.quotas.settle"}
APART = {
    "tasks.figures.correct": _FIGURES,
    "tasks.figures.enter": _FIGURES,
    "tasks.groups.end": {"tasks.groups.release"},
    "tasks.rating_sheets.submit": {"tasks.rating_sheets.prove", "tasks.rating_sheets.drop_proof"},
}
"""Not prepared about one thing here: figures are of settled shares, each of its own place and day; members
are of a group, points and proofs of a sheet of their own."""

FOLLOWS = {
    "tasks.figures.correct": "figures are rows of their own, and one that was corrected meanwhile is stale",
    "tasks.figures.enter": "figures are rows of their own, one a day and place",
}
"""Second steps that carry no version and are done in the new state as in the old, and why that is well."""

ACROSS = [
    ("tasks.assignment_imports.load draft", "tasks.assignment_imports.discard waiting"),
    ("tasks.assignment_imports.discard waiting", "tasks.assignment_imports.load draft"),
    ("tasks.cooperations.ask in_progress", "tasks.cooperations.rate delivered"),
    ("tasks.comments.delete any", "tasks.comments.edit any"),
    ("tasks.year_papers.strike in_force", "tasks.year_papers.amend in_force"),
    ("tasks.year_papers.strike in_force", "tasks.year_papers.put in_force"),
]
"""Of things whose own state the rows do not name: whoever takes the first leaves nothing to the second."""

KNOWN = {
    "Assignment assigned": {"assignments.accept > assignments.return_to_command"},
    "Assignment awaiting_head": {"assignments.approve > assignments.send_back"},
    "Assignment submitted": {"assignments.confirm > assignments.reject"},
    "Assignment in_progress": {"assignments.cancel > assignments.report_progress"},
    "Cooperation awaiting_head": {"cooperations.send_back > cooperations.approve"},
    "ExtensionRequest pending": {
        "extensions.approve > extensions.refuse",
        "extensions.withdraw > extensions.approve",
    },
    "GroupPlanItem planned": {"group_plans.drop > group_plans.report"},
    "Programme in_force": {"programmes.close > periods.generate"},
    "Report awaiting_head": {"reports.take_back > reports.approve"},
    "StandingGroup running": {"groups.end > group_plans.add"},
    "UrgingLetter draft": {"urging_letters.discard > urging_letters.issue"},
}
"""Pairs that everybody thinks of: they are among those that were tried and refused."""


# --- Calls ----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Call:
    """An action as a page asks for it, by somebody who may."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def take(self, minutes: int) -> None:
        given = copy.deepcopy(self.kwargs | {"at": self.kwargs["at"] + minutes * MINUTE})
        actions.action(self.function)(*copy.deepcopy(self.args), **given)

    def seen(self) -> "Call":
        """Return it with the version that its form carries now."""
        return replace(self, kwargs=self.kwargs | version(self.function, self.args, self.kwargs))

    def is_done(self) -> bool:
        """Return whether it is done when it is taken alone; it is taken back."""
        with undone():
            try:
                self.take(1)
            except (RuleError, PermissionDenied, ObjectDoesNotExist):
                return False
        return True

    def about(self, other: "Call") -> "Call":
        """Return it about the thing that the other is about."""
        if type(self.args[0]) is not type(other.args[0]):
            return self
        return replace(self, args=(other.args[0], *self.args[1:]))


class Asked(Exception):
    """Carries the call that was about to run."""


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def asked(ask: Ask, row: Row, by: User, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Return what a person asks for, without doing it."""
    run_once = actions._run_once

    def stop(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if f"{function.__module__}.{function.__name__}" == row.action:
            raise Asked(Call(function, args, kwargs))
        return run_once(function, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(actions, "_run_once", stop)
        with pytest.raises(Asked) as found:
            ask(User.objects.get(pk=by.pk))
    call: Call = found.value.args[0]
    return call


def alone(row: Row, state: str, by: User, world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Return the call about a thing that is gone again."""
    with undone():
        return asked(PREPARE[row.key](copy.copy(world), state), row, by, monkeypatch)


def people(row: Row, other_row: Row, world: SimpleNamespace) -> tuple[User, User]:
    """Return somebody who may the first, and another who may the second, if there is one."""
    one = next(user for who, user in world.people.items() if row.may(*who))
    may = [user for who, user in world.people.items() if other_row.may(*who)]
    return one, next((user for user in may if user != one), one)


@contextmanager
def pair(
    first: tuple[Row, str], second: tuple[Row, str], world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Call, Call]]:
    """Put one thing into its state, and yield two calls about it, each of which would be done alone.

    Prepared for both where that can be; else for one of them, when there can be only one such thing.
    """
    (row, state), (other_row, other_state) = first, second
    one, other = people(row, other_row, world)
    for way in ("both", "first", "second"):
        solo = alone(row, state, one, world, monkeypatch)
        other_solo = alone(other_row, other_state, other, world, monkeypatch)
        with undone():
            here = copy.copy(world)
            try:
                ask = PREPARE[row.key](here, state) if way != "second" else None
                other_ask = PREPARE[other_row.key](here, other_state) if way != "first" else None
            except (IntegrityError, ValidationError, RuleError):
                continue
            theirs = asked(other_ask, other_row, other, monkeypatch) if other_ask else other_solo
            mine = asked(ask, row, one, monkeypatch) if ask else solo
            if other_ask:
                mine = mine.about(theirs)
            else:
                theirs = theirs.about(mine)
            if mine.is_done() and theirs.is_done():
                yield mine, theirs
                return
    pytest.fail(f"{row.key} and {other_row.key} are done about one thing in no way")


# --- States -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Group:
    """A state that things of a kind can be in, and the actions that the matrix has done in it."""

    state: str
    rows: list[Row]
    states_of: Moves

    def there(self) -> set[Any]:
        return {key for key, state in self.states_of().items() if state == self.state}

    def moved(self, call: Call) -> set[Any]:
        """Return what the call alone moves out of the state; it is taken back."""
        with undone():
            before = self.there()
            try:
                call.take(1)
            except (RuleError, PermissionDenied):
                return set()
            return before - self.there()


def kind_of(states: tuple[str, ...]) -> tuple[str, Moves] | None:
    """Return what has these states and no others, and how they are read."""
    for model in apps.get_app_config("tasks").get_models():
        for field in model._meta.concrete_fields:
            is_state = field.name in {"state", "status"}
            if is_state and {key for key, _label in field.flatchoices} == set(states):
                return model.__name__, column(model, field.name)
    return None


def column(model: type[models.Model], name: str) -> Moves:
    return lambda: dict(model._default_manager.values_list("pk", name))


def ends() -> dict[Any, str]:
    """A standing group has no column for it."""
    return {row.pk: "ended" if row.ended_on else "running" for row in StandingGroup.objects.all()}


def groups() -> Iterator[tuple[str, Group]]:
    for states in dict.fromkeys(row.states for row in OURS.values()):
        rows = [row for row in OURS.values() if row.states == states]
        kinds = [(kind_of(states), rows)]
        if states == ("running", "ended"):  # of schemes, and of standing groups
            theirs = [row for row in rows if row.action.startswith("tasks.group")]
            kinds = [
                (kind_of(states), [row for row in rows if row not in theirs]),
                (("StandingGroup", ends), theirs),
            ]
        for kind, those in kinds:
            for state in states if kind else ():
                yield f"{kind[0]} {state}", Group(state, [row for row in those if state in row.done], kind[1])


GROUPS = {name: group for name, group in groups() if len(group.rows) > 1}


# --- The first wins ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", GROUPS)
def test_of_two_steps_out_of_a_state_the_first_wins(
    name: str, world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, refused = GROUPS[name], set()
    for first in group.rows:
        with undone():
            by = people(first, first, world)[0]
            call = asked(PREPARE[first.key](copy.copy(world), group.state), first, by, monkeypatch)
            if not group.moved(call):
                continue
        for second in group.rows:
            if second is first or second.action in APART.get(first.action, ()):
                continue
            about = ((first, group.state), (second, group.state))
            with pair(*about, world, monkeypatch) as (mine, theirs):
                (key,) = group.moved(mine)
                with undone():
                    mine.take(1)
                    led_to = group.states_of()[key]
                if is_refused(mine, theirs):
                    refused.add(f"{first.key} > {second.key}".replace("tasks.", ""))
                    continue
                assert led_to in second.done, f"{second.key} was done after {first.key}"
                if group.moved(theirs) and second.action not in FOLLOWS:
                    assert is_refused(mine, theirs.seen()), f"{second.key} followed on {first.key}"
    assert KNOWN.get(name, set()) <= refused


@pytest.mark.parametrize(("first", "second"), ACROSS)
def test_what_one_has_taken_is_not_there_for_the_other(
    first: str, second: str, world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (key, _space, state), (other, _space, other_state) = first.rpartition(" "), second.rpartition(" ")
    with pair((OURS[key], state), (OURS[other], other_state), world, monkeypatch) as (mine, theirs):
        assert is_refused(mine, theirs)


def is_refused(mine: Call, theirs: Call) -> bool:
    """Return whether the second is refused after the first, which has left its events once; taken back."""
    before = Event.objects.count()
    with undone():
        mine.take(1)
        left = Counter(Event.objects.order_by("seq").values_list("verb", flat=True)[before:])
        assert set(left.values()) == {1}, left
        after = picture()
        try:
            theirs.take(2)
        except RuleError:
            assert picture() == after
            return True
    return False


def test_the_exceptions_are_actions_of_the_matrix() -> None:
    tried = {row.action for row in OURS.values()}
    assert set(APART) | set().union(*APART.values()) | set(FOLLOWS) <= tried
    assert set(KNOWN) <= set(GROUPS)
