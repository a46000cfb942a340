"""A briefing on paper: the list of what stands open, and the notice of what was concluded.

Words of papers stay Vietnamese. Number and day are left to the records office.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from agreements import minutes, minutes_draft
from agreements.models import BriefingList, Conference
from portal.lib.dates import LOCAL, local_day
from portal.papers.reports import Issuer, ReportPaper
from portal.papers.wide import TablePaper
from tasks.paper_words import day

COLUMNS = ("TT", "Loại việc", "Nội dung", "Cơ quan, đơn vị", "Thời hạn", "Quá hạn (ngày)", "Ghi chú")
WIDTHS = (12, 32, 92, 45, 25, 18, 33)
LEVELS = {1: "Đôn đốc lần đầu", 2: "Đôn đốc lần sau", 3: "Công văn đôn đốc"}


def list_of(
    conference: Conference, content: Mapping[str, Any], *, frozen: BriefingList | None, at: dt.datetime
) -> TablePaper:
    """Return the list, as frozen or as a draft, which says so."""
    programme, host = conference.programme, conference.programme.host
    rows = [
        (minutes_draft.PART_WORDS[part], row) for part in minutes_draft.PART_WORDS for row in content[part]
    ]
    return TablePaper(
        profile=programme.page_profile,
        kind="Báo cáo",
        title=f"Các việc tồn đọng trình {_named(conference)}",
        keywords=("giao ban", "quân sự, quốc phòng", str(programme.year)),
        made_at=(frozen.frozen_at if frozen else at).replace(microsecond=0),
        issuer=Issuer(host.header_parent or None, host.name_vi),
        symbol=f"BC-{host.symbol or host.code}",
        place=programme.place,
        year=local_day(conference.starts_at).year,
        opening=(
            f"Thực hiện {programme.title_vi}, {host.name_vi} tổng hợp các việc tồn đọng đến ngày "
            f"{day(dt.date.fromisoformat(content['on']))} của {content['agencies']} cơ quan, đơn vị dự "
            "giao ban:",
        ),
        columns=COLUMNS,
        widths=WIDTHS,
        rows=tuple(_row(n, words, row) for n, (words, row) in enumerate(rows, 1)),
        none="Không có việc tồn đọng.",
        closing=("Đề nghị các cơ quan, đơn vị báo cáo nguyên nhân, biện pháp và thời gian hoàn thành./.",),
        recipients=("Các cơ quan, đơn vị dự giao ban", "Lưu: VT"),
        capacity=tuple(host.block_lines),
        draft=frozen is None,
        demo=settings.DEMO,
    )


def _row(n: int, words: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    title = f"{row['code']}. {row['title']}" if row["kind"] == "assignment" else row["title"]
    due_on = day(dt.date.fromisoformat(row["due_on"])) if row["due_on"] else "–"
    return (str(n), words, title, row["agency"], due_on, str(row["days"] or "–"), note(row))


def note(row: Mapping[str, Any]) -> str:
    """Return what stands beside a row: the day asked for, or how and when it was urged about."""
    if "new_on" in row:
        return f"Xin gia hạn đến ngày {day(dt.date.fromisoformat(row['new_on']))}"
    if "level" in row:
        return f"{LEVELS[row['level']]}, ngày {day(dt.date.fromisoformat(row['since']))}"
    return ""


def notice_of(conference: Conference, *, at: dt.datetime) -> ReportPaper:
    """Return the notice of conclusions (thông báo kết luận), from the minutes as they read.

    Source: Decree 30/2020/NĐ-CP, Appendix III, form 1.4, for a thông báo ("TB").
    """
    content = minutes.written(conference)
    host, programme = content["host"], content["programme"]
    starts_at = dt.datetime.fromisoformat(content["starts_at"])
    sections = {section["name"]: section["lines"] for section in content["sections"]}
    counts = content["counts"]
    return ReportPaper(
        kind="Thông báo",
        profile=content["profile"],
        title=f"Kết luận {_lower(content['title'])}",
        keywords=("thông báo", "giao ban", "quân sự, quốc phòng"),
        made_at=(conference.frozen_at or at).replace(microsecond=0),
        issuer=Issuer(host["parent"] or None, host["name"]),
        number=None,
        symbol=f"TB-{host['symbol']}",
        place=programme["place"],
        year=starts_at.astimezone(LOCAL).year,
        dated_on=None,
        opening=(
            f"Vào hồi {minutes_draft.moment(starts_at)}, tại {conference.place}, {content['chair']} chủ trì "
            f"{_lower(content['title'])}. Dự giao ban có đại biểu của "
            f"{counts['present']}/{counts['invited']} cơ quan, đơn vị được mời.",
            f"Sau khi nghe báo cáo và ý kiến của các cơ quan, đơn vị, {content['chair']} kết luận như sau:",
            *sections["conclusions"],
            f"{host['name']} thông báo để các cơ quan, đơn vị biết, tổ chức thực hiện./.",
        ),
        sections=(),
        recipients=("Các cơ quan, đơn vị dự giao ban", f"Chỉ huy {host['name']}", "Lưu: VT"),
        capacity=tuple(conference.programme.host.block_lines),
        signer="",
        draft=not conference.is_frozen,
        demo=settings.DEMO,
    )


def _named(conference: Conference) -> str:
    return f"{_lower(conference.title)} ngày {local_day(conference.starts_at):%d/%m/%Y}"


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]
