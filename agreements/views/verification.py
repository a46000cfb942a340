"""The public page: is this file what the parties signed?

It parses nothing of a stranger's file: it knows the portal's own files by their SHA-256.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from agreements import verification
from agreements.boards import board
from agreements.forms import VerifyForm


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Answer for a file, or for a SHA-256 from a QR code (?sha256=): then state and counts only."""
    form = VerifyForm(request.POST or None, request.FILES or None)
    facts: dict[str, object] = {"form": form}
    status = 200
    if request.method == "POST":
        if form.is_valid():
            known = verification.recognise(form.cleaned_data["file"].read())
            facts |= {"known": known, "file_name": form.cleaned_data["file"].name}
            if known.revision:
                facts["report"] = verification.stored_report(known.revision)
        else:
            status = 413 if form.has_error("file", "too_large") else 400
    elif sha256 := request.GET.get("sha256", "").strip().lower():
        facts |= {"asked": sha256, "state": verification.public_state(sha256)}
        if facts["state"]:
            facts["board"] = board(facts["state"].document)
    return render(request, "agreements/verify.html", facts, status=status)
