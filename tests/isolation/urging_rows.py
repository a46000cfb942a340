"""Rows of the crawler's table: the contact book and letters of urging."""

from tests.isolation.people import COMMAND, MISSING, PLANNED, World
from tests.isolation.rows import (
    OF_PARTIES,
    RUNS,
    Row,
    Values,
    everybody,
    names,
    nobody,
    reports,
    sees_assignment,
    sees_report,
    some_assignments,
)


def sees_agency(world: World, values: Values) -> set[str]:
    known, planned = values["code"] in world.agencies, values["code"] == PLANNED
    return OF_PARTIES | {"viewer"} if known else COMMAND | {"admin"} if planned else set()


def codes(world: World) -> list[Values]:
    return [{"code": code} for code in (*world.agencies, PLANNED, "NOBODY")]


def letters(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.letters.values(), MISSING)]


def sees_letter(world: World, values: Values) -> set[str]:
    """The command; the agency it was issued to. The one to STC has no number yet."""
    if values["pk"] == MISSING:
        return set()
    issued = values["pk"] == world.letters["SXD"]
    return COMMAND | world.members({"SXD"}) if issued else set(COMMAND)


ROWS = {
    "urgings:assignment": Row(sees_assignment, some_assignments, names(*RUNS), names(*RUNS)),
    "urgings:report": Row(sees_report, reports, names(*RUNS), names(*RUNS)),
    "urgings:contacts": Row(everybody, reads=names(*RUNS)),
    "urgings:contact": Row(sees_agency, codes, names(*RUNS)),
    "urgings:several": Row(everybody, reads=nobody, sends=names(*RUNS)),
    "urgings:write_letter": Row(sees_agency, codes, names(*RUNS), names(*RUNS)),
    "urgings:letters": Row(everybody),
    "urgings:letter": Row(sees_letter, letters),
    "urgings:letter_paper": Row(sees_letter, letters),
    "urgings:issue_letter": Row(sees_letter, letters, nobody, names("officer", "clerk")),
    "urgings:discard_letter": Row(sees_letter, letters, nobody, names(*RUNS)),
}
