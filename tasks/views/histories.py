"""The past of an assignment: every change, and the day that the reader picks."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal.lib.fields import DayField
from portal.users.requests import SignedInRequest
from tasks import access, draft_access, histories
from tasks.views.assignments import find


class DayForm(forms.Form):
    """A day of the past."""

    on = DayField(label=_("As it was at the end of"))


@require_safe
def history(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what changed, by whom and when; with a day, the assignment as it stood then."""
    assignment = find(request, pk)
    if not access.may_see_log(request.user, assignment):
        raise PermissionDenied
    today = timezone.localdate()
    form = DayForm(request.GET if "on" in request.GET else None, initial={"on": today})
    past = histories.History(assignment, with_draft=draft_access.may_see_past_draft(request.user))
    day = past.day(min(form.cleaned_data["on"], today)) if form.is_valid() else None
    facts = {"assignment": assignment, "entries": past.entries, "form": form, "day": day}
    return render(request, "tasks/history.html", facts, status=400 if form.errors else 200)
