"""What each role sees first."""

import datetime as dt

import pytest
from django.urls import reverse

from agreements.boards import Round
from agreements.models import ExternalCertificate
from agreements.states import EnrolmentState
from portal.dashboards import summaries, todos
from portal.notices.models import Mail
from portal.users.models import Role
from tasks import consolidations, reports
from tasks.models import Assignment, Programme
from tests.factories import NOW, TODAY, AssignmentFactory, AuthorisationFactory, ProgrammeFactory
from tests.tasks import reporting

DAY = dt.timedelta(days=1)


def home(user):
    return summaries.home(user, at=NOW, today=TODAY)


def whats(page):
    return [row.what for row in page.todos]


def test_focal_point_is_told_to_accept(programme, focal_point, settings):
    settings.LANGUAGE_CODE = "en"
    page = home(focal_point)
    assert any("1.01" in what for what in whats(page))


def test_overdue_comes_before_new(programme, focal_point):
    Assignment.objects.filter(code="1.01").update(status="in_progress", due_on=TODAY - dt.timedelta(days=3))
    Assignment.objects.filter(code="1.02").update(
        lead=focal_point.post.agency, status="assigned", due_on=TODAY + dt.timedelta(days=20)
    )
    assert home(focal_point).todos[0].url.endswith(f"/{Assignment.objects.get(code='1.01').pk}/")


def test_rejected_comes_first(programme, focal_point):
    Assignment.objects.filter(code="1.01").update(status="rejected", due_on=TODAY + dt.timedelta(days=200))
    assert home(focal_point).todos[0].state == "not_due"


def test_first_item_alone_is_primary(programme, focal_point):
    assert [row.primary for row in home(focal_point).todos][:2] in ([True], [True, False])


def test_what_does_not_fit_is_folded_below_and_counted(assignment, focal_point, login, now, monkeypatch):
    more = {"code": "1.03", "lead": assignment.lead, "status": "assigned", "due_on": TODAY + 9 * DAY}
    AssignmentFactory(task=assignment.task, **more)
    whole = home(focal_point)
    assert (whole.waiting, whole.more_todos) == (2, ())
    monkeypatch.setattr(summaries, "SHOWN", 1)
    page = home(focal_point)
    assert page.todos + page.more_todos == whole.todos
    assert (page.waiting, len(page.more_todos)) == (2, 1)
    answer = login(focal_point).get("/").content.decode()
    folded = answer.partition('<details class="more-todos">')[2].partition("</details>")[0]
    assert page.more_todos[0].url in folded
    assert "1 việc nữa" in folded


def test_head_approves(programme, head):
    Assignment.objects.filter(code="1.01").update(status="awaiting_head")
    assert len(home(head).todos) == 1


def test_officer_confirms(programme, officer):
    Assignment.objects.filter(code="1.01").update(status="submitted", submitted_on=TODAY)
    assert len(home(officer).todos) == 1


def test_administrator_sees_agencies_without_people(programme, admin):
    """The front has a head in the cast only when a test asks for her."""
    assert home(admin).todos


def test_numbers_of_an_agency_are_its_own(programme, focal_point):
    counts = home(focal_point).numbers
    assert counts.total == Assignment.objects.filter(lead=focal_point.post.agency, cycle="once").count()


def test_viewer_counts_confirmed_results_only(programme, viewer):
    assert home(viewer).numbers.total == 0
    Assignment.objects.filter(code="1.01").update(status="confirmed", submitted_on=TODAY)
    assert home(viewer).numbers.on_time == 1


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_home(role):
    assert role in summaries._HOMES


def test_stranger_home_shows_no_programme(programme, stranger):
    page = home(stranger)
    assert (page.programme, page.todos, page.numbers.total) == (None, (), 0)


def test_a_text_that_is_still_written_is_neither_on_time_nor_late(draft_programme, officer):
    assert not home(officer).lights
    Programme.objects.update(state="in_force", in_force_at=NOW)
    assert home(officer).lights


def test_signing_is_closed_once_it_is_in_force_and_all_have_signed(open_round, officer):
    def asked(signed: int) -> list[str]:
        return [row.url for row in todos.close_signing([Round(open_round, signed, 1)])]

    address = reverse("agreements:detail", args=[open_round.pk])
    assert (asked(0), asked(1)) == ([], [address])
    assert address not in [row.url for row in home(officer).todos], "nobody has signed"
    open_round.programme.state = "frozen"
    assert asked(1) == []


# --- Who may sign by a paper --------------------------------------------------------------------------
def to_sign(user, document):
    address = reverse("agreements:sign", args=[document.pk])
    return [row.button for row in home(user).todos if row.url == address]


def test_who_may_sign_by_paper_is_told_to(open_round, focal_point, head):
    assert not to_sign(focal_point, open_round)
    AuthorisationFactory(person=focal_point, recorded_by=head, programme=open_round.programme)
    assert to_sign(focal_point, open_round)
    assert home(focal_point).todos[0].url == reverse("agreements:certificate"), "signing needs one first"


def token_of(user, **given):
    """A certificate on a token, in a row alone."""
    return ExternalCertificate.objects.create(
        user=user, agency=user.post.agency, kind="public", common_name="x", issuer_name="x", serial="1",
        der=b"", fingerprint=f"{user.pk:064}", not_before=NOW, not_after=NOW + DAY, asked_at=NOW, **given,
    )  # fmt: skip


def test_token_waits_for_who_compares_it_and_not_for_its_holder(programme, commander, officer, head):
    for_two, for_one = (
        reverse("agreements:token_request", args=[token_of(user).pk]) for user in (head, commander)
    )
    asked = [
        {for_two, for_one} & {row.url for row in home(user).todos} for user in (officer, commander, head)
    ]
    assert asked == [{for_two, for_one}, {for_two}, set()]


def test_holder_of_a_token_needs_no_other_certificate(open_round, head):
    assert next(row.url for row in home(head).todos) == reverse("agreements:certificate")
    token_of(head, decided_at=NOW, state=EnrolmentState.RELEASED)
    assert [row.url for row in home(head).todos] == [reverse("agreements:sign", args=[open_round.pk])]


@pytest.mark.parametrize(
    "given",
    [{"valid_from": TODAY + DAY}, {"valid_until": TODAY - DAY}, {"programme": None}],
    ids=["not yet", "over", "other programme"],
)
def test_paper_that_lets_nobody_sign_today_adds_nothing(open_round, focal_point, head, given):
    if "programme" in given:
        given = {"programme": ProgrammeFactory(year=2031)}
    paper = {"person": focal_point, "recorded_by": head, "programme": open_round.programme}
    AuthorisationFactory(**(paper | given))
    assert not to_sign(focal_point, open_round)


# --- Periodic reports -----------------------------------------------------------------------------------
@pytest.fixture
def report(programme):
    """The department's of the first quarter, due in six days."""
    reporting.first_quarter(programme)
    return reporting.of("SXD")


def urls(page) -> list[str]:
    return [row.url for row in page.todos]


def test_a_report_that_is_due_stands_on_the_focal_points_list(report, focal_point):
    assert report.get_absolute_url() in urls(home(focal_point))


def test_what_is_not_due_for_long_does_not(report, focal_point):
    report.period.due_on = TODAY + dt.timedelta(days=30)
    report.period.save()
    assert report.get_absolute_url() not in urls(home(focal_point))


def test_a_returned_report_comes_first(report, focal_point, head, officer):
    row = reporting.submit(report, head)
    far = TODAY + dt.timedelta(days=60)
    reports.return_to_agency(row, by=officer, at=NOW, reason="Số liệu chưa khớp.", due_on=far)
    assert urls(home(focal_point))[0] == report.get_absolute_url()


def test_the_head_approves_a_report(report, focal_point, head):
    reporting.submit(report, focal_point)
    assert report.get_absolute_url() in urls(home(head))
    assert report.get_absolute_url() not in urls(home(focal_point))


def test_the_officer_accepts_and_asks_by_period(report, head, officer, settings):
    reporting.submit(report, head)
    period = f"/reports/periods/{report.period_id}/"
    assert urls(home(officer)).count(period) == 1, "one waits; nobody is late yet"
    late = summaries.home(officer, at=NOW, today=TODAY + dt.timedelta(days=9))
    assert urls(late).count(period) == 1
    assert "2 cơ quan" in next(row.what for row in late.todos if row.url == f"{period}?silent=1")


def test_a_returned_duty_stands_before_reports(report, head, officer):
    reporting.submit(report, head)
    Assignment.objects.filter(code="1.02").update(status="returned")
    found = urls(home(officer))
    duty = Assignment.objects.get(code="1.02").get_absolute_url()
    assert found.index(duty) < found.index(f"/reports/periods/{report.period_id}/")


def test_the_officer_is_asked_to_consolidate_when_the_day_is_over(report, officer):
    later = {"at": NOW, "today": TODAY + dt.timedelta(days=9)}
    address = f"/consolidations/{report.period_id}/"
    assert address not in urls(home(officer))
    assert address in urls(summaries.home(officer, **later))
    consolidations.draft(report.period, by=officer, at=NOW)
    assert address not in urls(summaries.home(officer, **later))


def test_administrator_is_told_of_mails_that_were_given_up(admin, focal_point):
    assert reverse("notices:undelivered") not in urls(home(admin))
    Mail.objects.create(recipient=focal_point, day=TODAY, mail_state="failed", send_after=NOW)
    (row,) = [row for row in home(admin).todos if row.url == reverse("notices:undelivered")]
    assert row.what == "1 thư không gửi được"


@pytest.mark.parametrize(("hours", "is_told"), [(1, False), (1.1, True)])
def test_administrator_is_told_of_mail_that_is_late_by_more_than_an_hour(admin, focal_point, hours, is_told):
    since = NOW - dt.timedelta(hours=hours)
    Mail.objects.create(recipient=focal_point, day=TODAY, send_after=since)
    said = [row.what for row in home(admin).todos if row.url == reverse("notices:undelivered")]
    assert said == [f"Thư đến giờ chưa gửi, lâu nhất từ {since:%H:%M} ngày 10/03/2026"] * is_told


QUERIES = {
    "focal_point": 16,
    "head": 17,
    "deputy": 16,
    "officer": 26,
    "commander": 23,
    "clerk": 14,
    "viewer": 9,
    "admin": 18,
}


@pytest.mark.parametrize("name", QUERIES)
def test_home_page_takes_a_fixed_number_of_queries(
    name, programme, cast, login, now, django_assert_num_queries
):
    client = login(getattr(cast, name))
    client.get("/")  # the second factor is looked up once a session
    with django_assert_num_queries(QUERIES[name]):
        assert client.get("/").status_code == 200
