"""The rating of a year: its criteria and steps, the table, the list for rewards, the command's support."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.files import serving
from portal.lib.errors import RuleError, StaleError
from portal.papers.tables import XLSX_TYPE, to_xlsx
from portal.papers.wide import render_table_paper
from portal.users.models import User
from portal.users.requests import SignedInRequest
from tasks import access as tasks_access
from tasks import rating_access as access
from tasks import rating_contents, rating_paper, rating_support, ratings
from tasks.models import Programme, RatingDecision, RatingRound
from tasks.rating_forms import AnnounceForm, ButtonForm, ProposeForm, ReasonForm, SchemeForms, SupportForm
from tasks.views import rating_pages
from tasks.views.reports import years
from tasks.views.stale_pages import stale

FORM = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class Step:
    """One button: the action, its form, who may press it, what is said afterwards."""

    act: Callable[..., Any]
    form: type[forms.Form]
    may: Callable[[User, RatingRound], bool]
    done: str | Promise


def _prepares(user: User, round_: RatingRound) -> bool:
    return access.may_prepare(user, round_.programme)


def _decides(user: User, round_: RatingRound) -> bool:
    return access.may_decide(user, round_.programme)


STEPS: Mapping[str, Step] = {
    "publish": Step(
        ratings.publish,
        ButtonForm,
        access.may_publish,
        gettext_lazy("The criteria are published; every agency was told."),
    ),
    "announce": Step(
        ratings.announce, AnnounceForm, _prepares, gettext_lazy("Every agency was told its points.")
    ),
    "give_back": Step(ratings.give_back, ReasonForm, _decides, gettext_lazy("The officer was told.")),
    "approve": Step(
        ratings.approve, ButtonForm, _decides, gettext_lazy("The grades are approved; every agency was told.")
    ),
}


def _programme(request: SignedInRequest, year: int) -> Programme:
    rows = tasks_access.visible_programmes(request.user).select_related("host")
    return get_object_or_404(rows, year=year)


def _round(request: SignedInRequest, year: int) -> RatingRound:
    """Return the rating of a year that the reader sees; else 404."""
    return get_object_or_404(access.visible_rounds(request.user), programme=_programme(request, year))


def _for_command(request: SignedInRequest, year: int) -> RatingRound:
    round_ = _round(request, year)
    if not access.may_see_table(request.user):
        raise PermissionDenied
    return round_


# --- The year ---------------------------------------------------------------------------------------------
@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show the year that the address asks for, else the current one."""
    year, _every_year = years(request)
    if not year:
        return render(request, "tasks/rating_none.html")
    return _show(request, year)


@require_safe
def detail(request: SignedInRequest, year: int) -> HttpResponse:
    """Show a year's criteria, and the table or one's own result."""
    return _show(request, year)


def _show(
    request: SignedInRequest, year: int, sent: Mapping[str, forms.Form] | None = None, *, status: int = 200
) -> HttpResponse:
    programme = _programme(request, year)
    page = rating_pages.year_page(programme, request.user, today=timezone.localdate(), sent=sent)
    refused = next(iter((sent or {}).values()), None)
    facts = vars(page) | {
        "year": page.year,
        "weights": page.weights,
        "owed": page.owed,
        "to_verify": page.to_verify,
        "refused": refused,
    }
    return render(request, "tasks/rating.html", facts | {"today": timezone.localdate()}, status=status)


@require_POST
def prepare(request: SignedInRequest, year: int) -> HttpResponse:
    """Begin the rating of a year."""
    programme = _programme(request, year)
    try:
        ratings.prepare(programme, by=request.user, at=timezone.now())
    except RuleError as error:
        messages.warning(request, str(error))
        return redirect("ratings:detail", year=year)
    messages.success(request, _("The criteria are offered; change what you need before publishing them."))
    return redirect("ratings:criteria", year=year)


@require_http_methods(FORM)
def criteria(request: SignedInRequest, year: int) -> HttpResponse:
    """Show the criteria of a draft as a form, or keep what was typed."""
    round_ = _round(request, year)
    if not access.may_prepare(request.user, round_.programme):
        raise PermissionDenied
    scheme = SchemeForms(request.POST or None, round_=round_)
    if request.method == "POST" and scheme.is_valid():
        try:
            ratings.edit(_round(request, year), by=request.user, at=timezone.now(), **scheme.given)
        except StaleError as error:
            return stale(request, error, scheme.terms, reverse("ratings:criteria", args=[year]))
        except RuleError as error:
            scheme.terms.add_error(None, str(error))
        else:
            messages.success(request, _("The criteria are saved. Nobody is told before you publish them."))
            return redirect("ratings:detail", year=year)
    facts = {"round_": round_, "year": year, "scheme": scheme}
    return render(request, "tasks/rating_criteria.html", facts, status=400 if scheme.errors else 200)


@require_POST
def act(request: SignedInRequest, year: int, name: str) -> HttpResponse:
    """Do one step; a refused form comes back with everything typed."""
    step, round_ = STEPS[name], _round(request, year)
    if not step.may(request.user, round_):
        raise PermissionDenied
    form = step.form(request.POST)
    if form.is_valid():
        try:
            step.act(round_, by=request.user, at=timezone.now(), **form.cleaned_data)
        except StaleError:
            raise
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, str(step.done))
            return redirect("ratings:detail", year=year)
    return _show(request, year, {name: form}, status=400)


@require_http_methods(FORM)
def propose(request: SignedInRequest, year: int) -> HttpResponse:
    """Show the grades that the points give, to be proposed as they are or with a reason otherwise."""
    round_ = _round(request, year)
    if not access.may_prepare(request.user, round_.programme):
        raise PermissionDenied
    lines, grades = rating_contents.lines(round_), list(round_.grades.all())
    form = ProposeForm(request.POST or None, lines=lines, grades=grades)
    if request.method == "POST" and form.is_valid():
        try:
            ratings.propose(round_, by=request.user, at=timezone.now(), proposals=form.proposals)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The grades are before the commander."))
            return redirect("ratings:detail", year=year)
    facts = {"round_": round_, "year": year, "form": form}
    return render(request, "tasks/rating_propose.html", facts, status=400 if form.errors else 200)


# --- Lists and papers ---------------------------------------------------------------------------------------
@require_safe
def export(request: SignedInRequest, year: int) -> HttpResponse:
    """Send every agency's points and grade as a workbook."""
    round_ = _for_command(request, year)
    headings, rows = rating_pages.table(rating_contents.lines(round_))
    title = _("Rating %(year)s") % {"year": year}
    book = to_xlsx(title, headings, rows, widths=rating_pages.WIDTHS)
    return serving.made(book, name=f"bang-xep-loai-{year}.xlsx", media_type=XLSX_TYPE)


@require_safe
def paper(request: SignedInRequest, year: int) -> HttpResponse:
    """Send the table of grades as a paper of Decree 30; before approval it says that it is a draft."""
    round_ = _for_command(request, year)
    decision = access.visible_decisions(request.user).filter(round=round_).first()
    if round_.edition is None:
        raise Http404
    content = decision.content if decision else rating_contents.content(round_, rating_contents.lines(round_))
    at = decision.approved_at if decision else timezone.now()
    pdf = render_table_paper(rating_paper.table_paper(content, at=at, is_draft=decision is None))
    name = f"bang-xep-loai-{year}{'' if decision else '-du-thao'}.pdf"
    return serving.made(pdf, name=name, media_type="application/pdf")


def _decision(request: SignedInRequest, year: int) -> RatingDecision:
    """Return what was approved for a year; 403 for who is not of the command, 404 before."""
    round_ = _for_command(request, year)
    return get_object_or_404(access.visible_decisions(request.user), round=round_)


@require_safe
def rewards(request: SignedInRequest, year: int) -> HttpResponse:
    """Show whom the approved grades propose for a reward."""
    decision = _decision(request, year)
    facts = {
        "year": year,
        "decision": decision,
        "rows": rating_contents.rewards(decision.content["agencies"]),
    }
    return render(request, "tasks/rating_rewards.html", facts)


@require_safe
def export_rewards(request: SignedInRequest, year: int) -> HttpResponse:
    """Send the list for rewards as a workbook."""
    decision = _decision(request, year)
    headings, rows = rating_pages.reward_table(rating_contents.rewards(decision.content["agencies"]))
    title = _("Rewards %(year)s") % {"year": year}
    book = to_xlsx(title, headings, rows, widths=rating_pages.REWARD_WIDTHS)
    return serving.made(book, name=f"de-nghi-khen-thuong-{year}.xlsx", media_type=XLSX_TYPE)


@require_safe
def reward_paper(request: SignedInRequest, year: int) -> HttpResponse:
    """Send the list for rewards as a paper of Decree 30."""
    decision = _decision(request, year)
    rewarded = rating_contents.rewards(decision.content["agencies"])
    pdf = render_table_paper(rating_paper.reward_paper(decision.content, rewarded, at=decision.approved_at))
    return serving.made(pdf, name=f"de-nghi-khen-thuong-{year}.pdf", media_type="application/pdf")


# --- The command's support --------------------------------------------------------------------------
@require_http_methods(FORM)
def support(request: SignedInRequest, year: int) -> HttpResponse:
    """Show the sums to the command, the form to a head who has not answered; or take the answer."""
    round_ = _round(request, year)
    if access.may_see_table(request.user):
        if request.method == "POST":
            raise PermissionDenied
        facts = {"year": year, "round_": round_, "sums": rating_support.sums(round_, request.user)}
        return render(request, "tasks/rating_support_sums.html", facts | {"fewest": rating_support.FEWEST})
    if not access.may_rate_support(request.user, round_):
        raise PermissionDenied
    form = SupportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            rating_support.rate(round_, by=request.user, at=timezone.now(), **form.given)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Thank you. Your answer is kept without your agency's name."))
            return redirect("ratings:detail", year=year)
    own = access.visible_receipts(request.user).filter(round=round_, agency=request.user.agency_id)
    facts = {"year": year, "round_": round_, "form": form, "has_answered": own.exists()}
    facts |= {"is_open": round_.state in rating_support.OPEN, "fewest": rating_support.FEWEST}
    return render(request, "tasks/rating_support.html", facts, status=400 if form.errors else 200)
