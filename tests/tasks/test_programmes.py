"""States of a programme: who moves it, what must be there, what follows."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from portal.audit.models import Event
from portal.lib.actions import action
from portal.lib.errors import RuleError
from tasks import programmes
from tasks.models import Assignment, Coordination, Programme
from tasks.states import PROGRAMME, ProgrammeState
from tests import factories
from tests.factories import NOW

S = ProgrammeState
# action, by whom, from where, to where, event
STEPS = {
    "settle": (programmes.settle, "officer", {S.DRAFT}, S.SETTLED, "programme.settled", {}),
    "reopen": (programmes.reopen, "officer", {S.SETTLED}, S.DRAFT, "programme.reopened", {}),
    "consult": (action(programmes.consult), "officer", {S.DRAFT}, S.CONSULTING, "programme.consulted", {}),
    "settle_consulted": (
        action(programmes.end_consultation),
        "officer",
        {S.CONSULTING},
        S.SETTLED,
        "programme.settled",
        {"again": False},
    ),
    "write_on": (
        action(programmes.end_consultation),
        "officer",
        {S.CONSULTING},
        S.DRAFT,
        "programme.reopened",
        {"again": True},
    ),
    "freeze": (action(programmes.freeze), "officer", {S.SETTLED}, S.FROZEN, "programme.frozen", {}),
    "unfreeze": (action(programmes.unfreeze), "officer", {S.FROZEN}, S.SETTLED, "programme.unfrozen", {}),
    "bring_into_force": (
        programmes.bring_into_force,
        "commander",
        {S.FROZEN},
        S.IN_FORCE,
        "programme.brought_into_force",
        {},
    ),
    "close": (programmes.close, "officer", {S.IN_FORCE}, S.CLOSED, "programme.closed", {}),
    "terminate": (
        programmes.terminate,
        "commander",
        {S.FROZEN, S.IN_FORCE},
        S.TERMINATED,
        "programme.terminated",
        {"reason": "Sáp nhập."},
    ),
}
ONLY_COMMANDER = {"bring_into_force", "terminate"}


def put(programme: Programme, state: str) -> Programme:
    Programme.objects.filter(pk=programme.pk).update(
        state=state, in_force_at=NOW if state == S.IN_FORCE else None
    )
    return Programme.objects.get(pk=programme.pk)


@pytest.mark.parametrize("name", STEPS)
def test_it_works(name, cast, draft_programme):
    act, by, sources, to, verb, extra = STEPS[name]
    for source in sorted(sources):
        programme = put(draft_programme, source)
        act(programme, by=getattr(cast, by), at=NOW, **extra)
        assert Programme.objects.get().state == programme.state == to
        event = Event.objects.first()
        assert (event.verb, event.agency_code) == (verb, "BCHQS")


@pytest.mark.parametrize("name", STEPS)
def test_wrong_person(name, cast, draft_programme):
    act, _by, sources, _to, _verb, extra = STEPS[name]
    programme = put(draft_programme, min(sources))
    wrong = ["clerk", "admin", "front_head", "head", "focal_point", "viewer", "stranger"]
    for person in [*wrong, *(["officer"] if name in ONLY_COMMANDER else [])]:
        with pytest.raises(PermissionDenied):
            act(programme, by=getattr(cast, person), at=NOW, **extra)
    assert not Event.objects.exists()


@pytest.mark.parametrize("name", STEPS)
def test_wrong_state(name, cast, draft_programme):
    act, by, sources, _to, _verb, extra = STEPS[name]
    for source in set(S) - sources:
        programme = put(draft_programme, source)
        with pytest.raises(RuleError):
            act(programme, by=getattr(cast, by), at=NOW, **extra)
        assert Programme.objects.get().state == source


@pytest.mark.parametrize("name", STEPS)
def test_lost_race(name, cast, draft_programme):
    act, by, sources, _to, _verb, extra = STEPS[name]
    first, second = put(draft_programme, min(sources)), put(draft_programme, min(sources))
    act(first, by=getattr(cast, by), at=NOW, **extra)
    with pytest.raises(RuleError):
        act(second, by=getattr(cast, by), at=NOW, **extra)
    assert Event.objects.count() == 1


def test_steps_and_table_agree():
    """Every allowed move is made by a step here."""
    allowed = {(source, to) for source, targets in PROGRAMME.items() for to in targets}
    made = {(source, to) for _act, _by, sources, to, *_ in STEPS.values() for source in sources}
    assert made == allowed


@pytest.mark.parametrize("act", [programmes.freeze, programmes.unfreeze])
def test_freezing_belongs_to_an_action(act, draft_programme, officer):
    programme = put(draft_programme, S.SETTLED if act is programmes.freeze else S.FROZEN)
    with pytest.raises(RuntimeError):
        act(programme, by=officer, at=NOW)


def test_coming_into_force_gives_the_assignments_out(draft_programme, commander):
    factories.HolidayFactory(on=dt.date(2026, 3, 31))
    programmes.bring_into_force(put(draft_programme, S.FROZEN), by=commander, at=NOW)
    rows = Assignment.objects.order_by("code").values_list("code", "status", "due_on")
    assert list(rows) == [
        ("1.01", "assigned", dt.date(2026, 4, 1)),  # 31 March is a holiday here
        ("1.02", "assigned", dt.date(2026, 3, 2)),  # 28 February is a Saturday
        ("2.01", "assigned", None),  # recurring
    ]
    assert Programme.objects.get().in_force_at == NOW


def test_coming_into_force_takes_a_fixed_number_of_queries(
    draft_programme, commander, django_assert_num_queries
):
    programme = put(draft_programme, S.FROZEN)
    task = programme.priority_tasks.first()
    for number in range(10, 30):
        factories.AssignmentFactory(task=task, code=f"1.{number}", lead=programme.host, status="draft")
    assert commander.post
    assert programme.host
    with django_assert_num_queries(16):
        programmes.bring_into_force(programme, by=commander, at=NOW)


def test_closing_waits_for_results_that_wait(programme, officer):
    Assignment.objects.filter(code="1.01").update(status="submitted", submitted_on="2026-03-01")
    with pytest.raises(RuleError, match="1"):
        programmes.close(programme, by=officer, at=NOW)


def test_terminating_needs_a_reason(programme, commander):
    with pytest.raises(RuleError):
        programmes.terminate(programme, by=commander, at=NOW, reason=" ")


# --- What must be there before the text is settled ---------------------------------------------
def test_complete_draft_has_no_gaps(draft_programme, django_assert_num_queries):
    with django_assert_num_queries(5):
        assert programmes.gaps(draft_programme) == []


def test_empty_programme_is_not_settled(host, officer):
    programme = factories.ProgrammeFactory(host=host)
    assert len(programmes.gaps(programme)) == 3
    with pytest.raises(RuleError):
        programmes.settle(programme, by=officer, at=NOW)
    assert Programme.objects.get().state == "draft"


def test_lead_has_to_sign(draft_programme, outside):
    draft_programme.assignments.filter(code="1.02").update(lead=outside)
    (gap,) = programmes.gaps(draft_programme)
    assert "1.02" in gap


def test_lead_does_not_coordinate_with_itself(draft_programme, department):
    assignment = draft_programme.assignments.get(code="1.01")
    Coordination.objects.create(assignment=assignment, agency=department)
    (gap,) = programmes.gaps(draft_programme)
    assert "1.01" in gap


def test_task_belongs_to_the_same_programme(draft_programme, host):
    other = factories.PriorityTaskFactory(programme=factories.ProgrammeFactory(host=host, year=2027))
    draft_programme.assignments.filter(code="2.01").update(task=other)
    (gap,) = programmes.gaps(draft_programme)
    assert "2.01" in gap
