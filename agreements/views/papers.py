"""Signatures on paper: recorded by one person, confirmed by another."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import access, paper_signatures
from agreements.forms import PaperForm, RefuseForm
from agreements.models import Document
from portal.files import serving
from portal.files.refusals import FileRefused
from portal.lib.errors import BusyError, RuleError
from portal.users.requests import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
def papers(request: SignedInRequest, pk: int) -> HttpResponse:
    """List the paper signatures of a document, and record one."""
    document = get_object_or_404(access.visible_documents(request.user), pk=pk)
    may_vouch = access.may_vouch(request.user, document)
    if request.method == "POST" and not may_vouch:
        raise PermissionDenied
    form, status = _form(request, document) if may_vouch else (None, 200)
    if form is not None and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("signer_name", "signer_title", "signed_on")}
        try:
            paper_signatures.upload(
                form.cleaned_data["field"],
                by=request.user,
                at=timezone.now(),
                sent=form.cleaned_data["scan"],
                **given,
            )
        except RuleError as refusal:
            form.add_error("scan" if isinstance(refusal, FileRefused) else None, str(refusal))
            status = 503 if isinstance(refusal, BusyError) else 400
        else:
            messages.success(request, _("Recorded. It counts once a second person has confirmed it."))
            return redirect("agreements:papers", pk=pk)
    rows = access.visible_papers(request.user).filter(document=document).order_by("-vouched_at")
    facts = {
        "document": document,
        "rows": [
            (row, access.may_see_scan(request.user, row), access.may_confirm_paper(request.user, row))
            for row in rows
        ],
        "form": form,
        "refuse_form": RefuseForm(),
    }
    return render(request, "agreements/papers.html", facts, status=status)


def _form(request: SignedInRequest, document: Document) -> tuple[PaperForm, int]:
    fields = access.unsigned_fields().filter(document=document, after=None)
    if request.method != "POST":
        return PaperForm(fields=fields), 200
    return PaperForm(request.POST, request.FILES, fields=fields), 400


@require_safe
def scan(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Send the scan."""
    paper = get_object_or_404(access.visible_papers(request.user).select_related("file__recall"), pk=pk)
    if not access.may_see_scan(request.user, paper):
        raise PermissionDenied
    return serving.send(request, paper.file, name=paper.name)


@require_POST
def confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """Confirm what another person vouches for."""
    paper = get_object_or_404(access.visible_papers(request.user), pk=pk)
    paper_signatures.confirm(paper, by=request.user, at=timezone.now())
    messages.success(request, _("Confirmed. The agency counts as signed, on paper."))
    return redirect("agreements:papers", pk=paper.document_id)


@require_POST
def refuse(request: SignedInRequest, pk: int) -> HttpResponse:
    """Refuse it, with a reason."""
    paper = get_object_or_404(access.visible_papers(request.user), pk=pk)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        raise RuleError(_("Give a reason."))
    paper_signatures.refuse(paper, by=request.user, reason=form.cleaned_data["reason"], at=timezone.now())
    messages.success(request, _("Refused. Another scan can be recorded."))
    return redirect("agreements:papers", pk=paper.document_id)
