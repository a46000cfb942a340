"""Certificates: a signer asks for hers, a command post compares and releases; and the PIN of a key."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import access, certificates, tokens
from agreements.forms import RefuseForm, ReleaseForm
from agreements.models import CertificateRequest
from agreements.states import RequestState
from agreements.views import comparisons, own_keys
from portal.users import step_up
from portal.users.requests import SignedInRequest

Purpose = CertificateRequest.Purpose

SHOWN = 20  # decided requests; all of them stand in the administration


# --- The signer's own -----------------------------------------------------------------------------------
@require_safe
def certificate(request: SignedInRequest) -> HttpResponse:
    """Show the reader's certificate, or how far their request is."""
    return own_keys.show(request, own_keys.PERSONAL)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up.required("certificate", may=access.may_hold_certificate)
def ask(request: SignedInRequest) -> HttpResponse:
    """Choose a PIN; the key is made and waits for its release."""
    return own_keys.ask(request, own_keys.PERSONAL, Purpose.FIRST)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up.required("certificate", may=access.may_hold_certificate)
def renew(request: SignedInRequest) -> HttpResponse:
    """Make a new key before the certificate ends."""
    return own_keys.ask(request, own_keys.PERSONAL, Purpose.RENEWAL)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up.required("forgotten_pin", may=access.may_hold_certificate)
def forgotten_pin(request: SignedInRequest) -> HttpResponse:
    """Make a new key in place of the one that nobody can open any more."""
    return own_keys.ask(request, own_keys.PERSONAL, Purpose.FORGOTTEN_PIN)


@require_http_methods(["GET", "HEAD", "POST"])
def change_pin(request: SignedInRequest) -> HttpResponse:
    """Change the PIN of the reader's own key; the form itself asks for the old one and a fresh code."""
    return own_keys.change_pin(request, own_keys.PERSONAL)


@require_POST
def withdraw(request: SignedInRequest) -> HttpResponse:
    """Take back the reader's own request."""
    return own_keys.withdraw(request, own_keys.PERSONAL)


# --- The command's --------------------------------------------------------------------------------------
@require_safe
def requests(request: SignedInRequest) -> HttpResponse:
    """List what waits for release, and what was decided lately."""
    user = request.user
    if not access.may_see_requests(user):
        raise PermissionDenied
    asked = access.visible_requests(user)
    facts = {
        "waiting": asked.filter(state=RequestState.REQUESTED).order_by("asked_at"),
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
    if form.is_valid() and comparisons.release(request, asked, form, certificates.release):
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
    return comparisons.page(
        request,
        asked,
        form,
        refuse_form,
        status=status,
        heading=_("Compare a key with its owner"),
        facts="agreements/_request_facts.html",
        may_release=access.may_release(request.user, asked),
        refuse_url=reverse("agreements:refuse_certificate", args=[asked.pk]),
    )
