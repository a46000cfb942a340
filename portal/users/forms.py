"""Forms of sign-in and of one's own account."""

from functools import cached_property
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.forms import ChangePasswordForm
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.lib.text import LineField
from portal.users import factors, passkeys, recoveries, sheets, throttle, totp


class _SpentInDatabase(forms.Form):
    """One field for every kind of factor, checked by portal.users.factors instead of allauth."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].max_length = factors.LONGEST_ANSWER

    @property
    def demo_code(self) -> str | None:
        """What the account's phone would show; in the demonstration only."""
        return totp.next_code(self.user, at=timezone.now()) if settings.DEMO else None

    @cached_property
    def passkey_question(self) -> str:
        """What the browser asks the person's keys; asked anew for each page, after the answer was read."""
        return passkeys.question(self.user, at=timezone.now())

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


class PasswordChangeForm(ChangePasswordForm):
    """The old password guards the new one, so it is throttled like a sign-in."""

    def clean_oldpassword(self) -> str:
        try:
            attempt = throttle.Attempt("password", throttle.one_name(self.user.username), at=timezone.now())
        except throttle.TooManyFailures as refusal:
            raise get_account_adapter().validation_error("too_many_login_attempts") from refusal
        password = str(super().clean_oldpassword())
        attempt.forgive()
        return password


# --- Setting up a factor: each checks that it works before it counts -----------------------------------
class AppForm(forms.Form):
    """The first code of an authenticator app."""

    code = forms.CharField(label=_("Code"), max_length=20)

    def __init__(self, *args: Any, secret: str, **kwargs: Any) -> None:
        self.secret = secret
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if totp.matching_step(self.secret, code, at=timezone.now()) is None:
            raise ValidationError(
                _("The app shows something else. Check the phone's clock, then take a fresh code.")
            )
        return code


class KeyForm(forms.Form):
    """A new passkey or security key: its name, and the browser's answer as JSON."""

    name = LineField(label=_("Name of the key"), max_length=60, required=False)
    credential = forms.CharField(max_length=factors.LONGEST_ANSWER, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_credential(self) -> dict[str, Any]:
        credential = passkeys.accept(self.user, self.cleaned_data["credential"], at=timezone.now())
        if credential is None:
            raise ValidationError(_("The key's answer did not fit the question. Please try once more."))
        return credential


class SheetForm(forms.Form):
    """A code typed from the paper."""

    code = forms.CharField(label=_("Code number 1 of the sheet"), max_length=20)

    def __init__(self, *args: Any, session: Any, user: Any, **kwargs: Any) -> None:
        self.session, self.user = session, user
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        self.sheet = sheets.take(self.session, self.user, code)
        if self.sheet is None:
            raise ValidationError(
                _("That code is not on this sheet. Compare it with the paper in your hand.")
            )
        return code


class _OnceField(forms.CharField):
    """Never sent back to the page: it is spent, or was wrong."""

    def bound_data(self, data: Any, initial: Any) -> str:
        return ""


class StepUpForm(forms.Form):
    """Something known and a fresh code. `for` is the purpose, `next` where it leads, `typed` what waits."""

    answer = forms.CharField(max_length=128, strip=False)
    code = _OnceField(label=_("One-time code"), max_length=factors.LONGEST_ANSWER)
    next = forms.CharField(widget=forms.HiddenInput, required=False)
    typed = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A word that Python keeps for itself.
        self.fields["for"] = forms.CharField(widget=forms.HiddenInput)
