"""Rows of the crawler's table about changes of agencies: a draft is for the command and the administrator."""

from tests.isolation.people import COMMAND, MISSING, World
from tests.isolation.rows import Values

PREPARES = frozenset({"officer", "admin"})


def plans(world: World) -> list[Values]:
    return [{"pk": world.plan}, {"pk": MISSING}]


def sees_change(world: World, values: Values) -> set[str]:
    return {*COMMAND, "admin"} if values["pk"] == world.plan else set()
