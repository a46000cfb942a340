"""The consolidated report of a period: reading it, editing one part, and its steps. For the command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from portal.files import serving
from portal.lib.errors import RuleError, StaleError
from portal.lib.templatetags.portal_ui import vn_datetime
from portal.papers.reports import render_report
from portal.users.models import User
from portal.users.requests import SignedInRequest
from tasks import access, consolidation_paper, consolidations
from tasks.consolidation_forms import FreezeForm, NumberForm, PartForm, StepForm
from tasks.models import Consolidation, ReportingPeriod
from tasks.paragraph_forms import AddForm
from tasks.views import consolidation_pages
from tasks.views.consolidation_pages import PartPage, Tab
from tasks.views.reports import AUTOSAVED
from tasks.views.stale_pages import changed_fields


@dataclass(frozen=True)
class Step:
    """One button: the action, its form, who may press it, what is said afterwards."""

    act: Callable[..., Any]
    form: type[StepForm]
    may: Callable[[User, ReportingPeriod], bool]
    done: str | Promise


STEPS: Mapping[str, Step] = {
    "refresh": Step(consolidations.refresh, StepForm, access.may_consolidate, ""),
    "freeze": Step(
        consolidations.freeze,
        FreezeForm,
        access.may_freeze_consolidation,
        gettext_lazy("The consolidated report is frozen."),
    ),
    "number": Step(
        consolidations.give_number,
        NumberForm,
        access.may_number_consolidation,
        gettext_lazy("Number and date are noted."),
    ),
}


def _period(request: SignedInRequest, pk: int) -> ReportingPeriod:
    """Return a period that the reader sees; 403 for who is not of the command."""
    period = get_object_or_404(access.visible_periods(request.user), pk=pk)
    if not access.may_see_every_figure(request.user):
        raise PermissionDenied
    return period


def _row(request: SignedInRequest, pk: int) -> Consolidation:
    return get_object_or_404(access.visible_consolidations(request.user), period=_period(request, pk))


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the report as it reads; before the first draft what the agencies' reports say, gathered."""
    page = consolidation_pages.page(_period(request, pk), request.user, today=timezone.localdate())
    return render(request, "tasks/consolidation.html", vars(page) | {"steps": page.steps})


@require_safe
def paper(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send the report as a paper of Decree 30."""
    row = _row(request, pk)
    made = consolidation_paper.paper_of(row, consolidations.written(row), at=timezone.now())
    name = f"bao-cao-tong-hop-{row.period.code}{'' if row.is_frozen else '-du-thao'}.pdf"
    return serving.made(render_report(made), name=name, media_type="application/pdf")


@require_POST
def draft(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make the draft from the reports."""
    period = _period(request, pk)
    try:
        consolidations.draft(period, by=request.user, at=timezone.now())
    except RuleError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("The draft is made. Read it part by part."))
    return redirect("consolidations:detail", pk=pk)


@require_POST
def act(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """Do one step; a refused form comes back with everything typed."""
    step, period = STEPS[name], _period(request, pk)
    if not step.may(request.user, period):
        raise PermissionDenied
    row = _row(request, pk)
    form = step.form(request.POST, consolidation=row)
    if form.is_valid():
        try:
            result = step.act(row, by=request.user, at=timezone.now(), **form.cleaned_data)
        except StaleError as error:
            back_url = reverse("consolidations:detail", args=[pk])
            facts = {"reason": str(error), "changes": changed_fields(form), "back_url": back_url}
            return render(request, "409.html", facts, status=409)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, str(step.done) or consolidation_pages.counted(result))
            return redirect("consolidations:detail", pk=pk)
    page = consolidation_pages.page(period, request.user, today=timezone.localdate(), refused=form, name=name)
    return render(request, "tasks/consolidation.html", vars(page) | {"steps": page.steps}, status=400)


# --- One part ------------------------------------------------------------------------------------------
def _edited(request: SignedInRequest, pk: int, slug: str) -> tuple[Consolidation, Tab]:
    """Return the draft with the part that is edited; 403 for who does not write."""
    if not access.may_consolidate(request.user, _period(request, pk)):
        raise PermissionDenied
    row = _row(request, pk)
    tab = consolidation_pages.find_tab(row, slug)
    if tab is None:
        raise Http404
    return row, tab


@require_safe
def part(request: SignedInRequest, pk: int, slug: str) -> HttpResponse:
    """Show one part as a form; a frozen report has none."""
    row, tab = _edited(request, pk, slug)
    if row.is_frozen:
        return redirect("consolidations:detail", pk=pk)
    return _show(request, consolidation_pages.part_page(row, tab))


def _show(request: SignedInRequest, page: PartPage, *, status: int = 200) -> HttpResponse:
    return render(request, "tasks/consolidation_part.html", vars(page), status=status)


@require_POST
def save(request: SignedInRequest, pk: int, slug: str) -> HttpResponse:
    """Keep what was typed: by its button, or by the page's script in the pauses."""
    row, tab = _edited(request, pk, slug)
    form = consolidation_pages.part_form(row, tab.part, request.POST)
    if form.is_valid():
        typed, seen = form.typed, form.cleaned_data["version"]
        try:
            consolidations.save(
                row, by=request.user, at=timezone.now(), part=tab.part, typed=typed, version=seen
            )
        except StaleError as error:
            return _stale(request, row, tab, error)
        except RuleError as error:
            form.add_error(None, str(error))
    if form.errors:
        return _refused(request, row, tab, form)
    if _is_autosave(request):
        saved = _("Saved %(moment)s") % {"moment": vn_datetime(row.saved_at)}
        return JsonResponse({"version": consolidations.version_of(row), "message": saved})
    messages.success(request, _("The draft is saved."))
    return redirect(tab.url)


@require_POST
def add(request: SignedInRequest, pk: int, slug: str) -> HttpResponse:
    """Add paragraphs of the officer's own."""
    row, tab = _edited(request, pk, slug)
    form = AddForm(request.POST)
    if form.is_valid():
        text = form.cleaned_data["text"]
        try:
            consolidations.add(row, by=request.user, at=timezone.now(), part=tab.part, text=text)
        except RuleError as error:
            form.add_error(None, str(error))
    if form.errors:
        return _show(request, consolidation_pages.part_page(row, tab, add_form=form), status=400)
    messages.success(request, _("Added at the end."))
    return redirect(tab.url)


def _is_autosave(request: SignedInRequest) -> bool:
    return request.headers.get("Accept") == AUTOSAVED


def _refused(request: SignedInRequest, row: Consolidation, tab: Tab, form: PartForm) -> HttpResponse:
    if _is_autosave(request):
        first = next(iter(form.errors.values()))[0]
        return JsonResponse({"message": _("Not saved: %(why)s") % {"why": first}}, status=400)
    return _show(request, consolidation_pages.part_page(row, tab, form=form), status=400)


def _stale(request: SignedInRequest, row: Consolidation, tab: Tab, error: StaleError) -> HttpResponse:
    """Show what was typed beside what stands there now."""
    if _is_autosave(request):
        return JsonResponse({"message": str(error)}, status=409)
    now = consolidation_pages.part_form(row, tab.part, request.POST)
    facts = {
        "reason": str(error),
        "changes": changed_fields(now),
        "back_url": reverse("consolidations:part", args=[row.period_id, tab.slug]),
    }
    return render(request, "409.html", facts, status=409)
