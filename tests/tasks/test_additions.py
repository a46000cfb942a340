"""Assignments that a conference adds: for whom, and under which code."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from portal.lib.actions import action
from portal.lib.errors import RuleError
from tasks import additions, assignments
from tasks.models import PartyHeir
from tests.factories import NOW, TODAY

pytestmark = pytest.mark.django_db


def add(programme, officer, lead, **more):
    task = programme.priority_tasks.get(number=1)
    given = {
        "conclusion_id": 7,
        "text": "Rà soát quy hoạch.",
        "lead": lead,
        "due_on": TODAY + dt.timedelta(30),
    }
    return action(additions.from_conclusion)(task, by=officer, at=NOW, **given | more)


def test_who_came_into_the_place_of_a_party_takes_the_lead_and_who_left_does_not(
    programme, officer, department, outside
):
    PartyHeir.objects.create(programme=programme, agency=outside, predecessor=department, since_on=TODAY)
    assert add(programme, officer, outside).lead == outside
    with pytest.raises(RuleError):
        add(programme, officer, department, conclusion_id=8)


def test_a_code_that_an_amendment_is_going_to_use_is_left_to_it(programme, officer, department):
    assert add(programme, officer, department, taken=["1.03", "2.01", "1.0x"]).code == "1.04"


def test_one_that_went_to_the_wrong_agency_is_cancelled_and_can_be_given_anew(programme, officer, department):
    row = add(programme, officer, department)
    assignments.cancel(row, by=officer, at=NOW, reason="Giao nhầm cơ quan")
    assert row.status == "cancelled"
    assert not additions.is_assigned(7)
    assert add(programme, officer, department).code == "1.04"


def test_what_was_signed_is_not_cancelled(assignment, officer):
    with pytest.raises(PermissionDenied):
        assignments.cancel(assignment, by=officer, at=NOW, reason="Giao nhầm")
