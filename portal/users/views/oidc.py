"""Going to the province's identity provider, and coming back."""

import logging

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.contrib.auth.signals import user_login_failed
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.users import oidc
from portal.users.requests import SignedInRequest

log = logging.getLogger(__name__)


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Lead to the provider by a page that goes on by itself.

    Not by a redirect: `form-action 'self'` forbids a form to end at another host, and stays as strict
    as it is. The form itself keeps strangers' pages from starting a sign-in in somebody's browser.
    """
    if not oidc.is_offered():
        raise Http404
    if request.user.is_authenticated:
        return redirect("home")
    try:
        address = oidc.begin(request, next_url=get_next_redirect_url(request))
    except oidc.Refused as refusal:
        return _refuse(request, refusal)
    response = render(request, "account/oidc_leave.html", {"address": address})
    response.headers["Refresh"] = f"0; url={address}"
    return response


@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Let in whom the provider names; the portal's own second step follows."""
    if not oidc.is_offered():
        raise Http404
    if request.user.is_authenticated:
        return redirect("home")
    try:
        claims, next_url = oidc.complete(request)
        user = oidc.account_of(claims, at=timezone.now())
    except oidc.Refused as refusal:
        return _refuse(request, refusal)
    is_proved = oidc.says_second_factor(claims)
    record_authentication(request, user, oidc.METHOD, second_factor=is_proved)
    return perform_login(request, Login(user=user, redirect_url=next_url))


@require_safe
def no_password(request: SignedInRequest) -> HttpResponse:
    """Say why there is no password to change; allauth leads here whoever has none."""
    messages.info(request, _("You sign in without a password of this portal: there is none to change."))
    return redirect("mfa_index")


def _refuse(request: HttpRequest, refusal: oidc.Refused) -> HttpResponse:
    log.warning("sign-in at the provider refused: %s", refusal.why)
    user_login_failed.send(callback, credentials={})
    return render(request, "account/oidc_refused.html", {"refusal": refusal}, status=403)
