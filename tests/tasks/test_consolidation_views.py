"""Pages of the consolidated report of a period: gathered, read, edited part by part, printed, frozen."""

import json

import pytest
from django.urls import reverse

from portal.lib.fields import TEXT_LENGTH
from portal.papers.reading import page_texts
from tasks import consolidations, paragraphs
from tasks.models import Consolidation, ConsolidationParagraph, Programme, ReportingPeriod
from tests.factories import NOW
from tests.tasks import reporting
from tests.tasks.reporting import MINUTE, figure, of, submit

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture(autouse=True)
def quarter(programme: Programme, now) -> None:
    reporting.first_quarter(programme)


@pytest.fixture
def period(quarter, head) -> ReportingPeriod:
    """The quarter, with the department's report."""
    submit(of("SXD"), head, lines={"1.01": figure("4", "Đã rà soát 4 huyện.")})
    return ReportingPeriod.objects.select_related("programme__host").get()


@pytest.fixture
def draft(period, officer) -> Consolidation:
    return consolidations.draft(period, by=officer, at=NOW)


def at(name: str, period: ReportingPeriod, *more: str) -> str:
    return reverse(f"consolidations:{name}", args=[period.pk, *more])


def text(response) -> str:
    return response.content.decode()


def typed(slug: str, **changes: str) -> dict[str, str]:
    rows = ConsolidationParagraph.objects.filter(section=slug)
    said = {f"text_{row.pk}": row.text for row in rows}
    return {"version": str(Consolidation.objects.get().revision), **said, **changes}


# --- Before the draft, and the draft --------------------------------------------------------------------
def test_the_reports_stand_gathered_before_there_is_a_draft(period, login, officer):
    shown = login(officer).get(at("detail", period))
    assert "Số văn bản ban hành 4/10 văn bản" in text(shown)
    assert "Sở Xây dựng: Đã rà soát 4 huyện." in text(shown)
    assert at("draft", period) in text(shown)
    assert not Consolidation.objects.exists(), "reading changes nothing"


def test_a_button_makes_the_draft_once(period, login, officer):
    client = login(officer)
    assert client.post(at("draft", period)).status_code == 302
    shown = text(client.post(at("draft", period), follow=True))
    assert "Kỳ này đã được tổng hợp." in shown
    assert of("SXD").get_absolute_url() in shown


def test_the_page_of_the_period_leads_there(period, login, officer):
    assert at("detail", period) in text(login(officer).get(reverse("reports:period", args=[period.pk])))


@pytest.mark.parametrize("name", ["detail", "paper"])
def test_it_is_for_the_command(name, draft, login, cast):
    for who, status in (
        ("commander", 200),
        ("clerk", 200),
        ("head", 403),
        ("viewer", 403),
        ("stranger", 404),
    ):
        assert login(getattr(cast, who)).get(at(name, draft.period)).status_code == status


def test_reading_takes_a_fixed_number_of_queries(draft, login, officer, django_assert_num_queries):
    client = login(officer)
    client.get("/")
    for name, more, count in (("detail", (), 13), ("part", ("summary",), 16)):
        with django_assert_num_queries(count):
            assert client.get(at(name, draft.period, *more)).status_code == 200


# --- Editing ---------------------------------------------------------------------------------------------
def test_a_part_is_saved_by_its_button(draft, login, officer):
    row = draft.paragraphs.get(section="plans", kind="words")
    client = login(officer)
    sent = typed("plans", **{f"text_{row.pk}": "Viết lại.", f"out_{row.pk}": "on"})
    assert client.post(at("save", draft.period, "plans"), sent).status_code == 302
    row.refresh_from_db()
    assert (row.text, row.is_left_out) == ("Viết lại.", True)
    shown = text(client.get(at("part", draft.period, "plans")))
    assert "Theo báo cáo của các cơ quan" in shown
    assert "đã sửa" in shown


def test_the_script_gets_the_new_version_and_when(draft, login, officer):
    sent = typed("plans")
    response = login(officer).post(at("save", draft.period, "plans"), sent, HTTP_ACCEPT=JSON)
    assert json.loads(response.content) == {"version": "1", "message": "Đã lưu lúc 09:00 ngày 10/03/2026"}


def test_a_stale_page_shows_both_versions(draft, login, officer):
    row = draft.paragraphs.get(section="plans", kind="words")
    seen = typed("plans", **{f"text_{row.pk}": "Của tôi."})
    client = login(officer)
    client.post(at("save", draft.period, "plans"), typed("plans", **{f"text_{row.pk}": "Của người khác."}))
    stale = client.post(at("save", draft.period, "plans"), seen)
    assert stale.status_code == 409
    assert [(one.yours, one.now) for one in stale.context["changes"]] == [("Của tôi.", "Của người khác.")]
    assert client.post(at("save", draft.period, "plans"), seen, HTTP_ACCEPT=JSON).status_code == 409


def test_a_text_that_is_too_long_is_refused_and_kept(draft, login, officer):
    row = draft.paragraphs.get(section="plans", kind="words")
    sent = typed("plans", **{f"text_{row.pk}": "dài " * 10_000})
    client = login(officer)
    shown = client.post(at("save", draft.period, "plans"), sent)
    assert shown.status_code == 400
    assert "dài dài dài" in text(shown)
    refused = client.post(at("save", draft.period, "plans"), sent, HTTP_ACCEPT=JSON)
    assert (refused.status_code, json.loads(refused.content)["message"][:8]) == (400, "Chưa lưu")


def test_the_longest_line_of_all_agencies_can_be_saved(draft, login, officer):
    row = draft.paragraphs.get(section="plans", kind="words")
    longest = "x" * TEXT_LENGTH + f" (46 cơ quan, đơn vị: {'; '.join(['Tên dài' * 20] * 46)})."
    sent = typed("plans", **{f"text_{row.pk}": longest})
    assert login(officer).post(at("save", draft.period, "plans"), sent).status_code == 302


def test_a_part_with_the_paragraphs_of_every_agency_can_be_saved(draft, login, officer):
    lines = "\n".join(f"Kiến nghị số {n}" for n in range(600))
    plans = consolidations.Part(consolidations.Section.PLANS)
    consolidations.add(draft, by=officer, at=NOW, part=plans, text=lines)
    said = typed("plans")
    boxes = {name.replace("text_", "out_"): "on" for name in said if name != "version"}
    assert login(officer).post(at("save", draft.period, "plans"), said | boxes).status_code == 302
    assert ConsolidationParagraph.objects.filter(section="plans", is_left_out=True).count() >= 600


def test_an_edited_text_without_its_figure_is_pointed_out(draft, login, officer):
    duty = draft.paragraphs.get(kind="duty", text__contains="1.01")
    consolidations.save(
        draft,
        by=officer,
        at=NOW,
        part=consolidations.Part(consolidations.Section.RESULTS, duty.task),
        typed=paragraphs.Typed({duty.pk: "Đạt năm văn bản."}),
    )
    shown = text(login(officer).get(at("part", draft.period, f"task-{duty.task.number}")))
    assert "Số tổng hợp từ báo cáo là 4" in shown


def test_own_paragraphs_are_added_at_the_end(draft, login, officer):
    client = login(officer)
    assert client.post(at("add", draft.period, "proposals"), {"text": " "}).status_code == 400
    client.post(at("add", draft.period, "proposals"), {"text": "Đề nghị một.\nĐề nghị hai."})
    own = draft.paragraphs.filter(kind="own").values_list("text", flat=True)
    assert list(own) == ["Đề nghị một.", "Đề nghị hai."]


@pytest.mark.parametrize("name", ["part", "save", "add"])
def test_who_does_not_write_has_no_form(name, draft, login, cast):
    for who in ("commander", "clerk", "head"):
        client = login(getattr(cast, who))
        address = at(name, draft.period, "plans")
        assert (client.get if name == "part" else client.post)(address).status_code == 403


def test_a_part_that_is_none_is_not_found(draft, login, officer):
    assert login(officer).get(at("part", draft.period, "task-99")).status_code == 404


# --- Gathering anew, freezing, numbering --------------------------------------------------------------
def test_what_came_since_is_told_and_gathered(draft, login, officer, front_head):
    submit(of("UBMTTQ"), front_head, at=NOW + MINUTE)
    client = login(officer)
    assert "Báo cáo đã thay đổi sau lần tổng hợp" in text(client.get(at("detail", draft.period)))
    shown = text(client.post(at("refresh", draft.period), {"version": "0"}, follow=True))
    assert "có nhãn “mới”" in shown
    assert "Có 2/3 cơ quan" in shown


def test_a_reason_is_asked_for_when_agencies_are_silent(draft, login, commander):
    client = login(commander)
    refused = client.post(at("freeze", draft.period), {"version": "0", "reason": ""})
    assert refused.status_code == 400
    assert "Còn cơ quan chưa báo cáo." in text(refused)
    done = client.post(at("freeze", draft.period), {"version": "0", "reason": "Gửi sau."}, follow=True)
    assert "Gửi sau." in text(done)
    assert "SHA-256" in text(done)


def test_a_stale_step_is_answered_409(draft, login, officer):
    client = login(officer)
    client.post(at("add", draft.period, "plans"), {"text": "Thêm."})
    assert client.post(at("refresh", draft.period), {"version": "0"}).status_code == 409


def test_the_clerk_notes_number_and_date_after_freezing(draft, login, cast):
    consolidations.freeze(draft, by=cast.commander, at=NOW, reason="Đủ.")
    client = login(cast.clerk)
    wrong = client.post(at("number", draft.period), {"version": "1", "number": "", "issued_on": "hôm nay"})
    assert wrong.status_code == 400
    assert 'value="hôm nay"' in text(wrong)
    sent = {"version": "1", "number": "123", "issued_on": "2026-03-10"}
    assert client.post(at("number", draft.period), sent).status_code == 302
    assert "123" in printed(client, draft.period)


# --- On paper -------------------------------------------------------------------------------------------
def printed(client, period: ReportingPeriod) -> str:
    response = client.get(at("paper", period))
    assert response["Content-Type"] == "application/pdf"
    return " ".join(" ".join(page_texts(response.content)).split())


def test_a_draft_is_printed_as_one_and_without_number(draft, login, officer):
    paper = printed(login(officer), draft.period)
    assert "DỰ THẢO" in paper
    assert "/BC-BCHQS" in paper
    assert "II. KẾT QUẢ" in paper
    assert "Số văn bản ban hành 4/10 văn bản, đạt 40%." in paper
    assert "CHỈ HUY TRƯỞNG" in paper


def test_a_frozen_one_is_no_draft(draft, login, officer):
    consolidations.freeze(draft, by=officer, at=NOW, reason="Đủ.")
    assert "DỰ THẢO" not in printed(login(officer), draft.period)
