"""Agreements: the list, one document, its file and its page pictures."""

import datetime as dt
from pathlib import Path

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from agreements import (
    access,
    consultation_access,
    decisions,
    documents,
    levels,
    parties,
    registers,
    root_access,
    verification,
)
from agreements.boards import Board, board, counted
from agreements.forms import IssueForm, OrderForm, ReasonForm, WithdrawForm
from agreements.models import Document
from agreements.states import DocumentState
from portal.files import serving, store
from portal.lib.dates import local_day
from portal.papers import reading
from portal.users import qr
from portal.users.models import User
from portal.users.requests import SignedInRequest
from tasks import access as tasks_access
from tasks.states import ProgrammeState

PAGE_WIDTH = 1100  # pixels: sharp on a laptop, legible when a phone zooms


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """List the documents that the reader sees, newest first."""
    rows = counted(access.visible_documents(request.user))
    page = Paginator(rows.order_by("-frozen_at"), 20).get_page(request.GET.get("page"))
    facts = {
        "page": page,
        "today": timezone.localdate(),
        "may_see_requests": access.may_see_requests(request.user),
        "may_see_authorisations": access.may_see_authorisations(request.user),
        "may_see_consultations": consultation_access.may_see_consultations(request.user),
        "may_see_register": access.may_see_register(request.user),
        "may_see_roots": root_access.may_see_roots(request.user),
        "may_give_seal": access.may_give_seal(request.user),
    }
    return render(request, "agreements/list.html", facts)


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a document: what it is, how its round stands, and what the reader may do next.

    A signer whose document was taken back, or whose round ended, hears why (410).
    """
    document = access.visible_documents(request.user).filter(pk=pk).first()
    if document:
        return show(request, document)
    ended = get_object_or_404(access.withdrawn_documents(request.user), pk=pk)
    return render(request, "agreements/ended.html", {"document": ended}, status=410)


def show(request: SignedInRequest, document: Document, **refused: forms.Form) -> HttpResponse:
    """Return a document's page; with `withdraw_form` or `issue_form` as it was sent and refused (400)."""
    user, today = request.user, timezone.localdate()
    places = board(document)
    facts = {
        "document": document,
        "board": places,
        "mine": places.of(user.agency_id),
        "today": today,
        "standing": levels.standing(document, at=timezone.now()),
        "may_run": access.may_run_round(user, document),
        "ending": documents.ending_of(document),
        "may_end": document.state == DocumentState.ISSUED
        and document.kind == Document.Kind.PROGRAMME
        and access.may_end(user, document),
        **_amendments(user, document),
        "may_have_evidence": access.may_have_evidence(user, document),
        "may_see_drifts": access.may_see_drifts(user, document),
        "may_sign": access.may_sign(user, document),
        "may_sign_for_agency": access.may_sign_for_agency(user, document),
        "may_bring_into_force": tasks_access.may_bring_into_force(user, document.programme),
        "may_see_papers": access.may_vouch(user, document),
        "withdraw_form": _withdraw_form(user, document, places),
        "issue_form": _issue_form(user, document, today),
        **_round_facts(user, document, places),
    }
    return render(request, "agreements/detail.html", facts | refused, status=400 if refused else 200)


def _round_facts(user: User, document: Document, places: Board) -> dict[str, object]:
    """What a party's head, the officer and the commander may do in the round just now."""
    mine, now = places.of(user.agency_id), timezone.now()
    is_signing = document.state == DocumentState.SIGNING
    answers = bool(mine and is_signing and not mine.signature)
    answers = bool(mine and answers and access.may_answer(user, mine.field, today=local_day(now)))
    decides = is_signing and access.may_decide_round(user, document)
    decides = decides and document.programme.state == ProgrammeState.FROZEN
    may_end = decides and decisions.may_end(document, at=now)
    runs = access.may_run_round(user, document)
    return {
        "may_see_board": access.may_see_board(user, document),
        "runs_open_round": runs and is_signing,
        "before_mine": places.before(mine) if mine else 0,
        "qr": qr.data_uri(verification.address(document)),
        "answers": answers,
        "deputies": parties.deputies(mine.field, by=user, at=now) if mine and answers else (),
        "decline_form": ReasonForm(auto_id="id_decline_%s") if answers else None,
        "go_on_form": ReasonForm(auto_id="id_go_on_form_%s") if decides and places.undecided else None,
        "end_form": ReasonForm(auto_id="id_end_form_%s") if may_end else None,
        "order_form": OrderForm(initial={"order": document.order})
        if runs and document.state == DocumentState.FROZEN
        else None,
    }


def _amendments(user: User, document: Document) -> dict[str, object]:
    """The papers that amend this one, the draft under way for who writes it, and whether one may begin."""
    if document.kind != Document.Kind.PROGRAMME:
        return {"amends": access.visible_documents(user).filter(
            programme=document.programme_id, kind=Document.Kind.PROGRAMME
        ).exclude(state=DocumentState.TERMINATED).first()}  # fmt: skip
    papers = access.visible_documents(user).filter(
        programme=document.programme_id, kind=Document.Kind.AMENDMENT
    )
    drafts = [
        row for row in access.visible_amendments(user).filter(programme=document.programme_id) if row.is_draft
    ]
    stands = (document.state, document.programme.state) == (DocumentState.ISSUED, ProgrammeState.IN_FORCE)
    return {
        "amendments": papers.order_by("frozen_at"),
        "draft": drafts[0] if drafts else None,
        "may_amend": stands and not drafts and access.may_amend(user, document.programme),
    }


def _withdraw_form(user: User, document: Document, places: Board) -> WithdrawForm | None:
    under_way = {DocumentState.SIGNING, DocumentState.CLOSED}
    if document.kind == Document.Kind.AMENDMENT and places.signed and document.state in under_way:
        return WithdrawForm() if access.may_end(user, document) else None
    if document.state not in {DocumentState.FROZEN, DocumentState.SIGNING}:
        return None
    is_late = document.closes_on < timezone.localdate() or document.programme.state != ProgrammeState.FROZEN
    is_signed = places.signed and (is_late or not places.waiting)
    return WithdrawForm() if not is_signed and access.may_withdraw(user, document) else None


def _issue_form(user: User, document: Document, today: dt.date) -> IssueForm | None:
    if document.state != DocumentState.CLOSED or not access.may_issue(user, document):
        return None
    return IssueForm(initial={"number": registers.next_number(today.year), "issued_on": today})


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
