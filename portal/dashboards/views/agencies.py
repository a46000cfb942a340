"""The page of an agency."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.dashboards.agency_pages import agency_page
from portal.users.requests import SignedInRequest
from tasks import access


@require_safe
def detail(request: SignedInRequest, code: str) -> HttpResponse:
    agency = get_object_or_404(access.visible_agencies(request.user).select_related("parent"), code=code)
    page = agency_page(agency, request.user, today=timezone.localdate())
    return render(request, "dashboards/agency.html", vars(page))
