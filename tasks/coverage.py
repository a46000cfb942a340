"""What of a programme's text is somebody's duty, and what is nobody's yet."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tasks.models import Assignment, Clause, PriorityTask, Programme, Solution
from tasks.states import AssignmentStatus


@dataclass(frozen=True)
class Covered:
    """A piece of the text with the assignments that carry it out."""

    part: PriorityTask | Solution | Clause
    rows: list[Assignment]


@dataclass(frozen=True)
class Coverage:
    """The text beside its assignments; `orphans` serve no solution of it."""

    tasks: list[Covered]
    solutions: list[Covered]
    clauses: list[Covered]
    orphans: list[Assignment]

    @property
    def warnings(self) -> list[str]:
        """One sentence for each kind of gap. Clauses count where the programme links any of them."""
        found = []
        if codes := [row.code for row in self.orphans]:
            found.append(
                _("Assignments that carry out no solution: %(codes)s.") % {"codes": ", ".join(codes)}
            )
        if free := _numbers(self.tasks):
            found.append(_("Priority tasks without any assignment: %(numbers)s.") % {"numbers": free})
        if free := _numbers(self.solutions):
            found.append(_("Solutions that nobody carries out: %(numbers)s.") % {"numbers": free})
        duties = [row for row in self.clauses if _is_duty(row.part)]
        if any(row.rows for row in self.clauses) and (free := _numbers(duties)):
            found.append(
                _("Clauses on responsibilities that nobody carries out: %(numbers)s.") % {"numbers": free}
            )
        return found


def of(programme: Programme, rows: Iterable[Assignment]) -> Coverage:
    """Lay the text beside `rows`: the programme's assignments with their solutions in hand. Three queries."""
    by_task, by_solution, by_clause = (defaultdict[int, list[Assignment]](list) for _n in range(3))
    orphans = []
    for row in rows:
        if row.status == AssignmentStatus.CANCELLED:
            continue
        by_task[row.task_id].append(row)
        by_clause[row.clause_id or 0].append(row)
        solutions = list(row.solutions.all())
        for solution in solutions:
            by_solution[solution.pk].append(row)
        if not solutions:
            orphans.append(row)
    sections = [section.value for section in Clause.Section]
    clauses = sorted(programme.clauses.all(), key=lambda row: (sections.index(row.section), row.number))
    return Coverage(
        tasks=[Covered(part, by_task[part.pk]) for part in programme.priority_tasks.all()],
        solutions=[Covered(part, by_solution[part.pk]) for part in programme.solutions.all()],
        clauses=[Covered(part, by_clause[part.pk]) for part in clauses],
        orphans=orphans,
    )


def warnings(programme: Programme) -> list[str]:
    """Say what is nobody's duty before the text is settled or frozen; it forbids neither. Five queries."""
    rows = programme.assignments.order_by("code").prefetch_related("solutions")
    return of(programme, rows).warnings


def _is_duty(part: PriorityTask | Solution | Clause) -> bool:
    return isinstance(part, Clause) and part.section == Clause.Section.RESPONSIBILITY


def _numbers(rows: Iterable[Covered]) -> str:
    return ", ".join(str(row.part.number) for row in rows if not row.rows)
