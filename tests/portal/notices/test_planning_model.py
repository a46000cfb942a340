"""The sweep against a model: whatever happens to an assignment, each milestone is told once, or it says why.

The model knows what the rule says, in a few lines of Python over days, and nothing of the SQL. A history
is drawn step by step: days pass with or without a sweep (a portal that is down), the deadline moves, the
work is sent and rejected, the focal point's post ends and begins again, the thing is taken in hand.
"""

import datetime as dt
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.lib.dates import LOCAL
from portal.notices import planning
from portal.notices.models import Notice, Why
from portal.users.models import Membership, User
from tasks.deadlines import REMIND_DAYS_AFTER, REMIND_DAYS_BEFORE
from tasks.models import Assignment
from tasks.states import AssignmentStatus
from tests import scale

BEGINS_ON = dt.date(2026, 3, 1)
DUE_ON = dt.date(2026, 3, 20)
LONG_AGO = dt.date(2026, 1, 1)
CATCH_UP_DAYS = 14
EARLY = (-15, -7, -3)  # what a thing that was taken in hand is spared: all before the last one
MILESTONES = (*(-days for days in REMIND_DAYS_BEFORE), *REMIND_DAYS_AFTER)

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("sweep after"), st.integers(0, 40)),
        st.tuples(st.just("move deadline by"), st.integers(-10, 30)),
        st.tuples(st.sampled_from(["send", "reject", "leave", "return", "take on"]), st.just(0)),
    ),
    min_size=1,
    max_size=12,
)


@dataclass
class Model:
    """What the focal point should have been told, by (days from the deadline, deadline)."""

    today: dt.date = BEGINS_ON
    due_on: dt.date = DUE_ON
    is_owed: bool = True
    is_there: bool = True
    in_hand: set[dt.date] = field(default_factory=set)
    told: dict[tuple[int, dt.date], str] = field(default_factory=dict)

    def sweep(self) -> None:
        if not (self.is_owed and self.is_there):
            return
        reached = {
            days for days in MILESTONES if 0 <= (self.today - self.due_on).days - days <= CATCH_UP_DAYS
        }
        for days in reached:
            is_spared = days in EARLY and self.due_on in self.in_hand
            why = Why.TAKEN_ON if is_spared else Why.NEWER if days < max(reached) else ""
            self.told.setdefault((days, self.due_on), why)


def apply(step: str, days: int, model: Model, row: Assignment, post: Membership) -> None:
    """Let the same thing happen to the model and to the rows."""
    rows = Assignment.objects.filter(pk=row.pk)
    if step == "sweep after":
        model.today += dt.timedelta(days=days)
        model.sweep()
        planning.plan(at=dt.datetime.combine(model.today, dt.time(8), tzinfo=LOCAL))
    elif step == "move deadline by":
        model.due_on += dt.timedelta(days=days)
        rows.update(due_on=model.due_on)
    elif step in {"send", "reject"}:
        model.is_owed = step == "reject"
        rows.update(
            status=AssignmentStatus.REJECTED if model.is_owed else AssignmentStatus.SUBMITTED,
            submitted_on=model.today,
        )
    elif step in {"leave", "return"}:
        model.is_there = step == "return"
        Membership.objects.filter(pk=post.pk).update(valid_to=None if model.is_there else LONG_AGO)
    else:
        model.in_hand |= {
            due_on for (days_from, due_on), why in model.told.items() if days_from in EARLY and not why
        }
        shown = Notice.objects.filter(recipient=post.user, is_shown=True, rule__in=[f"{n:+d}" for n in EARLY])
        shown.update(taken_on_at=dt.datetime.combine(model.today, dt.time(9), tzinfo=LOCAL))


def kept(user: User) -> dict[tuple[int, dt.date], str]:
    """Return what the portal kept of it; two rows of one milestone would be one too many for the count."""
    rows = Notice.objects.filter(recipient=user, kind__in=["assignment.due", "assignment.overdue"])
    found = {(int(row.rule), row.due_on): row.skip_reason for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.mark.soak
@settings(
    max_examples=scale.of(ci=40, full=2_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_each_milestone_is_told_once_or_its_reason_is_kept(steps, focal_point, assignment):
    post = focal_point.memberships.get()
    model = Model()
    with transaction.atomic():
        Assignment.objects.exclude(pk=assignment.pk).update(due_on=None)
        Assignment.objects.filter(pk=assignment.pk).update(due_on=DUE_ON)
        for step, days in [*steps, ("sweep after", 0)]:
            apply(step, days, model, assignment, post)
            assert kept(focal_point) == model.told
        transaction.set_rollback(True)
