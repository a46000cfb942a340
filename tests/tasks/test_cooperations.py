"""Cooperation: asked for, reported, approved, rated; seen by the agency, the lead and the command."""

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from portal.notices.models import Notice
from portal.users.models import Role
from tasks import cooperation_access, cooperation_reminders, cooperations
from tasks.models import Assignment, Cooperation, Coordination, Programme, SendingGrant
from tests.factories import NOW, TODAY, person
from tests.tasks.cooperating import ASKED, DUE_ON, again, delivered, state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def share(assignment, front) -> Coordination:
    """The Front's share in 1.01, which the department leads."""
    return again(Coordination.objects.get(assignment=assignment, agency=front))


@pytest.fixture
def front_focal(front):
    return person("ubmttq.daumoi", Role.FOCAL_POINT, front)


def told(kind: str) -> set:
    """Return whom a notice of the kind still speaks to."""
    rows = Notice.objects.filter(kind=f"cooperation.{kind}", is_shown=True, read_at=None)
    return {notice.recipient for notice in rows}


def test_an_agency_that_was_taken_out_meanwhile_reports_nothing(share, front_head):
    Coordination.objects.filter(pk=share.pk).delete()
    with pytest.raises(RuleError):
        cooperations.report(share, by=front_head, at=NOW, text="Đã có ý kiến")
    assert not Cooperation.objects.exists()


def test_the_lead_reads_no_word_that_the_agency_has_not_sent(
    share, front_focal, front_head, focal_point, officer, login
):
    cooperations.report(share, by=front_focal, at=NOW, text="Bản chưa duyệt")
    page = f"/cooperations/{share.pk}/"
    assert "Bản chưa duyệt" not in login(focal_point).get(page).text
    assert "Bản chưa duyệt" in login(front_head).get(page).text
    cooperations.send_back(again(share), by=front_head, at=NOW, reason="Lý do nội bộ")
    text = login(focal_point).get(page).text
    assert "Bản chưa duyệt" not in text
    assert "Lý do nội bộ" not in text
    cooperations.report(again(share), by=front_head, at=NOW, text="Bản đã duyệt")
    assert "Bản đã duyệt" in login(focal_point).get(page).text


# --- The way of it --------------------------------------------------------------------------------------
def test_asked_reported_approved_and_rated(share, focal_point, head, front_focal, front_head):
    cooperations.ask(share, by=focal_point, at=NOW, **ASKED)
    assert (state(share), told("asked")) == ("asked", {front_focal, front_head})
    cooperations.report(again(share), by=front_focal, at=NOW, text="Đã góp ý")
    assert (state(share), told("awaiting_head")) == ("awaiting_head", {front_head})
    cooperations.approve(again(share), by=front_head, at=NOW)
    assert (state(share), told("delivered")) == ("delivered", {focal_point})
    cooperations.rate(again(share), by=head, at=NOW, rating=4, note="Kịp thời")
    row = Cooperation.objects.get()
    assert (row.submitted_on, row.rating, row.rated_by, row.text) == (TODAY, 4, head, "Đã góp ý")
    assert told("rated") == {front_focal, front_head}
    verbs = [event.verb for event in Event.objects.filter(verb__startswith="cooperation.").order_by("seq")]
    assert verbs == [f"cooperation.{done}" for done in ("asked", "reported", "delivered", "rated")]
    assert json.loads(Event.objects.get(verb="cooperation.rated").payload)["rating"] == 4


def test_the_heads_own_hand_and_her_leave_send_at_once(share, front_head, front_focal, front):
    cooperations.report(share, by=front_head, at=NOW, text="Đã có ý kiến")
    assert state(share) == "delivered"
    Cooperation.objects.all().delete()
    SendingGrant.objects.create(
        agency=front, granted_by=front_head, granted_at=NOW, valid_until=TODAY + dt.timedelta(days=9)
    )
    cooperations.report(again(share), by=front_focal, at=NOW, text="", nothing=True)
    assert state(share) == "nothing"


def test_nothing_to_contribute_is_an_answer(share, front_focal, front_head):
    with pytest.raises(RuleError):
        cooperations.report(share, by=front_focal, at=NOW, text=" ")
    cooperations.report(share, by=front_focal, at=NOW, text="", nothing=True)
    cooperations.approve(again(share), by=front_head, at=NOW)
    assert state(share) == "nothing"


def test_sent_back_it_is_mended(share, front_focal, front_head):
    cooperations.report(share, by=front_focal, at=NOW, text="Nháp")
    with pytest.raises(RuleError):
        cooperations.send_back(again(share), by=front_head, at=NOW, reason=" ")
    cooperations.send_back(again(share), by=front_head, at=NOW, reason="Thiếu số liệu")
    assert (state(share), told("sent_back")) == ("asked", {front_focal})
    assert Cooperation.objects.get().note == "Thiếu số liệu"


def test_asked_again_what_came_and_its_rating_are_gone(share, front_head, head, officer):
    row = delivered(share, front_head)
    cooperations.rate(row, by=head, at=NOW, rating=2)
    cooperations.ask(again(share), by=officer, at=NOW, **ASKED)
    row = Cooperation.objects.get()
    assert (row.state, row.submitted_on, row.rating, row.text) == ("asked", None, None, "Đã có ý kiến")


@pytest.mark.parametrize(
    "wrong",
    [
        {"due_on": TODAY - dt.timedelta(days=1)},
        {"due_on": dt.date(2026, 4, 1)},  # the assignment is due on 31 March
        {"request": " "},
    ],
)
def test_what_makes_no_request_is_refused(share, focal_point, wrong):
    with pytest.raises(RuleError):
        cooperations.ask(share, by=focal_point, at=NOW, **(ASKED | wrong))
    assert not told("asked")


def test_rating_comes_after_delivery_and_poor_needs_a_reason(share, head, front_head, focal_point):
    cooperations.ask(share, by=focal_point, at=NOW, **ASKED)
    with pytest.raises(RuleError):
        cooperations.rate(again(share), by=head, at=NOW, rating=3)
    row = delivered(share, front_head)
    for wrong in ({"rating": 1}, {"rating": 9}):
        with pytest.raises(RuleError):
            cooperations.rate(row, by=head, at=NOW, **wrong)
    cooperations.rate(row, by=head, at=NOW, rating=1, note="Gửi quá muộn")
    Assignment.objects.filter(pk=row.assignment_id).update(status="confirmed", submitted_on=TODAY)
    cooperations.rate(again(share), by=head, at=NOW, rating=2)
    assert Cooperation.objects.get().rating == 2


def test_nothing_moves_when_the_assignment_does_not(share, focal_point, front_head, head):
    Assignment.objects.filter(pk=share.assignment_id).update(status="submitted", submitted_on=TODAY)
    for act in (
        lambda: cooperations.ask(again(share), by=focal_point, at=NOW, **ASKED),
        lambda: cooperations.report(again(share), by=front_head, at=NOW, text="x"),
    ):
        with pytest.raises(RuleError):
            act()
    Assignment.objects.filter(pk=share.assignment_id).update(status="accepted")
    Programme.objects.update(state="closed")
    with pytest.raises(RuleError):
        cooperations.ask(again(share), by=focal_point, at=NOW, **ASKED)
    assert not Cooperation.objects.exists()


def test_the_wrong_person_does_nothing(share, cast, front_focal, front_head):
    cooperations.report(share, by=front_focal, at=NOW, text="Đã góp ý")
    may = {
        "ask": ({"focal_point", "head", "deputy", "officer"}, ASKED),
        "report": ({"front_head"}, {"text": "x"}),
        "approve": ({"front_head"}, {}),
        "send_back": ({"front_head"}, {"reason": "Sửa lại"}),
        "rate": ({"focal_point", "head", "deputy"}, {"rating": 3}),
    }
    for name, (allowed, given) in may.items():
        for who, user in vars(cast).items():
            if who not in allowed:
                with pytest.raises(PermissionDenied):
                    getattr(cooperations, name)(again(share), by=user, at=NOW, **given)
    with pytest.raises(PermissionDenied):
        cooperations.approve(again(share), by=front_focal, at=NOW)


def test_the_lost_race(share, front_focal, front_head, focal_point):
    cooperations.report(share, by=front_focal, at=NOW, text="Đã góp ý")
    first, second = again(share), again(share)
    cooperations.approve(first, by=front_head, at=NOW)
    with pytest.raises(RuleError):
        cooperations.send_back(second, by=front_head, at=NOW, reason="Sửa lại")
    with pytest.raises(RuleError):
        cooperations.approve(second, by=front_head, at=NOW)
    with pytest.raises(RuleError):
        cooperations.report(second, by=front_focal, at=NOW, text="Lần hai")
    assert Cooperation.objects.count() == 1


# --- From a page that is older than the words of another ----------------------------------------------
def seen(share: Coordination, reader) -> str:
    row = Cooperation.objects.filter(share=share).first() or Cooperation(share=share)
    return cooperations.version_of(row, reader)


def test_request_of_another_is_not_written_over(share, focal_point, officer):
    old = seen(share, officer)
    cooperations.ask(share, by=focal_point, at=NOW, **ASKED)
    anew = ASKED | {"request": "Cử cán bộ tham gia"}
    with pytest.raises(StaleError):
        cooperations.ask(again(share), by=officer, at=NOW, version=old, **anew)
    assert Cooperation.objects.get().request == ASKED["request"]
    cooperations.ask(again(share), by=officer, at=NOW, version=seen(share, officer), **anew)
    assert Cooperation.objects.get().request == anew["request"]


def test_who_answers_has_read_what_is_asked_now(share, focal_point, front_focal):
    old = seen(share, front_focal)
    cooperations.ask(share, by=focal_point, at=NOW, **ASKED)
    with pytest.raises(StaleError):
        cooperations.report(again(share), by=front_focal, at=NOW, text="Không có", version=old)
    assert state(share) == "asked"


def test_report_that_was_sent_back_meanwhile_is_not_written_over(share, front_focal, front_head):
    old = seen(share, front_focal)
    cooperations.report(share, by=front_focal, at=NOW, text="Bản của người kia")
    cooperations.send_back(again(share), by=front_head, at=NOW, reason="Thiếu số liệu")
    with pytest.raises(StaleError):
        cooperations.report(again(share), by=front_focal, at=NOW, text="Bản khác", version=old)
    row = Cooperation.objects.get()
    assert (row.text, row.note) == ("Bản của người kia", "Thiếu số liệu")


def test_head_approves_the_words_that_she_read(share, front_focal, front_head):
    cooperations.report(share, by=front_focal, at=NOW, text="Bản một")
    old = seen(share, front_head)
    cooperations.send_back(again(share), by=front_head, at=NOW, reason="Thiếu số liệu")
    cooperations.report(again(share), by=front_focal, at=NOW, text="Bản hai")
    for act, given in ((cooperations.approve, {}), (cooperations.send_back, {"reason": "Sửa lại"})):
        with pytest.raises(StaleError):
            act(again(share), by=front_head, at=NOW, version=old, **given)
    assert state(share) == "awaiting_head"
    cooperations.approve(again(share), by=front_head, at=NOW, version=seen(share, front_head))


def test_rating_of_another_and_of_what_came_anew_stands(share, focal_point, head, front_head):
    row = delivered(share, front_head)
    old = seen(share, focal_point)
    cooperations.rate(row, by=head, at=NOW, rating=1, note="Chậm")
    with pytest.raises(StaleError):
        cooperations.rate(again(share), by=focal_point, at=NOW, rating=4, version=old)
    old = seen(share, focal_point)
    cooperations.ask(again(share), by=head, at=NOW, **ASKED)
    cooperations.report(again(share), by=front_head, at=NOW, text="Bản mới")
    with pytest.raises(StaleError):
        cooperations.rate(again(share), by=focal_point, at=NOW, rating=4, version=old)
    assert Cooperation.objects.get().rating is None


def test_words_that_the_lead_may_not_read_make_its_page_no_older(
    share, focal_point, officer, front_focal, front_head
):
    cooperations.ask(share, by=focal_point, at=NOW, **ASKED)
    lead, command = seen(share, focal_point), seen(share, officer)
    cooperations.report(again(share), by=front_focal, at=NOW, text="Nháp")
    cooperations.send_back(again(share), by=front_head, at=NOW, reason="Nội bộ")
    assert (seen(share, focal_point) == lead, seen(share, officer) == command) == (True, False)


def test_asked_while_the_head_looks_at_it_is_refused(share, front_focal, focal_point):
    cooperations.report(share, by=front_focal, at=NOW, text="Đã góp ý")
    with pytest.raises(RuleError):
        cooperations.ask(again(share), by=focal_point, at=NOW, **ASKED)


@pytest.mark.parametrize(
    "columns", [{"state": "delivered"}, {"submitted_on": TODAY}, {"rating": 3}, {"rated_at": NOW}]
)
def test_the_database_holds_what_delivered_and_rated_mean(share, focal_point, columns):
    cooperations.ask(share, by=focal_point, at=NOW, **ASKED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Cooperation.objects.update(**columns)


# --- Who sees it, and when who is reminded ------------------------------------------------------------------
def test_the_agency_the_lead_and_the_command_see_it(share, cast, front_focal):
    cooperations.report(share, by=front_focal, at=NOW, text="Đã góp ý")
    readers = {
        name for name, user in vars(cast).items() if cooperation_access.visible_cooperations(user).exists()
    }
    assert readers == {"officer", "commander", "clerk", "front_head", "head", "deputy", "focal_point"}
    other = Coordination.objects.select_related("assignment").get(assignment__code="1.02")
    for name, user in vars(cast).items():
        seen = cooperation_access.visible_shares(user).filter(pk=other.pk).exists()
        if cooperation_access.access.visible_assignments(user).filter(pk=other.assignment_id).exists():
            assert cooperation_access.sees_share(user, other) == seen, name


def test_the_agency_is_reminded_before_and_after_its_own_day(share, focal_point, front_focal, front_head):
    cooperations.ask(share, by=focal_point, at=NOW, **ASKED)
    three_before = NOW + dt.timedelta(days=7)
    cooperation_reminders.plan(three_before)
    assert told("due") == {front_focal}
    cooperation_reminders.plan(NOW + dt.timedelta(days=11))
    assert told("overdue") == {front_focal, front_head}
    row = delivered(share, front_head)
    assert not told("due") | told("overdue"), "what was delivered is no longer asked for"
    assert cooperation_reminders.plan(NOW + dt.timedelta(days=17)) == 0
    assert row.cooperation.is_late(TODAY) is False


def test_late_is_what_came_after_the_day(share, focal_point, front_head):
    cooperations.ask(share, by=focal_point, at=NOW, **ASKED)
    row = Cooperation.objects.get()
    assert [row.is_late(day) for day in (DUE_ON, DUE_ON + dt.timedelta(days=1))] == [False, True]
    row.submitted_on = DUE_ON
    assert not row.is_late(DUE_ON + dt.timedelta(days=30)), "once it came, no later day makes it late"
