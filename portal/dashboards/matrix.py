"""Priority tasks × key solutions: how many assignments lie where. Every number has its list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from tasks.deadlines import Timeliness
from tasks.models import PriorityTask, Programme, Solution
from tasks.models.assignments import AssignmentQuerySet

SHADES = 5


@dataclass(frozen=True)
class Cell:
    """A count with the address of the rows it counts; the flags count what the reader may know."""

    count: int
    url: str
    shade: str
    overdue: int = 0
    due_soon: int = 0


@dataclass(frozen=True)
class Row:
    task: PriorityTask
    cells: list[Cell]
    total: Cell


@dataclass(frozen=True)
class Matrix:
    solutions: list[Solution]
    rows: list[Row]
    column_totals: list[Cell]
    total: Cell

    @property
    def has_flags(self) -> bool:
        return any(cell.overdue or cell.due_soon for row in self.rows for cell in row.cells)


def matrix(
    programme: Programme,
    tasks: list[PriorityTask],
    solutions: list[Solution],
    *,
    shown: AssignmentQuerySet,
    with_progress: AssignmentQuerySet,
) -> Matrix:
    """Count in four queries.

    `shown` are the programme's assignments, `with_progress` those of them whose standing the reader
    sees, annotated with_timeliness. An assignment with two solutions is counted in both columns, but
    once in each total.
    """
    counts = _counts(shown)
    overdue = _counts(with_progress.filter(standing=Timeliness.OVERDUE))
    due_soon = _counts(with_progress.filter(standing=Timeliness.DUE_SOON))
    of_task = dict(shown.order_by().values_list("task__number").annotate(n=Count("pk", distinct=True)))
    most = max(counts.values(), default=0)

    def cell(task: PriorityTask, solution: Solution) -> Cell:
        place = (task.number, solution.number)
        n = counts.get(place, 0)
        address = _url(programme, task=task.number, solution=solution.number)
        return Cell(n, address, _shade(n, most), overdue.get(place, 0), due_soon.get(place, 0))

    def total(n: int, **choice: int) -> Cell:
        return Cell(n, _url(programme, **choice), "total")

    return Matrix(
        solutions,
        [
            Row(
                task,
                [cell(task, solution) for solution in solutions],
                total(of_task.get(task.number, 0), task=task.number),
            )
            for task in tasks
        ],
        [total(_column(counts, solution.number), solution=solution.number) for solution in solutions],
        total(sum(of_task.values())),
    )


def _counts(rows: AssignmentQuerySet) -> Mapping[tuple[int, int], int]:
    grouped = rows.order_by().values_list("task__number", "solutions__number")
    return {
        (task, solution): n
        for task, solution, n in grouped.annotate(n=Count("pk", distinct=True))
        if solution is not None
    }


def _column(counts: Mapping[tuple[int, int], int], number: int) -> int:
    """Every assignment has one task, so a column adds up without counting twice."""
    return sum(_of(counts, number))


def _of(counts: Mapping[tuple[int, int], int], number: int) -> Iterable[int]:
    return (n for (_task, solution), n in counts.items() if solution == number)


def _shade(n: int, most: int) -> str:
    """Return one of the classes h0 to h5c: none, then fifths of the largest count."""
    return f"h{-(-SHADES * n // most)}c" if n else "h0"


def _url(programme: Programme, **choice: int) -> str:
    return f"{reverse('assignments:list')}?{urlencode({'year': programme.year, **choice})}"
