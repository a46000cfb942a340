"""Rows of the crawler's table about schemes of several years, and the one of the crawled province."""

import datetime as dt

from portal.users.models import User
from tasks.models import Assignment, Milestone, MilestoneDuty, Scheme
from tests.factories import NOW, TODAY
from tests.isolation.people import COMMAND, MISSING, World
from tests.isolation.rows import RUNS, SIGNED_IN, Row, Values, everybody, names, nobody

_RUN = names(*RUNS)
TAKES_PART = {"SXD", "STC"}


def enter(world: World) -> None:
    """One that SXD leads and STC coordinates, with a milestone that 1.01 carries and SXD reported."""
    officer = User.objects.get(pk=world.people["officer"].pk)
    readers = world.members(TAKES_PART) | COMMAND
    words = world.betray("deandanquan", "scheme", readers | {"admin"})
    scheme = Scheme.objects.create(
        kind="scheme",
        title_vi=f"Đề án {words}",
        year_from=2025,
        year_to=2028,
        approval_number="77/QĐ-UBND",
        approved_on=TODAY - dt.timedelta(days=300),
        approval_subject="Phê duyệt",
        lead=world.agencies["SXD"],
    )
    scheme.coordinating.add(world.agencies["STC"])
    milestone = Milestone.objects.create(
        scheme=scheme,
        title=f"Mốc {world.betray('mocsoket', 'milestone', readers)}",
        due_on=TODAY + dt.timedelta(days=20),
        state="reported",
        result=f"Đã {world.betray('ketquamoc', 'milestone', readers)}",
        reached_on=TODAY,
        reported_by=world.people["sxd_head"],
    )
    duty = Assignment.objects.get(pk=world.assignments["1.01"])
    MilestoneDuty.objects.create(milestone=milestone, assignment=duty, by=officer, at=NOW)
    world.scheme, world.milestone = scheme.pk, milestone.pk


def _some_schemes(world: World) -> list[Values]:
    return [{"pk": world.scheme}, {"pk": MISSING}]


def _some_milestones(world: World) -> list[Values]:
    return [{"pk": world.milestone}, {"pk": MISSING}]


def _sees(world: World, values: Values) -> set[str]:
    return set() if values["pk"] == MISSING else set(world.members(TAKES_PART) | COMMAND)


def _reports(world: World, values: Values) -> set[str]:
    return {"sxd_head", "sxd_deputy", "sxd_focal"} | RUNS


_SEES = names(*SIGNED_IN - {"admin", "viewer"})
ROWS = {
    "schemes:list": Row(everybody, reads=_SEES),
    "schemes:export": Row(everybody, reads=_SEES),
    "schemes:new": Row(everybody, reads=_RUN, sends=_RUN),
    "schemes:detail": Row(_sees, _some_schemes),
    "schemes:amend": Row(_sees, _some_schemes, _RUN, _RUN),
    **{f"schemes:{name}": Row(_sees, _some_schemes, nobody, _RUN) for name in ("end", "plan")},
    "schemes:milestone": Row(_sees, _some_milestones),
    "schemes:report": Row(_sees, _some_milestones, nobody, _reports),
    **{
        f"schemes:{name}": Row(_sees, _some_milestones, nobody, _RUN)
        for name in ("change", "tie", "untie", "draft", "confirm", "send_back", "drop")
    },
}
