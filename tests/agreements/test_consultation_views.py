"""Pages of draft versions and consultations."""

import datetime as dt

import pytest
from django.urls import reverse

from agreements import consultation_answers as answers
from agreements import consultations
from agreements.models import Consultation, ConsultationAnswer, ConsultationComment
from portal.papers.reading import missing_texts
from portal.users.models import User
from tasks.models import Programme
from tests.agreements.consulting import CLOSES_ON, PLACE, PROPOSAL, answer_of, commented, opened
from tests.factories import NOW

pytestmark = [pytest.mark.usefixtures("now"), pytest.mark.both]  # the second wall is of PostgreSQL


@pytest.fixture
def consultation(draft_programme, officer, head, focal_point, front_head) -> Consultation:
    return opened(draft_programme, officer)


@pytest.fixture
def answer(consultation, department) -> ConsultationAnswer:
    return answer_of(consultation, department)


@pytest.fixture
def comment(answer, head) -> ConsultationComment:
    return commented(answer, head)


def commented_by(answer: ConsultationAnswer, focal_point: User) -> ConsultationComment:
    """Write a comment and submit it to the head."""
    row = answers.comment(answer, by=focal_point, at=NOW, place=PLACE, proposal=PROPOSAL)
    answers.submit(answer, by=focal_point, at=NOW, agrees=False)
    return row


def url(name: str, row: Consultation | ConsultationComment) -> str:
    return reverse(f"consultations:{name}", args=[row.pk])


def test_from_a_version_to_the_published_table(
    draft_programme, login, officer, head, focal_point, front_head
):
    """What the command, a focal point and a head do, one page after the other."""
    desk = login(officer)
    year = {"year": draft_programme.year}
    assert desk.post(reverse("consultations:take", kwargs=year), {"label": ""}).status_code == 400
    desk.post(reverse("consultations:take", kwargs=year), {"label": "Bản lấy ý kiến"})
    page = desk.get(reverse("consultations:versions", kwargs=year))
    (version,) = page.context["versions"]
    given = {"version": version.pk, "closes_on": "2026-03-01", "note": "Đề nghị sớm"}
    refused = desk.post(reverse("consultations:open", kwargs=year), given)
    assert (refused.status_code, "Đề nghị sớm" in refused.content.decode()) == (400, True)
    desk.post(reverse("consultations:open", kwargs=year), {**given, "closes_on": CLOSES_ON.isoformat()})
    row = Consultation.objects.get()

    focal = login(focal_point)
    typed = {"place": PLACE, "proposal": "", "reason": "Vì bận"}
    refused = focal.post(url("comment", row), typed)
    assert (refused.status_code, "Vì bận" in refused.content.decode()) == (400, True)
    focal.post(url("comment", row), {**typed, "proposal": PROPOSAL})
    assert PROPOSAL in focal.get(url("detail", row)).content.decode()
    focal.post(url("submit", row), {"verdict": "commented"})
    login(head).post(url("approve", row), {"verdict": "commented"})
    login(front_head).post(url("submit", row), {"verdict": "agreed"})

    comment = ConsultationComment.objects.get()
    draft_programme.assignments.filter(code="1.01").update(deadline_on=dt.date(2026, 6, 30))
    assert PROPOSAL in desk.get(url("respond", comment)).content.decode()
    decided = {"revision": comment.revision, "decision": "partly", "response": "", "changed_place": PLACE}
    assert desk.post(url("respond", comment), decided).status_code == 400
    desk.post(url("respond", comment), {**decided, "response": "Đến hết tháng 6."})
    desk.post(url("close", row), {})
    assert Programme.objects.get().state == "settled"
    table = focal.get(url("table", row)).content.decode()
    assert PROPOSAL in table
    assert "Đến hết tháng 6." in table


def test_a_stale_button_says_so(answer, login, head):
    answers.comment(answer, by=head, at=NOW, place="", proposal="Mới")
    stale = login(head).post(url("submit", answer.consultation), {"verdict": "agreed"})
    assert stale.status_code == 409


def test_comment_that_a_colleague_wrote_anew_is_not_written_over(answer, login, head, focal_point):
    row = answers.comment(answer, by=focal_point, at=NOW, place=PLACE, proposal=PROPOSAL)
    client, page = login(focal_point), f"{url('detail', answer.consultation)}?comment={row.pk}"
    form = client.get(page).context["comment_form"]
    sent = {field.name: field.value() for field in form} | {"proposal": "Lùi đến tháng 9"}
    answers.comment(answer, by=head, at=NOW, place=PLACE, proposal="Lùi đến tháng 12", pk=row.pk)
    stale = client.post(url("comment", answer.consultation), sent)
    assert stale.status_code == 409
    assert all(words in stale.content.decode() for words in ("Lùi đến tháng 9", "Lùi đến tháng 12"))
    assert ConsultationComment.objects.get().proposal == "Lùi đến tháng 12"
    answers.remove(ConsultationComment.objects.get(), by=head, at=NOW)
    gone = client.post(url("comment", answer.consultation), sent)
    assert (gone.status_code, "Lùi đến tháng 9" in gone.content.decode()) == (409, True)


def test_head_approves_no_comment_that_her_page_did_not_show(consultation, answer, login, head, focal_point):
    """The focal point takes the answer back, writes another sentence, and submits it anew."""
    row = commented_by(answer, focal_point)
    seen = login(head).get(url("detail", consultation)).context["my_version"]
    answers.take_back(answer, by=focal_point, at=NOW)
    answers.comment(answer, by=focal_point, at=NOW, place=PLACE, proposal="Câu khác hẳn", pk=row.pk)
    answers.submit(answer, by=focal_point, at=NOW, agrees=False)
    pressed = {"verdict": "commented", "version": seen}
    stale = login(head).post(url("approve", consultation), pressed)
    assert (stale.status_code, "sửa ý kiến" in stale.content.decode()) == (409, True)
    answer.refresh_from_db()
    assert not answer.is_answered
    pressed["version"] = login(head).get(url("detail", consultation)).context["my_version"]
    assert login(head).post(url("approve", consultation), pressed).status_code == 302


def test_decision_from_an_old_page_stands_beside_the_newest(comment, login, officer, commander):
    client = login(officer)
    sent = {"revision": comment.revision, "decision": "partly", "response": "Lùi một tháng thôi."}
    theirs = {"decision": "explained", "response": "Không lùi được."}
    consultations.respond(comment, by=commander, at=NOW, **theirs)
    stale = client.post(url("respond", comment), sent | {"changed_place": ""})
    words = ("Lùi một tháng thôi.", "Không lùi được.")
    assert (stale.status_code, all(one in stale.content.decode() for one in words)) == (409, True)
    assert ConsultationComment.objects.get().response == "Không lùi được."


def test_the_table_is_the_commands_until_it_is_published(comment, login, officer, head, front_head):
    row = comment.answer.consultation
    assert login(front_head).get(url("table", row)).status_code == 403
    assert login(front_head).get(url("respond", comment)).status_code == 404
    assert login(head).get(url("respond", comment)).status_code == 403
    assert PROPOSAL not in login(front_head).get(url("detail", row)).content.decode()
    assert PROPOSAL in login(officer).get(url("table", row)).content.decode()


def test_stranger_gets_404(consultation, login, stranger, viewer, admin):
    for user in (stranger, viewer, admin):
        assert login(user).get(url("detail", consultation)).status_code == 404


def test_the_table_as_workbook_and_as_paper(comment, login, officer):
    row = comment.answer.consultation
    book = login(officer).get(url("export", row))
    assert book.content.startswith(b"PK")
    assert "attachment" in book.headers["Content-Disposition"]
    pdf = login(officer).get(url("paper", row)).content
    assert missing_texts(pdf, ["DỰ THẢO", PROPOSAL, "chưa trả lời"]) == ()


def test_what_is_not_taken_over_stays_as_drafted_on_paper(comment, login, officer):
    kept = "Giữ nguyên như dự thảo."
    row = comment.answer.consultation
    assert missing_texts(login(officer).get(url("paper", row)).content, [kept]) == (kept,)
    explained = ConsultationComment.Decision.EXPLAINED
    consultations.respond(comment, by=officer, at=NOW, decision=explained, response="Đã có ở mục khác.")
    assert missing_texts(login(officer).get(url("paper", row)).content, [kept]) == ()


def test_two_versions_are_compared(consultation, login, officer, clerk, head):
    consultation.programme.priority_tasks.filter(number=1).update(title_vi="Nhiệm vụ viết lại")
    address = reverse("consultations:compare", args=[consultation.programme.year])
    page = login(clerk).get(address, {"old": "1", "new": "today"})
    assert "Nhiệm vụ viết lại" in page.content.decode()
    assert login(officer).get(address, {"old": "9"}).status_code == 404
    assert login(head).get(address).status_code == 404


def test_an_odd_comment_in_the_address_is_none(consultation, head, login):
    for odd in ("9" * 5000, "²", "-1"):
        assert login(head).get(url("detail", consultation), {"comment": odd}).status_code == 200


def test_the_last_day_is_extended_on_the_page(consultation, officer, head, login):
    desk = login(officer)
    refused = desk.post(url("extend", consultation), {"closes_on": CLOSES_ON.isoformat()})
    assert (refused.status_code, CLOSES_ON.isoformat() in refused.content.decode()) == (400, True)
    later = CLOSES_ON + dt.timedelta(days=7)
    assert desk.post(url("extend", consultation), {"closes_on": later.isoformat()}).status_code == 302
    assert f"{later:%d/%m/%Y}" in login(head).get(url("detail", consultation)).content.decode()
    assert login(head).post(url("extend", consultation), {"closes_on": "2026-12-01"}).status_code == 403


def test_home_says_what_waits(comment, login, officer, focal_point, front_head):
    def todo(user) -> str:
        return login(user).get("/").content.decode()

    assert "Cho ý kiến dự thảo" in todo(front_head)
    assert "Cho ý kiến dự thảo" not in todo(focal_point), "answered"
    assert "Tiếp thu, giải trình 1 ý kiến" in todo(officer)
    consultations.respond(comment, by=officer, at=NOW, decision="accepted")
    assert "Tiếp thu, giải trình 1 ý kiến" not in todo(officer)


@pytest.mark.parametrize(("who", "count"), [("officer", 24), ("head", 7)])
def test_queries_do_not_grow_with_comments(
    who, count, cast, consultation, answer, login, django_assert_num_queries
):
    for place in ("", PLACE, "task.1"):
        answers.comment(answer, by=cast.head, at=NOW, place=place, proposal=PROPOSAL)
    answers.submit(answer, by=cast.head, at=NOW, agrees=False)
    browser = login(getattr(cast, who))
    browser.get(url("detail", consultation))
    with django_assert_num_queries(count):
        browser.get(url("detail", consultation))


def test_an_agency_finds_its_consultations(consultation, login, head, stranger):
    assert url("detail", consultation) in login(head).get(reverse("consultations:list")).content.decode()
    assert (
        url("detail", consultation) not in login(stranger).get(reverse("consultations:list")).content.decode()
    )
