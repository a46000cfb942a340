"""No sequence of steps makes a result that came in time late, nor one that came late a timely one."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.lib.errors import RuleError
from tasks import assignments
from tasks.deadlines import Timeliness, timeliness
from tasks.models import Assignment
from tasks.states import DONE_ASSIGNMENT
from tests.factories import NOW
from tests.tasks.extending import fresh

STEPS = ("accept", "report_progress", "submit_to_head", "approve", "send_back", "confirm", "reject")
HISTORY = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 15)), min_size=4, max_size=14)
DAY = st.dates(dt.date(2026, 1, 1), dt.date(2027, 1, 1))


@given(due_on=DAY, sent_on=DAY, looked_at=st.lists(DAY, min_size=2))
def test_what_was_sent_stands_the_same_on_every_later_day(due_on, sent_on, looked_at):
    """Neither when it is confirmed nor when somebody looks changes how it came."""
    found = {timeliness(status, due_on, sent_on, day) for status in DONE_ASSIGNMENT for day in looked_at}
    is_late = sent_on > due_on
    assert found == {Timeliness.COMPLETED_LATE if is_late else Timeliness.COMPLETED_ON_TIME}


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORY)
def test_the_day_of_the_last_sending_alone_decides(assignment, focal_point, head, officer, history):
    """Kept beside the portal: the day the head last sent what was not rejected since."""
    with transaction.atomic():
        _play(assignment, focal_point, head, officer, history)
        transaction.set_rollback(True)


def _play(assignment, focal_point, head, officer, history) -> None:
    by = {"accept": focal_point, "report_progress": focal_point, "submit_to_head": focal_point}
    by |= {"approve": head, "send_back": head, "confirm": officer, "reject": officer}
    given = {"report_progress": {"actual": 1, "percent": 50}, "submit_to_head": {"result_text": "Xong"}}
    given |= {"send_back": {"reason": "Sửa lại"}, "reject": {"reason": "Chưa đạt"}}
    at, sent_on = NOW, None
    for name, days in [("accept", 0), *history]:
        at += dt.timedelta(days=days)
        try:
            with transaction.atomic():
                getattr(assignments, name)(fresh(assignment), by=by[name], at=at, **given.get(name, {}))
        except (RuleError, PermissionDenied):
            continue
        if name == "approve":
            sent_on = at.date()
        if name == "reject":
            sent_on = None
        _check(assignment, sent_on, at.date())


def _check(assignment: Assignment, sent_on: dt.date | None, today: dt.date) -> None:
    rows = Assignment.objects.filter(pk=assignment.pk).with_timeliness(today)
    row = rows.get()
    if sent_on is None:
        assert row.submitted_on is None
        assert row.standing not in {Timeliness.COMPLETED_LATE, Timeliness.COMPLETED_ON_TIME}
        return
    is_late = sent_on > row.due_on
    assert row.submitted_on == sent_on
    assert row.standing == (Timeliness.COMPLETED_LATE if is_late else Timeliness.COMPLETED_ON_TIME)
