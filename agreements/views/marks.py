"""The pictures that one's signatures show: given, looked at, withdrawn."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import access, marks
from agreements.forms import SealForm, SignaturePictureForm
from agreements.models import MarkPicture
from portal.files import serving
from portal.files.refusals import FileRefused
from portal.files.worker.findings import Reason
from portal.lib.errors import BusyError, RuleError
from portal.users.requests import SignedInRequest

Kind = MarkPicture.Kind
FORMS: dict[Kind, type[SignaturePictureForm]] = {Kind.SIGNATURE: SignaturePictureForm, Kind.SEAL: SealForm}


@require_http_methods(["GET", "HEAD", "POST"])
def own(request: SignedInRequest) -> HttpResponse:
    """Show what the reader's signatures will show, and take a new picture."""
    user = request.user
    if not access.may_see_marks(user):
        raise PermissionDenied
    sent = Kind.SEAL if "seal" in request.POST else Kind.SIGNATURE
    forms = {kind: form(auto_id=f"id_{kind}_%s") for kind, form in FORMS.items()}
    status = 200
    if request.method == "POST":
        forms[sent] = FORMS[sent](request.POST, request.FILES, auto_id=f"id_{sent}_%s")
        status = _give(request, sent, forms[sent])
    if status == 302:
        return redirect("agreements:marks")
    rows = list(access.visible_marks(user))
    current = {row.kind: row for row in rows if row.withdrawn_at is None}
    facts = {
        "signature": current.get(Kind.SIGNATURE),
        "seal": current.get(Kind.SEAL),
        "past": [row for row in rows if row.withdrawn_at][:20],
        "signature_form": forms[Kind.SIGNATURE] if access.may_hold_certificate(user) else None,
        "seal_form": forms[Kind.SEAL] if access.may_give_seal(user) else None,
    }
    return render(request, "agreements/marks.html", facts, status=status)


def _give(request: SignedInRequest, kind: Kind, form: SignaturePictureForm) -> int:
    """Take the picture, or put the refusal beside its field; return the HTTP status."""
    if not form.is_valid():
        return 400
    width_mm, sent = form.cleaned_data.get("width_mm"), form.cleaned_data["sent"]
    try:
        marks.provide(kind, by=request.user, at=timezone.now(), sent=sent, width_mm=width_mm)
    except RuleError as refusal:
        form.add_error("sent", str(refusal))
        if isinstance(refusal, BusyError):
            return 503
        return 413 if isinstance(refusal, FileRefused) and refusal.reason is Reason.TOO_LARGE else 400
    messages.success(request, _("Your next signature shows this picture. What is signed keeps what it has."))
    return 302


@require_safe
def picture(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Send the picture."""
    mark = get_object_or_404(access.visible_marks(request.user), pk=pk)
    return serving.send(request, mark.file, name=f"{mark.kind}.png")


@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Stop using it."""
    mark = get_object_or_404(access.visible_marks(request.user), pk=pk)
    marks.withdraw(mark, by=request.user, at=timezone.now())
    messages.success(request, _("The picture is not used any more. What is signed keeps it."))
    return redirect("agreements:marks")
