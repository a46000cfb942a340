"""The public page: is this file what the parties signed?

It parses nothing of a stranger's file: it knows the portal's own files by their SHA-256.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agreements import verification
from agreements.boards import board
from agreements.forms import VerifyForm


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


def _report(known: verification.Recognition) -> verification.StoredReport | None:
    return verification.stored_report(known.revision, at=timezone.now()) if known.revision else None


def _file(request: HttpRequest, form: VerifyForm) -> HttpResponse:
    if not form.is_valid():
        status = 413 if form.has_error("file", "too_large") else 400
        return render(request, "agreements/verify.html", {"form": form}, status=status)
    file = form.cleaned_data["file"]
    known = verification.recognise(file.read())
    report = _report(known)
    facts = {"form": VerifyForm(), "known": known, "report": report, "file_name": file.name}
    return render(request, "agreements/verify.html", facts)
