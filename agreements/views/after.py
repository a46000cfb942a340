"""What comes after the signatures: numbers, evidence, the package, and whether what is tracked was signed."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from agreements import access, packages, registers, sheets
from agreements import drifts as compared
from agreements.forms import YearForm
from portal.files import serving, store
from portal.papers.sheets import render_sheet
from portal.users.requests import SignedInRequest


@require_safe
def register(request: SignedInRequest) -> HttpResponse:
    """Show the numbers of a year (?year=, this one without), and what waits for one."""
    if not access.may_see_register(request.user):
        raise PermissionDenied
    this_year = timezone.localdate().year
    form = YearForm(request.GET)
    year = (form.cleaned_data["year"] if form.is_valid() else None) or this_year
    rows = registers.register(access.visible_documents(request.user), year, this_year=this_year)
    return render(request, "agreements/register.html", {"register": rows})


@require_safe
def drifts(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show whether what is tracked is what was signed, and every difference with who made it."""
    document = get_object_or_404(access.visible_documents(request.user), pk=pk)
    if not access.may_see_drifts(request.user, document):
        raise PermissionDenied
    programme = document.programme
    report = compared.verify_programme(programme, at=timezone.now(), in_full=False)
    facts = {
        "document": document,
        "report": report,
        "drifts": compared.told(programme, report.drifts),
        "renamed": compared.told(programme, report.renamed),
    }
    return render(request, "agreements/drifts.html", facts)


@require_safe
def evidence(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send the evidence sheet, as far as the reader may see it."""
    document = get_object_or_404(access.visible_documents(request.user), pk=pk)
    if not access.may_have_evidence(request.user, document):
        raise PermissionDenied
    sheet = sheets.evidence_sheet(document, reader=request.user, at=timezone.now())
    return serving.made(render_sheet(sheet), name=f"phieu-bang-chung-{pk}.pdf", media_type="application/pdf")


@require_safe
def package(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Send the signed file with all that one needs to judge it elsewhere."""
    document = get_object_or_404(access.visible_documents(request.user), pk=pk)
    try:
        content = packages.package(document, reader=request.user, at=timezone.now())
    except store.FileDamaged as error:
        return serving.damaged(request, document.head_id, error)
    name = f"{document.programme.year}-{document.symbol}-{document.head_seq:03}.zip"
    return serving.made(content, name=name, media_type="application/zip")
