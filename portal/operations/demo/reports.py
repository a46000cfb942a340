"""Periodic reports for the demonstration: two years of them, most on time, and something on each desk.

Written together, as the work in history.py is. Of the newest period that is over the visitors find one
report returned, one at its head's, some to be accepted and some that never came; of the running one a draft.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.lib.dates import local_day, start_of_day
from portal.lib.states import move_all
from portal.operations.demo import papering
from portal.operations.demo.people import Cast
from portal.users.models import User
from tasks import grants, report_contents
from tasks.models import Assignment, Programme, Report, ReportingPeriod, ReportLine, ReportStep
from tasks.states import DONE_ASSIGNMENT, REPORT, ProgrammeState, ReportState

_S = ReportState
RETURNED = "SNV"
AWAITING_HEAD = "STC"
SENDS_ALONE = "TDTN"
SILENT = frozenset({"SLDTBXH", "TAND", "STP", "SKHCN"})
TO_ACCEPT = frozenset({"SYT", "CAT", "UBMTTQ", "TDTN", "SGDDT", "BBP", "HCCB"})
BEGUN = frozenset({"SNV", "SGDDT", "TDTN"})
REASON = "Số liệu lớp bồi dưỡng chưa khớp với biểu tổng hợp; đề nghị rà soát và bổ sung nguyên nhân chậm."
AMENDED_IN = 5  # days from today
LATE_EACH = 9
"""Of so many reports one comes late."""

SUMMARIES = (
    "Tình hình an ninh chính trị, trật tự an toàn xã hội trên địa bàn ổn định; cơ quan duy trì nền nếp "
    "chế độ giao ban, thông tin phối hợp với Bộ Chỉ huy Quân sự tỉnh.",
    "Lãnh đạo cơ quan đã quán triệt Chương trình phối hợp tới toàn thể cán bộ, phân công đầu mối theo dõi và "
    "đưa nội dung phối hợp vào kế hoạch công tác.",
    "Các nội dung phối hợp được triển khai đúng kế hoạch; việc trao đổi thông tin giữa các cơ quan kịp thời.",
)
SHORTCOMINGS = (
    "Một số địa phương gửi số liệu còn chậm, phải đôn đốc nhiều lần; nguyên nhân do cán bộ đầu mối cấp huyện "
    "kiêm nhiệm nhiều việc.",
    "Kinh phí bảo đảm cho một số nội dung phối hợp còn hạn hẹp; việc lồng ghép với chương trình "
    "khác chưa nhiều.",
    "Công tác tuyên truyền ở một số xã vùng sâu, vùng xa chưa thường xuyên; hình thức chưa phong phú.",
    "Không có.",
)
PLANS = (
    "Tiếp tục thực hiện các nội dung còn lại theo kế hoạch; rà soát chỉ tiêu đạt thấp để tập trung chỉ đạo.",
    "Phối hợp với Bộ Chỉ huy Quân sự tỉnh kiểm tra kết quả tại cơ sở; hoàn thiện hồ sơ, tài liệu minh chứng.",
    "Đẩy nhanh tiến độ các nhiệm vụ đến hạn trong kỳ; duy trì giao ban, báo cáo đúng thời gian quy định.",
)
PROPOSALS = (
    "",
    "Đề nghị Bộ Chỉ huy Quân sự tỉnh gửi sớm mẫu biểu thống nhất để các cơ quan tổng hợp số liệu.",
    "",
    "Đề nghị bố trí kinh phí cho hoạt động tuyên truyền tại các xã biên giới, ven biển.",
)
TEXTS = {"summary": SUMMARIES, "shortcomings": SHORTCOMINGS, "plans": PLANS, "proposals": PROPOSALS}
DONE = "Đã hoàn thành, đạt chỉ tiêu đề ra; hồ sơ, sản phẩm đã gửi Bộ Chỉ huy Quân sự tỉnh."
LED = (
    "Đang triển khai theo kế hoạch; đã hướng dẫn các huyện, thị xã, thành phố tổ chức thực hiện và báo cáo.",
    "Đã ban hành văn bản chỉ đạo, tổ chức kiểm tra tại 03 huyện; các cơ quan phối hợp tham gia đầy đủ.",
    "Tiến độ cơ bản bảo đảm; một số đơn vị cần tập trung hoàn thành trong kỳ tới.",
)
SHARED = (
    "Đã cử cán bộ tham gia theo đề nghị của cơ quan chủ trì; cung cấp số liệu đúng thời gian.",
    "Tham gia ý kiến bằng văn bản; lồng ghép tuyên truyền trong sinh hoạt cơ quan, đơn vị.",
    "",
)

Shares = Mapping[int, Sequence[tuple[Assignment, bool]]]
"""What each agency leads (True) and coordinates, by the agency's key."""


@dataclass(frozen=True)
class Fate:
    """What became of a report: its state, when it was written, sent and accepted, by when it is amended."""

    state: ReportState
    saved_at: dt.datetime
    sent_at: dt.datetime | None = None
    accepted_at: dt.datetime | None = None
    amend_by: dt.date | None = None


def write(programme: Programme, cast: Cast, *, until: dt.datetime) -> None:
    """Fill the reports of a programme; `until` is the moment after which nothing has happened yet."""
    today = local_day(until)
    periods = [period for period in programme.periods.all() if period.data_from <= today]
    over = [period for period in periods if period.due_on < today]
    runs = programme.state == ProgrammeState.IN_FORCE  # of a closed one nothing is left to do
    newest = over[-1].due_on if over and runs else None
    shares = _shares(programme)
    rows = Report.objects.filter(period__in=periods).select_related("agency", "period")
    reports = list(rows.order_by("period__due_on", "period__code", "agency__protocol_order"))
    lines, steps, fates = [], [], {}
    for place, report in enumerate(reports):
        fate = _fate(report, place, until, is_newest=report.period.due_on == newest)
        if fate is None:
            continue
        fates[report.pk] = fate
        own = _fill(report, fate, place, shares, cast)
        lines += own
        steps += list(_steps(report, fate, own, cast))
    Report.objects.bulk_update([report for report in reports if report.pk in fates], COLUMNS, batch_size=100)
    _move(fates)
    ReportLine.objects.bulk_create(lines)
    ReportStep.objects.bulk_create(steps)


def give_leave(programme: Programme, cast: Cast, *, at: dt.datetime) -> None:
    """Let one head's focal point send without approval."""
    agency = programme.signatories.get(agency__code=SENDS_ALONE).agency
    grants.give(agency, by=cast.heads[SENDS_ALONE], at=at)


def _fate(report: Report, place: int, until: dt.datetime, *, is_newest: bool) -> Fate | None:
    """Return what became of a report; None when nobody has written in it."""
    code, period, today = report.agency.code, report.period, local_day(until)
    if period.due_on >= today:
        begun = code in BEGUN and period.kind == ReportingPeriod.Kind.QUARTERLY
        return Fate(_S.DRAFT, until - dt.timedelta(days=1)) if begun else None
    if is_newest and code in SILENT:
        return None
    is_newest = is_newest and period.kind == ReportingPeriod.Kind.QUARTERLY
    sent_on = period.due_on - dt.timedelta(days=place % 4)
    if place % LATE_EACH == 0:
        sent_on = period.due_on + dt.timedelta(days=1 + place % 4)
    at = min(start_of_day(sent_on) + dt.timedelta(hours=9 + place % 8, minutes=7 * place % 60), until)
    if is_newest and code == AWAITING_HEAD:
        return Fate(_S.AWAITING_HEAD, at)
    if is_newest and code == RETURNED:
        return Fate(_S.RETURNED, at, at, amend_by=today + dt.timedelta(days=AMENDED_IN))
    if is_newest and code in TO_ACCEPT:
        return Fate(_S.SUBMITTED, at, at)
    return Fate(_S.ACCEPTED, at, at, min(at + dt.timedelta(days=1), until))


COLUMNS = (
    *report_contents.SECTIONS,
    *("first_submitted_at", "submitted_at", "accepted_at", "own_due_on", "decision_note"),
    *("saved_at", "saved_by", "revision"),
)


def _fill(report: Report, fate: Fate, place: int, shares: Shares, cast: Cast) -> list[ReportLine]:
    """Write the sections of a report, and return its lines."""
    for name, words in TEXTS.items():
        setattr(report, name, words[place % len(words)])
    report.first_submitted_at = report.submitted_at = fate.sent_at
    report.accepted_at = fate.accepted_at
    report.own_due_on, report.decision_note = fate.amend_by, REASON if fate.amend_by else ""
    writer = cast.clerk if _is_paper(report, fate) else _writer(report, cast)
    report.saved_at, report.saved_by, report.revision = fate.saved_at, writer, 1
    return [
        _line(report, row, is_led, place + n)
        for n, (row, is_led) in enumerate(shares.get(report.agency_id, ()))
        if not _was_done_before(row, report.period)
    ]


def _line(report: Report, row: Assignment, is_led: bool, place: int) -> ReportLine:
    is_done = row.submitted_on is not None and row.submitted_on <= report.period.data_to
    words = SHARED[place % len(SHARED)] if not is_led else DONE if is_done else LED[place % len(LED)]
    return ReportLine(
        report=report,
        assignment=row,
        is_led=is_led,
        actual=_figure(row, report.period) if is_led else None,
        text=words,
        nothing_to_report=not words,
    )


def _figure(row: Assignment, period: ReportingPeriod) -> Decimal:
    """The running total at the period's end: all of it when done by then, else by the share of time."""
    if row.submitted_on and row.submitted_on <= period.data_to:
        return row.actual
    year = period.data_to.year
    share = Decimal((period.data_to - dt.date(year - 1, 12, 15)).days) / 365
    return min(row.actual, (row.target * share).quantize(Decimal(1), rounding="ROUND_FLOOR"))


def _was_done_before(row: Assignment, period: ReportingPeriod) -> bool:
    sent_on = row.submitted_on if row.status in DONE_ASSIGNMENT else None
    return sent_on is not None and sent_on < period.data_from


def _shares(programme: Programme) -> Shares:
    shares: dict[int, list[tuple[Assignment, bool]]] = {}
    rows = list(programme.assignments.order_by("code").prefetch_related("coordinations"))
    for row in rows:
        shares.setdefault(row.lead_id, []).append((row, True))
    for row in rows:
        for share in row.coordinations.all():
            shares.setdefault(share.agency_id, []).append((row, False))
    return shares


def _is_paper(report: Report, fate: Fate) -> bool:
    """Whether it came on paper and waits to be accepted."""
    return report.agency.code == papering.AGENCY and fate.state == _S.SUBMITTED


def _writer(report: Report, cast: Cast) -> User:
    return cast.focal_points.get(report.agency.code, cast.officer)


def _steps(report: Report, fate: Fate, lines: Sequence[ReportLine], cast: Cast) -> Iterator[ReportStep]:
    """Yield the history that leads to a report's fate."""
    head, at = cast.heads[report.agency.code], fate.saved_at
    if fate.state == _S.DRAFT:
        return
    if _is_paper(report, fate):
        entry, content = papering.entry(report, cast, at=at), report_contents.frozen(report, lines)
        yield ReportStep(
            report=report, at=at, by=cast.clerk, state=_S.SUBMITTED, content=content, paper=entry
        )
        return
    yield ReportStep(report=report, at=at, by=_writer(report, cast), state=_S.AWAITING_HEAD)
    if fate.sent_at is None:
        return
    content = report_contents.frozen(report, lines)
    yield ReportStep(report=report, at=at, by=head, state=_S.SUBMITTED, content=content)
    if fate.state == _S.RETURNED:
        yield ReportStep(report=report, at=at, by=cast.officer, state=_S.RETURNED, text=REASON)
    if fate.accepted_at:
        yield ReportStep(report=report, at=fate.accepted_at, by=cast.officer, state=_S.ACCEPTED)


def _move(fates: Mapping[int, Fate]) -> None:
    """Take every step with all the reports whose way has it."""
    ways = {
        _S.DRAFT: (),
        _S.AWAITING_HEAD: (_S.AWAITING_HEAD,),
        _S.SUBMITTED: (_S.AWAITING_HEAD, _S.SUBMITTED),
        _S.ACCEPTED: (_S.AWAITING_HEAD, _S.SUBMITTED, _S.ACCEPTED),
        _S.RETURNED: (_S.AWAITING_HEAD, _S.SUBMITTED, _S.RETURNED),
    }
    for step in (_S.AWAITING_HEAD, _S.SUBMITTED, _S.ACCEPTED, _S.RETURNED):
        pks = [pk for pk, fate in fates.items() if step in ways[fate.state]]
        move_all(Report.objects.filter(pk__in=pks), step, REPORT)
