"""Periodic reports: the lists, one report, and the buttons on it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.files import serving
from portal.lib.errors import RuleError, StaleError
from portal.lib.templatetags.portal_ui import vn_datetime
from portal.papers.reports import render_report
from portal.papers.tables import XLSX_TYPE, to_xlsx
from portal.users.requests import SignedInRequest
from tasks import access, filters, paper_access, periods, report_contents, report_paper, reports
from tasks.models import Report
from tasks.report_forms import LockForm, ReportForm
from tasks.reports import IncompleteError
from tasks.views import report_pages
from tasks.views.report_steps import STEPS, make_form
from tasks.views.stale_pages import changed_fields

AUTOSAVED = "application/json"
"""What the page's script accepts: it saves behind the writer's back and wants no page."""

MISSING = "missing"
"""In the address: the page says beside each field what it lacks."""


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show one's own agency's reports of a year; to the command all agencies by period."""
    today, user = timezone.localdate(), request.user
    year, every_year = years(request)
    rows = access.visible_reports(user).filter(period__programme__year=year)
    facts = {"year": year, "years": every_year, "today": today}
    if access.may_see_every_figure(user):
        silent = _is_silent_only(request)
        facts |= {"may_see_contacts": access.may_see_contacts(user)}
        facts |= {"grid": report_pages.grid(rows, today, is_silent_only=silent), "is_silent_only": silent}
        return render(request, "tasks/report_grid.html", facts)
    rows = paper_access.with_paper(rows).order_by("period__due_on", "period__code")
    cells = [report_pages.cell(row, today) for row in rows]
    return render(request, "tasks/report_list.html", facts | {"cells": cells})


@require_safe
def export(request: SignedInRequest) -> HttpResponse:
    """Send the table of agencies by periods as a workbook."""
    if not access.may_see_every_figure(request.user):
        raise PermissionDenied
    year, _all = years(request)
    rows = access.visible_reports(request.user).filter(period__programme__year=year)
    silent = _is_silent_only(request)
    headings, lines = report_pages.table(report_pages.grid(rows, timezone.localdate(), is_silent_only=silent))
    widths = [5, 45, *[22] * (len(headings) - 2)]
    book = to_xlsx(_("Reports of %(year)s") % {"year": year}, headings, lines, widths=widths)
    return serving.made(book, name=f"bao-cao-dinh-ky-{year}.xlsx", media_type=XLSX_TYPE)


def _is_silent_only(request: SignedInRequest) -> bool:
    """Whether the address asks for those alone that have not sent theirs."""
    return request.GET.get("silent") == "1"


def years(request: SignedInRequest) -> tuple[int, list[int]]:
    """Return the year that the address asks for, else the current one, and all; 0 when there is none."""
    shown = access.visible_programmes(request.user).order_by("-year")
    every_year = list(shown.values_list("year", flat=True))
    asked = request.GET.get("year", "")
    chosen = next((year for year in every_year if str(year) == asked), None)
    return chosen or filters.current_year(request.user) or 0, every_year


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a report; what it lacks too, when it was just refused for that."""
    report = find(request, pk)
    return _show(request, report, lacks=report_contents.missing(report) if MISSING in request.GET else [])


@require_safe
def paper(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send what the report said when it was last sent, as a paper of Decree 30."""
    report = find(request, pk)
    sending = report_paper.newest_sending(report)
    if sending is None:
        raise Http404
    name = f"bao-cao-{report.period.code}-{report.agency.code}.pdf"
    pdf = render_report(report_paper.paper_of(report, sending))
    return serving.made(pdf, name=name, media_type="application/pdf")


def find(request: SignedInRequest, pk: int) -> Report:
    return get_object_or_404(access.visible_reports(request.user), pk=pk)


def _show(request: SignedInRequest, report: Report, *, status: int = 200, **sent: Any) -> HttpResponse:
    """Return the page: a form for who writes it now, else what it says."""
    page = report_pages.report_page(report, request.user, today=timezone.localdate(), **sent)
    template = "tasks/report_form.html" if page.form else "tasks/report.html"
    return render(request, template, vars(page), status=status)


@require_POST
def save(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep what was typed: by its button, or by the page's script in the pauses."""
    report, form = _typed(request, pk)
    if not form.is_valid():
        return _refused(request, report, form)
    version = form.cleaned_data["version"]
    try:
        reports.save(report, by=request.user, at=timezone.now(), draft=form.draft, version=version)
    except StaleError as error:
        return _stale(request, pk, form, error)
    except RuleError as error:
        form.add_error(None, str(error))
        return _refused(request, report, form)
    if _is_autosave(request):
        saved = _("Saved %(moment)s") % {"moment": vn_datetime(report.saved_at)}
        return JsonResponse({"version": reports.version_of(report), "message": saved})
    messages.success(request, _("The draft is saved."))
    return redirect("reports:detail", pk=pk)


@require_POST
def submit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Save what was typed and submit it; what it lacks is said beside the fields."""
    report, form = _typed(request, pk)
    if not form.is_valid():
        return _refused(request, report, form)
    version = form.cleaned_data["version"]
    try:
        reports.submit(report, by=request.user, at=timezone.now(), draft=form.draft, version=version)
    except StaleError as error:
        return _stale(request, pk, form, error)
    except IncompleteError as error:
        messages.warning(request, str(error))
        return redirect(f"{report.get_absolute_url()}?{MISSING}")
    except RuleError as error:
        form.add_error(None, str(error))
        return _refused(request, report, form)
    messages.success(request, _("The report was submitted."))
    return redirect("reports:detail", pk=pk)


def _typed(request: SignedInRequest, pk: int) -> tuple[Report, ReportForm]:
    """Return the report with the form as it was sent; 403 for who does not write it."""
    report = find(request, pk)
    if not access.may_write_report(request.user, report):
        raise PermissionDenied
    before = report_contents.previous(report)
    items = report_contents.items(report, before)
    return report, ReportForm(request.POST, report=report, items=items, before=before)


def _is_autosave(request: SignedInRequest) -> bool:
    return request.headers.get("Accept") == AUTOSAVED


def _refused(request: SignedInRequest, report: Report, form: ReportForm) -> HttpResponse:
    if _is_autosave(request):
        first = next(iter(form.errors.values()))[0]
        return JsonResponse({"message": _("Not saved: %(why)s") % {"why": first}}, status=400)
    return _show(request, report, form=form, status=400)


def _stale(request: SignedInRequest, pk: int, form: ReportForm, error: StaleError) -> HttpResponse:
    """Show what was typed beside what stands there now."""
    if _is_autosave(request):
        return JsonResponse({"message": str(error)}, status=409)
    report = find(request, pk)
    now = ReportForm(request.POST, report=report, items=report_contents.items(report))
    facts = {
        "reason": str(error),
        "changes": changed_fields(now),
        "back_url": reverse("reports:detail", args=[pk]),
    }
    return render(request, "409.html", facts, status=409)


@require_POST
def act(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """Do one step of a report; a refused form comes back with everything typed."""
    step, report = STEPS[name], find(request, pk)
    form = make_form(name, report, request.POST)
    if not step.may(request.user, report):
        raise PermissionDenied
    if not form.is_valid():
        return _show(request, report, refused=form, status=400)
    try:
        step.act(report, by=request.user, at=timezone.now(), **form.cleaned_data)
    except StaleError as error:
        facts = {"reason": str(error), "changes": changed_fields(form)}
        facts["back_url"] = reverse("reports:detail", args=[pk])
        return render(request, "409.html", facts, status=409)
    except RuleError as error:
        form.add_error(None, str(error))
        return _show(request, find(request, pk), refused=form, status=400)
    messages.success(request, str(step.done))
    return redirect("reports:detail", pk=pk)


@require_safe
def period(request: SignedInRequest, pk: int) -> HttpResponse:
    return _period(request, pk, LockForm())


@require_POST
def lock(request: SignedInRequest, pk: int) -> HttpResponse:
    """Lock a period, with the reason."""
    form = LockForm(request.POST)
    row = get_object_or_404(access.visible_periods(request.user), pk=pk)
    if not access.may_lock_period(request.user, row):
        raise PermissionDenied
    if not form.is_valid():
        return _period(request, pk, form, status=400)
    try:
        periods.lock(row, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"])
    except RuleError as error:
        form.add_error(None, str(error))
        return _period(request, pk, form, status=400)
    messages.success(request, _("The period is locked."))
    return redirect("reports:period", pk=pk)


def _period(request: SignedInRequest, pk: int, form: LockForm, *, status: int = 200) -> HttpResponse:
    """Show who has sent the report of a period, those who have not first; to the command."""
    row = get_object_or_404(access.visible_periods(request.user), pk=pk)
    if not access.may_see_every_figure(request.user):
        raise PermissionDenied
    page = report_pages.period_page(
        row, request.user, today=timezone.localdate(), is_silent_only=_is_silent_only(request)
    )
    return render(request, "tasks/report_period.html", vars(page) | {"form": form}, status=status)
