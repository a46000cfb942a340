"""Words that reports on paper share. They stay Vietnamese in every language of the interface."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils import translation

from portal.papers.reports import Item, Section
from tasks import indicators
from tasks.models import Assignment, Direction, ReportingPeriod

KIND_CODE = "BC"
NOTHING = "Không có nội dung."


def frozen_head(period: ReportingPeriod) -> dict[str, Any]:
    """Return what a frozen report says of its period, programme and host, as plain values."""
    programme, host = period.programme, period.programme.host
    with translation.override("vi"):
        title = period.title
    return {
        "period": {
            "code": period.code,
            "title": title,
            "data_from": period.data_from.isoformat(),
            "data_to": period.data_to.isoformat(),
        },
        "programme": {"year": programme.year, "title": programme.title_vi, "place": programme.place},
        "host": {
            "code": host.code,
            "name": host.name_vi,
            "parent": host.header_parent,
            "symbol": host.symbol or host.code,
            "block": list(host.block_lines),
        },
        "profile": programme.page_profile,
    }


def number(value: Decimal) -> str:
    """Vietnamese figures: 3.505 and 12,5."""
    return f"{value.normalize():,f}".replace(",", " ").replace(".", ",").replace(" ", ".")


def against_target(row: Assignment, actual: Decimal) -> str:
    """Return a figure beside its target: "4/10 văn bản, đạt 40%"."""
    if not row.target:
        return f"{number(actual)} {row.unit_vi}"
    if indicators.in_hand(row).direction == Direction.LOWER:  # less is more: a share would mislead
        return f"{number(actual)} {row.unit_vi} (chỉ tiêu không quá {number(row.target)})"
    if row.unit_vi == "%":
        return f"{number(actual)}% (chỉ tiêu {number(row.target)}%)"
    share = number(round(100 * actual / row.target, 1))
    return f"{number(actual)}/{number(row.target)} {row.unit_vi}, đạt {share}%"


def day(value: dt.date) -> str:
    return f"{value:%d/%m/%Y}"


def named(products: Iterable[tuple[str, dt.date, str]]) -> str:
    """Name the documents that show a result, by number, day and subject; empty for none."""
    words = "; ".join(f"{number} ngày {day(on)} ({subject})" for number, on, subject in products)
    return f"Văn bản kết quả: {words}." if words else ""


def ended(sections: list[Section]) -> tuple[Section, ...]:
    """Let the last paragraph end with ./. (Decree 30/2020, Appendix I, II.6)."""
    *rest, last = sections
    *items, item = last.items
    *texts, text = item.text
    closed = Item(item.title, (*texts, f"{text.rstrip('./ ')}./."))
    return (*rest, Section(last.title, (*items, closed)))
