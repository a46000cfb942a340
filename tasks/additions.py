"""Assignments that a conference adds: in a text that is written a draft, in force given out at once.

What is added while the programme is in force is no part of the signed text (tasks.content leaves it out).
"""

import datetime as dt
from collections.abc import Collection

from django.utils.translation import gettext as _

from portal.agencies.models import Agency
from portal.audit.events import record
from portal.calendar.models import load_calendar
from portal.lib.errors import RuleError
from portal.lib.states import move
from portal.users.models import User
from tasks import due_days, parties, reminders
from tasks.models import Assignment, PriorityTask, Programme
from tasks.states import ASSIGNMENT, EDITABLE_PROGRAMME, AssignmentStatus, ProgrammeState

TITLE_LENGTH = 500
INDICATOR, UNIT = ("Kết quả thực hiện kết luận", "Conclusion carried out"), ("việc", "matter")
"""Measured by being done; the programme officer may define it better on its page."""


def is_assigned(conclusion_id: int) -> bool:
    """Return whether it is somebody's assignment; one that was cancelled is not."""
    rows = Assignment.objects.filter(conclusion_id=conclusion_id)
    return rows.exclude(status=AssignmentStatus.CANCELLED).exists()


def from_conclusion(
    task: PriorityTask,
    *,
    by: User,
    at: dt.datetime,
    conclusion_id: int,
    text: str,
    lead: Agency,
    due_on: dt.date,
    taken: Collection[str] = (),
) -> Assignment:
    """Add an assignment under a priority task; `conclusion_id` remembers where it comes from.

    `taken` are codes that an amendment which is not issued yet is going to use.

    Only within the action that asked who may. Raises RuleError while the text is frozen for signing, when
    the programme has ended, for an agency that is no party, and the second time.
    """
    programme = Programme.objects.select_for_update(of=("self",)).get(pk=task.programme_id)
    _check(programme, conclusion_id, lead)
    is_running = programme.state == ProgrammeState.IN_FORCE
    row = Assignment.objects.create(
        programme=programme,
        code=next_code(task, taken),
        task=task,
        title_vi=_title(text),
        lead=lead,
        deadline_on=due_on,
        indicator_vi=INDICATOR[0],
        indicator_en=INDICATOR[1],
        unit_vi=UNIT[0],
        unit_en=UNIT[1],
        target=1,
        conclusion_id=conclusion_id,
        is_added=is_running,
        changed_at=at,
    )
    if is_running:
        move(row, AssignmentStatus.ASSIGNED, ASSIGNMENT, field="status")
        due_days.refresh(Assignment.objects.filter(pk=row.pk), calendar=load_calendar())
        row.refresh_from_db(fields=["due_on"])
        reminders.tell(reminders.ADDED, row, by=by, at=at)
    payload = {"code": row.code, "year": programme.year, "status": row.status, "conclusion": conclusion_id}
    record("assignment.concluded", row, by=by, at=at, agency_code=lead.code, payload=payload)
    return row


def _check(programme: Programme, conclusion_id: int, lead: Agency) -> None:
    if programme.state not in EDITABLE_PROGRAMME | {ProgrammeState.IN_FORCE}:
        raise RuleError(
            _("No assignment is added while the text is frozen for signing, or when the programme has ended.")
        )
    if lead.pk not in parties.ids(programme):
        raise RuleError(_("The agency in charge is no party to the programme."))
    if is_assigned(conclusion_id):
        raise RuleError(_("The conclusion is an assignment already."))


def next_code(task: PriorityTask, taken: Collection[str]) -> str:
    """The code after the last one of the task: 1.14 follows 1.13."""
    used = {*Assignment.objects.filter(programme=task.programme_id).values_list("code", flat=True), *taken}
    own = [code.partition(".")[2] for code in used if code.partition(".")[0] == str(task.number)]
    last = max((int(part) for part in own if part.isdecimal()), default=0)
    return f"{task.number}.{last + 1:02}"


def _title(text: str) -> str:
    title = " ".join(text.split())
    return title if len(title) <= TITLE_LENGTH else f"{title[: TITLE_LENGTH - 1].rstrip()}…"
