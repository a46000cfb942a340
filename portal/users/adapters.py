"""How allauth behaves here: accounts are given by an administrator, never signed up for."""

import base64
import time
from typing import Any
from urllib.parse import urlsplit

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.users import factors, mails, passwords, recoveries, throttle
from portal.users.models import User


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return ["portal.users.stages.SecondFactorStage"]

    # --- Asking again -----------------------------------------------------------------------------
    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask again before what guards the account, unless a factor was given just now.

        Who has none yet comes straight from the password, and is asked nothing more.
        """
        user = self.request.user
        if user.is_authenticated and self._was_proved_just_now(user):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Ask who holds a factor for that alone: a password is what a thief of the session may know.

        Who has lost it and came in to set up another is asked for the password, the rest they no longer
        have; but who found the old one again may show it.
        """
        by_factor = {"id": "mfa_reauthenticate", "description": "", "url": reverse("mfa_reauthenticate")}
        if user.is_authenticated and self._has_factor_at_hand(user):
            return [by_factor]
        known = super().get_reauthentication_methods(user)
        by_password = [method for method in known if method["id"] == "reauthenticate"]
        return (
            [*by_password, by_factor] if user.is_authenticated and factors.is_enrolled(user) else by_password
        )

    def _has_factor_at_hand(self, user: User) -> bool:
        return factors.is_enrolled(user) and recoveries.SESSION_KEY not in self.request.session

    def _was_proved_just_now(self, user: User) -> bool:
        records = get_authentication_records(self.request, user)
        if self._has_factor_at_hand(user):
            records = [record for record in records if record["method"] == "mfa"]
        return any(time.time() - record["at"] < app_settings.REAUTHENTICATION_TIMEOUT for record in records)

    # --- Throttling, by account and address ----------------------------------------------------------
    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the password before it is looked at; what allauth counts is turned off in the settings."""
        account = throttle.one_name(credentials.get("username", ""))
        try:
            self._attempt = throttle.Attempt("password", account, at=timezone.now())
        except throttle.TooManyFailures as refusal:
            raise self.validation_error("too_many_login_attempts") from refusal

    def _rollback_login_failed_rl_usage(self) -> None:
        self._attempt.forgive()

    # --- Changes that the owner is told ----------------------------------------------------------------
    def set_password(self, user: User, password: str) -> None:
        passwords.change(user, password, by=user, at=timezone.now())

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        mails.tell_owner(user, template_prefix, at=timezone.now(), **(context or {}))


class FactorAdapter(DefaultMFAAdapter):
    """Secrets of second factors lie encrypted: a copy of the database makes no codes."""

    _SEALED = "sealed:"

    def encrypt(self, text: str) -> str:
        return self._SEALED + _seal().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        if not encrypted_text.startswith(self._SEALED):  # enrolled before secrets were encrypted
            return encrypted_text
        return _seal().decrypt(encrypted_text.removeprefix(self._SEALED).encode()).decode()

    def get_totp_label(self, user: User) -> str:
        return user.get_username()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Bind keys to the portal's one name, whatever host the request says."""
        return {"id": urlsplit(settings.PUBLIC_URL).hostname or "", "name": _("Coordination portal")}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        return super().get_public_key_credential_user_entity(user) | {
            "name": user.get_username(),
            "display_name": user.get_full_name(),
        }


def _seal() -> Fernet:
    secret = settings.KEY_ENCRYPTION_KEY.encode()
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"portal second factors 1").derive(secret)
    return Fernet(base64.urlsafe_b64encode(key))
