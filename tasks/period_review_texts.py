"""The text of a review as plain values: what is read, printed and, when frozen, kept.

The words are those of an official report and stay Vietnamese in every language of the interface.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tasks.models import ReportingPeriod, ReviewParagraph
from tasks.paper_words import frozen_head

Section = ReviewParagraph.Section
TITLES = {
    Section.SITUATION: "Tình hình chung",
    Section.RESULTS: "Kết quả thực hiện các nhiệm vụ trọng tâm",
    Section.STRENGTHS: "Ưu điểm",
    Section.SHORTCOMINGS: "Tồn tại, hạn chế và nguyên nhân",
    Section.LESSONS: "Bài học kinh nghiệm",
    Section.GRADES: "Kết quả xếp loại",
    Section.PROPOSALS: "Kiến nghị và kết quả giải quyết",
    Section.DIRECTION: "Phương hướng, nhiệm vụ thời gian tới",
}
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")


def sections(period: ReportingPeriod) -> list[Section]:
    """Return the sections of a review in the order of the paper; agencies are rated for a year."""
    is_annual = period.kind == ReportingPeriod.Kind.ANNUAL
    return [one for one in Section if one != Section.GRADES or is_annual]


def numbered(period: ReportingPeriod) -> dict[Section, str]:
    """Return the titles with their Roman numerals."""
    return {section: f"{_ROMAN[n]}. {TITLES[section]}" for n, section in enumerate(sections(period))}


def content(
    period: ReportingPeriod,
    paragraphs: Iterable[ReviewParagraph],
    figures: Mapping[str, Any],
    recipients: str,
) -> dict[str, Any]:
    """Return the whole review, without what is left out."""
    rows = [row for row in paragraphs if row.text and not row.is_left_out]
    return frozen_head(period) | {
        "kind": period.kind,
        "sections": [
            {
                "name": section.value,
                "title": title,
                "paragraphs": [_paragraph(row) for row in rows if row.section == section],
            }
            for section, title in numbered(period).items()
        ],
        "figures": figures,
        "recipients": [" ".join(line.split()) for line in recipients.splitlines() if line.strip()],
    }


def _paragraph(row: ReviewParagraph) -> dict[str, Any]:
    return {
        "group": row.group,
        "text": row.text,
        "is_edited": row.is_edited,
        "is_own": row.is_own,
        "sources": row.sources,
    }
