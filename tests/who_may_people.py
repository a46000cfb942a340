"""Whom the cells of tests/who_may.py about a person are asked for, for tests/test_who_may_people.py."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from portal.users.models import User

HOME, AWAY = "HOME", "AWAY"

Ask = Callable[[User, str], Any]
Prepare = Callable[[SimpleNamespace, str], Ask]


def everybody(world: SimpleNamespace) -> list[User]:
    return [*world.askers.values(), *world.subjects.values()]


def about(world: SimpleNamespace, by: User, relation: str) -> User:
    """Return whom a person who stands so to it asks for."""
    if relation == "self":
        return by
    return world.subjects[AWAY if relation == "other" else HOME]
