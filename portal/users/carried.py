"""What was typed into a form that could not be taken: carried past a step-up, or past a new sign-in.

Bound to the person who typed it and to the address it was for. Secrets are left behind, files too: a
browser hands over neither without being asked again.
"""

from dataclasses import dataclass

from django.core import signing
from django.http import HttpRequest

from portal.lib.web import SECRET_FIELD

LASTS = 30 * 60  # seconds
LARGEST = 256 * 1024  # characters of all fields together
_SALT = "portal.users.carried"
_TOKEN_OF_DJANGO = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field


@dataclass(frozen=True)
class Typed:
    """A form as it was sent: to which address, by whom, and every field's values in their order."""

    to: str
    user_id: int
    fields: tuple[tuple[str, str], ...]


def typed(request: HttpRequest, *, user_id: int) -> Typed | None:
    """Return what a POST carries besides secrets; None when it is more than can be carried."""
    fields = tuple(
        (name, str(value))
        for name, values in request.POST.lists()
        if name != _TOKEN_OF_DJANGO and not SECRET_FIELD.search(name)
        for value in values
    )
    if sum(len(name) + len(value) for name, value in fields) > LARGEST:
        return None
    return Typed(request.get_full_path(), user_id, fields)


def pack(form: Typed) -> str:
    """Return the form as text that nobody can change on its way through the browser."""
    return signing.dumps([form.to, form.user_id, form.fields], salt=_SALT, compress=True)


def unpack(text: str, *, user_id: int) -> Typed | None:
    """Return what pack() made for this person within the last half hour, else None."""
    try:
        to, owner, fields = signing.loads(text, salt=_SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    form = Typed(to, owner, tuple((name, value) for name, value in fields))
    return form if form.user_id == user_id else None
