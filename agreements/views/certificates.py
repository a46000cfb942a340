"""A signer's own certificate: make it, with a PIN of her choice."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements import access, pki
from agreements.forms import CertificateForm
from portal.lib.errors import RuleError
from portal.users import passkeys, totp
from portal.users.requests import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request: SignedInRequest) -> HttpResponse:
    """Show the reader's signing certificate, or let them make one: new PIN and a one-time code."""
    user, now = request.user, timezone.now()
    if not access.may_hold_certificate(user):
        raise PermissionDenied
    form, status = CertificateForm(), 200
    if request.method == "POST":
        form = CertificateForm(request.POST)
        if form.is_valid() and _enrol(request, form):
            return redirect("home")
        status = 400
    credential = pki.current_credential(user, at=now)
    form.demo_code = totp.next_code(user, at=now) if settings.DEMO else None
    form.passkey_question = passkeys.question(user, at=now)
    facts = {
        "credential": credential,
        "is_locked": bool(credential and credential.locked_until and credential.locked_until > now),
        "form": form,
    }
    return render(request, "agreements/certificate.html", facts, status=status)


def _enrol(request: SignedInRequest, form: CertificateForm) -> bool:
    """Make the certificate, or put the refusal beside its field."""
    values, now = form.cleaned_data, timezone.now()
    try:
        pki.enrol_with_code(request.user, pin=values["pin"], code=values["code"], at=now)
    except RuleError as refusal:
        field = {pki.PinRefused: "pin", pki.CodeRefused: "code"}.get(type(refusal))
        form.add_error(field, str(refusal))
        return False
    messages.success(request, _("Your signing certificate is ready. You can sign now."))
    return True
