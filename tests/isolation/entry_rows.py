"""Rows of the crawler's table: what the command enters from paper on an agency's behalf."""

from tests.isolation.people import COMMAND, LED, MISSING, World
from tests.isolation.rows import (
    RUNS,
    Row,
    Values,
    code_of,
    names,
    reports,
    sees_assignment,
    sees_report,
    some_assignments,
)

ENTERS = {"officer", "clerk"}


def enters_report(world: World, values: Values) -> set[str]:
    """For other agencies: the host's own report is written in the portal."""
    return set() if values["pk"] == world.reports["BCHQS"] else ENTERS


def enters_for_lead(world: World, values: Values) -> set[str]:
    lead = LED.get(code_of(world, values).rpartition("/")[2])
    return set() if lead == "BCHQS" else ENTERS


def entries(world: World) -> list[Values]:
    return [{"pk": world.paper_entry}, {"pk": MISSING}]


def sees_scan(world: World, values: Values) -> set[str]:
    """Its agency and the command; who coordinates reads of it in the log, and opens nothing."""
    return COMMAND | world.members({LED["1.02"]}) if values["pk"] == world.paper_entry else set()


ROWS = {
    "paper_entries:report": Row(sees_report, reports, enters_report, enters_report),
    "paper_entries:assignment": Row(sees_assignment, some_assignments, enters_for_lead, enters_for_lead),
    "paper_entries:scan": Row(sees_scan, entries),
    "paper_entries:recall": Row(sees_scan, entries, names(*RUNS), names(*RUNS)),
}
