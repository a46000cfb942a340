"""The papers that an assignment cites: its source document, and the products its lead names."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.lib.errors import RuleError, StaleError
from portal.users.requests import SignedInRequest
from tasks import citation_access, citations, year_paper_access
from tasks.citation_forms import ProductForm, SourceForm
from tasks.states import YearPaperState
from tasks.views.assignments import find, show
from tasks.views.stale_pages import stale


@require_http_methods(["GET", "HEAD", "POST"])
def source(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for the document that gives the assignment out."""
    assignment = find(request, pk)
    if not citation_access.may_cite(request.user, assignment):
        raise PermissionDenied
    row = getattr(assignment, "source", None)
    names = ("number", "issued_on", "subject", "clause")
    initial = {
        "version": citations.version_of(assignment),
        "paper": getattr(row, "paper_id", None),
        **{name: getattr(row, name, "") for name in names},
    }
    papers = year_paper_access.visible_papers(request.user).filter(programme=assignment.programme_id)
    form = SourceForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        papers=papers.filter(state=YearPaperState.ENTERED),
    )
    if form.is_valid():
        version = form.cleaned_data["version"]
        try:
            citations.cite(
                assignment, by=request.user, at=timezone.now(), source=form.source, version=version
            )
        except StaleError as error:
            return stale(request, error, form, assignment.get_absolute_url())
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The source document was saved."))
            return redirect("assignments:detail", pk=pk)
    facts = {"assignment": assignment, "form": form}
    return render(request, "tasks/source.html", facts, status=400 if form.errors else 200)


@require_POST
def name(request: SignedInRequest, pk: int) -> HttpResponse:
    """Name a product; a refused form comes back as it was sent."""
    assignment = find(request, pk)
    if not citation_access.may_name(request.user, assignment):
        raise PermissionDenied
    form = ProductForm(request.POST, files=citation_access.files_of(assignment))
    if form.is_valid():
        try:
            citations.name(assignment, by=request.user, at=timezone.now(), **form.cleaned_data)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The document was added to the result."))
            return redirect(f"{assignment.get_absolute_url()}#products")
    return show(request, pk, product=form)


@require_POST
def drop(request: SignedInRequest, pk: int, product_pk: int) -> HttpResponse:
    """Take a product out."""
    rows = citation_access.visible_products(request.user).select_related(
        "assignment__programme", "assignment__lead"
    )
    product = get_object_or_404(rows, pk=product_pk, assignment=pk)
    try:
        citations.drop(product, by=request.user, at=timezone.now())
    except RuleError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The document was taken out."))
    return redirect(f"{product.assignment.get_absolute_url()}#products")
