"""What the portal tells about periodic reports: when they are due, and each step."""

import datetime as dt
from dataclasses import replace
from typing import Any

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import translation

from portal.lib.dates import local_day
from portal.notices import outbox, planning
from portal.notices.kinds import (
    FOCAL_POINTS,
    FOCAL_POINTS_AND_HEAD,
    HEADS,
    OFFICERS,
    Group,
    Kind,
    StillDue,
    among,
    owed,
)
from portal.users.models import User
from tasks.deadlines import REPORT_DAYS_AFTER, REPORT_DAYS_BEFORE
from tasks.models import Report, ReportingPeriod
from tasks.states import SENT_REPORT, ProgrammeState, ReportState

AROUND = dt.timedelta(days=60)
"""Periods that a reminder may speak of today; what was returned is due within that, too."""


def _path(report_id: int) -> str:
    return reverse("reports:detail", args=[report_id])


def _owed() -> QuerySet[Any]:
    """Reports that the command does not have, of programmes in force and periods that were not locked.

    Or opened again for the agency, also after that ended: nothing of it falls due any more by then.
    """
    rows = Report.objects.filter(period__programme__state=ProgrammeState.IN_FORCE)
    rows = rows.exclude(agency__valid_to__lt=F("period__data_to"))  # it ended, and nobody took over
    rows = rows.filter(Q(period__locked_at=None) | Q(open_until__gte=F("period__due_on")))
    return rows.exclude(state__in=SENT_REPORT).annotate(binding_on=Coalesce("own_due_on", "period__due_on"))


def _at_desk() -> QuerySet[Any]:
    """Of those, what the agency's desk still has; the rest lies with its head."""
    return _owed().exclude(state=ReportState.AWAITING_HEAD)


def _at_head() -> QuerySet[Any]:
    return _owed().filter(state=ReportState.AWAITING_HEAD)


def _while(*states: ReportState) -> StillDue:
    """StillDue of a step: as long as nobody has taken the next one."""
    return among(lambda: Report.objects.filter(state__in=states))


DUE = Kind(
    code="report.due",
    text_vi="Nhắc báo cáo, hạn $due: $title",
    text_en="Reminder, due $due: $title",
    path=_path,
    audience=FOCAL_POINTS,
    group=Group.REPORT,
    still_due=owed(_at_desk, "binding_on", until_due=True),
    days=tuple(-days for days in REPORT_DAYS_BEFORE),
)
DUE_AT_HEAD = replace(
    DUE,
    code="report.due_at_head",
    text_vi="Chờ thủ trưởng duyệt, hạn $due: $title",
    text_en="Waiting for your approval, due $due: $title",
    audience=HEADS,
    group=Group.DECIDE,
    still_due=owed(_at_head, "binding_on", until_due=True),
)
OVERDUE = Kind(
    code="report.overdue",
    text_vi="Báo cáo quá hạn, hạn $due: $title",
    text_en="Report overdue since $due: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.REPORT,
    cannot_be_off=True,
    still_due=owed(_owed, "binding_on"),
    days=REPORT_DAYS_AFTER,
)
URGED = Kind(
    code="report.urged",
    text_vi="Bộ Chỉ huy đôn đốc, hạn $due: $title",
    text_en="Urged by the command, due $due: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.REPORT,
    urgent=True,
    still_due=among(_owed),
)
AWAITING_HEAD = Kind(
    code="report.awaiting_head",
    text_vi="Chờ thủ trưởng duyệt: $title",
    text_en="Waiting for your approval: $title",
    path=_path,
    audience=HEADS,
    group=Group.DECIDE,
    still_due=_while(ReportState.AWAITING_HEAD),
)
SENT_BACK = Kind(
    code="report.sent_back",
    text_vi="Thủ trưởng trả lại để sửa: $title",
    text_en="Sent back by your head: $title",
    path=_path,
    audience=FOCAL_POINTS,
    group=Group.REPORT,
    urgent=True,
    still_due=_while(ReportState.DRAFT, ReportState.RETURNED),
)
SUBMITTED = Kind(
    code="report.submitted",
    text_vi="Báo cáo đã gửi, chờ tiếp nhận: $title, $code",
    text_en="Report sent, waiting to be accepted: $title, $code",
    path=_path,
    audience=OFFICERS,
    group=Group.DECIDE,
    still_due=_while(ReportState.SUBMITTED),
)
RETURNED = Kind(
    code="report.returned",
    text_vi="Báo cáo bị trả lại, bổ sung chậm nhất ngày $due: $title",
    text_en="Report returned, to be amended by $due: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.REPORT,
    urgent=True,
    still_due=_while(ReportState.RETURNED),
)
ACCEPTED = Kind(
    code="report.accepted",
    text_vi="Báo cáo đã được tiếp nhận: $title",
    text_en="Report accepted: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
ENTERED = Kind(
    code="report.entered",
    text_vi="Bộ Chỉ huy đã nhập từ bản giấy của cơ quan: $title",
    text_en="The command entered what your agency sent on paper: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
REOPENED = Kind(
    code="report.reopened",
    text_vi="Kỳ báo cáo đã chốt được mở lại cho cơ quan đến ngày $due: $title",
    text_en="The locked period is open for your agency until $due: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.REPORT,
)
CALENDAR = (DUE, DUE_AT_HEAD, OVERDUE)
STEPS = (AWAITING_HEAD, SENT_BACK, SUBMITTED, RETURNED, ACCEPTED)
KINDS = (*CALENDAR, URGED, *STEPS, ENTERED, REOPENED)


def plan(at: dt.datetime) -> int:
    """Plan the reminders of every report that is owed; return how many are new."""
    today = local_day(at)
    names = _names(ReportingPeriod.objects.filter(due_on__range=(today - AROUND, today + AROUND)))
    if not names:
        return 0
    facts = {
        "code": F("agency__code"),
        "due_on": F("binding_on"),
        "title_vi": _named(names, 0),
        "title_en": _named(names, 1),
        "subject_id": F("pk"),
    }
    desk, head = (
        rows.filter(period__in=list(names)).values("agency_id", **facts) for rows in (_at_desk(), _at_head())
    )
    return planning.sweep(desk, (DUE, OVERDUE), at=at) + planning.sweep(head, (DUE_AT_HEAD, OVERDUE), at=at)


def _names(periods: QuerySet[ReportingPeriod]) -> dict[int, tuple[str, str]]:
    return {period.pk: titles(period) for period in periods}


def titles(period: ReportingPeriod) -> tuple[str, str]:
    """Return what a report of the period is called, in Vietnamese and in English."""
    words = []
    for language, form in (("vi", "báo cáo %s"), ("en", "report of %s")):
        with translation.override(language):
            words.append(form % period.title)
    return words[0], words[1]


def _named(names: dict[int, tuple[str, str]], place: int) -> Case:
    whens = [When(period=pk, then=Value(words[place])) for pk, words in names.items()]
    return Case(*whens, default=Value(""), output_field=CharField())


def tell(kind: Kind, report: Report, *, by: User, at: dt.datetime, due_on: dt.date | None = None) -> None:
    """Tell the people of the agency, or the officers, about a step; inside its action."""
    title_vi, title_en = titles(report.period)
    about = outbox.About(
        report,
        report.agency_id,
        code=report.agency.name_vi,
        title_vi=title_vi,
        title_en=title_en,
        due_on=due_on,
    )
    outbox.tell(kind, about, by=by, at=at)


def settle(report: Report, *, at: dt.datetime) -> None:
    """Take back what the step just taken answers: earlier steps, and reminders once it was sent."""
    elsewhere = DUE if report.state == ReportState.AWAITING_HEAD else DUE_AT_HEAD
    outbox.cancel(report, kinds=(*CALENDAR, URGED, *STEPS) if report.is_sent else (*STEPS, elsewhere), at=at)


def drop(report: Report, *, at: dt.datetime) -> None:
    """Take back all that was told of a report, for other people write it from now on."""
    outbox.forget(report, kinds=CALENDAR)
    outbox.cancel(report, kinds=KINDS, at=at)
