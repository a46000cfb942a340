"""Steps of a periodic report: each works, refuses the wrong person and the wrong state, loses a race."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from tasks import periods, reports
from tasks.models import Programme, Report, ReportLine, ReportStep
from tasks.report_contents import LineDraft
from tasks.reports import IncompleteError
from tasks.states import REPORT, ReportState
from tests.factories import NOW, TODAY
from tests.tasks import reporting
from tests.tasks.reporting import MINUTE, draft, figure, of, submit

S = ReportState
pytestmark = pytest.mark.django_db
OUTSIDERS = ("officer", "commander", "clerk", "admin", "front_head", "viewer", "stranger")
NOT_THE_OFFICER = (
    "commander",
    "clerk",
    "admin",
    "head",
    "deputy",
    "focal_point",
    "front_head",
    "viewer",
    "stranger",
)
AGAIN = {"reason": "Bổ sung số liệu.", "due_on": TODAY + dt.timedelta(days=10)}


@pytest.fixture(autouse=True)
def quarter(programme: Programme) -> None:
    reporting.first_quarter(programme)


@pytest.fixture
def report(quarter) -> Report:
    """The department's, in which nobody has written."""
    return of("SXD")


def put(report: Report, state: str) -> Report:
    """Return the row in a state, set directly, with its lines and all that a state needs."""
    Report.objects.filter(pk=report.pk).update(
        state=state, first_submitted_at=NOW, submitted_at=NOW, accepted_at=NOW, **reporting.TEXTS
    )
    return of("SXD")


# --- Every step -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Step:
    """An action, who does it from which states, and where that leads."""

    act: Callable[..., None]
    by: str
    sources: frozenset[str]
    to: str
    verb: str
    wrong: tuple[str, ...]
    extra: dict[str, Any] = field(default_factory=dict)


def _submit(report: Report, *, by: Any, at: dt.datetime, version: str = "") -> None:
    reports.submit(report, by=by, at=at, draft=draft(report), version=version)


WRITTEN = frozenset({S.DRAFT, S.RETURNED})
STEPS = {
    "submit": Step(_submit, "focal_point", WRITTEN, S.AWAITING_HEAD, "report.submitted_to_head", OUTSIDERS),
    "approve": Step(
        reports.approve,
        "head",
        frozenset({S.AWAITING_HEAD}),
        S.SUBMITTED,
        "report.submitted",
        (*OUTSIDERS, "focal_point"),
    ),
    "send_back": Step(
        reports.send_back,
        "deputy",
        frozenset({S.AWAITING_HEAD}),
        S.DRAFT,
        "report.sent_back",
        (*OUTSIDERS, "focal_point"),
        {"reason": "Thiếu số liệu."},
    ),
    "take_back": Step(
        reports.take_back,
        "focal_point",
        frozenset({S.AWAITING_HEAD}),
        S.DRAFT,
        "report.taken_back",
        OUTSIDERS,
    ),
    "accept": Step(
        reports.accept, "officer", frozenset({S.SUBMITTED}), S.ACCEPTED, "report.accepted", NOT_THE_OFFICER
    ),
    "return_to_agency": Step(
        reports.return_to_agency,
        "officer",
        frozenset({S.SUBMITTED, S.ACCEPTED}),
        S.RETURNED,
        "report.returned",
        NOT_THE_OFFICER,
        AGAIN,
    ),
}


@pytest.fixture(params=STEPS, ids=str)
def step(request) -> Step:
    return STEPS[request.param]


def test_it_works(step, cast, report):
    for source in sorted(step.sources):
        row = put(report, source)
        step.act(row, by=getattr(cast, step.by), at=NOW, **step.extra)
        stored = of("SXD")
        assert stored.state == row.state == step.to
        assert stored.steps.first().state == step.to
        event = Event.objects.first()
        assert (event.verb, event.agency_code, event.subject_id) == (step.verb, "SXD", str(row.pk))


def test_wrong_person(step, cast, report):
    row = put(report, min(step.sources))
    for name in step.wrong:
        with pytest.raises(PermissionDenied):
            step.act(row, by=getattr(cast, name), at=NOW, **step.extra)
    assert of("SXD").state == min(step.sources)
    assert not Event.objects.exists()


def test_wrong_state(step, cast, report):
    for source in set(S) - step.sources:
        row = put(report, source)
        with pytest.raises(RuleError):
            step.act(row, by=getattr(cast, step.by), at=NOW, **step.extra)
        assert of("SXD").state == source
    assert not ReportStep.objects.exists()


def test_lost_race(step, cast, report):
    """Two have the same page; the second finds the row moved, by version and by state."""
    first = put(report, min(step.sources))
    second = of("SXD")
    seen = reports.version_of(second)
    step.act(first, by=getattr(cast, step.by), at=NOW, version=seen, **step.extra)
    count = Event.objects.count()
    with pytest.raises(StaleError):
        step.act(second, by=getattr(cast, step.by), at=NOW, version=seen, **step.extra)
    assert Event.objects.count() == count


@pytest.mark.parametrize("state", ["closed", "terminated"])
def test_nothing_moves_unless_the_programme_is_in_force(step, cast, report, state):
    row = put(report, min(step.sources))
    Programme.objects.update(state=state)
    with pytest.raises(RuleError):
        step.act(row, by=getattr(cast, step.by), at=NOW, **step.extra)


def test_nothing_moves_in_a_locked_period_but_where_it_was_opened(step, cast, report):
    row = put(report, min(step.sources))
    lock_by(cast.officer, row)
    row = put(report, min(step.sources))
    with pytest.raises(RuleError):
        step.act(row, by=getattr(cast, step.by), at=NOW, **step.extra)
    reports.reopen(row, by=cast.officer, at=NOW, reason="Số liệu sai.", until=TODAY)
    with pytest.raises(RuleError):
        step.act(row, by=getattr(cast, step.by), at=NOW + dt.timedelta(days=1), **step.extra)
    step.act(row, by=getattr(cast, step.by), at=NOW, **step.extra)


def lock_by(officer, report: Report) -> None:
    put(report, S.DRAFT)
    periods.lock(report.period, by=officer, at=NOW, reason="Đã tổng hợp xong.")


@pytest.mark.parametrize("name", ["send_back", "return_to_agency"])
def test_a_reason_is_required(name, cast, report):
    step = STEPS[name]
    row = put(report, min(step.sources))
    with pytest.raises(RuleError):
        step.act(row, by=getattr(cast, step.by), at=NOW, **{**step.extra, "reason": "  "})


def test_steps_and_table_agree():
    """Every allowed move is made by a step here; back from the head's desk also to where it was returned."""
    allowed = {(source, to) for source, targets in REPORT.items() for to in targets}
    made = {(source, step.to) for step in STEPS.values() for source in step.sources}
    assert made | {(S.AWAITING_HEAD, S.RETURNED)} == allowed


# --- Writing ------------------------------------------------------------------------------------------
def test_a_draft_is_kept(report, focal_point):
    reports.save(report, by=focal_point, at=NOW, draft=draft(report, {"1.01": figure("4.5", " Đã rà soát ")}))
    stored = of("SXD")
    assert (stored.summary, stored.saved_by, stored.saved_at) == ("Tình hình ổn định.", focal_point, NOW)
    line = stored.lines.get(assignment__code="1.01")
    assert (str(line.actual), line.text, line.is_led) == ("4.50", "Đã rà soát", True)
    assert stored.state == S.DRAFT


def test_what_is_coordinated_has_words_and_no_figure(report, focal_point):
    reports.save(report, by=focal_point, at=NOW, draft=draft(report, {"1.02": figure("4", "Đã cử cán bộ.")}))
    line = report.lines.get(assignment__code="1.02")
    assert (line.actual, line.text, line.is_led) == (None, "Đã cử cán bộ.", False)


@pytest.mark.parametrize("name", OUTSIDERS)
def test_nobody_else_writes(name, cast, report):
    with pytest.raises(PermissionDenied):
        reports.save(report, by=getattr(cast, name), at=NOW, draft=draft(report))
    assert not ReportLine.objects.exists()


@pytest.mark.parametrize("state", sorted(set(S) - WRITTEN))
def test_a_submitted_report_is_not_written_in(report, focal_point, state):
    row = put(report, state)
    with pytest.raises(RuleError):
        reports.save(row, by=focal_point, at=NOW, draft=draft(row))


def test_a_stale_page_overwrites_nothing(report, focal_point, head):
    old = of("SXD")
    seen = reports.version_of(report)
    reports.save(report, by=focal_point, at=NOW, draft=draft(report), version=seen)
    with pytest.raises(StaleError):
        reports.save(old, by=head, at=NOW, draft=draft(old, summary="Của thủ trưởng."), version=seen)
    assert of("SXD").summary == "Tình hình ổn định."


def test_the_trail_hears_who_took_over_and_not_of_every_pause(report, focal_point, head):
    for by in (focal_point, focal_point, head, focal_point):
        reports.save(report, by=by, at=NOW, draft=draft(report))
    assert Event.objects.filter(verb="report.drafted").count() == 3


def test_a_period_that_has_not_begun_is_not_written(report, focal_point):
    with pytest.raises(RuleError):
        reports.save(report, by=focal_point, at=NOW - dt.timedelta(days=100), draft=draft(report))


# --- Submitting ---------------------------------------------------------------------------------------
def test_what_lacks_something_is_saved_and_not_submitted(report, focal_point):
    typed = draft(report, {"1.01": figure("4", ""), "1.02": LineDraft()}, plans=" ")
    with pytest.raises(IncompleteError) as refusal:
        reports.submit(report, by=focal_point, at=NOW, draft=typed)
    lines = {line.assignment.code: line.assignment_id for line in report.lines.all()}
    wanted = [f"text_{lines['1.01']}", f"text_{lines['1.02']}", "plans"]
    assert [name for name, _sentence in refusal.value.lacks] == wanted
    assert of("SXD").summary == "Tình hình ổn định."
    assert of("SXD").state == S.DRAFT


def test_nothing_to_report_is_an_answer(report, focal_point):
    lines = {"1.01": LineDraft(nothing=True), "1.02": LineDraft(nothing=True)}
    assert submit(report, focal_point, lines=lines).state == S.AWAITING_HEAD


def test_one_tick_answers_the_whole_report(report, focal_point):
    nothing = dict.fromkeys(reporting.TEXTS, "")
    lines = {"1.01": LineDraft(), "1.02": LineDraft()}
    row = submit(report, focal_point, lines=lines, rest_is_nothing=True, **nothing)
    assert row.state == S.AWAITING_HEAD
    assert all(row.lines.values_list("nothing_to_report", flat=True))


def test_the_head_submits_straight_to_the_command(report, head):
    row = submit(report, head)
    assert (row.state, row.first_submitted_at, row.submitted_at) == (S.SUBMITTED, NOW, NOW)
    verbs = list(
        Event.objects.filter(verb__startswith="report.").order_by("seq").values_list("verb", flat=True)
    )
    assert verbs == ["report.drafted", "report.submitted_to_head", "report.submitted"]


def test_the_first_day_is_kept(report, head, officer):
    row = submit(report, head)
    reports.return_to_agency(row, by=officer, at=NOW + MINUTE, **AGAIN)
    later = NOW + dt.timedelta(days=8)
    row = submit(row, head, at=later)
    assert (row.first_submitted_at, row.submitted_at) == (NOW, later)


def test_a_returned_report_is_owed_by_its_own_day(report, head, deputy, officer, focal_point):
    row = submit(report, head)
    reports.return_to_agency(row, by=officer, at=NOW, **AGAIN)
    assert (row.due_on, row.decision_note) == (AGAIN["due_on"], AGAIN["reason"])
    row = submit(row, focal_point)
    assert row.decision_note == AGAIN["reason"], "still to be answered"
    reports.send_back(row, by=deputy, at=NOW, reason="Chưa đủ.")
    assert row.state == S.RETURNED
    row = submit(row, head)
    assert row.decision_note == ""


def test_a_return_needs_a_day_to_come(report, head, officer):
    row = submit(report, head)
    with pytest.raises(RuleError):
        reports.return_to_agency(
            row, by=officer, at=NOW, reason="Thiếu.", due_on=TODAY - dt.timedelta(days=1)
        )


def test_every_sent_wording_is_kept(report, head, officer):
    row = submit(report, head, lines={"1.01": figure("4", "Bốn huyện.")})
    reports.return_to_agency(row, by=officer, at=NOW + MINUTE, **AGAIN)
    submit(row, head, at=NOW + 2 * MINUTE, lines={"1.01": figure("6", "Sáu huyện.")})
    kept = [step.content["lines"][0]["text"] for step in ReportStep.objects.exclude(content=None)]
    assert kept == ["Sáu huyện.", "Bốn huyện."]


# --- Locking -------------------------------------------------------------------------------------------
def test_a_period_is_locked_once_with_a_reason(report, officer, commander):
    with pytest.raises(RuleError):
        periods.lock(report.period, by=officer, at=NOW, reason=" ")
    periods.lock(report.period, by=commander, at=NOW, reason="Đã tổng hợp xong.")
    stored = of("SXD").period
    assert (stored.locked_at, stored.locked_by, stored.lock_reason) == (NOW, commander, "Đã tổng hợp xong.")
    assert Event.objects.first().verb == "period.locked"
    with pytest.raises(RuleError):
        periods.lock(report.period, by=officer, at=NOW, reason="Lần nữa.")


@pytest.mark.parametrize(
    "name", ["clerk", "admin", "head", "focal_point", "front_head", "viewer", "stranger"]
)
def test_who_may_not_lock_nor_open(name, cast, report):
    with pytest.raises(PermissionDenied):
        periods.lock(report.period, by=getattr(cast, name), at=NOW, reason="Đã xong.")
    lock_by(cast.officer, report)
    with pytest.raises(PermissionDenied):
        reports.reopen(of("SXD"), by=getattr(cast, name), at=NOW, reason="Số liệu sai.", until=TODAY)


def test_a_period_is_not_locked_over_what_waits(report, head, officer):
    submit(report, head)
    with pytest.raises(RuleError):
        periods.lock(report.period, by=officer, at=NOW, reason="Đã xong.")


@pytest.mark.parametrize("state", ["closed", "terminated"])
def test_what_has_ended_is_not_locked(report, officer, state):
    Programme.objects.update(state=state)
    with pytest.raises(RuleError):
        periods.lock(of("SXD").period, by=officer, at=NOW, reason="Đã xong.")


def test_only_a_locked_period_is_opened_again_and_not_into_the_past(report, officer):
    with pytest.raises(RuleError):
        reports.reopen(report, by=officer, at=NOW, reason="Số liệu sai.", until=TODAY)
    lock_by(officer, report)
    with pytest.raises(RuleError):
        reports.reopen(
            of("SXD"), by=officer, at=NOW, reason="Số liệu sai.", until=TODAY - dt.timedelta(days=1)
        )
    with pytest.raises(RuleError):
        reports.reopen(of("SXD"), by=officer, at=NOW, reason=" ", until=TODAY)
