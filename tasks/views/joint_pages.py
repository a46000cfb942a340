"""What the pages of joint indicators show: what several assignments make up together."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.users.models import User
from tasks import indicator_access, indicators, quotas
from tasks.models import Aggregation, Direction, Figure, JointIndicator, Quota
from tasks.views.indicator_rows import Row, row_of

SUM, HIGHER = Aggregation.SUM, Direction.HIGHER


@dataclass(frozen=True)
class JointRow:
    """One joint indicator: its parts, what they achieved together, whether their targets add up."""

    joint: JointIndicator
    parts: list[Row]
    actual: Decimal
    percent: Decimal
    sentence: str
    adds_up: bool


@dataclass(frozen=True)
class Line:
    """One holder of shares: the share of each part (None where it has none), their sum, what was achieved."""

    name: str
    shares: list[Decimal | None]
    share: Decimal
    actual: Decimal
    percent: Decimal


@dataclass(frozen=True)
class JointPage:
    """Everything that tasks/indicator_joint.html reads."""

    row: JointRow
    today: dt.date
    lines: list[Line]
    notes: list[str]


def joint_rows(user: User, year: int, today: dt.date) -> list[JointRow]:
    """Return the joint indicators of a year of which the user sees every part."""
    rows = indicator_access.visible_joint_indicators(user).filter(programme__year=year)
    wanted = rows.prefetch_related("parts__programme", "parts__lead", "parts__task", "parts__measure")
    return [joint_row(joint, today) for joint in wanted]


def joint_row(joint: JointIndicator, today: dt.date) -> JointRow:
    parts = [row_of(assignment, today) for assignment in joint.parts.all()]
    actual = indicators.of_parts([row.reading.actual or Decimal(0) for row in parts], SUM)
    gap = indicators.difference([row.assignment.target for row in parts], joint.target, SUM)
    return JointRow(
        joint=joint,
        parts=parts,
        actual=actual,
        percent=indicators.achieved(actual, joint.target, None, HIGHER),
        sentence=quotas.sentence(gap, target=joint.target, unit=joint.unit),
        adds_up=not gap,
    )


def joint_page(joint: JointIndicator, user: User, today: dt.date) -> JointPage:
    """Put the page together in a fixed number of queries."""
    row = joint_row(joint, today)
    assignments = [part.assignment for part in row.parts]
    shares = list(indicator_access.visible_quotas(user).filter(indicator__assignment__in=assignments))
    figures = indicator_access.visible_figures(user).filter(indicator__assignment__in=assignments)
    notes = sorted({part.measure.note for part in row.parts if part.measure.note})
    return JointPage(row, today, _lines(row, shares, list(figures)), notes)


def _lines(row: JointRow, shares: Sequence[Quota], figures: Sequence[Figure]) -> list[Line]:
    """One line a holder, in the order of the registers; a share of each part side by side."""
    places = {part.measure.pk: place for place, part in enumerate(row.parts)}
    actuals: dict[int | None, Decimal] = {}
    for part in row.parts:
        own = [figure for figure in figures if figure.indicator_id == part.measure.pk]
        actuals |= indicators.values_of(own, part.measure.aggregation)
    by_holder: dict[tuple[int | None, int | None], list[Quota]] = defaultdict(list)
    for quota in shares:
        by_holder[quota.agency_id, quota.locality_id].append(quota)
    return [_line(row, held, places, actuals) for held in by_holder.values()]


def _line(
    row: JointRow, held: Sequence[Quota], places: dict[int, int], actuals: dict[int | None, Decimal]
) -> Line:
    shares: list[Decimal | None] = [None] * len(row.parts)
    for quota in held:
        shares[places[quota.indicator_id]] = quota.share
    share = indicators.of_parts([quota.share for quota in held], SUM)
    actual = indicators.of_parts([actuals.get(quota.pk, Decimal(0)) for quota in held], SUM)
    return Line(held[0].name, shares, share, actual, indicators.achieved(actual, share, None, HIGHER))
