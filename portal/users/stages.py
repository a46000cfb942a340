"""The step between the password and the session."""

from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal.flows import did_use_passwordless_login
from django.http import HttpRequest

from portal.users import factors, oidc


class SecondFactorStage(AuthenticateStage):
    """Ask everybody who holds a factor for it, a printed sheet included.

    Not who came by a passkey, which is two factors in one, nor whom a trusted provider asked already.
    """

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        if user is None or not factors.is_enrolled(user):
            return False
        return not (did_use_passwordless_login(request, user) or oidc.gave_second_factor(request, user))
