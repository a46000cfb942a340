"""Urging: one thing that is owed, and the contact book."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.lib.errors import RuleError
from portal.users.requests import SignedInRequest
from tasks import access, urgings
from tasks.models import Assignment
from tasks.urging_forms import CallForm, SeveralForm, UrgeForm
from tasks.urgings import Thing
from tasks.views import assignments, reports, urging_pages
from tasks.views.urging_panel import of_thing

FIND: dict[str, Callable[[SignedInRequest, int], Thing]] = {
    "assignment": assignments.find,
    "report": reports.find,
}


@require_http_methods(["GET", "HEAD", "POST"])
def urge(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    """Show whom to urge and what was said, then urge in the portal or note a call."""
    thing, today = FIND[kind](request, pk), timezone.localdate()
    if not access.may_urge(request.user, urgings.programme_of(thing)):
        raise PermissionDenied
    is_call = "person" in request.POST
    sent = request.POST if request.method == "POST" else None
    urge_form = UrgeForm(None if is_call else sent, initial={"text": urgings.wording(thing, today)})
    call_form = CallForm(sent if is_call else None)
    if sent is not None and _do(request, thing, call_form if is_call else urge_form):
        return redirect(thing)
    facts: dict[str, Any] = {
        "thing": thing,
        "assignment": thing if isinstance(thing, Assignment) else None,
        "agency": _agency(thing),
        "today": today,
        "is_urgable": urgings.is_urgable(thing, today),
        "people": urging_pages.people_of(request.user, _agency(thing), today),
        "rows": of_thing(request.user, thing),
        "urge_form": urge_form,
        "call_form": call_form,
    }
    return render(request, "tasks/urging.html", facts, status=400 if sent is not None else 200)


def _agency(thing: Thing) -> Any:
    return thing.lead if isinstance(thing, Assignment) else thing.agency


def _do(request: SignedInRequest, thing: Thing, form: UrgeForm | CallForm) -> bool:
    """Do what the form asks; False leaves it with what is wrong."""
    if not form.is_valid():
        return False
    act, done = (
        (urgings.note_call, _("The call was noted."))
        if isinstance(form, CallForm)
        else (urgings.urge, _("The agency was urged; its head and focal points were told."))
    )
    try:
        act(thing, by=request.user, at=timezone.now(), **form.cleaned_data)
    except RuleError as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, done)
    return True


@require_safe
def contacts(request: SignedInRequest) -> HttpResponse:
    """Show every party with what it owes; `owing` leaves the others out."""
    if not access.may_see_contacts(request.user):
        raise PermissionDenied
    return _contacts(request, SeveralForm(initial={"text": urgings.SEVERAL_WORDING}))


@require_POST
def several(request: SignedInRequest) -> HttpResponse:
    """Urge the agencies that were chosen in the contact book, each about all that it is late with."""
    if not access.may_see_contacts(request.user):
        raise PermissionDenied
    programme = urging_pages.running_programme(request.user)
    if programme is None:
        raise Http404
    form = SeveralForm(request.POST)
    if form.is_valid():
        chosen, text = list(form.cleaned_data["agencies"]), form.cleaned_data["text"]
        try:
            urged = urgings.urge_several(
                chosen, programme=programme, by=request.user, at=timezone.now(), text=text
            )
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _counted(urged, len(chosen)))
            return redirect("urgings:contacts")
    return _contacts(request, form, status=400)


def _counted(urged: int, chosen: int) -> str:
    words = ngettext("%(n)s agency was urged.", "%(n)s agencies were urged.", urged) % {"n": urged}
    rest = chosen - urged
    if rest:
        words += " " + ngettext(
            "%(n)s owes nothing that is late, or was urged today.",
            "%(n)s owe nothing that is late, or were urged today.",
            rest,
        ) % {"n": rest}
    return words


def _contacts(request: SignedInRequest, form: SeveralForm, *, status: int = 200) -> HttpResponse:
    rows = urging_pages.contact_book(request.user, timezone.localdate())
    is_owing = request.GET.get("owing") == "1"
    if is_owing:
        rows = [row for row in rows if row.is_late]
    late = {row.agency.code for row in rows if row.is_late}
    chosen = set(form["agencies"].value() or ()) if form.is_bound else late
    facts = {
        "rows": rows,
        "is_owing": is_owing,
        "form": form,
        "chosen": chosen,
        "is_anybody_late": bool(late),
    }
    return render(request, "tasks/contacts.html", facts, status=status)


@require_safe
def contact(request: SignedInRequest, code: str) -> HttpResponse:
    """Show whom to call at one agency, and what it owes now."""
    agency = get_object_or_404(access.visible_agencies(request.user), code=code)
    if not access.may_see_contacts(request.user):
        raise PermissionDenied
    page = urging_pages.contact_page(agency, request.user, today=timezone.localdate())
    return render(request, "tasks/contact.html", vars(page))
