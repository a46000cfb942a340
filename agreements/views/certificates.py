"""A signer's own certificate: make it, with a PIN of her choice."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements import access, pki
from agreements.forms import CertificateForm
from portal.lib.errors import RuleError
from portal.users import totp


@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request: HttpRequest) -> HttpResponse:
    """Show the reader's signing certificate, or let them make one: new PIN and a one-time code."""
    user, now = request.user, timezone.now()
    if not access.may_hold_certificate(user):
        raise PermissionDenied
    credential = pki.current_credential(user, at=now)
    form = CertificateForm(request.POST or None)
    status = 200
    if request.method == "POST" and credential is None:
        if form.is_valid():
            try:
                pki.enrol_with_code(
                    user, pin=form.cleaned_data["pin"], code=form.cleaned_data["code"], at=now
                )
                messages.success(request, _("Your signing certificate is ready. You can sign now."))
                return redirect("home")
            except RuleError as refusal:
                form.add_error(None, str(refusal))
        status = 400
    demo_code = totp.next_code(user, at=now) if settings.DEMO else None
    facts = {"credential": credential, "form": form, "demo_code": demo_code}
    return render(request, "agreements/certificate.html", facts, status=status)
