"""Lights: the published rule, and the page where one is set by hand."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.lib.errors import RuleError, StaleError
from portal.users.requests import SignedInRequest
from tasks import access, light_access, light_overrides, lights
from tasks.light_forms import LightForm
from tasks.models import Assignment, LightOverride
from tasks.views import assignments
from tasks.views.reports import years


@require_safe
def rule(request: SignedInRequest) -> HttpResponse:
    """Show by which numbers the lights of a year are computed."""
    year, every_year = years(request)
    programme = access.visible_programmes(request.user).filter(year=year).first()
    facts = {
        "rule": lights.rule_of(programme) if programme else lights.Rule(),
        "year": year,
        "every_year": every_year,
        "longest_days": light_overrides.LONGEST_DAYS,
    }
    return render(request, "tasks/light_rule.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
def put(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the light of an assignment, and set it by hand."""
    assignment, today = assignments.find(request, pk), timezone.localdate()
    if not light_access.may_set_light(request.user, assignment):
        raise PermissionDenied
    shown = lights.shown(assignment, today)
    override = shown.override if shown else None
    sent = request.POST.copy() if request.method == "POST" else None
    form = LightForm(sent, initial=_initial(override))
    if sent is not None and _do(request, assignment, form, sent):
        messages.success(request, _("The light was set; the lead agency was told."))
        return redirect(f"{assignment.get_absolute_url()}#light")
    facts = {"assignment": assignment, "shown": shown, "form": form, "override": override}
    return render(request, "tasks/light_form.html", facts, status=400 if form.is_bound else 200)


def _initial(override: LightOverride | None) -> dict[str, Any]:
    if override is None:
        return {"seen": 0}
    kept = {name: getattr(override, name) for name in ("colour", "reason", "until_on")}
    return {**kept, "seen": override.pk}


def _do(request: SignedInRequest, assignment: Assignment, form: LightForm, sent: QueryDict) -> bool:
    """Do what the form asks; False leaves it with what is wrong, and with the light that stands now."""
    if not form.is_valid():
        return False
    try:
        light_overrides.put(assignment, by=request.user, at=timezone.now(), **form.cleaned_data)
    except StaleError as error:
        found = light_access.visible_overrides(request.user).counting_on(timezone.localdate())
        now = found.filter(assignment=assignment).first()
        sent["seen"] = str(now.pk if now else 0)
        form.add_error(None, _("%(why)s Look at it above, then send again.") % {"why": error})
        return False
    except RuleError as error:
        form.add_error(None, str(error))
        return False
    return True


@require_POST
def lift(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the light set by hand away."""
    assignment = assignments.find(request, pk)
    if not light_access.may_set_light(request.user, assignment):
        raise PermissionDenied
    rows = light_access.visible_overrides(request.user).counting_on(timezone.localdate())
    override = rows.select_related("assignment__programme").filter(assignment=assignment).first()
    try:
        if override is None:
            raise RuleError(_("This light no longer stands."))
        light_overrides.lift(override, by=request.user, at=timezone.now())
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The computed light stands alone again."))
    return redirect(f"{assignment.get_absolute_url()}#light")
