"""What a rating comes to: one line an agency with points and grade; ranked, listed, frozen.

Party bodies are scored and never ranked: they have no place in the order and stand in no public list.
The words are those of an official list and stay Vietnamese in every language of the interface.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from tasks import rating_figures
from tasks.models import RatingGrade, RatingPoint, RatingRound, RatingSheet
from tasks.rating_figures import Share


@dataclass(frozen=True)
class Line:
    """One agency: its points by criterion, what they come to, and its place among those that are ranked."""

    sheet: RatingSheet
    points: Sequence[RatingPoint]
    total: Decimal | None
    computed_grade: RatingGrade | None
    rank: int | None = None

    @property
    def grade(self) -> RatingGrade | None:
        return self.sheet.grade or self.computed_grade

    @property
    def differs(self) -> bool:
        return self.sheet.grade is not None and self.sheet.grade != self.computed_grade


def lines(round_: RatingRound) -> list[Line]:
    """Return a line for every agency: the ranked ones by points, then Party bodies. Four queries."""
    grades = list(round_.grades.all())
    rows = round_.sheets.select_related("agency", "grade").prefetch_related("points__criterion")
    in_order = rows.order_by("agency__protocol_order", "agency__code")
    found = [line(sheet, sheet.points.all(), grades) for sheet in in_order]
    return ranked(found)


def line(sheet: RatingSheet, points: Iterable[RatingPoint], grades: Iterable[RatingGrade]) -> Line:
    """Return the line of one agency."""
    ordered = sorted(points, key=lambda point: point.criterion.order)
    given = rating_figures.total((point.criterion.weight, point.points) for point in ordered)
    return Line(sheet, ordered, given, rating_figures.grade_of(given, grades))


def ranked(found: Iterable[Line]) -> list[Line]:
    """Give places by points, the same for equal points; Party bodies and who has no points get none."""
    rows = list(found)
    in_order = [row for row in rows if row.total is not None and not row.sheet.is_of_party_body]
    in_order.sort(key=lambda row: -(row.total or 0))
    better = [row.total for row in in_order]
    placed = [replace(row, rank=better.index(row.total) + 1) for row in in_order]
    others = [row for row in rows if row.total is None and not row.sheet.is_of_party_body]
    return [*placed, *others, *(row for row in rows if row.sheet.is_of_party_body)]


def share_of(point: RatingPoint, live: Mapping[str, Share]) -> Share | None:
    """Return the figure behind a point: as at verification, else as it is now; None of a judged one."""
    if point.criterion.is_judged:
        return None
    if point.computed is not None:
        return rating_figures.restored(point.computed)
    return live.get(point.criterion.measure, Share())


# --- What is frozen and published --------------------------------------------------------------------
def content(round_: RatingRound, found: Iterable[Line]) -> dict[str, Any]:
    """Return what is approved, as JSON."""
    programme, host = round_.programme, round_.programme.host
    return {
        "year": programme.year,
        "programme": {"title": programme.title_vi, "place": programme.place},
        "host": {
            "name": host.name_vi,
            "parent": host.header_parent,
            "symbol": host.symbol or host.code,
            "block": list(host.block_lines),
        },
        "profile": programme.page_profile,
        "edition": round_.edition,
        "edition_sha256": round_.edition_sha256,
        "agencies": [_agency(row) for row in found],
    }


def _agency(row: Line) -> dict[str, Any]:
    agency, grade = row.sheet.agency, row.grade
    return {
        "code": agency.code,
        "name": agency.name_vi,
        "protocol_order": agency.protocol_order,
        "is_party_body": row.sheet.is_of_party_body,
        "rank": row.rank,
        "points": [_point(point) for point in row.points],
        "total": None if row.total is None else str(row.total),
        "grade_by_points": row.computed_grade.name_vi if row.computed_grade else None,
        "grade": grade.name_vi if grade else None,
        "place": grade.place if grade else None,
        "grade_reason": row.sheet.grade_reason,
        "reward": grade.reward if grade else "",
    }


def _point(point: RatingPoint) -> dict[str, Any]:
    return {
        "criterion": point.criterion.order,
        "weight": point.criterion.weight,
        "self": None if point.self_points is None else str(point.self_points),
        "points": None if point.points is None else str(point.points),
        "reason": point.reason,
    }


def public_list(found: Iterable[Line]) -> list[dict[str, str]]:
    """Return what every party reads: grades by protocol order within each grade, without Party bodies."""
    rows = [row for row in found if not row.sheet.is_of_party_body and row.grade is not None]
    rows.sort(key=lambda row: (_place(row), row.sheet.agency.protocol_order, row.sheet.agency.code))
    return [
        {"code": row.sheet.agency.code, "name": row.sheet.agency.name_vi, "grade": row.grade.name_vi}
        for row in rows
        if row.grade is not None
    ]


def _place(row: Line) -> int:
    return row.grade.place if row.grade else 0


def rewards(agencies: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return whom the approved content proposes for a reward: by grade, in protocol order within it."""
    rewarded = (row for row in agencies if row["reward"])
    return sorted(rewarded, key=lambda row: (row["place"], row["protocol_order"], row["code"]))
