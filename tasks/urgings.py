"""Urge an agency whose assignment or report is overdue or due soon; note a call that was made.

An urging in the portal tells the agency's head and focal points once a day; its words stand on the page of
the thing, not in the mail. Every one is kept.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from portal.agencies.models import Agency
from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.users.models import User
from tasks import access, reminders, report_reminders, urging_letters, urging_reminders
from tasks.deadlines import DUE_SOON_DAYS
from tasks.models import Assignment, Programme, Report, Urging
from tasks.states import OPEN_ASSIGNMENT, SENT_REPORT, ProgrammeState

_C = Urging.Channel
Thing = Assignment | Report
SEVERAL_WORDING = (
    "Đề nghị quý cơ quan khẩn trương hoàn thành, báo cáo kết quả trên cổng; nếu có vướng mắc, nêu rõ nguyên "
    "nhân và thời gian hoàn thành."
)
"""A text to begin with for several agencies, in the language of the portal's papers."""


@action
def urge(thing: Thing, *, by: User, at: dt.datetime, text: str) -> Urging:
    """Tell the head and the focal points of the agency, once a day."""
    _begin(thing, by, local_day(at))
    if Urging.objects.filter(**_about(thing), channel=_C.PORTAL, on=local_day(at)).exists():
        raise RuleError(_("The agency was urged about this today already."))
    row = _keep(thing, _C.PORTAL, by=by, at=at, text=text)
    if isinstance(thing, Assignment):
        reminders.tell(reminders.URGED, thing, by=by, at=at)
    else:
        report_reminders.tell(report_reminders.URGED, thing, by=by, at=at, due_on=thing.due_on)
    return row


@action
def note_call(thing: Thing, *, by: User, at: dt.datetime, person: str, text: str) -> Urging:
    """Note that somebody of the agency was called: who, and what was said."""
    _begin(thing, by, local_day(at))
    if not person.strip():
        raise RuleError(_("Say who was called."))
    return _keep(thing, _C.TELEPHONE, by=by, at=at, text=text, person=person.strip())


@action
def urge_several(
    agencies: Sequence[Agency], *, programme: Programme, by: User, at: dt.datetime, text: str
) -> int:
    """Urge each agency about all that is overdue; return how many agencies had something to hear.

    What was urged about today is left out. The people of an agency are told once, whatever it owes.
    """
    if not access.may_urge(by, programme):
        raise PermissionDenied
    if not agencies:
        raise RuleError(_("Choose the agencies that are urged."))
    urged = 0
    for agency in sorted(agencies, key=lambda one: one.pk):
        things = _overdue(agency, programme, local_day(at))
        for thing in things:
            _keep(thing, _C.PORTAL, by=by, at=at, text=text)
        if things:
            urging_reminders.tell_several(agency, [_short(thing) for thing in things], by=by, at=at)
            urged += 1
    return urged


def _overdue(agency: Agency, programme: Programme, today: dt.date) -> list[Thing]:
    """Lock and return what the agency is late with and was not urged about in the portal today."""
    told = Urging.objects.filter(agency=agency, channel=_C.PORTAL, on=today)
    things = urging_letters.overdue(agency, programme, today)
    keys = {kind: [thing.id for thing in things if thing.kind == kind] for kind in ("assignment", "report")}
    duties = Assignment.objects.filter(pk__in=keys["assignment"], status__in=OPEN_ASSIGNMENT)
    duties = duties.exclude(pk__in=told.exclude(assignment=None).values("assignment"))
    reports = Report.objects.filter(pk__in=keys["report"]).exclude(state__in=SENT_REPORT)
    reports = reports.exclude(pk__in=told.exclude(report=None).values("report"))
    locked: list[Thing] = [
        *duties.select_related("programme__host", "lead").select_for_update(of=("self",)).order_by("pk"),
        *reports.select_related("period__programme__host", "agency")
        .select_for_update(of=("self",))
        .order_by("pk"),
    ]
    return locked


def _short(thing: Thing) -> str:
    return thing.code if isinstance(thing, Assignment) else report_reminders.titles(thing.period)[0]


# --- Facts that pages ask too ---------------------------------------------------------------------
def is_urgable(thing: Thing, today: dt.date) -> bool:
    """Return whether it is owed, and its day has passed or comes within a week."""
    if programme_of(thing).state != ProgrammeState.IN_FORCE:
        return False
    soon = today + dt.timedelta(days=DUE_SOON_DAYS)
    if isinstance(thing, Assignment):
        return thing.status in OPEN_ASSIGNMENT and thing.due_on is not None and thing.due_on <= soon
    is_running = thing.period.data_from <= today and thing.is_open(today)
    return is_running and not thing.is_sent and thing.due_on <= soon


def programme_of(thing: Thing) -> Programme:
    return thing.programme if isinstance(thing, Assignment) else thing.period.programme


def wording(thing: Thing, today: dt.date) -> str:
    """Return a text to begin with, in the language of the portal's papers."""
    due_on = f"{thing.due_on:%d/%m/%Y}" if thing.due_on else ""
    is_late = thing.due_on is not None and thing.due_on < today
    ending = "đã quá hạn" if is_late else "sắp đến hạn"
    if isinstance(thing, Assignment):
        return (
            f"Nhiệm vụ {thing.code} {ending} (hạn {due_on}). Đề nghị quý cơ quan khẩn trương hoàn thành, "
            "báo cáo kết quả trên cổng; nếu có vướng mắc, nêu rõ nguyên nhân và thời gian hoàn thành."
        )
    name = report_reminders.titles(thing.period)[0]
    return (
        f"{name[0].upper()}{name[1:]} {ending} (hạn {due_on}). Đề nghị quý cơ quan hoàn thiện, trình "
        "thủ trưởng duyệt và gửi báo cáo trên cổng."
    )


# --- What every urging does -----------------------------------------------------------------------
def _begin(thing: Thing, by: User, today: dt.date) -> None:
    """Lock the thing and look again: it may have been sent meanwhile."""
    if not access.may_urge(by, programme_of(thing)):
        raise PermissionDenied
    if isinstance(thing, Assignment):
        rows = Assignment.objects.select_for_update(of=("self",))
        thing.refresh_from_db(from_queryset=rows.select_related("programme__host", "lead"))
    else:
        reports = Report.objects.select_for_update(of=("self",))
        thing.refresh_from_db(from_queryset=reports.select_related("period__programme__host", "agency"))
    if not is_urgable(thing, today):
        raise RuleError(_("Nothing is owed here now, or its day is more than a week away."))


def _about(thing: Thing) -> dict[str, Any]:
    return {"assignment": thing} if isinstance(thing, Assignment) else {"report": thing}


def _keep(
    thing: Thing, channel: Urging.Channel, *, by: User, at: dt.datetime, text: str, person: str = ""
) -> Urging:
    if not text.strip():
        raise RuleError(_("Write what was said."))
    agency = thing.lead if isinstance(thing, Assignment) else thing.agency
    again = Urging.objects.filter(**_about(thing)).exists()
    row = Urging.objects.create(
        **_about(thing),
        agency=agency,
        channel=channel,
        level=Urging.Level.AGAIN if again else Urging.Level.FIRST,
        person=person,
        text=text.strip(),
        by=by,
        at=at,
        on=local_day(at),
    )
    verb = "urging.sent" if channel == _C.PORTAL else "urging.noted"
    payload = {"year": programme_of(thing).year, "level": row.level, "channel": row.channel}
    payload |= {"code": thing.code} if isinstance(thing, Assignment) else {"period": thing.period.code}
    record(verb, thing, by=by, at=at, agency_code=agency.code, payload=payload)
    return row
