"""The demonstration answers this machine only, however it was started."""

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from portal.lib.refusals import is_loopback_address
from portal.lib.web import GetResponse


class LoopbackMiddleware:
    """Refuse who asks from another machine, directly or through a proxy; not for DEMO_PUBLIC=1.

    `make run` refuses to listen elsewhere, but runserver and granian listen where they are told, and
    the demonstration's password is printed. Stands before the middleware that believes proxies.
    """

    def __init__(self, get_response: GetResponse) -> None:
        if not settings.DEMO or settings.DEMO_PUBLIC:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        hops = [request.META.get("REMOTE_ADDR", ""), *request.headers.get("X-Forwarded-For", "").split(",")]
        if all(is_loopback_address(hop.strip()) for hop in hops if hop.strip()):
            return self.get_response(request)
        reason = _("The demonstration answers this machine only.")
        return HttpResponse(render_to_string("403.html", {"reason": reason, "demo": True}), status=403)
