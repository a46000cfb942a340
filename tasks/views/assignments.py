"""The list of assignments, one assignment, and the buttons on it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from portal.lib.errors import RuleError, StaleError
from portal.users.requests import SignedInRequest
from tasks import filters
from tasks.models import Assignment
from tasks.views import pages
from tasks.views.steps import STEPS, make_form

PAGE_SIZE = 50


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show the assignments that the address asks for."""
    today = timezone.localdate()
    rows = filters.listed(request.user, today)
    chosen = filters.AssignmentFilter(
        request.GET, rows, user=request.user, year=filters.current_year(request.user)
    )
    page = Paginator(chosen.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    facts = {"filter": chosen, "page": page, "today": today, "tabs": pages.tabs(chosen)}
    return render(request, "tasks/list.html", facts, status=400 if chosen.form.errors else 200)


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
    rows = filters.listed(request.user, timezone.localdate()).select_related(
        "programme__host", "programme__co_host", "measure"
    )
    return get_object_or_404(rows.prefetch_related("solutions", "coordinations__agency"), pk=pk)


def show(
    request: SignedInRequest, pk: int, *, refused: Any = None, upload: Any = None, status: int = 400
) -> HttpResponse:
    """Return an assignment's page; with a step or an upload as it was sent and refused (400)."""
    page = pages.assignment_page(
        find(request, pk), request.user, today=timezone.localdate(), refused=refused, upload=upload
    )
    return render(request, "tasks/detail.html", vars(page), status=status if refused or upload else 200)


def _stale(request: SignedInRequest, pk: int, form: Any, error: StaleError) -> HttpResponse:
    """Show what was typed beside what stands there now."""
    facts = {
        "reason": str(error),
        "changes": pages.changes(form, find(request, pk)),
        "back_url": reverse("assignments:detail", args=[pk]),
    }
    return render(request, "409.html", facts, status=409)
