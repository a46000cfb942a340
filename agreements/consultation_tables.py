"""The table of comments and decisions (Bảng tổng hợp tiếp thu, giải trình ý kiến): one content, three forms.

While the consultation is open the column of changes is drawn from today's text; closed, from the version
that was kept at the end.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from agreements import drafts
from agreements.drafts import Change, DraftContent
from agreements.models import Consultation, ConsultationAnswer, ConsultationComment

WIDTHS = (6, 34, 32, 60, 40, 24, 50, 60)
"""Of the workbook's columns, in characters."""


@dataclass(frozen=True)
class Line:
    """One comment with what became of it; `change` is how the text that follows it differs."""

    number: int
    comment: ConsultationComment
    place: str
    change: Change | None

    @property
    def agency(self) -> str:
        return self.comment.answer.agency.name

    @property
    def decision(self) -> str:
        return capfirst(self.comment.get_decision_display()) if self.comment.decision else ""


@dataclass(frozen=True)
class Table:
    """Everything that the page, the workbook and the paper say."""

    consultation: Consultation
    lines: list[Line]
    agreed: list[ConsultationAnswer]
    commented: list[ConsultationAnswer]
    silent: list[ConsultationAnswer]

    @property
    def asked(self) -> int:
        return len(self.agreed) + len(self.commented) + len(self.silent)

    def of(self, decision: str) -> int:
        return sum(line.comment.decision == decision for line in self.lines)


def table(
    consultation: Consultation, answers: Iterable[ConsultationAnswer], comments: Iterable[ConsultationComment]
) -> Table:
    """Put the table together, in the order of the text, then of the agencies."""
    sent, now = consultation.version.text, text_now(consultation)
    order = {place: number for number, place in enumerate(drafts.places(sent), 1)}
    changed = drafts.by_place(drafts.changes(sent, now))
    rows = sorted(
        comments,
        key=lambda row: (order.get(row.place, 0), row.answer.agency.protocol_order, row.pk),
    )
    lines = [
        Line(number, row, drafts.label(row.place, sent), changed.get(row.changed_place))
        for number, row in enumerate(rows, 1)
    ]
    every = list(answers)
    verdicts = ConsultationAnswer.Verdict
    return Table(
        consultation,
        lines,
        agreed=[row for row in every if row.verdict == verdicts.AGREED],
        commented=[row for row in every if row.verdict == verdicts.COMMENTED],
        silent=[row for row in every if not row.is_answered],
    )


def text_now(consultation: Consultation) -> DraftContent:
    """Return the text at the end of a closed consultation, today's of an open one."""
    if consultation.outcome is not None:
        outcome: DraftContent = consultation.outcome.text
        return outcome
    return drafts.snapshot(consultation.programme)


def headings() -> list[str]:
    return [
        *(_("No."), _("Place in the text"), _("Agency"), _("What is proposed"), _("Why")),
        *(_("Decision on it"), _("Explanation"), _("Text after the comment")),
    ]


def cells(line: Line) -> list[str]:
    """Return a line as plain texts, for a file."""
    comment = line.comment
    return [
        *(str(line.number), line.place, line.agency, comment.proposal, comment.reason),
        *(line.decision, comment.response, change_words(line.change)),
    ]


def change_words(change: Change | None, *, with_before: bool = True) -> str:
    """Say how a place reads now, part by part; and how it read before."""
    if change is None:
        return ""
    if change.is_gone:
        return _("%(place)s is left out.") % {"place": change.label}
    parts = [
        f"{name}: “{was}” → “{now}”" if with_before and not change.is_new else f"{name}: “{now}”"
        for name, was, now in change.fields
    ]
    return "\n".join([f"{change.label}:", *parts])
