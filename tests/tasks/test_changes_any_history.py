"""No history of changes loses an assignment or makes two leads, and the totals of the year stay."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.agencies.models import Agency
from tasks import takeovers
from tasks.models import Assignment, Coordination, Indicator, Quota
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import changing

AGENCY = st.integers(0, 5)


@given(AGENCY, st.lists(AGENCY, unique=True), st.dictionaries(AGENCY, AGENCY))
def test_rearranged_names_everybody_once(lead, others, moves):
    others = [agency for agency in others if agency != lead]
    new_lead, new_others = takeovers.rearranged(lead, others, moves)
    assert new_lead == moves.get(lead, lead)
    assert new_lead not in new_others
    assert len(new_others) == len(set(new_others))
    assert {new_lead, *new_others} == {moves.get(agency, agency) for agency in (lead, *others)}


def totals() -> tuple[int, Decimal, Decimal]:
    rows = Assignment.objects.all()
    shares = Quota.objects.values_list("share", flat=True)
    return rows.count(), sum((row.target for row in rows), Decimal(0)), sum(shares, Decimal(0))


def _world(programme, departments):
    """Four departments that lead and coordinate in turn, the first target divided between two of them."""
    task = programme.priority_tasks.first()
    for n, lead in enumerate(departments):
        row = factories.AssignmentFactory(task=task, code=f"3.0{n}", lead=lead, status="assigned")
        for other in {departments[(n + 1) % 4], departments[(n + 2) % 4]} - {lead}:
            factories.CoordinationFactory(assignment=row, agency=other)
    indicator = Indicator.objects.create(assignment=Assignment.objects.get(code="3.00"))
    for agency, share in ((departments[0], 4), (departments[1], 6)):
        Quota.objects.create(indicator=indicator, agency=agency, share=share)


STEP = st.tuples(
    st.sampled_from(["merge", "rename", "split"]), st.integers(0, 30), st.integers(0, 30), st.booleans()
)


@pytest.mark.django_db
@pytest.mark.usefixtures("now")
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(STEP, min_size=2, max_size=3))
def test_no_history_loses_an_assignment(programme, officer, commander, history):
    with transaction.atomic():
        departments = [factories.AgencyFactory() for _n in range(4)]
        for order, agency in enumerate(departments, 10):
            factories.SignatoryFactory(programme=programme, agency=agency, order=order)
        _world(programme, departments)
        before, alive = totals(), list(departments)
        for days, (kind, first, second, into_standing) in enumerate(history):
            gone = alive[first % len(alive)]
            other = alive[second % len(alive)]
            _change(kind, gone, other, alive, into_standing, days, officer, commander)
            assert totals() == before
            ended = Agency.objects.exclude(valid_to=None)
            assert not Assignment.objects.filter(lead__in=ended).exists()
            assert not Coordination.objects.filter(agency__in=ended).exists()
            for row in Assignment.objects.prefetch_related("coordinations"):
                others = [share.agency_id for share in row.coordinations.all()]
                assert row.lead_id not in others
                assert len(others) == len(set(others))
        transaction.set_rollback(True)


def _change(kind, gone, other, alive, into_standing, days, officer, commander) -> None:
    on, at = TODAY + dt.timedelta(days=days), NOW + dt.timedelta(days=days)
    new = [factories.AgencyFactory(valid_from=on) for _n in range(2 if kind == "split" else 1)]
    predecessors = {gone, other} if kind == "merge" else {gone}
    if kind == "merge" and into_standing and gone != other:
        predecessors, new = {gone}, [other]
    if kind == "merge" and len(predecessors) == 1 and new[0] != other:
        kind = "rename"
    plan = changing.plan(kind, predecessors, new, by=officer, on=on, at=at)
    changing.carry_out(plan, by=officer, then=commander, at=at)
    assert plan.state == "carried_out"
    for agency in predecessors:
        alive.remove(agency)
    alive.extend(agency for agency in new if agency not in alive)
