"""Lights for the demonstration: when news of the work last came, and two lights that the officer set."""

import datetime as dt

from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery

from portal.lib.dates import local_day
from portal.operations.demo.people import Cast
from tasks.models import Assignment, Colour, LightOverride, Programme, Progress, Report
from tasks.states import OPEN_ASSIGNMENT, SENT_REPORT, AssignmentStatus

TOLD = (AssignmentStatus.IN_PROGRESS, AssignmentStatus.AWAITING_HEAD, AssignmentStatus.SUBMITTED)
WORSE = "Vướng giải phóng mặt bằng, chưa có phương án; kết quả nhiều khả năng không kịp hạn."
BETTER = "Đã có sản phẩm, đang hoàn thiện hồ sơ; số liệu sẽ cập nhật trong báo cáo kỳ này."


def write(programme: Programme, cast: Cast, *, until: dt.datetime) -> None:
    """Take the last news from logs and reports; set two lights by hand as of `until`."""
    _tell(programme)
    owed = programme.assignments.filter(status__in=OPEN_ASSIGNMENT).order_by("-due_on", "code")
    calm = owed.filter(due_on__gt=local_day(until))
    for row, colour, reason in zip(calm[:2], (Colour.RED, Colour.GREEN), (WORSE, BETTER), strict=False):
        LightOverride.objects.create(
            assignment=row,
            colour=colour,
            reason=reason,
            on=local_day(until - dt.timedelta(days=1)),
            until_on=local_day(until) + dt.timedelta(days=21),
            by=cast.officer,
            at=until - dt.timedelta(days=1),
        )


def _tell(programme: Programme) -> None:
    """What the lead wrote in the log, and since then in its reports."""
    logged = Progress.objects.filter(assignment=OuterRef("pk"), status__in=TOLD)
    rows = Assignment.objects.filter(programme=programme)
    rows.update(reported_at=_newest(logged, "assignment", "at"))
    sent = Report.objects.filter(
        period__programme=programme,
        agency=OuterRef("lead"),
        state__in=SENT_REPORT,
        submitted_at__isnull=False,
    )
    at_work = rows.filter(status=AssignmentStatus.IN_PROGRESS)
    newer = at_work.annotate(sent_at=_newest(sent, "agency", "submitted_at")).filter(
        Q(reported_at=None) | Q(sent_at__gt=F("reported_at")), sent_at__isnull=False
    )
    for pk, sent_at in list(newer.values_list("pk", "sent_at")):
        Assignment.objects.filter(pk=pk).update(reported_at=sent_at)


def _newest(rows: QuerySet[Progress] | QuerySet[Report], group: str, column: str) -> Subquery:
    return Subquery(rows.order_by().values(group).annotate(newest=Max(column)).values("newest"))
