"""Nobody reaches a page without being signed in, and posts that need a second factor have one."""

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.lib.web import back, typed_words
from portal.users import factors, recoveries
from portal.users.models import SECOND_FACTOR_ROLES, User

_OPEN_NAMES = frozenset(
    {
        "account_login",
        "account_logout",
        "mfa_authenticate",
        "verify",
        "healthz",
        "readyz",
        "set_language",
        "account_inactive",
        "activate",
    }
)
_ENROLMENT_NAMES = frozenset(
    {"mfa_activate_totp", "account_reauthenticate", "mfa_reauthenticate", "replace_phone"}
)
_ENROLLED_KEY = "second_factor"


class SignedInMiddleware:
    """Default deny: a view is public only if it is listed here by name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else None
        if name in _OPEN_NAMES:
            return None
        user = request.user
        if not user.is_authenticated:
            return _ask_to_sign_in(request)
        if name in _ENROLMENT_NAMES:
            return None
        if needed := _factor_to_set_up(user, request.session):
            return redirect(needed)
        if user.post is None and name not in {"account_change_password"}:
            return render(request, "users/no_post.html", {"coming": user.next_post}, status=403)
        return None


def _factor_to_set_up(user: User, session: SessionBase) -> str | None:
    """Return the page where a factor is to be set up first: one that the post needs, one that was lost."""
    if user.role in SECOND_FACTOR_ROLES and not _has_second_factor(user, session):
        return "mfa_activate_totp"
    return "replace_phone" if session.get(recoveries.SESSION_KEY) else None


def _has_second_factor(user: User, session: SessionBase) -> bool:
    """Ask the database until it says yes; a factor is never taken away within a session."""
    if not session.get(_ENROLLED_KEY) and factors.is_enrolled(user):
        session[_ENROLLED_KEY] = True
    return _ENROLLED_KEY in session


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the login; what was written while a session ran out is shown first, for copying.

    After the login comes the page with the form: the address that a form is sent to has no page.
    """
    if request.method != "POST":
        return redirect_to_login(request.get_full_path())
    to_login = redirect_to_login(back(request, default=request.get_full_path()))
    words = typed_words(request)
    if not words:
        return to_login
    return render(request, "403.html", {"login_url": to_login.url, "words": words}, status=403)
