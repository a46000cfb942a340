"""The four official numbers, and what is counted in them: one aggregate query each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tasks.deadlines import Timeliness
from tasks.models import Assignment, Colour
from tasks.models.assignments import AssignmentQuerySet

_T = Timeliness
FIGURES = {
    "on_time": (_T.COMPLETED_ON_TIME,),
    "late": (_T.COMPLETED_LATE,),
    "open": (_T.NOT_DUE, _T.DUE_SOON),
    "overdue": (_T.OVERDUE,),
}


@dataclass(frozen=True)
class FourNumbers:
    """Completed on time, completed late, open within the deadline, open and overdue; with their lists."""

    counts: dict[Timeliness, int]
    query: dict[str, str]

    @property
    def total(self) -> int:
        return sum(self.counts[state] for states in FIGURES.values() for state in states)

    @property
    def rows(self) -> list[tuple[str, int, str]]:
        """State, count and address of each number that is not zero, in the fixed order."""
        states = {"on_time": _T.COMPLETED_ON_TIME, "late": _T.COMPLETED_LATE, "open": "active"}
        return [
            (str(states.get(name, _T.OVERDUE)), self.number(name), self.url(name))
            for name in FIGURES
            if self.number(name)
        ]

    @property
    def urls(self) -> dict[str, str]:
        return {name: self.url(name) for name in FIGURES}

    @property
    def sentence(self) -> str:
        """The numbers in words: what a chart says to who cannot see it."""
        return _(
            "%(on_time)s completed on time, %(late)s completed late, "
            "%(open)s open within the deadline, %(overdue)s overdue"
        ) % {name: self.number(name) for name in FIGURES}

    @property
    def bar(self) -> list[tuple[str, int]]:
        """Parts of the bar: the due-soon part of the open ones stands apart."""
        order = (_T.COMPLETED_ON_TIME, _T.COMPLETED_LATE, _T.NOT_DUE, _T.DUE_SOON, _T.OVERDUE)
        names = {_T.NOT_DUE: "active"}
        return [(names.get(state, state.value), self.counts[state]) for state in order]

    @property
    def due_soon(self) -> int:
        return self.counts[_T.DUE_SOON]

    @property
    def on_time(self) -> int:
        return self.number("on_time")

    @property
    def late(self) -> int:
        return self.number("late")

    @property
    def open(self) -> int:
        return self.number("open")

    @property
    def overdue(self) -> int:
        return self.number("overdue")

    def number(self, name: str) -> int:
        return sum(self.counts[state] for state in FIGURES[name])

    def url(self, name: str) -> str:
        """The address of exactly the rows that a number counts."""
        standing = [("standing", state.value) for state in FIGURES[name]]
        return f"{reverse('assignments:list')}?{urlencode([*self.query.items(), *standing])}"


def four_numbers(assignments: AssignmentQuerySet, query: dict[str, str]) -> FourNumbers:
    """Count `assignments`, annotated with_timeliness, in one query; `query` selects them in the list."""
    found = assignments.order_by().values("standing").annotate(count=Count("pk", distinct=True))
    counts = dict(found.values_list("standing", "count"))
    return FourNumbers({state: counts.get(state, 0) for state in Timeliness}, query)


def counted(rows: Iterable[Assignment], query: dict[str, str]) -> FourNumbers:
    """Count rows that were read with_standing(); `query` selects them in the list."""
    counts = Counter(row.standing for row in rows)
    return FourNumbers({state: counts[state] for state in Timeliness}, query)


@dataclass(frozen=True)
class Lamp:
    """How many assignments show a light, and the address of exactly those."""

    colour: str
    count: int
    url: str


def lamps(rows: Iterable[Assignment], query: dict[str, str]) -> tuple[Lamp, ...]:
    """Count rows of lights.lit() by the light that they show, the worst first; none without rows."""
    counts = Counter(row.light.colour for row in rows if row.light)
    colours = (Colour.RED, Colour.YELLOW, Colour.GREEN)
    address = reverse("assignments:list")
    return tuple(
        Lamp(one.value, counts[one.value], f"{address}?{urlencode({**query, 'light': one.value})}")
        for one in colours
        if counts
    )


@dataclass(frozen=True)
class Light:
    """How one priority task stands."""

    number: int
    title: str
    figures: FourNumbers

    @property
    def state(self) -> str:
        if self.figures.overdue:
            return Timeliness.OVERDUE
        return Timeliness.DUE_SOON if self.figures.due_soon else Timeliness.COMPLETED_ON_TIME

    @property
    def words(self) -> str:
        overdue, soon = self.figures.overdue, self.figures.due_soon
        if overdue:
            return ngettext("%(n)s overdue", "%(n)s overdue", overdue) % {"n": overdue}
        if soon:
            return ngettext("%(n)s due soon", "%(n)s due soon", soon) % {"n": soon}
        return _("On schedule")
