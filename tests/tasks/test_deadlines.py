"""How an assignment stands, in Python and in SQL."""

import datetime as dt
import itertools

import pytest

from tasks.deadlines import Timeliness, timeliness
from tasks.models import Assignment
from tasks.states import DONE_ASSIGNMENT, AssignmentStatus
from tests import factories
from tests.factories import TODAY

NEAR = [TODAY + dt.timedelta(days=days) for days in (-30, -8, -7, -1, 0, 1, 6, 7, 8, 30)]


@pytest.mark.parametrize(
    ("status", "due", "submitted", "expected"),
    [
        ("assigned", 8, None, Timeliness.NOT_DUE),
        ("assigned", 7, None, Timeliness.DUE_SOON),
        ("in_progress", 0, None, Timeliness.DUE_SOON),
        ("awaiting_head", -1, None, Timeliness.OVERDUE),
        ("rejected", -1, None, Timeliness.OVERDUE),
        ("submitted", -1, -1, Timeliness.COMPLETED_ON_TIME),
        ("confirmed", -2, -1, Timeliness.COMPLETED_LATE),
        ("cancelled", -1, None, Timeliness.NO_DEADLINE),
        ("suspended", -1, None, Timeliness.NO_DEADLINE),
        ("returned", -1, None, Timeliness.NO_DEADLINE),
    ],
)
def test_timeliness(status, due, submitted, expected):
    def day(offset):
        return None if offset is None else TODAY + dt.timedelta(days=offset)

    assert timeliness(status, day(due), day(submitted), TODAY) == expected


def test_recurring_has_no_deadline():
    assert timeliness("in_progress", None, None, TODAY) == Timeliness.NO_DEADLINE


def test_the_day_it_was_sent_counts_not_the_day_it_was_confirmed():
    much_later = TODAY + dt.timedelta(days=200)
    assert timeliness("confirmed", TODAY, TODAY, much_later) == Timeliness.COMPLETED_ON_TIME


def test_sql_and_python_agree_over_the_whole_grid(host):
    """Every status, every due day around today and every day of sending that the table allows."""
    task = factories.PriorityTaskFactory(programme=factories.ProgrammeFactory(host=host))
    rows = [
        Assignment(
            programme=task.programme,
            task=task,
            lead=host,
            code=f"1.{place}",
            deadline_on=TODAY,
            target=1,
            status=status,
            due_on=due_on,
            submitted_on=submitted_on,
        )
        for place, (status, due_on, submitted_on) in enumerate(
            itertools.product(AssignmentStatus, [None, *NEAR], [None, *NEAR])
        )
        if submitted_on or status not in DONE_ASSIGNMENT
    ]
    Assignment.objects.bulk_create(rows, batch_size=300)
    for row in Assignment.objects.with_timeliness(TODAY):
        expected = timeliness(row.status, row.due_on, row.submitted_on, TODAY)
        assert row.standing == expected, (row.status, row.due_on, row.submitted_on)
