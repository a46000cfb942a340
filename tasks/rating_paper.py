"""The table of grades (bảng xếp loại) and the list of rewards as papers of Decree 30/2020 with a wide table.

It is ranked, so Party bodies do not stand in it. Vietnamese in every language of the interface.
Source: Decree 30/2020/NĐ-CP, Appendix III, form 1.4.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings

from portal.lib.dates import local_day
from portal.papers.reports import Issuer
from portal.papers.wide import LANDSCAPE_TEXT, TablePaper
from tasks.paper_words import number

NARROW, RANK, GRADE, TOTAL, POINT = 10, 15, 46, 18, 21  # mm
LEAST_NAME = 30  # mm
ALONE = "Các cơ quan của Đảng được thông báo kết quả riêng, không xếp thứ hạng."
DECISION = "Danh sách này là đề nghị; việc khen thưởng do cấp có thẩm quyền quyết định."


@dataclass(frozen=True)
class Shape:
    """What the two papers say differently."""

    title: str
    opening: str
    columns: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    none: str
    centred: tuple[int, ...]
    closing: tuple[str, ...]


def table_paper(content: Mapping[str, Any], *, at: dt.datetime, is_draft: bool) -> TablePaper:
    """Return the table of grades, with the points by criterion."""
    criteria = content["edition"]["criteria"]
    agencies = [row for row in content["agencies"] if not row["is_party_body"]]
    points = [POINT] * len(criteria)
    name = max(LANDSCAPE_TEXT - NARROW - RANK - GRADE - TOTAL - sum(points), LEAST_NAME)
    if name == LEAST_NAME:  # many criteria share what is left
        rest = LANDSCAPE_TEXT - NARROW - RANK - GRADE - TOTAL - LEAST_NAME
        points = _shared(rest, len(criteria))
    shape = Shape(
        title=f"Kết quả chấm điểm, xếp loại thực hiện {content['programme']['title']}",
        opening=_opening(content, agencies),
        columns=(
            *("TT", "Cơ quan, đơn vị"),
            *(f"Tiêu chí {n} (tối đa {row['weight']})" for n, row in enumerate(criteria, 1)),
            *("Tổng điểm", "Thứ hạng", "Xếp loại"),
        ),
        widths=(NARROW, name, *points, TOTAL, RANK, GRADE),
        rows=tuple(_row(n, row) for n, row in enumerate(agencies, 1)),
        none="Không có cơ quan, đơn vị nào.",
        centred=tuple(range(2, len(criteria) + 4)),
        closing=(_criteria(criteria), ALONE),
    )
    return _paper(content, shape, at=at, is_draft=is_draft)


def _shared(width: int, count: int) -> list[int]:
    """Divide millimetres over columns, whole ones, none lost."""
    each, more = divmod(width, count)
    return [each + (place < more) for place in range(count)]


def reward_paper(
    content: Mapping[str, Any], rewarded: Sequence[Mapping[str, Any]], *, at: dt.datetime
) -> TablePaper:
    """Return the list of agencies that are proposed for a reward."""
    shape = Shape(
        title=f"Danh sách đề nghị khen thưởng trong thực hiện {content['programme']['title']}",
        opening=f"Căn cứ kết quả xếp loại năm {content['year']} đã được phê duyệt, "
        f"{content['host']['name']} lập danh sách đề nghị khen thưởng như sau:",
        columns=("TT", "Cơ quan, đơn vị", "Xếp loại", "Hình thức đề nghị"),
        widths=(12, 100, 60, 85),
        rows=tuple((str(n), row["name"], row["grade"], row["reward"]) for n, row in enumerate(rewarded, 1)),
        none="Không có cơ quan, đơn vị nào được đề nghị.",
        centred=(),
        closing=(DECISION,),
    )
    return _paper(content, shape, at=at, is_draft=False)


def _paper(content: Mapping[str, Any], shape: Shape, *, at: dt.datetime, is_draft: bool) -> TablePaper:
    host, programme = content["host"], content["programme"]
    *rest, last = shape.closing
    return TablePaper(
        profile=content["profile"],
        kind="Báo cáo",
        title=shape.title,
        keywords=("xếp loại", "quân sự, quốc phòng", str(content["year"])),
        made_at=at.replace(microsecond=0),
        issuer=Issuer(host["parent"] or None, host["name"]),
        symbol=f"BC-{host['symbol']}",
        place=programme["place"],
        year=local_day(at).year,
        opening=(shape.opening,),
        columns=shape.columns,
        widths=shape.widths,
        rows=shape.rows,
        none=shape.none,
        centred=shape.centred,
        closing=(*rest, f"{last.rstrip('./ ')}./."),
        recipients=(f"Chỉ huy {host['name']}", "Lưu: VT"),
        capacity=tuple(host["block"]),
        draft=is_draft,
        demo=settings.DEMO,
    )


def _opening(content: Mapping[str, Any], agencies: Iterable[Mapping[str, Any]]) -> str:
    rows = list(agencies)
    counted = [
        (grade["name_vi"], sum(row["grade"] == grade["name_vi"] for row in rows))
        for grade in content["edition"]["grades"]
    ]
    words = "; ".join(f"{name}: {n}" for name, n in counted)
    until = dt.date.fromisoformat(content["edition"]["counts_until"])
    return (
        f"{content['host']['name']} xếp loại {len(rows)} cơ quan, đơn vị thực hiện Chương trình phối hợp năm "
        f"{content['year']}, số liệu đến ngày {until:%d/%m/%Y}. {words}. Kết quả cụ thể như sau:"
    )


def _row(place: int, row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        str(place),
        row["name"],
        *(_points(point["points"]) for point in row["points"]),
        _points(row["total"]),
        "–" if row["rank"] is None else str(row["rank"]),
        row["grade"] or "–",
    )


def _points(value: str | None) -> str:
    return "–" if value is None else number(Decimal(value))


def _criteria(criteria: Sequence[Mapping[str, Any]]) -> str:
    words = "; ".join(f"({n}) {row['title_vi']}" for n, row in enumerate(criteria, 1))
    return f"Tiêu chí: {words}. Dấu “–”: không có số liệu để tính, không đưa vào tổng điểm."
