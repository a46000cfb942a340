"""Copy what one programme says into another of a later year: days and years in its texts move along.

Only within the action that begins the programme, or carries a duty over. What other bodies decided keeps
its years (tasks.loading.shifting says which).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.calendar.models import load_calendar
from tasks import due_days
from tasks.loading.shifting import shift_day, shift_text
from tasks.models import (
    Assignment,
    Clause,
    Coordination,
    Indicator,
    JointIndicator,
    PriorityTask,
    Programme,
    ProgrammeBasis,
    Signatory,
    Solution,
)
from tasks.states import AssignmentStatus

RUNNING = (
    *("extension_notice_days", "deputies_decide_extensions"),
    *("light_yellow_gap", "light_red_gap", "light_soon_days", "light_stale_days"),
)
"""Columns that say how a programme is run."""

_MEASURE = ("baseline", "direction", "aggregation", "cycle")
_DUTY = ("cycle", "indicator_vi", "indicator_en", "unit_vi", "unit_en", "target")


@dataclass(frozen=True)
class Places:
    """Where copies go: tasks and solutions of the new programme by their numbers."""

    programme: Programme
    tasks: Mapping[int, PriorityTask]
    solutions: Mapping[int, Solution]

    @classmethod
    def of(cls, programme: Programme) -> "Places":
        return cls(
            programme,
            {row.number: row for row in programme.priority_tasks.all()},
            {row.number: row for row in programme.solutions.all()},
        )


def text(source: Programme, programme: Programme) -> None:
    """Copy everything under a programme: parties, legal bases, clauses, tasks, solutions, duties.

    Duties that were cancelled, and those that a conference added after signing, are left out.
    """
    years = programme.year - source.year
    Signatory.objects.bulk_create(
        Signatory(programme=programme, agency_id=row.agency_id, order=row.order, place=row.place)
        for row in source.signatories.all()
    )
    ProgrammeBasis.objects.bulk_create(
        ProgrammeBasis(programme=programme, basis_id=row.basis_id, order=row.order)
        for row in source.programmebasis_set.all()
    )
    Clause.objects.bulk_create(
        Clause(
            programme=programme,
            section=row.section,
            number=row.number,
            title=shift_text(row.title, source.year, years),
            text=shift_text(row.text, source.year, years),
        )
        for row in source.clauses.all()
    )
    for row in source.priority_tasks.all():
        PriorityTask.objects.create(programme=programme, number=row.number, **_titles(row, source, years))
    for point in source.solutions.all():
        Solution.objects.create(programme=programme, number=point.number, **_titles(point, source, years))
    _duties(source, programme)


def _titles(row: PriorityTask | Solution | Assignment, source: Programme, years: int) -> dict[str, str]:
    names = ("title_vi", "title_en")
    return {name: shift_text(getattr(row, name), source.year, years) for name in names}


def _duties(source: Programme, programme: Programme) -> None:
    places = Places.of(programme)
    rows = source.assignments.exclude(status=AssignmentStatus.CANCELLED).exclude(is_added=True)
    rows = rows.select_related("programme", "task", "measure").prefetch_related("solutions", "coordinations")
    made = {row.pk: duty(row, places, code=row.code) for row in rows.order_by("code")}
    for joint in JointIndicator.objects.filter(programme=source).prefetch_related("parts"):
        names = ("name_vi", "name_en", "unit_vi", "unit_en", "target")
        copy = JointIndicator.objects.create(
            programme=programme, **{name: getattr(joint, name) for name in names}
        )
        copy.parts.set([made[part.pk] for part in joint.parts.all() if part.pk in made])
    due_days.refresh(programme.assignments.all(), calendar=load_calendar())


def duty(row: Assignment, places: Places, *, code: str) -> Assignment:
    """Copy a duty as a draft that remembers where it comes from; a task that is missing is the first one."""
    source, programme = row.programme, places.programme
    years = programme.year - source.year
    copy = Assignment.objects.create(
        programme=programme,
        code=code,
        task=places.tasks.get(row.task.number) or places.tasks[min(places.tasks)],
        lead_id=row.lead_id,
        start_on=shift_day(row.start_on, years) if row.start_on else None,
        deadline_on=shift_day(row.deadline_on, years),
        copied_from=row,
        **_titles(row, source, years),
        **{name: getattr(row, name) for name in _DUTY},
    )
    found = (places.solutions.get(solution.number) for solution in row.solutions.all())
    copy.solutions.set([solution for solution in found if solution])
    Coordination.objects.bulk_create(
        Coordination(
            assignment=copy, agency_id=share.agency_id, deliverable=share.deliverable, order=share.order
        )
        for share in row.coordinations.all()
        if share.agency_id != row.lead_id
    )
    if measure := getattr(row, "measure", None):
        Indicator.objects.create(assignment=copy, **{name: getattr(measure, name) for name in _MEASURE})
    return copy
