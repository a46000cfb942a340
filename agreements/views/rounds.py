"""Buttons of the officer, the commander and the records office. POST only.

A refusal is a message; what was typed into a form comes back with it.
"""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agreements import access, amendments, decisions, documents, waves
from agreements.forms import IssueForm, OrderForm, ReasonForm, WithdrawForm
from agreements.states import DocumentState
from agreements.views.documents import show
from portal.lib.errors import RuleError
from portal.users.requests import SignedInRequest
from tasks import access as tasks_access


@require_POST
def freeze(request: SignedInRequest, year: int) -> HttpResponse:
    programme = get_object_or_404(tasks_access.visible_programmes(request.user), year=year)
    agency_marks = "agency_marks" in request.POST
    document = documents.freeze(programme, by=request.user, at=timezone.now(), agency_marks=agency_marks)
    messages.success(request, _("The text is frozen. Read the paper, then open it for signing."))
    return redirect("agreements:detail", pk=document.pk)


@require_POST
def open_round(request: SignedInRequest, pk: int) -> HttpResponse:
    return _do(request, pk, documents.open_round, _("The document is open for signing; every head was told."))


@require_POST
def bring_into_force(request: SignedInRequest, pk: int) -> HttpResponse:
    return _do(request, pk, documents.bring_into_force, _("The programme is in force."))


@require_POST
def close(request: SignedInRequest, pk: int) -> HttpResponse:
    return _do(request, pk, documents.close_round, _("Signing is closed."))


@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    document = get_object_or_404(access.visible_documents(request.user), pk=pk)
    form = WithdrawForm(request.POST)
    if not access.may_withdraw(request.user, document):
        raise PermissionDenied
    if not form.is_valid():
        return show(request, document, withdraw_form=form)
    year = document.programme.year
    is_amendment = document.kind == document.Kind.AMENDMENT
    act = amendments.take_back if is_amendment and access.is_signed(document) else documents.withdraw
    act(document, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"])
    messages.success(request, _("The document was withdrawn; the text can be changed again."))
    return redirect("programmes:detail", year=year)


@require_POST
def issue(request: SignedInRequest, pk: int) -> HttpResponse:
    document = get_object_or_404(access.visible_documents(request.user), pk=pk)
    form = IssueForm(request.POST)
    if not access.may_issue(request.user, document):
        raise PermissionDenied
    if not form.is_valid():
        return show(request, document, issue_form=form)
    try:
        act = amendments.issue if document.kind == document.Kind.AMENDMENT else documents.issue
        act(document, by=request.user, at=timezone.now(), **form.cleaned_data)
    except RuleError as refusal:
        if document.state != DocumentState.CLOSED:
            raise  # no fault of the form, which is no longer on the page
        form.add_error(None, str(refusal))
        return show(request, document, issue_form=form)
    messages.success(request, _("Issued as %(number)s.") % {"number": document.full_number})
    return redirect("agreements:detail", pk=pk)


@require_POST
def order(request: SignedInRequest, pk: int) -> HttpResponse:
    """Choose in which waves the parties sign."""
    document = get_object_or_404(access.visible_documents(request.user), pk=pk)
    if not access.may_run_round(request.user, document):
        raise PermissionDenied
    form = OrderForm(request.POST)
    if not form.is_valid():
        return show(request, document, order_form=form)
    waves.choose(document, by=request.user, at=timezone.now(), order=form.cleaned_data["order"])
    messages.success(request, _("The order of signing is set."))
    return redirect("agreements:detail", pk=pk)


@require_POST
def go_on(request: SignedInRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, decisions.go_on, "go_on_form", _("The round goes on; every party was told."))


@require_POST
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    done = _("The round has ended; every party was told. The text can be changed again.")
    return _decide(request, pk, decisions.end, "end_form", done)


def _decide(
    request: SignedInRequest, pk: int, act: Callable[..., None], name: str, done: str
) -> HttpResponse:
    """Take a decision of the commander, with its reason; a refused form comes back."""
    document = get_object_or_404(access.visible_documents(request.user), pk=pk)
    if not access.may_decide_round(request.user, document):
        raise PermissionDenied
    form = ReasonForm(request.POST, auto_id=f"id_{name}_%s")
    if not form.is_valid():
        return show(request, document, **{name: form})
    act(document, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"])
    messages.success(request, done)
    return redirect("agreements:detail", pk=pk)


def _do(request: SignedInRequest, pk: int, act: Callable[..., None], done: str) -> HttpResponse:
    act(get_object_or_404(access.visible_documents(request.user), pk=pk), by=request.user, at=timezone.now())
    messages.success(request, done)
    return redirect("agreements:detail", pk=pk)
