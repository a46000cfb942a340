"""Forms of sign-in."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.users import factors, throttle, totp


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
    """The second step of signing in."""


class ReauthenticateByCodeForm(_SpentInDatabase, ReauthenticateForm):
    """A fresh code before a sensitive page."""


class _OnceField(forms.CharField):
    """Never sent back to the page: it is spent, or was wrong."""

    def bound_data(self, data: Any, initial: Any) -> str:
        return ""


class StepUpForm(forms.Form):
    """Something known and a fresh code. `for` is the purpose, `next` where it leads, `typed` what waits."""

    answer = forms.CharField(max_length=128, strip=False)
    code = _OnceField(label=_("One-time code"), max_length=40)
    next = forms.CharField(widget=forms.HiddenInput, required=False)
    typed = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A word that Python keeps for itself.
        self.fields["for"] = forms.CharField(widget=forms.HiddenInput)
