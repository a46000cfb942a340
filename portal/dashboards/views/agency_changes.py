"""Changes of agencies: the list, preparing one, the preview of what would move, and deciding."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.dashboards import agency_changes
from portal.dashboards.change_forms import ChangeForm, SuccessorForm, first_day, initial_of
from portal.lib.errors import RuleError, StaleError
from portal.users import step_up
from portal.users.requests import SignedInRequest
from tasks import access, change_access, changes
from tasks.models import ChangePlan
from tasks.states import PlanState


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show the changes that are planned, as far as the reader sees them, and those carried out."""
    plans = change_access.visible_plans(request.user).exclude(state=PlanState.DISCARDED)
    facts = {
        "plans": plans.prefetch_related("predecessors", "successors__agency"),
        "changes": access.visible_changes(request.user),
        "may_prepare": change_access.may_prepare_changes(request.user),
    }
    return render(request, "dashboards/changes.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Ask what changes, and begin a draft."""
    if not change_access.may_prepare_changes(request.user):
        raise PermissionDenied
    agencies = access.visible_agencies(request.user)
    initial = first_day(timezone.localdate())
    form = ChangeForm(request.POST or None, agencies=agencies, initial=initial)
    if request.method == "POST" and form.is_valid():
        plan = changes.prepare(form.facts(), by=request.user, at=timezone.now())
        return redirect(plan)
    status = 400 if form.is_bound else 200
    return render(request, "dashboards/change_form.html", {"form": form}, status=status)


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _show(request, _find(request, pk))


def _find(request: SignedInRequest, pk: int) -> ChangePlan:
    return get_object_or_404(change_access.visible_plans(request.user), pk=pk)


def _show(
    request: SignedInRequest, plan: ChangePlan, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    sent = request.POST if status != 200 else None
    page = agency_changes.change_page(plan, request.user, at=timezone.now(), sent=sent)
    return render(request, "dashboards/change.html", vars(page) | {"refusal": refusal}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Write the facts of a draft anew; a refused form keeps its words."""
    plan = _find(request, pk)
    if not change_access.may_prepare_changes(request.user):
        raise PermissionDenied
    agencies = access.visible_agencies(request.user)
    initial = initial_of(plan, version=changes.version_of(plan))
    form = ChangeForm(request.POST or None, agencies=agencies, initial=initial)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                changes.describe(
                    plan,
                    by=request.user,
                    at=timezone.now(),
                    facts=form.facts(),
                    version=form.cleaned_data["version"],
                )
            except RuleError as refusal:
                form.add_error(None, str(refusal))
                status = 409 if isinstance(refusal, StaleError) else 400
            else:
                return redirect(plan)
    return render(request, "dashboards/change_form.html", {"form": form, "plan": plan}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def successor(request: SignedInRequest, pk: int) -> HttpResponse:
    """Enter an agency that begins with the change."""
    plan = _find(request, pk)
    if not change_access.may_prepare_changes(request.user):
        raise PermissionDenied
    first = plan.predecessors.order_by("protocol_order").first()
    initial = {"version": changes.version_of(plan)}
    if first:
        names = ("kind", "parent", "header_parent", "signature_block")
        initial |= {name: getattr(first, name) for name in names}
    agencies = access.visible_agencies(request.user)
    form = SuccessorForm(request.POST or None, agencies=agencies, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            changes.add_successor(
                plan,
                by=request.user,
                at=timezone.now(),
                agency=form.agency(protocol_order=first.protocol_order if first else 1000),
                note=form.cleaned_data["note"],
                version=form.cleaned_data["version"],
            )
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The agency was entered; it begins with the change."))
            return redirect(plan)
    status = 400 if form.is_bound else 200
    facts = {"form": form, "plan": plan}
    return render(request, "dashboards/change_successor.html", facts, status=status)


@require_POST
def choose(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep who takes over what."""
    plan, at = _find(request, pk), timezone.now()
    if not change_access.may_prepare_changes(request.user):
        raise PermissionDenied
    form = agency_changes.form_of(plan, request.POST, at=at)
    if not form.is_valid():
        return _show(request, plan, refusal=_("One of the choices is not possible any more."), status=400)
    version = form.cleaned_data["version"]
    changes.choose(plan, by=request.user, at=at, choices=form.choices(), version=version)
    messages.success(request, _("The choices are kept."))
    return redirect(plan)


# --- Deciding -----------------------------------------------------------------------------------------
def _step(request: SignedInRequest, pk: int, act: Callable[..., None], done: str | Promise) -> HttpResponse:
    plan = _find(request, pk)
    act(plan, by=request.user, at=timezone.now(), version=request.POST.get("version", ""))
    messages.success(request, str(done))
    return redirect("agency_changes:list" if plan.state == PlanState.DISCARDED else plan)


@require_POST
def propose(request: SignedInRequest, pk: int) -> HttpResponse:
    return _step(request, pk, changes.propose, gettext_lazy("Proposed; another person confirms it."))


@require_POST
def take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    return _step(request, pk, changes.take_back, gettext_lazy("Taken back: it is a draft again."))


@require_POST
def discard(request: SignedInRequest, pk: int) -> HttpResponse:
    return _step(request, pk, changes.discard, gettext_lazy("The draft was discarded; nothing moved."))


@require_POST
@step_up.required("users", may=change_access.may_confirm_changes)
def confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """Confirm what another proposed; on its day everything moves with this."""
    plan = _find(request, pk)
    changes.confirm(plan, by=request.user, at=timezone.now(), version=request.POST.get("version", ""))
    if plan.state == PlanState.CARRIED_OUT:
        messages.success(request, _("Carried out: the successors have taken over."))
    else:
        messages.success(request, _("Confirmed; it is carried out by itself on its day."))
    return redirect(plan)
