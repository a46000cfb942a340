"""The public pages: what is this PDF, who signed it, and what says the portal of a SHA-256?"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from agreements import access, inspections, jobs, verification
from agreements.boards import board
from agreements.forms import VerifyForm
from portal.lib.errors import BusyError

LOOK_AGAIN = "3"  # seconds


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Answer for a file, or for a SHA-256 from a QR code (?sha256=): then state and counts only."""
    if request.method == "POST":
        return _file(request, VerifyForm(request.POST, request.FILES))
    facts: dict[str, object] = {"form": VerifyForm()}
    if asked := request.GET.get("sha256", "").strip().lower():
        issued = verification.public_state(asked)
        facts |= {"asked": asked, "issued": issued, "board": board(issued.document) if issued else None}
    return render(request, "agreements/verify.html", facts)


def _file(request: HttpRequest, form: VerifyForm) -> HttpResponse:
    """Answer at once for a file that is known; put any other into the queue."""
    if not form.is_valid():
        status = 413 if form.has_error("file", "too_large") else 400
        return render(request, "agreements/verify.html", {"form": form}, status=status)
    file, now = form.cleaned_data["file"], timezone.now()
    known = verification.recognise(file.read())
    if known.revision or known.counterpart:
        report = verification.stored_report(known.revision, at=now) if known.revision else None
        facts = {"form": VerifyForm(), "known": known, "report": report, "file_name": file.name}
        return render(request, "agreements/verify.html", facts)
    try:
        inspection = inspections.ask(known, file, at=now)
    except (inspections.TooManyFiles, BusyError) as refusal:
        form.add_error("file", str(refusal))
        status = 503 if isinstance(refusal, BusyError) else 429
        return render(request, "agreements/verify.html", {"form": form}, status=status)
    jobs.examine_soon()
    return redirect("examined", token=inspection.token)


@require_safe
def examined(request: HttpRequest, token: str) -> HttpResponse:
    """Show how far the examination of a file is, and then what was found."""
    inspection = get_object_or_404(access.visible_inspections(token), token=token)
    found = inspections.found(inspection, at=timezone.now())
    facts = {
        "inspection": inspection,
        "found": found,
        "before": None if found else inspections.waiting_before(inspection),
        "document": inspection.begins_with.document if inspection.begins_with else None,
    }
    response = render(request, "agreements/examined.html", facts)
    if found is None:
        response.headers["Refresh"] = LOOK_AGAIN
    return response
