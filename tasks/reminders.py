"""What the portal tells about assignments: reminders by the calendar, notices of each step."""

import datetime as dt
from collections.abc import Collection
from dataclasses import replace

from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Concat
from django.urls import reverse

from portal.agencies.models import Agency
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
from portal.users.models import Role, User
from tasks.deadlines import (
    ESCALATE_DAYS_AFTER,
    REMIND_DAYS_AFTER,
    REMIND_DAYS_BEFORE,
    UNCONFIRMED_DAYS,
)
from tasks.models import Assignment, Evidence
from tasks.models.assignments import AssignmentQuerySet
from tasks.states import OPEN_ASSIGNMENT, AssignmentStatus, DistributionState, ProgrammeState


def _path(assignment_id: int) -> str:
    return reverse("assignments:detail", args=[assignment_id])


def _evidence_path(evidence_id: int) -> str:
    return _path(Evidence.objects.values_list("assignment_id", flat=True).get(pk=evidence_id)) + "#evidence"


def _in_force() -> AssignmentQuerySet:
    return Assignment.objects.filter(programme__state=ProgrammeState.IN_FORCE)


def _owed() -> AssignmentQuerySet:
    return _in_force().filter(status__in=OPEN_ASSIGNMENT, due_on__isnull=False)


def _at_work() -> AssignmentQuerySet:
    """Of those, what the agency's desk still has; the rest lies with its head."""
    return _owed().exclude(status=AssignmentStatus.AWAITING_HEAD)


def _at_head() -> AssignmentQuerySet:
    return _owed().filter(status=AssignmentStatus.AWAITING_HEAD)


def _while(status: AssignmentStatus) -> StillDue:
    """StillDue of a step: as long as nobody has taken the next one."""
    return among(lambda: _in_force().filter(status=status))


DUE = Kind(
    code="assignment.due",
    text_vi="Nhắc việc, hạn $due: nhiệm vụ $code $title",
    text_en="Reminder, due $due: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS,
    group=Group.DUTY,
    still_due=owed(_at_work, "due_on", until_due=True),
    days=tuple(-days for days in REMIND_DAYS_BEFORE),
)
DUE_AT_HEAD = replace(
    DUE,
    code="assignment.due_at_head",
    text_vi="Chờ thủ trưởng duyệt, hạn $due: nhiệm vụ $code $title",
    text_en="Waiting for your approval, due $due: assignment $code $title",
    audience=HEADS,
    group=Group.DECIDE,
    still_due=owed(_at_head, "due_on", until_due=True),
)
OVERDUE = Kind(
    code="assignment.overdue",
    text_vi="Quá hạn, hạn $due: nhiệm vụ $code $title",
    text_en="Overdue since $due: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    cannot_be_off=True,
    still_due=owed(_owed, "due_on"),
    days=REMIND_DAYS_AFTER,
)
ESCALATED = Kind(
    code="assignment.escalated",
    text_vi="Vẫn quá hạn, hạn $due: nhiệm vụ $code $title",
    text_en="Still overdue since $due: assignment $code $title",
    path=_path,
    audience=(frozenset({Role.PROGRAMME_OFFICER}),),
    group=Group.DECIDE,
    cannot_be_off=True,
    still_due=owed(_owed, "due_on"),
    days=ESCALATE_DAYS_AFTER,
)
ESCALATED_TO_COMMANDER = replace(
    ESCALATED,
    code="assignment.escalated_to_commander",
    audience=(frozenset({Role.COMMANDER}),),
    days=ESCALATE_DAYS_AFTER[1:],
)
URGED = Kind(
    code="assignment.urged",
    text_vi="Bộ Chỉ huy đôn đốc: nhiệm vụ $code $title",
    text_en="Urged by the command: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    urgent=True,
    still_due=among(_owed),
)
ADDED = Kind(
    code="assignment.added",
    text_vi="Nhiệm vụ mới theo kết luận hội nghị: nhiệm vụ $code $title",
    text_en="A new assignment, concluded at the conference: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    still_due=_while(AssignmentStatus.ASSIGNED),
)
AWAITING_HEAD = Kind(
    code="assignment.awaiting_head",
    text_vi="Chờ thủ trưởng duyệt: nhiệm vụ $code $title",
    text_en="Waiting for your approval: assignment $code $title",
    path=_path,
    audience=HEADS,
    group=Group.DECIDE,
    still_due=_while(AssignmentStatus.AWAITING_HEAD),
)
SENT_BACK = Kind(
    code="assignment.sent_back",
    text_vi="Thủ trưởng trả lại để sửa: nhiệm vụ $code $title",
    text_en="Sent back by your head: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS,
    group=Group.DUTY,
    urgent=True,
    still_due=_while(AssignmentStatus.IN_PROGRESS),
)
SUBMITTED = Kind(
    code="assignment.submitted",
    text_vi="Đã báo cáo hoàn thành, chờ xác nhận: nhiệm vụ $code $title",
    text_en="Reported complete, waiting for confirmation: assignment $code $title",
    path=_path,
    audience=OFFICERS,
    group=Group.DECIDE,
    still_due=_while(AssignmentStatus.SUBMITTED),
)
UNCONFIRMED = Kind(
    code="assignment.unconfirmed",
    text_vi="Kết quả gửi ngày $due vẫn chờ xác nhận: nhiệm vụ $code $title",
    text_en="The result sent on $due still waits for confirmation: assignment $code $title",
    path=_path,
    audience=(frozenset({Role.PROGRAMME_OFFICER}),),
    group=Group.DECIDE,
    still_due=owed(lambda: _in_force().filter(status=AssignmentStatus.SUBMITTED), "submitted_on"),
    days=UNCONFIRMED_DAYS,
    counts_waiting=True,
)
REJECTED = Kind(
    code="assignment.rejected",
    text_vi="Kết quả chưa đạt, làm lại: nhiệm vụ $code $title",
    text_en="Result not accepted, to be redone: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    urgent=True,
    still_due=_while(AssignmentStatus.REJECTED),
)
CONFIRMED = Kind(
    code="assignment.confirmed",
    text_vi="Đã xác nhận hoàn thành: nhiệm vụ $code $title",
    text_en="Confirmed complete: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
ENTERED = Kind(
    code="assignment.entered",
    text_vi="Bộ Chỉ huy đã nhập từ bản giấy của cơ quan: nhiệm vụ $code $title",
    text_en="The command entered what your agency sent on paper: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
CANCELLED = Kind(
    code="assignment.cancelled",
    text_vi="Đã hủy nhiệm vụ $code $title",
    text_en="Cancelled: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
SUSPENDED = Kind(
    code="assignment.suspended",
    text_vi="Tạm dừng nhiệm vụ $code $title",
    text_en="Suspended: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
    still_due=_while(AssignmentStatus.SUSPENDED),
)
RESUMED = Kind(
    code="assignment.resumed",
    text_vi="Tiếp tục thực hiện nhiệm vụ $code $title",
    text_en="To be gone on with: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    urgent=True,
    still_due=among(_owed),
)
RECALLED = Kind(
    code="evidence.recalled",
    text_vi="Tài liệu minh chứng đã bị thu hồi: nhiệm vụ $code $title",
    text_en="A file of evidence was recalled: assignment $code $title",
    path=_evidence_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
RECALLED_TO_OFFICERS = Kind(
    code="evidence.recalled_told",
    text_vi=RECALLED.text_vi,
    text_en=RECALLED.text_en,
    path=_evidence_path,
    audience=OFFICERS,
    group=Group.KNOW,
)
SHARED = Kind(
    code="quota.settled",
    text_vi="Đã giao chỉ tiêu cho cơ quan: nhiệm vụ $code $title",
    text_en="A share of the target falls to your agency: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    still_due=among(lambda: Assignment.objects.filter(measure__state=DistributionState.SETTLED)),
)
STEPS = (AWAITING_HEAD, SENT_BACK, SUBMITTED, UNCONFIRMED, REJECTED, CONFIRMED)
ESCALATIONS = (ESCALATED, ESCALATED_TO_COMMANDER)
CALENDAR = (DUE, DUE_AT_HEAD, OVERDUE, *ESCALATIONS)
KINDS = (*CALENDAR, URGED, *STEPS)
ALL_KINDS = (*KINDS, ADDED, ENTERED, CANCELLED, SUSPENDED, RESUMED, RECALLED, RECALLED_TO_OFFICERS, SHARED)


def plan(at: dt.datetime) -> int:
    """Plan the reminders of every assignment that is owed or unconfirmed; return how many are new."""
    columns = ("code", "title_vi", "title_en")
    of_lead = {"subject_id": F("pk"), "agency_id": F("lead_id")}
    of_host = {"subject_id": F("pk"), "agency_id": F("programme__host_id")}
    lead = Agency.objects.filter(pk=OuterRef("lead")).values(
        "code"
    )  # no join: the first question asks for none
    named = Concat("code", Value(" ("), Subquery(lead), Value(")"))  # the host has the duties of all agencies
    late = _owed().values("due_on", "title_vi", "title_en", code_and_lead=named, **of_host)
    sent = _in_force().filter(status=AssignmentStatus.SUBMITTED).values("submitted_on", *columns, **of_host)
    return (
        planning.sweep(_at_work().values("due_on", *columns, **of_lead), (DUE, OVERDUE), at=at)
        + planning.sweep(_at_head().values("due_on", *columns, **of_lead), (DUE_AT_HEAD, OVERDUE), at=at)
        + planning.sweep(late, ESCALATIONS, at=at, code="code_and_lead")
        + planning.sweep(sent, (UNCONFIRMED,), at=at, due_on="submitted_on")
    )


def tell(kind: Kind, assignment: Assignment, *, by: User, at: dt.datetime) -> None:
    """Tell the people of the lead agency, or the officers, about a step; inside its action."""
    due_on = assignment.due_on
    about = outbox.About(
        assignment,
        assignment.lead_id,
        code=assignment.code,
        title_vi=assignment.title_vi + (f" (hạn {due_on:%d/%m/%Y})" if due_on else ""),
        title_en=(assignment.title_en or assignment.title_vi)
        + (f" (due {due_on:%d/%m/%Y})" if due_on else ""),
    )
    outbox.tell(kind, about, by=by, at=at)


def tell_recalled(evidence: Evidence, *, by: User, at: dt.datetime) -> None:
    """Tell whoever uploaded a recalled file, their agency and the officers; inside the action."""
    assignment = evidence.assignment
    for kind, agency_id, also in (
        (RECALLED, evidence.agency_id, {evidence.uploaded_by_id}),
        (RECALLED_TO_OFFICERS, assignment.programme.host_id, set()),
    ):
        about = outbox.About(
            evidence,
            agency_id,
            code=assignment.code,
            title_vi=assignment.title_vi,
            title_en=assignment.title_en,
            also=frozenset(also),
        )
        outbox.tell(kind, about, by=by, at=at)


def tell_shares(assignment: Assignment, agency_ids: Collection[int], *, by: User, at: dt.datetime) -> None:
    """Tell agencies that a share of the target is theirs; inside the action that settles it."""
    abouts = [
        outbox.About(
            assignment,
            agency_id,
            code=assignment.code,
            title_vi=assignment.title_vi,
            title_en=assignment.title_en,
        )
        for agency_id in sorted(agency_ids)
    ]
    outbox.tell(SHARED, *abouts, by=by, at=at)


def take_back_shares(assignment: Assignment, *, at: dt.datetime) -> None:
    """Take that back while the distribution is being changed."""
    outbox.cancel(assignment, kinds=(SHARED,), at=at)


def settle(assignment: Assignment, *, at: dt.datetime) -> None:
    """Take back what the step just taken answers: earlier steps, and reminders once nothing is owed."""
    is_owed = assignment.status in OPEN_ASSIGNMENT
    elsewhere = DUE if assignment.status == AssignmentStatus.AWAITING_HEAD else DUE_AT_HEAD
    outbox.cancel(assignment, kinds=(*STEPS, elsewhere) if is_owed else KINDS, at=at)


def follow_day(assignment: Assignment, *, at: dt.datetime) -> None:
    """Take back what spoke of a day that is no longer the deadline."""
    outbox.cancel(assignment, kinds=CALENDAR, at=at)


def follow_lead(assignment: Assignment, *, by: User, at: dt.datetime) -> None:
    """Take back what the former lead was told, and tell the new one what the present step waits for."""
    outbox.forget(assignment, kinds=CALENDAR)
    outbox.cancel(assignment, kinds=(*KINDS, SHARED), at=at)
    waits = {
        AssignmentStatus.AWAITING_HEAD: AWAITING_HEAD,
        AssignmentStatus.SUBMITTED: SUBMITTED,
        AssignmentStatus.REJECTED: REJECTED,
    }
    if kind := waits.get(AssignmentStatus(assignment.status)):
        tell(kind, assignment, by=by, at=at)
