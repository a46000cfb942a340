"""The conference board: all parties turning to signed, for the projector."""

import hashlib

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from agreements import access, boards
from agreements.models import Document
from agreements.verification import address
from portal.users import qr
from portal.users.requests import SignedInRequest


@require_safe
def board(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the board; its script asks for tiles() each second, without script the page loads itself anew."""
    document = _find(request, pk)
    facts = _facts(document)
    return render(request, "agreements/board.html", facts | {"qr": qr.data_uri(address(document))})


@require_safe
def tiles(request: SignedInRequest, pk: int) -> HttpResponse:
    """Return what changes on the board, or 304 while nothing has changed. Asked each second."""
    facts = _facts(_find(request, pk))
    mark = str(facts["mark"])
    unchanged = get_conditional_response(request, etag=mark)
    if unchanged is not None:
        return unchanged
    response = render(request, "agreements/_board.html", facts)
    response.headers["ETag"] = mark
    return response


def _find(request: SignedInRequest, pk: int) -> Document:
    document = get_object_or_404(access.visible_documents(request.user), pk=pk)
    if not access.may_see_board(request.user, document):
        raise PermissionDenied
    return document


def _facts(document: Document) -> dict[str, object]:
    places = boards.board(document)
    shown = [document.state, document.closes_on, *(place.state for place in places.places)]
    digest = hashlib.sha256(repr(shown).encode()).hexdigest()[:32]
    return {"document": document, "board": places, "mark": f'"{digest}"'}
