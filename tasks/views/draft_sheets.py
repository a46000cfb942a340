"""Sheets of assignments: the template, sending one, what it says, and adding it whole."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.files import serving
from portal.files.refusals import FileRefused
from portal.files.worker.findings import Reason
from portal.lib.errors import BusyError, RuleError
from portal.papers.tables import XLSX_TYPE, to_xlsx
from portal.users.requests import SignedInRequest
from tasks import assignment_imports, draft_access, import_checks
from tasks.draft_forms import SheetForm
from tasks.models import AssignmentImport
from tasks.views import draft_pages
from tasks.views.drafts import find

WIDTHS = (8, 14, 12, 50, 30, 40, 12, 14, 14, 30, 14, 12, 24, 14, 40)


@require_safe
def template(request: SignedInRequest, year: int) -> HttpResponse:
    """Send an empty sheet with the headings that the portal knows."""
    find(request, year)
    book = to_xlsx(_("Assignments"), [one.heading for one in import_checks.COLUMNS], [], widths=WIDTHS)
    return serving.made(book, name=f"mau-nhiem-vu-{year}.xlsx", media_type=XLSX_TYPE)


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: SignedInRequest, year: int) -> HttpResponse:
    """Take a workbook; what stands in it is shown before anything is added."""
    programme = find(request, year)
    status, form = 200, SheetForm()
    if request.method == "POST":
        status, form = 400, SheetForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                sheet = assignment_imports.upload(
                    programme, by=request.user, at=timezone.now(), sent=form.cleaned_data["sent"]
                )
            except RuleError as refusal:
                form.add_error("sent", str(refusal))
                status = _status(refusal)
            else:
                return redirect(sheet)
    sheets = draft_access.visible_imports(request.user).filter(programme=programme)[:10]
    facts = {
        "programme": programme,
        "form": form,
        "sheets": sheets,
        "columns": import_checks.COLUMNS,
        "is_open": draft_pages.is_open(programme),
    }
    return render(request, "tasks/draft_import.html", facts, status=status)


def _status(refusal: RuleError) -> int:
    if isinstance(refusal, BusyError):
        return 503
    return 413 if isinstance(refusal, FileRefused) and refusal.reason is Reason.TOO_LARGE else 400


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what a sheet says: the assignments it would add, or every error with row and column."""
    page = draft_pages.sheet_page(_find(request, pk), request.user, today=timezone.localdate())
    return render(request, "tasks/draft_sheet.html", vars(page))


@require_POST
def load(request: SignedInRequest, pk: int) -> HttpResponse:
    """Add every row of the sheet to the draft."""
    sheet = _find(request, pk)
    count = assignment_imports.load(sheet, by=request.user, at=timezone.now())
    text = ngettext(
        "%(count)s assignment was added from the sheet.",
        "%(count)s assignments were added from the sheet.",
        count,
    )
    messages.success(request, text % {"count": count})
    return redirect("drafting:board", year=sheet.programme.year)


@require_POST
def discard(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give the sheet up."""
    sheet = _find(request, pk)
    assignment_imports.discard(sheet, by=request.user, at=timezone.now())
    messages.success(request, _("The sheet was discarded; nothing of it was added."))
    return redirect("drafting:import", year=sheet.programme.year)


def _find(request: SignedInRequest, pk: int) -> AssignmentImport:
    return get_object_or_404(draft_access.visible_imports(request.user), pk=pk)
