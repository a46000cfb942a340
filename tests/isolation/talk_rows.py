"""Which conversations and comments stand for an address, and who reads and writes there."""

from tests.isolation.people import COMMAND, MISSING, PARTIES, World
from tests.isolation.rows import (
    OF_PARTIES,
    RUNS,
    Row,
    Values,
    adds_files,
    names,
    nobody,
    reports,
    sees_assignment,
    sees_measured,
    sees_report,
    some_assignments,
    writes_report,
)


def talks(world: World, values: Values) -> set[str]:
    """Who sees the progress; of a draft the command."""
    return sees_measured(world, values)


def says(world: World, values: Values) -> set[str]:
    return adds_files(world, values) | RUNS


def clauses(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.clauses, MISSING)]


def sees_clause(world: World, values: Values) -> set[str]:
    return (OF_PARTIES | {"viewer"}) if values["pk"] in world.clauses else set()


def comments(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.comments.values(), MISSING)]


def _kind(world: World, values: Values) -> str:
    return {pk: kind for kind, pk in world.comments.items()}.get(values["pk"], "")


def sees_comment(world: World, values: Values) -> set[str]:
    """Whoever takes part; an internal one its agency's people."""
    readers = {
        "shared": world.involved("1.01"),
        "internal": world.members({"SXD"}),
        "report": world.members({"STC"}) | COMMAND,
        "clause": world.members(PARTIES),
    }
    return set(readers.get(_kind(world, values), ()))


def edits(world: World, values: Values) -> set[str]:
    return {"officer"} if _kind(world, values) == "report" else {"sxd_focal"}


def deletes(world: World, values: Values) -> set[str]:
    return edits(world, values) | (set() if _kind(world, values) == "internal" else RUNS)


def talks_of_report(world: World, values: Values) -> set[str]:
    return writes_report(world, values) | RUNS


ROWS = {
    "comments:assignment": Row(sees_assignment, some_assignments, talks, says),
    "comments:clause": Row(
        sees_clause, clauses, names(*OF_PARTIES - {"admin"}), names(*OF_PARTIES - {"admin", "clerk"})
    ),
    "comments:report": Row(sees_report, reports, sees_report, talks_of_report),
    "comments:edit": Row(sees_comment, comments, edits, edits),
    "comments:delete": Row(sees_comment, comments, nobody, deletes),
}
