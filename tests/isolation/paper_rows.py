"""Rows of the crawler's table about documents of the year: one of a draft, which its readers alone see."""

from portal.files import store
from tasks.models import Programme
from tests import factories
from tests.factories import NOW
from tests.isolation.people import COMMAND, DRAFT_YEAR, MISSING, World
from tests.isolation.rows import RUNS, Row, Values, everybody, names, nobody, sees_programme, years

WRITES = names("officer", "clerk")


def register(world: World) -> None:
    """In the register of the draft, with a file."""
    readers = COMMAND | {"admin"}
    words = world.betray("kehoachduthao", "paper", readers)
    content = world.betray("noidungkehoach", "paper", readers)
    file = store.put(content.encode(), media_type="text/plain", at=NOW)
    world.paper = factories.YearPaperFactory(
        programme=Programme.objects.get(year=DRAFT_YEAR),
        subject=f"Kế hoạch {words}",
        file=file,
        file_name="Kế hoạch.txt",
        declaration="2026-1",
        entered_by=world.people["clerk"],
    ).pk


def _some(world: World) -> list[Values]:
    return [{"pk": world.paper}, {"pk": MISSING}]


def _sees(world: World, values: Values) -> set[str]:
    return set() if values["pk"] == MISSING else COMMAND | {"admin"}


ROWS = {
    "papers:list": Row(everybody),
    "papers:new": Row(sees_programme, years, WRITES, WRITES),
    "papers:detail": Row(_sees, _some),
    "papers:file": Row(_sees, _some),
    "papers:amend": Row(_sees, _some, WRITES, WRITES),
    "papers:put": Row(_sees, _some, nobody, WRITES),
    "papers:strike": Row(_sees, _some, nobody, WRITES),
    "papers:recall": Row(_sees, _some, nobody, names(*RUNS, "admin")),
}
