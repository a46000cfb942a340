"""How assignments stand, for a reader: against their day, and recurring ones by their past occurrences.

A recurring assignment is overdue while its lead owes the report of a past period in which it was due. That
is tasks.occurrences in SQL; a test holds the two equal. Who does not see the lead's reports reads nothing of
it. It is reminded of by the report itself, once.
"""

import datetime as dt
from collections.abc import Iterable

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from portal.users.models import User
from tasks import access
from tasks.deadlines import Timeliness
from tasks.models import Assignment, Progress, Report, ReportingPeriod, ReportLine
from tasks.models.assignments import AssignmentQuerySet
from tasks.occurrences import KINDS
from tasks.states import OPEN_ASSIGNMENT, SENT_REPORT, AssignmentStatus


def with_standing(rows: AssignmentQuerySet, user: User, today: dt.date) -> AssignmentQuerySet:
    """Annotate `standing`, and `missed`: the key of the oldest report that is owed for a past occurrence.

    The rows are of programmes that the user sees; of these, reports are told to whom they are visible.
    """
    owed = _owed(Report.objects.filter(access.reporting_rule(user)), today)
    recurring = When(
        cycle__in=[cycle for cycle, _kinds in KINDS],
        status__in=OPEN_ASSIGNMENT,
        then=Subquery(owed.values("pk")[:1]),
    )
    overdue = When(missed__isnull=False, then=Value(Timeliness.OVERDUE))
    return (
        rows.with_timeliness(today)
        .annotate(missed=Case(recurring, output_field=BigIntegerField()))
        .annotate(standing=Case(overdue, default=F("standing"), output_field=CharField()))
    )


def with_sender(rows: AssignmentQuerySet, agency_id: int | None) -> AssignmentQuerySet:
    """Annotate `came_back_from`: the status that a duty of the agency left when it came back to be done.

    Awaiting the head, whoever sent it back; rejected, as long as it is being redone. Empty for all others.
    """
    before = Progress.objects.filter(assignment=OuterRef("pk")).exclude(status=AssignmentStatus.IN_PROGRESS)
    last = before.order_by("-at", "-pk").values("status")[:1]
    at_work = Q(lead=agency_id, status=AssignmentStatus.IN_PROGRESS) & ~Q(decision_note="")
    return rows.annotate(came_back_from=Case(When(at_work, then=Subquery(last)), default=Value("")))


def _owed(reports: QuerySet[Report], today: dt.date) -> QuerySet[Report]:
    """Reports that the lead of the outer assignment owes for periods within its days, the oldest first."""
    told = ReportLine.objects.filter(
        assignment=OuterRef(OuterRef("pk")),
        report__period=OuterRef("period"),
        report__state__in=SENT_REPORT,
        is_led=True,
    )
    begins = Coalesce(OuterRef("start_on"), F("period__data_to"), output_field=DateField())
    ends = Coalesce(OuterRef("adjusted_on"), OuterRef("deadline_on"), output_field=DateField())
    own = reports.filter(
        period__programme=OuterRef("programme"),
        agency=OuterRef("lead"),
        period__data_to__gte=begins,
        period__data_from__lte=ends,
    )
    own = own.exclude(state__in=SENT_REPORT).annotate(
        binding_on=Coalesce("own_due_on", "period__due_on"), cycle=_outer_text("cycle")
    )
    own = own.filter(_is_due(), ~Exists(_shorter()), ~Exists(told), binding_on__lt=today)
    return own.order_by("binding_on", "period__code")


def _is_due() -> Q:
    """The period is of the assignment's cycle, or longer."""
    found = Q()
    for place, (cycle, _kinds) in enumerate(KINDS):
        kinds = frozenset[str]().union(*(kinds for _cycle, kinds in KINDS[place:]))
        found |= Q(cycle=cycle, period__kind__in=sorted(kinds))
    return found


def _shorter() -> QuerySet[ReportingPeriod]:
    """Periods of the programme that are nearer to the cycle: where there are any, it is due in these."""
    found = Q()
    for place, (cycle, own) in enumerate(KINDS):
        nearer = own
        for _cycle, kinds in KINDS[place + 1 :]:
            if longer := sorted(kinds - nearer):
                found |= Q(cycle=cycle, longer__in=longer, kind__in=sorted(nearer))
            nearer |= kinds
    there = ReportingPeriod.objects.annotate(
        cycle=_outer_text(OuterRef("cycle")), longer=_outer_text("period__kind")
    )
    return there.filter(found, programme=OuterRef("period__programme"))


def _outer_text(name: str | OuterRef) -> Combinable:
    return ExpressionWrapper(OuterRef(name), output_field=CharField())


def name_missed(rows: Iterable[Assignment]) -> None:
    """Give each row of with_standing() its `missed_report`; a query where there is any."""
    rows = list(rows)
    keys = {row.missed for row in rows if getattr(row, "missed", None)}  # type: ignore[attr-defined]
    found = Report.objects.select_related("period").in_bulk(keys) if keys else {}
    for row in rows:
        row.missed_report = found.get(getattr(row, "missed", None))  # type: ignore[attr-defined]
