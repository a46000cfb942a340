"""Letters of urging: written from what is overdue, numbered, told; and urging several agencies at once."""

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.agencies.models import Agency
from portal.audit.models import Event
from portal.lib.errors import RuleError
from portal.notices.models import Notice
from portal.papers.official_letters import render_letter
from portal.papers.reading import page_texts
from tasks import access, urging_letter_paper, urging_letters, urgings
from tasks.models import Assignment, Programme, ReportingPeriod, Urging, UrgingLetter
from tasks.states import AssignmentStatus, UrgingLetterState
from tests.factories import NOW, TODAY
from tests.tasks import reporting
from tests.tasks.extending import fresh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
TEXT = "Đề nghị quý cơ quan khẩn trương hoàn thành."
YESTERDAY = TODAY - dt.timedelta(days=1)
REPLY_BY = TODAY + dt.timedelta(days=7)
NUMBER = {"number": "215", "issued_on": TODAY}


@pytest.fixture
def overdue(programme: Programme, front_head) -> Assignment:
    """1.02 of the Front, due 2 March; today is 10 March."""
    return fresh(programme.assignments.get(code="1.02"))


@pytest.fixture
def silent(programme: Programme, overdue) -> None:
    """A quarter that is over: nobody has sent its report, due on 6 March."""
    reporting.first_quarter(programme)
    ReportingPeriod.objects.update(data_to=dt.date(2026, 3, 1), due_on=dt.date(2026, 3, 6))


@pytest.fixture
def write(programme: Programme, front: Agency):
    """Return write(by): a letter to the Front about all that it owes."""

    def writing(by, **said) -> UrgingLetter:
        running = Programme.objects.select_related("host").get(pk=programme.pk)
        keys = [thing.key for thing in urging_letters.overdue(front, running, TODAY)]
        given = {"chosen": keys, "text": TEXT, "reply_by": REPLY_BY} | said
        return urging_letters.write(front, programme=running, by=by, at=NOW, **given)

    return writing


# --- Written ---------------------------------------------------------------------------------------------
def test_it_names_duties_and_reports_with_their_days(silent, write, officer, overdue):
    letter = write(officer)
    assert [(thing["code"], thing["due_on"], thing["days"]) for thing in letter.things] == [
        ("1.02", "2026-03-02", 8),
        ("2026-Q1", "2026-03-06", 4),
    ]
    assert letter.state == UrgingLetterState.DRAFT
    assert not Urging.objects.exists(), "before it has its number nobody was urged"
    assert not Notice.objects.filter(kind="urging.letter").exists()


def test_only_what_was_chosen_stands_in_it(silent, write, officer, overdue):
    assert write(officer, chosen=[f"assignment-{overdue.pk}"]).codes == ["1.02"]


@pytest.mark.parametrize(
    "said",
    [{"chosen": []}, {"chosen": ["assignment-999999"]}, {"text": " "}, {"reply_by": YESTERDAY}],
)
def test_what_makes_no_letter_is_refused(write, officer, said):
    with pytest.raises(RuleError):
        write(officer, **said)


def test_what_came_meanwhile_is_left_out(write, officer, overdue):
    Assignment.objects.filter(pk=overdue.pk).update(status=AssignmentStatus.SUBMITTED, submitted_on=TODAY)
    with pytest.raises(RuleError):
        write(officer, chosen=[f"assignment-{overdue.pk}"])


def test_a_second_draft_to_the_same_agency_is_refused(write, officer, commander):
    write(officer)
    with pytest.raises(RuleError, match=r"chưa có số|no number"):
        write(commander)


# --- Issued ----------------------------------------------------------------------------------------------
def test_with_its_number_each_thing_was_urged_about_and_the_agency_hears_once(
    silent, write, officer, clerk, front_head
):
    letter = write(officer)
    urging_letters.issue(letter, by=clerk, at=NOW, **NUMBER)
    rows = Urging.objects.filter(letter=letter)
    assert {(row.level, row.channel, row.text) for row in rows} == {(3, "letter", TEXT)}
    assert rows.count() == len(letter.things) == 2
    told = Notice.objects.get(kind="urging.letter")
    assert (told.recipient, "215" in told.text_vi, TEXT in told.text_vi) == (front_head, True, False)
    event = json.loads(Event.objects.get(verb="urging.letter_issued").payload)
    assert (event["number"], event["codes"]) == ("215", ["1.02", "2026-Q1"])


@pytest.mark.parametrize(
    "number",
    [{"number": " "}, {"issued_on": TODAY + dt.timedelta(days=1)}, {"issued_on": YESTERDAY}],
)
def test_number_and_day_make_sense(write, officer, clerk, number):
    with pytest.raises(RuleError):
        urging_letters.issue(write(officer), by=clerk, at=NOW, **(NUMBER | number))


def test_a_number_is_given_once_a_year(write, officer, clerk):
    urging_letters.issue(write(officer), by=clerk, at=NOW, **NUMBER)
    with pytest.raises(RuleError):
        urging_letters.issue(write(officer), by=clerk, at=NOW, **NUMBER)


def test_nothing_is_issued_when_the_year_is_over(write, officer, clerk):
    letter = write(officer)
    Programme.objects.update(state="closed")
    with pytest.raises(RuleError):
        urging_letters.issue(UrgingLetter.objects.get(pk=letter.pk), by=clerk, at=NOW, **NUMBER)


def test_nothing_is_issued_to_an_agency_that_ended(write, officer, clerk, front):
    letter = write(officer)
    Agency.objects.filter(pk=front.pk).update(valid_to=YESTERDAY)
    with pytest.raises(RuleError):
        urging_letters.issue(letter, by=clerk, at=NOW, **NUMBER)


def test_what_is_gone_was_not_urged_about(silent, write, officer, clerk):
    letter = write(officer)
    letter.things[1]["id"] = 999_999
    letter.save(update_fields=["things"])
    urging_letters.issue(letter, by=clerk, at=NOW, **NUMBER)
    assert [row.assignment.code for row in letter.urgings.all()] == ["1.02"]


def test_the_lost_race_issued_and_discarded(write, officer, clerk):
    letter = write(officer)
    other = UrgingLetter.objects.get(pk=letter.pk)
    urging_letters.issue(letter, by=clerk, at=NOW, **NUMBER)
    with pytest.raises(RuleError):
        urging_letters.discard(other, by=officer, at=NOW, reason="Viết lại")
    with pytest.raises(RuleError):
        urging_letters.issue(other, by=clerk, at=NOW, number="216", issued_on=TODAY)
    assert Urging.objects.count() == 1


def test_a_discarded_letter_stays_on_record_and_makes_room(write, officer):
    letter = write(officer)
    urging_letters.discard(letter, by=officer, at=NOW, reason="Thêm nội dung")
    assert write(officer).pk != letter.pk
    assert UrgingLetter.objects.get(pk=letter.pk).reason == "Thêm nội dung"


@pytest.mark.parametrize("columns", [{"number": "7"}, {"state": UrgingLetterState.ISSUED}])
def test_the_database_holds_what_issued_means(write, officer, columns):
    letter = write(officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        UrgingLetter.objects.filter(pk=letter.pk).update(**columns)


def test_who_writes_numbers_and_reads(write, cast):
    for name in ("clerk", "front_head", "focal_point", "admin", "viewer"):
        with pytest.raises(PermissionDenied):
            write(getattr(cast, name))
    letter = write(cast.commander)
    for name in ("commander", "front_head", "admin"):
        with pytest.raises(PermissionDenied):
            urging_letters.issue(letter, by=getattr(cast, name), at=NOW, **NUMBER)
    assert not access.visible_urging_letters(cast.front_head).exists()
    urging_letters.issue(letter, by=cast.clerk, at=NOW, **NUMBER)
    readers = {name for name, user in vars(cast).items() if access.visible_urging_letters(user).exists()}
    assert readers == {"officer", "commander", "clerk", "front_head"}


# --- The paper and the pages ------------------------------------------------------------------------------
def test_the_paper_is_an_official_letter(silent, write, officer, clerk):
    letter = write(officer)
    urging_letters.issue(letter, by=clerk, at=NOW, **NUMBER)
    said = " ".join(" ".join(page_texts(render_letter(urging_letter_paper.paper_of(letter)))).split())
    for words in (
        "V/v đôn đốc thực hiện nhiệm vụ phối hợp năm 2026",
        "Số: 215/",
        "ngày 10 tháng 3 năm 2026",
        "Kính gửi: Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Thanh Hóa.",
        "1.02. Tuyên truyền trong Nhân dân",
        "Báo cáo",
        "chậm nhất ngày 17/03/2026./.",
        "Nơi nhận: - Như trên; - Lưu: VT. CHỈ HUY TRƯỞNG",
    ):
        assert words in said


def test_from_the_contact_book_to_the_agencys_page(silent, front, officer, clerk, front_head, login):
    book = login(officer)
    address = reverse("urgings:write_letter", args=["UBMTTQ"])
    assert address in book.get("/urgings/contacts/UBMTTQ/").content.decode()
    form = book.get(address).context["form"]
    sent = {"chosen": form["chosen"].initial, "text": form["text"].initial, "reply_by": "2026-03-17"}
    refused = book.post(address, sent | {"text": ""})
    assert (refused.status_code, set(refused.context["form"].errors)) == (400, {"text"})
    letter_url = book.post(address, sent).url
    assert login(front_head).get(letter_url).status_code == 404
    desk = login(clerk)
    assert letter_url in desk.get("/").content.decode()
    assert desk.post(f"{letter_url}issue/", {"number": "", "issued_on": "2026-03-10"}).status_code == 400
    assert desk.post(f"{letter_url}issue/", {"number": "215", "issued_on": "2026-03-10"}).status_code == 302
    read = login(front_head).get(letter_url).content.decode()
    assert "Tuyên truyền trong Nhân dân" in read
    assert login(front_head).get(f"{letter_url}paper/").content.startswith(b"%PDF-")
    assert letter_url in login(front_head).get("/urgings/letters/").content.decode()
    assert letter_url in login(front_head).get(f"/assignments/{_pk(front)}/").content.decode()


def _pk(front: Agency) -> int:
    return Assignment.objects.get(lead=front, code="1.02").pk


def test_lists_are_empty_and_closed_to_others(programme, officer, viewer, front_head, login):
    assert "Chưa có công văn đôn đốc" in login(officer).get("/urgings/letters/").content.decode()
    assert login(viewer).get("/urgings/letters/").status_code == 200
    assert login(front_head).get("/urgings/contacts/SXD/letter/").status_code == 403
    nothing = login(officer).get("/urgings/contacts/SXD/letter/")
    assert "không có việc nào quá hạn" in nothing.content.decode()


# --- Several at once --------------------------------------------------------------------------------------
def test_several_are_urged_and_each_agency_hears_once(silent, officer, front_head, login, head, focal_point):
    sent = login(officer).post(
        "/urgings/contacts/several/", {"agencies": ["UBMTTQ", "SXD"], "text": TEXT}, follow=True
    )
    assert "Đã đôn đốc 2 cơ quan" in sent.content.decode()
    assert Urging.objects.filter(agency__code="UBMTTQ", channel="portal").count() == 2
    told = Notice.objects.filter(kind="urging.several").values_list("recipient", flat=True)
    assert sorted(told) == sorted([front_head.pk, head.pk, focal_point.pk])


def test_what_was_urged_about_today_is_left_out(silent, overdue, officer, front):
    urgings.urge(overdue, by=officer, at=NOW, text=TEXT)
    programme = overdue.programme
    assert urgings.urge_several([front], programme=programme, by=officer, at=NOW, text=TEXT) == 1
    assert urgings.urge_several([front], programme=programme, by=officer, at=NOW, text=TEXT) == 0
    assert [row.report.agency.code for row in Urging.objects.exclude(report=None)] == ["UBMTTQ"]
    assert Urging.objects.filter(assignment=overdue).count() == 1


def test_choosing_nobody_keeps_the_text(silent, officer, login, clerk):
    refused = login(officer).post("/urgings/contacts/several/", {"text": "Lời của tôi"})
    assert refused.status_code == 400
    assert "Lời của tôi" in refused.content.decode()
    assert login(clerk).post("/urgings/contacts/several/", {"text": TEXT}).status_code == 403


def test_who_does_not_run_the_programme_urges_nobody(overdue, front, clerk):
    with pytest.raises(PermissionDenied):
        urgings.urge_several([front], programme=overdue.programme, by=clerk, at=NOW, text=TEXT)
