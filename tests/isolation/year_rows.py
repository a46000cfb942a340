"""Rows of the crawler's table about the turn of the year, and what it leaves in the crawled province."""

from portal.users.models import User
from tasks.models import Assignment, Programme, SeenPoint, YearEndDecision
from tests.factories import NOW
from tests.isolation.people import DRAFT_YEAR, MISSING, World
from tests.isolation.rows import RUNS, Row, Values, everybody, names, nobody, sees_programme, years

_RUN = names(*RUNS)


def turn(world: World) -> None:
    """A duty that was left open for a reason, and a point of next year's text that was seen for another."""
    officer = User.objects.get(pk=world.people["officer"].pk)
    duty = Assignment.objects.get(pk=world.assignments["1.01"])
    words = world.betray("lydodemo", "decision", world.involved("1.01"))
    world.decision = YearEndDecision.objects.create(
        assignment=duty,
        choice="left_open",
        status_before=duty.status,
        reason=f"Chờ {words}",
        by=officer,
        at=NOW,
    ).pk
    words = world.betray("lydodaxem", "seen point", RUNS | {"clerk"})
    SeenPoint.objects.create(
        programme=Programme.objects.get(year=DRAFT_YEAR),
        key="day:0:2027-01-01",
        reason=f"Giữ {words}",
        by=officer,
        at=NOW,
    )


def decisions(world: World) -> list[Values]:
    return [{"pk": world.decision}, {"pk": MISSING}]


def sees_decision(world: World, values: Values) -> set[str]:
    return set(world.involved("1.01")) if values["pk"] == world.decision else set()


ROWS = {
    "years:begin": Row(everybody, reads=_RUN, sends=_RUN),
    "years:points": Row(sees_programme, years, _RUN),
    **{
        f"years:{name}": Row(sees_programme, years, nobody, _RUN)
        for name in ("agencies", "days", "mark", "drop_basis", "cite", "rewrite")
    },
    "years:unfinished": Row(sees_programme, years, _RUN, _RUN),
    "years:take_back": Row(sees_decision, decisions, nobody, _RUN),
}
