"""Indicators: the list, one with its distribution and figures, and the forms that change them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.agencies.models import Agency
from portal.files import serving
from portal.lib.errors import RuleError, StaleError
from portal.papers.tables import XLSX_TYPE, to_xlsx
from portal.users.requests import SignedInRequest
from tasks import access, figures, indicator_access, indicators, quotas
from tasks.indicator_forms import (
    CorrectionForm,
    DefinitionForm,
    DistributionForm,
    FigureForm,
    ReopenForm,
)
from tasks.models import Assignment, Figure, Locality, Quota
from tasks.views import indicator_pages as pages
from tasks.views import joint_pages
from tasks.views.reports import years
from tasks.views.stale_pages import changed_fields

FORM = ["GET", "HEAD", "POST"]


# --- The list ------------------------------------------------------------------------------------------
@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show the indicators of a year whose progress the reader sees."""
    return render(request, "tasks/indicator_list.html", vars(_list_page(request)))


@require_safe
def export(request: SignedInRequest) -> HttpResponse:
    """Send the same list as a workbook."""
    page = _list_page(request)
    headings, rows = pages.table(page)
    title = _("Indicators of %(year)s") % {"year": page.choice.year}
    widths = [5, 8, 45, 40, 12, 12, 12, 12, 8, 18]
    book = to_xlsx(title, headings, rows, widths=widths)
    name = f"ket-qua-chi-tieu-{page.choice.year}.xlsx"
    return serving.made(book, name=name, media_type=XLSX_TYPE)


def _list_page(request: SignedInRequest) -> pages.ListPage:
    year, every_year = years(request)
    choice = pages.read_choice(request.GET, year)
    return pages.list_page(request.user, choice, every_year, timezone.localdate())


@require_safe
def joint(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what several assignments make up together, by locality."""
    rows = indicator_access.visible_joint_indicators(request.user)
    parts = ("parts__programme", "parts__lead", "parts__task", "parts__measure")
    found = get_object_or_404(rows.prefetch_related(*parts), pk=pk)
    page = joint_pages.joint_page(found, request.user, timezone.localdate())
    return render(request, "tasks/indicator_joint.html", vars(page))


# --- One -------------------------------------------------------------------------------------------------
@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _show(request, find(request, pk))


@require_safe
def export_parts(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send the distribution with what was achieved as a workbook."""
    assignment = find(request, pk)
    page = pages.indicator_page(assignment, request.user, today=timezone.localdate())
    headings, rows = pages.part_table(page)
    title = _("Indicator %(code)s") % {"code": assignment.code}
    book = to_xlsx(title, headings, rows, widths=[5, 40, 14, 14, 8, 14])
    return serving.made(book, name=f"chi-tieu-{assignment.code}.xlsx", media_type=XLSX_TYPE)


def find(request: SignedInRequest, pk: int) -> Assignment:
    """Return an assignment whose figures the reader sees, with all that its page needs; else 404."""
    rows = pages.with_newest(indicator_access.measured_assignments(request.user)).select_related(
        "programme__host", "task", "lead", "measure__settled_by"
    )
    return get_object_or_404(rows.prefetch_related("coordinations__agency"), pk=pk)


def _show(
    request: SignedInRequest, assignment: Assignment, *, refused: ReopenForm | None = None
) -> HttpResponse:
    number = request.GET.get("page")
    page = pages.indicator_page(
        assignment, request.user, today=timezone.localdate(), number=number, reopen_form=refused
    )
    return render(request, "tasks/indicator.html", vars(page), status=400 if refused else 200)


# --- How it is measured, and how the target is divided -----------------------------------------------------
@require_http_methods(FORM)
def define(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say what counts as better and what becomes of several entries."""
    assignment = find(request, pk)
    if not indicator_access.may_define_indicator(request.user, assignment):
        raise PermissionDenied
    form = DefinitionForm(request.POST or None, indicator=indicators.in_hand(assignment))

    def act() -> None:
        quotas.define(
            assignment,
            by=request.user,
            at=timezone.now(),
            definition=form.definition,
            version=form.cleaned_data["version"],
        )

    facts = {"assignment": assignment, "form": form}
    return _carry_out(request, act, "tasks/indicator_define.html", facts, done=_("Saved."))


@require_http_methods(FORM)
def distribute(request: SignedInRequest, pk: int) -> HttpResponse:
    """Divide the target; the draft is saved whole."""
    assignment = find(request, pk)
    if not indicator_access.may_distribute(request.user, assignment):
        raise PermissionDenied
    shares = _shares(request, assignment)
    form = DistributionForm(
        request.POST or None,
        indicator=indicators.in_hand(assignment),
        quotas=shares,
        agencies=_agencies(assignment),
        localities=_localities(request, assignment, shares),
    )

    def act() -> None:
        quotas.distribute(
            assignment,
            by=request.user,
            at=timezone.now(),
            shares=form.shares,
            note=form.cleaned_data["note"],
            version=form.cleaned_data["version"],
        )

    facts = {"assignment": assignment, "form": form}
    done = _("The draft is saved.")
    return _carry_out(request, act, "tasks/indicator_distribute.html", facts, done=done)


def _shares(request: SignedInRequest, assignment: Assignment) -> list[Quota]:
    return list(indicator_access.visible_quotas(request.user).filter(indicator__assignment=assignment))


def _agencies(assignment: Assignment) -> list[Agency]:
    return [assignment.lead, *(share.agency for share in assignment.coordinations.all())]


def _localities(request: SignedInRequest, assignment: Assignment, shares: list[Quota]) -> list[Locality]:
    """The units that exist while the work is done, and those that have a share."""
    _first, last = indicators.span(assignment)
    day = min(timezone.localdate(), last)
    register = indicator_access.visible_localities(request.user)
    held = [row.locality_id for row in shares if row.locality_id]
    valid = register.valid_on(day).values("pk")
    return list(register.filter(Q(pk__in=valid) | Q(pk__in=held)))


@require_POST
def settle(request: SignedInRequest, pk: int) -> HttpResponse:
    """Settle the distribution; when it does not add up, say by how much."""
    assignment = find(request, pk)
    version = request.POST.get("version", "")[:20]
    try:
        quotas.settle(assignment, by=request.user, at=timezone.now(), version=version)
    except StaleError as error:
        return _stale(request, pk, error)
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The distribution is settled; agencies with a share were told."))
    return redirect("indicators:detail", pk=pk)


@require_POST
def reopen(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open a settled distribution again, with a reason."""
    assignment = find(request, pk)
    if not indicator_access.may_settle_distribution(request.user, assignment):
        raise PermissionDenied
    form = ReopenForm(request.POST, assignment=assignment, indicator=indicators.in_hand(assignment))
    if not form.is_valid():
        return _show(request, assignment, refused=form)
    try:
        quotas.reopen(assignment, by=request.user, at=timezone.now(), **form.cleaned_data)
    except StaleError as error:
        return _stale(request, pk, error, form)
    except RuleError as error:
        form.add_error(None, str(error))
        return _show(request, find(request, pk), refused=form)
    messages.success(request, _("The distribution is open again."))
    return redirect("indicators:detail", pk=pk)


# --- Figures ---------------------------------------------------------------------------------------------
@require_http_methods(FORM)
def enter(request: SignedInRequest, pk: int) -> HttpResponse:
    """Enter the figures of a day."""
    assignment = find(request, pk)
    shares = _shares(request, assignment)
    own = pages.own_shares(request.user, assignment, shares)
    if not own and not access.may_work(request.user, assignment):
        raise PermissionDenied
    form = FigureForm(
        request.POST or None, assignment=assignment, quotas=own, initial={"on": timezone.localdate()}
    )

    def act() -> None:
        figures.enter(
            assignment,
            by=request.user,
            at=timezone.now(),
            on=form.cleaned_data["on"],
            values=form.values,
        )

    facts = {"assignment": assignment, "form": form}
    done = _("The figures were entered; what was achieved follows their total.")
    return _carry_out(request, act, "tasks/indicator_enter.html", facts, done=done)


@require_http_methods(FORM)
def correct(request: SignedInRequest, pk: int, figure_pk: int) -> HttpResponse:
    """Correct one figure by another, with a reason."""
    assignment = find(request, pk)
    figure = get_object_or_404(
        indicator_access.visible_figures(request.user), pk=figure_pk, indicator__assignment=pk
    )
    if not _may_correct(request, assignment, figure):
        raise PermissionDenied
    form = CorrectionForm(request.POST or None, figure=figure)

    def act() -> None:
        figures.correct(figure, by=request.user, at=timezone.now(), **form.cleaned_data)

    facts = {"assignment": assignment, "form": form, "figure": figure}
    done = _("The figure was corrected; the earlier one stays in the history.")
    return _carry_out(request, act, "tasks/indicator_correct.html", facts, done=done)


def _may_correct(request: SignedInRequest, assignment: Assignment, figure: Figure) -> bool:
    agency_id = figure.quota.agency_id if figure.quota else None
    return indicator_access.may_enter_figure(request.user, assignment, agency_id)


def _carry_out(
    request: SignedInRequest,
    act: Callable[[], None],
    template: str,
    facts: dict[str, Any],
    *,
    done: str,
) -> HttpResponse:
    """Show the form, or do what it asks; refused, it comes back with everything typed.

    `facts` hold the assignment and the form, for the template.
    """
    form, pk = facts["form"], facts["assignment"].pk
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except StaleError as error:
            return _stale(request, pk, error, form)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, done)
            return redirect("indicators:detail", pk=pk)
    shown = facts | {"measure": indicators.in_hand(facts["assignment"])}
    return render(request, template, shown, status=400 if form.errors else 200)


def _stale(request: SignedInRequest, pk: int, error: StaleError, form: Form | None = None) -> HttpResponse:
    """Show what was typed beside what stands there now."""
    facts = {
        "reason": str(error),
        "changes": changed_fields(form) if form else [],
        "back_url": reverse("indicators:detail", args=[pk]),
    }
    return render(request, "409.html", facts, status=409)
