"""The list of assignments, one assignment, and the buttons on it."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.files import serving
from portal.lib.errors import RuleError, StaleError
from portal.papers.tables import XLSX_TYPE, to_xlsx
from portal.users.requests import SignedInRequest
from tasks import filters, lights, standings
from tasks.models import Assignment
from tasks.models.assignments import AssignmentQuerySet
from tasks.views import citation_panel, pages
from tasks.views.steps import STEPS, make_form

PAGE_SIZE = 50


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show the assignments that the address asks for."""
    today = timezone.localdate()
    chosen, shown = _chosen(request, today)
    page = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = lights.lit(list(page.object_list), today)
    facts = {"filter": chosen, "page": page, "today": today, "tabs": pages.tabs(chosen)}
    return render(request, "tasks/list.html", facts, status=400 if chosen.form.errors else 200)


@require_safe
def export(request: SignedInRequest) -> HttpResponse:
    """Send the same assignments as a workbook."""
    today = timezone.localdate()
    _filter, shown = _chosen(request, today)
    shown = citation_panel.with_papers(shown, request.user)
    headings, rows = pages.table(lights.lit(list(shown), today))
    book = to_xlsx(
        _("Assignments"), headings, rows, widths=[5, 8, 45, 35, 20, 12, 18, 12, 12, 12, 14, 50, 24, 40, 40]
    )
    return serving.made(book, name=f"nhiem-vu-{today:%Y-%m-%d}.xlsx", media_type=XLSX_TYPE)


def _chosen(request: SignedInRequest, today: dt.date) -> tuple[filters.AssignmentFilter, AssignmentQuerySet]:
    """Return the filter of the address, and its rows with what their lights need."""
    rows = filters.listed(request.user, today)
    year = filters.current_year(request.user)
    chosen = filters.AssignmentFilter(request.GET, rows, user=request.user, year=year, today=today)
    return chosen, lights.with_lights(chosen.qs, request.user, today)


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return show(request, pk)


@require_POST
def act(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """Do one step of an assignment; a refused form comes back with everything typed."""
    step = STEPS[name]
    assignment = find(request, pk)
    form = make_form(name, assignment, request.POST)
    if not form.is_valid():
        return show(request, pk, refused=form)
    try:
        step.act(assignment, by=request.user, at=timezone.now(), **step.values(form.cleaned_data))
    except StaleError as error:
        return _stale(request, pk, form, error)
    except RuleError as error:
        form.add_error(None, str(error))
        return show(request, pk, refused=form)
    messages.success(request, str(step.done))
    return redirect("assignments:detail", pk=pk)


def find(request: SignedInRequest, pk: int) -> Assignment:
    """Return an assignment that the reader sees, with all that its page needs; else 404."""
    today = timezone.localdate()
    rows = lights.with_lights(filters.listed(request.user, today), request.user, today)
    rows = rows.select_related("programme__host", "programme__co_host", "measure", "source__paper")
    row = get_object_or_404(rows.prefetch_related("solutions", "coordinations__agency"), pk=pk)
    standings.name_missed([row])
    return row


def show(
    request: SignedInRequest,
    pk: int,
    *,
    refused: Any = None,
    upload: Any = None,
    product: Any = None,
    status: int = 400,
) -> HttpResponse:
    """Return an assignment's page; with a step, an upload or a product as it was sent and refused (400)."""
    page = pages.assignment_page(
        find(request, pk),
        request.user,
        today=timezone.localdate(),
        refused=refused,
        upload=upload,
        product=product,
    )
    is_refused = refused or upload or product
    return render(request, "tasks/detail.html", vars(page), status=status if is_refused else 200)


def _stale(request: SignedInRequest, pk: int, form: Any, error: StaleError) -> HttpResponse:
    """Show what was typed beside what stands there now."""
    facts = {
        "reason": str(error),
        "changes": pages.changes(form, find(request, pk)),
        "back_url": reverse("assignments:detail", args=[pk]),
    }
    return render(request, "409.html", facts, status=409)
