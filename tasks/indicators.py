"""What figures come to: totals of entries and of parts, and how they stand against the target.

The one place where figures are put together. Entries of one part (or of the whole, where nothing is
divided) become one value, and the values of the parts one total; shares of the target are put together by
the same rule, so that parts and whole are compared like with like.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from django.db.models import Exists, OuterRef, TextChoices
from django.utils.translation import gettext_lazy as _

from portal.lib.dates import local_day
from tasks.models import Aggregation, Assignment, Direction, Figure, Indicator, Quota
from tasks.states import UNREPORTED_ASSIGNMENT

PLACES = Decimal("0.01")
WHOLE = None
"""The part to which entries belong where the target is not divided."""


@dataclass(frozen=True)
class Entry:
    """One value that counts: of a part (the key of its quota, or WHOLE), as of a day."""

    part: int | None
    on: dt.date
    value: Decimal


class Standing(TextChoices):
    MET = "met", _("target met")
    ON_COURSE = "on_course", _("on course")
    BEHIND = "behind", _("behind")
    UNKNOWN = "unknown", _("no figure yet")


# --- Putting together -----------------------------------------------------------------------------
def of_entries(entries: Collection[Entry], aggregation: str) -> Decimal:
    """Return what the entries of one part come to; there is at least one, and one a day."""
    if aggregation == Aggregation.LATEST:
        return max(entries, key=lambda entry: entry.on).value
    total = sum((entry.value for entry in entries), Decimal(0))
    return total / len(entries) if aggregation == Aggregation.AVERAGE else total


def of_parts(values: Collection[Decimal], aggregation: str) -> Decimal:
    """Return what the parts come to together: their average where figures are averages, else their sum."""
    if not values:
        return Decimal(0)
    total = sum(values, Decimal(0))
    return _rounded(total / len(values) if aggregation == Aggregation.AVERAGE else total)


def by_part(entries: Iterable[Entry], aggregation: str) -> dict[int | None, Decimal]:
    """Return the value of each part that has entries."""
    of: dict[int | None, list[Entry]] = defaultdict(list)
    for entry in entries:
        of[entry.part].append(entry)
    return {part: of_entries(rows, aggregation) for part, rows in of.items()}


def total(entries: Iterable[Entry], aggregation: str) -> Decimal | None:
    """Return what all entries come to, None when there are none."""
    values = by_part(entries, aggregation)
    return of_parts(list(values.values()), aggregation) if values else None


def difference(shares: Collection[Decimal], target: Decimal, aggregation: str) -> Decimal:
    """Return by how much the shares differ from the target: 0 when they add up, above 0 too much."""
    return of_parts(shares, aggregation) - target


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(PLACES, rounding=ROUND_HALF_UP)


# --- Against the target ---------------------------------------------------------------------------
def achieved(actual: Decimal, target: Decimal, baseline: Decimal | None, direction: str) -> Decimal:
    """Return what was achieved in percent of what was planned, one decimal.

    Higher is better: actual over target; a target of zero is met by anything. Lower is better: 100 once
    the figure is down to the target; before that the part of the way down from the baseline, or, without a
    baseline above the target, target over actual.
    """
    if direction == Direction.HIGHER:
        return _percent(actual, target) if target else Decimal(100)
    if actual <= target:
        return Decimal(100)
    if baseline is not None and baseline > target:
        return max(_percent(baseline - actual, baseline - target), Decimal(0))
    return _percent(target, actual)


def standing(percent: Decimal | None, elapsed: int) -> Standing:
    """Return how an indicator stands: `percent` achieved (None: no figure), `elapsed` percent of its time."""
    if percent is None:
        return Standing.UNKNOWN
    if percent >= 100:
        return Standing.MET
    return Standing.BEHIND if percent < elapsed else Standing.ON_COURSE


def elapsed(first: dt.date, last: dt.date, today: dt.date) -> int:
    """Return how many percent of the time from `first` to `last` are over."""
    whole = max((last - first).days, 1)
    return min(max(100 * (today - first).days // whole, 0), 100)


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    """Round down: what falls short by little is not met yet."""
    return (100 * part / whole).quantize(Decimal("0.1"), rounding=ROUND_FLOOR)


@dataclass(frozen=True)
class Reading:
    """How an indicator stands on a day. `actual` and `percent` are None while nothing was reported."""

    actual: Decimal | None
    percent: Decimal | None
    elapsed: int  # percent of its time
    standing: Standing


def read(assignment: Assignment, measure: Indicator, today: dt.date) -> Reading:
    """Hold the assignment's figure against its target and its time. No query.

    An average does not grow with time: it is held against the whole target from the first day.
    """
    over = elapsed(*span(assignment), today)
    if assignment.status in UNREPORTED_ASSIGNMENT:
        return Reading(None, None, over, Standing.UNKNOWN)
    percent = achieved(assignment.actual, assignment.target, measure.baseline, measure.direction)
    expected = 100 if measure.aggregation == Aggregation.AVERAGE else over
    return Reading(assignment.actual, percent, over, standing(percent, expected))


def span(assignment: Assignment) -> tuple[dt.date, dt.date]:
    """Return the days between which the target is to be reached."""
    programme = assignment.programme
    begun = local_day(programme.in_force_at) if programme.in_force_at else dt.date(programme.year, 1, 1)
    return assignment.start_on or begun, assignment.present_deadline_on


# --- Of an assignment -----------------------------------------------------------------------------
def measure_of(assignment: Assignment) -> Indicator:
    """Return how the assignment is measured: its row, or one with the defaults that is not saved."""
    found = Indicator.objects.filter(assignment=assignment).first()
    return found or Indicator(assignment=assignment, **defaults(assignment))


def defaults(assignment: Assignment) -> dict[str, str]:
    """Return how a figure is measured of which nobody has said it: shares in percent are not added up."""
    return {"aggregation": Aggregation.LATEST if is_in_percent(assignment) else Aggregation.SUM}


def is_in_percent(assignment: Assignment) -> bool:
    return assignment.unit_vi.strip().startswith("%")


def in_hand(assignment: Assignment) -> Indicator:
    """Return the same without a query, of an assignment that was read with its measure."""
    found: Indicator | None = getattr(assignment, "measure", None)
    return found or Indicator(assignment=assignment, **defaults(assignment))


def entries(figures: Iterable[Figure], corrected: Collection[int]) -> list[Entry]:
    """Return what counts of all figures of an indicator: what none corrects and none took back."""
    return [
        Entry(row.quota_id, row.on, row.value)
        for row in figures
        if row.pk not in corrected and row.value is not None
    ]


def current(indicator: Indicator) -> list[Entry]:
    """Read what counts now. One query; none for an indicator that is not saved."""
    if indicator.pk is None:
        return []
    rows = list(Figure.objects.filter(indicator=indicator))
    return entries(rows, {row.corrects_id for row in rows if row.corrects_id})


def total_of(indicator: Indicator) -> Decimal | None:
    """Return what the figures of an indicator come to, None while there are none."""
    return total(current(indicator), indicator.aggregation)


def has_figures(indicator: Indicator) -> bool:
    """Whether anything counts: then the assignment's figure follows and is not typed."""
    return bool(current(indicator))


def follows_figures() -> Exists:
    """Condition on an assignment: its figure follows figures that were entered."""
    counting = Figure.objects.filter(
        indicator__assignment=OuterRef("pk"), correction__isnull=True, value__isnull=False
    )
    return Exists(counting)


def difference_of(assignment: Assignment, indicator: Indicator, quotas: Collection[Quota]) -> Decimal:
    """Return by how much the shares of the target differ from it."""
    return difference([quota.share for quota in quotas], assignment.target, indicator.aggregation)


def percent_done(assignment: Assignment, indicator: Indicator, actual: Decimal | None) -> int:
    """Return the progress that follows from a total: 0 without one, at most 100."""
    if actual is None:
        return 0
    share = achieved(actual, assignment.target, indicator.baseline, indicator.direction)
    return min(int(share), 100)


def values_of(figures: Iterable[Figure], aggregation: str) -> Mapping[int | None, Decimal]:
    """Return the value of each part, of all figures of one indicator."""
    rows = list(figures)
    return by_part(entries(rows, {row.corrects_id for row in rows if row.corrects_id}), aggregation)
