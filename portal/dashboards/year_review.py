"""The review of a year: results by priority task, with the year before beside them."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from portal.dashboards.figures import FourNumbers
from portal.users.models import User
from tasks import access, indicators, milestone_lights, review_access, scheme_access, standings
from tasks.deadlines import Timeliness
from tasks.milestone_lights import Line
from tasks.models import Assignment, Programme, Shortcoming
from tasks.states import PENDING_MILESTONE, AssignmentStatus, ProposalState

_S = AssignmentStatus


@dataclass(frozen=True)
class Result:
    """What came of the duties of one task, or of all: the four numbers, and what became of the rest."""

    number: int
    title: str
    duties: int
    numbers: FourNumbers
    recurring: int
    carried: int
    cancelled: int
    before: "Result | None" = None

    @property
    def url(self) -> str:
        return f"{reverse('assignments:list')}?{urlencode(self.numbers.query)}"

    @property
    def rate(self) -> Decimal | None:
        """Percent of the duties with a deadline that were completed; None where there are none."""
        done = self.numbers.on_time + self.numbers.late
        return Decimal(100 * done) / self.numbers.total if self.numbers.total else None


@dataclass(frozen=True)
class Target:
    """One duty's figure against its target, with the year before where it repeats that duty."""

    duty: Assignment
    reading: indicators.Reading
    before: Assignment | None


@dataclass(frozen=True)
class ReviewPage:
    """Everything that dashboards/year_review.html reads."""

    programme: Programme
    before: Programme | None
    results: list[Result]
    total: Result
    targets: list[Target]
    shortcomings: list[Shortcoming]
    proposals: dict[str, int]
    milestones: list[Line]
    today: dt.date


def review_page(programme: Programme, user: User, *, today: dt.date) -> ReviewPage:
    """Put the page together in a fixed number of queries."""
    seen = access.visible_programmes(user)
    before = seen.filter(year__lt=programme.year).order_by("-year").first()
    past = _results(before, user, {}, today) if before else {}
    results = _results(programme, user, past, today)
    found = review_access.visible_shortcomings(user).filter(programme__year__lte=programme.year)
    open_then = found.exclude(reviews__verdict="gone", reviews__programme__year__lt=programme.year)
    shortcomings = open_then.prefetch_related("solutions__programme", "reviews__programme").distinct()
    return ReviewPage(
        programme=programme,
        before=before,
        results=[row for key, row in sorted(results.items()) if key],
        total=results[0],
        targets=_targets(programme, user, today),
        shortcomings=list(shortcomings.order_by("programme__year", "pk")),
        proposals=_proposals(programme, user),
        milestones=_milestones(programme, user, today),
        today=today,
    )


def _results(programme: Programme, user: User, past: dict[int, Result], today: dt.date) -> dict[int, Result]:
    """Return the results by task number, all of them under 0. Two queries."""
    rows = access.assignments_with_progress(user).filter(programme=programme)
    counted = (
        standings.with_standing(rows, user, today).order_by().values("task__number", "standing", "status")
    )
    facts = list(counted.annotate(n=Count("pk")))
    titles = {task.number: task.title for task in programme.priority_tasks.all()}
    found = {}
    for number, title in {0: "", **titles}.items():
        mine = [row for row in facts if number in {0, row["task__number"]}]
        counts = dict.fromkeys(Timeliness, 0)
        for row in mine:
            counts[Timeliness(row["standing"])] += row["n"]
        query = {"year": str(programme.year), **({"task": str(number)} if number else {})}
        found[number] = Result(
            number,
            title,
            sum(counts.values()),
            FourNumbers(counts, query),
            counts[Timeliness.NO_DEADLINE],
            _of_status(mine, _S.CARRIED_OVER),
            _of_status(mine, _S.CANCELLED),
            past.get(number),
        )
    return found


def _of_status(rows: list[dict[str, str | int]], status: str) -> int:
    return sum(int(row["n"]) for row in rows if row["status"] == status)


def _targets(programme: Programme, user: User, today: dt.date) -> list[Target]:
    rows = access.assignments_with_progress(user).filter(programme=programme)
    rows = rows.exclude(status=_S.CANCELLED).select_related("programme", "measure", "copied_from", "lead")
    return [
        Target(row, indicators.read(row, indicators.in_hand(row), today), row.copied_from)
        for row in rows.order_by("code")
    ]


def _proposals(programme: Programme, user: User) -> dict[str, int]:
    rows = review_access.visible_proposals(user).filter(report__period__programme=programme)
    return rows.aggregate(**{state.value: Count("pk", filter=Q(state=state)) for state in ProposalState})


def _milestones(programme: Programme, user: User, today: dt.date) -> list[Line]:
    """Milestones of schemes that were due in the years of the programme, and older ones still open."""
    first, last = dt.date(programme.year, 1, 1), dt.date(programme.year_to, 12, 31)
    rows = scheme_access.visible_milestones(user).filter(
        Q(due_on__range=(first, last)) | Q(due_on__lt=first, state__in=PENDING_MILESTONE)
    )
    return milestone_lights.lit(list(rows.order_by("scheme", "due_on", "pk")), user, today)
