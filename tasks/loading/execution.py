"""Where each assignment stood on a day, for taking over a programme that already runs.

The file says how things stood on its own day (`meta.as_of`); other days are inferred from it: what
was completed by then is confirmed, what was not is behind by the share of time, and after the
file's day nothing is known to have moved.
"""

import calendar
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from portal.calendar.models import load_calendar
from portal.lib.dates import start_of_day
from portal.lib.states import Transitions, move
from tasks.loading.checking import Content
from tasks.loading.extending import Asked, asked, request
from tasks.loading.wanted import decimal
from tasks.models import Assignment, Cycle, Programme
from tasks.states import (
    ASSIGNMENT,
    EDITABLE_PROGRAMME,
    EXTENDABLE_ASSIGNMENT,
    PROGRAMME,
    AssignmentStatus,
    ExtensionState,
    ProgrammeState,
)

_S = AssignmentStatus
TO_FORCE = (ProgrammeState.SETTLED, ProgrammeState.FROZEN, ProgrammeState.IN_FORCE)
TO_CONFIRMED = (_S.ASSIGNED, _S.ACCEPTED, _S.IN_PROGRESS, _S.AWAITING_HEAD, _S.SUBMITTED, _S.CONFIRMED)
PERIODS_A_YEAR = {Cycle.MONTHLY: 12, Cycle.QUARTERLY: 4, Cycle.SEMIANNUAL: 2, Cycle.ANNUAL: 1}
_PERIOD = re.compile(r"(\d{4})-(?:Q([1-4])|H([12])|(0[1-9]|1[0-2]))")


@dataclass(frozen=True)
class Standing:
    """How far an assignment is. Figures in the indicator's unit, progress in percent."""

    status: AssignmentStatus
    actual: Decimal
    percent: int
    submitted_on: dt.date | None = None
    adjusted_on: dt.date | None = None
    told_on: dt.date | None = None  # when news of the work last came


def standings(content: Content, as_of: dt.date) -> dict[str, Standing]:
    """Return how each assignment of a checked file stood on a day, by its code. Pure."""
    granted = {one.code: one.new_on for one in asked(content, as_of) if one.state == ExtensionState.APPROVED}
    known_on = content.get("meta", {}).get("as_of") or as_of.isoformat()
    first = dt.date(content["programme"]["year"], 1, 1)
    share = _share(first, dt.date.fromisoformat(known_on), as_of)
    told_on = min(as_of, dt.date.fromisoformat(known_on))
    found = {
        row["code"]: _standing(row, as_of, share, granted.get(row["code"])) for row in content["assignments"]
    }
    return {code: replace(one, told_on=_told_on(one, told_on)) for code, one in found.items()}


def _told_on(one: Standing, known_on: dt.date) -> dt.date | None:
    """What is under way was last told on the file's own day; what was completed, when it was sent."""
    return one.submitted_on or (None if one.status == _S.ASSIGNED else known_on)


def _share(first: dt.date, known_on: dt.date, as_of: dt.date) -> Decimal:
    """Return how much of the time up to the file's own day had passed, from 0 to 1."""
    whole = max((known_on - first).days, 1)
    return Decimal(min(max((as_of - first).days, 0), whole)) / whole


def _standing(row: Content, as_of: dt.date, share: Decimal, adjusted_on: dt.date | None) -> Standing:
    state = row.get("demo_state", {})
    if row.get("cycle", Cycle.ONCE) != Cycle.ONCE:
        return _recurring(row, state, as_of)
    completed = state.get("completed_on")
    if completed and completed <= as_of.isoformat():
        actual = decimal(state.get("actual", row["indicator"]["target"]))
        return Standing(_S.CONFIRMED, actual, 100, dt.date.fromisoformat(completed), adjusted_on)
    percent = int(min(state.get("progress_pct", 0), 95 if completed else 100) * share)
    status = _S.IN_PROGRESS if percent else _S.ASSIGNED
    actual = decimal(int(decimal(state.get("actual", 0)) * share)) if percent else Decimal("0.00")
    return Standing(status, actual, percent, adjusted_on=adjusted_on)


def _recurring(row: Content, state: Content, as_of: dt.date) -> Standing:
    """A recurring assignment stays open the whole year; progress counts its finished periods."""
    reported = {*state.get("periods_completed", []), *state.get("periods_late", [])}
    done = sum(_ends(code) <= as_of for code in reported)
    if not done:
        return Standing(_S.ASSIGNED, Decimal("0.00"), 0)
    percent = min(100 * done // PERIODS_A_YEAR[Cycle(row["cycle"])], 100)
    return Standing(_S.IN_PROGRESS, decimal(state.get("actual", 0)), percent)


def _ends(code: str) -> dt.date:
    """Return the last day of the months that a period's code names ("2023-Q2", "2023-H1", "2023-05")."""
    found = _PERIOD.fullmatch(code)
    if not found:
        return dt.date.max
    year, quarter, half, month = found.groups()
    last = int(month or 3 * int(quarter or 0) or 6 * int(half or 0))
    return dt.date(int(year), last, calendar.monthrange(int(year), last)[1])


def take_over(
    programme: Programme, found: Mapping[str, Standing], requests: Sequence[Asked], *, at: dt.datetime
) -> bool:
    """Bring a loaded programme into force as signed on paper, its assignments as they stood.

    False, and nothing is done, when the programme is past its draft: from then on the portal itself
    knows how things stand. Only within the action that loads it, which records the event.
    """
    if programme.state not in EDITABLE_PROGRAMME:
        return False
    in_force_at = start_of_day(programme.conference_on or dt.date(programme.year, 1, 1))
    _walk(programme, TO_FORCE, PROGRAMME, "state", in_force_at=in_force_at)
    for row in programme.assignments.all():
        _apply(row, found[row.code], at)
    _extend(programme, requests)
    return True


def _extend(programme: Programme, requests: Sequence[Asked]) -> None:
    """Write the requests for extension that were made on paper; what was done before a decision lapsed."""
    rows = {row.code: row for row in programme.assignments.select_related("programme", "lead")}
    calendar = load_calendar()
    for asked_for in requests:
        row = rows[asked_for.code]
        one = asked_for
        if one.state == ExtensionState.PENDING and row.status not in EXTENDABLE_ASSIGNMENT:
            ended_on = row.submitted_on or one.requested_on
            one = replace(one, state=ExtensionState.LAPSED, decided_on=ended_on)
        request(one, row, calendar=calendar).save()
        row.extensions_granted += one.state == ExtensionState.APPROVED
        row.save(update_fields=["extensions_granted"])


def _apply(row: Assignment, standing: Standing, at: dt.datetime) -> None:
    submitted_on = standing.submitted_on
    _walk(
        row,
        TO_CONFIRMED[: TO_CONFIRMED.index(standing.status) + 1],
        ASSIGNMENT,
        "status",
        actual=standing.actual,
        progress_percent=standing.percent,
        submitted_on=submitted_on,
        adjusted_on=standing.adjusted_on,
        confirmed_at=start_of_day(submitted_on) if submitted_on else None,
        reported_at=start_of_day(standing.told_on) if standing.told_on else None,
        changed_at=at,
    )


def _walk(
    row: Programme | Assignment, path: tuple[str, ...], table: Transitions, field: str, **columns: object
) -> None:
    """Move a row along the path from where it stands; every step is one that the table allows."""
    present = getattr(row, field)
    steps = path[path.index(present) + 1 :] if present in path else path
    for step in steps:
        move(row, step, table, field=field, **columns)
