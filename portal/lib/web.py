"""What every page shares: who asks (facts of the request), refusals, faults of the database."""

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from portal.lib.errors import BusyError, RuleError, StaleError

log = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]
RETRY_AFTER = 10  # seconds
SECRET_FIELD = re.compile("password|^(pin|old|again|code|answer|credential|activation_code)$")
"""Names of form fields that no page ever shows again."""


@dataclass(frozen=True)
class RequestFacts:
    """Where a request came from; written into audit events and logs."""

    id: str
    address: str


_facts: ContextVar[RequestFacts | None] = ContextVar("request_facts", default=None)


def current_request() -> RequestFacts | None:
    """Return the facts of the request being served, or None in jobs and commands."""
    return _facts.get()


class RequestFactsMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _facts.set(RequestFacts(uuid.uuid4().hex[:16], request.META.get("REMOTE_ADDR", "")))
        try:
            response = self.get_response(request)
            # Pages show private facts: neither a proxy nor the browser's disk keeps them.
            response.headers.setdefault("Cache-Control", "no-store")
            return response
        finally:
            _facts.reset(token)


def unavailable() -> HttpResponse:
    """Return the 503 page, made without database or context processors."""
    response = HttpResponse(render_to_string("503.html", {"demo": settings.DEMO}), status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


class LanguageMiddleware:
    """Vietnamese, unless the reader chose another language here.

    The browser's own preference does not count: half of the offices have English browsers.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language  # as Django's own does
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class SizeMiddleware:
    """Answer 413 to more than a form, or an upload and its form, may hold, before it is parsed or stored.

    Django counts the fields of a form, but writes an upload of any size to the disk first.
    """

    DRAINED = 5 * settings.UPLOAD_LIMIT  # bytes: who sends less hears the answer, not a broken connection

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        size = _announced_size(request)
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if request.content_type == "multipart/form-data":
            limit += settings.UPLOAD_LIMIT
        if size <= limit:
            return self.get_response(request)
        while size <= self.DRAINED and request.read(64 * 1024):
            pass
        return render(request, "413.html", status=413)


def _announced_size(request: HttpRequest) -> int:
    """Return Content-Length in bytes; Django reads no more than that, and nothing without it."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


class RefusalMiddleware:
    """Turn a refusal by a rule into a message on the page the user came from.

    Views whose form must keep what was typed catch RuleError themselves; this is for buttons.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, RequestDataTooBig):
            return render(request, "413.html", status=413)
        if isinstance(error, BusyError):
            response = render(request, "503.html", {"reason": str(error)}, status=503)
            response.headers["Retry-After"] = "2"
            return response
        if isinstance(error, StaleError):
            return render(request, "409.html", {"reason": str(error)}, status=409)
        if isinstance(error, RuleError):
            messages.error(request, str(error))
            return redirect(back(request))
        return None


def back(request: HttpRequest, default: str = "/") -> str:
    """Return the path of the page the user came from, if it is one of ours."""
    referer = request.headers.get("Referer", "")
    if not _is_ours(request, referer):
        return default
    parts = urlsplit(referer)
    path = f"/{parts.path.lstrip('/')}"  # of two slashes a browser makes another host
    return urlunsplit(("", "", path, parts.query, ""))


def typed_words(request: HttpRequest) -> list[str]:
    """Return the sentences of a form that was refused as a whole, for its writer to copy.

    Only what our own page sent: another site's words would stand on ours as if we said them.
    """
    if not _is_ours(request, request.headers.get("Origin") or request.headers.get("Referer", "")):
        return []
    sent = ((name, str(value).strip()) for name, value in request.POST.items())
    return [value for name, value in sent if " " in value and not SECRET_FIELD.search(name)]


def _is_ours(request: HttpRequest, address: str) -> bool:
    is_whole = "//" in address  # Django takes a bare word, as in “Origin: null”, for a path of ours
    hosts = {request.get_host()}
    return is_whole and url_has_allowed_host_and_scheme(address, hosts, require_https=request.is_secure())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without a valid token: 403 in the portal's look, with what was written in it."""
    log.warning("csrf refused: %s", reason)
    facts = {"expired_form": True, "words": typed_words(request)}
    return render(request, "403.html", facts, status=403)
