"""What a row of the crawler's table is made of: which values an address takes, and who sees what is there."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.isolation.people import (
    COMMAND,
    COORDINATED,
    DRAFT_READERS,
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
HEADS = {name for name in POSTS if name.endswith("_head")} | {"commander"}
HOLDERS = SIGNERS | {"sxd_focal"}  # she signs by a paper on file
KEEPERS = {name for name in SIGNERS if not name.endswith("_deputy")} | {"clerk"}
RUNS = {"officer", "commander"}


@dataclass(frozen=True)
class Row:
    """One address. Who does not see it gets 404; who sees it and may not, 403; a visitor the login.

    `steps_up`: who may is asked anew who they are, with a 403 page.
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
    return {YEAR: open_to, FROZEN_YEAR: open_to, **DRAFT_READERS}.get(values["year"], set())


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


# --- Indicators ------------------------------------------------------------------------------------
def sees_measured(world: World, values: Values) -> set[str]:
    """Who sees the progress, but for viewers; of a draft the command."""
    code = code_of(world, values)
    year, _slash, within = code.rpartition("/")
    if not within:
        return set()
    return set(COMMAND) if int(year or 0) in DRAFT_READERS else set(world.involved(within))


def joints(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.joints.values(), MISSING)]


def sees_joint(world: World, values: Values) -> set[str]:
    """Who sees the progress of every part: of 1.01 and 1.02 together, and of 1.01 with 1.03."""
    parts = {world.joints["1.01+1.02"]: ("1.01", "1.02"), world.joints["1.01+1.03"]: ("1.01", "1.03")}
    codes = parts.get(values["pk"], ())
    seen = [set(world.involved(code)) for code in codes]
    return set.intersection(*seen) if seen else set()


def enters_figures(world: World, values: Values) -> set[str]:
    """Who works for the lead; of 1.01 also who works for the agency that has a share."""
    shares = {"stc_head", "stc_focal"} if values["pk"] == world.assignments["1.01"] else set()
    return works(world, values) | shares


def figures(world: World) -> list[Values]:
    """Each under its own assignment, one under another, one that is missing."""
    own, other = world.assignments["1.01"], world.assignments["1.04"]
    pks = [*world.figures.values(), MISSING]
    return [{"pk": own, "figure_pk": pk} for pk in pks] + [{"pk": other, "figure_pk": pks[0]}]


def sees_figure(world: World, values: Values) -> set[str]:
    is_there = values["figure_pk"] in world.figures.values() and values["pk"] == world.assignments["1.01"]
    return set(world.involved("1.01")) if is_there else set()


def corrects(world: World, values: Values) -> set[str]:
    """Who enters it: the lead, and the agency whose share it is."""
    is_leads = values["figure_pk"] == world.figures["SXD"]
    return works(world, values) if is_leads else enters_figures(world, values)


# --- Documents -------------------------------------------------------------------------------------
def papers(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.documents.values(), MISSING)]


def sees_paper(world: World, values: Values) -> set[str]:
    if values["pk"] == world.documents["open"]:
        return OF_PARTIES | {"viewer"}
    return set(COMMAND) if values["pk"] == world.documents["frozen"] else set()


def signs(world: World, values: Values) -> set[str]:
    """The frozen one has no fields: nobody signs it. A focal point may by a paper on file."""
    return HOLDERS if values["pk"] == world.documents["open"] else set()


def has_evidence(world: World, values: Values) -> set[str]:
    return COMMAND | (OF_PARTIES - {"admin", "viewer"})


def duties(world: World) -> list[Values]:
    return [{"pk": MISSING, "code": "1.01"}]


def paper(reads: Who = nobody, sends: Who = nobody) -> Row:
    return Row(sees_paper, papers, reads, sends)


def answers(world: World, values: Values) -> set[str]:
    """Heads of parties, for their own agency."""
    heads = {name for name in SIGNERS if not name.endswith("_deputy")}
    return heads if values["pk"] == world.documents["open"] else set()


def sees_board(world: World, values: Values) -> set[str]:
    """Every party and the command; of the frozen one the command alone."""
    if values["pk"] == world.documents["open"]:
        return OF_PARTIES | COMMAND
    return set(COMMAND)


def party(sends: Who) -> Row:
    """A party by its place in a document; the frozen one of the world has none."""
    return Row(
        sees_paper, lambda w: [{"pk": pk, "order": 3} for pk in (w.documents["open"], MISSING)], nobody, sends
    )


# --- Papers by which somebody signs ------------------------------------------------------------------
def authorisations(world: World) -> list[Values]:
    return [{"pk": world.authorisation}, {"pk": MISSING}]


def sees_authorisation(world: World, values: Values) -> set[str]:
    """Its agency's head and deputy, whom it names, and who runs rounds."""
    if values["pk"] != world.authorisation:
        return set()
    return {"sxd_head", "sxd_deputy", "sxd_focal", "officer", "commander"}


# --- Pictures of signatures and seals ------------------------------------------------------------------
def marks(world: World) -> list[Values]:
    return [{"pk": world.seal}, {"pk": MISSING}]


def sees_mark(world: World, values: Values) -> set[str]:
    """Who signs for its agency."""
    return {"sxd_head", "sxd_deputy", "sxd_focal"} if values["pk"] == world.seal else set()


# --- Notices ---------------------------------------------------------------------------------------
def sees_undelivered(world: World, values: Values) -> set[str]:
    return {"admin"} if values["pk"] == world.undelivered else set()


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


# --- Extensions --------------------------------------------------------------------------------------
def extensions(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.extensions.values(), MISSING)]


def asks_for_time(world: World, values: Values) -> set[str]:
    """The people of the agency that asked."""
    code = {pk: code for code, pk in world.extensions.items()}.get(values["pk"], "")
    return {n for n, (own, _role) in POSTS.items() if own == code}


def sees_extension(world: World, values: Values) -> set[str]:
    return asks_for_time(world, values) | COMMAND if values["pk"] != MISSING else set()


# --- Periodic reports --------------------------------------------------------------------------------
def reports(world: World) -> list[Values]:
    return [{"pk": world.reports[code]} for code in ("SXD", "STC", "BCHQS")] + [{"pk": MISSING}]


def _of_report(world: World, values: Values) -> set[str]:
    """The people of the agency whose report it is."""
    code = {pk: code for code, pk in world.reports.items()}.get(values["pk"], "")
    return {n for n, (own, _role) in POSTS.items() if own == code} - {"admin", "viewer"}


def sees_report(world: World, values: Values) -> set[str]:
    return _of_report(world, values) | COMMAND if values["pk"] != MISSING else set()


def sees_sending(world: World, values: Values) -> set[str]:
    """What was sent once has a paper: of the first quarter one report was."""
    return sees_report(world, values) if values["pk"] == world.reports["SXD"] else set()


def writes_report(world: World, values: Values) -> set[str]:
    return _of_report(world, values) - {"clerk"}


def sends_report(world: World, values: Values) -> set[str]:
    return _of_report(world, values) & SIGNERS


def takes_report_back(world: World, values: Values) -> set[str]:
    """Who decides sends it back, with a reason."""
    return writes_report(world, values) - SIGNERS


def some_grant(world: World) -> list[Values]:
    return [{"pk": world.grant}, {"pk": MISSING}]


def sees_grant(world: World, values: Values) -> set[str]:
    """That of the finance department: its own people, and the command."""
    own = {n for n, (code, _role) in POSTS.items() if code == "STC"}
    return own | COMMAND if values["pk"] == world.grant else set()


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


# --- Certificates --------------------------------------------------------------------------------------
RELEASES = {"officer", "commander"}


def requests(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.requests.values(), MISSING)]


def certificates(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.certificates.values(), MISSING)]


def owner_and(rows: dict[str, int], pk: int) -> set[str]:
    """Whose it is, and who may release one; of what there is none, nobody."""
    owners = {name for name, own in rows.items() if own == pk}
    return owners | RELEASES if owners else set()


def sees_request(world: World, values: Values) -> set[str]:
    return owner_and(world.requests, values["pk"])


def sees_certificate(world: World, values: Values) -> set[str]:
    return owner_and(world.certificates, values["pk"])


def some(pk_name: str = "pk") -> Callable[[World], list[Values]]:
    return lambda world: [{pk_name: MISSING}]


def steps_up(
    *who: str, values: Callable[[World], list[Values]] = lambda world: [{}], form: bool = False
) -> Row:
    """A page that asks who is there before it looks for anything."""
    return Row(everybody, values, names(*who) if form else nobody, names(*who), steps_up=True)
