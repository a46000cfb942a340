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
    COORDINATED,
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

    `steps_up`: who may is asked anew who they are, with a 403 page, before anything is looked for.
    `values`: what stands for its parameters, foreign and missing ones too. `reads`, `sends`: who may GET
    and POST it, of those who see it. `by_library`: Django's or allauth's own page, of which only its words
    and faults are judged.
    """

    sees: Who
    values: Callable[[World], list[Values]] = lambda world: [{}]
    reads: Who = lambda world, values: set(SIGNED_IN)
    sends: Who = lambda world, values: set()
    by_library: bool = False
    steps_up: bool = False


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


# --- Files of evidence -------------------------------------------------------------------------------
def files(world: World) -> list[Values]:
    """Each under its own assignment, one under another, one that is missing."""
    own, other = world.assignments["1.01"], world.assignments["1.03"]
    pks = [*world.evidence.values(), MISSING]
    return [{"pk": own, "evidence_pk": pk} for pk in pks] + [{"pk": other, "evidence_pk": pks[0]}]


def sees_file(world: World, values: Values) -> set[str]:
    code = {pk: code for code, pk in world.evidence.items()}.get(values["evidence_pk"])
    if code is None or values["pk"] != world.assignments["1.01"]:
        return set()
    return {n for n, (own, _role) in POSTS.items() if own in {"SXD", code} and n != "admin"} | COMMAND


def adds_files(world: World, values: Values) -> set[str]:
    """Who works for the lead or for an agency that coordinates."""
    code = code_of(world, values).rpartition("/")[2]
    agencies = {LED.get(code, ""), *COORDINATED.get(code, ())}
    return {n for n, (own, _role) in POSTS.items() if own in agencies} - {"clerk", "admin", "viewer"}


def withdraws(world: World, values: Values) -> set[str]:
    code = {pk: code for code, pk in world.evidence.items()}.get(values["evidence_pk"], "")
    return {n for n, (own, _role) in POSTS.items() if own == code}


# --- People --------------------------------------------------------------------------------------------
AGENCY_HEADS = {name for name in POSTS if name.endswith("_head")}
KEEPS_PEOPLE = COMMAND | {"admin"} | AGENCY_HEADS
MENDS = {"officer", "commander", "admin"}


def persons(world: World) -> list[Values]:
    return [{"pk": world.people[name].pk} for name in ("sxd_focal", "stc_focal")] + [{"pk": MISSING}]


def sees_person(world: World, values: Values) -> set[str]:
    """A head sees their own agency's; the command and the administrator everybody who is there."""
    own = {user.pk: POSTS.get(name, ("", ""))[0] for name, user in world.people.items()}
    if values["pk"] not in own:
        return set()
    heads = {name for name in AGENCY_HEADS if POSTS[name][0] == own[values["pk"]]}
    return COMMAND | {"admin"} | heads


def some(pk_name: str = "pk") -> Callable[[World], list[Values]]:
    return lambda world: [{pk_name: MISSING}]


def steps_up(
    *who: str, values: Callable[[World], list[Values]] = lambda world: [{}], form: bool = False
) -> Row:
    """A page that asks who is there before it looks for anything."""
    return Row(everybody, values, names(*who) if form else nobody, names(*who), steps_up=True)


LIBRARY = Row(everybody, by_library=True)
PUBLIC = {
    "verify",
    "authorities",
    "authority_certificate",
    "revocation_list",
    "healthz",
    "readyz",
    "account_login",
    "account_logout",
    "account_inactive",
}
PUBLIC |= {"mfa_authenticate", "set_language", "activate"}
PUBLIC |= {"login_passkey", "login_oidc", "login_oidc_callback"}

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
    "assignments:add_evidence": Row(sees_assignment, some_assignments, nobody, adds_files),
    "assignments:evidence": Row(sees_file, files),
    "assignments:withdraw_evidence": Row(sees_file, files, withdraws, withdraws),
    "assignments:recall_evidence": Row(sees_file, files, names(*RUNS), names(*RUNS)),
    "audit:list": Row(everybody, reads=names(*MENDS)),
    "audit:export": steps_up(*MENDS, form=True),
    "people:list": Row(everybody, reads=names(*KEEPS_PEOPLE)),
    "people:person": Row(sees_person, persons, names(*KEEPS_PEOPLE)),
    "people:invite": steps_up("admin", *AGENCY_HEADS, form=True),
    "people:send": steps_up(*KEEPS_PEOPLE, values=persons),
    "people:revoke": steps_up(*KEEPS_PEOPLE, values=some()),
    "people:lost_factors": steps_up(*MENDS, form=True),
    **{
        f"people:{step}_recovery{rest}": steps_up(*MENDS, values=some())
        for step, rest in (("approve", ""), ("show", "_code"), ("cancel", ""))
    },
    "handovers:list": Row(everybody, reads=names("admin")),
    "handovers:new": steps_up("admin", form=True),
    "handovers:undo": steps_up("admin", values=some()),
    "activate": Row(everybody, lambda w: [{"token": "0" * 32}], by_library=True),
    "account_end_session": Row(everybody, some(), by_library=True),
    "factor_remove": Row(everybody, some(), by_library=True),
    "agreements:list": Row(everybody),
    "agreements:certificate": Row(everybody, reads=names(*SIGNERS)),
    "agreements:ask_certificate": steps_up(*SIGNERS, form=True),
    "agreements:renew_certificate": steps_up(*SIGNERS, form=True),
    "agreements:forgotten_pin": steps_up(*SIGNERS, form=True),
    "agreements:change_pin": Row(everybody, reads=names(*SIGNERS), sends=names(*SIGNERS)),
    "agreements:withdraw_certificate_request": Row(everybody, reads=nobody, sends=names(*SIGNERS)),
    "agreements:certificate_requests": Row(everybody, reads=names("officer", "commander")),
    "agreements:certificates": Row(everybody, reads=names("officer", "commander")),
    # Asks who is there before it looks, and which requests there are follows from the people: only
    # words are judged here, who may is asked by tests/who_may.py.
    **{
        f"agreements:{name}": Row(everybody, some(), by_library=True)
        for name in (
            *("certificate_request", "refuse_certificate", "revoke_certificate"),
            *("held_certificate", "suspend_certificate", "lift_suspension"),
        )
    },
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
    "agreements:roots": Row(everybody, reads=names("officer", "commander", "admin")),
    "agreements:propose_root": steps_up("admin", form=True),
    "agreements:root": Row(nobody, some()),
    **{
        f"agreements:{name}": Row(nobody, some(), nobody)
        for name in ("enable_root", "refuse_root", "disable_root", "add_root_list")
    },
    "authorities": Row(everybody),
    **{
        name: Row(nobody, lambda w: [{"key_id": "0" * 40}])
        for name in ("authority_certificate", "revocation_list")
    },
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
            "login_passkey",
            "login_oidc",
            "login_oidc_callback",
            "account_step_up",
            "account_sessions",
            "account_end_other_sessions",
            "factor_choose",
            "factor_app",
            "factor_key",
            "factor_sheet",
            "factor_keep",
            "factor_spare",
            "set_language",
            "admin/login/",
        ),
        LIBRARY,
    ),
}

ADMINISTRATION = Row(names("admin"), by_library=True)
"""Every page of Django's site; for anybody but an administrator it is 403, there or not."""
