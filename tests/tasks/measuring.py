"""What tests of indicators share: the target of 1.01 (10, led by SXD with UBMTTQ) divided and settled."""

import datetime as dt
from decimal import Decimal

from portal.users.models import User
from tasks import quotas
from tasks.models import Assignment, Cycle, Figure, Indicator, Locality, Quota
from tasks.quotas import Definition, Holder
from tests import factories
from tests.factories import NOW, TODAY

MINUTE = dt.timedelta(minutes=1)
YESTERDAY = TODAY - dt.timedelta(days=1)


def at_work(assignment: Assignment, status: str = "in_progress") -> Assignment:
    """Return the row in a status, set directly."""
    day = TODAY if status in {"submitted", "confirmed"} else None
    Assignment.objects.filter(pk=assignment.pk).update(status=status, submitted_on=day)
    return again(assignment)


def again(assignment: Assignment) -> Assignment:
    """Return the row anew from the database."""
    return Assignment.objects.select_related("programme__host", "lead").get(pk=assignment.pk)


def measure(assignment: Assignment) -> Indicator:
    return Indicator.objects.get(assignment=assignment)


def definition(**changes: object) -> Definition:
    given = {"baseline": None, "direction": "higher", "aggregation": "sum", "cycle": Cycle.MONTHLY}
    return Definition(**(given | changes))


def districts(count: int = 2) -> list[Locality]:
    return [factories.LocalityFactory() for _n in range(count)]


def divided(assignment: Assignment, by: User, *shares: int, settled_by: User | None = None) -> list[Quota]:
    """Divide the target among so many districts; settle it when somebody is named."""
    given = {
        Holder(locality_id=row.pk): Decimal(share)
        for row, share in zip(districts(len(shares)), shares, strict=True)
    }
    quotas.distribute(assignment, by=by, at=NOW, shares=given)
    if settled_by:
        quotas.settle(assignment, by=settled_by, at=NOW)
    return list(Quota.objects.filter(indicator__assignment=assignment))


def entered(assignment: Assignment) -> list[tuple[str, str | None]]:
    """Return (part, figure) of every entry, oldest first."""
    rows = Figure.objects.filter(indicator__assignment=assignment).order_by("pk")
    return [
        (row.quota.name if row.quota else "", None if row.value is None else f"{row.value:f}") for row in rows
    ]
