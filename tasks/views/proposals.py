"""What agencies propose in their reports: the list, for each its own, and the command's answers."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from portal.lib.errors import RuleError
from portal.users.requests import SignedInRequest
from tasks import access, proposals, review_access
from tasks.models import Programme
from tasks.review_forms import DecideForm
from tasks.states import EDITABLE_PROGRAMME, ProgrammeState, ProposalState
from tasks.views.reports import years


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show the proposals of a year, those without an answer first."""
    if not access.may_see_reports(request.user):
        raise PermissionDenied
    year, every_year = years(request)
    rows = review_access.visible_proposals(request.user).filter(report__period__programme__year=year)
    seen = access.visible_assignments(request.user).filter(pk=OuterRef("assignment"))
    found = list(rows.annotate(shows_duty=Exists(seen)))  # of a draft the command alone knows
    programme = access.visible_programmes(request.user).select_related("host").filter(year=year).first()
    may_answer = programme is not None and review_access.may_answer_proposals(request.user, programme)
    form = _form(request, programme) if may_answer and programme else None
    facts: dict[str, Any] = {
        "open": [row for row in found if row.state == ProposalState.OPEN],
        "answered": [row for row in found if row.state != ProposalState.OPEN],
        "year": year,
        "every_year": every_year,
        "may_answer": may_answer,
        "decision": str(form["decision"]) if form else "",
        "duties": str(form["assignment"]) if form else "",  # once: the choices are a query
    }
    return render(request, "tasks/proposals.html", facts)


def _form(request: SignedInRequest, programme: Programme, sent: Any = None) -> DecideForm:
    """Duties that a proposal may become: of its year in force, and of texts that are written."""
    open_states = EDITABLE_PROGRAMME | {ProgrammeState.IN_FORCE}
    rows = access.visible_assignments(request.user).filter(
        programme__state__in=open_states, programme__year__gte=programme.year
    )
    return DecideForm(sent, auto_id=False, assignments=rows.order_by("-programme__year", "code"))


@require_POST
def gather(request: SignedInRequest, year: int) -> HttpResponse:
    """Take what is new from the reports."""
    programme = get_object_or_404(access.visible_programmes(request.user).select_related("host"), year=year)
    count = proposals.gather(programme, by=request.user, at=timezone.now())
    words = ngettext("%(count)s new proposal.", "%(count)s new proposals.", count)
    messages.success(request, words % {"count": count})
    return redirect_to(year)


def redirect_to(year: int) -> HttpResponse:
    response = redirect("proposals:list")
    response["Location"] += f"?year={year}"
    return response


@require_POST
def decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Answer one."""
    row = get_object_or_404(review_access.visible_proposals(request.user), pk=pk)
    programme = row.report.period.programme
    if not review_access.may_answer_proposals(request.user, programme):
        raise PermissionDenied
    form = _form(request, programme, request.POST)
    if not form.is_valid():
        raise RuleError(_("Choose a decision, and a duty that is still open."))
    values = form.cleaned_data
    proposals.decide(
        row,
        by=request.user,
        at=timezone.now(),
        accepts=values["decision"] == "accept",
        answer=values["answer"],
        assignment=values["assignment"],
    )
    messages.success(request, _("Answered; the agency was told."))
    return redirect_to(programme.year)
