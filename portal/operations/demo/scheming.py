"""Schemes of several years in the demonstration: made up but for their names."""

import datetime as dt
from dataclasses import dataclass

from portal.agencies.models import Agency
from portal.lib.dates import local_day
from portal.operations.demo.people import Cast
from tasks.models import Milestone, MilestoneDuty, Programme, Scheme
from tasks.states import MilestoneState

_S = MilestoneState
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Step:
    """A milestone: due in which year (0 the running one), which duty carries it, what came of it."""

    title: str
    year: int
    month: int
    code: str = ""
    state: str = _S.OPEN
    reached_after: int = -6  # days from its day
    result: str = ""
    due_in: int | None = None  # days from today, in place of year and month


@dataclass(frozen=True)
class Plan:
    kind: str
    title: str
    first: int
    last: int
    number: int
    lead: str
    coordinating: tuple[str, ...]
    steps: tuple[Step, ...]


PLANS = (
    Plan(
        Scheme.Kind.SCHEME,
        "Đề án Củng cố tổ chức, nâng cao chất lượng lực lượng dân quân tự vệ",
        -2,
        2,
        412,
        "BCHQS",
        ("STC", "SNV", "LDLD"),
        (
            Step("Ban hành kế hoạch triển khai", -2, 3, state=_S.REACHED, result="Kế hoạch đã ban hành."),
            Step(
                "Kiện toàn cơ quan thường trực các cấp",
                -1,
                6,
                state=_S.REACHED,
                reached_after=12,
                result="Đã kiện toàn đủ; chậm do chờ văn bản hướng dẫn.",
            ),
            Step("Sơ kết giữa kỳ", 0, 12, code="1.07"),
            Step("Hoàn thành nội dung hằng năm, bàn giao hồ sơ", 0, 12, code="1.06"),
            Step("Tổng kết Đề án", 2, 11),
        ),
    ),
    Plan(
        Scheme.Kind.PROJECT,
        "Dự án Nâng cao năng lực ứng dụng công nghệ thông tin phục vụ nhiệm vụ quân sự, quốc phòng",
        -1,
        1,
        958,
        "BCHQS",
        ("STTTT", "STC"),
        (
            Step("Hoàn thành khảo sát", -1, 5, state=_S.REACHED, result="Biên bản khảo sát đã ký."),
            Step("Đưa phần dùng chung vào hoạt động", 0, 12, code="1.08"),
            Step("Nghiệm thu, bàn giao", 1, 9),
        ),
    ),
    Plan(
        Scheme.Kind.PLAN,
        "Quy hoạch sử dụng đất quốc phòng (phần thủ tục hành chính)",
        -2,
        7,
        77,
        "BCHQS",
        ("STNMT", "SXD"),
        (
            Step(
                "Lập xong danh mục thủ tục",
                0,
                1,
                code="1.10",
                state=_S.REPORTED,
                reached_after=-2,
                result="Danh mục đã thống nhất với các cơ quan phối hợp.",
            ),
            Step("Rà soát giữa kỳ", 3, 6),
        ),
    ),
    Plan(
        Scheme.Kind.SCHEME,
        "Đề án Bồi dưỡng kiến thức quốc phòng và an ninh cho cán bộ, công chức",
        -1,
        3,
        1306,
        "SNV",
        ("BCHQS", "BTCTU"),
        (
            Step("Rà soát nguồn bồi dưỡng nhiệm kỳ mới", 0, 1, due_in=18),
            Step("Sơ kết hai năm", 1, 12),
        ),
    ),
)


def write(finished: Programme, running: Programme, cast: Cast, *, until: dt.datetime) -> None:
    """Write the schemes, with the duties of both years that carry their milestones."""
    agencies = {agency.code: agency for agency in Agency.objects.all()}
    for plan in PLANS:
        year, last = running.year + plan.first, running.year + plan.last
        made = Scheme.objects.create(
            kind=plan.kind,
            title_vi=f"{plan.title}, giai đoạn {year}-{last}",
            year_from=year,
            year_to=last,
            approval_number=f"{plan.number}/QĐ-UBND",
            approved_on=dt.date(year, 1, 25),
            approval_subject=f"Về việc phê duyệt {plan.title}",
            approved_by="Ủy ban nhân dân tỉnh",
            lead=agencies[plan.lead],
        )
        made.coordinating.set([agencies[code] for code in plan.coordinating if code in agencies])
        for step in plan.steps:
            _plan(made, step, (finished, running), cast, until)


def _plan(
    scheme: Scheme, step: Step, years: tuple[Programme, Programme], cast: Cast, until: dt.datetime
) -> None:
    """`years` are the programmes whose duties carry it, the running one last."""
    today, running = local_day(until), years[-1]
    due_on = dt.date(running.year + step.year, step.month, 28)
    if step.due_in is not None:
        due_on = min(today + step.due_in * DAY, dt.date(scheme.year_to, 12, 31))
    row = Milestone(scheme=scheme, title=step.title, due_on=due_on, state=step.state)
    if step.state != _S.OPEN:
        row.result = step.result
        row.reached_on = min(due_on + step.reached_after * DAY, today)
        row.reported_by = cast.officer
    if step.state == _S.REACHED:
        row.settled_by, row.settled_at = cast.commander, until
    row.save()
    for programme in years:
        duty = programme.assignments.filter(code=step.code).first()
        if duty:
            MilestoneDuty.objects.create(milestone=row, assignment=duty, by=cast.officer, at=until)
