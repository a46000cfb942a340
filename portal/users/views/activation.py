"""Coming in for the first time: a link, a code from another way, a password."""

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.lib.errors import RuleError
from portal.users import invitations, mails
from portal.users.entry_forms import ActivationForm
from portal.users.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: HttpRequest, token: str) -> HttpResponse:
    """Let the holder of link and code choose a password; then sign them in, which asks for the rest.

    A link that is good for nothing gets one answer, whether it never was, was used, or came too late.
    """
    now = timezone.now()
    invitation = invitations.find(token, at=now)
    if invitation is None:
        return _dead(request)
    form = ActivationForm(request.POST or None, invitation=invitation, at=now)
    if request.method == "POST" and form.is_valid():
        try:
            user = invitations.activate(invitation, password=form.cleaned_data["password1"], at=now)
        except RuleError:  # used or replaced a moment ago
            return _dead(request)
        if invitation.user.is_activated:
            mails.tell_owner(user, "account/email/password_changed", at=now)
        return _sign_in(request, user)
    facts = {"form": form, "invited": invitation.user}
    return render(request, "users/activate.html", facts, status=400 if form.errors else 200)


def _dead(request: HttpRequest) -> HttpResponse:
    return render(request, "users/dead_link.html", status=404)


def _sign_in(request: HttpRequest, user: User) -> HttpResponse:
    """Sign in as after the login form: a second factor is asked for, or set up by who needs one."""
    auth.logout(request)  # somebody else's session in this browser
    messages.success(request, _("Your account is activated. From now on you sign in with this password."))
    login = Login(user=user, email_verification="none")
    answer: HttpResponse = perform_password_login(request, {"username": user.username}, login)
    return answer
