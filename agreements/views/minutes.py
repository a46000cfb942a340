"""What is concluded, and the minutes: read, written, frozen, confirmed, printed."""

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

from agreements import conclusions as concluding
from agreements import conference_access as access
from agreements import conference_paper
from agreements import minutes as actions
from agreements.conference_forms import ConclusionForm, MinutesForm, ReopenForm, SignForm, StepForm
from agreements.models import Conference
from agreements.views import conference_pages as pages
from agreements.views.conferences import find
from portal.files import serving
from portal.lib.errors import RuleError, StaleError
from portal.papers.meetings import render_minutes
from portal.users.models import User
from portal.users.requests import SignedInRequest
from tasks.views.stale_pages import stale


# --- Conclusions ----------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def conclusions(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what is concluded, or add to it."""
    row = find(request, pk)
    if not access.may_see_everybody(request.user):
        raise PermissionDenied
    may_write = access.may_prepare(request.user, row.programme)
    sent = request.POST if request.method == "POST" else None
    if sent is not None and not may_write:
        raise PermissionDenied
    form = ConclusionForm(sent, programme=row.programme, today=timezone.localdate())
    if form.is_valid():
        try:
            concluding.conclude(row, by=request.user, at=timezone.now(), **form.given)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The conclusion is kept."))
            return redirect("conferences:conclusions", pk=pk)
    facts = vars(pages.conclusions_page(row, request.user)) | {"form": form if may_write else None}
    status = 400 if form.errors else 200
    return render(request, "agreements/conference_conclusions.html", facts, status=status)


SETTLE: Mapping[str, tuple[Callable[..., Any], str | Promise]] = {
    "assign": (concluding.assign, gettext_lazy("The conclusion is an assignment now.")),
    "put_in_plan": (concluding.put_in_plan, gettext_lazy("The decision stands in the group's plan now.")),
    "drop": (concluding.drop, gettext_lazy("The conclusion is taken out.")),
}


@require_POST
def settle(request: SignedInRequest, pk: int, conclusion_pk: int, name: str) -> HttpResponse:
    """Make a conclusion an assignment, or take it out."""
    rows = access.visible_conclusions(request.user).filter(conference=find(request, pk))
    row = get_object_or_404(rows, pk=conclusion_pk)
    act, done = SETTLE[name]
    try:
        act(row, by=request.user, at=timezone.now())
    except RuleError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, str(done))
    return redirect("conferences:conclusions", pk=pk)


# --- Minutes --------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Step:
    """One button under the minutes."""

    act: Callable[..., Any]
    form: type[StepForm] | type[SignForm]
    may: Callable[[User, Conference], bool]
    done: str | Promise


def _prepares(user: User, conference: Conference) -> bool:
    return access.may_prepare(user, conference.programme)


STEPS: Mapping[str, Step] = {
    "freeze": Step(
        actions.freeze,
        StepForm,
        _prepares,
        gettext_lazy("The minutes are frozen; chair and secretary were asked."),
    ),
    "reopen": Step(actions.reopen, ReopenForm, _prepares, gettext_lazy("The minutes are open again.")),
    "sign": Step(
        actions.sign,
        SignForm,
        access.may_sign_minutes,
        gettext_lazy("Your confirmation stands in the minutes."),
    ),
}


def _read(request: SignedInRequest, pk: int) -> Conference:
    """Return a conference whose minutes the reader sees: the draft is the command's and the secretary's."""
    row = find(request, pk)
    if not (row.is_frozen or access.may_read_draft(request.user, row)):
        raise Http404
    return row


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _show(request, _read(request, pk))


def _show(
    request: SignedInRequest, row: Conference, sent: dict[str, forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    page = pages.minutes_page(row, request.user, sent=sent or {}, now=timezone.now())
    return render(request, "agreements/conference_minutes.html", vars(page), status=status)


@require_safe
def paper(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send the minutes as a paper of Decree 30."""
    row = _read(request, pk)
    made = render_minutes(conference_paper.minutes_of(row, at=timezone.now()))
    name = f"bien-ban-hoi-nghi-{row.pk}{'' if row.is_frozen else '-du-thao'}.pdf"
    return serving.made(made, name=name, media_type="application/pdf")


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show every section as text, or keep what was written."""
    row = find(request, pk)
    if not access.may_write_minutes(request.user, row):
        raise PermissionDenied
    if row.is_frozen:
        return redirect("conferences:minutes", pk=pk)
    sent = request.POST if request.method == "POST" else None
    form = MinutesForm(sent, conference=row, parts=actions.parts(row))
    if form.is_valid():
        try:
            actions.write(row, by=request.user, at=timezone.now(), **form.given)
        except StaleError as refusal:
            return stale(request, refusal, form, reverse("conferences:write_minutes", args=[pk]))
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The draft of the minutes is saved."))
            return redirect("conferences:minutes", pk=pk)
    facts = {"conference": row, "form": form}
    status = 400 if form.errors else 200
    return render(request, "agreements/conference_minutes_write.html", facts, status=status)


@require_POST
def act(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """Freeze, open again or confirm; a refused form comes back."""
    step, row = STEPS[name], _read(request, pk)
    if not step.may(request.user, row):
        raise PermissionDenied
    form = step.form(request.POST, auto_id=f"{name}_%s")
    if form.is_valid():
        try:
            step.act(row, by=request.user, at=timezone.now(), **form.given)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, str(step.done))
            return redirect("conferences:minutes", pk=pk)
    return _show(request, find(request, pk), {name: form}, status=400)
