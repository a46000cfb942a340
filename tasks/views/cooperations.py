"""Cooperation of one agency in one assignment, and the buttons on it. `pk` is that of the share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from portal.lib.errors import RuleError, StaleError
from portal.users.models import User
from portal.users.requests import SignedInRequest
from tasks import cooperation_access, cooperations
from tasks.models import Coordination
from tasks.views import cooperation_pages
from tasks.views.stale_pages import stale


@dataclass(frozen=True)
class Step:
    """One step: what it does, who may, and what is said afterwards."""

    act: Callable[..., Any]
    may: Callable[[User, Coordination], bool]
    done: str | Promise


STEPS: Mapping[str, Step] = {
    "ask": Step(
        cooperations.ask,
        cooperation_access.may_ask,
        gettext_lazy("The agency was asked."),
    ),
    "report": Step(
        cooperations.report,
        cooperation_access.may_report,
        gettext_lazy("The cooperation was reported."),
    ),
    "approve": Step(
        cooperations.approve,
        cooperation_access.may_approve,
        gettext_lazy("Approved; the lead was told."),
    ),
    "send_back": Step(
        cooperations.send_back,
        cooperation_access.may_approve,
        gettext_lazy("Sent back to the focal point."),
    ),
    "rate": Step(
        cooperations.rate,
        cooperation_access.may_rate,
        gettext_lazy("The cooperation was rated."),
    ),
}


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _show(request, _find(request, pk))


@require_POST
def act(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """Do one step; a refused form comes back with everything typed."""
    step, share = STEPS[name], _find(request, pk)
    if not step.may(request.user, share):
        raise PermissionDenied
    form = cooperation_pages.FORMS[name](request.POST, auto_id=f"{name}_%s")
    if form.is_valid():
        try:
            step.act(share, by=request.user, at=timezone.now(), **form.cleaned_data)
        except StaleError as refusal:
            return _stale(request, _find(request, pk), name, refusal)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, str(step.done))
            return redirect("cooperations:detail", pk=pk)
    return _show(request, _find(request, pk), refused={name: form})


def _find(request: SignedInRequest, pk: int) -> Coordination:
    return get_object_or_404(cooperation_access.visible_shares(request.user), pk=pk)


def _stale(request: SignedInRequest, share: Coordination, name: str, refusal: StaleError) -> HttpResponse:
    """Show what was typed beside what stands there now."""
    row = cooperation_access.visible_cooperations(request.user).filter(share=share).first()
    form = cooperation_pages.form_of(name, share, row, request.user, sent=request.POST)
    also = cooperation_pages.besides(form, row, request.user)
    return stale(request, refusal, form, reverse("cooperations:detail", args=[share.pk]), besides=also)


def _show(
    request: SignedInRequest, share: Coordination, *, refused: dict[str, forms.Form] | None = None
) -> HttpResponse:
    page = cooperation_pages.cooperation_page(
        share, request.user, today=timezone.localdate(), refused=refused or {}
    )
    return render(request, "tasks/cooperation.html", vars(page), status=400 if refused else 200)
