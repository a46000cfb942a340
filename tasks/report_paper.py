"""An agency's periodic report as a paper: what it said when it was last sent, in the form of Decree 30."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import translation

from portal.agencies.models import Agency
from portal.lib.dates import local_day
from portal.lib.text import filled_lines, fold
from portal.papers.reports import Issuer, Item, ReportPaper, Section
from tasks.models import Assignment, PaperEntry, Report, ReportStep
from tasks.paper_words import KIND_CODE, NOTHING, against_target, day, ended, named


def newest_sending(report: Report) -> ReportStep | None:
    """Return the step that last sent the report, with what it said then; None when it never was."""
    return report.steps.exclude(content=None).select_related("paper__entered_by").first()


def paper_of(report: Report, sending: ReportStep) -> ReportPaper:
    """Return the paper of one sending; number and date are the agency's own records office's.

    Of one that was entered from paper they are that paper's, and the opening says so.
    """
    agency, programme, entry = report.agency, report.period.programme, sending.paper
    number, _slash, symbol = entry.number.partition("/") if entry else ("", "", "")
    with translation.override("vi"):
        period = report.period.title
        sections = _sections(report, sending.content or {})
    first, last = day(report.period.data_from), day(report.period.data_to)
    return ReportPaper(
        profile="nd30",
        title=f"Kết quả thực hiện {programme.title_vi}, {period}",
        keywords=("báo cáo định kỳ", "quân sự, quốc phòng", report.period.code),
        made_at=sending.at.replace(microsecond=0),
        issuer=Issuer(agency.header_parent or None, agency.name_vi),
        number=number or None,
        symbol=symbol or f"{KIND_CODE}-{agency.symbol or agency.code}",
        place=programme.place,
        year=entry.issued_on.year if entry else local_day(sending.at).year,
        dated_on=entry.issued_on if entry else None,
        opening=(
            f"{agency.name_vi} báo cáo kết quả {period} (số liệu từ ngày {first} đến ngày {last}) như sau:",
            *(_from_paper(entry) if entry else ()),
        ),
        sections=ended(sections),
        recipients=(programme.host.name_vi, "Lưu: VT"),
        capacity=filled_lines(sending.capacity) or _capacity(agency, entry),
        signer=entry.signer_name if entry else "",
        draft=False,
        demo=settings.DEMO,
    )


def _from_paper(entry: PaperEntry) -> tuple[str, ...]:
    """Say on the print that it is no print of the original."""
    entered = f"{entry.entered_by.get_full_name()} nhập vào Cổng ngày {day(local_day(entry.entered_at))}"
    return (
        f"(Nội dung do {entered} "
        f"từ bản giấy số {entry.number} ngày {day(entry.issued_on)}, do {entry.signer_name}, "
        f"{entry.signer_title} ký; nhận ngày {day(entry.received_on)}.)",
    )


def _capacity(agency: Agency, entry: PaperEntry | None) -> tuple[str, ...]:
    """The head's lines; where another post stands above the signature on the paper, that one."""
    if entry is None or fold(entry.signer_title) == fold(agency.block_lines[-1]):
        return agency.block_lines
    return (entry.signer_title.upper(),)


def _sections(report: Report, content: Mapping[str, Any]) -> list[Section]:
    """The sections in order; the second is made of the lines."""
    written = {
        name: _written(report, name, content) for name in ("summary", "shortcomings", "plans", "proposals")
    }
    results = Section("II. KẾT QUẢ THỰC HIỆN", _results(report, content.get("lines", [])))
    return [written["summary"], results, written["shortcomings"], written["plans"], written["proposals"]]


def _written(report: Report, name: str, content: Mapping[str, Any]) -> Section:
    title = str(Report._meta.get_field(name).verbose_name).upper()  # type: ignore[union-attr]
    return Section(title, (Item(None, filled_lines(content.get(name, "")) or (NOTHING,)),))


def _results(report: Report, lines: Sequence[Mapping[str, Any]]) -> tuple[Item, ...]:
    """One item for each priority task, with a paragraph for each assignment and what was written on it."""
    rows = Assignment.objects.filter(pk__in=[line["assignment"] for line in lines])
    by_pk = {row.pk: row for row in rows.select_related("task", "lead", "measure")}
    texts: dict[tuple[int, str], list[str]] = {}
    for line in sorted(lines, key=lambda one: by_pk[one["assignment"]].code):
        row = by_pk[line["assignment"]]
        group = texts.setdefault((row.task.number, row.task.title_vi), [])
        group += [_head(report, row, line), *(filled_lines(line["text"]) or (NOTHING,))]
        group += filled_lines(
            named(map(_product, line.get("products", ())))
        )  # older ones say nothing of them
    items = tuple(Item(f"{number}. {title}", tuple(said)) for (number, title), said in sorted(texts.items()))
    return items or (Item(None, (NOTHING,)),)


def _product(said: Mapping[str, str]) -> tuple[str, dt.date, str]:
    return said["number"], dt.date.fromisoformat(said["issued_on"]), said["subject"]


def _head(report: Report, row: Assignment, line: Mapping[str, Any]) -> str:
    """Name the assignment: of a led one with its figure, else who leads it."""
    if line["actual"] is None:
        lead = "" if row.lead_id == report.agency_id else f" (phối hợp với {row.lead.name_vi})"
        return f"{row.code}. {row.title_vi}{lead}:"
    return f"{row.code}. {row.title_vi}: {row.indicator_vi} {against_target(row, Decimal(line['actual']))}."
