"""What follows from a changed day off: apps above the calendar register what they move by it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from portal.lib.dates import Calendar


@dataclass(frozen=True)
class Moved:
    """A day that moved with the calendar; `label` names whose it is."""

    label: str
    before: dt.date | None
    after: dt.date | None


Follower = Callable[[Calendar], list[Moved]]
_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Call `follower` with the calendar after each change of it; for AppConfig.ready()."""
    _followers.append(follower)


def follow(calendar: Calendar) -> list[Moved]:
    """Move everything that goes by the calendar, in the running action; return what moved."""
    return [moved for follower in _followers for moved in follower(calendar)]
