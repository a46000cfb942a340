"""The rating of agencies for the demonstration: last year's approved, this year's being scored.

Last year's end is rated as everybody would have done it: heads send, the officer verifies, one agency asks
for re-examination. In the running year some agencies have sent, some have begun, the others are silent.
"""

import datetime as dt
from decimal import Decimal

from portal.lib.dates import local_day
from portal.operations.demo.people import Cast
from tasks import rating_contents, rating_figures, rating_sheets, rating_support, ratings
from tasks.models import Programme, RatingRound, RatingSheet
from tasks.models.ratings import MARKED
from tasks.rating_figures import Share
from tasks.rating_sheets import Given, Verdict
from tasks.ratings import Proposal

BEGAN = 3  # days before today on which this year's criteria were published
NOTES = (
    "Tham gia đầy đủ các hội nghị, giao ban; gửi ý kiến phối hợp đúng thời hạn cơ quan chủ trì đề nghị.",
    "Chủ động cử cán bộ tham gia các tổ công tác, cung cấp số liệu kịp thời.",
    "Có mô hình phối hợp được áp dụng tại cơ sở, báo cáo kèm theo.",
)
REASON = "Còn một lần gửi ý kiến phối hợp chậm so với đề nghị của cơ quan chủ trì."
FIRST = "Lần đầu thực hiện; chưa có số liệu để so sánh, thống nhất theo kết quả theo dõi trong năm."
AGAIN = "Đề nghị xem lại: ý kiến phối hợp đã gửi đúng hạn, văn bản đến chậm do đường truyền."
ANSWER = "Đã đối chiếu sổ văn bản đến; chấp nhận đề nghị, điều chỉnh điểm."
WORDS = (
    "Đề nghị gửi hướng dẫn sớm hơn trước mỗi kỳ báo cáo.",
    "Nên tổ chức tập huấn sử dụng hệ thống cho cán bộ đầu mối mới.",
    "Giảm số liệu yêu cầu trùng với báo cáo của ngành.",
)


def last_year(programme: Programme, cast: Cast, *, until: dt.datetime) -> None:
    """Rate the year that is over: from its end to the approval some weeks later."""
    day = dt.timedelta(days=1)
    round_ = _published(programme, cast, at=until)
    sheets = _sheets(round_)
    for n, sheet in enumerate(sheets):
        _score(sheet, cast, n, at=until + 5 * day)
        _verify(sheet, cast, n, at=until + 8 * day)
    for n, sheet in enumerate(sheets[: len(sheets) // 2]):
        marks = dict(zip(MARKED, (5, 5 - n % 3, 4 + n % 2, 3 + n % 3), strict=True))
        words = WORDS[n // 5] if n % 5 == 0 and n // 5 < len(WORDS) else ""
        head = cast.heads[sheet.agency.code]
        rating_support.rate(round_, by=head, at=until + 6 * day, marks=marks, words=words)
    last = local_day(until + 15 * day)
    ratings.announce(round_, by=cast.officer, at=until + 10 * day, review_until=last)
    _ask_again(sheets[2], cast, at=until + 12 * day)
    lines = rating_contents.lines(round_)
    worst = round_.grades.get(place=4)
    wanted = {
        line.sheet.pk: Proposal(line.computed_grade or worst, "" if line.computed_grade else FIRST)
        for line in lines
    }
    ratings.propose(round_, by=cast.officer, at=until + 18 * day, proposals=wanted)
    ratings.approve(round_, by=cast.commander, at=until + 20 * day)


def this_year(programme: Programme, cast: Cast, *, until: dt.datetime) -> None:
    """Publish this year's criteria some days ago; some have sent their self-score since."""
    began = until - dt.timedelta(days=BEGAN)
    round_ = _published(programme, cast, at=began)
    for n, sheet in enumerate(_sheets(round_)):
        if n % 4 == 0:
            _score(sheet, cast, n, at=until - dt.timedelta(days=1))
        elif n % 4 == 1:
            _write(sheet, cast, n, at=until - dt.timedelta(days=1))


def _published(programme: Programme, cast: Cast, *, at: dt.datetime) -> RatingRound:
    round_ = ratings.prepare(programme, by=cast.officer, at=at)
    ratings.publish(round_, by=cast.officer, at=at)
    return round_


def _sheets(round_: RatingRound) -> list[RatingSheet]:
    rows = round_.sheets.select_related("round__programme__host", "agency")
    return list(rows.order_by("agency__protocol_order", "agency__code"))


def _figures(sheet: RatingSheet, at: dt.datetime) -> dict[str, Share]:
    return dict(rating_figures.read(sheet.round, [sheet.agency_id], today=local_day(at))[sheet.agency_id])


def _write(sheet: RatingSheet, cast: Cast, n: int, *, at: dt.datetime) -> None:
    figures, given = _figures(sheet, at), {}
    for row in sheet.points.select_related("criterion"):
        weight = row.criterion.weight
        if row.criterion.is_judged:
            given[row.criterion_id] = Given(Decimal(weight - (n + weight) % 3), NOTES[(n + weight) % 3])
        else:
            given[row.criterion_id] = Given(figures[row.criterion.measure].points(weight))
    by = cast.focal_points.get(sheet.agency.code) or cast.heads[sheet.agency.code]
    rating_sheets.save(sheet, by=by, at=at, given=given)


def _score(sheet: RatingSheet, cast: Cast, n: int, *, at: dt.datetime) -> None:
    _write(sheet, cast, n, at=at)
    rating_sheets.submit(sheet, by=cast.heads[sheet.agency.code], at=at + dt.timedelta(hours=3))


def _verify(sheet: RatingSheet, cast: Cast, n: int, *, at: dt.datetime) -> None:
    figures, verdicts = _figures(sheet, at), {}
    for row in sheet.points.select_related("criterion"):
        weight, given = row.criterion.weight, row.self_points
        if not row.criterion.is_judged:
            verdicts[row.criterion_id] = Verdict(figures[row.criterion.measure].points(weight))
        elif n % 3 == 2 and weight > 5 and given is not None:
            verdicts[row.criterion_id] = Verdict(given - 1, REASON)
        else:
            verdicts[row.criterion_id] = Verdict(given)
    rating_sheets.verify(sheet, by=cast.officer, at=at, verdicts=verdicts)


def _ask_again(sheet: RatingSheet, cast: Cast, *, at: dt.datetime) -> None:
    point = sheet.points.select_related("criterion").filter(reason=REASON).earliest("pk")
    point.sheet = sheet
    row = rating_sheets.ask_again(point, by=cast.heads[sheet.agency.code], at=at, reason=AGAIN)
    points = min((point.points or Decimal(0)) + 1, Decimal(point.criterion.weight))
    rating_sheets.answer(row, by=cast.officer, at=at + dt.timedelta(days=1), points=points, answer=ANSWER)
