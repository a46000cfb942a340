"""The signing room, and the page after it."""

from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements import access, capacities, jobs, pki, signing, texts
from agreements.boards import board
from agreements.capacities import Choice
from agreements.forms import SignForm
from agreements.models import Document
from agreements.states import DocumentState
from portal.lib.dates import local_day
from portal.lib.errors import BusyError, RuleError, StaleError
from portal.users import passkeys, totp
from portal.users.models import User
from portal.users.requests import SignedInRequest
from portal.users.step_up import CodeRefused

FOUND, UNAVAILABLE = 302, 503
COME_AGAIN = 2  # seconds
BESIDE = {pki.PinRefused: "pin", CodeRefused: "code", capacities.GroundsMissing: "grounds"}
"""Which field of the form a refusal stands beside."""


@require_http_methods(["GET", "HEAD", "POST"])
def room(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the document as it will be signed, and sign it.

    A wrong PIN or code leaves the page standing; a repeated form leads to the first result.
    """
    document = _find(request.user, pk)
    if not access.may_sign(request.user, document):
        raise PermissionDenied
    field = signing.field_of(request.user, document)
    choices = capacities.choices(field, by=request.user, at=timezone.now()) if field else ()
    return _answer(request, document, choices, for_agency=False)


@require_http_methods(["GET", "HEAD", "POST"])
def agency_room(request: SignedInRequest, pk: int) -> HttpResponse:
    """The same for the agency's own signature, by who keeps its key."""
    document = _find(request.user, pk)
    if not access.may_sign_for_agency(request.user, document):
        raise PermissionDenied
    return _answer(request, document, (), for_agency=True)


def _answer(
    request: SignedInRequest, document: Document, choices: Sequence[Choice], *, for_agency: bool
) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = SignForm(posted, initial={"sha256": document.frozen_id}, choices=choices)
    status = 200 if posted is None else _sign(request, document, form, for_agency=for_agency)
    if status == FOUND:
        return redirect("agreements:signed", pk=document.pk)
    facts = _room(request, document, form, for_agency=for_agency)
    response = render(request, "agreements/room.html", facts, status=status)
    if status == UNAVAILABLE:
        response.headers["Retry-After"] = str(COME_AGAIN)
    return response


def _find(user: User, pk: int) -> Document:
    """Return a document that the user sees; a signer hears that one was withdrawn, not that it is unknown."""
    document = access.visible_documents(user).filter(pk=pk).first()
    if document:
        return document
    if access.withdrawn_documents(user).filter(pk=pk).exists():
        raise StaleError(_("This document was withdrawn. You will be told when the new one is open to sign."))
    raise Http404


def _sign(request: SignedInRequest, document: Document, form: SignForm, *, for_agency: bool) -> int:
    """Sign, or put the refusal beside its field; return the HTTP status."""
    if not form.is_valid():
        return 400
    try:
        signing.sign(
            document,
            by=request.user,
            pin=form.cleaned_data["pin"],
            code=form.cleaned_data["code"],
            shown_sha256=form.cleaned_data["sha256"],
            request_key=form.cleaned_data["key"],
            at=timezone.now(),
            capacity=form.cleaned_data["capacity"],
            grounds=form.cleaned_data["grounds"],
            for_agency=for_agency,
        )
    except StaleError:
        raise  # a page of its own: this text is not the one to sign
    except RuleError as refusal:
        field = BESIDE.get(type(refusal))
        form.add_error(field, str(refusal))
        return UNAVAILABLE if isinstance(refusal, BusyError) else 400
    jobs.check_soon()
    return FOUND


def _room(
    request: SignedInRequest, document: Document, form: SignForm, *, for_agency: bool
) -> dict[str, object]:
    user, now = request.user, timezone.now()
    places = board(document)
    mine = next(place for place in places.places if place.field.agency_id == user.agency_id)
    form.demo_code = totp.next_code(user, at=now) if settings.DEMO else None
    form.passkey_question = passkeys.question(user, at=now)
    return {
        "document": document,
        "board": places,
        "mine": mine,
        "form": form,
        "today": local_day(now),
        "text": texts.frozen_text(document, mine.field),
        "credential": pki.current_credential(user, at=now, for_agency=for_agency),
        "for_agency": for_agency,
        "is_open": document.state == DocumentState.SIGNING and local_day(now) <= document.closes_on,
        "may_answer": access.may_answer(user, mine.field, today=local_day(now)),
    }


@require_safe
def signed(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the signatures that the reader's agency made, with a picture of their block."""
    document = get_object_or_404(access.visible_documents(request.user), pk=pk)
    places = board(document)
    mine = places.of(request.user.agency_id)
    if mine is None or mine.signature is None:
        return redirect("agreements:detail", pk=pk)
    return render(
        request,
        "agreements/signed.html",
        {
            "document": document,
            "board": places,
            "mine": mine,
            "sheet": texts.frozen_text(document, mine.field).sheets[mine.field.page - 1],
            "block_view": texts.block_view(mine.field),
            "may_sign_for_agency": not mine.agency_signature
            and document.state == DocumentState.SIGNING
            and access.may_sign_for_agency(request.user, document),
            "next_to_sign": access.documents_to_sign(request.user, today=timezone.localdate())
            .order_by("closes_on")
            .first()
            if access.may_sign(request.user, document)
            else None,
        },
    )
