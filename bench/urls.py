"""The portal's addresses and one more: the bare view, which pages are measured against."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

BODY = b"<!doctype html><title>bare</title>" + b"<p>Nguy\xe1\xbb\x85n</p>\n" * 1900  # about 30 KB


def bare(request: HttpRequest) -> HttpResponse:
    """A fixed page behind the portal's own session, user and middleware."""
    return HttpResponse(BODY)


handler404 = "portal.dashboards.views.errors.not_found"
urlpatterns = [path("bare/", bare, name="bare"), path("", include("portal.urls"))]
