"""Certificates: a signer asks for hers, a command post compares and releases, either revokes."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import access, certificates, pki, tokens
from agreements.forms import CertificateForm, RefuseForm, ReleaseForm, RevokeForm
from agreements.models import Certificate, CertificateRequest
from agreements.states import RequestState
from portal.lib.errors import RuleError
from portal.users import step_up
from portal.users.requests import SignedInRequest

SHOWN = 20  # decided requests; all of them stand in the administration


# --- The signer's own -----------------------------------------------------------------------------------
@require_safe
def certificate(request: SignedInRequest) -> HttpResponse:
    """Show the reader's certificate, or how far their request is."""
    user, now = request.user, timezone.now()
    if not access.may_hold_certificate(user):
        raise PermissionDenied
    credential = pki.current_credential(user, at=now)
    facts = {
        "credential": credential,
        "is_locked": bool(credential and credential.locked_until and credential.locked_until > now),
        "last": None if credential else certificates.last_request(user),
    }
    return render(request, "agreements/certificate.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up.required("certificate", may=access.may_hold_certificate)
def ask(request: SignedInRequest) -> HttpResponse:
    """Choose a PIN; the key is made and waits for its release."""
    user, now = request.user, timezone.now()
    if request.method != "POST" and (pki.current_credential(user, at=now) or certificates.open_request(user)):
        return redirect("agreements:certificate")
    form = CertificateForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            certificates.ask(user, pin=form.cleaned_data["pin"], by=user, at=now)
        except RuleError as refusal:
            form.add_error("pin" if isinstance(refusal, pki.PinRefused) else None, str(refusal))
        else:
            return redirect("agreements:certificate")
    status = 400 if form.is_bound else 200
    return render(request, "agreements/certificate_ask.html", {"form": form}, status=status)


@require_POST
def withdraw(request: SignedInRequest) -> HttpResponse:
    """Take back the reader's own request."""
    if not access.may_hold_certificate(request.user):
        raise PermissionDenied
    asked = certificates.open_request(request.user)
    if asked is None:
        raise RuleError(_("No request of yours is waiting."))
    certificates.withdraw(asked, by=request.user, at=timezone.now())
    messages.success(request, _("Your request was withdrawn. You can ask again."))
    return redirect("agreements:certificate")


# --- The command's --------------------------------------------------------------------------------------
@require_safe
def requests(request: SignedInRequest) -> HttpResponse:
    """List what waits for release, the certificates in use, and what was decided lately."""
    user, now = request.user, timezone.now()
    if not access.may_see_requests(user):
        raise PermissionDenied
    asked = access.visible_requests(user)
    in_use = access.visible_certificates(user).filter(revoked_at=None, not_after__gt=now)
    facts = {
        "waiting": asked.filter(state=RequestState.REQUESTED).order_by("asked_at"),
        "in_use": in_use.order_by("agency__protocol_order", "common_name"),
        "tokens": access.visible_external_certificates(user).filter(state__in=tokens.ALIVE),
        "decided": asked.exclude(state=RequestState.REQUESTED).order_by("-decided_at")[:SHOWN],
    }
    return render(request, "agreements/certificate_requests.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
def release(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show one request, and release it once the signer has read out the end of the fingerprint."""
    asked = _find_to_decide(request, pk)
    if request.method == "POST" and (asks_anew := step_up.demand(request, "certificate")):
        return asks_anew
    form = ReleaseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            certificates.release(
                asked, by=request.user, compared=form.cleaned_data["compared"], at=timezone.now()
            )
        except certificates.FingerprintDiffers as refusal:
            form.add_error("compared", str(refusal))
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("The certificate of %(name)s was released.") % {"name": asked.common_name}
            )
            return redirect("agreements:certificate_requests")
    return _request_page(request, asked, form, RefuseForm(), status=400 if form.is_bound else 200)


@require_POST
def refuse(request: SignedInRequest, pk: int) -> HttpResponse:
    """Decline one request, with a reason."""
    asked = _find_to_decide(request, pk)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _request_page(request, asked, ReleaseForm(), form, status=400)
    certificates.refuse(asked, by=request.user, reason=form.cleaned_data["reason"], at=timezone.now())
    messages.success(request, _("The request of %(name)s was refused.") % {"name": asked.common_name})
    return redirect("agreements:certificate_requests")


def _find_to_decide(request: SignedInRequest, pk: int) -> CertificateRequest:
    """Return a request; who may not decide it hears so at once, and not after a PIN and a code."""
    asked = get_object_or_404(access.visible_requests(request.user), pk=pk)
    if request.method == "POST" and not access.may_release(request.user, asked):
        raise PermissionDenied
    return asked


def _request_page(
    request: SignedInRequest,
    asked: CertificateRequest,
    form: ReleaseForm,
    refuse_form: RefuseForm,
    *,
    status: int,
) -> HttpResponse:
    if request.method == "GET" and not access.may_see_requests(request.user):
        return redirect("agreements:certificate")  # one's own is shown there, with the whole fingerprint
    facts = {
        "asked": asked,
        "shown": certificates.shown_of(asked),
        "is_open": asked.state == RequestState.REQUESTED,
        "may_release": access.may_release(request.user, asked),
        "form": form,
        "refuse_form": refuse_form,
    }
    return render(request, "agreements/certificate_request.html", facts, status=status)


# --- The end of one -------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    """Revoke a certificate: one's own, or by a command post."""
    held: Certificate = get_object_or_404(access.visible_certificates(request.user), pk=pk)
    if request.method == "POST" and (asks_anew := step_up.demand(request, "certificate")):
        return asks_anew
    form = RevokeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        certificates.revoke(held, by=request.user, reason=form.cleaned_data["reason"], at=timezone.now())
        messages.success(request, _("The certificate of %(name)s was revoked.") % {"name": held.common_name})
        is_own = held.user_id == request.user.pk
        return redirect("agreements:certificate" if is_own else "agreements:certificate_requests")
    facts = {"held": held, "form": form}
    return render(request, "agreements/certificate_revoke.html", facts, status=400 if form.is_bound else 200)
