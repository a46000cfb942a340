"""Rows of the crawler's table about draft versions and consultations."""

from tests.isolation.people import COMMAND, MISSING, POSTS, World
from tests.isolation.rows import OF_PARTIES, SIGNED_IN, Values, sees_programme

ANSWERERS = {name for name in POSTS if name.endswith(("_head", "_deputy", "_focal"))}
"""Who works for an agency that was asked; every party but the host was."""


def consultations(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.consultations.values(), MISSING)]


def sees_consultation(world: World, values: Values) -> set[str]:
    return OF_PARTIES - {"admin"} if values["pk"] != MISSING else set()


def sees_table(world: World, values: Values) -> set[str]:
    """Every party once it is published."""
    return set(SIGNED_IN) if values["pk"] == world.consultations["closed"] else set(COMMAND)


def comments(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.comments.values(), MISSING)]


def sees_comment(world: World, values: Values) -> set[str]:
    """One's own agency's; the command what was sent; every party what is published."""
    whose = {pk: name for name, pk in world.comments.items()}.get(values["pk"], "")
    if whose == "published":
        return OF_PARTIES - {"admin"}
    own = {n for n, (code, _role) in POSTS.items() if code == whose}
    return own | COMMAND if whose == "SXD" else own


def wrote_comment(world: World, values: Values) -> set[str]:
    whose = {pk: name for name, pk in world.comments.items()}.get(values["pk"], "")
    return {n for n, (code, _role) in POSTS.items() if code == (whose if whose != "published" else "SXD")}


def sees_versions(world: World, values: Values) -> set[str]:
    return COMMAND & sees_programme(world, values)
