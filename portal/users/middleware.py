"""Nobody reaches a page without being signed in, and posts that need a second factor have one.

And nobody reaches further in the database than their post does: see portal.lib.walls.
"""

from collections.abc import Callable
from typing import Any

from allauth.account.forms import LoginForm
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject

from portal.lib import walls
from portal.lib.walls import Reach, Scope
from portal.lib.web import back, typed_words
from portal.users import factors, recoveries, waiting
from portal.users.models import COMMAND_ROLES, SECOND_FACTOR_ROLES, Role, User

_OPEN_NAMES = frozenset(
    {
        "account_login",
        "account_logout",
        "login_passkey",
        "login_oidc",
        "login_oidc_callback",
        "mfa_authenticate",
        "verify",
        "examined",
        "agreements:agent_prepare",
        "agreements:agent_complete",
        "authorities",
        "authority_certificate",
        "revocation_list",
        "healthz",
        "readyz",
        "metrics",
        "set_language",
        "account_inactive",
        "activate",
        "calendar",
    }
)
_ENROLMENT_NAMES = frozenset(
    {
        "factor_choose",
        "factor_app",
        "factor_key",
        "factor_sheet",
        "factor_keep",
        "account_reauthenticate",
        "mfa_reauthenticate",
    }
)
_ENROLLED_KEY = "second_factor"


class WallMiddleware:
    """Whoever asks who the reader is opens the database for that reader; before, it is for nobody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = request.user
        request.user = SimpleLazyObject(lambda: let_in(known))  # type: ignore[assignment]
        with walls.request():
            return self.get_response(request)


def let_in(user: Any) -> Any:
    """Open the database for the person of a session; return them."""
    if user.is_authenticated:
        walls.let_in(reach_of(user))
    return user


def let_in_now(user: User, **_facts: Any) -> None:
    """Open the database for a person who signed in with this request."""
    let_in(user)


def reach_of(user: User) -> Reach:
    """Return how far a post sees: told by the role alone, and not by what `access` says."""
    if user.role in COMMAND_ROLES:
        return Reach(Scope.COMMAND, user.pk, user.agency_id)
    if user.role == Role.ADMINISTRATOR:
        return Reach(Scope.RECORDS, user.pk)
    if user.role == Role.VIEWER:  # reads figures of everybody and reports of nobody
        return Reach(Scope.OWN, user.pk)
    return Reach(Scope.OWN, user.pk, user.agency_id)


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
        if _has_factor_to_set_up(user, request.session):
            return redirect("factor_choose")
        if user.post is None and name not in {"account_change_password"}:
            return render(request, "users/no_post.html", {"coming": user.next_post}, status=403)
        return None


def _has_factor_to_set_up(user: User, session: SessionBase) -> bool:
    """Whether one that the post needs is missing, or one was lost: the session began without it."""
    if user.role in SECOND_FACTOR_ROLES and not _has_second_factor(user, session):
        return True
    return bool(session.get(recoveries.SESSION_KEY))


def _has_second_factor(user: User, session: SessionBase) -> bool:
    """Ask the database until it says yes; a factor is never taken away within a session."""
    if not session.get(_ENROLLED_KEY) and factors.is_enrolled(user):
        session[_ENROLLED_KEY] = True
    return _ENROLLED_KEY in session


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the login; what was sent while a session ran out waits behind it, or is shown for copying.

    After the login comes the page with the form: the address that a form is sent to has no page.
    """
    if request.method != "POST":
        return redirect_to_login(request.get_full_path())
    if page := waiting.page_of(request):
        facts = {"form": LoginForm(), "next": page, "words": typed_words(request)}
        return render(request, "users/session_over.html", facts, status=403)
    to_login = redirect_to_login(back(request, default=request.get_full_path()))
    words = typed_words(request)
    if not words:
        return to_login
    return render(request, "403.html", {"login_url": to_login.url, "words": words}, status=403)
