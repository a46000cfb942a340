"""Where a person is signed in: seen and ended by themselves."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from portal.users import sessions
from portal.users.browsers import in_words
from portal.users.requests import SignedInRequest


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show where the reader is signed in, this browser first."""
    own = sessions.own_id(request.session)
    rows = sorted(sessions.current(request.user, at=timezone.now()), key=lambda row: row.pk != own)
    shown = [(row, in_words(row.browser), row.pk == own) for row in rows]
    return render(request, "users/sessions.html", {"rows": shown, "has_others": len(rows) > 1})


@require_POST
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End one of the reader's own sign-ins."""
    now = timezone.now()
    row = get_object_or_404(sessions.current(request.user, at=now), pk=pk)
    if row.pk == sessions.own_id(request.session):
        messages.info(request, _("To end this sign-in, sign out."))
        return redirect("account_sessions")
    sessions.end(
        sessions.current(request.user, at=now).filter(pk=pk), of=request.user, by=request.user, at=now
    )
    messages.success(request, _("The sign-in was ended."))
    return redirect("account_sessions")


@require_POST
def end_others(request: SignedInRequest) -> HttpResponse:
    """End all of the reader's sign-ins but this one."""
    now = timezone.now()
    others = sessions.current(request.user, at=now).exclude(pk=sessions.own_id(request.session))
    count = sessions.end(others, of=request.user, by=request.user, at=now)
    messages.success(
        request, ngettext("%(n)s sign-in was ended.", "%(n)s sign-ins were ended.", count) % {"n": count}
    )
    return redirect("account_sessions")
