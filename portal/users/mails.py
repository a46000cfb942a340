"""What a person is told by mail about their own account: a link or a fact, never a code.

Sent at once and past the notices: these lie above, and what tells of a theft must not wait in a list
that the thief can read away. In Vietnamese, whoever acts.
"""

import datetime as dt
import logging
from email.utils import make_msgid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from portal.lib.web import current_request
from portal.users.models import User

log = logging.getLogger(__name__)


def send_invitation(user: User, url: str, *, expires_at: dt.datetime) -> bool:
    """Mail the link of an invitation; return whether the server took it. After the commit.

    The link exists in this request only, so it cannot wait in the outbox: when the server is away the
    sender is told, and sends a new one.
    """
    return _send(user, "users/email/invitation", {"url": url, "expires_at": expires_at})


def tell_owner(user: User, template: str, *, at: dt.datetime, **facts: Any) -> bool:
    """Tell that the account's protection changed, and from where; return whether it went out.

    What happened has happened: a mail that cannot be sent is logged and stops nothing.
    """
    request = current_request()
    return _send(user, template, {"at": at, "address": request.address if request else "", **facts})


def tell_former_address(user: User, address: str, *, at: dt.datetime) -> bool:
    """Tell at the old address that mail goes to another one now; return whether it went out."""
    request = current_request()
    facts = {"at": at, "address": request.address if request else ""}
    return _send(user, "users/email/address_changed", facts, to=address)


def _send(user: User, template: str, facts: dict[str, Any], *, to: str = "") -> bool:
    """Send `<template>_subject.txt` and `_message.txt`; they read user, portal_url and the facts."""
    if not (to := to or user.email):
        return False
    words = {"user": user, "portal_url": settings.PUBLIC_URL, **facts}
    with translation.override(settings.LANGUAGE_CODE), timezone.override(settings.TIME_ZONE):
        subject = " ".join(render_to_string(f"{template}_subject.txt", words).split())
        message = render_to_string(f"{template}_message.txt", words).strip() + "\n"
        if settings.DEMO:
            subject = f"[{_('DEMONSTRATION')}] {subject}"
            invented = _("All figures and names of people are invented; nothing signed here has legal force.")
            message = f"*** {_('DEMONSTRATION')} *** {invented}\n\n{message}"
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    headers = {"Message-ID": make_msgid(domain=host), "Auto-Submitted": "auto-generated"}
    try:
        EmailMessage(subject, message, to=[to], headers=headers).send()
    except OSError as error:  # every SMTPException is one; its text may hold an address
        log.warning("mail to user %s not sent, %s: %s", user.pk, template, type(error).__name__)
        return False
    return True
