"""Rows of the crawler's table about the turn of the year, and what it leaves in the crawled province."""

from portal.users.models import User
from tasks.models import (
    Assignment,
    Programme,
    Proposal,
    Report,
    SeenPoint,
    Shortcoming,
    ShortcomingReview,
    YearEndDecision,
)
from tests.factories import NOW
from tests.isolation.people import COMMAND, DRAFT_YEAR, MISSING, YEAR, World
from tests.isolation.rows import (
    RUNS,
    SIGNED_IN,
    Row,
    Values,
    everybody,
    names,
    nobody,
    sees_programme,
    years,
)

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
    _find_wanting(world, officer)
    words = world.betray("lydodaxem", "seen point", RUNS | {"clerk"})
    SeenPoint.objects.create(
        programme=Programme.objects.get(year=DRAFT_YEAR),
        key="day:0:2027-01-01",
        reason=f"Giữ {words}",
        by=officer,
        at=NOW,
    )


def _find_wanting(world: World, officer: User) -> None:
    """A shortcoming in the command's ledger, and a proposal of one agency."""
    words = world.betray("tontaihanche", "shortcoming", COMMAND)
    programme = Programme.objects.get(year=YEAR)
    world.shortcoming = Shortcoming.objects.create(
        programme=programme, text=f"Còn {words}", noted_by=officer, noted_at=NOW
    ).pk
    ShortcomingReview.objects.create(
        shortcoming_id=world.shortcoming,
        programme=programme,
        verdict="remains",
        words=f"Vẫn {words}",
        by=officer,
        at=NOW,
    )
    report = Report.objects.get(pk=world.reports["STC"])
    words = world.betray("kiennghistc", "proposal", world.members({"STC"}) | COMMAND)
    world.proposal = Proposal.objects.create(
        report=report, agency=report.agency, number=1, text=f"Đề nghị {words}"
    ).pk


def wanting(world: World) -> list[Values]:
    return [{"pk": world.shortcoming}, {"pk": MISSING}]


def sees_wanting(world: World, values: Values) -> set[str]:
    return set(COMMAND) if values["pk"] == world.shortcoming else set()


def proposals(world: World) -> list[Values]:
    return [{"pk": world.proposal}, {"pk": MISSING}]


def sees_proposal(world: World, values: Values) -> set[str]:
    return set(world.members({"STC"}) | COMMAND) if values["pk"] == world.proposal else set()


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
    "programmes:review": Row(sees_programme, years, names(*COMMAND)),
    "shortcomings:list": Row(everybody, reads=names(*COMMAND)),
    "shortcomings:note": Row(sees_programme, years, _RUN, _RUN),
    "shortcomings:detail": Row(sees_wanting, wanting),
    **{
        f"shortcomings:{name}": Row(sees_wanting, wanting, nobody, _RUN)
        for name in ("answer", "leave", "review")
    },
    "proposals:list": Row(everybody, reads=names(*SIGNED_IN - {"admin", "viewer"})),
    "proposals:gather": Row(sees_programme, years, nobody, _RUN),
    "proposals:decide": Row(sees_proposal, proposals, nobody, _RUN),
}
