"""The list of a briefing: read, frozen, printed; and the notice of what was concluded."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agreements import briefing_paper
from agreements import briefings as actions
from agreements import conference_access as access
from agreements.conference_forms import StepForm
from agreements.models import BriefingList, Conference
from agreements.views import briefing_pages as pages
from agreements.views.conferences import find, prepared
from portal.files import serving
from portal.lib.errors import RuleError
from portal.papers.reports import render_report
from portal.papers.wide import render_table_paper
from portal.users.requests import SignedInRequest


def _read(request: SignedInRequest, pk: int) -> tuple[Conference, BriefingList | None]:
    """Return a briefing and its frozen list; while it is a draft the command alone reads it."""
    row = find(request, pk)
    frozen = access.visible_briefing_lists(request.user).filter(conference=row).first()
    if not row.is_briefing or not (frozen or access.may_see_everybody(request.user)):
        raise Http404
    return row, frozen


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what stands open for the agencies invited, part by part."""
    row, frozen = _read(request, pk)
    page = pages.page(row, frozen, request.user, today=timezone.localdate())
    return render(request, "agreements/briefing.html", vars(page))


@require_POST
def hold(request: SignedInRequest, pk: int) -> HttpResponse:
    """Freeze the list."""
    row, form = prepared(request, pk), StepForm(request.POST)
    if form.is_valid():
        try:
            actions.hold(row, by=request.user, at=timezone.now(), **form.given)
        except RuleError as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("The list is frozen; every agency that stands on it was told."))
    return redirect("conferences:briefing" if row.is_briefing else "conferences:detail", pk=pk)


@require_safe
def paper(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send the list as a paper of Decree 30."""
    row, frozen = _read(request, pk)
    content = frozen.content if frozen else actions.gather(row, timezone.localdate())
    made = render_table_paper(briefing_paper.list_of(row, content, frozen=frozen, at=timezone.now()))
    name = f"danh-muc-giao-ban-{row.pk}{'' if frozen else '-du-thao'}.pdf"
    return serving.made(made, name=name, media_type="application/pdf")


@require_safe
def notice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send the notice of conclusions; before the minutes are frozen it is the command's draft."""
    row = find(request, pk)
    if not row.is_briefing or not (row.is_frozen or access.may_see_everybody(request.user)):
        raise Http404
    made = render_report(briefing_paper.notice_of(row, at=timezone.now()))
    name = f"thong-bao-ket-luan-giao-ban-{row.pk}{'' if row.is_frozen else '-du-thao'}.pdf"
    return serving.made(made, name=name, media_type="application/pdf")
