"""The head's leave to send without her approval: given, used, over, revoked; and its page."""

import datetime as dt
import json
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.audit.models import Event
from portal.lib.errors import RuleError
from portal.users.models import Membership, User
from tasks import assignments, grants, reports
from tasks.deadlines import Timeliness
from tasks.models import Assignment, Programme, SendingGrant
from tasks.states import AssignmentStatus, ReportState
from tests.factories import NOW, TODAY
from tests.tasks import reporting
from tests.tasks.reporting import MINUTE, of, submit

pytestmark = pytest.mark.django_db
NOT_THE_HEAD = (
    *("officer", "commander", "clerk", "admin", "front_head"),
    *("deputy", "focal_point", "viewer", "stranger"),
)
PAGE = "/reports/grant/"


@pytest.fixture(autouse=True)
def quarter(programme: Programme, now) -> None:
    reporting.first_quarter(programme)


@pytest.fixture
def grant(head, department) -> SendingGrant:
    return grants.give(department, by=head, at=NOW)


# --- Given and revoked -------------------------------------------------------------------------------
def test_the_head_gives_and_revokes(grant, head):
    grants.revoke(grant, by=head, at=NOW + MINUTE)
    assert (grant.revoked_at, grant.revoked_by) == (NOW + MINUTE, head)
    verbs = list(Event.objects.order_by("seq").values_list("verb", "agency_code"))
    assert verbs == [("sending.granted", "SXD"), ("sending.revoked", "SXD")]


@pytest.mark.parametrize("name", NOT_THE_HEAD)
def test_nobody_else_gives_or_revokes(name, cast, grant, department):
    person = getattr(cast, name)
    with pytest.raises(PermissionDenied):
        grants.give(department, by=person, at=NOW)
    with pytest.raises(PermissionDenied):
        grants.revoke(grant, by=person, at=NOW)


def test_there_is_one_at_a_time(grant, head, department):
    with pytest.raises(RuleError):
        grants.give(department, by=head, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        SendingGrant.objects.create(agency=department, granted_by=head, granted_at=NOW)


def test_it_is_revoked_once(grant, head):
    """The lost race: the second finds it revoked."""
    second = SendingGrant.objects.get()
    grants.revoke(grant, by=head, at=NOW)
    with pytest.raises(RuleError):
        grants.revoke(second, by=head, at=NOW)


def test_a_last_day_lies_ahead(head, department):
    with pytest.raises(RuleError):
        grants.give(department, by=head, at=NOW, valid_until=TODAY - dt.timedelta(days=1))


def test_one_that_is_over_makes_room(head, department):
    grants.give(department, by=head, at=NOW, valid_until=TODAY)
    tomorrow = NOW + dt.timedelta(days=1)
    newer = grants.give(department, by=head, at=tomorrow)
    assert list(SendingGrant.objects.counting_on(TODAY + dt.timedelta(days=1))) == [newer]


# --- Used ------------------------------------------------------------------------------------------------
def test_the_focal_point_sends_a_report_by_it(grant, focal_point):
    row = submit(of("SXD"), focal_point, at=NOW + MINUTE)
    assert (row.state, row.first_submitted_at) == (ReportState.SUBMITTED, NOW + MINUTE)
    assert row.standing(TODAY) == Timeliness.COMPLETED_ON_TIME
    step = row.steps.first()
    assert (step.by, step.grant, step.state) == (focal_point, grant, ReportState.SUBMITTED)
    sent = Event.objects.filter(verb="report.submitted").get()
    assert "by_grant" in json.loads(sent.payload)


def test_the_focal_point_sends_a_result_by_it(grant, focal_point, assignment):
    assignments.accept(assignment, by=focal_point, at=NOW)
    assignments.submit_to_head(assignment, by=focal_point, at=NOW, result_text="Đã xong.")
    row = Assignment.objects.get(pk=assignment.pk)
    assert (row.status, row.submitted_on) == (AssignmentStatus.SUBMITTED, TODAY)
    assert row.log.first().grant == grant
    sent = Event.objects.filter(verb="assignment.submitted").get()
    assert "by_grant" in json.loads(sent.payload)


def test_what_the_head_sends_is_not_by_it(grant, head):
    assert submit(of("SXD"), head).steps.first().grant is None


def _is_over(grant: SendingGrant, head: User) -> None:
    SendingGrant.objects.update(valid_until=TODAY - dt.timedelta(days=1))


def _is_revoked(grant: SendingGrant, head: User) -> None:
    grants.revoke(grant, by=head, at=NOW)


def _head_has_left(grant: SendingGrant, head: User) -> None:
    Membership.objects.filter(user=head).update(valid_to=TODAY - dt.timedelta(days=1))


def _is_of_another_agency(grant: SendingGrant, head: User) -> None:
    SendingGrant.objects.update(agency=of("UBMTTQ").agency)


@pytest.mark.parametrize("end", [_is_over, _is_revoked, _head_has_left, _is_of_another_agency])
def test_without_it_the_report_waits_for_the_head(end, grant, head, focal_point):
    end(grant, head)
    assert submit(of("SXD"), focal_point).state == ReportState.AWAITING_HEAD


def test_it_approves_nothing_that_another_submitted(grant, head, focal_point):
    grants.revoke(grant, by=head, at=NOW)
    row = submit(of("SXD"), focal_point)
    grants.give(row.agency, by=head, at=NOW)
    with pytest.raises(PermissionDenied):
        reports.approve(row, by=focal_point, at=NOW)


def test_at_the_host_the_officer_is_the_focal_point(commander, officer, host):
    grants.give(host, by=commander, at=NOW)
    assert submit(of("BCHQS"), officer).state == ReportState.SUBMITTED


# --- The pages --------------------------------------------------------------------------------------------
def text(response) -> str:
    return response.content.decode()


def test_the_head_gives_it_on_one_page_and_revokes_it_there(login, head, focal_point):
    client = login(head)
    assert "Mọi báo cáo cán bộ đầu mối trình đều chờ thủ trưởng duyệt." in text(client.get(PAGE))
    shown = text(client.post(PAGE, {"valid_until": "2026-06-30"}, follow=True))
    assert "Đầu mối gửi không qua duyệt đến hết ngày 30/06/2026." in shown
    assert "Ngô Đức Anh" in shown
    revoke = reverse("reports:revoke_grant", args=[SendingGrant.objects.get().pk])
    shown = text(client.post(revoke, follow=True))
    assert "thu hồi lúc" in shown
    assert "Ủy quyền này đã được thu hồi." in text(client.post(revoke, follow=True))


def test_a_wrong_day_is_refused_and_kept(login, head):
    shown = login(head).post(PAGE, {"valid_until": "2020-01-01"})
    assert shown.status_code == 400
    assert 'value="2020-01-01"' in text(shown)


def test_the_page_is_for_heads(grant, login, cast: SimpleNamespace):
    assert login(cast.commander).get(PAGE).status_code == 200
    for name in ("deputy", "focal_point", "officer", "admin", "viewer"):
        assert login(getattr(cast, name)).get(PAGE).status_code == 403
    revoke = reverse("reports:revoke_grant", args=[grant.pk])
    for name, status in (("focal_point", 403), ("officer", 403), ("front_head", 404), ("viewer", 404)):
        assert login(getattr(cast, name)).post(revoke).status_code == status


def test_report_and_home_say_so_and_the_button_sends(grant, login, focal_point, officer):
    client = login(focal_point)
    note = "của Mạc Văn Hùng, cán bộ đầu mối gửi báo cáo"
    assert note in text(client.get("/"))
    shown = text(client.get(of("SXD").get_absolute_url()))
    assert note in shown
    assert "Gửi Bộ CHQS tỉnh" in shown
    assert "Trình thủ trưởng duyệt" not in shown
    assert note not in text(login(officer).get(of("SXD").get_absolute_url()))


def test_the_history_says_by_whose_leave_it_was_sent(grant, login, focal_point, officer):
    submit(of("SXD"), focal_point)
    words = "theo ủy quyền của thủ trưởng ngày 10/03/2026"
    assert words in text(login(officer).get(of("SXD").get_absolute_url()))


def test_the_log_of_a_result_says_it_too(grant, login, focal_point, assignment):
    assignments.accept(assignment, by=focal_point, at=NOW)
    client = login(focal_point)
    assert "Gửi Bộ CHQS tỉnh" in text(client.get(assignment.get_absolute_url()))
    assignments.submit_to_head(assignment, by=focal_point, at=NOW, result_text="Đã xong.")
    assert "theo ủy quyền của thủ trưởng" in text(client.get(assignment.get_absolute_url()))


def test_the_page_takes_a_fixed_number_of_queries(grant, login, head, django_assert_num_queries):
    client = login(head)
    client.get("/")
    with django_assert_num_queries(7):
        client.get(PAGE)
