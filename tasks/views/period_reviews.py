"""Interim and annual reviews: the list, reading one, comparing it, editing a section, and each step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from portal.files import serving
from portal.lib.errors import RuleError, StaleError
from portal.papers.reports import render_report
from portal.users.models import User
from portal.users.requests import SignedInRequest
from tasks import access as tasks_access
from tasks import period_review_access as access
from tasks import period_review_paper, period_reviews
from tasks.models import PeriodReview, ReportingPeriod
from tasks.paragraph_forms import AddForm
from tasks.period_review_forms import GiveBackForm, NumberForm, RecipientsForm, StepForm
from tasks.views import period_review_pages as pages
from tasks.views.period_review_pages import Page, SectionPage, Tab
from tasks.views.stale_pages import stale


@dataclass(frozen=True)
class Step:
    """One button: the action, its form, who may press it, what is said afterwards."""

    act: Callable[..., Any]
    form: type[StepForm]
    may: Callable[[User, ReportingPeriod], bool]
    done: str | Promise


STEPS: Mapping[str, Step] = {
    "refresh": Step(period_reviews.refresh, StepForm, access.may_prepare, ""),
    "address": Step(
        period_reviews.address, RecipientsForm, access.may_prepare, gettext_lazy("The recipients are noted.")
    ),
    "freeze": Step(
        period_reviews.freeze,
        StepForm,
        access.may_prepare,
        gettext_lazy("The review is frozen; the commander was told."),
    ),
    "approve": Step(
        period_reviews.approve,
        StepForm,
        access.may_decide,
        gettext_lazy("The review is approved; every party was told."),
    ),
    "give_back": Step(
        period_reviews.give_back, GiveBackForm, access.may_decide, gettext_lazy("The officer was told.")
    ),
}


def _period(request: SignedInRequest, pk: int) -> ReportingPeriod:
    return get_object_or_404(tasks_access.visible_periods(request.user), pk=pk)


def _found(request: SignedInRequest, pk: int, **given: Any) -> Page:
    page = pages.page(_period(request, pk), request.user, today=timezone.localdate(), **given)
    if page is None or not page.period.is_reviewed:
        raise Http404
    return page


def _show(request: SignedInRequest, page: Page, *, status: int = 200) -> HttpResponse:
    return render(request, "tasks/period_review.html", vars(page) | {"forms": page.forms}, status=status)


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """List the reviews that the reader sees, the newest first."""
    if not access.may_read(request.user):
        raise PermissionDenied
    facts = {
        "lines": pages.lines(request.user, today=timezone.localdate()),
        "sees_drafts": access.may_see_drafts(request.user),
    }
    return render(request, "tasks/period_review_list.html", facts)


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the review as it reads, with the steps that the reader can take."""
    return _show(request, _found(request, pk))


def _content(request: SignedInRequest, pk: int) -> tuple[Page, Mapping[str, Any]]:
    """Return what the reader may read: the approved content, to the command also that of the draft."""
    page = _found(request, pk)
    if page.approved:
        return page, page.approved.content
    if page.review is None:
        raise Http404
    return page, period_reviews.written(page.review)


@require_safe
def compare(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the figures of the review beside those of the year before."""
    page, content = _content(request, pk)
    facts = pages.compared(content["figures"], total=_("Total"))
    return render(request, "tasks/period_review_compare.html", facts | {"page": page, "period": page.period})


@require_safe
def paper(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send the review as a paper of Decree 30."""
    page, content = _content(request, pk)
    made = period_review_paper.paper_of(content, page.approved, at=timezone.now())
    name = f"bao-cao-so-ket-tong-ket-{page.period.code}{'' if page.approved else '-du-thao'}.pdf"
    return serving.made(render_report(made), name=name, media_type="application/pdf")


@require_POST
def draft(request: SignedInRequest, pk: int) -> HttpResponse:
    """Draft the review from what the portal knows."""
    try:
        period_reviews.draft(_period(request, pk), by=request.user, at=timezone.now())
    except RuleError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("The draft is made. Read it section by section."))
    return redirect("reviews:detail", pk=pk)


@require_POST
def act(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """Do one step; a refused form comes back with everything typed."""
    step, period = STEPS[name], _period(request, pk)
    if not step.may(request.user, period):
        raise PermissionDenied
    row = get_object_or_404(access.visible_drafts(request.user), period=period)
    form = step.form(request.POST, review=row)
    if form.is_valid():
        try:
            result = step.act(row, by=request.user, at=timezone.now(), **form.cleaned_data)
        except StaleError as error:
            return stale(request, error, form, reverse("reviews:detail", args=[pk]))
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, str(step.done) or _counted(result))
            return redirect("reviews:detail", pk=pk)
    return _show(request, _found(request, pk, refused=form, name=name), status=400)


def _counted(count: int) -> str:
    """Say what gathering anew brought."""
    if not count:
        return _("The figures say nothing else than the draft.")
    return _("Paragraphs that are new or changed: %(count)s. They are marked.") % {"count": count}


@require_POST
def number(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note number and date of the signed paper."""
    period = _period(request, pk)
    if not access.may_number(request.user, period):
        raise PermissionDenied
    approved = access.visible_reviews(request.user).filter(period=period).first()
    if approved is None:
        messages.warning(request, _("A review gets its number once it is approved."))
        return redirect("reviews:detail", pk=pk)
    form = NumberForm(request.POST)
    if form.is_valid():
        try:
            period_reviews.give_number(approved, by=request.user, at=timezone.now(), **form.cleaned_data)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Number and date are noted."))
            return redirect("reviews:detail", pk=pk)
    return _show(request, _found(request, pk, refused=form, name="number"), status=400)


# --- One section ---------------------------------------------------------------------------------------
def _edited(request: SignedInRequest, pk: int, slug: str) -> tuple[PeriodReview, Tab]:
    """Return the draft with the section that is edited; 403 for who does not write."""
    period = _period(request, pk)
    if not access.may_prepare(request.user, period):
        raise PermissionDenied
    row = get_object_or_404(access.visible_drafts(request.user), period=period)
    tab = pages.find_tab(row, slug)
    if tab is None:
        raise Http404
    return row, tab


def _show_section(request: SignedInRequest, page: SectionPage, *, status: int = 200) -> HttpResponse:
    return render(request, "tasks/period_review_section.html", vars(page), status=status)


@require_safe
def section(request: SignedInRequest, pk: int, slug: str) -> HttpResponse:
    """Show one section as a form; a frozen review has none."""
    row, tab = _edited(request, pk, slug)
    if not row.is_draft:
        return redirect("reviews:detail", pk=pk)
    return _show_section(request, pages.section_page(row, tab))


@require_POST
def save(request: SignedInRequest, pk: int, slug: str) -> HttpResponse:
    """Keep what was typed."""
    row, tab = _edited(request, pk, slug)
    form = pages.section_form(row, tab.section, request.POST)
    if form.is_valid():
        typed, seen = form.typed, form.cleaned_data["version"]
        try:
            period_reviews.save(
                row, by=request.user, at=timezone.now(), section=tab.section, typed=typed, version=seen
            )
        except StaleError as error:
            now = pages.section_form(row, tab.section, request.POST)
            return stale(request, error, now, tab.url)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The draft is saved."))
            return redirect(tab.url)
    return _show_section(request, pages.section_page(row, tab, form=form), status=400)


@require_POST
def add(request: SignedInRequest, pk: int, slug: str) -> HttpResponse:
    """Add paragraphs of the officer's own."""
    row, tab = _edited(request, pk, slug)
    form = AddForm(request.POST)
    if form.is_valid():
        text = form.cleaned_data["text"]
        try:
            period_reviews.add(row, by=request.user, at=timezone.now(), section=tab.section, text=text)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Added at the end."))
            return redirect(tab.url)
    return _show_section(request, pages.section_page(row, tab, add_form=form), status=400)
