"""The table of comments and decisions as a paper: a report (báo cáo) of Decree 30/2020 with a wide table.

Vietnamese in every language of the interface. Source: Decree 30/2020/NĐ-CP, Appendix III, form 1.4.
"""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.utils import translation

from agreements.consultation_tables import Line, Table, change_words
from agreements.models import ConsultationAnswer, ConsultationComment
from portal.lib.dates import local_day
from portal.papers.reports import Issuer
from portal.papers.wide import TablePaper

COLUMNS = (
    *("TT", "Nội dung trong dự thảo", "Cơ quan, đơn vị", "Ý kiến đề xuất", "Tiếp thu, giải trình"),
    "Nội dung sau khi tiếp thu",
)
WIDTHS = (10, 38, 38, 62, 52, 57)  # mm, 257 in all: the landscape page's text


def paper_of(table: Table, *, at: dt.datetime) -> TablePaper:
    """Return the paper; of an open consultation it says that it is a draft."""
    with translation.override("vi"):
        return _paper(table, at=at)


def _paper(table: Table, *, at: dt.datetime) -> TablePaper:
    consultation = table.consultation
    programme, host = consultation.programme, consultation.programme.host
    return TablePaper(
        profile=programme.page_profile,
        kind="Báo cáo",
        title=f"Tổng hợp, tiếp thu, giải trình ý kiến đối với dự thảo {consultation.version.text['title']}",
        keywords=("tiếp thu, giải trình", "quân sự, quốc phòng", str(programme.year)),
        made_at=(consultation.closed_at or at).replace(microsecond=0),
        issuer=Issuer(host.header_parent or None, host.name_vi),
        symbol=f"BC-{host.symbol or host.code}",
        place=programme.place,
        year=local_day(consultation.closed_at or at).year,
        opening=_opening(table),
        columns=COLUMNS,
        widths=WIDTHS,
        rows=tuple(_row(line) for line in table.lines),
        none="Các cơ quan, đơn vị không có ý kiến khác.",
        closing=_closing(table),
        recipients=("Các cơ quan, đơn vị ký kết", "Lưu: VT"),
        capacity=tuple(host.block_lines),
        draft=consultation.is_open,
        demo=settings.DEMO,
    )


def _opening(table: Table) -> tuple[str, ...]:
    consultation = table.consultation
    opened, last = local_day(consultation.opened_at), consultation.closes_on
    counts = (
        f"Đã lấy ý kiến {table.asked} cơ quan, đơn vị: {len(table.agreed)} nhất trí toàn văn, "
        f"{len(table.commented)} có ý kiến, {len(table.silent)} chưa trả lời."
    )
    decisions = ConsultationComment.Decision
    outcome = (
        f"Tổng số {len(table.lines)} ý kiến: tiếp thu {table.of(decisions.ACCEPTED)}, "
        f"tiếp thu một phần {table.of(decisions.PARTLY)}, giải trình {table.of(decisions.EXPLAINED)}."
    )
    return (
        f"{consultation.programme.host.name_vi} lấy ý kiến về bản dự thảo số {consultation.version.number} "
        f"(lần {consultation.round}) từ ngày {opened:%d/%m/%Y} đến ngày {last:%d/%m/%Y}. {counts} {outcome} "
        "Kết quả tiếp thu, giải trình như sau:",
    )


def _row(line: Line) -> tuple[str, ...]:
    comment = line.comment
    why = f" Lý do: {comment.reason}" if comment.reason else ""
    answer = ". ".join(part for part in (line.decision, comment.response) if part)
    change = change_words(line.change, with_before=False)
    if not change and comment.decision == ConsultationComment.Decision.EXPLAINED:
        change = "Giữ nguyên như dự thảo."
    return str(line.number), line.place, line.agency, f"{comment.proposal}{why}", answer, change


def _closing(table: Table) -> tuple[str, ...]:
    said = [
        f"{title}: {_names(rows)}."
        for title, rows in (
            ("Cơ quan, đơn vị nhất trí toàn văn", table.agreed),
            ("Cơ quan, đơn vị chưa trả lời", table.silent),
        )
        if rows
    ]
    *rest, last = said or ["Các cơ quan, đơn vị đều đã có ý kiến."]
    return (*rest, f"{last.rstrip('./ ')}./.")


def _names(rows: Sequence[ConsultationAnswer]) -> str:
    return "; ".join(row.agency.name_vi for row in rows)
