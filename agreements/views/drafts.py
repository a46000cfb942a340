"""Versions of a programme's draft: taking one, comparing two, sending one out for comment."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agreements import access as agreements_access
from agreements import consultation_access as access
from agreements import consultations, drafts
from agreements.consultation_forms import USES, OpenForm, TakeForm
from agreements.drafts import DraftContent
from agreements.models import Document, DraftVersion
from portal.lib.errors import RuleError, StaleError
from portal.users.requests import SignedInRequest
from tasks.models import Programme
from tasks.states import EDITABLE_PROGRAMME, ProgrammeState

TODAY, SIGNED = "today", "signed"
"""What a version may be compared with beside other versions."""


@require_safe
def versions(request: SignedInRequest, year: int) -> HttpResponse:
    return _show(request, _find(request, year))


@require_POST
def take(request: SignedInRequest, year: int) -> HttpResponse:
    """Keep today's text as a version; a refused form comes back."""
    programme, form = _find(request, year), TakeForm(request.POST)
    if not access.may_take_version(request.user, programme):
        raise PermissionDenied
    if not form.is_valid():
        return _show(request, programme, take=form, status=400)
    version = drafts.take(programme, by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, _("Version %(number)d is kept.") % {"number": version.number})
    return redirect("consultations:versions", year=year)


@require_POST
def open_round(request: SignedInRequest, year: int) -> HttpResponse:
    """Send a version to every party and ask for comments."""
    programme = _find(request, year)
    if not access.may_run_consultation(request.user, programme):
        raise PermissionDenied
    form = OpenForm(request.POST, versions=access.visible_versions(request.user, programme))
    if form.is_valid():
        given: dict[str, Any] = dict(form.cleaned_data)
        version = given.pop("version")
        try:
            made = consultations.open_round(version, by=request.user, at=timezone.now(), **given)
        except StaleError:
            raise
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Every agency was told. Answers stand here as they come."))
            return redirect(made)
    return _show(request, programme, open_form=form, status=400)


@require_safe
def compare(request: SignedInRequest, year: int) -> HttpResponse:
    """Show what differs between two versions, a version and today's text, or the signed paper."""
    programme = _find(request, year)
    rows = list(access.visible_versions(request.user, programme))
    old_name, old = _text(request, programme, rows, "old")
    new_name, new = _text(request, programme, rows, "new")
    facts = {
        "programme": programme,
        "versions": rows,
        "old": request.GET.get("old", ""),
        "new": request.GET.get("new", TODAY),
        "old_name": old_name,
        "new_name": new_name,
        "has_signed": _document(request, programme) is not None,
        "changes": drafts.changes(old, new),
    }
    return render(request, "agreements/draft_compare.html", facts)


def _text(
    request: SignedInRequest, programme: Programme, rows: list[DraftVersion], side: str
) -> tuple[str, DraftContent]:
    """Return the name and the text of one side of the comparison; 404 for what is not there."""
    asked = request.GET.get(side, TODAY)
    if asked == TODAY:
        return _("Today's text"), drafts.snapshot(programme)
    document = _document(request, programme) if asked == SIGNED else None
    if document is not None:
        return _("The paper for signing"), drafts.signed_text(document)
    version = next((row for row in rows if str(row.number) == asked), None)
    if version is None:
        raise Http404
    return str(version), version.text


def _document(request: SignedInRequest, programme: Programme) -> Document | None:
    """The programme's own paper, when there is one that the reader sees."""
    shown = agreements_access.visible_documents(request.user)
    return shown.filter(programme=programme, kind=Document.Kind.PROGRAMME).order_by("-pk").first()


def _find(request: SignedInRequest, year: int) -> Programme:
    return get_object_or_404(access.draft_programmes(request.user), year=year)


def _show(
    request: SignedInRequest,
    programme: Programme,
    *,
    take: TakeForm | None = None,
    open_form: OpenForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = access.visible_versions(request.user, programme)
    runs = access.may_run_consultation(request.user, programme)
    may_open = runs and programme.state == ProgrammeState.DRAFT and rows.exists()
    may_take = access.may_take_version(request.user, programme) and programme.state in EDITABLE_PROGRAMME
    facts = {
        "programme": programme,
        "versions": rows.order_by("-number"),
        "consultations": access.visible_consultations(request.user).filter(programme=programme),
        "has_signed": _document(request, programme) is not None,
        "uses": USES,
        "take": take or (TakeForm() if may_take else None),
        "open_form": open_form or (_open_form(rows) if may_open else None),
        "today": timezone.localdate(),
    }
    return render(request, "agreements/drafts.html", facts, status=status)


def _open_form(rows: Any) -> OpenForm:
    return OpenForm(versions=rows, initial={"version": rows.order_by("-number").first()})
