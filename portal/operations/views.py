"""Addresses for monitors and load balancers. Neither touches a session."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.lib.web import RETRY_AFTER
from portal.operations import gauges, health


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; restart it when it does not. Never asks the database."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Say the same in figures, as Prometheus reads them."""
    return HttpResponse(gauges.text(at=timezone.now()), content_type="text/plain; version=0.0.4")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether requests may be sent here, and in `degraded` what an operator should look at."""
    found = health.readiness(at=timezone.now())
    body = {
        "ready": found.ok,
        "faults": found.faults,
        "degraded": found.degraded,
        "oldest_due_notice_seconds": found.oldest_due_notice_seconds,
        "backup_of": found.backup_of,
        "clock": found.clock,
    }
    if found.ok:
        return JsonResponse(body)
    return JsonResponse(body, status=503, headers={"Retry-After": str(RETRY_AFTER)})
