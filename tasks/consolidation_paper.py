"""The consolidated report of a period as a paper: its content in, the dataclass of portal.papers out."""

import datetime as dt
from typing import Any

from django.conf import settings

from portal.lib.dates import local_day
from portal.lib.text import filled_lines
from portal.papers.reports import Issuer, Item, ReportPaper, Section
from tasks.models import Consolidation
from tasks.paper_words import KIND_CODE, NOTHING, day, ended


def paper_of(consolidation: Consolidation, content: dict[str, Any], *, at: dt.datetime) -> ReportPaper:
    """Return the paper; a draft says that it is one, and has no number."""
    host, period, programme = content["host"], content["period"], content["programme"]
    year = (consolidation.issued_on or local_day(at)).year
    return ReportPaper(
        profile=content["profile"],
        title=f"Kết quả thực hiện {programme['title']}, {period['title']}",
        keywords=("báo cáo tổng hợp", "quân sự, quốc phòng", period["code"]),
        made_at=(consolidation.frozen_at or at).replace(microsecond=0),
        issuer=Issuer(host["parent"] or None, host["name"]),
        number=consolidation.number or None,
        symbol=f"{KIND_CODE}-{host['symbol']}",
        place=programme["place"],
        year=year,
        dated_on=consolidation.issued_on,
        opening=(_opening(content),),
        sections=ended([_section(section) for section in content["sections"]]),
        recipients=("Các cơ quan, đơn vị ký kết", "Lưu: VT"),
        capacity=tuple(host["block"]),
        signer="",
        draft=not consolidation.is_frozen,
        demo=settings.DEMO,
    )


def _opening(content: dict[str, Any]) -> str:
    period, programme = content["period"], content["programme"]
    first, last = (day(dt.date.fromisoformat(period[name])) for name in ("data_from", "data_to"))
    return (
        f"Thực hiện {programme['title']}, {content['host']['name']} tổng hợp kết quả {period['title']} "
        f"(số liệu từ ngày {first} đến ngày {last}) như sau:"
    )


def _section(section: dict[str, Any]) -> Section:
    items = [
        Item(
            f"{group['task']['number']}. {group['task']['title']}" if group["task"] else None,
            tuple(line for one in group["paragraphs"] for line in filled_lines(one["text"])),
        )
        for group in section["groups"]
    ]
    return Section(section["title"].upper(), tuple(items) or (Item(None, (NOTHING,)),))
