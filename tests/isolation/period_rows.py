"""Rows of the crawler's table about reporting periods and what is consolidated in them."""

from tests.isolation.people import COMMAND, MISSING, World
from tests.isolation.rows import OF_PARTIES, RUNS, Row, Values, names, nobody


def _periods(world: World) -> list[Values]:
    return [{"pk": world.period}, {"pk": MISSING}]


def _every_period(world: World) -> list[Values]:
    """Those of the reviews, too, of which there is no consolidation yet."""
    return [*_periods(world), *({"pk": pk} for pk in world.reviews.values())]


def _sees_period(world: World, values: Values) -> set[str]:
    there = {world.period, *world.reviews.values()}
    return (OF_PARTIES | {"viewer"}) if values["pk"] in there else set()


def _parts(world: World) -> list[Values]:
    """Parts of a draft: one that is there, and one of no report."""
    return [{"pk": world.period, "slug": slug} for slug in ("summary", "task-1")] + [
        {"pk": MISSING, "slug": "summary"}
    ]


ROWS: dict[str, Row] = {
    "reports:period": Row(_sees_period, _every_period, names(*COMMAND)),
    "reports:lock_period": Row(_sees_period, _periods, nobody, names(*RUNS)),
    "consolidations:detail": Row(_sees_period, _every_period, names(*COMMAND)),
    "consolidations:paper": Row(_sees_period, _periods, names(*COMMAND)),
    "consolidations:draft": Row(_sees_period, _periods, nobody, names("officer")),
    "consolidations:part": Row(_sees_period, _parts, names("officer")),
    "consolidations:save": Row(_sees_period, _parts, nobody, names("officer")),
    "consolidations:add": Row(_sees_period, _parts, nobody, names("officer")),
    "consolidations:refresh": Row(_sees_period, _periods, nobody, names("officer")),
    "consolidations:freeze": Row(_sees_period, _periods, nobody, names(*RUNS)),
    "consolidations:number": Row(_sees_period, _periods, nobody, names("officer", "clerk")),
}
