"""Requests for more time that wait for the decision: who is reminded, when, and until when."""

import datetime as dt

import pytest

from portal.notices import planning
from portal.notices.models import Notice
from portal.users.models import Role
from tasks import extensions
from tasks.models import Assignment
from tests.factories import NOW, person
from tests.tasks.extending import asked, fresh


@pytest.fixture
def row(assignment) -> Assignment:
    """1.01 of the department, due on Tuesday 31 March; today is Tuesday 10 March."""
    return fresh(assignment)


@pytest.mark.parametrize(
    ("days", "rules"), [(1, set()), (2, {"+2"}), (5, {"+5"}), (10, {"+10"}), (30, set())]
)
def test_whoever_decides_is_reminded_of_a_request_that_waits(row, focal_point, commander, days, rules):
    made = asked(row, focal_point)
    planning.plan(at=NOW + dt.timedelta(days=days))
    told = Notice.objects.shown().filter(kind="extension.undecided", recipient=commander)
    assert set(told.values_list("rule", flat=True)) == rules
    assert {notice.subject_id for notice in told} <= {made.pk}


def test_decision_takes_the_reminder_of_it_back(row, focal_point, commander):
    made = asked(row, focal_point)
    planning.plan(at=NOW + dt.timedelta(days=2))
    told = Notice.objects.shown().filter(kind="extension.undecided")
    assert told.unread().count() == 1
    extensions.refuse(made, by=commander, at=NOW + dt.timedelta(days=3), reason="Không đủ căn cứ")
    assert told.unread().count() == 0


def test_deputies_are_reminded_where_they_decide_too(row, focal_point, commander, host):
    person("bchqs.pcht", Role.DEPUTY_HEAD, host)
    row.programme.deputies_decide_extensions = True
    row.programme.save()
    asked(row, focal_point)
    planning.plan(at=NOW + dt.timedelta(days=2))
    told = Notice.objects.shown().filter(kind="extension.undecided_by_deputies")
    assert set(told.values_list("recipient__username", flat=True)) == {"bchqs.pcht", "bchqs.cht"}
