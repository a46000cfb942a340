"""What a review says, drafted by the portal: paragraph by paragraph, each with what it rests on.

The words are those of an official report and stay Vietnamese in every language of the interface. Of a
rating only what was approved is told: by name the list that every party reads, else how many agencies have
each grade. Party bodies are in neither.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import translation

from tasks import review_figures
from tasks.deadlines import Timeliness
from tasks.models import (
    Proposal,
    RatingDecision,
    ReportingPeriod,
    ReviewParagraph,
    Shortcoming,
    ShortcomingReview,
)
from tasks.paper_words import against_target, day, number
from tasks.review_figures import Duty, rate
from tasks.states import SENT_REPORT, ProposalState

Section = ReviewParagraph.Section
ANNUAL = ReportingPeriod.Kind.ANNUAL
WRITTEN = (Section.STRENGTHS, Section.LESSONS, Section.DIRECTION)
"""What nobody approves empty."""

DECIDED = {
    ProposalState.ACCEPTED: "Kiến nghị được tiếp thu",
    ProposalState.REFUSED: "Kiến nghị chưa được tiếp thu",
}
MOST_NAMED = 12
"""Assignments or agencies that a sentence names; of more it tells how many more there are."""


@dataclass(frozen=True)
class Passage:
    """One paragraph as it follows from what the portal knows; `sources` as ReviewParagraph keeps them."""

    section: Section
    key: str
    text: str
    sources: Sequence[Mapping[str, Any]] = ()
    group: str = ""


@dataclass(frozen=True)
class Gathered:
    """Everything that a review is drafted from."""

    period: ReportingPeriod
    duties: Sequence[Duty]
    figures: Mapping[str, Any]


def gather(period: ReportingPeriod) -> Gathered:
    duties = review_figures.duties(period.programme, period.data_to)
    return Gathered(period, duties, review_figures.figures(period, duties))


def passages(found: Gathered) -> list[Passage]:
    """Return every paragraph in the order of the paper."""
    with translation.override("vi"):  # what a period is called
        return [
            *_situation(found),
            *_results(found),
            *_strengths(found),
            *_shortcomings(found.period),
            *_lessons(found.period),
            *(_grades(found.period) if found.period.kind == ANNUAL else ()),
            *_proposals(found.period),
            *_direction(found),
        ]


# --- I, II -----------------------------------------------------------------------------------------
def _situation(found: Gathered) -> list[Passage]:
    period, total = found.period, found.figures["total"]["now"]
    programme, until = period.programme, day(period.data_to)
    source = _source("programme", programme.year, f"Chương trình phối hợp năm {programme.year}")
    text = (
        f"Chương trình phối hợp năm {programme.year} giao {len(found.duties)} nhiệm vụ cho "
        f"{len({duty.row.lead_id for duty in found.duties})} cơ quan, đơn vị chủ trì, trong đó "
        f"{total['total']} nhiệm vụ có thời hạn và {total['recurring']} nhiệm vụ thường xuyên."
    )
    rows = [
        Passage(Section.SITUATION, "size", text, [source]),
        Passage(
            Section.SITUATION,
            "total",
            f"Đến ngày {until}, {_tally_words(total)}{_beside(found.figures['total'], found)}.",
            [_source("assignments", programme.year, f"Danh mục nhiệm vụ năm {programme.year}")],
        ),
    ]
    reports = list(period.reports.select_related("period"))
    if reports:
        sent = [report for report in reports if report.state in SENT_REPORT]
        late = sum(r.standing(period.due_on) == Timeliness.COMPLETED_LATE for r in sent)
        words = f"Có {len(sent)}/{len(reports)} cơ quan, đơn vị gửi báo cáo {period.title}"
        words += f" (đúng hạn {len(sent) - late}, chậm {late})." if sent else "."
        label = f"Theo dõi báo cáo {period.title}"
        rows.append(Passage(Section.SITUATION, "reports", words, [_source("period", period.pk, label)]))
    return rows


def _tally_words(counts: Mapping[str, int]) -> str:
    if not counts["total"]:
        return f"có {counts['recurring']} nhiệm vụ thường xuyên đang được thực hiện"
    done = counts["on_time"] + counts["late"]
    words = (
        f"hoàn thành {done}/{counts['total']} nhiệm vụ có thời hạn, đạt {number(rate(counts) or Decimal(0))}%"
    )
    if done:
        words += f" (đúng hạn {counts['on_time']}, quá hạn {counts['late']})"
    rest = {"đang thực hiện trong hạn": counts["open"], "quá hạn chưa hoàn thành": counts["overdue"]}
    return "; ".join([words, *(f"{name} {count}" for name, count in rest.items() if count)])


def _beside(both: Mapping[str, Any], found: Gathered) -> str:
    """Say how it stood on the same day a year before."""
    before, told = rate(both["before"]), found.figures["before"]
    if before is None or told is None:
        return ""
    return f"; cùng kỳ năm {told['year']} đạt {number(before)}%"


def _results(found: Gathered) -> list[Passage]:
    rows = []
    for task in found.figures["tasks"]:
        mine = [duty for duty in found.duties if duty.row.task.number == task["number"]]
        if not mine:
            continue
        group = f"{task['number']}. {task['title']}"
        words = _tally_words(task["now"])
        text = f"{words[:1].upper()}{words[1:]}{_beside(task, found)}."
        known = [duty for duty in mine if duty.actual is not None]
        reached = [duty for duty in known if duty.is_reached]
        below = [duty for duty in known if not duty.is_reached]
        overdue = [duty for duty in mine if duty.standing == Timeliness.OVERDUE]
        silent = len(mine) - len(known)
        words = f"Đạt và vượt {len(reached)}/{len(mine)} chỉ tiêu"
        words += f"; {silent} chỉ tiêu chưa có số liệu (Phụ lục I)." if silent else " (Phụ lục I)."
        n = task["number"]
        rows += [
            Passage(Section.RESULTS, f"task:{n}", text, _each(mine), group),
            Passage(Section.RESULTS, f"reached:{n}", words, _each(reached), group),
            *_named(f"below:{n}", "Chỉ tiêu chưa đạt", below, group, _with_figure),
            *_named(f"overdue:{n}", "Nhiệm vụ quá hạn chưa hoàn thành", overdue, group, _with_lead),
        ]
    return rows


def _named(
    key: str, words: str, rows: Sequence[Duty], group: str, told: Callable[[Duty], str]
) -> list[Passage]:
    if not rows:
        return []
    text = f"{words} ({len(rows)}): {_listed([told(duty) for duty in rows])}."
    return [Passage(Section.RESULTS, key, text, _each(rows), group)]


def _with_figure(duty: Duty) -> str:
    return f"{duty.row.title_vi}: {against_target(duty.row, duty.actual or Decimal(0))}"


def _with_lead(duty: Duty) -> str:
    due = f", hạn {day(duty.row.due_on)}" if duty.row.due_on else ""
    return f"{duty.row.title_vi} ({duty.row.lead.name_vi} chủ trì{due})"


def _listed(named: Sequence[str]) -> str:
    rest = len(named) - MOST_NAMED
    words = "; ".join(named[:MOST_NAMED])
    return words if rest <= 0 else f"{words}; và {rest} nội dung khác (Phụ lục I)"


# --- III to V -------------------------------------------------------------------------------------
def _strengths(found: Gathered) -> list[Passage]:
    rows = []
    both, told = found.figures["total"], found.figures["before"]
    now, before = rate(both["now"]), rate(both["before"])
    if told is not None and now is not None and before is not None and now > before:
        source = _source("assignments", found.period.programme.year, "Danh mục nhiệm vụ")
        text = (
            f"Tỷ lệ hoàn thành nhiệm vụ có thời hạn đạt {number(now)}%, cao hơn cùng kỳ năm {told['year']} "
            f"{number(now - before)} điểm phần trăm."
        )
        rows.append(Passage(Section.STRENGTHS, "rise", text, [source]))
    good = [row for row in found.figures["agencies"] if _is_clean(row["now"])]
    if good:
        names = {row["name"] for row in good}
        mine = [duty for duty in found.duties if duty.row.lead.name_vi in names and duty.is_done]
        text = (
            f"{len(good)} cơ quan, đơn vị hoàn thành đúng hạn các nhiệm vụ chủ trì đã đến hạn: "
            f"{_agencies([row['name'] for row in good])}."
        )
        rows.append(Passage(Section.STRENGTHS, "clean", text, _each(mine)))
    return rows


def _is_clean(counts: Mapping[str, int]) -> bool:
    return counts["on_time"] > 0 and not counts["late"] and not counts["overdue"]


def _agencies(names: Sequence[str]) -> str:
    rest = len(names) - MOST_NAMED
    words = "; ".join(names[:MOST_NAMED])
    return words if rest <= 0 else f"{words} và {rest} cơ quan, đơn vị khác (Phụ lục II)"


def _shortcomings(period: ReportingPeriod) -> list[Passage]:
    """Those of the ledger that were open then, with their causes; its agencies stay in the ledger."""
    year = period.programme.year
    rows = Shortcoming.objects.filter(programme__year__lte=year).exclude(
        reviews__verdict=ShortcomingReview.Verdict.GONE, reviews__programme__year__lt=year
    )
    found = []
    for row in rows.distinct().order_by("programme__year", "pk"):
        cause = f" Nguyên nhân: {_plain(row.cause)}." if row.cause.strip() else ""
        source = _source("shortcoming", row.pk, "Sổ tồn tại, hạn chế")
        found.append(
            Passage(Section.SHORTCOMINGS, f"shortcoming:{row.pk}", f"{_plain(row.text)}.{cause}", [source])
        )
    return found


def _lessons(period: ReportingPeriod) -> list[Passage]:
    """What overcame a shortcoming, as the year's review of the ledger found it."""
    rows = ShortcomingReview.objects.filter(
        programme=period.programme_id, verdict=ShortcomingReview.Verdict.GONE
    ).select_related("shortcoming")
    return [
        Passage(
            Section.LESSONS,
            f"gone:{row.pk}",
            f"Qua khắc phục “{_plain(row.shortcoming.text)}”: {_plain(row.words)}.",
            [_source("shortcoming", row.shortcoming_id, "Sổ tồn tại, hạn chế")],
        )
        for row in rows
    ]


# --- VI to VIII -----------------------------------------------------------------------------------
def _grades(period: ReportingPeriod) -> list[Passage]:
    """Nothing of a rating that was not approved; Party bodies are not ranked and stand in no list."""
    decision = RatingDecision.objects.filter(round__programme=period.programme_id)
    found = decision.select_related("round__programme").first()
    if found is None:
        return []
    rated = [row for row in found.content["agencies"] if not row["is_party_body"] and row["grade"]]
    counts = Counter(row["grade"] for row in rated)
    grades = [grade["name_vi"] for grade in found.content["edition"]["grades"] if grade["name_vi"] in counts]
    words = "; ".join(f"{grade}: {counts[grade]} cơ quan, đơn vị" for grade in grades)
    source = [_source("rating", period.programme.year, f"Xếp loại năm {period.programme.year}")]
    rows = [
        Passage(
            Section.GRADES,
            "grades",
            f"Xếp loại {len(rated)} cơ quan, đơn vị theo bộ tiêu chí đã công bố. {words}.",
            source,
        )
    ]
    named = found.round.public_list or []
    for place, grade in enumerate(grades, 1):
        names = [row["name"] for row in named if row["grade"] == grade]
        if names:
            rows.append(Passage(Section.GRADES, f"grade:{place}", f"{grade}: {'; '.join(names)}.", source))
    return rows


def _proposals(period: ReportingPeriod) -> list[Passage]:
    """What was decided on, with the answer; of the rest how many there are."""
    rows = Proposal.objects.filter(
        report__period__programme=period.programme_id, report__period__data_to__lte=period.data_to
    ).select_related("agency")
    found = []
    waiting = []
    for row in rows.order_by("agency__protocol_order", "report__period__data_to", "number"):
        source = _source("proposal", row.pk, f"Kiến nghị của {row.agency.name_vi}")
        if row.state == ProposalState.OPEN:
            waiting.append(source)
            continue
        text = f"{row.agency.name_vi}: {_plain(row.text)}. Trả lời: {_plain(row.answer)}."
        key, group = f"proposal:{row.pk}", DECIDED[ProposalState(row.state)]
        found.append(Passage(Section.PROPOSALS, key, text, [source], group))
    found.sort(key=lambda one: one.group)
    if waiting:
        text = f"{len(waiting)} kiến nghị đang được xem xét, sẽ trả lời từng cơ quan, đơn vị."
        found.append(Passage(Section.PROPOSALS, "waiting", text, waiting, "Kiến nghị đang xem xét"))
    return found


def _direction(found: Gathered) -> list[Passage]:
    late = [duty for duty in found.duties if duty.standing == Timeliness.OVERDUE]
    ahead = [duty for duty in found.duties if duty.standing in review_figures.COUNTS["open"]]
    verb = "Tiếp tục thực hiện" if found.period.kind == ANNUAL else "Tập trung hoàn thành"
    return [
        *_coming("late", f"{verb} {len(late)} nhiệm vụ đã quá hạn", late),
        *_coming("ahead", f"Bảo đảm tiến độ {len(ahead)} nhiệm vụ chưa đến hạn", ahead),
    ]


def _coming(key: str, words: str, rows: Sequence[Duty]) -> list[Passage]:
    if not rows:
        return []
    in_order = sorted(rows, key=lambda duty: (duty.row.due_on or dt.date.max, duty.row.code))
    text = f"{words}: {_listed([_with_lead(duty) for duty in in_order])}."
    return [Passage(Section.DIRECTION, key, text, _each(in_order))]


# --- Sources ----------------------------------------------------------------------------------------
def _source(kind: str, key: int, label: str) -> dict[str, Any]:
    return {"kind": kind, "id": key, "label": label}


def _each(rows: Iterable[Duty]) -> list[dict[str, Any]]:
    return [_source("assignment", d.row.pk, f"{d.row.code}. {d.row.title_vi}") for d in rows]


def _plain(text: str) -> str:
    """One line without its final mark: the sentence around it has its own."""
    return " ".join(text.split()).rstrip(".;, ")
