"""Forms of sign-in."""

from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.users import factors, recoveries, throttle, totp


class _SpentInDatabase:
    """Checks the code with portal.users.totp instead of allauth's cache."""

    @property
    def demo_code(self) -> str | None:
        """What the account's phone would show; in the demonstration only."""
        return totp.next_code(self.user, at=timezone.now()) if settings.DEMO else None

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            self.authenticator = factors.spend(self.user, code, at=timezone.now())
        except throttle.TooManyFailures as refusal:
            raise ValidationError(str(refusal)) from refusal
        if self.authenticator is None:
            user_login_failed.send(type(self), credentials={}, user=self.user)  # for the journal
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondFactorForm(_SpentInDatabase, AuthenticateForm):
    """The second step of signing in; here, and nowhere else, a code of two other people does as well."""

    is_recovery = False

    def clean_code(self) -> str:
        try:
            self.is_recovery = recoveries.spend(self.user, self.cleaned_data["code"], at=timezone.now())
        except throttle.TooManyFailures as refusal:
            raise ValidationError(str(refusal)) from refusal
        return str(self.cleaned_data["code"]) if self.is_recovery else super().clean_code()

    def save(self) -> None:
        if not self.is_recovery:
            super().save()
            return
        record_authentication(context.request, self.user, "mfa", type="recovery")
        context.request.session[recoveries.SESSION_KEY] = True


class ReauthenticateByCodeForm(_SpentInDatabase, ReauthenticateForm):
    """A fresh code before a sensitive page."""
