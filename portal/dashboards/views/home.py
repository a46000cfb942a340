"""The home of the signed-in role."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboards/home.html")


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component once; in the demonstration only."""
    if not settings.DEMO:
        raise Http404
    return render(request, "dashboards/styleguide.html")
