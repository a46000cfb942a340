"""What a review says: each paragraph from its source, and nothing that may not be said."""

import datetime as dt

import pytest

from portal.agencies.models import Agency, AgencyKind
from portal.papers.reading import page_texts
from portal.papers.reports import render_report
from tasks import period_review_contents, period_review_paper, period_reviews, shells
from tasks.models import (
    Proposal,
    RatingDecision,
    RatingRound,
    ReportingPeriod,
    ReviewParagraph,
    Shortcoming,
    ShortcomingReview,
)
from tasks.period_review_contents import Passage, Section
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import reviewing
from tests.tasks.reviewing import UNTIL

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def period(programme) -> ReportingPeriod:
    return reviewing.half(programme)


def said(period: ReportingPeriod) -> dict[str, Passage]:
    return {row.key: row for row in period_review_contents.passages(period_review_contents.gather(period))}


def kinds(passage: Passage) -> set[str]:
    return {source["kind"] for source in passage.sources}


# --- I, II -------------------------------------------------------------------------------------------
def test_the_size_of_the_programme_and_how_far_it_is(period):
    found = said(period)
    assert found["size"].text == (
        "Chương trình phối hợp năm 2026 giao 3 nhiệm vụ cho 3 cơ quan, đơn vị chủ trì, trong đó 2 nhiệm vụ "
        "có thời hạn và 1 nhiệm vụ thường xuyên."
    )
    assert found["total"].text == (
        "Đến ngày 03/03/2026, hoàn thành 0/2 nhiệm vụ có thời hạn, đạt 0%; đang thực hiện trong hạn 1; "
        "quá hạn chưa hoàn thành 1."
    )
    assert found["task:2"].text == "Có 1 nhiệm vụ thường xuyên đang được thực hiện."


def test_an_overdue_duty_is_named_with_its_lead_and_its_day(period, front):
    passage = said(period)["overdue:1"]
    assert passage.text == (
        f"Nhiệm vụ quá hạn chưa hoàn thành (1): Tuyên truyền trong Nhân dân ({front.name_vi} chủ trì, "
        "hạn 02/03/2026)."
    )
    assert [source["label"] for source in passage.sources] == ["1.02. Tuyên truyền trong Nhân dân"]


def test_reports_are_counted_once_agencies_owe_them(programme, period):
    assert "reports" not in said(period)
    shells.make(programme)
    assert said(period)["reports"].text == "Có 0/3 cơ quan, đơn vị gửi báo cáo 6 tháng đầu năm 2026."


def test_a_sentence_names_a_dozen_and_counts_the_rest(programme, period, department):
    task = programme.priority_tasks.get(number=1)
    for n in range(20):
        factories.AssignmentFactory(
            task=task, code=f"1.{n + 10}", title_vi=f"Việc {n}", lead=department, due_on=UNTIL - DAY,
            deadline_on=UNTIL - DAY, status="assigned",
        )  # fmt: skip
    text = said(period)["overdue:1"].text
    assert text.startswith("Nhiệm vụ quá hạn chưa hoàn thành (21)")
    assert text.count(" chủ trì") == 12
    assert text.endswith("; và 9 nội dung khác (Phụ lục I).")


# --- III to V ------------------------------------------------------------------------------------------
def test_who_kept_every_day_is_a_strength(period, programme):
    assert "clean" not in said(period)
    reviewing.finish(programme.assignments.get(code="1.01"), UNTIL - DAY)
    assert said(period)["clean"].text == (
        "1 cơ quan, đơn vị hoàn thành đúng hạn các nhiệm vụ chủ trì đã đến hạn: Sở Xây dựng."
    )


def test_shortcomings_come_from_the_ledger_with_their_causes_and_without_agencies(
    period, programme, officer, department
):
    row = Shortcoming.objects.create(
        programme=programme, text="Báo cáo chậm", cause="Đầu mối kiêm nhiệm.", agency=department,
        noted_by=officer, noted_at=NOW,
    )  # fmt: skip
    passage = said(period)[f"shortcoming:{row.pk}"]
    assert passage.text == "Báo cáo chậm. Nguyên nhân: Đầu mối kiêm nhiệm."
    assert passage.sources[0]["id"] == row.pk
    assert department.name_vi not in str(passage.sources)


def test_what_was_overcome_is_a_lesson_of_that_year(period, programme, officer):
    row = Shortcoming.objects.create(
        programme=programme, text="Chưa rõ chủ trì", noted_by=officer, noted_at=NOW
    )
    ShortcomingReview.objects.create(
        shortcoming=row, programme=programme, verdict="gone", words="Phụ lục ghi rõ.", by=officer, at=NOW
    )
    lessons = [row.text for row in said(period).values() if row.section == Section.LESSONS]
    assert lessons == ["Qua khắc phục “Chưa rõ chủ trì”: Phụ lục ghi rõ."]


# --- The rating ----------------------------------------------------------------------------------------
GRADES = {"edition": {"grades": [{"name_vi": "Xuất sắc"}, {"name_vi": "Tốt"}]}}


@pytest.fixture
def year(programme) -> ReportingPeriod:
    return reviewing.half(programme, code="2026-Y", kind="annual")


@pytest.fixture
def rating(programme, officer) -> RatingRound:
    return RatingRound.objects.create(
        programme=programme, counts_until=TODAY, self_due_on=TODAY, prepared_by=officer, state="proposed",
        review_until=TODAY, edition={}, edition_sha256="0" * 64, published_at=NOW,
    )  # fmt: skip


def approve(rating: RatingRound, commander, *, public: bool) -> None:
    agencies = [
        {"name": "Sở Xây dựng", "grade": "Tốt", "is_party_body": False},
        {"name": "Ban Dân vận Tỉnh ủy", "grade": "Tốt", "is_party_body": True},
    ]
    RatingDecision.objects.create(
        round=rating, content=GRADES | {"agencies": agencies}, content_sha256="0" * 64, approved_at=NOW,
        approved_by=commander,
    )  # fmt: skip
    listed = [{"code": "SXD", "name": "Sở Xây dựng", "grade": "Tốt"}] if public else None
    RatingRound.objects.update(state="approved", is_list_public=public, public_list=listed)


def grades(period: ReportingPeriod) -> list[str]:
    return [row.text for row in said(period).values() if row.section == Section.GRADES]


def test_nothing_is_said_of_a_rating_that_was_not_approved(year, rating):
    assert grades(year) == []


@pytest.mark.parametrize("public", [False, True])
def test_of_an_approved_rating_counts_and_the_public_list_are_told(year, rating, commander, public):
    approve(rating, commander, public=public)
    counted = "Xếp loại 1 cơ quan, đơn vị theo bộ tiêu chí đã công bố. Tốt: 1 cơ quan, đơn vị."
    assert grades(year) == [counted, *(["Tốt: Sở Xây dựng."] if public else [])]


def test_an_interim_review_has_no_grades(period, rating, commander):
    approve(rating, commander, public=True)
    assert grades(period) == []


# --- Proposals ------------------------------------------------------------------------------------------
def test_decided_proposals_are_told_with_the_answer_and_the_others_counted(
    programme, period, department, officer
):
    shells.make(programme)
    report = period.reports.get(agency=department)
    facts = {"report": report, "agency": department, "decided_by": officer, "decided_at": NOW}
    Proposal.objects.create(
        number=1, text="Bố trí kinh phí.", state="refused", answer="Chưa có nguồn.", **facts
    )
    Proposal.objects.create(number=2, text="Tập huấn", state="accepted", answer="Mở trong quý III", **facts)
    Proposal.objects.create(number=3, text="Chưa ai trả lời", report=report, agency=department)
    rows = [row for row in said(period).values() if row.section == Section.PROPOSALS]
    assert [(row.group, row.text) for row in rows] == [
        ("Kiến nghị chưa được tiếp thu", "Sở Xây dựng: Bố trí kinh phí. Trả lời: Chưa có nguồn."),
        ("Kiến nghị được tiếp thu", "Sở Xây dựng: Tập huấn. Trả lời: Mở trong quý III."),
        ("Kiến nghị đang xem xét", "1 kiến nghị đang được xem xét, sẽ trả lời từng cơ quan, đơn vị."),
    ]
    assert all(kinds(row) == {"proposal"} for row in rows)


def test_every_drafted_paragraph_has_a_source(programme, period):
    shells.make(programme)
    bare = [key for key, row in said(period).items() if not row.sources and not key.startswith("reached")]
    assert bare == []


# --- The paper -------------------------------------------------------------------------------------------
def pages(content, approved=None) -> list[str]:
    made = period_review_paper.paper_of(content, approved, at=NOW)
    return [" ".join(text.split()) for text in page_texts(render_report(made))]


def test_the_paper_has_its_parts_and_its_annexes(period, officer, commander, clerk):
    approved = reviewing.approved(period, officer, commander)
    period_reviews.give_number(approved, by=clerk, at=NOW, number="12", issued_on=TODAY)
    texts = pages(approved.content, approved)
    first = texts[0]
    assert "Số: 12/BC-BCHQS" in first
    assert "Thanh Hóa, ngày 10 tháng 3 năm 2026" in first
    assert "Sơ kết 6 tháng đầu năm thực hiện" in first
    assert "DỰ THẢO" not in first
    body = " ".join(texts)
    for part in ("I. TÌNH HÌNH CHUNG", "VII. PHƯƠNG HƯỚNG", "Nơi nhận", "- Lưu: VT."):
        assert part in body
    assert "Kèm theo Báo cáo số 12/BC-BCHQS ngày 10 tháng 3 năm 2026 của" in body
    assert "Phụ lục I KẾT QUẢ THỰC HIỆN CÁC CHỈ TIÊU" in body
    assert "Tổng cộng 2 0 0 1 1 0 1" in body
    assert "Cùng kỳ" not in body, "there is no year before"


def test_a_draft_says_that_it_is_one_and_has_no_number(period, officer):
    texts = pages(period_reviews.written(reviewing.drafted(period, officer)))
    assert "DỰ THẢO" in texts[0]
    assert "Số: /BC-BCHQS" in texts[0]
    assert "của Bộ Chỉ huy Quân sự" in " ".join(texts)


@pytest.mark.parametrize(
    ("day", "words"),
    [(dt.date(2026, 1, 5), "05 tháng 01 năm 2026"), (dt.date(2026, 7, 8), "08 tháng 7 năm 2026")],
)
def test_days_below_ten_and_the_first_two_months_have_a_zero(day, words):
    assert period_review_paper._dated(day) == words


def test_a_party_body_that_leads_stands_in_protocol_order_without_a_rank(period, department):
    Agency.objects.filter(pk=department.pk).update(kind=AgencyKind.PARTY)
    figures = period_review_contents.gather(reviewing.period()).figures
    assert [row["code"] for row in figures["agencies"]] == ["BCHQS", "UBMTTQ", "SXD"]
    assert "rank" not in str(figures)


def test_a_paragraph_is_found_by_a_key_that_the_column_holds(programme, period):
    longest = ReviewParagraph._meta.get_field("key").max_length
    assert max(len(key) for key in said(period)) < longest
