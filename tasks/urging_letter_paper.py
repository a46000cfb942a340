"""A letter of urging as a paper: its row in, the dataclass of portal.papers out."""

import datetime as dt

from django.conf import settings

from portal.lib.dates import local_day
from portal.papers.official_letters import Issuer, LetterTable, OfficialLetter
from tasks.models import UrgingLetter
from tasks.paper_words import day


def paper_of(letter: UrgingLetter) -> OfficialLetter:
    """Return the paper; before it is issued number and day are left to the records office."""
    programme, host = letter.programme, letter.programme.host
    written_on = local_day(letter.written_at)
    return OfficialLetter(
        profile=programme.page_profile,
        subject=f"đôn đốc thực hiện nhiệm vụ phối hợp năm {programme.year}",
        keywords=("công văn", "đôn đốc", "quân sự, quốc phòng"),
        made_at=letter.written_at.replace(microsecond=0),
        issuer=Issuer(host.header_parent or None, host.name_vi),
        number=letter.number or None,
        symbol=host.symbol or host.code,
        place=programme.place,
        year=(letter.issued_on or written_on).year,
        dated_on=letter.issued_on,
        addressee=letter.agency.name_vi,
        opening=(
            f"Thực hiện {programme.title_vi}, qua theo dõi đến ngày {day(written_on)}, "
            f"{letter.agency.name_vi} còn các nội dung sau đã quá thời hạn mà chưa hoàn thành:",
        ),
        table=LetterTable(
            columns=("TT", "Nội dung", "Thời hạn", "Quá hạn (ngày)"),
            widths=(1, 9, 2.4, 2.2),
            rows=tuple(
                (str(n), f"{_named(thing)}", day(dt.date.fromisoformat(thing["due_on"])), str(thing["days"]))
                for n, thing in enumerate(letter.things, 1)
            ),
        ),
        closing=(
            *(" ".join(line.split()) for line in letter.text.splitlines() if line.strip()),
            f"Văn bản trả lời xin gửi về {host.name_vi} chậm nhất ngày {day(letter.reply_by)}./.",
        ),
        recipients=("Như trên", "Lưu: VT"),
        capacity=host.block_lines,
        demo=settings.DEMO,
    )


def _named(thing: dict[str, str]) -> str:
    """A duty with its code; of a report the code is its period, which the title says in words."""
    title = thing["title"][:1].upper() + thing["title"][1:]
    return f"{thing['code']}. {title}" if thing["kind"] == "assignment" else title
