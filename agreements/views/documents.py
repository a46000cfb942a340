"""Agreements: the list, one document, its file and its page pictures."""

import datetime as dt
from pathlib import Path

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from agreements import access, documents
from agreements.boards import Board, board
from agreements.forms import IssueForm, WithdrawForm
from agreements.models import Document
from agreements.states import DocumentState
from portal.files import serving, store
from portal.papers import reading
from portal.users.models import User
from portal.users.requests import SignedInRequest
from tasks import access as tasks_access

PAGE_WIDTH = 1100  # pixels: sharp on a laptop, legible when a phone zooms


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """List the documents that the reader sees, newest first."""
    rows = access.visible_documents(request.user).annotate(field_count=Count("fields")).order_by("-frozen_at")
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    facts = {
        "page": page,
        "today": timezone.localdate(),
        "may_see_requests": access.may_see_requests(request.user),
        "may_see_roots": access.may_see_roots(request.user),
    }
    return render(request, "agreements/list.html", facts)


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a document: what it is, how its round stands, and what the reader may do next."""
    return show(request, get_object_or_404(access.visible_documents(request.user), pk=pk))


def show(request: SignedInRequest, document: Document, **refused: forms.Form) -> HttpResponse:
    """Return a document's page; with `withdraw_form` or `issue_form` as it was sent and refused (400)."""
    user, today = request.user, timezone.localdate()
    places = board(document)
    facts = {
        "document": document,
        "board": places,
        "mine": places.of(user.agency_id),
        "today": today,
        "may_run": access.may_run_round(user, document),
        "may_sign": access.may_sign(user, document),
        "may_bring_into_force": tasks_access.may_bring_into_force(user, document.programme),
        "withdraw_form": _withdraw_form(user, document, places),
        "issue_form": _issue_form(user, document, today),
    }
    return render(request, "agreements/detail.html", facts | refused, status=400 if refused else 200)


def _withdraw_form(user: User, document: Document, places: Board) -> WithdrawForm | None:
    is_unsigned = document.state in {DocumentState.FROZEN, DocumentState.SIGNING} and places.signed == 0
    return WithdrawForm() if is_unsigned and access.may_run_round(user, document) else None


def _issue_form(user: User, document: Document, today: dt.date) -> IssueForm | None:
    if document.state != DocumentState.CLOSED or not access.may_issue(user, document):
        return None
    return IssueForm(initial={"number": documents.next_number(today.year), "issued_on": today})


@require_safe
def file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Send the newest signed bytes, as a download that no browser runs."""
    document = get_object_or_404(access.visible_documents(request.user).select_related("head__recall"), pk=pk)
    name = f"{document.programme.year}-{document.symbol}-{document.head_seq:03}.pdf"
    return serving.send(request, document.head, name=name)


@require_safe
def page(request: SignedInRequest, pk: int, page: int) -> HttpResponse:
    """Send one page as a picture: of the newest file with ?signed, else of the frozen one."""
    document = get_object_or_404(access.visible_documents(request.user), pk=pk)
    if not 1 <= page <= document.page_count:
        raise Http404
    sha256 = document.head_id if "signed" in request.GET else document.frozen_id
    try:
        return HttpResponse(_picture(sha256, page), content_type="image/webp")
    except store.FileDamaged as error:
        return serving.damaged(request, sha256, error)


def _picture(sha256: str, page: int) -> bytes:
    cached = Path(settings.DATA_DIR) / "pages" / sha256 / f"{page}.webp"
    if not cached.exists():
        picture = reading.page_image(store.read(sha256), page, width=PAGE_WIDTH)
        cached.parent.mkdir(parents=True, exist_ok=True)
        draft = cached.with_suffix(f".{id(picture)}.tmp")
        draft.write_bytes(picture)
        draft.rename(cached)
    return cached.read_bytes()
