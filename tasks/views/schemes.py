"""Schemes of several years: the list, one of them, entering and amending."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.files import serving
from portal.lib.errors import RuleError, StaleError
from portal.papers.tables import XLSX_TYPE, to_xlsx
from portal.users.requests import SignedInRequest
from tasks import access, milestones, scheme_access, schemes
from tasks.models import Scheme
from tasks.scheme_forms import EndForm, MilestoneForm, SchemeForm
from tasks.views import scheme_pages
from tasks.views.stale_pages import stale


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show the schemes that the reader sees, running ones first."""
    if not scheme_access.may_see(request.user):
        raise PermissionDenied
    page = scheme_pages.list_page(request.user, request.GET.get("kind", ""), today=timezone.localdate())
    return render(request, "tasks/schemes.html", vars(page))


@require_safe
def export(request: SignedInRequest) -> HttpResponse:
    """Send every milestone of these schemes as a workbook."""
    if not scheme_access.may_see(request.user):
        raise PermissionDenied
    today = timezone.localdate()
    headings, rows = scheme_pages.table(request.user, today)
    book = to_xlsx(_("Schemes, projects, master plans"), headings, rows, widths=scheme_pages.WIDTHS)
    return serving.made(book, name=f"de-an-du-an-quy-hoach-{today:%Y-%m-%d}.xlsx", media_type=XLSX_TYPE)


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _show(request, _find(request, pk))


def _find(request: SignedInRequest, pk: int) -> Scheme:
    return get_object_or_404(scheme_access.visible_schemes(request.user), pk=pk)


def _show(request: SignedInRequest, scheme: Scheme, **sent: Any) -> HttpResponse:
    """Return its page; with a form as it was sent and refused (400)."""
    page = scheme_pages.scheme_page(scheme, request.user, today=timezone.localdate(), sent=sent)
    return render(request, "tasks/scheme.html", vars(page), status=400 if sent else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: SignedInRequest) -> HttpResponse:
    """Enter a scheme."""
    if not scheme_access.may_keep(request.user):
        raise PermissionDenied
    form = SchemeForm(request.POST or None, agencies=access.visible_agencies(request.user))
    if request.method == "POST" and form.is_valid():
        try:
            made = schemes.enter(form.facts(), by=request.user, at=timezone.now())
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Entered. Now plan its milestones."))
            return redirect(made)
    return render(request, "tasks/scheme_form.html", {"form": form}, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: SignedInRequest, pk: int) -> HttpResponse:
    """Write what a scheme is anew."""
    scheme = _find(request, pk)
    if not scheme_access.may_keep(request.user):
        raise PermissionDenied
    initial = {name: getattr(scheme, name) for name in schemes.COLUMNS}
    initial |= {"coordinating": scheme.coordinating.all(), "version": schemes.version_of(scheme)}
    form = SchemeForm(request.POST or None, agencies=access.visible_agencies(request.user), initial=initial)
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        try:
            schemes.amend(scheme, by=request.user, at=timezone.now(), facts=form.facts(), version=version)
        except StaleError as error:
            return stale(request, error, form, scheme.get_absolute_url())
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The scheme was saved."))
            return redirect(scheme)
    facts = {"form": form, "scheme": scheme}
    return render(request, "tasks/scheme_form.html", facts, status=400 if form.is_bound else 200)


@require_POST
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End a scheme with what came of it."""
    scheme, form = _find(request, pk), EndForm(request.POST)
    if not scheme_access.may_keep(request.user):
        raise PermissionDenied
    if form.is_valid():
        try:
            schemes.end(scheme, by=request.user, at=timezone.now(), **form.cleaned_data)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The scheme has ended."))
            return redirect(scheme)
    return _show(request, scheme, end=form)


@require_POST
def plan(request: SignedInRequest, pk: int) -> HttpResponse:
    """Add a milestone."""
    scheme, form = _find(request, pk), MilestoneForm(request.POST)
    if not scheme_access.may_keep(request.user):
        raise PermissionDenied
    if form.is_valid():
        try:
            milestones.plan(scheme, by=request.user, at=timezone.now(), **form.cleaned_data)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The milestone is planned."))
            return redirect(scheme)
    return _show(request, scheme, plan=form)
