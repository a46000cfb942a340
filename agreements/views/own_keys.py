"""The pages of a key that its reader keeps: her own, or her agency's."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import access, certificates, pki
from agreements.forms import CertificateForm, ChangePinForm
from agreements.models import CertificateRequest, Credential
from portal.lib.errors import RuleError
from portal.users import passkeys, step_up, totp
from portal.users.models import User
from portal.users.requests import SignedInRequest

Purpose = CertificateRequest.Purpose


@dataclass(frozen=True)
class Kept:
    """Whose key it is, who may keep one, and the names of its addresses."""

    for_agency: bool
    may: Callable[[User], bool]
    page: str
    ask: str
    renew: str
    forgotten_pin: str
    change_pin: str
    withdraw: str


PERSONAL = Kept(
    for_agency=False,
    may=access.may_hold_certificate,
    page="agreements:certificate",
    ask="agreements:ask_certificate",
    renew="agreements:renew_certificate",
    forgotten_pin="agreements:forgotten_pin",
    change_pin="agreements:change_pin",
    withdraw="agreements:withdraw_certificate_request",
)
AGENCYS = Kept(
    for_agency=True,
    may=access.may_keep_agency_key,
    page="agreements:agency_key",
    ask="agreements:ask_agency_key",
    renew="agreements:renew_agency_key",
    forgotten_pin="agreements:forgotten_agency_pin",
    change_pin="agreements:change_agency_pin",
    withdraw="agreements:withdraw_agency_key_request",
)


def show(request: SignedInRequest, kept: Kept) -> HttpResponse:
    """Show the certificate, or how far its request is."""
    user, now = request.user, timezone.now()
    if not kept.may(user):
        raise PermissionDenied
    credential = pki.current_credential(user, at=now, for_agency=kept.for_agency)
    held = certificates.newest(user, at=now, for_agency=kept.for_agency)
    facts = {
        "kept": kept,
        "held": held,
        "suspension": access.visible_suspensions(user).filter(certificate=held, lifted_at=None).first(),
        "credential": credential,
        "is_locked": bool(credential and credential.locked_until and credential.locked_until > now),
        "is_renewable": bool(held and certificates.is_renewable(held, at=now)),
        "last": certificates.last_request(user, for_agency=kept.for_agency),
        "may_hold_certificate": access.may_hold_certificate(user),
        "may_keep_agency_key": access.may_keep_agency_key(user),
    }
    return render(request, "agreements/certificate.html", facts)


def ask(request: SignedInRequest, kept: Kept, purpose: Purpose) -> HttpResponse:
    """Choose a PIN; the key is made and waits for its release."""
    user, now = request.user, timezone.now()
    if request.method != "POST":
        if certificates.open_request(user, for_agency=kept.for_agency):
            return redirect(kept.page)
        try:
            certificates.check_fits(user, purpose, at=now, for_agency=kept.for_agency)
        except RuleError as refusal:
            messages.warning(request, str(refusal))
            return redirect(kept.page)
    form = CertificateForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        pin = form.cleaned_data["pin"]
        try:
            certificates.ask(user, pin=pin, by=user, at=now, purpose=purpose, for_agency=kept.for_agency)
        except RuleError as refusal:
            form.add_error("pin" if isinstance(refusal, pki.PinRefused) else None, str(refusal))
        else:
            return redirect(kept.page)
    facts = {"form": form, "purpose": purpose, "kept": kept}
    return render(request, "agreements/certificate_ask.html", facts, status=400 if form.is_bound else 200)


def change_pin(request: SignedInRequest, kept: Kept) -> HttpResponse:
    """Change the PIN of the key; the form itself asks for the old one and a fresh code."""
    user, now = request.user, timezone.now()
    if not kept.may(user):
        raise PermissionDenied
    credential = pki.current_credential(user, at=now, for_agency=kept.for_agency)
    if credential is None:
        messages.warning(request, _("You have no valid signing certificate yet. Create one first."))
        return redirect(kept.page)
    form = ChangePinForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _change_pin(request, credential, form):
        messages.success(request, _("The PIN was changed. From now on the new one signs."))
        return redirect(kept.page)
    facts = {
        "form": form,
        "kept": kept,
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


def withdraw(request: SignedInRequest, kept: Kept) -> HttpResponse:
    """Take back the reader's own request."""
    if not kept.may(request.user):
        raise PermissionDenied
    asked = certificates.open_request(request.user, for_agency=kept.for_agency)
    if asked is None:
        raise RuleError(_("No request of yours is waiting."))
    certificates.withdraw(asked, by=request.user, at=timezone.now())
    messages.success(request, _("Your request was withdrawn. You can ask again."))
    return redirect(kept.page)
