"""One agency's sheet in a rating: reading it, the self-score, its verification, proofs and re-examination."""

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
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.lib.errors import RuleError, StaleError
from portal.users.models import User
from portal.users.requests import SignedInRequest
from tasks import rating_access as access
from tasks import rating_sheets
from tasks.models import RatingPoint, RatingSheet
from tasks.rating_forms import ButtonForm, ReasonForm
from tasks.rating_sheet_forms import AnswerForm, AskForm, ScoreForm, SheetForm, VerifyForm
from tasks.views import rating_pages
from tasks.views.stale_pages import changed_fields

FORM = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class Step:
    """One button: the action, its form, who may press it, what is said afterwards."""

    act: Callable[..., None]
    form: type[forms.Form]
    may: Callable[[User, RatingSheet], bool]
    done: str | Promise


STEPS: Mapping[str, Step] = {
    "submit": Step(
        rating_sheets.submit, ButtonForm, access.may_score, gettext_lazy("The self-score was submitted.")
    ),
    "send": Step(
        rating_sheets.send,
        ButtonForm,
        access.may_approve,
        gettext_lazy("The self-score was sent to the command."),
    ),
    "send_back": Step(
        rating_sheets.send_back, ReasonForm, access.may_approve, gettext_lazy("The self-score was sent back.")
    ),
}


def find(request: SignedInRequest, pk: int) -> RatingSheet:
    """Return a sheet that the reader sees; else 404."""
    return get_object_or_404(access.visible_sheets(request.user), pk=pk)


def _point(request: SignedInRequest, pk: int) -> RatingPoint:
    return get_object_or_404(access.visible_points(request.user), pk=pk)


def _show(
    request: SignedInRequest,
    sheet: RatingSheet,
    sent: Mapping[str, forms.Form] | None = None,
    *,
    about: int | None = None,
    status: int = 200,
) -> HttpResponse:
    today = timezone.localdate()
    page = rating_pages.sheet_page(sheet, request.user, today=today, sent=sent, about=about)
    refused = next(iter((sent or {}).values()), None)
    return render(
        request, "tasks/rating_sheet.html", vars(page) | {"refused": refused, "today": today}, status=status
    )


@require_safe
def sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the points of an agency with what they rest on."""
    return _show(request, find(request, pk))


# --- Points ------------------------------------------------------------------------------------------
@require_http_methods(FORM)
def score(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the self-score as a form, or keep what was typed."""
    row = find(request, pk)
    if not access.may_score(request.user, row):
        raise PermissionDenied

    def keep(form: Any) -> None:
        rating_sheets.save(row, by=request.user, at=timezone.now(), given=form.given, version=_version(form))

    return _points_form(
        request, row, kind=ScoreForm, keep=keep, name="score", done=_("The self-score is saved.")
    )


@require_http_methods(FORM)
def verify(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what is known of each criterion beside the points, or decide them."""
    row = find(request, pk)
    if not access.may_verify(request.user, row):
        raise PermissionDenied

    def keep(form: Any) -> None:
        verdicts = form.verdicts
        rating_sheets.verify(
            row, by=request.user, at=timezone.now(), verdicts=verdicts, version=_version(form)
        )

    return _points_form(
        request, row, kind=VerifyForm, keep=keep, name="verify", done=_("The points are verified.")
    )


def _version(form: forms.Form) -> str:
    return str(form.cleaned_data["version"])


def _points_form(
    request: SignedInRequest,
    row: RatingSheet,
    *,
    kind: type[SheetForm],
    keep: Callable[[Any], None],
    name: str,
    done: str,
) -> HttpResponse:
    """Show or take one of the two forms over all criteria."""
    points, live = rating_pages.points_of(row), rating_pages.live_of(row, timezone.localdate())
    form = kind(request.POST or None, sheet=row, points=points, live=live)
    if request.method == "POST" and form.is_valid():
        try:
            keep(form)
        except StaleError as error:
            now = kind(request.POST, sheet=find(request, row.pk), points=points, live=live)
            back_url = reverse(f"ratings:{name}", args=[row.pk])
            facts = {"reason": str(error), "changes": changed_fields(now), "back_url": back_url}
            return render(request, "409.html", facts, status=409)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, done)
            return redirect(row)
    shown: dict[str, Any] = {"sheet": row, "form": form, "name": name}
    return render(request, "tasks/rating_points.html", shown, status=400 if form.errors else 200)


# --- Steps -------------------------------------------------------------------------------------------------
@require_POST
def act(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """Do one step; a refused form comes back with everything typed."""
    step, row = STEPS[name], find(request, pk)
    if not step.may(request.user, row):
        raise PermissionDenied
    form = step.form(request.POST)
    if form.is_valid():
        try:
            step.act(row, by=request.user, at=timezone.now(), **form.cleaned_data)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, str(step.done))
            return redirect(row)
    return _show(request, find(request, pk), {name: form}, status=400)


@require_POST
def prove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a duty or a file for a point."""
    point = _point(request, pk)
    if not access.may_score(request.user, point.sheet):
        raise PermissionDenied
    form = rating_pages.proof_form(point.sheet, request.user, request.POST, point=pk)
    done = _("It is shown for this point.")
    return _about_point(request, point, "prove", form, act=lambda: _prove(request, point, form), done=done)


def _prove(request: SignedInRequest, point: RatingPoint, form: Any) -> None:
    rating_sheets.prove(point, by=request.user, at=timezone.now(), **form.given)


@require_POST
def drop_proof(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a thing no more."""
    proof = get_object_or_404(access.visible_proofs(request.user), pk=pk)
    if not access.may_score(request.user, proof.point.sheet):
        raise PermissionDenied
    try:
        rating_sheets.drop_proof(proof, by=request.user, at=timezone.now())
    except RuleError as error:
        messages.warning(request, str(error))
    return redirect(proof.point.sheet)


@require_POST
def ask_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for re-examination of a point."""
    point = _point(request, pk)
    if not access.may_approve(request.user, point.sheet):
        raise PermissionDenied
    form = AskForm(request.POST, auto_id=f"ask{pk}_%s")
    return _about_point(
        request,
        point,
        "ask_again",
        form,
        act=lambda: rating_sheets.ask_again(point, by=request.user, at=timezone.now(), **form.cleaned_data),
        done=_("The command was asked to look at these points again."),
    )


@require_POST
def answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Answer a request for re-examination."""
    row = get_object_or_404(access.visible_reexaminations(request.user), pk=pk)
    point = row.point
    if not access.may_verify(request.user, point.sheet):
        raise PermissionDenied
    form = AnswerForm(request.POST, point=point, auto_id=f"answer{point.pk}_%s")
    return _about_point(
        request,
        point,
        "answer",
        form,
        act=lambda: rating_sheets.answer(row, by=request.user, at=timezone.now(), **form.cleaned_data),
        done=_("The agency was told."),
    )


def _about_point(
    request: SignedInRequest,
    point: RatingPoint,
    name: str,
    form: forms.Form,
    *,
    act: Callable[[], Any],
    done: str,
) -> HttpResponse:
    """Take a form about one point; refused it comes back where it stood."""
    if form.is_valid():
        try:
            act()
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, done)
            return redirect(f"{point.sheet.get_absolute_url()}#point-{point.pk}")
    return _show(request, find(request, point.sheet_id), {name: form}, about=point.pk, status=400)
