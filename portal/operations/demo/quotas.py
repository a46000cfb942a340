"""Targets divided over the districts for the demonstration. The shares are invented, and the page says so.

Known are the sums: 3,934 conscripts = 3,505 for the army + 429 for the police, over 27 districts. The
assignment's own figure is kept: what the districts report comes to it.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from portal.lib.dates import local_day, start_of_day
from portal.lib.states import move
from portal.operations.demo.people import Cast
from tasks.models import Assignment, Figure, Indicator, JointIndicator, Locality, Programme, Quota
from tasks.states import DISTRIBUTION, DistributionState

NOTE = "Số liệu minh họa: phần giao và kết quả của từng huyện là giả định, chỉ tổng số lấy từ chương trình."
JOINED = ("2.01", "2.02")
CONSCRIPTS = 3934
DIVIDED = (*JOINED, "5.07")
WEIGHTS = (
    *(98, 31, 18, 74, 30, 32, 24, 36, 50, 64, 14, 11, 44, 38),
    *(28, 20, 52, 14, 12, 56, 40, 47, 62, 26, 58, 27, 50),
)
"""Invented, one a district in the order of the register, and started anew where there are more."""

REASON = "Một công dân chuyển nơi cư trú sang huyện khác; rà soát lại theo danh sách."
LATE_BY = 8  # days
NINE = dt.timedelta(hours=9)


def write(programme: Programme, cast: Cast, *, until: dt.datetime) -> None:
    """Divide some targets of a programme and enter figures, none after `until`."""
    for row in programme.assignments.filter(code__in=DIVIDED).select_related("lead"):
        quotas = _divide(row, cast, at=min(until, start_of_day(dt.date(programme.year, 1, 16)) + NINE))
        if row.actual and row.changed_at:
            _enter(row, quotas, cast, until=until)
    join(programme)


def join(programme: Programme) -> None:
    """Join the two conscriptions: their sum is what was published for the whole province."""
    joint = JointIndicator.objects.create(
        programme=programme,
        name_vi="Công dân nhập ngũ toàn tỉnh",
        name_en="Conscripts of the whole province",
        unit_vi="công dân",
        unit_en="citizen",
        target=CONSCRIPTS,
    )
    joint.parts.set(programme.assignments.filter(code__in=JOINED))


def _divide(row: Assignment, cast: Cast, *, at: dt.datetime) -> list[Quota]:
    indicator = Indicator.objects.create(assignment=row, note=NOTE)
    districts = list(Locality.objects.valid_on(row.deadline_on))
    shares = _parts(int(row.target), len(districts))
    Quota.objects.bulk_create(
        Quota(indicator=indicator, locality=district, share=share)
        for district, share in zip(districts, shares, strict=True)
    )
    head = cast.heads[row.lead.code]
    move(indicator, DistributionState.SETTLED, DISTRIBUTION, settled_at=at, settled_by=head, revision=2)
    return list(indicator.quotas.order_by("locality__order"))


def _parts(whole: int, count: int) -> list[int]:
    """Divide a whole by the weights, without a rest: the largest fractions get what is left over."""
    weights = [WEIGHTS[place % len(WEIGHTS)] for place in range(count)]
    parts = [whole * weight // sum(weights) for weight in weights]
    by_fraction = sorted(range(count), key=lambda place: -(whole * weights[place] % sum(weights)))
    for place in by_fraction[: whole - sum(parts)]:
        parts[place] += 1
    return parts


def _enter(row: Assignment, quotas: Sequence[Quota], cast: Cast, *, until: dt.datetime) -> None:
    """One figure a district, as of the day of the newest progress; one comes late, one is corrected."""
    by = cast.focal_points.get(row.lead.code, cast.officer)
    on = row.submitted_on or local_day(row.changed_at or until)
    at = min(start_of_day(on) + dt.timedelta(hours=16), until)
    late = min(at + dt.timedelta(days=LATE_BY), until)
    figures = [
        Figure(
            indicator_id=quota.indicator_id,
            quota=quota,
            on=on,
            value=value,
            at=late if place == len(quotas) - 1 else at,
            by=by,
        )
        for place, (quota, value) in enumerate(zip(quotas, _parts(int(row.actual), len(quotas)), strict=True))
    ]
    right, figures[0].value = figures[0].value, (figures[0].value or Decimal(0)) + 1
    Figure.objects.bulk_create(figures)
    first = Figure.objects.get(quota=quotas[0])
    Figure.objects.create(
        indicator_id=first.indicator_id,
        quota=first.quota,
        on=on,
        value=right,
        at=min(at + dt.timedelta(days=1), until),
        by=by,
        corrects=first,
        reason=REASON,
    )
