"""In which capacity somebody signs for an agency, and what that rests on.

A deputy signs KT., never TUQ. or TL.; who signs by a paper on file signs TUQ., TL. or Q.
Source: Decree 30/2020/NĐ-CP, art. 13 and Appendix I, II.7.
"""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from agreements import authorisations
from agreements.models import Authorisation, Signature, SignatureField
from portal.agencies.models import deputy_lines
from portal.lib.errors import RuleError
from portal.lib.text import filled_lines
from portal.users.models import HEAD_ROLES, Role, User

LEAST_GROUNDS = 5  # characters
HANDED_OVER = "Thủ trưởng giao ký thay"
ABSENT = "Thủ trưởng vắng mặt tại lễ ký"

_C = Signature.Capacity
COLLECTIVE = ("TM.", "T/M")  # Party bodies write T/M


class GroundsMissing(RuleError):
    """A deputy to whom nothing was handed did not say why the head does not sign."""


@dataclass(frozen=True)
class Choice:
    """A capacity open to a signer: the lines above her name, and what it rests on.

    `needs_grounds`: nobody has handed the document over or noted the head's absence, so she says why.
    """

    capacity: str
    lines: tuple[str, ...]
    authorisation: Authorisation | None = None
    needs_grounds: bool = False

    @property
    def key(self) -> str:
        """What a form sends for it."""
        return f"{self.capacity}-{self.authorisation.pk}" if self.authorisation else self.capacity

    @property
    def label(self) -> str:
        label = str(_C(self.capacity).label)
        return f"{label}, {self.authorisation.reference}" if self.authorisation else label


def lines(block: str, capacity: str, *, title: str = "") -> tuple[str, ...]:
    """Return the lines above a name.

    `block` holds the head's lines, one a line: "GIÁM ĐỐC", or "TM. BAN THƯỜNG TRỰC" and "CHỦ TỊCH".
    `title` is the signer's own, below TUQ. and TL.; these two are by the head and not by the collective,
    whose line they leave out.
    """
    filled = filled_lines(block)
    *collective, head = filled
    match capacity:
        case _C.KT:
            return deputy_lines(filled)
        case _C.Q:
            return (*collective, f"Q. {head}")
        case _C.TL | _C.TUQ:
            return (f"{capacity.upper()}. {head}", title.upper())
    return filled


def choices(field: SignatureField, *, by: User, at: dt.datetime) -> tuple[Choice, ...]:
    """Return the capacities in which a person may sign a field at a moment, the usual one first."""
    block, found = field.signature_block, []
    if by.agency_id != field.agency_id:
        return ()
    if by.role in HEAD_ROLES:
        capacity = _C.TM if filled_lines(block)[0].startswith(COLLECTIVE) else _C.HEAD
        found.append(Choice(capacity, lines(block, capacity)))
    if by.role == Role.DEPUTY_HEAD and field.delegate_id in {None, by.pk}:
        needs_grounds = field.delegate_id is None and field.absent_at is None
        found.append(Choice(_C.KT, lines(block, _C.KT), needs_grounds=needs_grounds))
    for paper in authorisations.usable(by, field.document, at=at):
        found.append(Choice(paper.capacity, lines(block, paper.capacity, title=paper.title), paper))
    return tuple(found)


def chosen(field: SignatureField, *, by: User, key: str, grounds: str, at: dt.datetime) -> tuple[Choice, str]:
    """Return the capacity that was chosen, "" being the usual one, and why it is not the head who signs.

    Raises RuleError when it is not open to the signer (any more), GroundsMissing when she does not say why.
    """
    offered = choices(field, by=by, at=at)
    choice = next((one for one in offered if key in {"", one.key}), None)
    if choice is None:
        raise RuleError(_refusal(field, by))
    if not choice.needs_grounds:
        return choice, _known_grounds(field) if choice.capacity == _C.KT else ""
    if len(grounds.strip()) < LEAST_GROUNDS:
        raise GroundsMissing(_("Write why the head does not sign: nobody has handed you this document."))
    return choice, grounds.strip()


def _refusal(field: SignatureField, by: User) -> str:
    if by.role == Role.DEPUTY_HEAD and field.delegate:
        name = field.delegate.get_full_name()
        return _("The head has handed this document to %(name)s. Ask the head if you are to sign.") % {
            "name": name
        }
    if by.role == Role.DEPUTY_HEAD:
        return _("This capacity is not open to you. Open the page again and choose another.")
    return _("No paper on file lets you sign this document today: it is not valid, or was revoked.")


def _known_grounds(field: SignatureField) -> str:
    return HANDED_OVER if field.delegate_id else ABSENT
