"""What the portal tells about scans of agencies' papers: that one was recalled, and another is needed."""

import datetime as dt
from typing import Any

from django.urls import reverse

from portal.notices import outbox
from portal.notices.kinds import FOCAL_POINTS_AND_HEAD, OFFICERS, Group, Kind
from portal.users.models import User
from tasks import report_reminders
from tasks.models import PaperEntry, Progress, ReportStep
from tasks.states import AssignmentStatus, ReportState


def _path(entry_id: int) -> str:
    step = ReportStep.objects.filter(paper=entry_id).values_list("report", flat=True).first()
    if step:
        return reverse("reports:detail", args=[step])
    line = Progress.objects.filter(paper=entry_id).values_list("assignment", flat=True).first()
    return reverse("assignments:detail", args=[line]) if line else reverse("home")


RECALLED = Kind(
    code="paper.recalled",
    text_vi="Bản quét văn bản của cơ quan đã bị thu hồi, cần gửi bản khác để nhập lại: $code $title",
    text_en="The scan of your agency's paper was recalled; another is needed to enter it anew: $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
)
RECALLED_TO_OFFICERS = Kind(
    code="paper.recalled_told",
    text_vi="Bản quét đã nhập từ bản giấy bị thu hồi, cần nhập lại từ bản khác: $code $title",
    text_en="A scan that was entered from paper was recalled; enter it anew from another: $code $title",
    path=_path,
    audience=OFFICERS,
    group=Group.KNOW,
)
KINDS = (RECALLED, RECALLED_TO_OFFICERS)


def tell_recalled(entry: PaperEntry, *, by: User, at: dt.datetime) -> None:
    """Tell the agency whose paper it is, the officers, who entered it and who accepted it; in the action."""
    step = entry.steps.select_related("report__period__programme", "report__agency").defer("content").first()
    line = entry.log.select_related("assignment__programme").first()
    people = {entry.entered_by_id}
    if step is not None:
        host_id, code = step.report.period.programme.host_id, step.report.agency.name_vi
        title_vi, title_en = report_reminders.titles(step.report.period)
        accepted = step.report.steps.filter(state=ReportState.ACCEPTED, at__gte=entry.entered_at)
        people |= set(accepted.values_list("by", flat=True))
    elif line is not None:
        row = line.assignment
        host_id, code = row.programme.host_id, row.code
        title_vi, title_en = row.title_vi, row.title_en or row.title_vi
        confirmed = row.log.filter(status=AssignmentStatus.CONFIRMED, at__gte=entry.entered_at)
        people |= set(confirmed.values_list("by", flat=True))
    else:
        return
    words: dict[str, Any] = {"code": code, "title_vi": title_vi, "title_en": title_en}
    outbox.tell(RECALLED, outbox.About(entry, entry.agency_id, **words), by=by, at=at)
    about = outbox.About(entry, host_id, **words, also=frozenset(people))
    outbox.tell(RECALLED_TO_OFFICERS, about, by=by, at=at)
