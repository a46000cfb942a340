"""How the actions of periodic reports are prepared for the who-may matrix: the report is the lead's."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from portal.agencies.models import Agency
from portal.users.models import User
from tasks import consolidations, grants, paper_entries, paper_results, paragraphs, periods, reports, shells
from tasks.models import Assignment, Consolidation, PaperEntry, Report, ReportingPeriod, SendingGrant
from tasks.report_contents import Draft
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks.entering import paper, scan
from tests.who_may_rounds import REASON, Ask, in_state

NOTHING = Draft(dict.fromkeys(("summary", "shortcomings", "plans", "proposals"), ""), {}, True)


def _period(world: SimpleNamespace) -> ReportingPeriod:
    in_state(world.programme, "in_force")
    period = factories.ReportingPeriodFactory(programme=world.programme, code="2026-Q1")
    shells.make(world.programme)
    return period


def _report(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    """Everything is written, so that only who asks and in which state decides."""

    def prepare(world: SimpleNamespace, state: str) -> Ask:
        report = _period(world).reports.get(agency=world.agencies["lead"])
        Report.objects.filter(pk=report.pk).update(
            rest_is_nothing=True, first_submitted_at=NOW, submitted_at=NOW, accepted_at=NOW
        )
        in_state(report, state)
        return lambda by: act(Report.objects.get(pk=report.pk), by=by, at=NOW, **given)

    return prepare


def _locked(world: SimpleNamespace, state: str) -> ReportingPeriod:
    period = _period(world)
    if state == "locked":
        periods.lock(period, by=world.people["host", "commander"], at=NOW, reason=REASON)
    return period


def _reopen(world: SimpleNamespace, state: str) -> Ask:
    report = _locked(world, state).reports.get(agency=world.agencies["lead"])

    def ask(by: User) -> None:
        reports.reopen(Report.objects.get(pk=report.pk), by=by, at=NOW, reason=REASON, until=TODAY)

    return ask


def _lock(world: SimpleNamespace, state: str) -> Ask:
    period = _locked(world, state)
    return lambda by: periods.lock(ReportingPeriod.objects.get(pk=period.pk), by=by, at=NOW, reason=REASON)


def _consolidated(world: SimpleNamespace, state: str) -> ReportingPeriod:
    """A period in the state of its consolidated report; every report was sent, nobody is silent."""
    period = _period(world)
    period.reports.update(first_submitted_at=NOW, submitted_at=NOW)
    for report in period.reports.all():
        in_state(report, "submitted")
    if state != "none":
        row = consolidations.draft(period, by=world.people["host", "programme_officer"], at=NOW)
        if state == "frozen":
            consolidations.freeze(row, by=world.people["host", "commander"], at=NOW)
    return period


def _draft(world: SimpleNamespace, state: str) -> Ask:
    period = _consolidated(world, state)
    return lambda by: consolidations.draft(ReportingPeriod.objects.get(pk=period.pk), by=by, at=NOW)


def _consolidation(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        period = _consolidated(world, state)
        return lambda by: act(Consolidation.objects.get(period=period), by=by, at=NOW, **given)

    return prepare


def _give(world: SimpleNamespace, state: str) -> Ask:
    agency = world.agencies["lead"]
    if state == "given":
        _given(world)
    return lambda by: grants.give(Agency.objects.get(pk=agency.pk), by=by, at=NOW)


def _revoke(world: SimpleNamespace, state: str) -> Ask:
    row = _given(world)
    if state == "revoked":
        grants.revoke(row, by=world.people["lead", "agency_head"], at=NOW)
    return lambda by: grants.revoke(SendingGrant.objects.get(pk=row.pk), by=by, at=NOW)


def _given(world: SimpleNamespace) -> SendingGrant:
    return grants.give(world.agencies["lead"], by=world.people["lead", "agency_head"], at=NOW)


PAPER = paper(issued_on=TODAY, received_on=TODAY)


def _enter(world: SimpleNamespace, state: str) -> Ask:
    ask = _report(lambda report, **given: report)(world, state)

    def enter(by: User) -> None:
        reports.enter_scanned(ask(by), by=by, at=NOW, draft=NOTHING, paper=PAPER, scan=scan())

    return enter


def _enter_for_lead(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, status: str) -> Ask:
        in_state(world.programme, "in_force")
        in_state(world.assignment, status, "status")
        rows = Assignment.objects.select_related("programme__host", "lead")
        return lambda by: act(
            rows.get(pk=world.assignment.pk), by=by, at=NOW, paper=PAPER, scan=scan(), **given
        )

    return prepare


def _recall(world: SimpleNamespace, state: str) -> Ask:
    _enter(world, "draft")(world.people["host", "records_clerk"])
    made = PaperEntry.objects.get()
    if state == "recalled":
        officer = world.people["host", "programme_officer"]
        paper_entries.recall(made, by=officer, at=NOW, reason=REASON)
    rows = PaperEntry.objects.select_related("file")
    return lambda by: paper_entries.recall(rows.get(pk=made.pk), by=by, at=NOW, reason=REASON)


_PART = consolidations.Part(consolidations.Section.PLANS)
PREPARE = {
    "tasks.reports.save": _report(reports.save, draft=NOTHING),
    "tasks.reports._submit": _report(reports._submit),
    "tasks.reports.enter_scanned": _enter,
    "tasks.paper_entries.recall": _recall,
    "tasks.paper_results.enter_acceptance": _enter_for_lead(paper_results.enter_acceptance),
    "tasks.paper_results.enter_result": _enter_for_lead(paper_results.enter_result, result_text=REASON),
    "tasks.reports.approve": _report(reports.approve),
    "tasks.reports.send_back": _report(reports.send_back, reason=REASON),
    "tasks.reports.take_back": _report(reports.take_back),
    "tasks.reports.accept": _report(reports.accept),
    "tasks.reports.return_to_agency": _report(
        reports.return_to_agency, reason=REASON, due_on=TODAY + dt.timedelta(days=5)
    ),
    "tasks.reports.reopen": _reopen,
    "tasks.periods.lock": _lock,
    "tasks.grants.give": _give,
    "tasks.grants.revoke": _revoke,
    "tasks.consolidations.draft": _draft,
    "tasks.consolidations.save": _consolidation(consolidations.save, part=_PART, typed=paragraphs.Typed()),
    "tasks.consolidations.add": _consolidation(consolidations.add, part=_PART, text=REASON),
    "tasks.consolidations.refresh": _consolidation(consolidations.refresh),
    "tasks.consolidations.freeze": _consolidation(consolidations.freeze),
    "tasks.consolidations.give_number": _consolidation(
        consolidations.give_number, number="12", issued_on=TODAY
    ),
}
