"""Open reports of an agency that ends pass to its successor, with what was written in them.

Only within the action that carries the change of agencies out. A report that the command has stays as it
was sent.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

from portal.agencies.models import Agency
from portal.audit.events import record
from portal.users.models import User
from tasks import report_reminders, takeovers
from tasks.models import Report, ReportLine, ReportStep, Urging
from tasks.report_contents import SECTIONS
from tasks.states import ReportState


def pass_on(gone: Iterable[Agency], heirs: Mapping[int, Agency | None], *, by: User, at: dt.datetime) -> int:
    """Give each open report to the successor; return how many there were.

    Where the successor has a report of the period, what was written is put into that one. A shell in which
    nobody wrote goes without a trace, for the successor's stands already.
    """
    keys = [agency.pk for agency in gone]
    rows = takeovers.open_reports(keys).select_related("agency", "period__programme__host").order_by("pk")
    found = list(rows.select_for_update(of=("self",)))
    for report in found:
        heir = heirs.get(report.agency_id)
        if heir is not None:
            _give(report, heir, by=by, at=at)
    return len(found)


def _give(report: Report, heir: Agency, *, by: User, at: dt.datetime) -> None:
    before, own = report.agency, Report.objects.filter(period=report.period_id, agency=heir).first()
    if own and ((own.is_sent and _is_written(report)) or report.cited_in.exists()):
        return  # it stays under the old name: what was sent, or cited, is not rewritten
    report_reminders.drop(report, at=at)
    if own is None:
        report.agency = heir
        report.revision += 1
        report.save(update_fields=["agency", "revision"])
        if report.state == ReportState.AWAITING_HEAD:
            report_reminders.tell(report_reminders.AWAITING_HEAD, report, by=by, at=at)
    elif not _is_written(report):
        report.delete()
        return
    else:
        _fold(report, Report.objects.select_for_update().get(pk=own.pk))
        report = own
    payload = {"period": report.period.code, "predecessor": before.code}
    record("report.taken_over", report, by=by, at=at, agency_code=heir.code, payload=payload)


def _joined(text: str, added: str, agency: Agency) -> str:
    return f"{text}\n\n{agency.name_vi}: {added.strip()}".strip() if added.strip() else text


def _is_written(report: Report) -> bool:
    beside = (report.lines, report.steps, report.urgings, report.comments)
    return report.revision > 0 or any(rows.exists() for rows in beside)


def _fold(report: Report, own: Report) -> None:
    """Put what was written into the successor's report, each part under the name of who wrote it."""
    for name in SECTIONS:
        setattr(own, name, _joined(getattr(own, name), getattr(report, name), report.agency))
    own.revision += 1
    own.save(update_fields=[*SECTIONS, "revision"])
    has = {line.assignment_id: line for line in own.lines.all()}
    for line in report.lines.all():
        held = has.get(line.assignment_id)
        if held is None:
            line.report = own
            line.save(update_fields=["report"])
        else:
            _fold_line(line, held, report.agency)
    ReportStep.objects.filter(report=report).update(report=own)
    said = own.urgings.filter(channel=Urging.Channel.PORTAL).values("on")
    report.urgings.filter(channel=Urging.Channel.PORTAL, on__in=said).delete()  # once a day; the trail has it
    report.urgings.update(report=own)
    report.comments.update(report=own)  # an internal one stays its own agency's
    report.delete()


def _fold_line(line: ReportLine, held: ReportLine, agency: Agency) -> None:
    """Put what was said of an assignment into the successor's line, which keeps its own figure."""
    held.text = _joined(held.text, line.text, agency)
    held.actual = line.actual if held.actual is None else held.actual
    held.is_led = held.is_led or line.is_led
    held.nothing_to_report = held.nothing_to_report and line.nothing_to_report
    held.save(update_fields=["text", "actual", "is_led", "nothing_to_report"])
    line.delete()
