"""What runs the mail: what is coming, and what could not be delivered."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.notices import access, forecasts, mails
from portal.notices.tabs import under_tabs
from portal.users.requests import SignedInRequest

PAGE_SIZE = 50


@require_safe
def coming(request: SignedInRequest) -> HttpResponse:
    """What is going to be sent in the next two weeks, and why, if nothing changes."""
    if not access.may_foresee(request.user):
        raise PermissionDenied
    rows = forecasts.rows(request.user, at=timezone.now())
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "notices/coming.html", {"page": page, **under_tabs(request.user, "coming")})


@require_safe
def undelivered(request: SignedInRequest) -> HttpResponse:
    """Mails that were given up, why, and a way to send them again."""
    if not access.may_send_again(request.user):
        raise PermissionDenied
    page = Paginator(access.undelivered(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request, "notices/undelivered.html", {"page": page, **under_tabs(request.user, "undelivered")}
    )


@require_POST
def send_again(request: SignedInRequest, pk: int) -> HttpResponse:
    mail = get_object_or_404(access.visible_mails(request.user), pk=pk)
    mails.send_again(mail, by=request.user, at=timezone.now())
    messages.success(request, _("The mail waits to be sent again."))
    return redirect("notices:undelivered")
