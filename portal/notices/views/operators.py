"""What runs the mail: what is coming, and what could not be delivered."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from portal.lib.dates import local_day
from portal.notices import access, forecasts, mails
from portal.notices import undelivered as given_up
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
    facts = {"page": page, "all_to": settings.MAIL_ALL_TO}
    return render(request, "notices/coming.html", {**facts, **under_tabs(request.user, "coming")})


@require_safe
def undelivered(request: SignedInRequest) -> HttpResponse:
    """Mails that were given up, why, and a way to send them again; what waits too long, and who gets none."""
    if not access.may_send_again(request.user):
        raise PermissionDenied
    now = timezone.now()
    page = Paginator(access.undelivered(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    facts = {
        "page": page,
        "rows": given_up.rows(list(page), today=local_day(now)),
        "late": given_up.late(at=now),
        "unreached": given_up.unreached(request.user, at=now),
        "all_to": settings.MAIL_ALL_TO,
    }
    return render(request, "notices/undelivered.html", {**facts, **under_tabs(request.user, "undelivered")})


@require_POST
def send_again(request: SignedInRequest, pk: int) -> HttpResponse:
    mail = get_object_or_404(access.visible_mails(request.user), pk=pk)
    mails.send_again(mail, by=request.user, at=timezone.now())
    _say_when(request, 1)
    return redirect("notices:undelivered")


@require_POST
def send_all_again(request: SignedInRequest) -> HttpResponse:
    _say_when(request, mails.send_all_again(by=request.user, at=timezone.now()))
    return redirect("notices:undelivered")


def _say_when(request: SignedInRequest, count: int) -> None:
    """Say how many wait again, and when those of a day leave: at night nothing seems to happen."""
    waits = ngettext(
        "%(count)d mail waits to be sent again.", "%(count)d mails wait to be sent again.", count
    )
    hours = _("Mails of the day leave between %(first)d and %(last)d o'clock of a working day.")
    between = {"first": mails.FIRST_HOUR, "last": mails.LAST_HOUR}
    messages.success(request, f"{waits % {'count': count}} {hours % between}")
