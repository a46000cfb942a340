"""What the pages of periodic reports show, worked out before the template."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.agencies.models import Agency
from portal.lib.stages import Stage, stages
from portal.users.models import User
from tasks import access, acting, paper_access, report_contents
from tasks.deadlines import Timeliness
from tasks.models import Report, ReportingPeriod, SendingGrant
from tasks.report_contents import SECTIONS, Item
from tasks.report_forms import ReportForm, StepForm
from tasks.states import EDITABLE_REPORT, SENT_REPORT, ProgrammeState, ReportState
from tasks.views.comment_pages import CommentPanel, comment_panel
from tasks.views.pages import Entry, by_leave
from tasks.views.paper_panel import PaperPanel, from_paper, report_panel
from tasks.views.report_steps import offered
from tasks.views.urging_panel import UrgingPanel, urging_panel

_S, _T = ReportState, Timeliness
WAY: dict[str, str | Promise] = {
    _S.DRAFT: gettext_lazy("being written"),
    _S.AWAITING_HEAD: gettext_lazy("head approves"),
    _S.SUBMITTED: gettext_lazy("sent"),
    _S.ACCEPTED: gettext_lazy("accepted"),
}
WORDS: Mapping[str, str | Promise] = {
    _T.COMPLETED_ON_TIME: gettext_lazy("On time"),
    _T.COMPLETED_LATE: gettext_lazy("Late"),
    _T.OVERDUE: gettext_lazy("Not sent"),
    _T.DUE_SOON: gettext_lazy("Due soon"),
    _T.NOT_DUE: gettext_lazy("Not yet due"),
}
"""How a report stands, in the words of the table of reports."""


def word_of(report: Report, standing: Timeliness) -> str:
    if report.state == _S.RETURNED:
        return _("Returned")
    return str(WORDS[standing])


# --- One report --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Section:
    """A section of the report and the same of last period's."""

    name: str
    label: str
    text: str
    before: str


@dataclass(frozen=True)
class ReportPage:
    """Everything that tasks/report.html and tasks/report_form.html read."""

    report: Report
    today: dt.date
    standing: Timeliness
    word: str
    is_late: bool  # nothing came by the day, or it came after it
    before: Report | None
    items: list[Item]
    sections: list[Section]
    form: ReportForm | None
    lacks: Sequence[tuple[str, str]]  # what is missing: name of the field, sentence
    steps: list[Stage]
    forms: list[StepForm]  # one for each step that the reader can take
    history: list[Entry]
    has_begun: bool
    is_writer: bool
    grant: SendingGrant | None  # by which the agency's focal points send; for its own people
    sends: bool  # whether the writer's button sends to the command
    urgings: UrgingPanel
    comments: CommentPanel
    paper: PaperPanel


def report_page(
    report: Report,
    user: User,
    *,
    today: dt.date,
    form: ReportForm | None = None,
    refused: StepForm | None = None,
    lacks: Sequence[tuple[str, str]] = (),
) -> ReportPage:
    """Put the page together in a fixed number of queries; `form` and `refused` as they were sent."""
    before = report_contents.previous(report)
    items = report_contents.items(report, before)
    standing = report.standing(today)
    forms = offered(user, report, today)
    if refused is not None:  # also when the step is no longer offered: nothing typed is lost
        forms[refused.name] = refused
    writes = _is_written_by(user, report, today)
    is_writer = access.may_write_report(user, report)
    grant = access.grant_of(report.agency_id, today) if is_writer else None
    return ReportPage(
        report=report,
        today=today,
        standing=standing,
        word=word_of(report, standing),
        is_late=standing in {_T.OVERDUE, _T.COMPLETED_LATE},
        before=before,
        items=items,
        sections=_sections(report, before),
        form=form or (ReportForm(report=report, items=items, before=before, lacks=lacks) if writes else None),
        lacks=lacks,
        steps=stages(WAY, _S.DRAFT if report.state == _S.RETURNED else report.state),
        forms=list(forms.values()),
        history=_history(report),
        has_begun=report.period.data_from <= today,
        is_writer=is_writer,
        grant=grant,
        sends=access.may_approve_report(user, report) or (bool(grant) and user.role in access.SENDS_BY_GRANT),
        urgings=urging_panel(user, report, today),
        comments=comment_panel(user, report),
        paper=report_panel(user, report, is_open=report.is_open(today)),
    )


def _is_written_by(user: User, report: Report, today: dt.date) -> bool:
    """Whether the user gets the form: right, state and time together."""
    return (
        access.may_write_report(user, report)
        and report.state in EDITABLE_REPORT
        and report.period.data_from <= today
        and report.period.programme.state == ProgrammeState.IN_FORCE
        and report.is_open(today)
    )


def _sections(report: Report, before: Report | None) -> list[Section]:
    labels = {name: str(Report._meta.get_field(name).verbose_name) for name in SECTIONS}  # type: ignore[union-attr]
    return [
        Section(name, label, getattr(report, name), getattr(before, name) if before else "")
        for name, label in labels.items()
    ]


def _history(report: Report) -> list[Entry]:
    labels = dict(ReportState.choices)
    steps = report.steps.select_related("by", "grant", "paper").defer("content")
    return [
        Entry(
            step.at,
            acting.named(step.by, step.capacity),
            from_paper(step.paper, by_leave(step.grant, capfirst(str(labels[step.state])))),
            step.text,
            step.state in SENT_REPORT,
        )
        for step in steps
    ]


# --- The reports of an agency, and of all -----------------------------------------------------------
@dataclass(frozen=True)
class Cell:
    """One report in a table."""

    report: Report
    standing: Timeliness
    word: str
    has_begun: bool
    is_paper: bool  # it was entered from the agency's paper

    @property
    def is_silent(self) -> bool:
        """Whether its day has passed and it did not come."""
        return self.standing == _T.OVERDUE


@dataclass(frozen=True)
class Line:
    """The reports of one agency, in the order of the periods; None where it has none."""

    agency: Agency
    cells: list[Cell | None]


@dataclass(frozen=True)
class Column:
    """A period with how many of its reports came."""

    period: ReportingPeriod
    sent: int
    total: int
    has_begun: bool


@dataclass(frozen=True)
class Grid:
    """Agencies by periods."""

    columns: list[Column]
    lines: list[Line]


def cell(report: Report, today: dt.date) -> Cell:
    """Read a report of paper_access.with_paper()."""
    standing = report.standing(today)
    is_paper = report.is_sent and getattr(report, "paper_sent", None) is not None
    return Cell(report, standing, word_of(report, standing), report.period.data_from <= today, is_paper)


def grid(reports: QuerySet[Report], today: dt.date, *, is_silent_only: bool = False) -> Grid:
    """Lay reports of one year out, agencies in protocol order; or only those that owe one. One query."""
    rows = list(paper_access.with_paper(reports).order_by("agency__protocol_order", "agency__code"))
    periods = sorted({row.period for row in rows}, key=lambda period: (period.due_on, period.code))
    by_place = {(row.agency_id, row.period_id): cell(row, today) for row in rows}
    agencies = {row.agency_id: row.agency for row in rows}
    lines = [
        Line(agency, [by_place.get((pk, period.pk)) for period in periods]) for pk, agency in agencies.items()
    ]
    if is_silent_only:
        lines = [line for line in lines if any(one and one.is_silent for one in line.cells)]
    return Grid([_column(period, rows, today) for period in periods], lines)


def _column(period: ReportingPeriod, reports: Sequence[Report], today: dt.date) -> Column:
    of_period = [report for report in reports if report.period_id == period.pk]
    sent = sum(report.is_sent for report in of_period)
    return Column(period, sent, len(of_period), period.data_from <= today)


def table(grid: Grid) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows of the grid as plain text, for a file."""
    headings = [_("No."), _("Agency"), *(capfirst(column.period.title) for column in grid.columns)]
    rows = [
        [str(number), line.agency.name, *(_plain(cell) for cell in line.cells)]
        for number, line in enumerate(grid.lines, 1)
    ]
    sent = [f"{column.sent}/{column.total}" for column in grid.columns]
    return headings, [*rows, ["", _("Reports sent"), *sent]]


def _plain(cell: Cell | None) -> str:
    if cell is None or not cell.has_begun:
        return ""
    first = cell.report.first_submitted_at
    words = f"{cell.word} ({first:%d/%m/%Y})" if first else cell.word
    return _("%(words)s, from paper") % {"words": words} if cell.is_paper else words


# --- One period ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class PeriodPage:
    """Everything that tasks/report_period.html reads."""

    period: ReportingPeriod
    today: dt.date
    cells: list[Cell]  # to be accepted, then not sent, then done
    total: int
    sent: int
    waiting: int  # to be accepted
    may_lock: bool
    may_urge: bool
    is_silent_only: bool


def period_page(
    period: ReportingPeriod, user: User, *, today: dt.date, is_silent_only: bool = False
) -> PeriodPage:
    """Put the page of a period together, one query for the reports; `is_silent_only` of those not sent."""
    reports = paper_access.with_paper(access.visible_reports(user).filter(period=period))
    cells = [cell(report, today) for report in reports.order_by("agency__protocol_order", "agency__code")]
    runs = period.programme.state == ProgrammeState.IN_FORCE
    shown = [one for one in cells if not one.report.is_sent] if is_silent_only else cells
    may_urge = runs and not period.is_locked and period.data_from <= today
    return PeriodPage(
        period=period,
        today=today,
        cells=sorted(shown, key=lambda one: _URGENCY[ReportState(one.report.state)]),
        total=len(cells),
        sent=sum(one.report.is_sent for one in cells),
        waiting=sum(one.report.state == _S.SUBMITTED for one in cells),
        may_lock=runs and not period.is_locked and access.may_lock_period(user, period),
        may_urge=may_urge and access.may_urge(user, period.programme),
        is_silent_only=is_silent_only,
    )


_URGENCY = {_S.SUBMITTED: 0, _S.DRAFT: 1, _S.AWAITING_HEAD: 1, _S.RETURNED: 1, _S.ACCEPTED: 2}
"""What the officer does next: accept, ask for, leave alone."""
