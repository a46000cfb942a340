"""Conferences before they begin: prepared, changed, invitations sent; who hears of it."""

import datetime as dt
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied

from agreements import attendances, conferences
from agreements import conference_access as access
from agreements.attendances import Delegate
from agreements.conferences import Guest, Item, Plan
from agreements.models import Conference, InvitedAgency
from portal.audit.models import Event
from portal.lib.dates import LOCAL
from portal.lib.errors import RuleError, StaleError
from portal.notices import planning
from portal.notices.models import Notice
from portal.users.models import Membership
from tasks.models import Programme
from tests import factories
from tests.agreements.conferring import fresh
from tests.factories import NOW, TODAY, ConferenceFactory

pytestmark = pytest.mark.django_db
STARTS = dt.datetime(2026, 4, 2, 8, 0, tzinfo=LOCAL)


@pytest.fixture
def plan(programme, commander, officer, front, department) -> Plan:
    return Plan(
        kind="annual",
        title="Hội nghị phối hợp năm 2026",
        starts_at=STARTS,
        place="Hội trường lớn",
        chair=commander,
        secretary=officer,
        delegates_until=dt.date(2026, 3, 30),
        agenda=(Item("Khai mạc", dt.time(8, 0), "Chỉ huy trưởng"), Item("Thảo luận")),
        guests=(Guest("Lê Văn Khách", "Phó Tham mưu trưởng", "Quân khu 4"),),
        agencies=(department, front),
    )


@pytest.fixture
def prepared(programme, plan, officer) -> Conference:
    return conferences.prepare(programme, by=officer, at=NOW, plan=plan)


def own(conference: Conference, code: str) -> InvitedAgency:
    rows = InvitedAgency.objects.select_related("conference__programme__host", "agency")
    return rows.get(conference=conference, agency__code=code)


def told(code: str) -> set[str]:
    return set(Notice.objects.filter(kind=code).values_list("recipient__username", flat=True))


def test_plan_is_kept_and_nobody_is_told(prepared, focal_point):
    assert [(row.order, row.title) for row in prepared.agenda.all()] == [(1, "Khai mạc"), (2, "Thảo luận")]
    assert [row.agency.code for row in prepared.invited.all()] == ["UBMTTQ", "SXD"], "protocol order"
    assert prepared.attendances.get().organisation == "Quân khu 4"
    assert not Notice.objects.exists()
    assert Event.objects.get(verb="conference.prepared").subject_id == str(prepared.pk)


def test_chair_and_secretary_are_two_people_of_the_host(programme, plan, officer, head):
    for wrong in ({"secretary": plan.chair}, {"chair": head}):
        with pytest.raises(RuleError):
            conferences.prepare(programme, by=officer, at=NOW, plan=replace(plan, **wrong))
    Membership.objects.filter(user=plan.chair).update(valid_to=dt.date(2026, 3, 1))
    with pytest.raises(RuleError):
        conferences.prepare(programme, by=officer, at=NOW, plan=plan)


def test_invitations_tell_focal_points_and_heads(prepared, officer, focal_point, head, front_head, stranger):
    conferences.invite(prepared, by=officer, at=NOW)
    assert told("conference.invited") == {"sxd.daumoi", "sxd.head", "ubmttq.head"}
    with pytest.raises(RuleError):
        conferences.invite(prepared, by=officer, at=NOW)


def test_nobody_is_invited_without_agenda_agency_or_to_the_past(programme, plan, officer):
    for lacking in ({"agenda": ()}, {"agencies": ()}):
        row = conferences.prepare(programme, by=officer, at=NOW, plan=replace(plan, **lacking))
        with pytest.raises(RuleError):
            conferences.invite(row, by=officer, at=NOW)
    row = conferences.prepare(programme, by=officer, at=NOW, plan=plan)
    with pytest.raises(RuleError):
        conferences.invite(row, by=officer, at=STARTS)


def test_another_time_is_told_to_who_was_invited_and_new_ones_are_invited(
    prepared, plan, officer, focal_point, front_head, outside
):
    conferences.invite(prepared, by=officer, at=NOW)
    later = replace(plan, starts_at=STARTS + dt.timedelta(days=1), agencies=(*plan.agencies, outside))
    at = NOW + dt.timedelta(hours=1)
    conferences.change(prepared, by=officer, at=at, plan=later)
    assert told("conference.moved") == {"sxd.daumoi", "ubmttq.head"}
    assert prepared.invited.count() == 3
    with pytest.raises(RuleError, match="không bỏ cơ quan"):
        conferences.change(prepared, by=officer, at=at, plan=replace(later, agencies=(outside,)))


def test_the_host_is_not_invited(prepared, plan, officer, host):
    with pytest.raises(RuleError):
        conferences.change(prepared, by=officer, at=NOW, plan=replace(plan, agencies=(host,)))


def test_a_mended_record_of_a_conference_that_was_held_tells_nobody(prepared, plan, officer, focal_point):
    conferences.invite(prepared, by=officer, at=NOW)
    afterwards = STARTS + dt.timedelta(days=1)
    conferences.change(prepared, by=officer, at=afterwards, plan=replace(plan, place="Phòng họp số 2"))
    assert told("conference.moved") == set()


def test_nobody_is_invited_when_the_day_for_delegates_has_passed(prepared, officer):
    after = dt.datetime(2026, 3, 31, 9, 0, tzinfo=LOCAL)
    with pytest.raises(RuleError):
        conferences.invite(prepared, by=officer, at=after)


def test_what_is_only_prepared_is_called_off_and_nobody_hears(prepared, officer, focal_point):
    conferences.call_off(prepared, by=officer, at=NOW, reason="Trùng lịch")
    assert not Notice.objects.exists()
    assert not access.visible_conferences(focal_point).exists()
    with pytest.raises(RuleError):
        conferences.invite(prepared, by=officer, at=NOW)


def test_who_was_invited_hears_that_it_is_called_off(prepared, officer, focal_point, front_head):
    conferences.invite(prepared, by=officer, at=NOW)
    with pytest.raises(RuleError):
        conferences.call_off(prepared, by=officer, at=NOW, reason=" ")
    conferences.call_off(prepared, by=officer, at=NOW, reason="Trùng lịch")
    assert told("conference.called_off") == {"sxd.daumoi", "ubmttq.head"}
    assert not Notice.objects.filter(kind="conference.invited", read_at=None).exists(), "settled"
    assert access.visible_conferences(focal_point).get().called_off_because == "Trùng lịch"
    planning.plan(at=dt.datetime(2026, 3, 29, 9, 0, tzinfo=LOCAL))
    assert told("conference.name_delegates") == set()
    with pytest.raises(RuleError):
        conferences.change(prepared, by=officer, at=NOW, plan=None)
    assert Event.objects.filter(verb="conference.called_off").exists()


def test_nobody_is_reminded_once_the_programme_has_ended(prepared, officer, focal_point):
    conferences.invite(prepared, by=officer, at=NOW)
    Programme.objects.update(state="terminated")
    planning.plan(at=dt.datetime(2026, 3, 29, 9, 0, tzinfo=LOCAL))
    assert told("conference.name_delegates") == set()


def test_an_old_page_does_not_write_over_a_newer_plan(prepared, plan, officer):
    seen = conferences.version_of(prepared)
    conferences.change(prepared, by=officer, at=NOW, plan=replace(plan, place="Nơi khác"), version=seen)
    with pytest.raises(StaleError):
        conferences.change(prepared, by=officer, at=NOW, plan=plan, version=seen)


def test_guest_who_stays_keeps_the_row(prepared, plan, officer):
    row = prepared.attendances.get()
    guests = (*plan.guests, Guest("Người mới", "Trợ lý", "Quân khu 4"))
    conferences.change(prepared, by=officer, at=NOW, plan=replace(plan, guests=guests))
    assert prepared.attendances.count() == 2
    assert prepared.attendances.filter(pk=row.pk).exists()


def test_other_posts_prepare_nothing(programme, plan, clerk, head, admin):
    for user in (clerk, head, admin):
        with pytest.raises(PermissionDenied):
            conferences.prepare(programme, by=user, at=NOW, plan=plan)


def test_who_named_nobody_is_reminded_until_somebody_is_named(prepared, officer, focal_point, front_head):
    conferences.invite(prepared, by=officer, at=NOW)
    eve = dt.datetime(2026, 3, 29, 9, 0, tzinfo=LOCAL)
    planning.plan(at=eve)
    assert told("conference.name_delegates") == {"sxd.daumoi", "ubmttq.head"}
    attendances.name(own(prepared, "SXD"), by=focal_point, at=eve, delegate=Delegate("A", "Phó Giám đốc"))
    reminder = Notice.objects.filter(kind="conference.name_delegates", recipient=focal_point)
    assert not reminder.filter(read_at=None).exists(), "settled"
    planning.plan(at=eve + dt.timedelta(days=1))
    days = Notice.objects.filter(kind="conference.name_delegates").values_list("recipient__username", "rule")
    assert ("sxd.daumoi", "+0") not in set(days)
    assert ("ubmttq.head", "+0") in set(days)


def test_factory_makes_what_the_actions_make(programme, commander, officer):
    row = factories.ConferenceFactory(programme=programme, chair=commander, secretary=officer)
    assert row.invited.count() == 3


# --- The text that is put before it ---------------------------------------------------------------------
def called(programme, commander, officer, **facts) -> Conference:
    """An annual conference of tomorrow, prepared; the invitations go out now."""
    row = ConferenceFactory(programme=programme, chair=commander, secretary=officer, **facts)
    columns = {"state": "preparing", "invited_at": None}
    days = {"starts_at": NOW + dt.timedelta(days=1), "delegates_until": TODAY}
    Conference.objects.filter(pk=row.pk).update(**columns, **days)
    conferences.invite(fresh(row), by=officer, at=NOW)
    return fresh(row)


def test_draft_that_is_put_before_it_is_kept(draft_programme, commander, officer):
    row = called(draft_programme, commander, officer)
    assert (row.submitted.label, row.submitted.programme) == ("Bản trình hội nghị", draft_programme)
    assert row.submitted.text["title"] == draft_programme.title_vi


def test_text_that_is_signed_and_other_meetings_keep_no_version(programme, commander, officer):
    assert called(programme, commander, officer).submitted is None
    Programme.objects.filter(pk=programme.pk).update(state="draft")
    assert (
        called(Programme.objects.get(pk=programme.pk), commander, officer, kind="interim").submitted is None
    )


@pytest.mark.usefixtures("now")
def test_page_leads_the_command_to_what_differs(draft_programme, commander, officer, head, login):
    row = called(draft_programme, commander, officer)
    address = (
        f"/consultations/drafts/{draft_programme.year}/compare/?old={row.submitted.number}&amp;new=today"
    )
    assert address in login(officer).get(row.get_absolute_url()).content.decode()
    assert "compare/" not in login(head).get(row.get_absolute_url()).content.decode()
