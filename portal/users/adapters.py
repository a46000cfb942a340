"""How allauth behaves here: accounts are given by an administrator, never signed up for."""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest

from portal.users import factors, throttle


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask again before what guards the account; not who sets up a first phone after the password."""
        user = self.request.user
        if user.is_authenticated and not factors.is_enrolled(user) and self._gave_password_just_now():
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count wrong passwords by account and address: an outsider must not lock a head out."""
        return throttle.key(super()._get_login_attempts_cache_key(request, **credentials))

    def _gave_password_just_now(self) -> bool:
        records = get_authentication_records(self.request, self.request.user)
        return any(time.time() - record["at"] < app_settings.REAUTHENTICATION_TIMEOUT for record in records)
