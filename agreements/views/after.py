"""What comes after the signatures: the register of numbers."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from agreements import access, registers
from agreements.forms import YearForm
from portal.users.requests import SignedInRequest


@require_safe
def register(request: SignedInRequest) -> HttpResponse:
    """Show the numbers of a year (?year=, this one without), and what waits for one."""
    if not access.may_see_register(request.user):
        raise PermissionDenied
    this_year = timezone.localdate().year
    form = YearForm(request.GET)
    year = (form.cleaned_data["year"] if form.is_valid() else None) or this_year
    rows = registers.register(access.visible_documents(request.user), year, this_year=this_year)
    return render(request, "agreements/register.html", {"register": rows})
