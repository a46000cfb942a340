"""One milestone of a scheme, and its buttons."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from portal.lib.errors import RuleError, StaleError
from portal.users.models import User
from portal.users.requests import SignedInRequest
from tasks import milestones, scheme_access
from tasks.models import Milestone
from tasks.views import scheme_pages
from tasks.views.stale_pages import stale


def _keeps(user: User, row: Milestone) -> bool:
    return scheme_access.may_keep(user)


def _draft(row: Milestone, *, task: Any, **given: Any) -> None:
    milestones.draft(row, programme=task.programme, task=task, **given)


@dataclass(frozen=True)
class Step:
    """A step of a milestone: which action, for whom; `done` is what is said afterwards."""

    act: Callable[..., Any]
    done: str | Promise
    may: Callable[[User, Milestone], bool] = _keeps


STEPS: Mapping[str, Step] = {
    "change": Step(milestones.change, gettext_lazy("The milestone was saved.")),
    "tie": Step(milestones.tie, gettext_lazy("The duty carries the milestone.")),
    "untie": Step(milestones.untie, gettext_lazy("The duty carries the milestone no more.")),
    "draft": Step(_draft, gettext_lazy("A duty was added to the draft; it carries the milestone.")),
    "report": Step(
        milestones.report,
        gettext_lazy("Reported; the programme officer confirms it."),
        scheme_access.may_report,
    ),
    "confirm": Step(milestones.confirm, gettext_lazy("Confirmed; the agency was told.")),
    "send_back": Step(milestones.send_back, gettext_lazy("Sent back; the agency was told why.")),
    "drop": Step(milestones.drop, gettext_lazy("The milestone was dropped; the agency was told why.")),
}


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _show(request, _find(request, pk))


def _find(request: SignedInRequest, pk: int) -> Milestone:
    return get_object_or_404(scheme_access.visible_milestones(request.user), pk=pk)


def _show(
    request: SignedInRequest, row: Milestone, name: str = "", form: forms.Form | None = None
) -> HttpResponse:
    """Return its page; with a form as it was sent and refused (400)."""
    sent = {name: form} if form else {}
    page = scheme_pages.milestone_page(row, request.user, today=timezone.localdate(), sent=sent)
    return render(request, "tasks/milestone.html", vars(page), status=400 if form else 200)


@require_POST
def act(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """Do one step; a refused form comes back with everything typed."""
    step, row = STEPS[name], _find(request, pk)
    if not step.may(request.user, row):
        raise PermissionDenied
    form = scheme_pages.form_of(name, row, request.user, request.POST)
    if not form.is_valid():
        return _show(request, row, name, form)
    try:
        step.act(row, by=request.user, at=timezone.now(), **form.cleaned_data)
    except StaleError as refusal:
        now = _find(request, pk)
        fresh = scheme_pages.form_of(name, now, request.user, request.POST)
        also = scheme_pages.besides(fresh, now)
        return stale(request, refusal, fresh, now.get_absolute_url(), besides=also)
    except RuleError as refusal:
        form.add_error(None, str(refusal))
        return _show(request, _find(request, pk), name, form)
    messages.success(request, str(step.done))
    year = request.POST.get("year", "")
    if request.POST.get("from") == "points" and year.isdecimal() and len(year) == 4:
        return redirect("years:points", year=int(year))
    return redirect(row)
