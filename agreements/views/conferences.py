"""Conferences: the list, the plan, the invitations, who comes, and the code at the door."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import attendances
from agreements import conference_access as access
from agreements import conferences as actions
from agreements.conference_forms import CallOffForm, PlanForms, StepForm
from agreements.models import Conference
from agreements.views import conference_pages as pages
from portal.files import serving
from portal.lib.errors import RuleError, StaleError
from portal.papers.tables import XLSX_TYPE, to_xlsx
from portal.users import qr
from portal.users.requests import SignedInRequest
from tasks import access as tasks_access
from tasks import group_access
from tasks.models import StandingGroup
from tasks.views.stale_pages import stale


def find(request: SignedInRequest, pk: int) -> Conference:
    """Return a conference that the reader sees; else 404."""
    return get_object_or_404(access.visible_conferences(request.user), pk=pk)


def prepared(request: SignedInRequest, pk: int) -> Conference:
    """Return it for who prepares it; 403 for the others who see it."""
    row = find(request, pk)
    if not access.may_prepare(request.user, row.programme):
        raise PermissionDenied
    return row


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """List the conferences that the reader sees, the newest first."""
    return render(request, "agreements/conferences.html", vars(pages.listing(request.user)))


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    page = pages.page(find(request, pk), request.user)
    return render(request, "agreements/conference.html", vars(page))


# --- The plan -----------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request: SignedInRequest, year: int) -> HttpResponse:
    """Show the empty plan of a programme's conference, or make it."""
    programmes = tasks_access.visible_programmes(request.user).select_related("host")
    programme = get_object_or_404(programmes, year=year)
    if not access.may_prepare(request.user, programme):
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else None
    kind = request.GET.get("kind", Conference.Kind.ANNUAL)
    chosen = request.GET.get("group", "")
    group = _group(request, int(chosen[:20])) if chosen.isdecimal() else None
    plan = PlanForms(sent, programme=programme, today=timezone.localdate(), kind=kind, group=group)
    if sent is not None and plan.is_valid():
        try:
            row = actions.prepare(programme, by=request.user, at=timezone.now(), plan=plan.plan)
        except RuleError as refusal:
            plan.facts.add_error(None, str(refusal))
        else:
            messages.success(request, _("The conference is prepared; nobody has been told yet."))
            return redirect(row)
    return _plan(request, plan, {"programme": programme, "conference": None})


def _group(request: SignedInRequest, pk: int) -> StandingGroup:
    """Return the group whose meeting is prepared; else 404."""
    return get_object_or_404(group_access.visible_groups(request.user, timezone.localdate()), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the plan, or write it anew; what was typed into an old page is listed, not lost."""
    row = prepared(request, pk)
    sent = request.POST if request.method == "POST" else None
    plan = PlanForms(sent, programme=row.programme, today=timezone.localdate(), conference=row)
    if sent is not None and plan.is_valid():
        version = plan.facts.cleaned_data["version"]
        try:
            actions.change(row, by=request.user, at=timezone.now(), plan=plan.plan, version=version)
        except StaleError as refusal:
            return stale(request, refusal, plan.facts, reverse("conferences:edit", args=[pk]))
        except RuleError as refusal:
            plan.facts.add_error(None, str(refusal))
        else:
            messages.success(request, _("The plan of the conference is written."))
            return redirect(row)
    return _plan(request, plan, {"programme": row.programme, "conference": row})


def _plan(request: SignedInRequest, plan: PlanForms, facts: dict[str, Any]) -> HttpResponse:
    status = 400 if request.method == "POST" else 200
    return render(request, "agreements/conference_plan.html", facts | {"plan": plan}, status=status)


@require_POST
def invite(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send the invitations."""
    row, form = prepared(request, pk), StepForm(request.POST)
    if form.is_valid():
        try:
            actions.invite(row, by=request.user, at=timezone.now(), **form.given)
        except RuleError as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("The invitations are sent; every agency was told."))
    return redirect("conferences:detail", pk=pk)


@require_POST
def call_off(request: SignedInRequest, pk: int) -> HttpResponse:
    """Call the conference off; a refused form keeps its reason."""
    row, form = prepared(request, pk), CallOffForm(request.POST, auto_id=pages.CALL_OFF_ID)
    if form.is_valid():
        try:
            actions.call_off(row, by=request.user, at=timezone.now(), **form.given)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The conference is called off."))
            return redirect("conferences:detail", pk=pk)
    page = pages.page(find(request, pk), request.user, refused=form)
    return render(request, "agreements/conference.html", vars(page), status=400)


# --- Who comes ----------------------------------------------------------------------------------------
def _seen_by_command(request: SignedInRequest, pk: int) -> Conference:
    row = find(request, pk)
    if not access.may_see_everybody(request.user):
        raise PermissionDenied
    return row


@require_safe
def delegates(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show everybody who is to come (B9), to be printed."""
    row = _seen_by_command(request, pk)
    facts = {"conference": row, "lists": pages.lists(row, request.user)}
    return render(request, "agreements/conference_delegates.html", facts)


@require_safe
def export(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send the same list as a workbook."""
    row = _seen_by_command(request, pk)
    headings, lines = pages.table(row, request.user)
    book = to_xlsx(_("Delegates"), headings, lines, widths=pages.WIDTHS)
    return serving.made(book, name=f"danh-sach-dai-bieu-{row.pk}.xlsx", media_type=XLSX_TYPE)


@require_http_methods(["GET", "HEAD", "POST"])
def attendance(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the list to be ticked, or note who is present; the ticks of a refused one are kept."""
    row, refused, ticked = prepared(request, pk), "", None
    if request.method == "POST":
        ticked, seen = (pages.keys(request.POST.getlist(name)) for name in ("present", "seen"))
        try:
            count = attendances.take(row, by=request.user, at=timezone.now(), ticked=ticked, seen=seen)
        except RuleError as refusal:
            refused = str(refusal)
        else:
            messages.success(request, _("Entries noted: %(count)s.") % {"count": count})
            return redirect("conferences:attendance", pk=pk)
    lists = pages.lists(row, request.user)
    facts = {"conference": row, "lists": lists, "refused": refused, "ticked": ticked}
    return render(request, "agreements/conference_attendance.html", facts, status=400 if refused else 200)


@require_safe
def door(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the code for the door or the projector, with how many are there."""
    row = prepared(request, pk)
    address = settings.PUBLIC_URL + reverse("conferences:arrive", args=[pk, row.door_key])
    facts = {"conference": row, "qr": qr.data_uri(address), "lists": pages.lists(row, request.user)}
    return render(request, "agreements/conference_door.html", facts)
