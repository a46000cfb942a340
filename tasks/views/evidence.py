"""Evidence of an assignment: add a file, download it, withdraw one's own, recall one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.files import serving
from portal.files.refusals import FileRefused
from portal.files.worker.findings import Reason
from portal.lib.errors import BusyError, RuleError
from portal.users.models import User
from portal.users.requests import SignedInRequest
from tasks import access, evidence
from tasks.forms import EvidenceForm, EvidenceReasonForm
from tasks.models import Evidence
from tasks.views.assignments import find, show


@require_POST
def add(request: SignedInRequest, pk: int) -> HttpResponse:
    """Add a file; a refused form comes back with its title, the file must be chosen again."""
    assignment = find(request, pk)
    if not access.may_add_evidence(request.user, assignment):
        raise PermissionDenied
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, pk, upload=form)
    try:
        evidence.upload(assignment, by=request.user, at=timezone.now(), **form.cleaned_data)
    except RuleError as refusal:
        about_file = isinstance(refusal, FileRefused | BusyError)
        form.add_error("sent" if about_file else None, str(refusal))
        return show(request, pk, upload=form, status=_status(refusal))
    messages.success(request, _("The file was checked and added."))
    return redirect(f"{assignment.get_absolute_url()}#evidence")


def _status(refusal: RuleError) -> int:
    if isinstance(refusal, BusyError):
        return 503
    return 413 if isinstance(refusal, FileRefused) and refusal.reason is Reason.TOO_LARGE else 400


@require_safe
def download(request: SignedInRequest, pk: int, evidence_pk: int) -> HttpResponseBase:
    """Send the file to those who see it; a withdrawn or recalled one is told instead (410)."""
    row = _find(request, pk, evidence_pk)
    if row.is_withdrawn:
        return render(request, "tasks/evidence_withdrawn.html", {"evidence": row}, status=410)
    return serving.send(request, row.file, name=row.name)


@dataclass(frozen=True)
class Ending:
    """A page that takes a file out of use, with a reason; `warning` says what will happen."""

    act: Callable[..., None]
    may: Callable[[User, Evidence], bool]
    title: str | Promise
    warning: str | Promise
    done: str | Promise


ENDINGS: Mapping[str, Ending] = {
    "withdraw": Ending(
        evidence.withdraw,
        access.may_withdraw_evidence,
        gettext_lazy("Withdraw this file"),
        gettext_lazy(
            "It is then no part of your evidence and cannot be downloaded. That it was here stays on record."
        ),
        gettext_lazy("The file was withdrawn."),
    ),
    "recall": Ending(
        evidence.recall,
        lambda user, row: access.may_recall_evidence(user),
        gettext_lazy("Recall this document"),
        gettext_lazy(
            "Nobody will be able to download it any more, wherever the same file is in use, and it cannot be "
            "uploaded again. Its trace stays: who uploaded it, when, and why it was recalled. "
            "This cannot be undone."
        ),
        gettext_lazy("The document was recalled; nobody can download it any more."),
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: SignedInRequest, pk: int, evidence_pk: int, name: str) -> HttpResponse:
    """Ask for the reason, then withdraw or recall."""
    ending, row = ENDINGS[name], _find(request, pk, evidence_pk)
    if not ending.may(request.user, row):
        raise PermissionDenied
    form = EvidenceReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ending.act(row, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"])
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, str(ending.done))
            return redirect(f"{row.assignment.get_absolute_url()}#evidence")
    facts: dict[str, Any] = {"evidence": row, "ending": ending, "form": form}
    return render(request, "tasks/evidence_end.html", facts, status=400 if request.method == "POST" else 200)


def _find(request: SignedInRequest, pk: int, evidence_pk: int) -> Evidence:
    rows = access.visible_evidence(request.user).select_related("assignment__programme")
    return get_object_or_404(rows, pk=evidence_pk, assignment=pk)
