"""A lost second factor: the page of the two who mend it."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.lib.errors import RuleError
from portal.users import access, listing, recoveries, step_up
from portal.users.entry_forms import RecoveryForm
from portal.users.records import Recovery
from portal.users.requests import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
@step_up.required("users", on={"POST"}, may=access.may_see_recoveries)
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
@step_up.required("users", may=access.may_see_recoveries)
def approve(request: SignedInRequest, pk: int) -> HttpResponse:
    return _do(request, pk, recoveries.approve, _("Approved. One of you two can now show the code."))


@require_POST
@step_up.required("users", may=access.may_see_recoveries)
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    return _do(request, pk, recoveries.cancel, _("Cancelled. A code that was shown no longer works."))


@require_POST
@step_up.required("users", may=access.may_see_recoveries)
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
