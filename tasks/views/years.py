"""The turn of the year: begin a programme, look through its text, decide on what is unfinished."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.lib.errors import RuleError, StaleError
from portal.users.requests import SignedInRequest
from tasks import access, beginnings, leftovers, year_access
from tasks.models import Programme
from tasks.views import year_pages
from tasks.year_forms import AgenciesForm, BeginForm, DaysForm, DecisionsForm, PointForm, first_facts


@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: SignedInRequest) -> HttpResponse:
    """Ask for the year and the text to begin from, and begin the programme."""
    if not year_access.may_begin_year(request.user):
        raise PermissionDenied
    sources = year_access.sources(request.user)
    form = BeginForm(
        request.POST or None,
        sources=sources,
        agencies=access.visible_agencies(request.user),
        initial=first_facts(sources.first(), timezone.localdate()),
    )
    if request.method == "POST" and form.is_valid():
        try:
            source = form.cleaned_data["source"]
            made = beginnings.begin(form.facts(), by=request.user, at=timezone.now(), source=source)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The programme is begun; nobody but the command sees it yet."))
            return redirect("years:points", year=made.year)
    return render(request, "tasks/year_begin.html", {"form": form}, status=400 if form.is_bound else 200)


# --- Points -----------------------------------------------------------------------------------------
@require_safe
def points(request: SignedInRequest, year: int) -> HttpResponse:
    """Show what must be looked at in a text, and what was seen."""
    return _show(request, _text(request, year))


def _text(request: SignedInRequest, year: int) -> Programme:
    """Return a programme whose points the reader may look through; else 404, or 403 where it is seen."""
    seen = access.visible_programmes(request.user).select_related("host", "co_host", "begun_from")
    programme = get_object_or_404(seen, year=year)
    if not year_access.may_look_through(request.user, programme):
        raise PermissionDenied
    return programme


def _show(request: SignedInRequest, programme: Programme, **refused: Any) -> HttpResponse:
    page = year_pages.points_page(programme, today=timezone.localdate(), **refused)
    return render(request, "tasks/year_points.html", vars(page), status=400 if refused else 200)


@require_POST
def agencies(request: SignedInRequest, year: int) -> HttpResponse:
    """Put the chosen successors where agencies stand that end."""
    programme = _text(request, year)
    form = AgenciesForm(request.POST, points=year_pages.agencies_of(programme, today=timezone.localdate()))
    if not form.is_valid():
        return _show(request, programme, agencies=form)
    count = beginnings.replace_agencies(programme, by=request.user, at=timezone.now(), choices=form.choices())
    words = ngettext(
        "A successor stands in %(count)s place now.", "Successors stand in %(count)s places now.", count
    )
    messages.success(request, words % {"count": count})
    return redirect("years:points", year=year)


@require_POST
def days(request: SignedInRequest, year: int) -> HttpResponse:
    """Take the days as they were looked through."""
    programme = _text(request, year)
    form = DaysForm(request.POST, points=year_pages.days_of(programme, today=timezone.localdate()))
    if not form.is_valid():
        return _show(request, programme, days=form)
    try:
        count = beginnings.set_days(programme, by=request.user, at=timezone.now(), days=form.days())
    except StaleError:
        raise
    except RuleError as refusal:
        form.add_error(None, str(refusal))
        return _show(request, programme, days=form)
    words = ngettext(
        "The days are settled; %(count)s was changed.", "The days are settled; %(count)s were changed.", count
    )
    messages.success(request, words % {"count": count})
    return redirect("years:points", year=year)


@dataclass(frozen=True)
class Step:
    """A button of one point: what it does, which values it takes besides the key, what is said then."""

    act: Callable[..., Any]
    takes: tuple[str, ...]
    done: str | Promise


def _mark(programme: Programme, *, key: str, **given: Any) -> None:
    beginnings.mark(programme, keys=[key], **given)


STEPS = {
    "mark": Step(_mark, ("reason",), gettext_lazy("Noted as seen.")),
    "drop_basis": Step(beginnings.drop_basis, (), gettext_lazy("The text is cited no more.")),
    "cite": Step(beginnings.cite, (), gettext_lazy("The amending text is cited too.")),
    "rewrite": Step(beginnings.rewrite, ("text",), gettext_lazy("The words are written anew.")),
}


@require_POST
def settle_point(request: SignedInRequest, year: int, name: str) -> HttpResponse:
    """Do the button of one point."""
    programme, step = _text(request, year), STEPS[name]
    form = PointForm(request.POST)
    if not form.is_valid():
        raise RuleError(_("That is too long, or not a point of this text."))
    values = {field: form.cleaned_data[field] for field in ("key", *step.takes)}
    step.act(programme, by=request.user, at=timezone.now(), **values)
    messages.success(request, str(step.done))
    return redirect("years:points", year=year)


# --- What is unfinished -----------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def unfinished(request: SignedInRequest, year: int) -> HttpResponse:
    """Show what the year left unfinished, decide on it, and close the year when nothing hinders."""
    seen = access.visible_programmes(request.user).select_related("host")
    programme = get_object_or_404(seen, year=year)
    if not year_access.may_decide_unfinished(request.user, programme):
        raise PermissionDenied
    page = year_pages.unfinished_page(programme, request.user)
    if request.method != "POST":
        return render(request, "tasks/year_unfinished.html", vars(page))
    form = DecisionsForm(request.POST, rows=page.form.rows, carries=page.target is not None)
    status = 400
    if form.is_valid():
        try:
            counts = leftovers.decide(
                programme, by=request.user, at=timezone.now(), decisions=form.decisions()
            )
        except RuleError as refusal:
            form.add_error(None, str(refusal))
            status = 409 if isinstance(refusal, StaleError) else 400
        else:
            messages.success(request, year_pages.told(counts))
            return redirect("years:unfinished", year=year)
    return render(request, "tasks/year_unfinished.html", vars(page) | {"form": form}, status=status)


@require_POST
def take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Undo carrying a duty over."""
    decision = get_object_or_404(year_access.visible_decisions(request.user), pk=pk)
    reason = request.POST.get("reason", "").replace("\0", "")[:2000]
    year = decision.assignment.programme.year
    leftovers.take_back(decision, by=request.user, at=timezone.now(), reason=reason)
    messages.success(request, _("Taken back: the duty is again what it was."))
    return redirect("years:unfinished", year=year)
