"""What a consolidated report gathers: counts, figures, lines merged, and that nothing of a source is lost."""

import datetime as dt
import random
from typing import Any

import pytest

from portal.lib.text import filled_lines, fold
from portal.users.models import Role
from tasks import consolidations, reports, shells
from tasks.consolidation_contents import BULLETS, NOTHING
from tasks.models import (
    Assignment,
    Consolidation,
    ConsolidationParagraph,
    ConsolidationSource,
    Programme,
    Report,
    ReportingPeriod,
    ReportLine,
)
from tasks.paper_words import number
from tests import factories
from tests.factories import NOW, TODAY, person
from tests.tasks import reporting
from tests.tasks.reporting import figure, of, submit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quarter(programme: Programme) -> None:
    reporting.first_quarter(programme)


@pytest.fixture
def period(quarter) -> ReportingPeriod:
    return ReportingPeriod.objects.select_related("programme__host").get(code="2026-Q1")


@pytest.fixture
def sent(head, front_head) -> None:
    """Department and Front have sent their reports; the command's own is missing."""
    submit(of("SXD"), head, lines={"1.01": figure("4", "Đã rà soát 4 huyện.\n- Chờ 2 huyện.")})
    submit(of("UBMTTQ"), front_head, plans="tiếp tục  rà soát các huyện còn lại", proposals="Không")


@pytest.fixture
def draft(sent, period, officer) -> Consolidation:
    return consolidations.draft(period, by=officer, at=NOW)


def texts(row: Consolidation, section: str) -> list[str]:
    return list(row.paragraphs.filter(section=section).values_list("text", flat=True))


def first(row: Consolidation, **wanted: Any) -> ConsolidationParagraph:
    return row.paragraphs.filter(**wanted)[0]


def test_who_reported_and_who_is_silent_is_counted(draft):
    assert texts(draft, "summary")[:2] == [
        "Có 2/3 cơ quan, đơn vị đã gửi báo cáo quý I/2026 (đúng hạn 2, chậm 0).",
        "Chưa gửi báo cáo: 1 cơ quan, đơn vị (Bộ Chỉ huy Quân sự tỉnh Thanh Hóa).",
    ]


def test_one_that_was_returned_is_named_apart(sent, period, officer):
    reports.return_to_agency(of("SXD"), by=officer, at=NOW, reason="Sai số.", due_on=TODAY)
    row = consolidations.draft(period, by=officer, at=NOW)
    assert "Đang bổ sung báo cáo đã gửi: 1 cơ quan, đơn vị (Sở Xây dựng)." in texts(row, "summary")
    assert first(row, text__startswith="1.01").figure is None


def test_a_late_one_is_named(period, head, officer):
    submit(of("SXD"), head, at=NOW + dt.timedelta(days=10))
    row = consolidations.draft(period, by=officer, at=NOW + dt.timedelta(days=10))
    assert "Gửi báo cáo chậm: 1 cơ quan, đơn vị (Sở Xây dựng)." in texts(row, "summary")


def test_a_duty_tells_its_figure_against_the_target(draft):
    duty = first(draft, key__startswith="duty:", text__contains="1.01")
    assert duty.text == (
        "1.01. Quy hoạch đất quốc phòng (Sở Xây dựng chủ trì): Số văn bản ban hành 4/10 văn bản, đạt 40%."
    )
    assert (duty.figure, duty.sources.get().report) == (4, of("SXD"))


def test_a_duty_whose_lead_is_silent_says_so(draft):
    assert first(draft, text__startswith="2.01").text.endswith("chưa có số liệu của cơ quan chủ trì.")


def test_equal_lines_share_a_paragraph_that_names_all(draft):
    plans = first(draft, section="plans", kind="words")
    assert plans.text == (
        "tiếp tục  rà soát các huyện còn lại (2 cơ quan, đơn vị: "
        "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Thanh Hóa; Sở Xây dựng)."
    )
    assert [source.text for source in plans.sources.all()] == [
        "tiếp tục  rà soát các huyện còn lại",
        "Tiếp tục rà soát các huyện còn lại.",
    ]


def test_who_has_nothing_is_counted(draft):
    assert texts(draft, "proposals") == [
        "Không có nội dung ở mục này: 2 cơ quan, đơn vị "
        "(Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Thanh Hóa; Sở Xây dựng)."
    ]


def test_figures_stand_beside_those_of_the_period_before_and_of_a_year_ago(programme, period, head, officer):
    Assignment.objects.update(status="accepted")
    submit(of("SXD"), head, lines={"1.01": figure("4")})
    second = later_period(programme)
    past = factories.ProgrammeFactory(year=2025, host=programme.host)
    old = factories.ReportingPeriodFactory(
        programme=past,
        code="2025-Q2",
        data_from=dt.date(2025, 3, 15),
        data_to=dt.date(2025, 6, 14),
        due_on=dt.date(2025, 6, 16),
    )
    row = factories.AssignmentFactory(
        task=factories.PriorityTaskFactory(programme=past), code="1.01", lead=of("SXD").agency
    )
    report = factories.ReportFactory(
        period=old, agency=of("SXD").agency, state="accepted", submitted_at=NOW, accepted_at=NOW
    )
    factories.ReportLineFactory(report=report, assignment=row, actual=7)
    at = NOW + dt.timedelta(days=60)
    submit(of("SXD", "2026-Q2"), head, at=at, lines={"1.01": figure("5")})
    draft = consolidations.draft(second, by=officer, at=at)
    duty = first(draft, text__contains="1.01.")
    assert duty.text.endswith("đạt 50%; quý I/2026: 4; cùng kỳ năm trước: 7.")


def later_period(programme: Programme) -> ReportingPeriod:
    period = factories.ReportingPeriodFactory(
        programme=programme,
        code="2026-Q2",
        data_from=TODAY,
        data_to=dt.date(2026, 6, 14),
        due_on=dt.date(2026, 6, 16),
    )
    shells.make(programme)
    return period


WORDS = ("Đã triển khai", "da trien khai.", "- Chờ số liệu;", "Không có", "", "Tổ chức 03 lớp", "Kiến nghị")


def _crowd(programme: Programme, dice: random.Random) -> None:
    """Seven agencies with random reports: most sent, some silent, lines of one to three points."""
    period = ReportingPeriod.objects.get(code="2026-Q1")
    rows = list(Assignment.objects.filter(programme=programme))
    for n in range(7):
        agency = factories.AgencyFactory(code=f"C{n}")
        sent = dice.random() < 0.8
        times = {"state": "submitted", "submitted_at": NOW, "first_submitted_at": NOW} if sent else {}
        said = {name: "\n".join(dice.choices(WORDS, k=3)) for name in reporting.TEXTS}
        report = factories.ReportFactory(period=period, agency=agency, **times, **said)
        for row in dice.sample(rows, k=2):
            lead = dice.random() < 0.5
            ReportLine.objects.create(
                report=report,
                assignment=row,
                is_led=lead,
                actual=dice.randint(0, 9999) if lead else None,
                text="\n".join(dice.choices(WORDS, k=dice.randint(0, 3))),
                nothing_to_report=dice.random() < 0.3,
            )


def _key(line: str) -> str:
    return fold(line.strip(BULLETS)).rstrip(".;, ")


@pytest.mark.parametrize("seed", range(12))
def test_every_figure_is_the_sum_of_its_sources_and_no_line_is_lost(programme, period, officer, seed):
    _crowd(programme, random.Random(seed))
    draft = consolidations.draft(period, by=officer, at=NOW)
    for row in draft.paragraphs.exclude(figure=None):
        assert row.figure == sum(source.value for source in row.sources.all()), row.text
        assert number(row.figure) in row.text
    cited = set(ConsolidationSource.objects.exclude(text="").values_list("report", "text"))
    written = set()
    for report in Report.objects.filter(period=period, state="submitted"):
        said = [getattr(report, name) for name in reporting.TEXTS]
        said += report.lines.values_list("text", flat=True)
        written |= {(report.pk, line) for text in said for line in filled_lines(text)}
    assert cited == {one for one in written if _key(one[1]) not in NOTHING}
    for source in ConsolidationSource.objects.exclude(text="").select_related("paragraph"):
        assert _key(source.text) in fold(source.paragraph.text)
    led = ReportLine.objects.filter(report__state="submitted", is_led=True).order_by("pk")
    assert {row.figure for row in draft.paragraphs.filter(kind="duty").exclude(figure=None)} == {
        line.actual for line in {line.assignment_id: line for line in led}.values()
    }


def test_forty_six_reports_become_one_draft(programme, period, officer, django_assert_max_num_queries):
    for n in range(43):
        agency = factories.AgencyFactory(code=f"S{n}")
        factories.SignatoryFactory(programme=programme, agency=agency, order=10 + n)
        person(f"s{n}.head", Role.AGENCY_HEAD, agency)
        factories.AssignmentFactory(task=programme.priority_tasks.first(), code=f"5.{n:02}", lead=agency)
    shells.make(programme)
    for report in Report.objects.filter(agency__code__startswith="S").exclude(agency__code="SXD"):
        Report.objects.filter(pk=report.pk).update(
            state="submitted", submitted_at=NOW, first_submitted_at=NOW, plans="Tiếp tục thực hiện."
        )
        row = Assignment.objects.get(lead=report.agency)
        factories.ReportLineFactory(report=report, assignment=row, actual=3)
    with django_assert_max_num_queries(40):
        draft = consolidations.draft(period, by=officer, at=NOW)
    assert draft.paragraphs.filter(kind="duty").exclude(figure=None).count() == 43
    assert first(draft, section="plans").sources.count() == 43
