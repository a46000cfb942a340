"""What one agency answers: delegates, an excuse, contributions, its agreement; and arriving at the door."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import attendances, conference_paper, discussions
from agreements import conference_access as access
from agreements.models import Attendance, InvitedAgency
from agreements.views import conference_pages as pages
from agreements.views.conferences import find
from portal.files import serving
from portal.lib.errors import RuleError, StaleError
from portal.papers.meetings import render_invitation
from portal.users.models import User
from portal.users.requests import SignedInRequest
from tasks.views.stale_pages import stale


@dataclass(frozen=True)
class Step:
    """One answer: the action, who may give it, what is said afterwards. The form: pages.FORMS."""

    act: Callable[..., Any]
    may: Callable[[User, InvitedAgency], bool]
    done: str | Promise


STEPS: Mapping[str, Step] = {
    "name": Step(attendances.name, access.may_answer, gettext_lazy("The delegate is on the list.")),
    "excuse": Step(attendances.excuse, access.may_answer, gettext_lazy("Noted.")),
    "contribute": Step(discussions.contribute, access.may_answer, gettext_lazy("The contribution is kept.")),
    "agree": Step(discussions.agree, access.may_assent, gettext_lazy("The agency's agreement is noted.")),
}


def _invited(request: SignedInRequest, pk: int, code: str) -> InvitedAgency:
    rows = access.visible_invited(request.user).filter(conference=find(request, pk))
    return get_object_or_404(rows.select_related("conference__programme__host"), agency__code=code)


@require_safe
def agency(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    """Show the part of one agency: its invitation, delegates, contributions and agreement."""
    return _show(request, _invited(request, pk, code))


@require_safe
def letter(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    """Send the agency's invitation as a paper of Decree 30."""
    row = _invited(request, pk, code)
    paper = render_invitation(conference_paper.invitation_of(row))
    return serving.made(paper, name=f"giay-moi-{code.lower()}.pdf", media_type="application/pdf")


@require_POST
def answer(request: SignedInRequest, pk: int, code: str, name: str) -> HttpResponse:
    """Do one step; a refused form comes back with everything typed."""
    step, row = STEPS[name], _invited(request, pk, code)
    if not step.may(request.user, row):
        raise PermissionDenied
    form = pages.form_of(name, row, request.user, request.POST)
    if form.is_valid():
        try:
            step.act(row, by=request.user, at=timezone.now(), **form.given)
        except StaleError as refusal:
            now = pages.form_of(name, _invited(request, pk, code), request.user, request.POST)
            return stale(request, refusal, now, reverse("conferences:agency", args=[pk, code]))
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, str(step.done))
            return redirect("conferences:agency", pk=pk, code=code)
    return _show(request, row, {name: form}, status=400)


def _show(
    request: SignedInRequest, row: InvitedAgency, sent: dict[str, forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    page = pages.agency_page(row, request.user, sent=sent or {}, today=timezone.localdate())
    return render(request, "agreements/conference_agency.html", vars(page), status=status)


@require_POST
def withdraw(request: SignedInRequest, pk: int, attendance_pk: int) -> HttpResponse:
    """Take a delegate off the list."""
    rows = access.visible_attendances(request.user).filter(conference=find(request, pk), agency__isnull=False)
    row = get_object_or_404(rows, pk=attendance_pk)
    code = row.agency.code if row.agency else ""
    try:
        attendances.withdraw(row, by=request.user, at=timezone.now())
    except RuleError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The delegate is off the list."))
    return redirect("conferences:agency", pk=pk, code=code)


@require_POST
def take_back(request: SignedInRequest, pk: int, contribution_pk: int) -> HttpResponse:
    """Take a contribution back."""
    rows = access.visible_contributions(request.user).filter(conference=find(request, pk))
    row = get_object_or_404(rows, pk=contribution_pk)
    try:
        discussions.take_back(row, by=request.user, at=timezone.now())
    except RuleError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The contribution is taken back."))
    return redirect("conferences:agency", pk=pk, code=row.agency.code)


@require_http_methods(["GET", "HEAD", "POST"])
def arrive(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    """Show one's own agency's delegates at the door, or mark one of them present."""
    row = find(request, pk)
    if not secrets.compare_digest(key.encode(), row.door_key.encode()):
        raise Http404
    own = access.visible_attendances(request.user).filter(conference=row, agency=request.user.agency_id)
    if request.method == "POST":
        _mark(request, own.filter(pk__in=pages.keys([request.POST.get("delegate", "")])).first())
        return redirect("conferences:arrive", pk=pk, key=key)
    facts = {"conference": row, "delegates": list(own)}
    return render(request, "agreements/conference_arrive.html", facts)


def _mark(request: SignedInRequest, delegate: Attendance | None) -> None:
    if delegate is None:
        messages.warning(request, _("This delegate is no longer on the list."))
        return
    try:
        attendances.arrive(delegate, by=request.user, at=timezone.now())
    except RuleError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Marked present."))
