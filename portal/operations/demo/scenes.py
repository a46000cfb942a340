"""How each assignment of the demonstration stands on a day. Pure: no database, no clock.

Whatever the day, most past deadlines were met, a few were met late, a few are overdue, something is
due within a week, and something waits for each of the people whom a visitor tries out. The same day
gives the same scenes. Where a deadline has to be another one for that, it is moved: forward before
the text is frozen, so that the paper says so; back as an extension.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from portal.lib.dates import Calendar
from tasks.deadlines import DUE_SOON_DAYS
from tasks.loading.execution import PERIODS_A_YEAR
from tasks.loading.extending import asked
from tasks.models import Cycle
from tasks.states import AssignmentStatus, ExtensionState

_S = AssignmentStatus
Content = dict[str, Any]

TO_ACCEPT = "2.14"
"""Of the Department of Home Affairs: its focal point (snv.daumoi) has not accepted it yet."""

TO_APPROVE = "2.13"
"""Of the same: its result waits for the head (snv.gd)."""

WORK_STARTS = (1, 20)
"""Month and day on which work on the programme is under way."""

HOST = "BCHQS"
NEVER = None
HABITS = (-4, -9, -2, -6, 5, -3, -11, NEVER, -5, -7, -1, -8)
"""Days from the deadline to the result, in turn, where the file does not know of one yet."""

CONFIRMED_AFTER = 3  # days between a result and its confirmation
OVERDUE_BY = 6
DUE_IN = 5
EXTENDED_BY = 20
CARRIED_OVER = ("1.06", "1.08")
"""Of last year: work of several years that went on into this one."""


@dataclass(frozen=True)
class Scene:
    """One assignment on a day. `begins_on` is printed; `started_on` is when work began, None before."""

    code: str
    lead: str
    cycle: str
    deadline_on: dt.date
    status: AssignmentStatus
    target: Decimal
    begins_on: dt.date | None = None
    adjusted_on: dt.date | None = None
    percent: int = 0
    started_on: dt.date | None = None
    submitted_on: dt.date | None = None

    @property
    def is_single(self) -> bool:
        return self.cycle == Cycle.ONCE

    @property
    def is_owed(self) -> bool:
        """Single, and the lead has not sent a result."""
        return self.is_single and self.status in {_S.ASSIGNED, _S.ACCEPTED, _S.IN_PROGRESS}

    @property
    def actual(self) -> Decimal:
        return (self.target * self.percent / 100).quantize(Decimal(1), rounding="ROUND_FLOOR")

    def due_on(self, calendar: Calendar) -> dt.date:
        return calendar.next_working_day(self.adjusted_on or self.deadline_on)


def last_year(content: Content) -> dict[str, Scene]:
    """Return the scenes of a year that is over: all done, but for what was carried over."""
    scenes = {}
    end = dt.date(content["programme"]["year"], 12, 31)
    for scene in _natural(content, end + dt.timedelta(days=60)):
        if scene.code in CARRIED_OVER:
            scenes[scene.code] = replace(scene, status=_S.CARRIED_OVER, percent=70, submitted_on=None)
            continue
        late = min(scene.deadline_on + dt.timedelta(days=12), end)
        submitted_on = scene.submitted_on or (late if scene.is_single else scene.deadline_on)
        done = replace(scene, status=_S.CONFIRMED, percent=100, submitted_on=min(submitted_on, end))
        scenes[scene.code] = done
    return scenes


def this_year(content: Content, today: dt.date, calendar: Calendar) -> dict[str, Scene]:
    """Return the scenes of the running year on a day from 1 February of it to 31 January after it."""
    scenes = {scene.code: scene for scene in _natural(content, today)}
    _cast(scenes, today)
    _someone_is_late(scenes, today, calendar)
    _someone_is_due(scenes, today, calendar)
    _someone_has_sent(scenes, today)
    return scenes


# --- Left to itself ------------------------------------------------------------------------------


def _natural(content: Content, today: dt.date) -> list[Scene]:
    """Return how everything stands when nobody waits for it: by the file, then by habit."""
    unknown = 0
    scenes = []
    granted = {one.code: one.new_on for one in asked(content, today) if one.state == ExtensionState.APPROVED}
    for row in content["assignments"]:
        begins = row.get("start_date")
        scene = Scene(
            code=row["code"],
            lead=row["lead"],
            cycle=row["cycle"],
            deadline_on=dt.date.fromisoformat(row["deadline"]),
            status=_S.ASSIGNED,
            target=Decimal(str(row["indicator"]["target"])),
            begins_on=dt.date.fromisoformat(begins) if begins else None,
            adjusted_on=granted.get(row["code"]),
        )
        if not scene.is_single:
            scenes.append(_recurring(scene, today))
            continue
        state = row["demo_state"]
        if "completed_on" in state:
            completed_on: dt.date | None = dt.date.fromisoformat(state["completed_on"])
        else:
            habit = NEVER if state["timeliness"] == "overdue" else HABITS[unknown % len(HABITS)]
            unknown += 1
            completed_on = None if habit is NEVER else scene.deadline_on + dt.timedelta(days=habit)
        scenes.append(_single(scene, today, completed_on))
    return scenes


def _single(scene: Scene, today: dt.date, completed_on: dt.date | None) -> Scene:
    started_on = scene.begins_on or dt.date(scene.deadline_on.year, *WORK_STARTS)
    if completed_on and completed_on < today:
        started_on = min(started_on, completed_on)
        is_fresh = (today - completed_on).days <= CONFIRMED_AFTER
        status = _S.SUBMITTED if is_fresh else _S.CONFIRMED
        return replace(scene, status=status, percent=100, started_on=started_on, submitted_on=completed_on)
    if started_on >= today:
        return replace(scene, status=_S.ACCEPTED)
    whole = max((scene.deadline_on - started_on).days, 1)
    percent = min(90 * (today - started_on).days // whole, 95) // 5 * 5
    if not percent:
        return replace(scene, status=_S.ACCEPTED)
    return replace(scene, status=_S.IN_PROGRESS, percent=percent, started_on=started_on)


def _recurring(scene: Scene, today: dt.date) -> Scene:
    """Progress of a recurring assignment counts its finished periods; it stays open all year."""
    started_on = dt.date(scene.deadline_on.year, *WORK_STARTS)
    count = PERIODS_A_YEAR[Cycle(scene.cycle)]
    months = 12 if today.year > scene.deadline_on.year else today.month - 1
    done = months * count // 12
    if not done or started_on >= today:
        return replace(scene, status=_S.ACCEPTED)
    return replace(scene, status=_S.IN_PROGRESS, percent=100 * done // count, started_on=started_on)


# --- For the visitor -----------------------------------------------------------------------------


def _cast(scenes: dict[str, Scene], today: dt.date) -> None:
    """Put work on the desks of the Department of Home Affairs."""
    later = today + dt.timedelta(days=EXTENDED_BY)
    begun = today - dt.timedelta(days=10)
    scene = scenes[TO_ACCEPT]
    adjusted_on = later if scene.deadline_on < later else None
    scenes[TO_ACCEPT] = replace(
        scene, status=_S.ASSIGNED, percent=0, started_on=None, submitted_on=None, adjusted_on=adjusted_on
    )
    scene = scenes[TO_APPROVE]
    adjusted_on = later if scene.deadline_on < today else None
    scenes[TO_APPROVE] = replace(
        scene,
        status=_S.AWAITING_HEAD,
        percent=100,
        started_on=min(scene.started_on or begun, begun),
        submitted_on=None,
        adjusted_on=adjusted_on,
    )


def _free(scenes: Mapping[str, Scene]) -> list[Scene]:
    """Return single assignments that no visitor's desk needs, by deadline."""
    taken = {TO_ACCEPT, TO_APPROVE}
    free = [scene for scene in scenes.values() if scene.is_single and scene.code not in taken]
    return sorted(free, key=lambda scene: (scene.deadline_on, scene.code))


def _someone_is_late(scenes: dict[str, Scene], today: dt.date, calendar: Calendar) -> None:
    """See to it that one assignment is overdue: early in the year the nearest deadline comes sooner."""
    free = _free(scenes)
    if any(scene.is_owed and scene.due_on(calendar) < today for scene in free):
        return
    missed = today - dt.timedelta(days=OVERDUE_BY)
    while not calendar.is_working_day(missed):
        missed -= dt.timedelta(days=1)
    scene = next(scene for scene in free if scene.deadline_on >= missed and _may_end(scene, missed))
    started_on = dt.date(missed.year, *WORK_STARTS) if missed.month > 1 else missed
    scenes[scene.code] = replace(
        scene,
        deadline_on=missed,
        adjusted_on=None,
        status=_S.IN_PROGRESS,
        percent=60,
        started_on=min(started_on, missed),
        submitted_on=None,
    )


def _someone_is_due(scenes: dict[str, Scene], today: dt.date, calendar: Calendar) -> None:
    """See to it that one is due within a week: by an extension of what is overdue, or sooner."""
    last = today + dt.timedelta(days=DUE_SOON_DAYS)
    free = _free(scenes)
    if any(scene.is_owed and today <= scene.due_on(calendar) <= last for scene in free):
        return
    due_on = _working_day_within(today, calendar)
    overdue = [scene for scene in free if scene.is_owed and scene.due_on(calendar) < today]
    coming = [s for s in free if s.is_owed and s.due_on(calendar) > last and _may_end(s, due_on)]
    scene = coming[0] if coming else overdue[-1]
    sooner = replace(scene, deadline_on=due_on, adjusted_on=None)
    moved = sooner if coming else replace(scene, adjusted_on=due_on)
    started_on = min(scene.started_on or today, today - dt.timedelta(days=14))
    scenes[scene.code] = replace(moved, status=_S.IN_PROGRESS, percent=80, started_on=started_on)


def _may_end(scene: Scene, day: dt.date) -> bool:
    return scene.begins_on is None or scene.begins_on <= day


def _working_day_within(today: dt.date, calendar: Calendar) -> dt.date:
    """Return a working day about five days off; in a long Tết there may be none within a week."""
    for days in (DUE_IN, 4, 3, 6, 7, 2, 1):
        day = today + dt.timedelta(days=days)
        if calendar.is_working_day(day):
            return day
    return calendar.next_working_day(today)


def _someone_has_sent(scenes: dict[str, Scene], today: dt.date) -> None:
    """See to it that the programme officer has a result of another agency to confirm."""
    free = [scene for scene in _free(scenes) if scene.lead != HOST]
    if any(scene.status == _S.SUBMITTED for scene in free):
        return
    not_soon = today + dt.timedelta(days=DUE_SOON_DAYS + EXTENDED_BY)  # who is due soon stays so
    early = [scene for scene in free if scene.is_owed and scene.deadline_on > not_soon]
    done = [scene for scene in free if scene.status == _S.CONFIRMED]
    scene = early[0] if early else done[-1]
    sent_on = today - dt.timedelta(days=1)
    started_on = min(scene.started_on or sent_on, sent_on)
    scenes[scene.code] = replace(
        scene, status=_S.SUBMITTED, percent=100, started_on=started_on, submitted_on=sent_on
    )
