"""Every certificate: the list of the command, one of them, its suspension and its end."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import access, certificates, holdings, suspensions
from agreements.forms import RevokeForm, SuspendForm
from agreements.models import Certificate
from portal.users import step_up
from portal.users.requests import SignedInRequest

PAGE_SIZE = 50


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """List every certificate, with how it stands."""
    if not access.may_see_requests(request.user):
        raise PermissionDenied
    rows = holdings.told(request.user, at=timezone.now())
    chosen = holdings.Choice.of(request.GET, rows)
    page = Paginator(holdings.matching(rows, chosen), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "agreements/certificates.html", {"page": page, "chosen": chosen})


@require_safe
def held(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show one certificate, what happened to it, and what the reader may do about it."""
    return _page(request, _find(request, pk), SuspendForm())


@require_POST
def suspend(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let nothing be signed with it until somebody else lifts that."""
    certificate, form = _find(request, pk), SuspendForm(request.POST)
    if not access.may_suspend(request.user, certificate):
        raise PermissionDenied  # at once, and not after a PIN and a code
    if answer := step_up.demand(request, "certificate"):
        return answer
    if not form.is_valid():
        return _page(request, certificate, form, status=400)
    suspensions.suspend(certificate, by=request.user, reason=form.cleaned_data["reason"], at=timezone.now())
    messages.success(
        request, _("The certificate of %(name)s is suspended.") % {"name": certificate.common_name}
    )
    return redirect("agreements:held_certificate", pk=pk)


@require_POST
def lift(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let it sign again, as the second person."""
    rows = access.visible_suspensions(request.user).filter(lifted_at=None)
    suspension = get_object_or_404(rows, certificate=pk)
    if not access.may_lift(request.user, suspension):
        raise PermissionDenied
    if answer := step_up.demand(request, "certificate"):
        return answer
    suspensions.lift(suspension, by=request.user, at=timezone.now())
    messages.success(request, _("The suspension is lifted: the certificate signs again."))
    return redirect("agreements:held_certificate", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    """Revoke a certificate: one's own, or by a command post."""
    certificate = _find(request, pk)
    if request.method == "POST" and (asks_anew := step_up.demand(request, "certificate")):
        return asks_anew
    form = RevokeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        certificates.revoke(
            certificate, by=request.user, reason=form.cleaned_data["reason"], at=timezone.now()
        )
        messages.success(
            request, _("The certificate of %(name)s was revoked.") % {"name": certificate.common_name}
        )
        is_own = certificate.user_id == request.user.pk
        return redirect("agreements:certificate" if is_own else "agreements:certificates")
    facts = {"held": certificate, "form": form}
    return render(request, "agreements/certificate_revoke.html", facts, status=400 if form.is_bound else 200)


def _find(request: SignedInRequest, pk: int) -> Certificate:
    found: Certificate = get_object_or_404(holdings.told(request.user, at=timezone.now()), pk=pk)
    return found


def _page(
    request: SignedInRequest, certificate: Certificate, form: SuspendForm, *, status: int = 200
) -> HttpResponse:
    user, now = request.user, timezone.now()
    history = list(access.visible_suspensions(user).filter(certificate=certificate))
    open_row = next((row for row in history if row.lifted_at is None), None)
    is_alive = certificate.revoked_at is None and certificate.not_after > now
    facts = {
        "held": certificate,
        "history": history,
        "open": open_row,
        "may_suspend": is_alive and open_row is None and access.may_suspend(user, certificate),
        "may_lift": open_row is not None and access.may_lift(user, open_row),
        "may_revoke": certificate.revoked_at is None and access.may_revoke(user, certificate),
        "may_see_all": access.may_see_requests(user),
        "form": form,
    }
    return render(request, "agreements/held_certificate.html", facts, status=status)
