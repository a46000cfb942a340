"""Accounts of the demonstration, as listed in the data file and completed by rule.

Every signatory agency has a head and a focal point: whom the file does not name is made as
`<code>.head` and `<code>.daumoi`. Names are invented, addresses lead nowhere.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.hashers import make_password

from portal.agencies.models import Agency
from portal.operations import marks
from portal.users import totp
from portal.users.models import HEAD_ROLES, SECOND_FACTOR_ROLES, Membership, Role, User

NAMES = Path(__file__).with_name("names.yaml")
FOCAL_POINT_TITLE = "Cán bộ đầu mối"
EXTRA = (
    ("sxd.pgd", Role.DEPUTY_HEAD, "SXD", "Phó Giám đốc"),
    ("bchqs.vanthu", Role.RECORDS_CLERK, "BCHQS", "Nhân viên văn thư"),
    ("ubnd.xem", Role.VIEWER, "VPUBND", "Chuyên viên Văn phòng UBND tỉnh"),
)
NEWCOMER = ("sct.pgd", Role.DEPUTY_HEAD, "SCT", "Phó Giám đốc")
"""Has asked for a certificate, which nobody has released yet."""


@dataclass(frozen=True)
class Account:
    """A person to be made, with the one post held."""

    username: str
    role: str
    agency: str
    title: str
    full_name: str
    rank: str = ""


def accounts(content: dict[str, Any]) -> list[Account]:
    """Return every account of a checked data file, in a fixed order. Pure."""
    heads = {row["code"]: row["head"] for row in content["agencies"] if "head" in row}
    found = []
    for place, (username, role, agency, title) in enumerate(_posts(content, heads)):
        head = heads[agency] if role in HEAD_ROLES else {}
        name = head.get("demo_name") or _invented(place)
        found.append(Account(username, role, agency, title, name, head.get("demo_rank", "")))
    return found


def _posts(content: dict[str, Any], heads: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Yield username, role, agency and title: those of the file, the extra ones, then by rule."""
    named = [(row["username"], row["role"], row["agency"], row["title_vi"]) for row in content["demo_users"]]
    yield from named
    yield from EXTRA
    headed = {agency for _username, role, agency, _title in named if role in HEAD_ROLES}
    tended = {agency for _username, role, agency, _title in named if role == Role.FOCAL_POINT}
    for code in content["programme"]["signatories"]:
        if code not in headed:
            yield f"{code.lower()}.head", Role.AGENCY_HEAD, code, heads[code]["role_vi"]
        if code not in tended:
            yield f"{code.lower()}.daumoi", Role.FOCAL_POINT, code, FOCAL_POINT_TITLE
    yield NEWCOMER


def _invented(place: int) -> str:
    """Return the name at a place; 23 families and 40 given names, stepped so that neighbours differ."""
    names = yaml.safe_load(NAMES.read_text(encoding="utf-8"))
    return f"{names['families'][place % 23]} {names['given'][place * 7 % 40]}"


@dataclass(frozen=True)
class Cast:
    """Who does what. Heads, deputies and focal points by the code of their agency."""

    officer: User
    commander: User
    clerk: User
    admin: User
    heads: dict[str, User]
    deputies: dict[str, User]  # who sign
    newcomer: User
    focal_points: dict[str, User]


def make(content: dict[str, Any], *, since: dt.date, at: dt.datetime) -> Cast:
    """Make the accounts, with posts from `since` on.

    The password is hashed once for all: Argon2 for each would take the better part of a minute.
    One-time-code secrets are random, so that the codes of one demonstration open no other.
    """
    agencies = {agency.code: agency for agency in Agency.objects.all()}
    hashed = make_password(marks.password_and_pin()[0])
    holders: dict[str, dict[str, User]] = {role: {} for role in Role}
    for place, account in enumerate(accounts(content), 1):
        user = User(
            username=account.username,
            full_name=account.full_name,
            rank=account.rank,
            email=f"{account.username}@demo.invalid",  # RFC 2606: never delivered anywhere
            phone=f"0237 000 {place:04}",  # an exchange that does not exist
            password=hashed,
            joined_at=at,
        )
        user.save()
        Membership.objects.create(
            user=user,
            agency=agencies[account.agency],
            role=account.role,
            title=account.title,
            valid_from=since,
        )
        if account.role in SECOND_FACTOR_ROLES:
            totp.enrol(user)
        holders[account.role][account.agency] = user
    host = content["programme"]["host"]
    newcomer = holders[Role.DEPUTY_HEAD].pop(NEWCOMER[2])
    return Cast(
        officer=holders[Role.PROGRAMME_OFFICER][host],
        commander=holders[Role.COMMANDER][host],
        clerk=holders[Role.RECORDS_CLERK][host],
        admin=holders[Role.ADMINISTRATOR][host],
        heads=holders[Role.AGENCY_HEAD] | holders[Role.COMMANDER],
        deputies=holders[Role.DEPUTY_HEAD],
        newcomer=newcomer,
        focal_points=holders[Role.FOCAL_POINT],
    )
