"""Error pages in the portal's own look."""

import logging
import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from portal.lib.web import unavailable

log = logging.getLogger(__name__)
DATABASE_AWAY = (OperationalError, InterfaceError)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Refuse, and leave a line in the log of who tried what."""
    person = getattr(request, "user", None)
    log.warning("denied: user %s, %s %r", person.pk if person else "-", request.method, request.path)
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same body for what does not exist and what is not the reader's to see; the log says who asked."""
    person = getattr(request, "user", None)
    if person and person.is_authenticated:
        log.info("not found: user %s, %s %r", person.pk, request.method, request.path)
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The last resort. A database that is away or busy is no fault of the page: 503, and try again.

    Django calls this while the exception is handled, for faults of middleware as well as of views.
    """
    if isinstance(sys.exception(), DATABASE_AWAY):
        return unavailable()
    return HttpResponse(render_to_string("500.html", {"demo": settings.DEMO}), status=500)
