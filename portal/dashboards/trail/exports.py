"""The trail as a file: exactly the events that the reader's choice shows, in the same words."""

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import islice

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.audit.models import Event
from portal.dashboards import access
from portal.dashboards.trail.pages import Entry, tell
from portal.lib.actions import action
from portal.lib.dates import LOCAL
from portal.papers import tables
from portal.users.models import User

MOST_ROWS = 20_000
"""Events in one file; who needs all of them takes `manage.py export_audit`, which can be verified."""

AT_ONCE = 500
WIDTHS = (9, 18, 28, 34, 34, 18, 50, 70, 16)


def headings() -> list[str]:
    return [
        _("No."),
        _("Time"),
        _("Person"),
        _("Agency"),
        _("Action"),
        _("Kind of object"),
        _("Object"),
        _("Before and after"),
        _("Network address"),
    ]


def lines(rows: QuerySet[Event], user: User) -> Iterator[list[str | int]]:
    """Yield each event as a row of the file; read in pieces, so that memory stays bounded."""
    events = rows.iterator(chunk_size=AT_ONCE)
    while piece := list(islice(events, AT_ONCE)):
        yield from (_line(entry) for entry in tell(piece, user))


def _line(entry: Entry) -> list[str | int]:
    details = [
        f"{line.label}: {line.before} → {line.after}" if line.before else f"{line.label}: {line.after}"
        for line in entry.lines
    ]
    if entry.is_withheld:
        details = [_("Not shown to the administrator.")]
    return [
        entry.seq,
        entry.at.astimezone(LOCAL).strftime("%d/%m/%Y %H:%M:%S"),
        entry.actor or _("the portal itself"),
        entry.agency,
        entry.verb,
        entry.subject_kind if entry.subject else "",
        entry.subject,
        "\n".join(details),
        entry.address,
    ]


@action
def note(user: User, *, at: dt.datetime, chosen: Mapping[str, str], count: int, file_format: str) -> None:
    """Record that the user takes these events out of the portal. Before the file is made."""
    if not access.may_export_trail(user):
        raise PermissionDenied
    payload = {"filter": dict(chosen), "count": count, "format": file_format}
    code = user.post.agency.code if user.post else ""
    record("audit.exported", None, by=user, at=at, agency_code=code, payload=payload)


def as_workbook(rows: QuerySet[Event], user: User) -> bytes:
    return tables.to_xlsx(_("Audit trail"), headings(), lines(rows, user), widths=WIDTHS)


def as_text(rows: QuerySet[Event], user: User) -> bytes:
    return b"".join(tables.to_csv(headings(), lines(rows, user)))
