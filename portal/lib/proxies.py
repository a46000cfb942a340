"""The visitor's address behind a reverse proxy."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.lib.web import GetResponse


class TrustedProxyMiddleware:
    """Put the visitor's address in place of a trusted proxy's: throttles and the audit trail go by it.

    Each hop adds on the right of X-Forwarded-For who spoke to it, so it is read from there for as long
    as the hops are ours. What stands further left anybody can have written.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = request.META.get("REMOTE_ADDR", "")
        for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
            if not (_is_trusted(address) and _is_address(hop.strip())):
                break
            address = hop.strip()
        request.META["REMOTE_ADDR"] = address
        return self.get_response(request)


def _is_trusted(address: str) -> bool:
    return _is_address(address) and any(
        ip_address(address) in network for network in settings.TRUSTED_PROXIES
    )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
