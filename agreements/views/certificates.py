"""Certificates: a signer asks for hers, a command post compares and releases; and the PIN of a key."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import access, certificates, pki, tokens
from agreements.forms import CertificateForm, ChangePinForm, RefuseForm, ReleaseForm
from agreements.models import CertificateRequest, Credential
from agreements.states import RequestState
from agreements.views import comparisons
from portal.lib.errors import RuleError
from portal.users import passkeys, step_up, totp
from portal.users.requests import SignedInRequest

Purpose = CertificateRequest.Purpose

SHOWN = 20  # decided requests; all of them stand in the administration


# --- The signer's own -----------------------------------------------------------------------------------
@require_safe
def certificate(request: SignedInRequest) -> HttpResponse:
    """Show the reader's certificate, or how far their request is."""
    user, now = request.user, timezone.now()
    if not access.may_hold_certificate(user):
        raise PermissionDenied
    credential, held = pki.current_credential(user, at=now), certificates.newest(user, at=now)
    facts = {
        "held": held,
        "suspension": access.visible_suspensions(user).filter(certificate=held, lifted_at=None).first(),
        "credential": credential,
        "is_locked": bool(credential and credential.locked_until and credential.locked_until > now),
        "is_renewable": bool(held and certificates.is_renewable(held, at=now)),
        "last": certificates.last_request(user),
    }
    return render(request, "agreements/certificate.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up.required("certificate", may=access.may_hold_certificate)
def ask(request: SignedInRequest) -> HttpResponse:
    """Choose a PIN; the key is made and waits for its release."""
    return _ask(request, Purpose.FIRST)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up.required("certificate", may=access.may_hold_certificate)
def renew(request: SignedInRequest) -> HttpResponse:
    """Make a new key before the certificate ends."""
    return _ask(request, Purpose.RENEWAL)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up.required("forgotten_pin", may=access.may_hold_certificate)
def forgotten_pin(request: SignedInRequest) -> HttpResponse:
    """Make a new key in place of the one that nobody can open any more."""
    return _ask(request, Purpose.FORGOTTEN_PIN)


def _ask(request: SignedInRequest, purpose: Purpose) -> HttpResponse:
    user, now = request.user, timezone.now()
    if request.method != "POST":
        if certificates.open_request(user):
            return redirect("agreements:certificate")
        try:
            certificates.check_fits(user, purpose, at=now)
        except RuleError as refusal:
            messages.warning(request, str(refusal))
            return redirect("agreements:certificate")
    form = CertificateForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            certificates.ask(user, pin=form.cleaned_data["pin"], by=user, at=now, purpose=purpose)
        except RuleError as refusal:
            form.add_error("pin" if isinstance(refusal, pki.PinRefused) else None, str(refusal))
        else:
            return redirect("agreements:certificate")
    facts = {"form": form, "purpose": purpose}
    return render(request, "agreements/certificate_ask.html", facts, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def change_pin(request: SignedInRequest) -> HttpResponse:
    """Change the PIN of the reader's own key; the form itself asks for the old one and a fresh code."""
    user, now = request.user, timezone.now()
    if not access.may_hold_certificate(user):
        raise PermissionDenied
    credential = pki.current_credential(user, at=now)
    if credential is None:
        messages.warning(request, _("You have no valid signing certificate yet. Create one first."))
        return redirect("agreements:certificate")
    form = ChangePinForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _change_pin(request, credential, form):
        messages.success(request, _("The PIN was changed. From now on the new one signs."))
        return redirect("agreements:certificate")
    facts = {
        "form": form,
        "demo_code": totp.next_code(user, at=now) if settings.DEMO else None,
        "passkey_question": passkeys.question(user, at=now),
    }
    return render(request, "agreements/change_pin.html", facts, status=400 if form.is_bound else 200)


def _change_pin(request: SignedInRequest, credential: Credential, form: ChangePinForm) -> bool:
    """Change it, or put the refusal beside its field."""
    old, new, code = (form.cleaned_data[name] for name in ("old", "pin", "code"))
    try:
        pki.change_pin(credential, old=old, new=new, code=code, by=request.user, at=timezone.now())
    except pki.WeakPin as refusal:
        form.add_error("pin", str(refusal))
    except pki.PinRefused as refusal:
        form.add_error("old", str(refusal))
    except step_up.CodeRefused as refusal:
        form.add_error("code", str(refusal))
    except RuleError as refusal:
        form.add_error(None, str(refusal))
    else:
        return True
    return False


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
