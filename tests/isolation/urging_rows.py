"""Rows of the crawler's table: the contact book and letters of urging."""

from tests.isolation.people import COMMAND, MISSING, World
from tests.isolation.rows import Values


def codes(world: World) -> list[Values]:
    return [{"code": code} for code in (*world.agencies, "NOBODY")]


def letters(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.letters.values(), MISSING)]


def sees_letter(world: World, values: Values) -> set[str]:
    """The command; the agency it was issued to. The one to STC has no number yet."""
    if values["pk"] == MISSING:
        return set()
    issued = values["pk"] == world.letters["SXD"]
    return COMMAND | world.members({"SXD"}) if issued else set(COMMAND)
