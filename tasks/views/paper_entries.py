"""Enter what an agency sent on paper, open the scan, and recall it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.files import serving
from portal.files.refusals import FileRefused
from portal.lib.errors import BusyError, RuleError, StaleError
from portal.users.requests import SignedInRequest
from tasks import access, paper_access, paper_entries, paper_results, report_contents, reports
from tasks.forms import EvidenceReasonForm
from tasks.models import Report
from tasks.paper_forms import LeadPaperForm, PaperForm
from tasks.report_forms import ReportForm
from tasks.reports import IncompleteError
from tasks.states import EDITABLE_REPORT
from tasks.views.assignments import find
from tasks.views.stale_pages import changed_fields

FORM = ["GET", "HEAD", "POST"]


@require_http_methods(FORM)
def report(request: SignedInRequest, pk: int) -> HttpResponse:
    """Enter an agency's report from paper; what lacks is said beside the fields, the file is chosen again."""
    row = get_object_or_404(access.visible_reports(request.user), pk=pk)
    if not paper_access.may_enter_report(request.user, row):
        raise PermissionDenied
    if request.method != "POST":
        return _report_page(request, row, PaperForm(), _report_form(row, None))
    paper, form, status = PaperForm(request.POST, request.FILES), _report_form(row, request.POST), 400
    if not all([form.is_valid(), paper.is_valid()]):
        return _report_page(request, row, paper, form, status=status)
    given = {"draft": form.draft, "paper": paper.paper, "version": form.cleaned_data["version"]}
    try:
        reports.enter(row, by=request.user, at=timezone.now(), **given, **paper.upload)
    except StaleError as error:
        now = _report_form(get_object_or_404(access.visible_reports(request.user), pk=pk), request.POST)
        return _stale(request, error, {"changes": changed_fields(now)})
    except IncompleteError as error:
        paper.add_error(None, str(error))
        form = _report_form(row, request.POST, lacks=error.lacks)
    except RuleError as refusal:
        status = _add(paper, refusal)
    else:
        messages.success(request, _("The report was entered from paper; another person accepts it."))
        return redirect("reports:detail", pk=pk)
    row.refresh_from_db()  # what the refused action wrote was taken back
    return _report_page(request, row, paper, form, status=status)


def _report_page(
    request: SignedInRequest, row: Report, paper: PaperForm, form: ReportForm, *, status: int = 200
) -> HttpResponse:
    facts = {"report": row, "paper": paper, "form": form if row.state in EDITABLE_REPORT else None}
    return render(request, "tasks/paper_report.html", facts, status=status)


def _report_form(report: Report, data: Any, *, lacks: Any = ()) -> ReportForm:
    before = report_contents.previous(report)
    items = report_contents.items(report, before)
    return ReportForm(data, report=report, items=items, before=before, lacks=lacks)


@require_http_methods(FORM)
def assignment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Enter the lead's result, or its acceptance, from paper."""
    row = find(request, pk)
    if not paper_access.may_enter_for_lead(request.user, row):
        raise PermissionDenied
    if request.method != "POST":
        blank = LeadPaperForm(assignment=row)
        return render(request, "tasks/paper_assignment.html", {"assignment": row, "form": blank})
    form, status = LeadPaperForm(request.POST, request.FILES, assignment=row), 400
    if form.is_valid():
        given = form.entry | form.upload
        try:
            paper_results.enter(row, by=request.user, at=timezone.now(), paper=form.paper, **given)
        except StaleError as error:
            return _stale(request, error, {})
        except RuleError as refusal:
            status = _add(form, refusal)
        else:
            messages.success(request, _("Entered from paper; another person decides on it."))
            return redirect("assignments:detail", pk=pk)
    return render(request, "tasks/paper_assignment.html", {"assignment": row, "form": form}, status=status)


def _add(form: PaperForm, refusal: RuleError) -> int:
    """Say the refusal on the form, what is about the file beside it; return the status of the page."""
    about_file = isinstance(refusal, FileRefused | BusyError)
    form.add_error("sent" if about_file else None, str(refusal))
    return 503 if isinstance(refusal, BusyError) else 400


def _stale(request: SignedInRequest, error: StaleError, facts: dict[str, Any]) -> HttpResponse:
    facts = {"reason": str(error), "back_url": request.path, **facts}
    return render(request, "409.html", facts, status=409)


@require_safe
def scan(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Send the scan to those who see it."""
    entry = get_object_or_404(paper_access.visible_scans(request.user), pk=pk)
    return serving.send(request, entry.file, name=entry.name)


@require_http_methods(FORM)
def recall(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for the reason, then recall the scan; what was entered stays."""
    entry = get_object_or_404(paper_access.visible_scans(request.user), pk=pk)
    if not paper_access.may_recall(request.user):
        raise PermissionDenied
    form = EvidenceReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            paper_entries.recall(entry, by=request.user, at=timezone.now(), **form.cleaned_data)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The document was recalled; nobody can download it any more."))
            return redirect("home")
    status = 400 if request.method == "POST" else 200
    return render(request, "tasks/paper_recall.html", {"entry": entry, "form": form}, status=status)
