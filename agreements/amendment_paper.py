"""What the paper of an amendment says: its attachment in, the frozen dataclass of portal.papers out.

The wording is that of an annex (phụ lục) which parties sign to change what they signed; Vietnamese in
every language of the interface. The rows of the annex are the duties as they shall read.
"""

import datetime as dt
from collections.abc import Iterator
from typing import TypedDict

from django.conf import settings

from agreements.paper import annex_note, assignment_row, due_words, target_words
from portal.papers.coordination import AssignmentGroup, CoordinationPaper, Issuer, Item, Party, Section
from tasks.amending import ChangeContent
from tasks.content import AgencyContent, AssignmentContent

SCHEMA = "amendment/1"
ATTACHMENT = "amendment.json"


class AmendmentContent(TypedDict):
    """What is attached to the paper of an amendment, and signed with it."""

    schema: str
    year: int
    ordinal: int
    amends: dict[str, str]  # number, issued_on, frozen_sha256 of the programme's own paper
    title: str
    programme_title: str
    reason: str
    host: str
    co_host: str | None
    place: str
    symbol: str
    page_profile: str
    recipients: list[str]
    signing_closes_on: str
    agencies: list[AgencyContent]
    signatories: list[str]  # codes, in protocol order
    changes: list[ChangeContent]


def amendment_paper(content: AmendmentContent, *, at: dt.datetime) -> CoordinationPaper:
    """Return the paper; number, day and month of issue are left to the records office."""
    names = {row["code"]: row["name"] for row in content["agencies"]}
    parents = {row["code"]: row["header_parent"] or None for row in content["agencies"]}
    host, co_host = content["host"], content["co_host"]
    issuers = [Issuer(parents[host], names[host])]
    if co_host:
        issuers.append(Issuer(None, names[co_host]))
    amends = content["amends"]
    signed_on = f"{dt.date.fromisoformat(amends['issued_on']):%d/%m/%Y}"
    kept = [row["after"] for row in content["changes"] if row["after"]]
    short = {code: name.removesuffix(f" {content['place']}") for code, name in names.items()}
    return CoordinationPaper(
        profile=content["page_profile"],
        kind=f"Phụ lục số {content['ordinal']:02}",
        title=f"Sửa đổi, bổ sung {content['programme_title']}",
        authors=tuple(issuer.name for issuer in issuers),
        keywords=("phụ lục", "sửa đổi, bổ sung", str(content["year"])),
        frozen_at=at.replace(microsecond=0),
        issuers=tuple(issuers),
        symbol=content["symbol"],
        place=content["place"],
        year=at.year,
        dated_on=None,
        bases=(
            f"Căn cứ {content['programme_title']} số {amends['number']} ngày {signed_on}",
            f"Theo đề nghị của {names[host]}: {content['reason'].rstrip('. ')}",
        ),
        opening=("Các bên thống nhất sửa đổi, bổ sung những nội dung đã ký như sau:",),
        sections=(
            Section("I. NỘI DUNG SỬA ĐỔI, BỔ SUNG", tuple(_items(content["changes"], short))),
            Section("II. ĐIỀU KHOẢN THI HÀNH", (Item(None, _terms(content)),)),
        ),
        closing="2. Phụ lục có hiệu lực kể từ ngày ban hành./.",
        recipients=tuple(content["recipients"]),
        parties=tuple(
            Party(
                field_id=f"{place:03}",
                code=code,
                agency=names[code],
                at="main" if code in {host, co_host} else "annex",
            )
            for place, code in enumerate(content["signatories"], 1)
        ),
        annex_note=annex_note(
            f"Phụ lục số {content['ordinal']:02}, văn bản", content["symbol"], at.year, issuers
        ),
        groups=(
            (
                AssignmentGroup(
                    "Nhiệm vụ sau khi sửa đổi, bổ sung", tuple(assignment_row(row, short) for row in kept)
                ),
            )
            if kept
            else ()
        ),
        demo=settings.DEMO,
        attachment_name=ATTACHMENT,
        annex_word="Biểu",
    )


def _terms(content: AmendmentContent) -> tuple[str, ...]:
    return (
        f"1. Phụ lục này là bộ phận không tách rời của {content['programme_title']}; "
        "những nội dung khác đã ký giữ nguyên.",
    )


def _items(changes: list[ChangeContent], names: dict[str, str]) -> Iterator[Item]:
    for place, change in enumerate(changes, 1):
        before, after, code = change["before"], change["after"], change["code"]
        if before is None and after is not None:
            yield Item(f"{place}. Bổ sung nhiệm vụ {code}: {after['title']}", tuple(_whole(after, names)))
        elif after is None and before is not None:
            yield Item(f"{place}. Bãi bỏ nhiệm vụ {code}: {before['title']}", tuple(_whole(before, names)))
        elif before is not None and after is not None:
            yield Item(f"{place}. Sửa đổi nhiệm vụ {code}", tuple(_changed(before, after, names)))


def _whole(duty: AssignmentContent, names: dict[str, str]) -> Iterator[str]:
    for label, words in duty_words(duty, names).items():
        yield f"{label}: {words}."


def _changed(before: AssignmentContent, after: AssignmentContent, names: dict[str, str]) -> Iterator[str]:
    for label, was, now in differences(before, after, names):
        yield f"{label}: đã ký “{was}”; nay sửa thành “{now}”."


def differences(
    before: AssignmentContent | None, after: AssignmentContent | None, names: dict[str, str]
) -> list[tuple[str, str, str]]:
    """Return what differs, clause by clause: what it is, as signed, as it shall read."""
    was, now = (duty_words(duty, names) if duty else {} for duty in (before, after))
    labels = list(dict.fromkeys([*was, *now]))
    return [
        (label, was.get(label, "–"), now.get(label, "–"))
        for label in labels
        if was.get(label) != now.get(label)
    ]


def duty_words(duty: AssignmentContent, names: dict[str, str]) -> dict[str, str]:
    """Return a duty as its paper words it, by the name of each part."""
    row = assignment_row(duty, names)
    return {
        "Nội dung": row.title,
        "Cơ quan chủ trì": row.lead,
        "Cơ quan phối hợp": row.coordinating or "không có",
        "Thời gian hoàn thành": due_words(duty),
        "Sản phẩm, chỉ tiêu": target_words(duty),
        "Giải pháp": ", ".join(map(str, duty["solutions"])) or "không có",
    }
