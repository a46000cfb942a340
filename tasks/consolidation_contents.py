"""What a consolidated report says: the agencies' reports of a period gathered, paragraph by paragraph.

The words are those of an official report and stay Vietnamese in every language of the interface. Each
paragraph names what it rests on: a figure is the sum of its sources' values, and each line that an agency
wrote stands among the sources of one paragraph. Lines that are equal after folding share a paragraph.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import translation

from portal.lib.text import filled_lines, fold
from tasks import report_contents
from tasks.deadlines import Timeliness
from tasks.models import (
    Assignment,
    ConsolidationParagraph,
    PriorityTask,
    ProductDocument,
    Report,
    ReportingPeriod,
    ReportLine,
)
from tasks.paper_words import against_target, frozen_head, named, number
from tasks.states import DONE_ASSIGNMENT, SENT_REPORT, AssignmentStatus

Section = ConsolidationParagraph.Section
Kind = ConsolidationParagraph.Kind

NOTHING = frozenset({"", "khong", "khong co", "khong co noi dung", "khong co y kien", "none", "nothing"})
"""Lines, folded, that say that there is nothing."""

BULLETS = "-–+*•· \t"
_NOT_SPOKEN_OF = frozenset({AssignmentStatus.DRAFT, AssignmentStatus.RETURNED, AssignmentStatus.CANCELLED})


@dataclass(frozen=True)
class Cited:
    """A report that a paragraph rests on, with its words there or what it adds to the figure."""

    report: Report
    text: str = ""
    value: Decimal | None = None


@dataclass(frozen=True)
class Passage:
    """One paragraph as it follows from the reports."""

    section: Section
    kind: Kind
    key: str
    text: str
    sources: tuple[Cited, ...]
    task: PriorityTask | None = None
    figure: Decimal | None = None


@dataclass(frozen=True)
class Gathered:
    """The reports of a period, in protocol order, and what their lines say."""

    period: ReportingPeriod
    reports: Sequence[Report]
    lines: Sequence[ReportLine]
    assignments: Sequence[Assignment]
    before: "Figures | None"  # of the period before
    year_ago: "Figures | None"  # of the same period a year ago
    products: Mapping[int, Sequence[ProductDocument]]  # of the period, by assignment

    @property
    def sent(self) -> list[Report]:
        return [report for report in self.reports if report.is_sent]

    @property
    def silent(self) -> list[Report]:
        return [report for report in self.reports if not report.is_sent]

    @property
    def late(self) -> list[Report]:
        """Sent after their day. Of what was sent the day of asking decides nothing."""
        return [r for r in self.sent if r.standing(self.period.due_on) == Timeliness.COMPLETED_LATE]


@dataclass(frozen=True)
class Figures:
    """The running totals that leads reported in one period, by what makes two assignments the same."""

    period: ReportingPeriod
    values: Mapping[tuple[str, str, str], Decimal]


def gather(period: ReportingPeriod) -> Gathered:
    """Read everything that a consolidation is made from, in a fixed number of queries."""
    reports = period.reports.select_related("agency").order_by("agency__protocol_order", "agency__code")
    rows = list(reports)
    for report in rows:
        report.period = period
    assignments = Assignment.objects.filter(programme=period.programme_id).select_related(
        "task", "lead", "measure"
    )
    return Gathered(
        period=period,
        reports=rows,
        lines=list(_lines(period).select_related("assignment")),
        assignments=list(assignments.order_by("task__number", "code")),
        before=_figures(_before(period)),
        year_ago=_figures(_year_ago(period)),
        products=report_contents.products(period, Q()),
    )


def sent_when(reports: Iterable[Report]) -> dict[str, str]:
    """Tell which reports were sent and when: what a draft is compared with later."""
    return {str(r.pk): r.submitted_at.isoformat() for r in reports if r.is_sent and r.submitted_at}


def _lines(period: ReportingPeriod) -> QuerySet[ReportLine]:
    rows = ReportLine.objects.filter(report__period=period, report__state__in=SENT_REPORT)
    return rows.order_by("report__submitted_at", "report", "pk")


def _before(period: ReportingPeriod) -> ReportingPeriod | None:
    """The period of the programme whose data end last before this one's, of the same kind if there is one."""
    rows = list(ReportingPeriod.objects.filter(programme=period.programme_id, data_to__lt=period.data_to))
    return max(rows, key=lambda row: (row.data_to, row.kind == period.kind, row.data_from), default=None)


def _year_ago(period: ReportingPeriod) -> ReportingPeriod | None:
    last = period.data_to
    rows = ReportingPeriod.objects.filter(
        kind=period.kind, data_to__year=last.year - 1, data_to__month=last.month
    )
    return rows.filter(programme__year=period.programme.year - 1).first()


def _figures(period: ReportingPeriod | None) -> Figures | None:
    if period is None:
        return None
    rows = _lines(period).filter(is_led=True, actual__isnull=False).select_related("assignment")
    return Figures(period, {same(row.assignment): row.actual for row in rows if row.actual is not None})


def same(row: Assignment) -> tuple[str, str, str]:
    """Return what makes two assignments comparable across programmes: code, indicator and unit."""
    return row.code, fold(row.indicator_vi), fold(row.unit_vi)


# --- Paragraphs --------------------------------------------------------------------------------------
def passages(found: Gathered) -> list[Passage]:
    """Return every paragraph in the order of the paper."""
    with translation.override("vi"):  # what a period is called
        return [
            *_counts(found),
            *_words(found, Section.SUMMARY),
            *_results(found),
            *_words(found, Section.SHORTCOMINGS),
            *_words(found, Section.PLANS),
            *_words(found, Section.PROPOSALS),
        ]


def _counts(found: Gathered) -> list[Passage]:
    """Say how many agencies reported, who did not or did late, and who has nothing to report."""
    sent, late, title = len(found.sent), len(found.late), found.period.title
    words = f"Có {sent}/{len(found.reports)} cơ quan, đơn vị đã gửi báo cáo {title}"
    words += f" (đúng hạn {sent - late}, chậm {late})." if sent else "."
    answered = {line.report_id for line in found.lines if not line.nothing_to_report}
    idle = [report for report in found.sent if report.pk not in answered]
    return [
        Passage(Section.SUMMARY, Kind.COUNT, "sent", words, _each(found.sent), figure=Decimal(sent)),
        *_counted("silent", "Chưa gửi báo cáo", [r for r in found.silent if not r.first_submitted_at]),
        *_counted(
            "amending", "Đang bổ sung báo cáo đã gửi", [r for r in found.silent if r.first_submitted_at]
        ),
        *_counted("late", "Gửi báo cáo chậm", found.late),
        *_counted("idle", "Không phát sinh nội dung ở mục kết quả thực hiện", idle),
    ]


def _counted(
    key: str, words: str, reports: Sequence[Report], section: Section = Section.SUMMARY
) -> list[Passage]:
    if not reports:
        return []
    text = f"{words}: {len(reports)} cơ quan, đơn vị ({_names(reports)})."
    return [Passage(section, Kind.COUNT, key, text, _each(reports), figure=Decimal(len(reports)))]


def _each(reports: Iterable[Report]) -> tuple[Cited, ...]:
    return tuple(Cited(report, value=Decimal(1)) for report in reports)


def _words(found: Gathered, section: Section) -> list[Passage]:
    said = [(report, getattr(report, section.value)) for report in found.sent]
    empty = [report for report, text in said if not points(text)]
    words = "Không có nội dung ở mục này"
    merged = _merged(said, section, key=section.value)
    return [*merged, *_counted(f"nothing:{section}", words, empty, section)]


def _results(found: Gathered) -> list[Passage]:
    """Return for each assignment its figure, then the words of lead and partners."""
    by_pk = {report.pk: report for report in found.sent}
    said: dict[int, list[ReportLine]] = {}
    for line in found.lines:
        said.setdefault(line.assignment_id, []).append(line)
    place = {report.pk: n for n, report in enumerate(found.reports)}
    rows: list[Passage] = []
    for row in found.assignments:
        lines = said.get(row.pk, [])
        if not lines and not _is_open(row, found.period):
            continue
        rows.append(_duty(row, lines, by_pk, found))
        lines = sorted(lines, key=lambda line: (not line.is_led, place[line.report_id]))
        texts = [(by_pk[line.report_id], line.text) for line in lines]
        rows += _merged(texts, Section.RESULTS, key=f"words:{row.pk}", task=row.task)
    return rows


def _is_open(row: Assignment, period: ReportingPeriod) -> bool:
    done = row.status in DONE_ASSIGNMENT and row.submitted_on is not None
    return row.status not in _NOT_SPOKEN_OF and not (
        done and row.submitted_on is not None and row.submitted_on < period.data_from
    )


def _duty(
    row: Assignment, lines: Sequence[ReportLine], reports: Mapping[int, Report], found: Gathered
) -> Passage:
    """The figure is the lead's running total; of two leads in one period the one that was sent last."""
    led = [line for line in lines if line.is_led and line.actual is not None]
    head = f"{row.code}. {row.title_vi} ({row.lead.name_vi} chủ trì)"
    key, task = f"duty:{row.pk}", row.task
    if not led:
        text = f"{head}: chưa có số liệu của cơ quan chủ trì."
        return Passage(Section.RESULTS, Kind.DUTY, key, text, (), task)
    newest = led[-1]
    actual = newest.actual or Decimal(0)
    text = f"{head}: {row.indicator_vi} {against_target(row, actual)}{_compared(row, found)}."
    shown = ((one.number, one.issued_on, one.subject) for one in found.products.get(row.pk, ()))
    text = f"{text} {named(shown)}".rstrip()
    sources = (Cited(reports[newest.report_id], value=actual),)
    return Passage(Section.RESULTS, Kind.DUTY, key, text, sources, task, actual)


def _compared(row: Assignment, found: Gathered) -> str:
    words = ""
    for other, name in ((found.before, ""), (found.year_ago, "cùng kỳ năm trước")):
        value = other.values.get(same(row)) if other else None
        if other and value is not None:
            words += f"; {name or other.period.title}: {number(value)}"
    return words


def points(text: str) -> list[str]:
    """Return the lines of a text that say something."""
    return [line for line in filled_lines(text) if _folded(line) not in NOTHING]


def _folded(line: str) -> str:
    return fold(line.strip(BULLETS)).rstrip(".;, ")


def _merged(
    said: Iterable[tuple[Report, str]], section: Section, *, key: str, task: PriorityTask | None = None
) -> list[Passage]:
    """One paragraph for each thing that was said, with all who said it."""
    groups: dict[str, list[Cited]] = {}
    for report, text in said:
        for line in points(text):
            groups.setdefault(_folded(line), []).append(Cited(report, line))
    return [
        Passage(
            section,
            Kind.WORDS,
            f"{key}:{hashlib.sha256(folded.encode()).hexdigest()[:32]}",
            _attributed(group),
            tuple(group),
            task,
        )
        for folded, group in groups.items()
    ]


def _attributed(group: Sequence[Cited]) -> str:
    """One agency's words after its name; those of several before their names."""
    words = group[0].text.strip(BULLETS)
    count = len({cited.report.pk for cited in group})
    names = _names(cited.report for cited in group)
    if count == 1:
        return f"{names}: {words}"
    return f"{words.rstrip('.;, ')} ({count} cơ quan, đơn vị: {names})."


def _names(reports: Iterable[Report]) -> str:
    """Each agency once, in the order given; names have commas of their own."""
    return "; ".join(dict.fromkeys(report.agency.name_vi for report in reports))


# --- The content -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Shown:
    """A passage with what the officer made of it."""

    passage: Passage
    text: str
    pk: int = 0
    is_edited: bool = False
    is_new: bool = False


def content(period: ReportingPeriod, shown: Sequence[Shown], reports: Sequence[Report]) -> dict[str, Any]:
    """Return the whole report as plain values: what is read, printed and, when frozen, kept."""
    with translation.override("vi"):
        titles = {section: str(section.label) for section in Section}
    head = frozen_head(period)
    return head | {
        "period": head["period"] | {"due_on": period.due_on.isoformat()},
        "sections": [
            {"name": section.value, "title": titles[section], "groups": _groups(shown, section)}
            for section in Section
        ],
        "sent": [report.agency.code for report in reports if report.is_sent],
        "silent": [report.agency.code for report in reports if not report.is_sent],
    }


def _groups(shown: Sequence[Shown], section: Section) -> list[dict[str, Any]]:
    """The paragraphs of a section by priority task; elsewhere one group without a task."""
    groups: dict[int | None, dict[str, Any]] = {}
    for one in shown:
        if one.passage.section != section:
            continue
        task = one.passage.task
        named = {"number": task.number, "title": task.title_vi} if task else None
        group = groups.setdefault(task.pk if task else None, {"task": named, "paragraphs": []})
        group["paragraphs"].append(_paragraph(one))
    return sorted(groups.values(), key=lambda group: group["task"]["number"] if group["task"] else 0)


def _paragraph(one: Shown) -> dict[str, Any]:
    passage = one.passage
    return {
        "kind": passage.kind.value,
        "text": one.text,
        "figure": None if passage.figure is None else str(passage.figure),
        "is_edited": one.is_edited,
        "is_new": one.is_new,
        "sources": sources(passage),
    }


def sources(passage: Passage) -> list[dict[str, Any]]:
    """Return what a paragraph rests on as plain values."""
    return [
        {
            "report": cited.report.pk,
            "agency": cited.report.agency.code,
            "name": cited.report.agency.name_vi,
            "text": cited.text,
            "value": None if cited.value is None else str(cited.value),
        }
        for cited in passage.sources
    ]


def preview(found: Gathered) -> dict[str, Any]:
    """Return the content that a draft made now would have."""
    return content(found.period, [Shown(passage, passage.text) for passage in passages(found)], found.reports)
