"""What the crawler knows of each address: which values it takes, who sees it, who may send to it.

The visibility table of docs/access.md, written down a second time on purpose. An address without a
row fails the crawler. Rows name people of tests/isolation/world.py.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.isolation.world import (
    COMMAND,
    DRAFT_YEAR,
    FROZEN_YEAR,
    LED,
    MISSING,
    NOBODY,
    PARTIES,
    POSTS,
    YEAR,
    World,
)

Values = Mapping[str, Any]
Who = Callable[[World, Values], set[str]]

FULL = os.environ.get("SCALE") == "full"
SIGNED_IN = frozenset(POSTS)
OF_PARTIES = {name for name, (code, _role) in POSTS.items() if code in PARTIES}
SIGNERS = {name for name in POSTS if name.endswith(("_head", "_deputy"))} | {"commander"}
RUNS = {"officer", "commander"}


@dataclass(frozen=True)
class Row:
    """One address. Who does not see it gets 404; who sees it and may not, 403; a visitor the login.

    `values`: what stands for its parameters, foreign and missing ones too. `reads`, `sends`: who may GET
    and POST it, of those who see it. `by_library`: Django's or allauth's own page, of which only its words
    and faults are judged.
    """

    sees: Who
    values: Callable[[World], list[Values]] = lambda world: [{}]
    reads: Who = lambda world, values: set(SIGNED_IN)
    sends: Who = lambda world, values: set()
    by_library: bool = False


def everybody(world: World, values: Values) -> set[str]:
    return set(SIGNED_IN)


def nobody(world: World, values: Values) -> set[str]:
    return set()


def names(*who: str) -> Who:
    return lambda world, values: set(who)


# --- Programmes and agencies -----------------------------------------------------------------------
def years(world: World) -> list[Values]:
    return [{"year": year} for year in (YEAR, DRAFT_YEAR, FROZEN_YEAR, 1999)]


def sees_programme(world: World, values: Values) -> set[str]:
    open_to = OF_PARTIES | {"viewer"}
    return {YEAR: open_to, FROZEN_YEAR: open_to, DRAFT_YEAR: COMMAND | {"admin"}}.get(values["year"], set())


def sees_agency(world: World, values: Values) -> set[str]:
    return (OF_PARTIES | {"viewer"}) if values["code"] in world.agencies else set()


# --- Assignments -----------------------------------------------------------------------------------
def assignments(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.assignments.values(), MISSING)]


def some_assignments(world: World) -> list[Values]:
    """Of two agencies, of the host, of a draft, and none; with SCALE=full all."""
    few = [world.assignments[code] for code in ("1.01", "1.03", "2.01", f"{DRAFT_YEAR}/1.01")]
    return assignments(world) if FULL else [{"pk": pk} for pk in (*few, MISSING)]


def code_of(world: World, values: Values) -> str:
    return {pk: code for code, pk in world.assignments.items()}.get(values["pk"], "")


def sees_assignment(world: World, values: Values) -> set[str]:
    code = code_of(world, values)
    year, _slash, within = code.rpartition("/")
    return sees_programme(world, {"year": int(year or YEAR) if within else 1999})


def _of_lead(world: World, values: Values, *, with_focal_points: bool) -> set[str]:
    lead = LED.get(code_of(world, values).rpartition("/")[2], "")
    leaders = {name for name in SIGNERS if POSTS[name][0] == lead}
    if not with_focal_points:
        return leaders
    works = ("_focal", "officer")
    return leaders | {name for name in POSTS if POSTS[name][0] == lead and name.endswith(works)}


def works(world: World, values: Values) -> set[str]:
    return _of_lead(world, values, with_focal_points=True)


def approves(world: World, values: Values) -> set[str]:
    return _of_lead(world, values, with_focal_points=False)


# --- Documents -------------------------------------------------------------------------------------
def papers(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.documents.values(), MISSING)]


def sees_paper(world: World, values: Values) -> set[str]:
    if values["pk"] == world.documents["open"]:
        return OF_PARTIES | {"viewer"}
    return set(COMMAND) if values["pk"] == world.documents["frozen"] else set()


def signs(world: World, values: Values) -> set[str]:
    """The frozen one has no fields: nobody signs it."""
    return set(SIGNERS) if values["pk"] == world.documents["open"] else set()


def paper(reads: Who = nobody, sends: Who = nobody) -> Row:
    return Row(sees_paper, papers, reads, sends)


# --- Notices ---------------------------------------------------------------------------------------
def notices(world: World) -> list[Values]:
    return [{"pk": pk} for pks in (*world.notices.values(), [MISSING]) for pk in pks[-1:]]


def own_notice(world: World, values: Values) -> set[str]:
    return {name for name, pks in world.notices.items() if values["pk"] in pks} - {NOBODY}


LIBRARY = Row(everybody, by_library=True)
PUBLIC = {"verify", "healthz", "readyz", "account_login", "account_logout", "account_inactive"}
PUBLIC |= {"mfa_authenticate", "set_language"}

TABLE: dict[str, Row] = {
    "home": Row(everybody),
    "styleguide": Row(nobody),  # outside the demonstration there is none
    "programmes:list": Row(everybody),
    "programmes:detail": Row(sees_programme, years),
    "programmes:settle": Row(sees_programme, years, nobody, names(*RUNS)),
    "programmes:reopen": Row(sees_programme, years, nobody, names(*RUNS)),
    "programmes:close": Row(sees_programme, years, nobody, names(*RUNS)),
    "programmes:terminate": Row(sees_programme, years, nobody, names("commander")),
    "programmes:make_periods": Row(sees_programme, years, nobody, names(*RUNS, "admin")),
    "agencies:detail": Row(sees_agency, lambda w: [{"code": code} for code in (*w.agencies, "NOBODY")]),
    "assignments:list": Row(everybody),
    "assignments:detail": Row(sees_assignment, assignments),
    **{
        f"assignments:{step}": Row(sees_assignment, some_assignments, nobody, works)
        for step in ("accept", "return_to_command", "report_progress", "submit_to_head")
    },
    **{
        f"assignments:{step}": Row(sees_assignment, some_assignments, nobody, approves)
        for step in ("approve", "send_back")
    },
    **{
        f"assignments:{step}": Row(sees_assignment, some_assignments, nobody, names("officer"))
        for step in ("confirm", "reject", "assign_again")
    },
    "agreements:list": Row(everybody),
    "agreements:certificate": Row(everybody, reads=names(*SIGNERS), sends=names(*SIGNERS)),
    "agreements:freeze": Row(sees_programme, years, nobody, names(*RUNS)),
    "agreements:detail": paper(everybody),
    "agreements:file": paper(everybody),
    "agreements:page": Row(sees_paper, lambda w: [{**v, "page": 1} for v in papers(w)], everybody),
    "agreements:sign": paper(signs, signs),
    "agreements:signed": paper(everybody),
    "agreements:open": paper(nobody, names(*RUNS)),
    "agreements:withdraw": paper(nobody, names(*RUNS)),
    "agreements:in_force": paper(nobody, names("commander")),
    "agreements:close": paper(nobody, names(*RUNS)),
    "agreements:issue": paper(nobody, names("clerk")),
    "verify": Row(everybody, reads=everybody, sends=everybody),
    "notices:list": Row(everybody),
    "notices:open": Row(own_notice, notices, nobody, everybody),
    "notices:read_all": Row(everybody, reads=nobody, sends=everybody),
    "notices:mail_list": Row(nobody),
    "notices:mail": Row(nobody, lambda w: [{"key": "0" * 64}]),
    "healthz": Row(everybody, sends=nobody),
    "readyz": Row(everybody, sends=nobody),
    **dict.fromkeys(
        (
            "account_login",
            "account_logout",
            "account_inactive",
            "account_signup",
            "account_reauthenticate",
            "account_change_password",
            "mfa_index",
            "mfa_authenticate",
            "mfa_reauthenticate",
            "mfa_activate_totp",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_download_recovery_codes",
            "set_language",
            "admin/login/",
        ),
        LIBRARY,
    ),
}

ADMINISTRATION = Row(names("admin"), by_library=True)
"""Every page of Django's site; for anybody but an administrator it is 403, there or not."""
