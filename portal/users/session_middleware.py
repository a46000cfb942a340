"""Every request: does the sign-in still hold, and does a form that outlived the last one wait?"""

from collections.abc import Callable

from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.users import sessions, waiting
from portal.users.sessions import Over

_NEED_NO_SESSION = frozenset({"healthz", "readyz", "metrics", "authority_certificate", "revocation_list"})
"""Monitors, and what proxies keep: a cookie on it would reach whoever asks next."""


class SessionMiddleware:
    """End what is over, before any view asks who is there; follow a session to its new key."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        response = self.get_response(request)
        if request.session.modified and request.session.session_key not in {key, None}:
            sessions.follow(request.session)
        return waiting.fill_in(request, response)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        if request.resolver_match and request.resolver_match.view_name in _NEED_NO_SESSION:
            return
        if auth.SESSION_KEY in request.session:
            self._look(request)
        waiting.announce(request)

    def _look(self, request: HttpRequest) -> None:
        now = timezone.now()
        over = sessions.why_over(request.session, request.user, at=now)
        if over is None:
            sessions.see(request.session, at=now)
            return
        form = waiting.typed(request)
        auth.logout(request)
        if form:
            waiting.keep(request, form)
        if over in _TEXTS:
            messages.info(request, _TEXTS[over]())


_TEXTS: dict[Over, Callable[[], str]] = {
    Over.IDLE: lambda: _("You were signed out after 30 minutes without use. Sign in to go on."),
    Over.LONG: lambda: _("A sign-in lasts 12 hours. Sign in again to go on."),
    Over.POST_CHANGED: lambda: _("Your post has changed. Sign in again to go on."),
}
