"""What the portal's authority publishes: its certificates, its revocation lists, and a page about them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from agreements import access, crls
from portal.files import serving

KEPT_FOR = 600  # seconds that a proxy may serve a list: as often as the job looks for a newer one


@require_safe
def authorities(request: HttpRequest) -> HttpResponse:
    """Show the portal's CAs with their fingerprints, and what each file is for."""
    facts = {"published": crls.published(at=timezone.now())}
    return render(request, "agreements/authorities.html", facts)


@require_safe
def certificate(request: HttpRequest, key_id: str) -> HttpResponse:
    """Send a CA's certificate, DER."""
    row = get_object_or_404(access.visible_authorities(), key_id=key_id)
    return _file(bytes(row.der), "application/pkix-cert", f"{key_id}.crt")


@require_safe
def revocation_list(request: HttpRequest, key_id: str) -> HttpResponse:
    """Send a CA's newest revocation list, DER."""
    newest = get_object_or_404(crls.newest_lists(), authority__key_id=key_id)
    answer = _file(bytes(newest.der), "application/pkix-crl", f"{key_id}.crl")
    answer.headers["Last-Modified"] = http_date(newest.this_update.timestamp())
    return answer


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    answer = serving.made(content, name=name, media_type=media_type)
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_FOR}"
    return answer
