"""A review as a paper: its content in, the dataclass of portal.papers out.

Source: Decree 30/2020/NĐ-CP, Appendix III, form 1.4; its tables are annexes on their side (Appendix I, I.1).
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.conf import settings

from portal.lib.dates import local_day
from portal.lib.text import filled_lines
from portal.papers.reports import Annex, Issuer, Item, ReportPaper, Section
from tasks.models import ApprovedReview, ReportingPeriod
from tasks.paper_words import KIND_CODE, NOTHING, day, ended, number
from tasks.review_figures import leads, rate

NONE = "–"
NAMES = {ReportingPeriod.Kind.SEMIANNUAL: "Sơ kết", ReportingPeriod.Kind.ANNUAL: "Tổng kết"}


def title(content: Mapping[str, Any]) -> str:
    """Return the subject (trích yếu); a programme's title names its year."""
    programme = content["programme"]["title"]
    if content["kind"] == ReportingPeriod.Kind.ANNUAL:
        return f"Tổng kết thực hiện {programme}"
    return f"Sơ kết 6 tháng đầu năm thực hiện {programme}"


def paper_of(content: Mapping[str, Any], approved: ApprovedReview | None, *, at: dt.datetime) -> ReportPaper:
    """Return the paper; what nobody has approved says that it is a draft, and has no number."""
    host, programme = content["host"], content["programme"]
    dated_on = approved.issued_on if approved else None
    symbol, year = f"{KIND_CODE}-{host['symbol']}", (dated_on or local_day(at)).year
    number_given = approved.number if approved else ""
    return ReportPaper(
        profile=content["profile"],
        title=title(content),
        keywords=(NAMES[content["kind"]].lower(), "quân sự, quốc phòng", content["period"]["code"]),
        made_at=(approved.frozen_at if approved else at).replace(microsecond=0),
        issuer=Issuer(host["parent"] or None, host["name"]),
        number=number_given or None,
        symbol=symbol,
        place=programme["place"],
        year=year,
        dated_on=dated_on,
        opening=(_opening(content),),
        sections=ended([_section(section) for section in content["sections"]]),
        recipients=tuple(content["recipients"]),
        capacity=tuple(host["block"]),
        signer="",
        draft=approved is None,
        demo=settings.DEMO,
        annexes=(_targets(content), _agencies(content)),
        annex_note=_note(number_given, symbol, dated_on, year, host["name"]),
    )


def _opening(content: Mapping[str, Any]) -> str:
    first, last = (day(dt.date.fromisoformat(content["period"][name])) for name in ("data_from", "data_to"))
    subject = title(content)
    return (
        f"{content['host']['name']} báo cáo {subject[:1].lower()}{subject[1:]} (số liệu từ ngày {first} đến "
        f"ngày {last}; chi tiết tại Phụ lục I, Phụ lục II kèm theo) như sau:"
    )


def _note(number_given: str, symbol: str, dated_on: dt.date | None, year: int, host: str) -> str:
    """On a paper without number and day the records office fills the blanks in."""
    on = _dated(dated_on) if dated_on else f"      tháng      năm {year}"
    return f"(Kèm theo Báo cáo số {number_given or '      '}/{symbol} ngày {on} của {host})"


def _dated(on: dt.date) -> str:
    """Days below 10 and the months 1 and 2 have a zero before them (Appendix I, II.4b)."""
    month = f"{on.month:02}" if on.month < 3 else str(on.month)
    return f"{on:%d} tháng {month} năm {on.year}"


def _section(section: Mapping[str, Any]) -> Section:
    items = []
    for group, rows in groupby(section["paragraphs"], key=lambda row: row["group"]):
        items.append(Item(group or None, tuple(line for row in rows for line in filled_lines(row["text"]))))
    return Section(section["title"].upper(), tuple(items) or (Item(None, (NOTHING,)),))


# --- Annexes -----------------------------------------------------------------------------------------
def _targets(content: Mapping[str, Any]) -> Annex:
    """Plan, done and percent of every indicator, by priority task; the year before where there is one."""
    figures = content["figures"]
    year = _year_before(figures)
    titles = {task["number"]: task["title"] for task in figures["tasks"]}
    rows: list[tuple[str, ...]] = []
    for task, targets in groupby(figures["targets"], key=lambda row: row["task"]):
        rows.append((f"{task}. {titles.get(task, '')}",))
        rows += [_target(row, with_year_before=year is not None) for row in targets]
    return Annex(
        title="Kết quả thực hiện các chỉ tiêu",
        columns=(
            *("Số", "Nội dung", "Cơ quan chủ trì", "Chỉ tiêu", "Đơn vị tính"),
            *("Kế hoạch", "Thực hiện", "Tỷ lệ (%)"),
            *((f"Cùng kỳ năm {year}",) if year else ()),
        ),
        widths=(13, 66, 42, 42, 22, 18, 18, 17, 19) if year else (13, 75, 47, 47, 22, 18, 18, 17),
        figures_from=5,
        rows=tuple(rows),
    )


def _target(row: Mapping[str, Any], *, with_year_before: bool) -> tuple[str, ...]:
    return (
        row["code"],
        row["title"],
        row["lead"],
        row["indicator"],
        row["unit"],
        ("≤ " if row["is_lower_better"] else "") + _number(row["plan"]),
        _number(row["done"]),
        _number(row["percent"]),
        *((_number(row["before"]),) if with_year_before else ()),
    )


def _agencies(content: Mapping[str, Any]) -> Annex:
    """How each agency kept to the days of what it leads (B2), in protocol order: it is no ranking."""
    figures = content["figures"]
    year = _year_before(figures)
    leading = [row for row in figures["agencies"] if leads(row["now"]) or leads(row["before"])]
    rows = [_agency(str(n), row["name"], row, year) for n, row in enumerate(leading, 1)]
    return Annex(
        title="Tổng hợp tiến độ thực hiện nhiệm vụ của các cơ quan, đơn vị chủ trì",
        columns=(
            *("TT", "Cơ quan, đơn vị", "Nhiệm vụ có thời hạn", "Hoàn thành đúng hạn", "Hoàn thành quá hạn"),
            *("Đang thực hiện trong hạn", "Quá hạn chưa hoàn thành", "Tỷ lệ hoàn thành (%)"),
            "Nhiệm vụ thường xuyên",
            *((f"Hoàn thành cùng kỳ năm {year}", f"Tỷ lệ cùng kỳ năm {year} (%)") if year else ()),
        ),
        widths=(11, 66, *(20,) * 9) if year else (11, 92, *(22,) * 7),
        figures_from=2,
        rows=tuple(rows),
        total=_agency("", "Tổng cộng", figures["total"], year),
    )


def _agency(place: str, name: str, row: Mapping[str, Any], year: int | None) -> tuple[str, ...]:
    now, before = row["now"], row["before"]
    names = ("total", "on_time", "late", "open", "overdue")
    done = f"{before['on_time'] + before['late']}/{before['total']}" if before and before["total"] else NONE
    return (
        place,
        name,
        *(str(now[one]) for one in names),
        _rate(now),
        str(now["recurring"]),
        *((done, _rate(before)) if year else ()),
    )


def _rate(counts: Mapping[str, int] | None) -> str:
    share = rate(counts)
    return NONE if share is None else number(share)


def _number(value: str | None) -> str:
    return NONE if value is None else number(Decimal(value))


def _year_before(figures: Mapping[str, Any]) -> int | None:
    return int(figures["before"]["year"]) if figures["before"] else None
