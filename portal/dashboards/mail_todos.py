"""What an administrator's home says of mail: what was given up, and what should have left long ago."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.dashboards.todos import Todo
from portal.lib.templatetags.portal_ui import vn_datetime
from portal.notices import access, undelivered
from portal.users.models import User

LATE = dt.timedelta(hours=1)
"""A mail server that was away for some minutes mends itself; the monitor hears of it sooner."""


def rows(user: User, *, at: dt.datetime) -> list[Todo]:
    """Return what is to be mended, the silent fault first; a fixed number of queries."""
    found = []
    late = undelivered.late(at=at)
    if late and at - late.since > LATE:
        found.append(_late(late.since))
    if count := access.undelivered(user).count():
        found.append(_given_up(count))
    return found


def _late(since: dt.datetime) -> Todo:
    return Todo(
        what=_("Mail that is due has not left, the oldest since %(moment)s") % {"moment": vn_datetime(since)},
        why=_("Check the mail server and the sending process."),
        url=reverse("notices:undelivered"),
        button=_("Open"),
        icon="exclamation-triangle-fill",
    )


def _given_up(count: int) -> Todo:
    words = ngettext("%(count)s mail could not be sent", "%(count)s mails could not be sent", count)
    return Todo(
        what=words % {"count": count},
        why=_("The mail server refused it, or it came back."),
        url=reverse("notices:undelivered"),
        button=_("Look and send again"),
        icon="send",
    )
