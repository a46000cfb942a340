"""Rows of the crawler's table about draft versions and consultations."""

from tests.isolation.people import COMMAND, MISSING, POSTS, World
from tests.isolation.rows import (
    OF_PARTIES,
    RUNS,
    SIGNED_IN,
    SIGNERS,
    Row,
    Values,
    everybody,
    names,
    nobody,
    sees_programme,
    years,
)

ANSWERERS = {name for name in POSTS if name.endswith(("_head", "_deputy", "_focal"))}
"""Who works for an agency that was asked; every party but the host was."""

AGENCY_SIGNERS = SIGNERS - {"commander"}
TABLES = ("table", "export", "paper")


def consultations(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.consultations.values(), MISSING)]


def sees_consultation(world: World, values: Values) -> set[str]:
    return OF_PARTIES - {"admin"} if values["pk"] != MISSING else set()


def sees_table(world: World, values: Values) -> set[str]:
    """Every party once it is published."""
    return set(SIGNED_IN) if values["pk"] == world.consultations["closed"] else set(COMMAND)


def remarks(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.remarks.values(), MISSING)]


def sees_remark(world: World, values: Values) -> set[str]:
    """One's own agency's; the command what was sent; every party what is published."""
    whose = {pk: name for name, pk in world.remarks.items()}.get(values["pk"], "")
    if whose == "published":
        return OF_PARTIES - {"admin"}
    own = {n for n, (code, _role) in POSTS.items() if code == whose}
    return own | COMMAND if whose == "SXD" else own


def wrote_remark(world: World, values: Values) -> set[str]:
    whose = {pk: name for name, pk in world.remarks.items()}.get(values["pk"], "")
    return {n for n, (code, _role) in POSTS.items() if code == (whose if whose != "published" else "SXD")}


def sees_versions(world: World, values: Values) -> set[str]:
    return COMMAND & sees_programme(world, values)


ROWS = {
    "consultations:list": Row(everybody),
    "consultations:versions": Row(sees_versions, years),
    "consultations:compare": Row(sees_versions, years),
    "consultations:take": Row(sees_versions, years, nobody, names(*RUNS)),
    "consultations:open": Row(sees_versions, years, nobody, names(*RUNS)),
    "consultations:respond": Row(sees_remark, remarks, names(*RUNS), names(*RUNS)),
    "consultations:remove": Row(sees_remark, remarks, nobody, wrote_remark),
    "consultations:detail": Row(sees_consultation, consultations),
    **{f"consultations:{name}": Row(sees_consultation, consultations, sees_table) for name in TABLES},
    **{
        f"consultations:{step}": Row(sees_consultation, consultations, nobody, names(*ANSWERERS))
        for step in ("comment", "submit", "take_back")
    },
    **{
        f"consultations:{step}": Row(sees_consultation, consultations, nobody, names(*AGENCY_SIGNERS))
        for step in ("approve", "send_back", "withdraw")
    },
    "consultations:extend": Row(sees_consultation, consultations, nobody, names(*RUNS)),
    "consultations:close": Row(sees_consultation, consultations, nobody, names(*RUNS)),
}
