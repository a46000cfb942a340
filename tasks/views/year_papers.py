"""The register of papers of the year: the list, one of them, and its buttons."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.files import serving
from portal.files.refusals import FileRefused
from portal.files.worker.findings import Reason
from portal.lib.errors import BusyError, RuleError, StaleError
from portal.users.requests import SignedInRequest
from tasks import access, year_paper_access, year_papers
from tasks.models import Programme, YearPaper
from tasks.views import year_paper_pages
from tasks.views.reports import years
from tasks.views.stale_pages import stale
from tasks.year_paper_forms import FileForm, PaperForm, ReasonForm, first_facts

PAGE_SIZE = 50


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show the register of a year, narrowed by kind, by what it is about, by words."""
    year, every_year = years(request)
    facts: dict[str, Any] = {"year": year, "years": every_year, "page": None}
    programme = access.visible_programmes(request.user).select_related("host").filter(year=year).first()
    if programme:
        asked = year_paper_pages.chosen(request.GET)
        rows = year_paper_pages.found(request.user, programme, asked)
        facts |= year_paper_pages.facts_of_list(request.user, programme, asked)
        facts["page"] = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "tasks/year_papers.html", facts)


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _show(request, _find(request, pk))


def _find(request: SignedInRequest, pk: int) -> YearPaper:
    return get_object_or_404(year_paper_access.visible_papers(request.user), pk=pk)


def _show(
    request: SignedInRequest, paper: YearPaper, name: str = "", form: Form | None = None, *, status: int = 400
) -> HttpResponse:
    """Return its page; with a form as it was sent and refused."""
    page = year_paper_pages.paper_page(paper, request.user, sent={name: form} if form else {})
    return render(request, "tasks/year_paper.html", vars(page), status=status if form else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: SignedInRequest, year: int) -> HttpResponse:
    """Enter a paper in the register of a year."""
    seen = access.visible_programmes(request.user).select_related("host")
    programme: Programme = get_object_or_404(seen, year=year)
    if not year_paper_access.may_register(request.user, programme):
        raise PermissionDenied
    form = PaperForm(request.POST or None, programme=programme, initial={"issuer": programme.host.name})
    if request.method == "POST" and form.is_valid():
        try:
            paper = year_papers.enter(programme, by=request.user, at=timezone.now(), facts=form.facts())
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Entered in the register. Its file may be put in now."))
            return redirect(paper)
    facts = {"form": form, "programme": programme}
    return render(request, "tasks/year_paper_form.html", facts, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: SignedInRequest, pk: int) -> HttpResponse:
    """Write a row anew."""
    paper = _find(request, pk)
    if not year_paper_access.may_register(request.user, paper.programme):
        raise PermissionDenied
    initial = first_facts(paper) | {"version": year_papers.version_of(paper)}
    form = PaperForm(request.POST or None, programme=paper.programme, initial=initial)
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        try:
            year_papers.amend(paper, by=request.user, at=timezone.now(), facts=form.facts(), version=version)
        except StaleError as error:
            return stale(request, error, form, paper.get_absolute_url())
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The row was saved."))
            return redirect(paper)
    facts = {"form": form, "programme": paper.programme, "paper": paper}
    return render(request, "tasks/year_paper_form.html", facts, status=400 if form.is_bound else 200)


@require_safe
def download(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Send the file to those who read the programme; a recalled one is told instead (410)."""
    paper = _find(request, pk)
    if paper.file is None:
        raise Http404
    return serving.send(request, paper.file, name=paper.file_name)


@require_POST
def put(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put its file in; after a refusal the file must be chosen again."""
    paper = _find(request, pk)
    if not year_paper_access.may_register(request.user, paper.programme):
        raise PermissionDenied
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, paper, "put", form)
    try:
        year_papers.upload(paper, by=request.user, at=timezone.now(), **form.cleaned_data)
    except RuleError as refusal:
        is_busy, is_file = isinstance(refusal, BusyError), isinstance(refusal, FileRefused)
        form.add_error("sent" if is_busy or is_file else None, str(refusal))
        is_large = isinstance(refusal, FileRefused) and refusal.reason is Reason.TOO_LARGE
        status = 503 if is_busy else 413 if is_large else 400
        return _show(request, _find(request, pk), "put", form, status=status)
    messages.success(request, _("The file was checked and put in."))
    return redirect(paper)


@require_POST
def strike(request: SignedInRequest, pk: int) -> HttpResponse:
    """Strike a row out."""
    paper = _find(request, pk)
    if not year_paper_access.may_register(request.user, paper.programme):
        raise PermissionDenied
    return _end(request, paper, "strike", year_papers.strike, _("The row was struck out."))


@require_POST
def recall(request: SignedInRequest, pk: int) -> HttpResponse:
    """Recall its file."""
    paper = _find(request, pk)
    if not year_paper_access.may_recall(request.user):
        raise PermissionDenied
    done = _("The document was recalled; nobody can download it any more.")
    return _end(request, paper, "recall", year_papers.recall, done)


def _end(
    request: SignedInRequest, paper: YearPaper, name: str, act: Callable[..., None], done: str
) -> HttpResponse:
    """Do what needs a reason; a refused form comes back as it was sent."""
    form = ReasonForm(request.POST, auto_id=f"id_{name}_%s")
    if form.is_valid():
        try:
            act(paper, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"])
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect(paper)
    return _show(request, _find(request, paper.pk), name, form)
