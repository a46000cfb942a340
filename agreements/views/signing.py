"""The signing room, and the page after it."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from agreements import access, pki, signing
from agreements.boards import board
from agreements.forms import SignForm
from agreements.models import Document
from agreements.states import DocumentState
from portal.lib.dates import local_day
from portal.lib.errors import BusyError, RuleError, StaleError
from portal.users import totp
from tasks import access as tasks_access


@require_http_methods(["GET", "HEAD", "POST"])
def room(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the document as it will be signed, and sign it.

    A wrong PIN or code leaves the page standing; a repeated form leads to the first result.
    """
    document = _document(request, pk)
    if not access.may_sign(request.user, document):
        raise PermissionDenied
    form = SignForm(request.POST or None, initial={"sha256": document.frozen_id})
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                _sign(request, document, form)
                return redirect("agreements:signed", pk=pk)
            except (BusyError, StaleError):
                raise
            except RuleError as refusal:
                form.add_error(None, str(refusal))
        status = 400
    return render(request, "agreements/room.html", _room(request, document, form), status=status)


def _sign(request: HttpRequest, document: Document, form: SignForm) -> None:
    signing.sign(
        document,
        by=request.user,
        pin=form.cleaned_data["pin"],
        code=form.cleaned_data["code"],
        shown_sha256=form.cleaned_data["sha256"],
        request_key=form.cleaned_data["key"],
        at=timezone.now(),
    )


def _room(request: HttpRequest, document: Document, form: SignForm) -> dict[str, object]:
    user, now = request.user, timezone.now()
    places = board(document)
    mine = next(place for place in places.places if place.agency_id == user.agency_id)
    field = signing.field_of(user, document)
    content = tasks_access.visible_assignments(user).filter(programme=document.programme)
    return {
        "document": document,
        "board": places,
        "mine": mine,
        "form": form,
        "today": local_day(now),
        "pages": range(1, document.page_count + 1),
        "lines": signing.capacity_lines(field.signature_block, signing.capacity_of(user)) if field else (),
        "capacity": signing.capacity_of(user).label,
        "credential": pki.current_credential(user, at=now),
        "is_open": document.state == DocumentState.SIGNING and local_day(now) <= document.closes_on,
        "led": content.filter(lead_id=user.agency_id).order_by("code"),
        "coordinated": content.filter(coordinating=user.agency_id).order_by("code"),
        "demo_code": totp.next_code(user, at=now) if settings.DEMO else None,
    }


@require_safe
def signed(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the signature that the reader's agency made, with a picture of its page."""
    document = _document(request, pk)
    places = board(document)
    mine = next((place for place in places.places if place.agency_id == request.user.agency_id), None)
    if mine is None or mine.signature is None:
        return redirect("agreements:detail", pk=pk)
    return render(
        request,
        "agreements/signed.html",
        {"document": document, "board": places, "mine": mine, "today": timezone.localdate()},
    )


def _document(request: HttpRequest, pk: int) -> Document:
    return get_object_or_404(
        access.visible_documents(request.user).select_related("programme", "programme__host"), pk=pk
    )
