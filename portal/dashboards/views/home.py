"""The home of the signed-in role."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.dashboards import summaries
from portal.users.requests import SignedInRequest


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Show what waits for the reader's post, then the picture, then the lists."""
    now = timezone.now()
    today = timezone.localdate(now)
    facts = {"home": summaries.home(request.user, at=now, today=today), "today": today}
    return render(request, "dashboards/home.html", facts)


@require_safe
def styleguide(request: SignedInRequest) -> HttpResponse:
    """Show every component once; in the demonstration only."""
    if not settings.DEMO:
        raise Http404
    return render(request, "dashboards/styleguide.html")
