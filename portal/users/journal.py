"""Signing in, out, and in vain: one line of the log each.

Who by number only, and of a failure no name at all: what stands in that field may be a password.
"""

import logging
from typing import Any

from allauth.account.signals import password_changed
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from portal.lib.web import current_request

log = logging.getLogger(__name__)

TOLD: dict[Any, str] = {
    user_logged_in: "signed in",
    user_logged_out: "signed out",
    user_login_failed: "sign-in refused",
    password_changed: "password changed",
    authenticator_added: "second factor set up",
    authenticator_removed: "second factor removed",
}


def connect() -> None:
    for signal in TOLD:
        signal.connect(tell, dispatch_uid="portal.users.journal")


def tell(signal: Any, user: Any = None, **_facts: Any) -> None:
    """Write who did it, if that is known, and from where."""
    facts = current_request()
    log.info("%s: user %s from %s", TOLD[signal], user.pk if user else "-", facts.address if facts else "-")
