"""Forms of sign-in."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils import timezone

from portal.users import totp


class _SpentInDatabase:
    """Checks the code with portal.users.totp instead of allauth's cache."""

    @property
    def demo_code(self) -> str | None:
        """What the account's phone would show; in the demonstration only."""
        return totp.next_code(self.user, at=timezone.now()) if settings.DEMO else None

    def clean_code(self) -> str:
        clear_rate_limit = check_rate_limit(self.user)
        code = self.cleaned_data["code"].replace(" ", "")
        for authenticator in Authenticator.objects.filter(user=self.user).order_by("-type"):
            if authenticator.type == Authenticator.Type.TOTP:
                good = totp.consume(self.user, code, at=timezone.now())
            else:
                good = authenticator.wrap().validate_code(code)
            if good:
                authenticator.user = self.user
                self.authenticator = authenticator
                clear_rate_limit()
                return code
        raise get_adapter().validation_error("incorrect_code")


class SecondFactorForm(_SpentInDatabase, AuthenticateForm):
    """The second step of signing in."""


class ReauthenticateByCodeForm(_SpentInDatabase, ReauthenticateForm):
    """A fresh code before a sensitive page."""
