"""Steps of an assignment: each works, refuses the wrong person and the wrong state, loses a race."""

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from portal.audit.models import Event
from portal.audit.verification import verify
from portal.lib.dates import Calendar
from portal.lib.errors import RuleError, StaleError
from tasks import assignments, due_days
from tasks.models import Assignment, Programme, Progress
from tasks.states import ASSIGNMENT, AssignmentStatus
from tests.factories import NOW, TODAY

S = AssignmentStatus


@dataclass(frozen=True)
class Step:
    """An action, who does it from which statuses, and where that leads."""

    act: Callable[..., None]
    by: str
    sources: frozenset[str]
    to: str
    verb: str
    wrong: tuple[str, ...]
    extra: dict[str, Any] = field(default_factory=dict)


WORKING = frozenset({S.ACCEPTED, S.IN_PROGRESS, S.REJECTED})
OUTSIDERS = ("officer", "commander", "clerk", "admin", "front_head", "viewer", "stranger")
STEPS = {
    "accept": Step(
        assignments.accept,
        "focal_point",
        frozenset({S.ASSIGNED}),
        S.ACCEPTED,
        "assignment.accepted",
        OUTSIDERS,
    ),
    "return_to_command": Step(
        assignments.return_to_command,
        "focal_point",
        frozenset({S.ASSIGNED}),
        S.RETURNED,
        "assignment.returned",
        OUTSIDERS,
        {"reason": "Việc của Sở Tài nguyên và Môi trường."},
    ),
    "report_progress": Step(
        assignments.report_progress,
        "focal_point",
        WORKING,
        S.IN_PROGRESS,
        "assignment.progress_reported",
        OUTSIDERS,
        {"actual": Decimal(4), "percent": 40, "text": "Đã rà soát 4 huyện."},
    ),
    "submit_to_head": Step(
        assignments.submit_to_head,
        "focal_point",
        WORKING,
        S.AWAITING_HEAD,
        "assignment.submitted_to_head",
        OUTSIDERS,
        {"result_text": "Đã ban hành 10 văn bản.", "actual": Decimal(10)},
    ),
    "approve": Step(
        assignments.approve,
        "head",
        frozenset({S.AWAITING_HEAD}),
        S.SUBMITTED,
        "assignment.submitted",
        (*OUTSIDERS, "focal_point"),
    ),
    "send_back": Step(
        assignments.send_back,
        "deputy",
        frozenset({S.AWAITING_HEAD}),
        S.IN_PROGRESS,
        "assignment.sent_back",
        (*OUTSIDERS, "focal_point"),
        {"reason": "Bổ sung số liệu."},
    ),
    "confirm": Step(
        assignments.confirm,
        "officer",
        frozenset({S.SUBMITTED}),
        S.CONFIRMED,
        "assignment.confirmed",
        ("commander", "clerk", "admin", "head", "deputy", "focal_point", "front_head", "viewer", "stranger"),
    ),
    "reject": Step(
        assignments.reject,
        "officer",
        frozenset({S.SUBMITTED}),
        S.REJECTED,
        "assignment.rejected",
        ("commander", "clerk", "admin", "head", "deputy", "focal_point", "front_head", "viewer", "stranger"),
        {"reason": "Chưa có sản phẩm."},
    ),
    "assign_again": Step(
        assignments.assign_again,
        "officer",
        frozenset({S.RETURNED}),
        S.ASSIGNED,
        "assignment.assigned_again",
        ("commander", "head", "focal_point", "stranger"),
        {"reason": "Chương trình đã ký giao Sở Xây dựng."},
    ),
}


@pytest.fixture(params=STEPS, ids=str)
def step(request) -> Step:
    return STEPS[request.param]


def put(assignment: Assignment, status: str) -> Assignment:
    """Return the row in a status, set directly."""
    Assignment.objects.filter(pk=assignment.pk).update(status=status, submitted_on=dt.date(2026, 3, 1))
    return Assignment.objects.get(pk=assignment.pk)


def test_it_works(step, cast, assignment):
    for source in sorted(step.sources):
        row = put(assignment, source)
        step.act(row, by=getattr(cast, step.by), at=NOW, **step.extra)
        stored = Assignment.objects.get(pk=row.pk)
        assert stored.status == row.status == step.to
        assert stored.changed_at == NOW
        assert stored.log.first().status == step.to
        event = Event.objects.first()
        assert (event.verb, event.agency_code, event.subject_id) == (step.verb, "SXD", str(row.pk))


def test_wrong_person(step, cast, assignment):
    row = put(assignment, min(step.sources))
    for name in step.wrong:
        with pytest.raises(PermissionDenied):
            step.act(row, by=getattr(cast, name), at=NOW, **step.extra)
    assert Assignment.objects.get(pk=row.pk).status == min(step.sources)
    assert not Event.objects.exists()


def test_wrong_state(step, cast, assignment):
    for source in set(S) - step.sources - {S.DRAFT}:  # no programme in force holds a draft
        row = put(assignment, source)
        with pytest.raises(RuleError):
            step.act(row, by=getattr(cast, step.by), at=NOW, **step.extra)
        assert Assignment.objects.get(pk=row.pk).status == source
    assert not Event.objects.exists()


def test_lost_race(step, cast, assignment):
    """Two have the same page; the second finds the row moved, by version and by state."""
    first = put(assignment, min(step.sources))
    second = Assignment.objects.get(pk=first.pk)
    seen = assignments.version_of(second)
    step.act(first, by=getattr(cast, step.by), at=NOW, version=seen, **step.extra)
    with pytest.raises(StaleError):
        step.act(second, by=getattr(cast, step.by), at=NOW, version=seen, **step.extra)
    assert Event.objects.count() == 1


@pytest.mark.parametrize("state", ["draft", "settled", "frozen", "closed", "terminated"])
def test_nothing_moves_unless_the_programme_is_in_force(step, cast, assignment, state):
    row = put(assignment, min(step.sources))
    Programme.objects.update(state=state)
    with pytest.raises(RuleError):
        step.act(row, by=getattr(cast, step.by), at=NOW, **step.extra)


@pytest.mark.parametrize("name", [name for name, step in STEPS.items() if "reason" in step.extra])
def test_a_reason_is_required(name, cast, assignment):
    step = STEPS[name]
    row = put(assignment, min(step.sources))
    with pytest.raises(RuleError):
        step.act(row, by=getattr(cast, step.by), at=NOW, reason="  ")


def test_steps_and_table_agree():
    """Every allowed move is made by a step here, or belongs to a later part (suspend, cancel, carry over)."""
    later = {S.SUSPENDED, S.CANCELLED, S.CARRIED_OVER}
    allowed = {
        (source, to)
        for source, targets in ASSIGNMENT.items()
        for to in targets
        if not {source, to} & later and source != S.DRAFT
    }
    made = {(source, step.to) for step in STEPS.values() for source in step.sources if source != step.to}
    assert made == allowed


def test_progress_is_kept_with_the_reason_of_the_head(assignment, focal_point, head):
    row = put(assignment, S.AWAITING_HEAD)
    assignments.send_back(row, by=head, at=NOW, reason="Bổ sung số liệu.")
    assignments.report_progress(
        row, by=focal_point, at=NOW, actual=Decimal("4.5"), percent=60, text="Bổ sung."
    )
    row.refresh_from_db()
    assert (row.actual, row.progress_percent, row.result_text) == (Decimal("4.5"), 60, "Bổ sung.")
    assert row.decision_note == "Bổ sung số liệu."
    assert [entry.text for entry in row.log.order_by("pk")] == ["Bổ sung số liệu.", "Bổ sung."]


def test_reason_ends_with_the_next_submission(assignment, focal_point, officer):
    row = put(assignment, S.SUBMITTED)
    assignments.reject(row, by=officer, at=NOW, reason="Chưa có sản phẩm.")
    assert row.submitted_on is None
    assignments.submit_to_head(row, by=focal_point, at=NOW, result_text="Đã có sản phẩm.")
    assert row.decision_note == ""


@pytest.mark.parametrize(("actual", "percent"), [(Decimal(-1), 10), (Decimal(1), 101), (Decimal(1), -1)])
def test_impossible_figures_are_refused(assignment, focal_point, actual, percent):
    row = put(assignment, S.ACCEPTED)
    with pytest.raises(RuleError):
        assignments.report_progress(row, by=focal_point, at=NOW, actual=actual, percent=percent)


def test_a_result_needs_words(assignment, focal_point):
    row = put(assignment, S.ACCEPTED)
    with pytest.raises(RuleError):
        assignments.submit_to_head(row, by=focal_point, at=NOW, result_text=" \n")


def test_head_submits_directly(assignment, head):
    row = put(assignment, S.IN_PROGRESS)
    assignments.submit_to_head(row, by=head, at=NOW, result_text="Đã xong.")
    assert (row.status, row.submitted_on, row.progress_percent) == (S.SUBMITTED, TODAY, 100)
    verbs = list(Event.objects.order_by("seq").values_list("verb", flat=True))
    assert verbs == ["assignment.submitted_to_head", "assignment.submitted"]


def test_submitted_on_is_the_local_day(assignment, head):
    """20:00 UTC on 31 March is 1 April in Việt Nam: a day late."""
    row = put(assignment, S.AWAITING_HEAD)
    assignments.approve(row, by=head, at=dt.datetime(2026, 3, 31, 20, tzinfo=dt.UTC))
    assert row.submitted_on == dt.date(2026, 4, 1)


def test_confirmation_leaves_the_day_of_sending(assignment, officer):
    row = put(assignment, S.SUBMITTED)
    assignments.confirm(row, by=officer, at=NOW)
    row.refresh_from_db()
    assert (row.submitted_on, row.confirmed_at) == (dt.date(2026, 3, 1), NOW)


# --- Binding day ----------------------------------------------------------------------------------
def test_binding_day_moves_to_a_working_day(programme):
    rows = programme.assignments.all()
    rows.update(due_on=None)
    assert due_days.refresh(rows, calendar=Calendar()) == 2
    assert dict(rows.values_list("code", "due_on")) == {
        "1.01": dt.date(2026, 3, 31),
        "1.02": dt.date(2026, 3, 2),  # 28/02 is a Saturday
        "2.01": None,  # recurring
    }


def test_binding_day_follows_the_adjusted_deadline(programme):
    rows = programme.assignments.filter(code="1.01")
    rows.update(adjusted_on=dt.date(2026, 9, 1))
    due_days.refresh(rows, calendar=Calendar(holidays=frozenset({dt.date(2026, 9, 1), dt.date(2026, 9, 2)})))
    assert rows.get().due_on == dt.date(2026, 9, 3)


def test_binding_days_take_a_fixed_number_of_queries(programme, django_assert_num_queries):
    programme.assignments.update(due_on=None)
    with django_assert_num_queries(2):
        due_days.refresh(programme.assignments.all(), calendar=Calendar())


# --- Really at once -------------------------------------------------------------------------------
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_approvals_at_once_one_wins(assignment, head):
    """Six connections approve the same result; one does, and the audit chain holds."""
    put(assignment, S.AWAITING_HEAD)
    start, outcomes = threading.Barrier(6), []

    def approve() -> None:
        try:
            row = Assignment.objects.get(pk=assignment.pk)
            start.wait()
            assignments.approve(row, by=head, at=NOW)
            outcomes.append("approved")
        except RuleError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=approve) for _place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["approved"] + ["refused"] * 5
    assert Event.objects.count() == 1
    assert Progress.objects.count() == 1
    assert verify().ok
