"""Requests for extension that a programme file tells of, as rows.

They were made on paper, before the portal: without `by` nobody is named who asked or decided.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from portal.lib.dates import Calendar, start_of_day
from portal.users.models import User
from tasks.deadlines import asked_when
from tasks.loading.checking import Content
from tasks.models import Assignment, ExtensionRequest
from tasks.states import ExtensionState

_S = ExtensionState
STATES = {"approved": _S.APPROVED, "rejected": _S.REFUSED, "pending": _S.PENDING}
OFFICE_HOUR = dt.timedelta(hours=9)
UNTOLD = "Không nêu lý do."
"""The reason of a refusal of which the file does not say more."""


@dataclass(frozen=True)
class Asked:
    """One request of the file, as it stood on a day."""

    code: str
    requested_on: dt.date
    new_on: dt.date
    state: ExtensionState
    decided_on: dt.date | None
    reason: str
    decision_note: str = ""


def asked(content: Content, as_of: dt.date) -> list[Asked]:
    """Return the requests that had been made by a day; decided later, they still waited. Pure.

    A request without a day of its own was made when it was decided; a refusal without one on the next day.
    """
    found = []
    for row in content.get("extension_requests", []):
        if not (row.get("new_deadline") and (row.get("requested_on") or row.get("decided_on"))):
            continue
        requested_on = dt.date.fromisoformat(row.get("requested_on") or row["decided_on"])
        state = STATES.get(row.get("status", "pending"), _S.PENDING)
        next_day = requested_on + dt.timedelta(days=1)
        decided_on = dt.date.fromisoformat(row["decided_on"]) if row.get("decided_on") else next_day
        if requested_on > as_of:
            continue
        if state == _S.PENDING or decided_on > as_of:
            state, decided = _S.PENDING, None
        else:
            decided = decided_on
        note = UNTOLD if state == _S.REFUSED else ""
        reason = row.get("reason_vi") or row.get("reason") or ""
        new_on = dt.date.fromisoformat(row["new_deadline"])
        found.append(Asked(row["assignment"], requested_on, new_on, state, decided, reason, note))
    return found


def request(
    asked: Asked,
    assignment: Assignment,
    *,
    calendar: Calendar,
    by: Mapping[str, User] | None = None,
    decided_by: User | None = None,
) -> ExtensionRequest:
    """Return the row of a request, unsaved. `by`: who asked, by the code of the lead agency."""
    signed_on = assignment.deadline_on
    due_on = calendar.next_working_day(signed_on)
    notice_days = assignment.programme.extension_notice_days
    is_decided = asked.decided_on is not None
    return ExtensionRequest(
        assignment=assignment,
        agency_id=assignment.lead_id,
        reason=asked.reason,
        signed_on=signed_on,
        old_on=signed_on,
        due_on=due_on,
        new_on=asked.new_on,
        asked_when=asked_when(asked.requested_on, due_on, calendar=calendar, notice_days=notice_days),
        requested_by=(by or {}).get(assignment.lead.code),
        requested_at=start_of_day(asked.requested_on) + OFFICE_HOUR,
        state=asked.state,
        granted_on=asked.new_on if asked.state == _S.APPROVED else None,
        decided_by=decided_by if is_decided else None,
        decided_at=start_of_day(asked.decided_on) + OFFICE_HOUR if asked.decided_on else None,
        decision_note=asked.decision_note,
    )
