"""The head's leave to send without her approval: one page, given and revoked there."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.agencies.models import Agency
from portal.lib.errors import RuleError
from portal.users.requests import SignedInRequest
from tasks import access, grants
from tasks.report_forms import GrantForm


@require_http_methods(["GET", "HEAD", "POST"])
def grant(request: SignedInRequest) -> HttpResponse:
    """Show whether the focal points send by themselves, and what was given before; give it."""
    agency = _headed(request)
    form = GrantForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        until = form.cleaned_data["valid_until"]
        try:
            grants.give(agency, by=request.user, at=timezone.now(), valid_until=until)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The focal points may send without your approval."))
            return redirect("reports:grant")
    current = access.grant_of(agency.pk, timezone.localdate())
    past = access.visible_grants(request.user).filter(agency=agency)
    facts = {
        "form": form,
        "current": current,
        "past": [row for row in past if current is None or row.pk != current.pk],
        "people": access.senders(agency, timezone.localdate()),
    }
    return render(request, "tasks/grant.html", facts, status=400 if form.is_bound else 200)


def _headed(request: SignedInRequest) -> Agency:
    """Return the agency that the reader heads; 403 for everybody else."""
    post = request.user.post
    if post is None or not access.may_grant_sending(request.user, post.agency):
        raise PermissionDenied
    return post.agency


@require_POST
def revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the leave back."""
    row = get_object_or_404(access.visible_grants(request.user), pk=pk)
    try:
        grants.revoke(row, by=request.user, at=timezone.now())
    except RuleError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("Revoked: from now on everything waits for your approval again."))
    return redirect("reports:grant")
