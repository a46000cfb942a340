"""What the portal tells about reviews: the officer in time, who decides, and then every party."""

import datetime as dt

from django.db.models import Case, CharField, F, QuerySet, Value, When
from django.db.models.functions import Concat
from django.urls import reverse

from portal.notices import outbox, planning
from portal.notices.kinds import (
    FOCAL_POINTS_AND_HEAD,
    HEADS,
    OFFICERS,
    Audience,
    Group,
    Kind,
    among,
    owed,
)
from portal.users.models import Role, User
from tasks import parties
from tasks.models import ApprovedReview, PeriodReview, ReportingPeriod
from tasks.models.periods import REVIEWED
from tasks.states import ProgrammeState, ReviewState

DAYS_BEFORE, DAYS_AFTER = (14, 3), (1, 7, 15)
HOSTS_OFFICERS: Audience = (frozenset({Role.PROGRAMME_OFFICER}),)


def _path(period_id: int) -> str:
    return reverse("reviews:detail", args=[period_id])


def _owed() -> QuerySet[ReportingPeriod]:
    """Half-years and years that have their day, and whose review is not before the commander yet."""
    rows = ReportingPeriod.objects.filter(
        kind__in=REVIEWED,
        review_due_on__isnull=False,
        programme__state__in=[ProgrammeState.IN_FORCE, ProgrammeState.CLOSED],
    )
    return rows.exclude(review__state__in=[ReviewState.PROPOSED, ReviewState.APPROVED])


def _in(state: ReviewState) -> QuerySet[ReportingPeriod]:
    return ReportingPeriod.objects.filter(review__state=state)


DUE = Kind(
    code="review.due",
    text_vi="Đến kỳ làm báo cáo, hạn $due: $title",
    text_en="Time to write the review, by $due: $title",
    path=_path,
    audience=HOSTS_OFFICERS,
    group=Group.REPORT,
    still_due=owed(_owed, "review_due_on", until_due=True),
    days=tuple(-days for days in DAYS_BEFORE),
)
OVERDUE = Kind(
    code="review.overdue",
    text_vi="Quá hạn trình báo cáo, hạn $due: $title",
    text_en="The review is overdue since $due: $title",
    path=_path,
    audience=HOSTS_OFFICERS,
    group=Group.REPORT,
    cannot_be_off=True,
    still_due=owed(_owed, "review_due_on"),
    days=DAYS_AFTER,
)
PROPOSED = Kind(
    code="review.proposed",
    text_vi="Báo cáo chờ phê duyệt: $title",
    text_en="The review waits for your approval: $title",
    path=_path,
    audience=HEADS,
    group=Group.DECIDE,
    still_due=among(lambda: _in(ReviewState.PROPOSED)),
)
GIVEN_BACK = Kind(
    code="review.given_back",
    text_vi="Chỉ huy trưởng trả lại báo cáo để sửa: $title",
    text_en="The commander gave the review back: $title",
    path=_path,
    audience=OFFICERS,
    group=Group.REPORT,
    urgent=True,
    still_due=among(lambda: _in(ReviewState.DRAFT)),
)
APPROVED = Kind(
    code="review.approved",
    text_vi="Đã phê duyệt báo cáo: $title",
    text_en="The review is approved: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
CALENDAR = (DUE, OVERDUE)
KINDS = (*CALENDAR, PROPOSED, GIVEN_BACK, APPROVED)
NAMES = {
    ReportingPeriod.Kind.SEMIANNUAL: ("sơ kết 6 tháng, ", "interim review, "),
    ReportingPeriod.Kind.ANNUAL: ("tổng kết năm, ", "annual review, "),
}
"""What stands before the programme's title, in both languages."""


def plan(at: dt.datetime) -> int:
    """Plan the reminders of every review that has its day; return how many are new."""
    rows = _owed().values(
        "code",
        "review_due_on",
        agency_id=F("programme__host_id"),
        title_vi=_named(0, "programme__title_vi"),
        title_en=_named(1, "programme__title_en"),
        subject_id=F("pk"),
    )
    return planning.sweep(rows, CALENDAR, at=at, due_on="review_due_on")


def _named(language: int, title: str) -> Case:
    which = Case(*(When(kind=kind, then=Value(names[language])) for kind, names in NAMES.items()))
    whole = Concat(which, title, output_field=CharField())
    return Case(When(**{title: ""}, then=Value("")), default=whole)


def tell_commander(review: PeriodReview, *, by: User, at: dt.datetime) -> None:
    outbox.tell(PROPOSED, _about(review.period, review.period.programme.host_id), by=by, at=at)


def tell_officers(review: PeriodReview, *, by: User, at: dt.datetime) -> None:
    outbox.tell(GIVEN_BACK, _about(review.period, review.period.programme.host_id), by=by, at=at)


def tell_parties(approved: ApprovedReview, *, by: User, at: dt.datetime) -> None:
    """Tell every party but the host that it may read the review."""
    period = approved.period
    rows = parties.agencies(period.programme).exclude(pk=period.programme.host_id)
    outbox.tell(APPROVED, *(_about(period, agency.pk) for agency in rows), by=by, at=at)


def _about(period: ReportingPeriod, agency_id: int) -> outbox.About:
    programme, (vi, en) = period.programme, NAMES[ReportingPeriod.Kind(period.kind)]
    return outbox.About(
        period,
        agency_id,
        title_vi=f"{vi}{programme.title_vi}",
        title_en=f"{en}{programme.title_en}" if programme.title_en else "",
        due_on=period.review_due_on,
    )


def settle_due(review: PeriodReview, *, at: dt.datetime) -> None:
    """Take back what asked for the review that is before the commander now."""
    outbox.cancel(review.period, kinds=(*CALENDAR, GIVEN_BACK), at=at)


def settle_decision(review: PeriodReview, *, at: dt.datetime) -> None:
    """Take back what asked for the decision."""
    outbox.cancel(review.period, kinds=(PROPOSED,), at=at)
