"""No history of carrying, closing and changes of agencies loses a duty, makes two leads or moves a total."""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.agencies.models import Agency
from tasks import leftovers, programmes
from tasks.models import Assignment, Programme, YearEndDecision
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import changing
from tests.tasks.turning import begun, decide

CHOICE = st.sampled_from(["carried", "left_open", "cancelled", ""])
STATUS = st.sampled_from(["assigned", "accepted", "in_progress", "rejected", "confirmed"])
YEAR = st.tuples(
    st.booleans(),
    st.lists(CHOICE, min_size=3, max_size=3),
    st.lists(STATUS, min_size=3, max_size=3),
    st.integers(0, 2),
)


def totals(programme):
    """What the closed year says, but for what was cancelled."""
    rows = programme.assignments.exclude(status="cancelled").with_timeliness(dt.date(2040, 1, 1))
    return sorted((row.code, row.standing) for row in rows)


def of_each(programme, cancelled):
    return [row for row in totals(programme) if row[0] not in cancelled]


@pytest.mark.django_db
@pytest.mark.usefixtures("now")
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(YEAR, min_size=1, max_size=3))
def test_no_history_loses_a_duty(programme, officer, commander, history):
    with transaction.atomic():
        running = Programme.objects.get(pk=programme.pk)
        alive = list(Agency.objects.filter(signatory_in__programme=running).exclude(pk=running.host_id))
        for number, (copies, choices, statuses, changed) in enumerate(history, 1):
            running = _turn(running, copies, choices, statuses, officer, year=2026 + number)
            if changed < len(alive) and changed:
                _rename(alive, changed, officer, commander, day=number)
            _check()
        transaction.set_rollback(True)


def _turn(running, copies, choices, statuses, officer, *, year):
    """Let the year end as chosen, close it, and bring the next one into force."""
    rows = list(running.assignments.order_by("code"))
    for row, status in zip(rows, statuses, strict=False):
        sent = TODAY if status == "confirmed" else None
        Assignment.objects.filter(pk=row.pk).update(status=status, submitted_on=sent)
    text = begun(running if copies else None, officer, year=year)
    if not copies:
        for number in (1, 2):
            factories.PriorityTaskFactory(programme=text, number=number)
    chosen = dict(zip((row.code for row in rows), choices, strict=False))
    open_codes = set(leftovers.unfinished(running).values_list("code", flat=True))
    fits = {row.code: leftovers.choices(row) for row in leftovers.unfinished(running)}
    given = {
        f"_{code.replace('.', '_')}": choice if choice in fits[code] else "left_open"
        for code in open_codes
        for choice in [chosen.get(code) or "left_open"]
    }
    before = totals(running)
    decide(running, officer, **given)
    programmes.close(running, by=officer, at=NOW)
    cancelled = set(running.assignments.filter(status="cancelled").values_list("code", flat=True))
    assert totals(running) == [row for row in before if row[0] not in cancelled]
    Programme.objects.filter(pk=text.pk).update(state="in_force", in_force_at=NOW)
    Assignment.objects.filter(programme=text).update(status="assigned")
    text.refresh_from_db()
    return text


def _rename(alive, place, officer, commander, *, day):
    on, at = TODAY + dt.timedelta(days=day), NOW + dt.timedelta(days=day)
    new = factories.AgencyFactory(valid_from=on)
    plan = changing.plan("rename", [alive[place]], [new], by=officer, on=on, at=at)
    changing.carry_out(plan, by=officer, then=commander, at=at)
    alive[place] = new


def _check():
    carried = Assignment.objects.filter(status="carried_over")
    decisions = YearEndDecision.objects.filter(choice="carried")
    assert {row.pk for row in carried} == {row.assignment_id for row in decisions}
    assert len({row.carried_to_id for row in decisions}) == decisions.count()
    assert all(row.carried_to.copied_from_id == row.assignment_id for row in decisions)
    for row in Assignment.objects.prefetch_related("coordinations"):
        others = [share.agency_id for share in row.coordinations.all()]
        assert row.lead_id not in others
        assert len(others) == len(set(others))
