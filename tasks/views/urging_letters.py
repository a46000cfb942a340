"""Letters of urging: the list, writing one, and what is done with it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.calendar.models import load_calendar
from portal.files import serving
from portal.lib.errors import RuleError
from portal.papers.official_letters import render_letter
from portal.users.requests import SignedInRequest
from tasks import access, urging_letter_paper, urging_letters
from tasks.models import UrgingLetter
from tasks.urging_forms import DiscardLetterForm, IssueLetterForm, LetterForm
from tasks.views import urging_pages

PAGE_SIZE = 50
REPLY_DAYS = 5
"""Working days that an agency is given to answer, unless another day is typed."""


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show the letters: the command every one, an agency those it was sent."""
    rows = access.visible_urging_letters(request.user)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    facts = {"page": page, "may_see_contacts": access.may_see_contacts(request.user)}
    return render(request, "tasks/urging_letters.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: SignedInRequest, code: str) -> HttpResponse:
    """Show what the agency owes and a text to begin with; then write the letter."""
    agency = get_object_or_404(access.visible_agencies(request.user), code=code)
    if not access.may_see_contacts(request.user):
        raise PermissionDenied
    programme = urging_pages.running_programme(request.user)
    if programme is None:
        raise Http404
    today = timezone.localdate()
    things = urging_letters.overdue(agency, programme, today)
    first = {
        "text": urging_letters.wording(programme),
        "reply_by": load_calendar(first=today).working_days_after(today, REPLY_DAYS),
    }
    form = LetterForm(request.POST if request.method == "POST" else None, things=things, initial=first)
    if form.is_valid():
        try:
            letter = urging_letters.write(
                agency, programme=programme, by=request.user, at=timezone.now(), **form.cleaned_data
            )
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("The letter is written. Print it, have it signed, then note its number.")
            )
            return redirect(letter)
    facts = {"agency": agency, "things": things, "form": form}
    return render(request, "tasks/urging_letter_form.html", facts, status=400 if form.errors else 200)


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a letter, and what of it came since."""
    return _show(request, _find(request, pk))


@require_safe
def paper(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send the letter as a paper of Decree 30."""
    letter = _find(request, pk)
    content = render_letter(urging_letter_paper.paper_of(letter))
    name = f"cong-van-don-doc-{letter.agency.code.lower()}.pdf"
    return serving.made(content, name=name, media_type="application/pdf")


@require_POST
def issue(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note number and date."""
    letter, form = _find(request, pk), IssueLetterForm(request.POST)
    if not access.may_number_letter(request.user, letter.programme):
        raise PermissionDenied
    done = _("Issued; the agency was told.")
    return _act(request, letter, form, act=urging_letters.issue, done=done, name="issue_form")


@require_POST
def discard(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give the letter up."""
    letter, form = _find(request, pk), DiscardLetterForm(request.POST, auto_id="discard_%s")
    if not access.may_urge(request.user, letter.programme):
        raise PermissionDenied
    done = _("The letter was discarded.")
    return _act(request, letter, form, act=urging_letters.discard, done=done, name="discard_form")


def _find(request: SignedInRequest, pk: int) -> UrgingLetter:
    return get_object_or_404(access.visible_urging_letters(request.user), pk=pk)


def _act(
    request: SignedInRequest,
    letter: UrgingLetter,
    form: forms.Form,
    *,
    act: Callable[..., None],
    done: str,
    name: str,
) -> HttpResponse:
    """Do it; a refused form comes back with everything typed."""
    if form.is_valid():
        try:
            act(letter, by=request.user, at=timezone.now(), **form.cleaned_data)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect(letter)
    return _show(request, letter, **{name: form})


def _show(request: SignedInRequest, letter: UrgingLetter, **refused: forms.Form) -> HttpResponse:
    user = request.user
    facts: dict[str, Any] = {
        "letter": letter,
        "lines": urging_pages.letter_lines(letter),
        "may_see_contacts": access.may_see_contacts(user),
    }
    if letter.is_draft and access.may_number_letter(user, letter.programme):
        facts["issue_form"] = IssueLetterForm(initial={"issued_on": timezone.localdate()})
    if letter.is_draft and access.may_urge(user, letter.programme):
        facts["discard_form"] = DiscardLetterForm(auto_id="discard_%s")
    return render(request, "tasks/urging_letter.html", facts | refused, status=400 if refused else 200)
