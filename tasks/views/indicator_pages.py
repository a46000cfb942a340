"""What the pages of indicators show, worked out before the template."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Max, Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from portal.agencies.models import Agency
from portal.papers.tables import Cell
from portal.users.models import User
from tasks import access, indicator_access, indicators, quotas
from tasks.indicator_forms import ReopenForm, VersionForm
from tasks.indicators import Entry, Standing
from tasks.models import Assignment, Figure, Indicator, PriorityTask, Quota
from tasks.models.assignments import AssignmentQuerySet
from tasks.states import DIVIDED_ASSIGNMENT, WORKING_ASSIGNMENT, ProgrammeState
from tasks.views.indicator_rows import TONES, Row, row_of
from tasks.views.joint_pages import JointRow, joint_rows

HISTORY_SIZE = 50


# --- The list ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Choice:
    """What the address asks for; what makes no sense there is not asked for."""

    year: int
    task: str = ""
    lead: str = ""
    standing: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.task or self.lead or self.standing)


@dataclass(frozen=True)
class ListPage:
    """Everything that tasks/indicator_list.html reads."""

    choice: Choice
    years: Sequence[int]
    today: dt.date
    rows: list[Row]
    joints: list[JointRow]
    shows_parts: bool  # whether the reader opens the page of each
    tasks: list[PriorityTask]
    leads: list[Agency]
    standings: list[tuple[str, str, int]]  # value, word, how many


def read_choice(data: Mapping[str, str], year: int) -> Choice:
    standing = data.get("standing", "")
    known = standing if standing in Standing.values else ""
    return Choice(year, data.get("task", "")[:10], data.get("lead", "")[:30], known)


def list_page(user: User, choice: Choice, years: Sequence[int], today: dt.date) -> ListPage:
    """Put the list together: one query for the rows, whose progress the user sees."""
    every = [row_of(row, today) for row in listed(user).filter(programme__year=choice.year)]
    tasks = {row.assignment.task_id: row.assignment.task for row in every}
    leads = {row.assignment.lead_id: row.assignment.lead for row in every}
    near = [row for row in every if _is_near(row, choice)]
    counts = [
        (one.value, str(capfirst(one.label)), sum(row.reading.standing == one for row in near))
        for one in Standing
    ]
    return ListPage(
        choice=choice,
        years=years,
        today=today,
        joints=[] if choice.is_narrowed else joint_rows(user, choice.year, today),
        shows_parts=indicator_access.may_see_parts(user),
        rows=[row for row in near if choice.standing in {"", row.reading.standing}],
        tasks=sorted(tasks.values(), key=lambda task: task.number),
        leads=sorted(leads.values(), key=lambda agency: agency.protocol_order),
        standings=counts,
    )


def _is_near(row: Row, choice: Choice) -> bool:
    assignment = row.assignment
    return choice.task in {"", str(assignment.task.number)} and choice.lead in {"", assignment.lead.code}


def listed(user: User) -> AssignmentQuerySet:
    """Assignments with what the list reads of them."""
    rows = access.assignments_with_progress(user).select_related("programme", "task", "lead", "measure")
    return with_newest(rows).order_by("task__number", "code")


def with_newest(rows: AssignmentQuerySet) -> AssignmentQuerySet:
    """Annotate `newest_on`: the day of the newest figure that counts."""
    counting = Q(measure__figures__correction=None, measure__figures__value__isnull=False)
    return rows.annotate(newest_on=Max("measure__figures__on", filter=counting))


def table(page: ListPage) -> tuple[list[str], list[list[Cell]]]:
    """Return headings and rows of the list for a workbook."""
    headings = [
        _("No."),
        _("Code"),
        _("Indicator"),
        _("Lead agency"),
        _("Unit"),
        _("Plan"),
        _("Baseline"),
        _("Achieved"),
        "%",
        _("Against the target"),
    ]
    rows = [[number, *_cells(row)] for number, row in enumerate(page.rows, 1)]
    return headings, rows


def _cells(row: Row) -> list[Cell]:
    assignment, reading = row.assignment, row.reading
    return [
        assignment.code,
        assignment.indicator,
        assignment.lead.name,
        assignment.unit,
        assignment.target,
        _or_empty(row.measure.baseline),
        _or_empty(reading.actual),
        _or_empty(reading.percent),
        row.word,
    ]


def _or_empty(value: Decimal | None) -> Cell:
    return "" if value is None else value


# --- One indicator -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Part:
    """One share with what was achieved of it."""

    quota: Quota
    actual: Decimal | None
    percent: Decimal | None
    newest_on: dt.date | None
    tone: str

    @property
    def remaining(self) -> Decimal:
        """What is left of the share; below 0 it is more than that."""
        return self.quota.share - (self.actual or Decimal(0))


@dataclass(frozen=True)
class Whole:
    """The sum line: all shares and all that was achieved."""

    share: Decimal
    actual: Decimal | None
    percent: Decimal | None
    remaining: Decimal


@dataclass(frozen=True)
class HistoryLine:
    """One entry, and whether the reader may correct it."""

    figure: Figure
    corrected_by: Figure | None
    may_correct: bool


@dataclass(frozen=True)
class IndicatorPage:
    """Everything that tasks/indicator.html reads."""

    assignment: Assignment
    measure: Indicator
    row: Row
    today: dt.date
    parts: list[Part]
    whole: Whole
    sentence: str
    adds_up: bool
    history: Page[Any]
    may_define: bool
    may_distribute: bool
    may_enter: bool
    settle_form: VersionForm | None
    reopen_form: ReopenForm | None


def indicator_page(
    assignment: Assignment,
    user: User,
    *,
    today: dt.date,
    number: str | None = None,
    reopen_form: ReopenForm | None = None,
) -> IndicatorPage:
    """Put the page together in a fixed number of queries."""
    row, of = (
        row_of(assignment, today),
        indicator_access.visible_quotas(user).filter(indicator__assignment=assignment),
    )
    shares = list(of)
    figures = list(indicator_access.visible_figures(user).filter(indicator__assignment=assignment))
    gap = indicators.difference_of(assignment, row.measure, shares)
    is_open = assignment.status in DIVIDED_ASSIGNMENT and _runs(assignment)
    settles = is_open and indicator_access.may_settle_distribution(user, assignment)
    if reopen_form is None and settles and row.measure.is_settled:
        reopen_form = ReopenForm(assignment=assignment, indicator=row.measure)
    return IndicatorPage(
        assignment=assignment,
        measure=row.measure,
        row=row,
        today=today,
        parts=parts_of(assignment, row.measure, shares, figures),
        whole=_whole(assignment, row.measure, shares, figures),
        sentence=quotas.sentence(gap, target=assignment.target, unit=assignment.unit),
        adds_up=not gap,
        history=_history(figures, user, assignment, number),
        may_define=is_open and indicator_access.may_define_indicator(user, assignment),
        may_distribute=is_open
        and not row.measure.is_settled
        and indicator_access.may_distribute(user, assignment),
        may_enter=may_enter(user, assignment, row.measure, shares),
        settle_form=VersionForm(indicator=row.measure)
        if settles and shares and not gap and not row.measure.is_settled
        else None,
        reopen_form=reopen_form,
    )


def _runs(assignment: Assignment) -> bool:
    return assignment.programme.state == ProgrammeState.IN_FORCE


def own_shares(user: User, assignment: Assignment, shares: Sequence[Quota]) -> list[Quota]:
    """Return the shares whose figures the user enters."""
    return [row for row in shares if indicator_access.may_enter_figure(user, assignment, row.agency_id)]


def may_enter(user: User, assignment: Assignment, measure: Indicator, shares: Sequence[Quota]) -> bool:
    """Whether there is something that the user can enter now."""
    if assignment.status not in WORKING_ASSIGNMENT or not _runs(assignment):
        return False
    if shares:
        return measure.is_settled and bool(own_shares(user, assignment, shares))
    return indicator_access.may_enter_figure(user, assignment, None)


def parts_of(
    assignment: Assignment, measure: Indicator, shares: Sequence[Quota], figures: Sequence[Figure]
) -> list[Part]:
    """Return each share with what its figures come to."""
    counting = _counting(figures)
    values = indicators.by_part(counting, measure.aggregation)
    newest: dict[int | None, dt.date] = {}
    for entry in counting:
        newest[entry.part] = max(newest.get(entry.part, entry.on), entry.on)
    return [
        _part(measure, quota, values.get(quota.pk), newest.get(quota.pk), measure.direction)
        for quota in shares
    ]


def _part(
    measure: Indicator, quota: Quota, actual: Decimal | None, newest_on: dt.date | None, direction: str
) -> Part:
    percent = None if actual is None else indicators.achieved(actual, quota.share, None, direction)
    standing = Standing.UNKNOWN if percent is None else indicators.standing(percent, 0)
    return Part(quota, actual, percent, newest_on, TONES[standing].value)


def _whole(
    assignment: Assignment, measure: Indicator, shares: Sequence[Quota], figures: Sequence[Figure]
) -> Whole:
    share = indicators.of_parts([row.share for row in shares], measure.aggregation)
    actual = indicators.total(_counting(figures), measure.aggregation)
    percent = (
        None if actual is None else indicators.achieved(actual, share, measure.baseline, measure.direction)
    )
    return Whole(share, actual, percent, share - (actual or Decimal(0)))


def _counting(figures: Sequence[Figure]) -> list[Entry]:
    corrected = {row.corrects_id for row in figures if row.corrects_id}
    return indicators.entries(figures, corrected)


def _history(figures: Sequence[Figure], user: User, assignment: Assignment, number: str | None) -> Page[Any]:
    works = assignment.status in WORKING_ASSIGNMENT and _runs(assignment)
    by_corrected: dict[int, Figure] = {row.corrects_id: row for row in figures if row.corrects_id}
    lines = [
        HistoryLine(
            row,
            by_corrected.get(row.pk),
            works
            and row.pk not in by_corrected
            and indicator_access.may_enter_figure(
                user, assignment, row.quota.agency_id if row.quota else None
            ),
        )
        for row in figures
    ]
    return Paginator(lines, HISTORY_SIZE).get_page(number)


def part_table(page: IndicatorPage) -> tuple[list[str], list[list[Cell]]]:
    """Return headings and rows of the distribution for a workbook, the sum last."""
    headings = [_("No."), _("Part"), _("Quota"), _("Achieved"), "%", _("Remaining")]
    rows: list[list[Cell]] = [
        [
            number,
            part.quota.name,
            part.quota.share,
            _or_empty(part.actual),
            _or_empty(part.percent),
            part.remaining,
        ]
        for number, part in enumerate(page.parts, 1)
    ]
    whole = page.whole
    last: list[Cell] = ["", _("Total"), whole.share, _or_empty(whole.actual), _or_empty(whole.percent)]
    return headings, [*rows, [*last, whole.remaining]]
