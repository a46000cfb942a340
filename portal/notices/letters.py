"""What a mail says: code, title, deadline and link of each notice, in its reader's language."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.lib.dates import LOCAL
from portal.notices import kinds
from portal.notices.kinds import Group
from portal.notices.models import Mail, MailPreference, Notice

SUBJECT_LENGTH = 180  # characters
MOST_LINES = 50
"""Of a section; the rest is counted. Nobody reads more, and a mail must not grow without end."""


@dataclass(frozen=True)
class Line:
    """One notice in a mail."""

    text: str
    url: str


@dataclass(frozen=True)
class Section:
    """What asks for the same thing; `more` are as many lines that only the portal shows."""

    title: str
    lines: tuple[Line, ...]
    more: int = 0


def compose(
    mail: Mail, notices: Sequence[Notice], preference: MailPreference, *, at: dt.datetime
) -> EmailMultiAlternatives:
    """Make the mail of these notices, as text and as HTML."""
    with translation.override(preference.language):
        context = {
            "name": mail.recipient.get_full_name(),
            "sections": sections(notices),
            "settings_url": _preferences_url(),
            "demo": settings.DEMO,
        }
        message = EmailMultiAlternatives(
            subject=_subject(mail, notices),
            body=render_to_string("notices/email/mail.txt", context),
            to=[mail.recipient.email],
            headers={
                "Message-ID": message_id(mail),
                "Date": format_datetime(at.astimezone(LOCAL)),
                "Auto-Submitted": "auto-generated",
                **_unsubscribing(notices),
            },
        )
        message.attach_alternative(render_to_string("notices/email/mail.html", context), "text/html")
    return message


def sections(notices: Sequence[Notice]) -> list[Section]:
    """Return the notices by what they ask, in the order of kinds.Group; each thing once."""
    by_group: dict[Group, list[Notice]] = {group: [] for group in Group}
    for notice in notices:
        kind = kinds.find(notice.kind)
        by_group[kind.group if kind else Group.KNOW].append(notice)
    return [_section(group, rows) for group, rows in by_group.items() if rows]


def _section(group: Group, notices: Sequence[Notice]) -> Section:
    lines: dict[Line, None] = {}
    rest = 0
    for notice in notices:
        if len(lines) < MOST_LINES:
            lines[_line(notice)] = None
        else:
            rest += 1
    return Section(str(group.label), tuple(lines), more=rest)


def _line(notice: Notice) -> Line:
    kind = kinds.find(notice.kind)
    path = kind.path(notice.subject_id) if kind else reverse("notices:list")
    return Line(" ".join(notice.text.split()), settings.PUBLIC_URL + path)


def _subject(mail: Mail, notices: Sequence[Notice]) -> str:
    """Name the one thing that is asked, or say how many there are."""
    mark = f"[{_('DEMONSTRATION')}] " if settings.DEMO else ""
    informing = set(kinds.informing_codes())
    asking = [notice for notice in notices if notice.kind not in informing] or list(notices)
    asking = list({" ".join(notice.text.split()): notice for notice in asking}.values())
    if len(asking) == 1:
        return (mark + " ".join(asking[0].text.split()))[:SUBJECT_LENGTH]
    text = ngettext("%(count)d thing to do, %(day)s", "%(count)d things to do, %(day)s", len(asking))
    return mark + text % {"count": len(asking), "day": f"{mail.day:%d/%m/%Y}"}


def _unsubscribing(notices: Sequence[Notice]) -> dict[str, str]:
    """Name the page where mails are switched off, when any of these may be."""
    may = any((kind := kinds.find(notice.kind)) and kind.is_optional for notice in notices)
    return {"List-Unsubscribe": f"<{_preferences_url()}>"} if may else {}


def _preferences_url() -> str:
    return settings.PUBLIC_URL + reverse("notices:preferences")


def message_id(mail: Mail) -> str:
    """Return the Message-ID that the mail's key gives it: every attempt has the same one.

    Made with the portal's own key, since bounces.take() believes whoever knows it: nobody but the reader
    does. A bounce of a mail that was sent before SECRET_KEY changed is not known again: that one is missed.
    """
    key: tuple[object, ...] = (mail.recipient_id, mail.day.isoformat())
    if notice := mail.first:
        key = (notice.subject_type, notice.subject_id, notice.recipient_id, notice.rule)
        key = (*key, notice.due_on.isoformat())
    digest = salted_hmac("portal.notices.letters.message_id", repr(key), algorithm="sha256").hexdigest()
    return f"<{digest[:32]}@{urlsplit(settings.PUBLIC_URL).hostname}>"
