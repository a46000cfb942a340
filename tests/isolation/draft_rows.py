"""Rows of the crawler's table: a draft's assignments, sheets that were sent to be added, and cooperation."""

from tests.isolation.people import COMMAND, COORDINATED, DRAFT_READERS, LED, MISSING, POSTS, World
from tests.isolation.rows import (
    RUNS,
    Row,
    Values,
    Who,
    names,
    nobody,
    sees_assignment,
    sees_programme,
    some_assignments,
    works,
    years,
)


def sheets(world: World) -> list[Values]:
    return [{"pk": world.sheet}, {"pk": MISSING}]


def sees_sheet(world: World, values: Values) -> set[str]:
    return set(COMMAND) if values["pk"] == world.sheet else set()


def shares(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.shares.values(), MISSING)]


def _parties_of(world: World, values: Values) -> tuple[str, str]:
    """Return who coordinates and who leads; neither of one that is not there or of a draft."""
    name = {pk: name for name, pk in world.shares.items()}.get(values["pk"], "")
    year, _slash, code = name.rpartition("/")
    if not code or (year and int(year) in DRAFT_READERS):
        return "", ""
    (coordinates,) = COORDINATED[code]
    return coordinates, LED[code]


def sees_cooperation(world: World, values: Values) -> set[str]:
    if values["pk"] not in world.shares.values():
        return set()
    return COMMAND | world.members(set(_parties_of(world, values)) - {""})


def _works_for(place: int, *, heads_alone: bool = False) -> Who:
    """Of the agency that coordinates (0) or leads (1): everybody, or head and deputy."""

    def who(world: World, values: Values) -> set[str]:
        code = _parties_of(world, values)[place]
        own = {name for name, (agency, _role) in POSTS.items() if agency == code}
        return {name for name in own if not (heads_alone and name.endswith("_focal"))}

    return who


def asks(world: World, values: Values) -> set[str]:
    return _works_for(1)(world, values) | {"officer"}


def products(world: World) -> list[Values]:
    """Of 1.01, under it and under another, and one that is missing."""
    own, other = world.assignments["1.01"], world.assignments["1.03"]
    found = [{"pk": own, "product_pk": world.product}, {"pk": other, "product_pk": world.product}]
    return [*found, {"pk": own, "product_pk": MISSING}]


def sees_product(world: World, values: Values) -> set[str]:
    is_there = values == {"pk": world.assignments["1.01"], "product_pk": world.product}
    return COMMAND | world.members({LED["1.01"], *COORDINATED["1.01"]}) if is_there else set()


ROWS = {
    "assignments:source": Row(sees_assignment, some_assignments, names(*RUNS), names(*RUNS)),
    "assignments:name_product": Row(sees_assignment, some_assignments, nobody, works),
    "assignments:drop_product": Row(sees_product, products, nobody, works),
    "cooperations:detail": Row(sees_cooperation, shares),
    "cooperations:ask": Row(sees_cooperation, shares, nobody, asks),
    "cooperations:report": Row(sees_cooperation, shares, nobody, _works_for(0)),
    "cooperations:approve": Row(sees_cooperation, shares, nobody, _works_for(0, heads_alone=True)),
    "cooperations:send_back": Row(sees_cooperation, shares, nobody, _works_for(0, heads_alone=True)),
    "cooperations:rate": Row(sees_cooperation, shares, nobody, _works_for(1)),
    "drafting:board": Row(sees_programme, years, names(*RUNS)),
    "drafting:template": Row(sees_programme, years, names(*RUNS)),
    "drafting:add": Row(sees_programme, years, names(*RUNS), names(*RUNS)),
    "drafting:import": Row(sees_programme, years, names(*RUNS), names(*RUNS)),
    "drafting:change": Row(sees_programme, years, nobody, names(*RUNS)),
    "drafting:sheet": Row(sees_sheet, sheets),
    "drafting:load": Row(sees_sheet, sheets, nobody, names(*RUNS)),
    "drafting:discard": Row(sees_sheet, sheets, nobody, names(*RUNS)),
}
