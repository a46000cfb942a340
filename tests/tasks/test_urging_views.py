"""Pages of urging: one thing that is owed, the contact book, who has not sent, and what lists say of it."""

import datetime as dt

import pytest
from django.urls import reverse

from portal.agencies.models import Agency
from portal.users.models import User
from tasks import urgings
from tasks.models import Assignment, ReportingPeriod, Urging
from tests import factories
from tests.factories import NOW
from tests.tasks import reporting
from tests.tasks.extending import fresh
from tests.tasks.reporting import of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
TEXT = "Đề nghị khẩn trương hoàn thành."


@pytest.fixture
def overdue(programme, front_head) -> Assignment:
    return fresh(programme.assignments.get(code="1.02"))


@pytest.fixture
def silent(programme):
    """The department's report of a quarter that is over and due since 6 March."""
    reporting.first_quarter(programme)
    ReportingPeriod.objects.update(data_to=dt.date(2026, 3, 1), due_on=dt.date(2026, 3, 6))
    return of("SXD")


def body(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def url(thing) -> str:
    kind = "assignment" if isinstance(thing, Assignment) else "report"
    return reverse(f"urgings:{kind}", args=[thing.pk])


# --- One thing that is owed ------------------------------------------------------------------------------
def test_text_stands_ready_with_whom_to_call(overdue, officer, front_head, login):
    Agency.objects.filter(code="UBMTTQ").update(phone="0237 3852 111")
    User.objects.filter(pk=front_head.pk).update(phone="0912 000 333")
    shown = body(login(officer), url(overdue))
    assert "Nhiệm vụ 1.02 đã quá hạn (hạn 02/03/2026)" in shown
    assert all(words in shown for words in ("0237 3852 111", "0912 000 333", front_head.get_full_name()))


def test_urging_is_sent_and_stands_on_the_page(overdue, officer, front_head, focal_point, login):
    client = login(officer)
    assert url(overdue) in body(client, overdue.get_absolute_url())
    answer = client.post(url(overdue), {"text": TEXT})
    assert (answer.status_code, answer.url) == (302, overdue.get_absolute_url())
    assert TEXT in body(client, overdue.get_absolute_url())
    assert TEXT in body(login(front_head), overdue.get_absolute_url())
    assert TEXT not in body(login(focal_point), overdue.get_absolute_url()), "who coordinates is not urged"


def test_second_time_on_a_day_is_refused_with_its_words_kept(overdue, officer, login):
    client = login(officer)
    client.post(url(overdue), {"text": TEXT})
    answer = client.post(url(overdue), {"text": "Lần thứ hai trong ngày"})
    assert answer.status_code == 400
    assert "Lần thứ hai trong ngày" in answer.content.decode()
    assert Urging.objects.count() == 1


def test_a_call_is_noted(silent, officer, focal_point, login):
    client = login(officer)
    answer = client.post(url(silent), {"person": "", "text": "Hẹn mai gửi"})
    assert (answer.status_code, set(answer.context["call_form"].errors)) == (400, {"person"})
    assert "Hẹn mai gửi" in answer.content.decode()
    assert client.post(url(silent), {"person": "Ngô Đức Anh", "text": "Hẹn mai gửi"}).status_code == 302
    assert "Hẹn mai gửi" in body(client, silent.get_absolute_url())
    assert "Hẹn mai gửi" in body(login(focal_point), silent.get_absolute_url())


def test_page_says_when_nothing_is_owed(assignment, officer, login):
    assert "Hiện không có gì phải đôn đốc" in body(login(officer), url(assignment))


def test_who_does_not_run_the_programme_gets_403(overdue, silent, clerk, focal_point, stranger, login):
    for user, status in ((clerk, 403), (focal_point, 403), (stranger, 404)):
        assert login(user).get(url(overdue)).status_code == status
        assert login(user).post(url(overdue), {"text": TEXT}).status_code == status
    assert login(clerk).get(url(silent)).status_code == 403


# --- The contact book ------------------------------------------------------------------------------------
def test_book_counts_what_each_agency_owes(overdue, silent, officer, login):
    urgings.urge(overdue, by=officer, at=NOW, text=TEXT)
    rows = {row.agency.code: row for row in login(officer).get("/urgings/contacts/").context["rows"]}
    assert (rows["UBMTTQ"].overdue, rows["UBMTTQ"].silent, rows["UBMTTQ"].urged) == (1, 1, 1)
    assert (rows["SXD"].overdue, rows["SXD"].silent, rows["SXD"].urged) == (0, 1, 0)


def test_book_can_leave_out_who_owes_nothing(overdue, officer, login):
    rows = login(officer).get("/urgings/contacts/?owing=1").context["rows"]
    assert [row.agency.code for row in rows] == ["UBMTTQ"]


def test_page_of_an_agency_leads_to_each_thing_it_owes(overdue, silent, officer, login):
    shown = body(login(officer), "/urgings/contacts/UBMTTQ/")
    assert url(overdue) in shown
    assert url(of("UBMTTQ")) in shown
    urgings.urge(overdue, by=officer, at=NOW, text=TEXT)
    shown = body(login(officer), "/urgings/contacts/UBMTTQ/")
    assert TEXT in shown
    assert "đã đôn đốc 1 lần" in shown


def test_book_is_for_those_who_urge(programme, clerk, focal_point, admin, commander, login):
    for user, status in ((clerk, 403), (focal_point, 403), (admin, 403), (commander, 200)):
        assert login(user).get("/urgings/contacts/").status_code == status
        assert login(user).get("/urgings/contacts/SXD/").status_code == status
    assert login(commander).get("/urgings/contacts/NOBODY/").status_code == 404


@pytest.mark.parametrize(("address", "count"), [("/urgings/contacts/", 9), ("/urgings/contacts/SXD/", 11)])
def test_book_takes_a_fixed_number_of_queries(
    programme, silent, department, officer, login, address, count, django_assert_num_queries
):
    task = programme.priority_tasks.get(number=1)
    for n in range(4):
        late = dt.date(2026, 3, 1 + n)
        factories.AssignmentFactory(task=task, code=f"1.{60 + n}", lead=department, deadline_on=late)
        factories.SignatoryFactory(programme=programme, agency=factories.AgencyFactory(), order=20 + n)
    client = login(officer)
    client.get(address)
    with django_assert_num_queries(count):
        client.get(address)


# --- Who has not sent, and what lists say -----------------------------------------------------------------
def test_period_and_grid_show_those_alone_that_have_not_sent(silent, head, officer, login):
    reporting.submit(silent, head)
    period = reverse("reports:period", args=[silent.period_id])
    cells = login(officer).get(f"{period}?silent=1").context["cells"]
    assert {cell.report.agency.code for cell in cells} == {"BCHQS", "UBMTTQ"}
    lines = login(officer).get("/reports/?silent=1").context["grid"].lines
    assert {line.agency.code for line in lines} == {"BCHQS", "UBMTTQ"}
    assert url(of("UBMTTQ")) in body(login(officer), period)


def test_list_says_how_often_to_the_lead_and_the_command(overdue, officer, front_head, focal_point, login):
    urgings.urge(overdue, by=officer, at=NOW, text=TEXT)
    for user, told in ((officer, True), (front_head, True), (focal_point, False)):
        listed = body(login(user), "/assignments/?standing=overdue")
        assert ("đã đôn đốc 1 lần" in listed) == told


def test_book_is_empty_where_there_is_no_programme(officer, login):
    assert "Không cơ quan nào có việc quá hạn" in body(login(officer), "/urgings/contacts/")
