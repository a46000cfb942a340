"""What the pages of the turn of the year show, worked out before the template."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portal.users.models import User
from tasks import access, leftovers, points, programmes, year_access
from tasks.models import Assignment, PriorityTask, Programme, YearEndDecision
from tasks.points import Kind, Point
from tasks.states import EDITABLE_PROGRAMME, UNFINISHED_ASSIGNMENT, ProgrammeState
from tasks.year_forms import AgenciesForm, DaysForm, DecisionsForm

Choice = YearEndDecision.Choice


# --- Points -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class PointsPage:
    """Everything that tasks/year_points.html reads."""

    programme: Programme
    groups: Mapping[str, list[Point]]
    count: int
    seen: list[Point]
    agencies: AgenciesForm | None
    days: DaysForm | None
    agency_lines: list[tuple[Point, Any]]
    day_lines: list[tuple[Point, Any]]
    gaps: list[str]
    has_periods: bool
    may_settle: bool
    tasks: list[PriorityTask]  # under which a duty may be made of a milestone


def points_page(
    programme: Programme,
    *,
    today: dt.date,
    agencies: AgenciesForm | None = None,
    days: DaysForm | None = None,
) -> PointsPage:
    """Put the page together; a refused form comes as it was sent."""
    is_open = programme.state in EDITABLE_PROGRAMME
    found = points.points(programme, today=today) if is_open else []
    groups = points.grouped(point for point in found if point.seen is None)
    of_agencies, of_days = groups.get(Kind.AGENCY, []), groups.get(Kind.DAY, [])
    agencies = agencies or (AgenciesForm(points=of_agencies) if of_agencies else None)
    days = days or (DaysForm(points=of_days) if of_days else None)
    return PointsPage(
        programme=programme,
        groups=groups,
        count=sum(map(len, groups.values())),
        seen=[point for point in found if point.seen],
        agencies=agencies,
        days=days,
        agency_lines=_lines(of_agencies, agencies),
        day_lines=_lines(of_days, days),
        gaps=programmes.gaps(programme) if is_open else [],
        has_periods=programme.periods.exists(),
        may_settle=is_open,
        tasks=list(programme.priority_tasks.all()) if Kind.MILESTONE in groups else [],
    )


def _lines(found: list[Point], form: AgenciesForm | DaysForm | None) -> list[tuple[Point, Any]]:
    fields = form.fields if form else {}
    return [(point, form[point.name] if form and point.name in fields else None) for point in found]


def agencies_of(programme: Programme, *, today: dt.date) -> list[Point]:
    return [p for p in points.open_points(programme, today=today) if p.kind == Kind.AGENCY]


def days_of(programme: Programme, *, today: dt.date) -> list[Point]:
    return [p for p in points.open_points(programme, today=today) if p.kind == Kind.DAY]


# --- What is unfinished -----------------------------------------------------------------------------
@dataclass(frozen=True)
class UnfinishedPage:
    """Everything that tasks/year_unfinished.html reads."""

    programme: Programme
    target: Programme | None
    form: DecisionsForm
    decided: list[YearEndDecision]
    hindrances: list[str]
    is_open: bool
    may_close: bool
    may_begin: bool
    can_take_back: bool


def unfinished_page(programme: Programme, user: User) -> UnfinishedPage:
    is_open = programme.state == ProgrammeState.IN_FORCE
    target = leftovers.next_text(programme)
    rows = list(leftovers.unfinished(programme)) if is_open else []
    decided = year_access.visible_decisions(user).filter(assignment__programme=programme)
    over = [row for row in decided if _stands(row) and not (is_open and row.choice == Choice.LEFT_OPEN)]
    hindrances = leftovers.hindrances(programme) if is_open else []
    return UnfinishedPage(
        programme=programme,
        target=target,
        form=DecisionsForm(rows=rows, carries=target is not None),
        decided=over,
        hindrances=hindrances,
        is_open=is_open,
        may_close=is_open and not hindrances and access.may_close(user, programme),
        may_begin=target is None and is_open and year_access.may_begin_year(user),
        can_take_back=is_open and target is not None,
    )


def _stands(decision: YearEndDecision) -> bool:
    """Whether it still says how the year ended: what was left open may have been completed after all."""
    return decision.choice != Choice.LEFT_OPEN or decision.assignment.status in UNFINISHED_ASSIGNMENT


def told(counts: Mapping[str, int]) -> str:
    """Return what was decided in words."""
    return _("Carried over: %(carried)s; cancelled: %(cancelled)s; left open: %(left_open)s.") % counts


# --- On the page of one duty ------------------------------------------------------------------------
@dataclass(frozen=True)
class CarriedPanel:
    """Where a duty comes from and goes to, as far as the reader sees it."""

    origin: Assignment | None
    past: list[YearEndDecision]
    decision: YearEndDecision | None
    goes_to: Assignment | None

    @property
    def is_shown(self) -> bool:
        return bool(self.origin or self.past or self.decision)


def carried_panel(user: User, assignment: Assignment) -> CarriedPanel:
    """Read what happened at the turns of the years: two queries, and one for each year behind it."""
    seen = year_access.visible_decisions(user)
    decision = seen.filter(assignment=assignment).first()
    decision = decision if decision and _stands(decision) else None
    past: list[YearEndDecision] = []
    if assignment.copied_from_id:
        keys = [row.pk for row in leftovers.chain(assignment)]
        past = list(seen.filter(pk__in=keys).order_by("-assignment__programme__year")) if keys else []
    origin = None
    if assignment.copied_from_id and not past:
        origin = access.visible_assignments(user).filter(pk=assignment.copied_from_id).first()
    goes_to = None
    if decision and decision.carried_to_id:
        goes_to = access.visible_assignments(user).filter(pk=decision.carried_to_id).first()
    return CarriedPanel(origin, past, decision, goes_to)
