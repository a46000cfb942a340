"""Mails about a person's own account: a link, never a code, and nothing else worth reading."""

import datetime as dt
import logging
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from portal.users.models import User

log = logging.getLogger(__name__)


def send_invitation(user: User, url: str, *, expires_at: dt.datetime) -> bool:
    """Mail the link of an invitation; return whether the server took it. After the commit.

    The link exists in this request only, so it cannot wait in the outbox: when the server is away the
    sender is told, and sends a new one.
    """
    with translation.override("vi"):
        subject = _("Activate your account on the coordination portal")
    return _send(user, subject, "users/email/invitation.txt", {"url": url, "expires_at": expires_at})


def tell_recovered(user: User, *, at: dt.datetime) -> bool:
    """Tell the person that they, or somebody, came in with a code of the officer and the administrator."""
    with translation.override("vi"):
        subject = _("You signed in without your second factor")
    return _send(user, subject, "users/email/recovered.txt", {"at": at, "url": settings.PUBLIC_URL})


def _send(user: User, subject: str, template: str, facts: dict[str, object]) -> bool:
    if not user.email:
        return False
    with translation.override("vi"), timezone.override(settings.TIME_ZONE):
        body = render_to_string(template, {**facts, "name": user.get_full_name(), "demo": settings.DEMO})
    mark = "[TRÌNH DIỄN] " if settings.DEMO else ""
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    headers = {"Message-ID": make_msgid(domain=host), "Auto-Submitted": "auto-generated"}
    try:
        EmailMessage(mark + subject, body, to=[user.email], headers=headers).send()
    except OSError as error:  # every SMTPException is one; its text may hold an address
        log.warning("mail to user %s not sent: %s", user.pk, type(error).__name__)
        return False
    return True
