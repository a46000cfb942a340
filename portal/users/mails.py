"""What the owner of an account is told by mail: that somebody, hopefully they, changed its protection.

Sent at once and past the notices: these lie above, and what tells of a theft must not wait in a list
that the thief can read away.
"""

import datetime as dt
import logging
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation

from portal.lib.web import current_request
from portal.users.models import User

log = logging.getLogger(__name__)


def tell_owner(user: User, template: str, *, at: dt.datetime, **facts: Any) -> bool:
    """Send `<template>_subject.txt` and `_message.txt` in Vietnamese; return whether it went out.

    What happened has happened: a mail that cannot be sent is logged and stops nothing.
    """
    if not user.email:
        return False
    request = current_request()
    words = {
        "user": user,
        "at": at,
        "address": request.address if request else "",
        "portal_url": settings.PUBLIC_URL,
        **facts,
    }
    with translation.override(settings.LANGUAGE_CODE):
        subject = " ".join(render_to_string(f"{template}_subject.txt", words).split())
        message = render_to_string(f"{template}_message.txt", words).strip() + "\n"
    try:
        send_mail(subject, message, settings.DEFAULT_FROM_EMAIL, [user.email])
    except OSError:  # smtplib's own errors are of this family
        log.exception("mail about an account not sent: user %s, %s", user.pk, template)
        return False
    return True
