"""What the page of an assignment or a report shows of urgings."""

import datetime as dt
from dataclasses import dataclass

from portal.users.models import User
from tasks import access, urgings
from tasks.models import Assignment, Urging
from tasks.urgings import Thing


@dataclass(frozen=True)
class UrgingPanel:
    """What was said about an assignment or a report; `may_urge` leads to the page that says more."""

    is_shown: bool
    rows: list[Urging]
    may_urge: bool


def urging_panel(user: User, thing: Thing, today: dt.date) -> UrgingPanel:
    """Put the panel together; one query."""
    rows = list(of_thing(user, thing))
    may_urge = access.may_urge(user, urgings.programme_of(thing)) and urgings.is_urgable(thing, today)
    return UrgingPanel(bool(rows) or may_urge, rows, may_urge)


def of_thing(user: User, thing: Thing) -> list[Urging]:
    """Return what was said about it, the newest first."""
    rows = access.visible_urgings(user)
    if isinstance(thing, Assignment):
        return list(rows.filter(assignment=thing))
    return list(rows.filter(report=thing))
