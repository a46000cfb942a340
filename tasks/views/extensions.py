"""Requests for extension: the register, asking, and what is decided."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.files import serving
from portal.files.refusals import FileRefused
from portal.lib.errors import BusyError, RuleError
from portal.papers.tables import XLSX_TYPE, to_xlsx
from portal.users.models import User
from portal.users.requests import SignedInRequest
from tasks import access, extensions
from tasks.extension_forms import ApproveForm, AskForm, RefuseForm, WithdrawForm
from tasks.models import ExtensionRequest
from tasks.states import ExtensionState
from tasks.views import extension_pages
from tasks.views.assignments import find as find_assignment
from tasks.views.reports import years

PAGE_SIZE = 50


@dataclass(frozen=True)
class Step:
    """A step on a request: which action, which form, for whom; `done` is what is said afterwards."""

    act: Callable[..., None]
    form: type[forms.Form]
    may: Callable[[User, ExtensionRequest], bool]
    done: str | Promise


STEPS: Mapping[str, Step] = {
    "approve": Step(
        extensions.approve,
        ApproveForm,
        access.may_decide_extension,
        gettext_lazy("The deadline was extended; the agency was told."),
    ),
    "refuse": Step(
        extensions.refuse,
        RefuseForm,
        access.may_decide_extension,
        gettext_lazy("Refused; the agency was told why."),
    ),
    "withdraw": Step(
        extensions.withdraw,
        WithdrawForm,
        access.may_withdraw_extension,
        gettext_lazy("The request was withdrawn; the deadline stays."),
    ),
}


# --- The register -----------------------------------------------------------------------------------
@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show the requests of a year, all or of one state."""
    year, every_year = years(request)
    rows, state = _chosen(request, year)
    facts = {
        "year": year,
        "years": every_year,
        "state": state,
        "states": ExtensionState.choices,
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "tasks/extension_list.html", facts)


@require_safe
def export(request: SignedInRequest) -> HttpResponse:
    """Send the same rows as a workbook."""
    year, _every_year = years(request)
    rows, _state = _chosen(request, year)
    headings, lines = extension_pages.table(rows)
    title = _("Extensions of %(year)s") % {"year": year}
    book = to_xlsx(title, headings, lines, widths=extension_pages.WIDTHS)
    return serving.made(book, name=f"so-theo-doi-gia-han-{year}.xlsx", media_type=XLSX_TYPE)


def _chosen(request: SignedInRequest, year: int) -> tuple[QuerySet[ExtensionRequest], str]:
    """Return the rows that the address asks for, in the order they were made, and the state it names."""
    rows = access.visible_extensions(request.user).filter(assignment__programme__year=year)
    state = request.GET.get("state", "")
    if state not in ExtensionState.values:
        return rows, ""
    return rows.filter(state=state), state


# --- Asking -------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the form, or put the request before the commander; a refused form keeps its words."""
    assignment = find_assignment(request, pk)
    if not access.may_ask_extension(request.user, assignment):
        raise PermissionDenied
    form = AskForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            row = extensions.ask(assignment, by=request.user, at=timezone.now(), **form.cleaned_data)
        except RuleError as refusal:
            is_busy, is_file = isinstance(refusal, BusyError), isinstance(refusal, FileRefused)
            form.add_error("sent" if is_busy or is_file else None, str(refusal))
            status = 503 if is_busy else 400
        else:
            messages.success(request, _("The request is before the commander."))
            return redirect(row)
    facts = {
        "assignment": assignment,
        "form": form,
        "present_on": assignment.present_deadline_on,
        "latest_on": extensions.latest_in_time(assignment),
        "is_askable": extensions.is_askable(assignment),
        "today": timezone.localdate(),
    }
    return render(request, "tasks/extension_form.html", facts, status=400 if form.errors else status)


# --- One request --------------------------------------------------------------------------------------
@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _show(request, find(request, pk))


@require_POST
def act(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """Grant, refuse or withdraw; a refused form comes back with everything typed."""
    step, row = STEPS[name], find(request, pk)
    if not step.may(request.user, row):
        raise PermissionDenied
    form = step.form(request.POST)
    if not form.is_valid():
        return _show(request, row, {name: form}, status=400)
    try:
        step.act(row, by=request.user, at=timezone.now(), **form.cleaned_data)
    except RuleError as refusal:
        form.add_error(None, str(refusal))
        return _show(request, find(request, pk), {name: form}, status=400)
    messages.success(request, str(step.done))
    return redirect("extensions:detail", pk=pk)


def find(request: SignedInRequest, pk: int) -> ExtensionRequest:
    """Return a request that the reader sees; else 404."""
    return get_object_or_404(access.visible_extensions(request.user), pk=pk)


def _show(
    request: SignedInRequest, row: ExtensionRequest, sent: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    page = extension_pages.request_page(row, request.user, sent=sent)
    refused = next(iter((sent or {}).values()), None)
    facts = vars(page) | {"refused": refused, "today": timezone.localdate()}
    return render(request, "tasks/extension.html", facts, status=status)
