"""The ledger of shortcomings: the list, one of them, and its buttons."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.lib.errors import RuleError
from portal.users.requests import SignedInRequest
from tasks import access, review_access, shortcomings, year_access
from tasks.models import Shortcoming
from tasks.review_forms import AnswerForm, ReviewForm, ShortcomingForm
from tasks.states import OPEN_PROGRAMME, AssignmentStatus, ShortcomingState


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show the ledger through the years, what is not overcome first."""
    if not review_access.may_see_ledger(request.user):
        raise PermissionDenied
    rows = review_access.visible_shortcomings(request.user).prefetch_related(
        "solutions__programme", "reviews__programme"
    )
    found = list(rows.annotate(review_count=Count("reviews")).order_by("-programme__year", "pk"))
    programmes = access.visible_programmes(request.user).filter(state__in=OPEN_PROGRAMME).order_by("-year")
    facts = {
        "open": [row for row in found if row.state == ShortcomingState.OPEN],
        "gone": [row for row in found if row.state == ShortcomingState.GONE],
        "years": [p.year for p in programmes if review_access.may_write_ledger(request.user, p)],
    }
    return render(request, "tasks/shortcomings.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
def note(request: SignedInRequest, year: int) -> HttpResponse:
    """Write a shortcoming of a year into the ledger."""
    programme = get_object_or_404(access.visible_programmes(request.user).select_related("host"), year=year)
    if not review_access.may_write_ledger(request.user, programme):
        raise PermissionDenied
    reports = access.visible_reports(request.user).filter(period__programme=programme)
    form = ShortcomingForm(
        request.POST or None,
        agencies=access.visible_agencies(request.user),
        reports=reports.exclude(shortcomings="").order_by("period__due_on", "agency__protocol_order"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            row = shortcomings.note(programme, by=request.user, at=timezone.now(), columns=form.cleaned_data)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Written into the ledger."))
            return redirect("shortcomings:detail", pk=row.pk)
    facts = {"form": form, "programme": programme}
    return render(request, "tasks/shortcoming_form.html", facts, status=400 if form.is_bound else 200)


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _show(request, _find(request, pk))


def _find(request: SignedInRequest, pk: int) -> Shortcoming:
    return get_object_or_404(review_access.visible_shortcomings(request.user), pk=pk)


def _show(request: SignedInRequest, row: Shortcoming, refused: ReviewForm | None = None) -> HttpResponse:
    may_write = review_access.may_write_ledger(request.user, row.programme)
    facts: dict[str, Any] = {
        "row": row,
        "solutions": row.solutions.select_related("programme").order_by("programme__year", "number"),
        "reviews": row.reviews.select_related("programme", "assignment__programme", "by"),
        "may_write": may_write,
        "editable": {text.pk for text in year_access.texts(request.user)} if may_write else set(),
    }
    if may_write:
        facts["answer"] = _answer_form(request, row)
        facts["review"] = refused or _review_form(request, row)
    return render(request, "tasks/shortcoming.html", facts, status=400 if refused else 200)


def _answer_form(request: SignedInRequest, row: Shortcoming, sent: Any = None) -> AnswerForm:
    found = year_access.solutions(request.user).exclude(pk__in=row.solutions.values("pk"))
    return AnswerForm(sent, solutions=found.order_by("-programme__year", "number"))


def _review_form(request: SignedInRequest, row: Shortcoming, sent: Any = None) -> ReviewForm:
    seen = access.visible_programmes(request.user)
    programmes = seen.filter(state__in=OPEN_PROGRAMME, year__gte=row.programme.year)
    done = access.assignments_with_progress(request.user).filter(
        status=AssignmentStatus.CONFIRMED, programme__year__gte=row.programme.year
    )
    return ReviewForm(
        sent, programmes=programmes.order_by("-year"), assignments=done.order_by("-programme__year", "code")
    )


@require_POST
def answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let a solution of the next programme answer it."""
    return _answer(request, pk, takes=True)


@require_POST
def leave(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let a solution answer it no more."""
    return _answer(request, pk, takes=False)


def _answer(request: SignedInRequest, pk: int, *, takes: bool) -> HttpResponse:
    row = _find(request, pk)
    if not review_access.may_write_ledger(request.user, row.programme):
        raise PermissionDenied
    form = AnswerForm(request.POST, solutions=year_access.solutions(request.user))
    if not form.is_valid():
        raise RuleError(_("Choose a solution of a text that is written."))
    solution = form.cleaned_data["solution"]
    shortcomings.answer(row, by=request.user, at=timezone.now(), solution=solution, takes=takes)
    messages.success(request, _("The ledger is kept."))
    return redirect("shortcomings:detail", pk=pk)


@require_POST
def review(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say what the review of a year found."""
    row = _find(request, pk)
    if not review_access.may_write_ledger(request.user, row.programme):
        raise PermissionDenied
    form = _review_form(request, row, request.POST)
    if not form.is_valid():
        return _show(request, row, form)
    try:
        shortcomings.review(row, by=request.user, at=timezone.now(), **form.cleaned_data)
    except RuleError as refusal:
        form.add_error(None, str(refusal))
        return _show(request, row, form)
    messages.success(request, _("The ledger is kept."))
    return redirect("shortcomings:detail", pk=pk)
