"""A lost second factor: the page of the two who mend it, and of the one who sets up a new phone."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import clear_totp_secret
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.lib.errors import RuleError
from portal.users import access, listing, qr, recoveries
from portal.users.entry_forms import RecoveryForm
from portal.users.records import Recovery
from portal.users.requests import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
def lost_factors(request: SignedInRequest) -> HttpResponse:
    """List the open recoveries and the last ones; officers and administrators open one here."""
    user, now = request.user, timezone.now()
    if not access.may_see_recoveries(user) or (request.method == "POST" and user.role not in access.RECOVERS):
        raise PermissionDenied
    form = RecoveryForm(
        request.POST or None,
        people=listing.people_to_recover(user),
        initial={"person": request.GET.get("person", "")[:9]},
    )
    if request.method == "POST" and form.is_valid() and _open(request, form):
        return redirect("people:lost_factors")
    facts = {
        "form": form if user.role in access.RECOVERS else None,
        "rows": listing.recoveries(user, at=now),
        "minutes": int(recoveries.CODE_LIFE.total_seconds() // 60),
    }
    return render(request, "users/lost_factors.html", facts, status=400 if form.errors else 200)


def _open(request: SignedInRequest, form: RecoveryForm) -> bool:
    person, note = form.cleaned_data["person"], form.cleaned_data["note"]
    try:
        recoveries.open_for(person, note=note, by=request.user, at=timezone.now())
    except RuleError as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, _("Opened. The other of the two is asked to approve it now."))
    return True


@require_POST
def approve(request: SignedInRequest, pk: int) -> HttpResponse:
    return _do(request, pk, recoveries.approve, _("Approved. One of you two can now show the code."))


@require_POST
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    return _do(request, pk, recoveries.cancel, _("Cancelled. A code that was shown no longer works."))


@require_POST
def show_code(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the code: it is in this answer and nowhere else."""
    recovery = _find(request, pk)
    code = recoveries.show_code(recovery, by=request.user, at=timezone.now())
    recovery.refresh_from_db()
    return render(request, "users/recovery_code.html", {"recovery": recovery, "code": code})


def _do(request: SignedInRequest, pk: int, act: Callable[..., None], done: str) -> HttpResponse:
    act(_find(request, pk), by=request.user, at=timezone.now())
    messages.success(request, done)
    return redirect("people:lost_factors")


def _find(request: SignedInRequest, pk: int) -> Recovery:
    return get_object_or_404(access.visible_recoveries(request.user), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def replace_phone(request: SignedInRequest) -> HttpResponse:
    """Set up a new phone after a sign-in without the lost one, and only then; or keep the old one."""
    if not request.session.get(recoveries.SESSION_KEY):
        return redirect("mfa_index")
    if request.POST.get("keep"):
        request.session.pop(recoveries.SESSION_KEY)
        return redirect("home")
    form = ActivateTOTPForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        recoveries.replace_phone(request.user, form.secret, at=timezone.now())
        clear_totp_secret(request)
        request.session.pop(recoveries.SESSION_KEY)
        messages.success(request, _("The new phone is set up; the lost one no longer works."))
        return redirect("home")
    facts: dict[str, Any] = {
        "form": form,
        "qr": qr.data_uri(get_adapter().build_totp_url(request.user, form.secret)),
    }
    return render(request, "users/replace_phone.html", facts, status=400 if form.errors else 200)
