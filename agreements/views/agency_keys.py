"""The key of the agency's own signature: asked for and kept by its head or its records office."""

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import access
from agreements.views import own_keys
from agreements.views.own_keys import AGENCYS, Purpose
from portal.users import step_up
from portal.users.requests import SignedInRequest


@require_safe
def certificate(request: SignedInRequest) -> HttpResponse:
    """Show the certificate of the agency that the reader keeps, or how far their request is."""
    return own_keys.show(request, AGENCYS)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up.required("certificate", may=access.may_keep_agency_key)
def ask(request: SignedInRequest) -> HttpResponse:
    """Choose a PIN; the agency's key is made and waits for its release."""
    return own_keys.ask(request, AGENCYS, Purpose.FIRST)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up.required("certificate", may=access.may_keep_agency_key)
def renew(request: SignedInRequest) -> HttpResponse:
    """Make a new key before the certificate ends."""
    return own_keys.ask(request, AGENCYS, Purpose.RENEWAL)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up.required("forgotten_pin", may=access.may_keep_agency_key)
def forgotten_pin(request: SignedInRequest) -> HttpResponse:
    """Make a new key in place of the one that nobody can open any more."""
    return own_keys.ask(request, AGENCYS, Purpose.FORGOTTEN_PIN)


@require_http_methods(["GET", "HEAD", "POST"])
def change_pin(request: SignedInRequest) -> HttpResponse:
    """Change the PIN of the agency's key."""
    return own_keys.change_pin(request, AGENCYS)


@require_POST
def withdraw(request: SignedInRequest) -> HttpResponse:
    """Take back the reader's request for the agency's key."""
    return own_keys.withdraw(request, AGENCYS)
