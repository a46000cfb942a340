"""Reviews for the demonstration: both of last year approved and numbered, this year's interim one too.

Each is drafted by the portal from what the demonstration holds; the officer adds what nobody can count.
"""

import datetime as dt

from portal.lib.dates import local_day, start_of_day
from portal.operations.demo.people import Cast
from tasks import period_reviews
from tasks.models import PeriodReview, Programme, ReportingPeriod
from tasks.period_review_contents import Section

_KIND = ReportingPeriod.Kind
BEFORE = dt.timedelta(days=-2, hours=9)
"""From the day by which a review is due: the hour of its draft."""

OWN = {
    Section.STRENGTHS: (
        "Các cơ quan, đơn vị đã quán triệt, triển khai kịp thời nội dung Chương trình phối hợp; cán bộ "
        "đầu mối chủ động trao đổi, cập nhật kết quả; nền nếp giao ban, báo cáo được duy trì.",
    ),
    Section.SHORTCOMINGS: (
        "Một số nhiệm vụ triển khai chậm, dồn vào cuối kỳ. Nguyên nhân: cán bộ đầu mối ở một số cơ quan "
        "còn kiêm nhiệm, chưa ổn định; kinh phí bảo đảm giao muộn.",
    ),
    Section.LESSONS: (
        "Cụ thể hóa nhiệm vụ thành chỉ tiêu đo được, có cơ quan chủ trì, thời hạn rõ ràng ngay khi ký kết.",
        "Theo dõi, đôn đốc thường xuyên; việc vướng mắc được báo cáo và tháo gỡ trước khi đến hạn.",
    ),
    Section.DIRECTION: (
        "Tiếp tục quán triệt nội dung Chương trình phối hợp; duy trì nghiêm chế độ thông tin, báo cáo; "
        "giải quyết dứt điểm kiến nghị của các cơ quan, đơn vị.",
    ),
}


def half(programme: Programme, cast: Cast, *, until: dt.datetime, number: str) -> None:
    """Review the first six months: approved when the day has come, before that a draft."""
    period = programme.periods.filter(kind=_KIND.SEMIANNUAL).select_related("programme__host").first()
    if period is None or period.review_due_on is None or period.data_to >= local_day(until):
        return
    at = min(start_of_day(period.review_due_on) + BEFORE, until)
    row = _draft(period, cast, at=at)
    if local_day(until) > period.review_due_on:
        _finish(row, cast, number=number, at=at)


def year(programme: Programme, cast: Cast, *, at: dt.datetime, number: str) -> None:
    """Review the whole year, its approved rating with it."""
    period = programme.periods.filter(kind=_KIND.ANNUAL).select_related("programme__host").first()
    if period is not None:
        _finish(_draft(period, cast, at=at), cast, number=number, at=at)


def _draft(period: ReportingPeriod, cast: Cast, *, at: dt.datetime) -> PeriodReview:
    row = period_reviews.draft(period, by=cast.officer, at=at)
    for section, texts in OWN.items():
        text = "\n".join(texts)
        if section != Section.SHORTCOMINGS or not row.paragraphs.filter(section=section).exists():
            period_reviews.add(row, by=cast.officer, at=at, section=section, text=text)
    return row


def _finish(row: PeriodReview, cast: Cast, *, number: str, at: dt.datetime) -> None:
    hour = dt.timedelta(hours=1)
    period_reviews.freeze(row, by=cast.officer, at=at + hour)
    approved = period_reviews.approve(row, by=cast.commander, at=at + 3 * hour)
    period_reviews.give_number(
        approved, by=cast.clerk, at=at + 5 * hour, number=number, issued_on=local_day(at)
    )
