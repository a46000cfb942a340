"""Signing with a USB token: the file goes out, comes back signed, and is accepted or refused at once."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements import access, capacities, gate, jobs, signing, tokens, uploads
from agreements.boards import board
from agreements.forms import SignedFileForm
from agreements.models import Document, Signature
from agreements.states import DocumentState
from portal.files import serving
from portal.lib.dates import local_day
from portal.lib.errors import BusyError, RuleError, StaleError
from portal.users.requests import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: SignedInRequest, pk: int) -> HttpResponse:
    """Offer the newest file for signing with a token, and take it back signed."""
    document = get_object_or_404(access.visible_documents(request.user).select_related("head"), pk=pk)
    if not access.may_sign(request.user, document):
        raise PermissionDenied
    field = signing.field_of(request.user, document)
    choices = capacities.choices(field, by=request.user, at=timezone.now()) if field else ()
    form = SignedFileForm(initial={"sha256": document.frozen_id}, choices=choices)
    if request.method != "POST":
        return _page(request, document, form)
    form = SignedFileForm(request.POST, request.FILES, choices=choices)
    if not form.is_valid():
        return _page(request, document, form, status=400)
    try:
        result = uploads.receive(
            document,
            by=request.user,
            sent=form.cleaned_data["sent"],
            shown_sha256=form.cleaned_data["sha256"],
            at=timezone.now(),
            capacity=form.cleaned_data["capacity"],
            grounds=form.cleaned_data["grounds"],
        )
    except StaleError:
        raise
    except RuleError as refusal:
        status = 503 if isinstance(refusal, BusyError) else 400
        return _page(request, document, form, status=status, refusal=refusal)
    if isinstance(result, Signature):
        jobs.check_soon()
        return redirect("agreements:signed", pk=pk)
    messages.warning(request, _("Others signed first: your file was kept as evidence, but not merged."))
    return redirect("agreements:upload", pk=pk)


def _page(
    request: SignedInRequest,
    document: Document,
    form: SignedFileForm,
    *,
    status: int = 200,
    refusal: RuleError | None = None,
) -> HttpResponse:
    now = timezone.now()
    document.refresh_from_db()
    places = board(document)
    mine = next(place for place in places.places if place.field.agency_id == request.user.agency_id)
    facts = {
        "document": document,
        "board": places,
        "mine": mine,
        "form": form,
        "certificate": tokens.current(request.user, at=now),
        "kept": access.visible_counterparts(request.user).filter(document=document, field=mine.field),
        "refusal": refusal,
        "code": refusal.code if isinstance(refusal, gate.UploadRefused) else "",
        "is_open": document.state == DocumentState.SIGNING and local_day(now) <= document.closes_on,
    }
    return render(request, "agreements/upload.html", facts, status=status)


@require_safe
def counterpart(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Send a file that was signed on an older state."""
    kept = get_object_or_404(access.visible_counterparts(request.user).select_related("file__recall"), pk=pk)
    name = f"{kept.document.symbol}-{kept.field.name}-{kept.base_seq:03}.pdf"
    return serving.send(request, kept.file, name=name)
