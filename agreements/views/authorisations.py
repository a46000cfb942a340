"""Papers on file by which somebody signs: listed, granted with their scan, downloaded, revoked."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements import access, authorisations
from agreements.forms import AuthorisationForm, ReasonForm
from portal.files import serving
from portal.files.refusals import FileRefused
from portal.files.worker.findings import Reason
from portal.lib.errors import BusyError, RuleError
from portal.users.requests import SignedInRequest
from tasks import access as tasks_access


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """List the papers that the reader sees: those that count first."""
    user = request.user
    rows = list(access.visible_authorisations(user))
    if not rows and not access.may_see_authorisations(user):
        raise PermissionDenied
    today = timezone.localdate()
    facts = {
        "current": [row for row in rows if not row.revoked_at and (row.valid_until or today) >= today],
        "past": [row for row in rows if row.revoked_at or (row.valid_until or today) < today],
        "revocable": {row.pk for row in rows if access.may_revoke_authorisation(user, row)},
        "may_record": access.may_record_authorisation(user),
        "today": today,
    }
    return render(request, "agreements/authorisations.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
def grant(request: SignedInRequest) -> HttpResponse:
    """Put a paper on file; a refused form comes back as it was typed, the file must be chosen again."""
    user, now = request.user, timezone.now()
    if not access.may_record_authorisation(user):
        raise PermissionDenied
    people = authorisations.people(user, at=now)
    programmes = tasks_access.visible_programmes(user)
    given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = AuthorisationForm(*given, people=people, programmes=programmes, is_head=access.heads(user))
    status = 400 if form.is_bound else 200
    if form.is_valid():
        facts = form.cleaned_data
        try:
            authorisations.upload(facts.pop("person"), by=user, at=now, **facts)
        except RuleError as refusal:
            about_file = isinstance(refusal, FileRefused | BusyError)
            form.add_error("sent" if about_file else None, str(refusal))
            status = _status(refusal)
        else:
            messages.success(request, _("The authorisation is on file."))
            return redirect("agreements:authorisations")
    return render(request, "agreements/authorisation_new.html", {"form": form}, status=status)


def _status(refusal: RuleError) -> int:
    if isinstance(refusal, BusyError):
        return 503
    return 413 if isinstance(refusal, FileRefused) and refusal.reason is Reason.TOO_LARGE else 400


@require_safe
def file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Send the scanned paper."""
    row = get_object_or_404(access.visible_authorisations(request.user), pk=pk)
    return serving.send(request, row.file, name=row.file_name)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for the reason, then revoke."""
    row = get_object_or_404(access.visible_authorisations(request.user), pk=pk)
    if not access.may_revoke_authorisation(request.user, row):
        raise PermissionDenied
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            authorisations.revoke(row, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"])
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The authorisation was revoked; nobody signs by it any more."))
            return redirect("agreements:authorisations")
    status = 400 if form.is_bound else 200
    return render(request, "agreements/authorisation_revoke.html", {"row": row, "form": form}, status=status)
