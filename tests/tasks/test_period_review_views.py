"""Pages of reviews: listed, drafted, edited, frozen, approved, read by the parties, compared, printed."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from portal.papers.reading import page_texts
from tasks import figures, period_reviews
from tasks.models import ApprovedReview, Figure, PeriodReview, ReportingPeriod, ReviewParagraph
from tests.factories import NOW, TODAY
from tests.tasks import measuring, reviewing
from tests.tasks.reviewing import UNTIL, newest

pytestmark = pytest.mark.django_db


@pytest.fixture
def period(programme, now) -> ReportingPeriod:
    return reviewing.half(programme)


@pytest.fixture
def draft(period, officer) -> PeriodReview:
    return reviewing.drafted(period, officer)


@pytest.fixture
def frozen(draft, officer) -> PeriodReview:
    period_reviews.freeze(draft, by=officer, at=NOW)
    return draft


@pytest.fixture
def approved(frozen, commander) -> ApprovedReview:
    return period_reviews.approve(frozen, by=commander, at=NOW)


def at(name: str, period: ReportingPeriod, *more: str) -> str:
    return reverse(f"reviews:{name}", args=[period.pk, *more])


def text(response) -> str:
    return response.content.decode()


def typed(section: str, **changes: str) -> dict[str, str]:
    rows = ReviewParagraph.objects.filter(section=section)
    return {"version": str(newest().revision), **{f"text_{row.pk}": row.text for row in rows}, **changes}


# --- Who reads what --------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["detail", "compare", "paper"])
@pytest.mark.parametrize("state", ["draft", "frozen"])
def test_a_draft_and_a_frozen_one_are_for_the_command(name, state, request, period, login, cast):
    request.getfixturevalue(state)
    seen = {"officer": 200, "commander": 200, "clerk": 200, "head": 404, "viewer": 404, "admin": 404}
    for who, status in (seen | {"stranger": 404}).items():
        assert login(getattr(cast, who)).get(at(name, period)).status_code == status, who


@pytest.mark.parametrize("name", ["detail", "compare", "paper"])
def test_an_approved_one_is_for_every_party(name, approved, period, login, cast):
    seen = {"officer": 200, "head": 200, "focal_point": 200, "front_head": 200, "viewer": 200, "admin": 404}
    for who, status in (seen | {"stranger": 404}).items():
        assert login(getattr(cast, who)).get(at(name, period)).status_code == status, who


def test_a_party_reads_no_source_that_is_the_commands(approved, period, login, cast):
    theirs, own = (text(login(who).get(at("detail", period))) for who in (cast.head, cast.officer))
    assert reverse("assignments:list") + "?year=2026" in own
    assert reverse("assignments:list") + "?year=2026" not in theirs
    duty = approved.content["figures"]["targets"][0]["id"]
    assert reverse("assignments:detail", args=[duty]) in theirs


def test_the_list_tells_the_command_what_is_owed_and_parties_what_is_approved(draft, period, login, cast):
    address = at("detail", period)
    assert address in text(login(cast.officer).get(reverse("reviews:list")))
    shown = text(login(cast.head).get(reverse("reviews:list")))
    assert address not in shown
    assert "Chưa có báo cáo sơ kết, tổng kết" in shown
    assert login(cast.admin).get(reverse("reviews:list")).status_code == 403
    period_reviews.freeze(newest(), by=cast.officer, at=NOW)
    period_reviews.approve(newest(), by=cast.commander, at=NOW)
    assert address in text(login(cast.head).get(reverse("reviews:list")))


def test_the_pages_lead_there(approved, period, login, cast):
    listed = reverse("reviews:list")
    assert listed in text(login(cast.head).get(reverse("programmes:list")))
    assert listed in text(login(cast.officer).get(reverse("programmes:review", args=[2026])))
    assert at("detail", period) in text(login(cast.officer).get(reverse("reports:period", args=[period.pk])))


# --- The officer -----------------------------------------------------------------------------------
def test_a_button_makes_the_draft_once(period, login, officer):
    client = login(officer)
    shown = text(client.get(at("detail", period)))
    assert "Chưa có dự thảo" in shown
    assert at("draft", period) in shown
    assert client.post(at("draft", period)).status_code == 302
    shown = text(client.post(at("draft", period), follow=True))
    assert "đã được dự thảo" in shown
    assert "hoàn thành 0/2 nhiệm vụ có thời hạn" in shown


def test_a_period_that_is_not_over_has_no_button(programme, now, login, officer):
    later = reviewing.half(programme, data_to=TODAY, due_on=TODAY)
    client = login(officer)
    assert at("draft", later) not in text(client.get(at("detail", later)))
    assert "chưa chốt được" in text(client.post(at("draft", later), follow=True))


def test_a_section_is_edited_and_saved(draft, period, login, officer):
    client = login(officer)
    page = text(client.get(at("section", period, "results")))
    assert "1. " in page
    row = draft.paragraphs.get(key="task:1")
    sent = typed(
        "results", **{f"text_{row.pk}": "Đã sửa.", f"out_{draft.paragraphs.get(key='task:2').pk}": "on"}
    )
    assert client.post(at("save", period, "results"), sent).status_code == 302
    assert draft.paragraphs.get(pk=row.pk).text == "Đã sửa."
    assert draft.paragraphs.get(key="task:2").is_left_out
    assert "Theo dự thảo của Cổng" in text(client.get(at("section", period, "results")))


def test_what_was_typed_on_an_old_page_stands_beside_what_is_there_now(draft, period, login, officer):
    row = draft.paragraphs.get(key="task:1")
    sent = typed("results", version="0", **{f"text_{row.pk}": "Bản của tôi."})
    refused = login(officer).post(at("save", period, "results"), sent)
    assert refused.status_code == 409
    assert "Bản của tôi." in text(refused)
    assert draft.paragraphs.get(pk=row.pk).text == row.text


def test_own_paragraphs_and_recipients_are_added(draft, period, login, officer):
    client = login(officer)
    assert client.post(at("add", period, "lessons"), {"text": " "}).status_code == 400
    assert client.post(at("add", period, "lessons"), {"text": "Bài học thứ hai."}).status_code == 302
    sent = {"version": str(newest().revision), "recipients": "UBND tỉnh\nLưu: VT"}
    assert client.post(at("address", period), sent).status_code == 302
    shown = text(client.get(at("detail", period)))
    assert "Bài học thứ hai." in shown
    assert "UBND tỉnh; Lưu: VT" in shown


@pytest.mark.parametrize("slug", ["grades", "nothing"])
def test_a_section_that_this_review_does_not_have_is_not_found(draft, period, login, officer, slug):
    """Agencies are rated for a year."""
    assert login(officer).get(at("section", period, slug)).status_code == 404


def test_a_frozen_review_is_not_edited(frozen, period, login, officer):
    assert login(officer).get(at("section", period, "results")).status_code == 302
    assert login(officer).post(at("save", period, "results"), typed("results")).status_code == 400


def test_a_refused_freezing_says_why(draft, period, login, officer):
    draft.paragraphs.filter(section="lessons").delete()
    refused = login(officer).post(at("freeze", period), {"version": str(newest().revision)})
    assert refused.status_code == 400
    assert "Cần viết nội dung ở mục: V. Bài học kinh nghiệm." in text(refused)


# --- The commander ------------------------------------------------------------------------------------
def test_the_commander_gives_back_with_a_reason_or_approves(frozen, period, login, commander, officer):
    client = login(commander)
    page = text(client.get(at("detail", period)))
    assert at("approve", period) in page
    refused = client.post(at("give_back", period), {"version": str(newest().revision), "reason": ""})
    assert refused.status_code == 400
    sent = {"version": str(newest().revision), "reason": "Viết gọn mục II."}
    assert client.post(at("give_back", period), sent).status_code == 302
    assert "Viết gọn mục II." in text(login(officer).get(at("detail", period)))
    period_reviews.freeze(newest(), by=officer, at=NOW)
    assert client.post(at("approve", period), {"version": str(newest().revision)}).status_code == 302
    assert ApprovedReview.objects.get().approved_by == commander


def test_who_may_not_press_a_button_is_refused(frozen, period, login, cast):
    for name, who in (("approve", "officer"), ("give_back", "officer"), ("freeze", "commander")):
        sent = {"version": str(newest().revision), "reason": "Sửa."}
        assert login(getattr(cast, who)).post(at(name, period), sent).status_code == 403


def test_what_is_not_approved_gets_no_number(draft, period, login, clerk):
    sent = {"number": "12", "issued_on": TODAY.isoformat()}
    answer = login(clerk).post(at("number", period), sent, follow=True)
    assert "ghi số sau khi chỉ huy trưởng phê duyệt" in text(answer)


def test_the_clerk_notes_the_number(approved, period, login, clerk, head):
    sent = {"number": "12", "issued_on": TODAY.isoformat()}
    assert login(head).post(at("number", period), sent).status_code == 403
    client = login(clerk)
    early = sent | {"issued_on": UNTIL.isoformat()}
    assert client.post(at("number", period), early).status_code == 400
    assert client.post(at("number", period), sent).status_code == 302
    assert "12, 10/03/2026" in text(client.get(at("detail", period)))


# --- What was corrected since ---------------------------------------------------------------------------
def test_a_later_correction_is_told_beside_the_review_that_stays(
    period, assignment, focal_point, officer, commander, head, login
):
    measuring.at_work(assignment)
    figures.enter(assignment, by=focal_point, at=NOW, on=UNTIL, values={None: Decimal(4)})
    reviewing.approved(period, officer, commander)
    title = "Thay đổi sau khi đóng băng"
    assert title not in text(login(officer).get(at("detail", period)))
    figures.correct(Figure.objects.get(), by=focal_point, at=NOW, value=Decimal(5), reason="Cộng nhầm")
    shown = text(login(officer).get(at("detail", period)))
    assert title in shown
    assert "5.00/10" in shown
    assert "4/10" in shown, "the review itself stays"
    assert title not in text(login(head).get(at("detail", period))), "figures over all are the command's"


def test_a_content_that_was_changed_is_told(draft, period, login, officer):
    period_reviews.freeze(draft, by=officer, at=NOW)
    PeriodReview.objects.update(content=newest().content | {"kind": "annual"})
    assert "Nội dung không còn đúng như lúc đóng băng" in text(login(officer).get(at("detail", period)))


# --- Printed and compared ----------------------------------------------------------------------------
def test_the_paper_of_an_approved_one_is_no_draft(approved, period, login, head):
    sent = login(head).get(at("paper", period))
    assert sent["Content-Type"] == "application/pdf"
    pages = " ".join(page_texts(b"".join(sent) if sent.streaming else sent.content))
    assert "DỰ THẢO" not in pages
    assert "Bộ Chỉ huy Quân sự" in pages


def test_the_comparison_tells_that_there_is_no_year_before(approved, period, login, head):
    shown = text(login(head).get(at("compare", period)))
    assert "Năm trước không có chương trình." in shown
    assert "Tuyên truyền trong Nhân dân" in shown


def test_reading_takes_a_fixed_number_of_queries(approved, period, login, cast, django_assert_num_queries):
    for who, counts in (
        ("officer", {"list": 7, "detail": 13, "compare": 13}),
        ("head", {"list": 6, "detail": 6, "compare": 6}),
    ):
        client = login(getattr(cast, who))
        client.get("/")
        for name, count in counts.items():
            address = reverse("reviews:list") if name == "list" else at(name, period)
            with django_assert_num_queries(count):
                assert client.get(address).status_code == 200


# --- Homes -------------------------------------------------------------------------------------------
def test_the_homes_ask_for_the_review_and_for_the_decision(period, login, officer, commander):
    address = at("detail", period)
    assert address not in text(login(officer).get("/")), "its day is twenty days ahead"
    ReportingPeriod.objects.update(review_due_on=TODAY + dt.timedelta(days=14))
    assert address in text(login(officer).get("/"))
    row = reviewing.drafted(period, officer)
    assert address not in text(login(commander).get("/"))
    period_reviews.freeze(row, by=officer, at=NOW)
    assert address not in text(login(officer).get("/"))
    assert address in text(login(commander).get("/"))
