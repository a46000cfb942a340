"""Assignments of a draft: added, and many changed at once, all or none."""

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied

from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from portal.notices.models import Notice
from tasks import assignment_drafts, coverage
from tasks.assignment_drafts import Mode, Wanted
from tasks.models import Assignment, Clause, Programme
from tests import factories
from tests.factories import NOW
from tests.tasks.drafting import DUE_ON, duty

pytestmark = pytest.mark.django_db
LATER = dt.date(2026, 11, 15)  # a Sunday


def keys(programme: Programme, *codes: str) -> list[int]:
    return list(programme.assignments.filter(code__in=codes).values_list("pk", flat=True))


def change(programme: Programme, by, *codes: str, version: str = "", **wanted) -> int:
    return assignment_drafts.change(
        programme, keys=keys(programme, *codes), wanted=Wanted(**wanted), by=by, at=NOW, version=version
    )


def payloads(verb: str) -> list[dict]:
    return [json.loads(event.payload) for event in Event.objects.filter(verb=verb).order_by("seq")]


def added(programme: Programme, lead) -> Assignment:
    """One that a conference added while the programme is in force."""
    return factories.AssignmentFactory(
        task=programme.priority_tasks.get(number=1),
        code="1.70",
        lead=lead,
        is_added=True,
        conclusion_id=7,
        deadline_on=DUE_ON,
    )


# --- Adding ------------------------------------------------------------------------------------------
def test_an_assignment_is_added_with_the_next_code(draft_programme, officer, front):
    solution = draft_programme.solutions.get(number=2)
    clause = draft_programme.clauses.get()
    row = assignment_drafts.add(
        draft_programme,
        duty=duty(draft_programme, solutions=(solution.pk,), coordinating=(front.pk,), clause_id=clause.pk),
        by=officer,
        at=NOW,
    )
    row = Assignment.objects.get(pk=row.pk)
    assert (row.code, row.status, row.due_on, row.clause) == ("1.03", "draft", DUE_ON, clause)
    assert [share.agency for share in row.coordinations.all()] == [front]
    assert list(row.solutions.all()) == [solution]
    assert "xay dung thao truong" in row.folded
    (told,) = payloads("assignment.drafted")
    assert (told["before"], told["after"]["code"], told["after"]["coordinating"]) == ({}, "1.03", [front.pk])


def test_a_code_that_is_taken_is_refused(draft_programme, officer):
    with pytest.raises(RuleError, match=r"1\.01"):
        assignment_drafts.add(draft_programme, duty=duty(draft_programme, code="1.01"), by=officer, at=NOW)


@pytest.mark.parametrize(
    "wrong", [{"start_on": LATER}, {"target": -1}, {"title_vi": "x" * 501}, {"code": "x"}]
)
def test_what_the_database_would_refuse_is_refused_in_words(draft_programme, officer, wrong):
    with pytest.raises(RuleError):
        assignment_drafts.add(draft_programme, duty=duty(draft_programme, **wrong), by=officer, at=NOW)
    assert draft_programme.assignments.count() == 3


def test_nothing_is_added_to_a_frozen_text(draft_programme, officer):
    said = duty(draft_programme)
    for state in ("frozen", "in_force", "closed", "terminated"):
        Programme.objects.update(state=state, in_force_at=NOW)
        with pytest.raises(RuleError):
            assignment_drafts.add(draft_programme, duty=said, by=officer, at=NOW)


def test_who_does_not_run_the_programme_writes_nothing(draft_programme, cast):
    for name, user in vars(cast).items():
        if name in {"officer", "commander"}:
            continue
        with pytest.raises(PermissionDenied):
            assignment_drafts.add(draft_programme, duty=duty(draft_programme), by=user, at=NOW)
        with pytest.raises(PermissionDenied):
            change(draft_programme, user, "1.01", deadline_on=LATER)


# --- Changing many ------------------------------------------------------------------------------------
def test_many_are_changed_at_once_with_an_event_each(draft_programme, officer, front, host):
    assert change(draft_programme, officer, "1.01", "2.01", deadline_on=LATER, cycle="once") == 2
    rows = {row.code: row for row in draft_programme.assignments.all()}
    assert {rows[code].deadline_on for code in ("1.01", "2.01")} == {LATER}
    assert {rows[code].due_on for code in ("1.01", "2.01")} == {dt.date(2026, 11, 16)}, "the Monday after"
    assert rows["1.02"].deadline_on == dt.date(2026, 2, 28)
    first, second = payloads("assignment.redrafted")
    assert first["before"] == {"deadline_on": "2026-03-31"}
    assert second["before"] == {"cycle": "quarterly", "deadline_on": "2026-12-14"}
    assert second["after"] == {"cycle": "once", "deadline_on": "2026-11-15"}


def test_what_says_it_already_is_left_alone(draft_programme, officer):
    draft_programme.assignments.filter(code="1.01").update(deadline_on=LATER)
    assert change(draft_programme, officer, "1.01", "1.02", deadline_on=LATER) == 1
    with pytest.raises(RuleError):
        change(draft_programme, officer, "1.01", "1.02", deadline_on=LATER)
    with pytest.raises(RuleError):
        change(draft_programme, officer, "1.01")


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (Mode.ADD, {"UBMTTQ", "BCHQS"}),
        (Mode.REMOVE, {"UBMTTQ"}),
        (Mode.REPLACE, {"BCHQS"}),
    ],
)
def test_agencies_come_and_go(draft_programme, officer, host, mode, expected):
    change(draft_programme, officer, "1.01", mode=Mode.ADD, agencies=(host,)) if mode == Mode.REMOVE else None
    change(draft_programme, officer, "1.01", mode=mode, agencies=(host,))
    row = draft_programme.assignments.get(code="1.01")
    assert {share.agency.code for share in row.coordinations.all()} == expected
    assert "coordinating" in payloads("assignment.redrafted")[-1]["after"]


def test_one_that_cannot_be_changed_keeps_all_as_they_are(draft_programme, officer, front):
    """The Front coordinates in 1.01 and so cannot lead it."""
    with pytest.raises(RuleError, match=r"1\.01"):
        change(draft_programme, officer, "1.01", "2.01", lead=front)
    assert draft_programme.assignments.get(code="2.01").lead.code == "BCHQS"
    assert not payloads("assignment.redrafted")
    factories.AssignmentFactory(
        task=draft_programme.priority_tasks.get(number=1),
        code="1.60",
        lead=front,
        start_on=DUE_ON,
        deadline_on=DUE_ON,
    )
    with pytest.raises(RuleError, match=r"1\.60"):
        change(draft_programme, officer, "1.60", "2.01", deadline_on=dt.date(2026, 9, 1))
    assert draft_programme.assignments.get(code="2.01").deadline_on == dt.date(2026, 12, 14)


def test_a_lead_that_is_no_party_is_refused(draft_programme, officer, outside):
    with pytest.raises(RuleError):
        change(draft_programme, officer, "1.01", lead=outside)


def test_the_lost_race_what_was_shown_is_no_longer_there(draft_programme, officer):
    wanted = Wanted(deadline_on=LATER)
    chosen = assignment_drafts.chosen(draft_programme, keys(draft_programme, "1.01", "1.02"))
    version = assignment_drafts.version_of(assignment_drafts.differences(draft_programme, chosen, wanted))
    change(draft_programme, officer, "1.02", deadline_on=DUE_ON)
    with pytest.raises(StaleError):
        change(draft_programme, officer, "1.01", "1.02", deadline_on=LATER, version=version)
    assert draft_programme.assignments.get(code="1.01").deadline_on == dt.date(2026, 3, 31)


def test_the_lost_race_frozen_meanwhile(draft_programme, officer):
    held = Programme.objects.get(pk=draft_programme.pk)
    Programme.objects.update(state="frozen")
    with pytest.raises(RuleError, match="phụ lục"):
        change(held, officer, "1.01", deadline_on=LATER)


def test_ten_or_fifty_take_the_same_queries(draft_programme, officer, front, django_assert_num_queries):
    task = draft_programme.priority_tasks.get(number=1)
    many = [factories.AssignmentFactory(task=task, code=f"1.{200 + n}", lead=front) for n in range(50)]
    counts = []
    for rows, day in ((many[:10], LATER), (many, DUE_ON)):
        with django_assert_num_queries(16) as counted:
            assignment_drafts.change(
                draft_programme,
                keys=[row.pk for row in rows],
                wanted=Wanted(deadline_on=day, mode=Mode.ADD, agencies=(draft_programme.host,)),
                by=officer,
                at=NOW,
            )
        counts.append(len(counted))
    assert counts[0] == counts[1]


# --- In force -------------------------------------------------------------------------------------------
def test_what_was_signed_is_changed_by_an_amendment(programme, officer):
    with pytest.raises(RuleError, match="phụ lục"):
        change(programme, officer, "1.01", deadline_on=LATER)


def test_what_a_conference_added_goes_to_another_lead_until_it_is_accepted(
    programme, officer, front, front_head, focal_point, head, department
):
    row = added(programme, front)
    Assignment.objects.filter(pk=row.pk).update(status="returned", decision_note="Không đúng chức năng")
    change(programme, officer, "1.70", lead=department, deadline_on=LATER)
    row.refresh_from_db()
    assert (row.status, row.lead, row.decision_note) == ("assigned", department, "")
    assert row.due_on == dt.date(2026, 11, 16)
    told = Notice.objects.filter(kind="assignment.added", subject_id=row.pk)
    assert {notice.recipient for notice in told} == {head, focal_point}
    Assignment.objects.filter(pk=row.pk).update(status="accepted")
    with pytest.raises(RuleError):
        change(programme, officer, "1.70", lead=front)


# --- What is nobody's duty ---------------------------------------------------------------------------------
def test_what_nobody_carries_out_is_named(draft_programme):
    assert coverage.warnings(draft_programme) == []
    factories.SolutionFactory(programme=draft_programme, number=7)
    factories.PriorityTaskFactory(programme=draft_programme, number=8)
    draft_programme.assignments.get(code="1.02").solutions.clear()
    said = " ".join(coverage.warnings(draft_programme))
    assert all(words in said for words in ("giải pháp nào: 1.02", "cho ai: 8", "cho ai: 2, 7"))


def test_clauses_count_where_the_programme_links_any(draft_programme):
    duties = [
        factories.ClauseFactory(
            programme=draft_programme, section=Clause.Section.RESPONSIBILITY, number=number
        )
        for number in (1, 2)
    ]
    assert coverage.warnings(draft_programme) == []
    draft_programme.assignments.filter(code="1.01").update(clause=duties[0])
    (said,) = coverage.warnings(draft_programme)
    assert said.endswith("cho ai: 2.")


def test_a_cancelled_assignment_carries_out_nothing(draft_programme):
    draft_programme.assignments.filter(code="2.01").update(status="cancelled")
    assert "cho ai: 2." in " ".join(coverage.warnings(draft_programme))
