"""The second step of signing in, and the passkey that is both steps in one."""

from allauth.account.internal.decorators import login_stage_required
from allauth.account.models import Login
from allauth.mfa.internal.constants import LoginStageKey
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django.contrib import messages
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from portal.users import factors, passkeys, sheets
from portal.users.forms import SecondFactorForm
from portal.users.models import User


@login_stage_required(LoginStageKey.MFA_AUTHENTICATE.value, "account_login")
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask who has given the password for a factor of any kind, and let them in."""
    stage = request._login_stage  # type: ignore[attr-defined]  # set by the decorator
    form = SecondFactorForm(request.POST or None, user=stage.login.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        _warn_of_few_codes(request, stage.login.user)
        return stage.exit()
    return render(request, "mfa/authenticate.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in by a passkey alone: GET asks (JSON, for the script), POST answers."""
    now = timezone.now()
    if request.user.is_authenticated:
        return redirect("home")
    if request.method != "POST":
        return HttpResponse(passkeys.question_to_anyone(at=now), content_type="application/json")
    key = passkeys.identify(request.POST.get("credential", ""), at=now)
    if key is None:
        user_login_failed.send(passkey, credentials={})
        messages.error(
            request, _("The passkey did not open an account. Sign in with user name and password.")
        )
        return redirect("account_login")
    return perform_passwordless_login(request, key, Login(user=key.user))


def _warn_of_few_codes(request: HttpRequest, user: User) -> None:
    left = factors.codes_left(user)
    if left is not None and left <= sheets.FEW:
        text = ngettext(
            "Your sheet has %(left)s unused code. Print a new one now, under Second factor.",
            "Your sheet has %(left)s unused codes. Print a new one now, under Second factor.",
            left,
        )
        messages.warning(request, text % {"left": left})
