"""What tests of the turn of the year share: how the next year is begun, and duties are decided on."""

import datetime as dt
from typing import Any

from portal.users.models import User
from tasks import beginnings, leftovers
from tasks.beginnings import Facts
from tasks.leftovers import Decision
from tasks.models import Programme
from tests.factories import NOW


def facts(year: int = 2027, **more: Any) -> Facts:
    return Facts(
        {
            "year": year,
            "title_vi": f"Chương trình phối hợp năm {year}",
            "title_en": "",
            "co_host": None,
            "place": "Thanh Hóa",
            "symbol": "CTr-BCHQS-MTTQ",
            "recipients": "",
            "conference_on": None,
            "signing_closes_on": dt.date(year, 2, 1),
            **more,
        }
    )


def begun(source: Programme | None, by: User, *, year: int = 2027, at: dt.datetime = NOW) -> Programme:
    co_host = source.co_host if source else None
    return beginnings.begin(facts(year, co_host=co_host), by=by, at=at, source=source)


def decide(programme: Programme, by: User, at: dt.datetime = NOW, **by_code: Decision | str) -> None:
    """Decide by code, with a dot for each underscore: `_1_01="carried"`."""
    rows = {row.code: row for row in programme.assignments.all()}
    found = {}
    for name, given in by_code.items():
        decision = given if isinstance(given, Decision) else Decision(given, reason="Theo kết luận")
        found[rows[name.strip("_").replace("_", ".")].pk] = decision
    leftovers.decide(Programme.objects.get(pk=programme.pk), by=by, at=at, decisions=found)


def leave_all_open(programme: Programme, by: User, at: dt.datetime = NOW) -> None:
    rows = leftovers.undecided(programme)
    given = {row.pk: Decision("left_open", reason="Theo dõi tiếp") for row in rows}
    leftovers.decide(programme, by=by, at=at, decisions=given)
