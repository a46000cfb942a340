"""Buttons of a party's head, and of the officer for a party. POST only."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from agreements import access, parties, signing
from agreements.forms import ReasonForm
from agreements.models import Document, SignatureField
from agreements.views.documents import show
from portal.lib.errors import RuleError
from portal.users.requests import SignedInRequest


@require_POST
def delegate(request: SignedInRequest, pk: int) -> HttpResponse:
    """Hand the document to the deputy whose button was pressed."""
    field, now = _own(request, pk), timezone.now()
    chosen = request.POST.get("deputy", "")
    deputy = next(
        (one for one in parties.deputies(field, by=request.user, at=now) if str(one.pk) == chosen), None
    )
    if deputy is None:
        raise RuleError(_("Choose a deputy of your agency who holds the post today."))
    parties.delegate(field, by=request.user, at=now, to=deputy)
    messages.success(request, _("Handed to %(name)s, who was told.") % {"name": deputy.get_full_name()})
    return redirect("agreements:detail", pk=pk)


@require_POST
def take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    return _do(request, _own(request, pk), parties.take_back, _("You sign this document yourself again."))


@require_POST
def decline(request: SignedInRequest, pk: int) -> HttpResponse:
    """Refuse to sign; a refused form comes back as it was typed."""
    field, form = _own(request, pk), ReasonForm(request.POST, auto_id="id_decline_%s")
    if not form.is_valid():
        return show(request, field.document, decline_form=form)
    done = _("Your agency declined; every party was told. You can take it back while the round is open.")
    return _do(request, field, parties.decline, done, reason=form.cleaned_data["reason"])


@require_POST
def reconsider(request: SignedInRequest, pk: int) -> HttpResponse:
    done = _("The refusal was taken back; every party was told. Your agency can sign now.")
    return _do(request, _own(request, pk), parties.reconsider, done)


NOTES: Mapping[str, tuple[Callable[..., None], str | Promise]] = {
    "absent": (parties.mark_absent, gettext_lazy("Marked absent; it can sign until the closing date.")),
    "present": (parties.mark_present, gettext_lazy("No longer marked absent.")),
    "urge": (parties.urge, gettext_lazy("The agency was urged to sign.")),
}


@require_POST
def note(request: SignedInRequest, pk: int, order: int, name: str) -> HttpResponse:
    """Note something of the party that stands at a place in protocol order, or urge it."""
    document = _find(request, pk)
    if not access.may_run_round(request.user, document):
        raise PermissionDenied
    act, done = NOTES[name]
    return _do(
        request, get_object_or_404(document.parties.select_related("agency"), order=order), act, str(done)
    )


def _find(request: SignedInRequest, pk: int) -> Document:
    return get_object_or_404(access.visible_documents(request.user), pk=pk)


def _own(request: SignedInRequest, pk: int) -> SignatureField:
    field = signing.field_of(request.user, _find(request, pk))
    if field is None or not access.may_answer(request.user, field, today=timezone.localdate()):
        raise PermissionDenied
    return field


def _do(
    request: SignedInRequest, field: SignatureField, act: Callable[..., None], done: str, **given: Any
) -> HttpResponse:
    act(field, by=request.user, at=timezone.now(), **given)
    messages.success(request, done)
    return redirect("agreements:detail", pk=field.document_id)
