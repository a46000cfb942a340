"""The pages of programmes, and the buttons of those who run them. POST changes, GET never."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from portal.dashboards.programme_pages import programme_page, shown
from portal.dashboards.year_review import review_page
from portal.lib.errors import StaleError
from portal.users.requests import SignedInRequest
from tasks import (
    access,
    period_review_access,
    periods,
    programmes,
    rating_access,
    review_access,
    scheme_access,
    year_access,
)
from tasks.models import Programme
from tasks.views.stale_pages import Change, stale


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    facts = {
        "programmes": shown(request.user),
        "may_begin": year_access.may_begin_year(request.user),
        "may_see_ledger": review_access.may_see_ledger(request.user),
        "may_see_schemes": scheme_access.may_see(request.user),
        "may_follow_rating": rating_access.may_follow(request.user),
        "may_read_reviews": period_review_access.may_read(request.user),
    }
    return render(request, "dashboards/programmes.html", facts)


@require_safe
def detail(request: SignedInRequest, year: int) -> HttpResponse:
    page = programme_page(_find(request, year), request.user, today=timezone.localdate())
    return render(request, "dashboards/programme.html", vars(page))


@require_safe
def review(request: SignedInRequest, year: int) -> HttpResponse:
    """Show the results of a year beside those of the year before."""
    programme = _find(request, year)
    if not review_access.may_see_review(request.user):
        raise PermissionDenied
    page = review_page(programme, request.user, today=timezone.localdate())
    return render(request, "dashboards/year_review.html", vars(page))


@require_POST
def settle(request: SignedInRequest, year: int) -> HttpResponse:
    return _do(request, year, programmes.settle, _("The text is settled; it can be frozen for signing."))


@require_POST
def reopen(request: SignedInRequest, year: int) -> HttpResponse:
    return _do(request, year, programmes.reopen, _("The text can be changed again."))


@require_POST
def close(request: SignedInRequest, year: int) -> HttpResponse:
    return _do(request, year, programmes.close, _("The programme is closed."))


@require_POST
def terminate(request: SignedInRequest, year: int) -> HttpResponse:
    reason = request.POST.get("reason", "").replace("\0", "")[:2000]
    programme, version = _find(request, year), request.POST.get("version", "")
    try:
        programmes.terminate(programme, by=request.user, at=timezone.now(), reason=reason, version=version)
    except StaleError as refusal:
        typed = Change(_("Reason"), reason, "")
        return stale(request, refusal, Form(), reverse("programmes:detail", args=[year]), besides=[typed])
    messages.success(request, _("The programme is terminated."))
    return redirect("programmes:detail", year=year)


@require_POST
def make_periods(request: SignedInRequest, year: int) -> HttpResponse:
    count = periods.generate(_find(request, year), by=request.user, at=timezone.now())
    text = ngettext("%(count)d reporting period made.", "%(count)d reporting periods made.", count)
    messages.success(request, text % {"count": count})
    return redirect("programmes:detail", year=year)


def _do(request: SignedInRequest, year: int, act: Callable[..., None], done: str) -> HttpResponse:
    act(_find(request, year), by=request.user, at=timezone.now())
    messages.success(request, done)
    return redirect("programmes:detail", year=year)


def _find(request: SignedInRequest, year: int) -> Programme:
    programmes_seen = access.visible_programmes(request.user).select_related("host", "co_host")
    return get_object_or_404(programmes_seen, year=year)
