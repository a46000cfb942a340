"""What the paper of a programme says: canonical content in, the frozen dataclass of portal.papers out.

The paper is made from nothing but the content that is attached to it, so that paper and attachment
cannot differ. The fixed wording is that of a Decree 30/2020 programme and stays Vietnamese in every
language of the interface; what a province may word otherwise is content.
"""

import datetime as dt
from decimal import Decimal

from django.conf import settings

from portal.papers.coordination import (
    AssignmentGroup,
    AssignmentRow,
    CoordinationPaper,
    Issuer,
    Item,
    Party,
    Section,
)
from tasks.content import AssignmentContent, ClauseContent, NumberedContent, ProgrammeContent
from tasks.models import Clause, Cycle

KIND = "Chương trình"
CYCLES = {
    Cycle.MONTHLY: "Hằng tháng",
    Cycle.QUARTERLY: "Hằng quý",
    Cycle.SEMIANNUAL: "06 tháng, năm",
    Cycle.ANNUAL: "Trong năm",
}


def programme_paper(content: ProgrammeContent, *, at: dt.datetime) -> CoordinationPaper:
    """Return the paper; number, day and month of issue are left to the records office."""
    names = {row["code"]: row["name"] for row in content["agencies"]}
    parents = {row["code"]: row["header_parent"] or None for row in content["agencies"]}
    host, co_host = content["host"], content["co_host"]
    issuers = [Issuer(parents[host], names[host])]
    if co_host:
        issuers.append(Issuer(None, names[co_host]))  # the superior body is shown for the host only
    *organising, closing = _paragraphs(content, Clause.Section.ORGANISATION) or [""]
    return CoordinationPaper(
        profile=content["page_profile"],
        kind=KIND,
        title=_subject(content["title"]),
        authors=tuple(issuer.name for issuer in issuers),
        keywords=("chương trình phối hợp", "quân sự, quốc phòng", str(content["year"])),
        frozen_at=at.replace(microsecond=0),
        issuers=tuple(issuers),
        symbol=content["symbol"],
        place=content["place"],
        year=content["year"],
        dated_on=None,
        bases=tuple(content["legal_bases"]),
        opening=tuple(clause["text"] for clause in _clauses(content, Clause.Section.OPENING)),
        sections=_sections(content, organising),
        closing=_end(closing),
        recipients=tuple(content["recipients"]),
        parties=tuple(
            Party(
                field_id=f"{place:03}",
                code=row["code"],
                agency=names[row["code"]],
                at="main" if row["place"] == "main" else "annex",
            )
            for place, row in enumerate(content["signatories"], 1)
        ),
        annex_note=annex_note(KIND, content["symbol"], content["year"], issuers),
        groups=_groups(content, names),
        demo=settings.DEMO,
    )


def printed_texts(paper: CoordinationPaper) -> list[str]:
    """Return everything of the programme that must be read back: paragraphs, each annex row as a whole."""
    texts = [paper.title, f"/{paper.symbol}", *paper.bases, *paper.opening, paper.closing, *paper.recipients]
    texts += [name.upper() for name in (*paper.authors, *(party.agency for party in paper.parties))]
    for section in paper.sections:
        for item in section.items:
            texts += [item.title or "", *item.text]
    for group in paper.groups:
        texts += [group.title, *map(row_text, group.rows)]
    return texts


def row_text(row: AssignmentRow) -> str:
    """Return a row of the annex as its page reads: the cells in order."""
    return " ".join((row.code, row.title, row.lead, row.coordinating, row.due, row.target))


def annex_note(kind: str, symbol: str, year: int, issuers: list[Issuer]) -> str:
    """Say which paper an annex belongs to; an electronic one leaves number and day open.

    Source: Decree 30/2020/NĐ-CP, Appendix I, III.1c.
    """
    names = " và ".join(issuer.name for issuer in issuers)
    return f"(Kèm theo {kind} số …/{symbol} ngày … tháng … năm {year} của {names})"


def _subject(title: str) -> str:
    """The subject under the kind: the title without the kind's own words in front."""
    rest = title.removeprefix(f"{KIND} ").strip()
    return rest[:1].upper() + rest[1:]


def _clauses(content: ProgrammeContent, section: Clause.Section) -> list[ClauseContent]:
    return content["clauses"].get(section.value, [])


def _paragraphs(content: ProgrammeContent, section: Clause.Section) -> list[str]:
    return [f"{clause['number']}. {clause['text']}" for clause in _clauses(content, section)]


def _end(text: str) -> str:
    """The last paragraph ends with ./. (Decree 30/2020, Appendix I, II.6)."""
    return f"{text.rstrip('./ ')}./."


def _sections(content: ProgrammeContent, organising: list[str]) -> tuple[Section, ...]:
    return (
        Section("I. MỤC ĐÍCH, YÊU CẦU", _items(_clauses(content, Clause.Section.PURPOSE))),
        Section(
            "II. NỘI DUNG PHỐI HỢP (NHIỆM VỤ TRỌNG TÂM)",
            _listed(content["tasks"]) + _pointer_to_annexes(content),
        ),
        Section("III. GIẢI PHÁP CHỦ YẾU", _listed(content["solutions"])),
        Section("IV. PHÂN CÔNG TRÁCH NHIỆM", _items(_clauses(content, Clause.Section.RESPONSIBILITY))),
        Section("V. TỔ CHỨC THỰC HIỆN", (Item(None, tuple(organising)),) if organising else ()),
    )


def _pointer_to_annexes(content: ProgrammeContent) -> tuple[Item, ...]:
    """A text points to its annexes: here, if no clause does (Decree 30/2020, Appendix I, III.1a)."""
    clauses = [clause["text"] for section in content["clauses"].values() for clause in section]
    if any("Phụ lục" in text for text in clauses):
        return ()
    parts = ["nhiệm vụ phân công cho từng cơ quan, đơn vị"] if content["tasks"] else []
    if any(row["place"] != "main" for row in content["signatories"]):
        parts.append("đại diện các cơ quan, đơn vị ký kết")
    numbers = ("Phụ lục I", "Phụ lục II") if len(parts) == 2 else ("Phụ lục",)
    named = "; ".join(f"{part} tại {number}" for part, number in zip(parts, numbers, strict=False))
    return (Item(None, (f"{named[:1].upper()}{named[1:]} kèm theo.",)),) if parts else ()


def _listed(rows: list[NumberedContent]) -> tuple[Item, ...]:
    return (Item(None, tuple(f"{row['number']}. {row['title']}." for row in rows)),)


def _items(clauses: list[ClauseContent]) -> tuple[Item, ...]:
    return tuple(
        Item(f"{clause['number']}. {clause['title']}", (clause["text"],))
        if clause["title"]
        else Item(None, (f"{clause['number']}. {clause['text']}",))
        for clause in clauses
    )


def _groups(content: ProgrammeContent, names: dict[str, str]) -> tuple[AssignmentGroup, ...]:
    # Shorter in the table: the full name stands beside the signature.
    short = {code: name.removesuffix(f" {content['place']}") for code, name in names.items()}
    return tuple(
        AssignmentGroup(
            f"{task['number']}. {task['title']}",
            tuple(
                assignment_row(row, short) for row in content["assignments"] if row["task"] == task["number"]
            ),
        )
        for task in content["tasks"]
    )


def assignment_row(row: AssignmentContent, names: dict[str, str]) -> AssignmentRow:
    """Return a duty as a row of the annex; `names` are those printed for each agency."""
    partners = [
        names[part["code"]] + (f" ({part['deliverable']})" if part["deliverable"] else "")
        for part in row["coordinating"]
    ]
    return AssignmentRow(
        code=row["code"],
        title=row["title"],
        lead=names[row["lead"]],
        coordinating="; ".join(partners),
        due=due_words(row),
        target=target_words(row),
    )


def due_words(row: AssignmentContent) -> str:
    """Return the deadline as the annex prints it: "Trước 31/03/2026", "Hằng quý; trước 14/12/2026"."""
    until = _day(row["deadline_on"])
    if row["cycle"] != Cycle.ONCE:
        return f"{CYCLES[Cycle(row['cycle'])]}; trước {until}"
    return f"{_day(row['start_on'])} - {until}" if row["start_on"] else f"Trước {until}"


def _day(iso: str) -> str:
    return f"{dt.date.fromisoformat(iso):%d/%m/%Y}"


def target_words(row: AssignmentContent) -> str:
    """Return the target as the annex prints it: "Số văn bản ban hành: 01 văn bản"."""
    number = _number(Decimal(row["target"]))
    if row["unit"] == "%":
        return f"{row['indicator']}: {number}%"
    return f"{row['indicator']}: {number.zfill(2)} {row['unit']}"


def _number(value: Decimal) -> str:
    """Vietnamese figures: 3.505 and 12,5."""
    return f"{value:,f}".replace(",", " ").replace(".", ",").replace(" ", ".")
