"""In which post a deputy acts for the head inside the agency: in the lines that stand above a signature.

Kept as they were then, for posts and signature blocks change. Empty for the head, and for who only writes.
"""

from portal.agencies.models import Agency
from portal.lib.text import filled_lines
from portal.users.models import Role, User


def capacity(by: User, agency: Agency) -> str:
    """Return the lines, one a line, of a deputy of the agency who does what is the head's to do."""
    is_deputy = by.role == Role.DEPUTY_HEAD and by.agency_id == agency.pk
    return "\n".join(agency.deputy_lines) if is_deputy else ""


def named(by: User, lines: str) -> str:
    """Return who acted, with the post in which."""
    name = by.get_full_name()
    return f"{name} ({in_words(lines)})" if lines else name


def facts(lines: str) -> dict[str, str]:
    """Return what an audit event says of it."""
    return {"acted_as": in_words(lines)} if lines else {}


def in_words(lines: str) -> str:
    return ", ".join(filled_lines(lines))
