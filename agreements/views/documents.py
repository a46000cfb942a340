"""Agreements: the list, one document, its file and its page pictures."""

from pathlib import Path

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from agreements import access, documents
from agreements.boards import Board, board
from agreements.forms import IssueForm, WithdrawForm
from agreements.models import Document
from agreements.states import DocumentState
from portal.files import store
from portal.lib.dates import local_day
from portal.papers import reading
from portal.users.requests import SignedInRequest

PAGE_WIDTH = 1100  # pixels: sharp on a laptop, legible when a phone zooms


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """List the documents that the reader sees, newest first."""
    rows = access.visible_documents(request.user).annotate(field_count=Count("fields")).order_by("-frozen_at")
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    return render(request, "agreements/list.html", {"page": page, "today": timezone.localdate()})


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a document: what it is, how its round stands, and what the reader may do next."""
    document = get_object_or_404(access.visible_documents(request.user), pk=pk)
    user, now = request.user, timezone.now()
    places = board(document)
    mine = places.of(user.agency_id)
    may_run = access.may_run_round(user, document)
    issue = None
    if access.may_issue(user, document) and document.state == DocumentState.CLOSED:
        today = local_day(now)
        issue = IssueForm(initial={"number": documents.next_number(today.year), "issued_on": today})
    return render(
        request,
        "agreements/detail.html",
        {
            "document": document,
            "board": places,
            "mine": mine,
            "today": local_day(now),
            "may_run": may_run,
            "may_sign": access.may_sign(user, document),
            "may_bring_into_force": access.may_bring_into_force(user, document.programme),
            "withdraw_form": WithdrawForm() if may_run and _may_be_withdrawn(document, places) else None,
            "issue_form": issue,
        },
    )


def _may_be_withdrawn(document: Document, places: Board) -> bool:
    return document.state in {DocumentState.FROZEN, DocumentState.SIGNING} and places.signed == 0


@require_safe
def file(request: SignedInRequest, pk: int) -> FileResponse:
    """Send the newest signed bytes, as a download that no browser runs."""
    document = get_object_or_404(access.visible_documents(request.user), pk=pk)
    name = f"{document.programme.year}-{document.symbol}-{document.head_seq:03}.pdf"
    response = FileResponse(
        store.path_of(document.head_id).open("rb"),
        as_attachment=True,
        filename=name,
        content_type="application/pdf",
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def page(request: SignedInRequest, pk: int, page: int) -> HttpResponse:
    """Send one page as a picture: of the newest file with ?signed, else of the frozen one."""
    document = get_object_or_404(access.visible_documents(request.user), pk=pk)
    if not 1 <= page <= document.page_count:
        raise Http404
    sha256 = document.head_id if "signed" in request.GET else document.frozen_id
    response = HttpResponse(_picture(sha256, page), content_type="image/webp")
    if "signed" not in request.GET:
        response.headers["Cache-Control"] = "private, max-age=3600"  # frozen bytes never change
    return response


def _picture(sha256: str, page: int) -> bytes:
    cached = Path(settings.DATA_DIR) / "pages" / sha256 / f"{page}.webp"
    if not cached.exists():
        picture = reading.page_image(store.read(sha256), page, width=PAGE_WIDTH)
        cached.parent.mkdir(parents=True, exist_ok=True)
        draft = cached.with_suffix(f".{id(picture)}.tmp")
        draft.write_bytes(picture)
        draft.rename(cached)
    return cached.read_bytes()
