"""What the year left unfinished: decided once, carried once, and counted as before."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from portal.notices.models import Notice
from tasks import assignments, leftovers, programmes
from tasks.content import content
from tasks.deadlines import Timeliness
from tasks.leftovers import Decision
from tasks.loading.writing import _keep_carried
from tasks.models import Assignment, Figure, Indicator, Programme, Quota, YearEndDecision
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks.turning import begun, decide, leave_all_open


@pytest.fixture
def target(programme, officer) -> Programme:
    """An empty text of 2027 with one task, as a year begun empty has it."""
    text = begun(None, officer)
    factories.PriorityTaskFactory(programme=text, number=1)
    factories.PriorityTaskFactory(programme=text, number=2)
    return text


def row_of(programme, code="1.01") -> Assignment:
    return programme.assignments.get(code=code)


def at_work(programme, by, code="1.01", actual=4, percent=40) -> Assignment:
    row = row_of(programme, code)
    assignments.accept(row, by=by, at=NOW)
    assignments.report_progress(
        row, by=by, at=NOW, actual=Decimal(actual), percent=percent, text="Đã làm một phần"
    )
    return row


# --- Carrying over ----------------------------------------------------------------------------------
def test_a_carried_duty_goes_on_as_a_draft_with_its_origin(programme, target, officer, focal_point, front):
    old = at_work(programme, focal_point)
    decide(programme, officer, _1_01="carried")
    old.refresh_from_db()
    new = old.year_end.carried_to
    assert (old.status, old.year_end.status_before) == ("carried_over", "in_progress")
    assert (new.programme, new.code, new.status, new.copied_from) == (target, "1.01", "draft", old)
    assert new.deadline_on == dt.date(2027, 3, 31)
    assert (new.lead, new.target, new.actual) == (old.lead, old.target, 0)
    assert [share.agency for share in new.coordinations.all()] == [front]
    assert leftovers.chain(new) == [old.year_end]
    assert [entry.text for entry in old.log.all()][1:] == ["Đã làm một phần", ""], "its history stays"


def test_the_lead_is_told_and_reminded_no_more(programme, target, officer, focal_point, head):
    decide(programme, officer, _1_01="carried")
    kinds = Notice.objects.filter(kind="assignment.carried_over")
    assert {notice.recipient for notice in kinds} == {focal_point, head}
    assert Event.objects.filter(verb="assignment.carried_over").count() == 1


def test_a_copy_that_the_begun_year_has_becomes_the_duty(programme, officer):
    text = begun(programme, officer)
    copy = text.assignments.get(code="1.01")
    decide(programme, officer, _1_01="carried")
    assert row_of(programme).year_end.carried_to == copy
    assert text.assignments.count() == 3


def test_a_code_that_is_taken_gives_the_next_one(programme, target, officer, host):
    factories.AssignmentFactory(
        task=target.priority_tasks.get(number=1), code="1.01", lead=host, status="draft"
    )
    decide(programme, officer, _1_01="carried")
    assert row_of(programme).year_end.carried_to.code == "1.02"


def test_the_lead_does_not_read_what_the_draft_calls_it(programme, target, officer, host, focal_point, login):
    factories.AssignmentFactory(
        task=target.priority_tasks.get(number=1), code="1.77", lead=host, status="draft"
    )
    factories.AssignmentFactory(
        task=target.priority_tasks.get(number=1), code="1.01", lead=host, status="draft"
    )
    decide(programme, officer, _1_01=Decision("carried"))
    old = row_of(programme)
    assert old.year_end.carried_to.code == "1.78"
    assert "2027" in old.decision_note
    assert "1.78" not in old.decision_note + login(focal_point).get(old.get_absolute_url()).text


def test_the_remainder_alone_is_carried_if_asked(programme, target, officer, focal_point, front, department):
    old = at_work(programme, focal_point, actual=4)
    measure = Indicator.objects.create(assignment=old)
    shares = [
        Quota.objects.create(indicator=measure, agency=agency, share=share)
        for agency, share in ((department, 6), (front, 4))
    ]
    for share, value in zip(shares, (1, 4), strict=True):
        Figure.objects.create(indicator=measure, quota=share, on=TODAY, value=value, at=NOW, by=focal_point)
    Assignment.objects.filter(pk=old.pk).update(actual=5)
    decide(programme, officer, _1_01=Decision("carried", with_remainder=True))
    new = row_of(programme).year_end.carried_to
    assert new.target == 5
    assert [(row.agency, row.share) for row in new.measure.quotas.all()] == [(department, 5)]
    assert new.measure.state == "draft"


def test_without_a_remainder_none_is_carried(programme, target, officer):
    with pytest.raises(RuleError):
        decide(programme, officer, _1_01=Decision("carried", with_remainder=True))
    assert not YearEndDecision.objects.exists()


def test_there_must_be_a_text_to_carry_into(programme, officer):
    with pytest.raises(RuleError):
        decide(programme, officer, _1_01="carried")
    text = begun(None, officer)
    with pytest.raises(RuleError, match=r"nhiệm vụ trọng tâm|priority task"):
        decide(programme, officer, _1_01="carried")
    Programme.objects.filter(pk=text.pk).update(state="frozen")
    with pytest.raises(RuleError):
        decide(programme, officer, _1_01="carried")


def test_the_third_year_shows_the_whole_chain(programme, target, officer):
    decide(programme, officer, _1_01="carried")
    first = row_of(programme).year_end
    Programme.objects.filter(pk=target.pk).update(state="in_force", in_force_at=NOW)
    Assignment.objects.filter(programme=target).update(status="assigned")
    target.refresh_from_db()
    last = begun(target, officer, year=2028)
    decide(target, officer, _1_01="carried")
    newest = last.assignments.get()
    assert leftovers.chain(newest) == [first.carried_to.year_end, first]


# --- Cancelled and left open --------------------------------------------------------------------------
def test_cancelled_with_a_reason_it_stays_in_the_signed_text(programme, officer, head):
    before = content(programme)
    decide(programme, officer, _1_01=Decision("cancelled", reason="Không còn phù hợp"))
    row = row_of(programme)
    assert (row.status, row.decision_note) == ("cancelled", "Không còn phù hợp")
    assert content(programme) == before
    assert Notice.objects.filter(kind="assignment.ended_with_year", recipient=head).exists()


def test_left_open_nothing_moves_and_it_may_be_decided_anew(programme, target, officer):
    decide(programme, officer, _1_01=Decision("left_open", reason="Chờ nghiệm thu"))
    assert row_of(programme).status == "assigned"
    assert not leftovers.undecided(programme).filter(code="1.01").exists()
    decide(programme, officer, _1_01="carried")
    assert row_of(programme).year_end.choice == "carried"


@pytest.mark.parametrize("choice", ["cancelled", "left_open"])
def test_what_is_not_carried_needs_a_reason(programme, officer, choice):
    with pytest.raises(RuleError):
        decide(programme, officer, _1_01=Decision(choice, reason=" "))
    assert row_of(programme).status == "assigned"


@pytest.mark.parametrize(
    ("status", "choices"),
    [
        ("assigned", ["carried", "cancelled", "left_open"]),
        ("in_progress", ["carried", "cancelled", "left_open"]),
        ("awaiting_head", ["carried", "left_open"]),
        ("rejected", ["carried", "left_open"]),
        ("returned", ["cancelled", "left_open"]),
    ],
)
def test_what_can_be_decided_follows_from_the_status(programme, target, officer, status, choices):
    Assignment.objects.filter(code="1.01").update(status=status)
    row = leftovers.unfinished(programme).get(code="1.01")
    assert leftovers.choices(row) == choices
    for choice in {"carried", "cancelled"} - set(choices):
        with pytest.raises(RuleError, match=r"1\.01"):
            decide(programme, officer, _1_01=choice)


def test_all_or_none(programme, target, officer):
    with pytest.raises(RuleError):
        decide(programme, officer, _1_01="carried", _1_02=Decision("cancelled"))
    assert not YearEndDecision.objects.exists()
    assert row_of(programme).status == "assigned"


# --- Who, when, twice ---------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["clerk", "admin", "front_head", "head", "focal_point", "viewer"])
def test_others_decide_nothing(programme, target, cast, name):
    with pytest.raises(PermissionDenied):
        decide(programme, getattr(cast, name), _1_01="carried")


@pytest.mark.parametrize("state", ["draft", "settled", "frozen", "closed", "terminated"])
def test_only_while_the_programme_is_in_force(programme, target, officer, state):
    Programme.objects.filter(pk=programme.pk).update(state=state)
    with pytest.raises(RuleError):
        decide(programme, officer, _1_01="carried")


def test_a_duty_that_was_decided_meanwhile_is_refused(programme, target, officer):
    decide(programme, officer, _1_01="carried")
    with pytest.raises(RuleError):
        decide(programme, officer, _1_01="carried")
    assert target.assignments.count() == 1


def test_an_older_page_is_stale(programme, target, officer, focal_point):
    version = assignments.version_of(row_of(programme))
    at_work(programme, focal_point)
    with pytest.raises(StaleError):
        decide(programme, officer, _1_01=Decision("carried", version=version))


def test_the_database_holds_that_a_duty_is_carried_once(programme, target, officer):
    decide(programme, officer, _1_01="carried")
    done = row_of(programme).year_end
    again = {"choice": "carried", "status_before": "assigned", "by": officer, "at": NOW}
    for assignment, to in (
        (done.assignment, row_of(programme, "2.01")),
        (row_of(programme, "1.02"), done.carried_to),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            YearEndDecision.objects.create(assignment=assignment, carried_to=to, **again)


@pytest.mark.parametrize(
    "given", [{"choice": "carried"}, {"choice": "cancelled"}, {"choice": "left_open", "reason": ""}]
)
def test_the_database_holds_what_a_decision_says(programme, officer, given):
    with pytest.raises(IntegrityError), transaction.atomic():
        YearEndDecision.objects.create(
            assignment=row_of(programme), status_before="assigned", by=officer, at=NOW, **given
        )


def test_a_carried_duty_moves_no_more(programme, target, officer, focal_point):
    decide(programme, officer, _1_01="carried")
    row = row_of(programme)
    with pytest.raises(RuleError):
        assignments.accept(row, by=focal_point, at=NOW)


# --- Taking back --------------------------------------------------------------------------------------
def take_back(programme, by, reason="Đã xong"):
    decision = YearEndDecision.objects.select_related("assignment__programme__host", "carried_to").get(
        assignment=row_of(programme)
    )
    leftovers.take_back(decision, by=by, at=NOW, reason=reason)


def test_taken_back_the_duty_is_what_it_was(programme, target, officer, focal_point):
    at_work(programme, focal_point)
    decide(programme, officer, _1_01="carried")
    take_back(programme, officer)
    assert row_of(programme).status == "in_progress"
    assert not target.assignments.exists()
    assert not YearEndDecision.objects.exists()


def test_taken_back_the_yearly_copy_stays_with_its_whole_target(programme, officer, focal_point):
    at_work(programme, focal_point)
    text = begun(programme, officer)
    decide(programme, officer, _1_01=Decision("carried", with_remainder=True))
    take_back(programme, officer)
    assert text.assignments.get(code="1.01").target == 10


def test_nothing_is_taken_back_without_a_reason_by_others_or_from_a_signed_text(
    programme, target, officer, head
):
    decide(programme, officer, _1_01="carried")
    with pytest.raises(PermissionDenied):
        take_back(programme, head)
    with pytest.raises(RuleError):
        take_back(programme, officer, reason=" ")
    Programme.objects.filter(pk=target.pk).update(state="frozen")
    with pytest.raises(RuleError):
        take_back(programme, officer)
    Programme.objects.filter(pk=target.pk).update(state="draft")
    Programme.objects.filter(pk=programme.pk).update(state="closed")
    with pytest.raises(RuleError):
        take_back(programme, officer)
    assert row_of(programme).status == "carried_over"


def test_what_was_left_open_is_not_taken_back(programme, officer):
    decide(programme, officer, _1_01="left_open")
    with pytest.raises(RuleError):
        take_back(programme, officer)


# --- Closing, and what is counted -----------------------------------------------------------------------
def test_closing_says_what_hinders_it(programme, officer):
    Assignment.objects.filter(code="1.02").update(status="submitted", submitted_on=TODAY)
    with pytest.raises(RuleError, match=r"1\.01, 2\.01"):
        programmes.close(programme, by=officer, at=NOW)
    assert len(leftovers.hindrances(programme)) == 2


def test_decided_it_is_closed(programme, officer):
    leave_all_open(programme, officer)
    programmes.close(programme, by=officer, at=NOW)
    assert programme.state == "closed"


def standings(programme, today):
    rows = programme.assignments.with_timeliness(today)
    return sorted((row.code, row.standing) for row in rows)


def test_carrying_over_changes_no_figure_of_the_year(programme, target, officer):
    days = (TODAY, dt.date(2026, 12, 31), dt.date(2027, 6, 1))
    before = [standings(programme, day) for day in days]
    decide(programme, officer, _1_01="carried", _1_02="carried", _2_01="carried")
    programmes.close(programme, by=officer, at=NOW)
    assert [standings(programme, day) for day in days] == before
    assert ("1.02", Timeliness.OVERDUE) in before[0]


# --- Not lost -------------------------------------------------------------------------------------------
def test_a_file_that_leaves_a_carried_duty_out_is_refused(programme, target, officer):
    decide(programme, officer, _1_01="carried")

    class Pen:
        programme = target

    class Plan:
        assignments = {"1.01": None}

    _keep_carried(Pen, Plan)
    Plan.assignments = {}
    with pytest.raises(RuleError, match=r"1\.01"):
        _keep_carried(Pen, Plan)


def test_the_administrator_cannot_delete_it(programme, target, officer, admin, login):
    decide(programme, officer, _1_01="carried")
    new = row_of(programme).year_end.carried_to
    page = login(admin).post(f"/admin/tasks/assignment/{new.pk}/delete/", {"post": "yes"})
    assert page.status_code == 403
    assert Assignment.objects.filter(pk=new.pk).exists()
