"""Consultations: the list, one round with its steps, a comment and its decision, the table in three forms."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import consultation_access as access
from agreements import consultation_answers as answers
from agreements import consultation_tables as tables
from agreements import consultations
from agreements.consultation_forms import CommentForm, ExtendForm, SendBackForm
from agreements.consultation_paper import paper_of
from agreements.models import Consultation, ConsultationAnswer, ConsultationComment
from agreements.views import consultation_pages as pages
from agreements.views.conference_pages import keys
from portal.files import serving
from portal.lib.errors import RuleError, StaleError
from portal.papers.tables import XLSX_TYPE, to_xlsx
from portal.papers.wide import render_table_paper
from portal.users.requests import SignedInRequest
from tasks.views.stale_pages import stale


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show the consultations that the reader takes part in, newest first."""
    rows = access.visible_consultations(request.user)
    facts = {"consultations": rows, "today": timezone.localdate()}
    return render(request, "agreements/consultation_list.html", facts)


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the round; the address may name a place to comment on, or a comment to write anew."""
    chosen, edited = request.GET.get("place", ""), request.GET.get("comment", "")
    found = _find(request, pk)
    return _show(request, found, chosen=chosen, edited=next(iter(keys([edited])), None))


# --- The agency's answer -----------------------------------------------------------------------------
@require_POST
def comment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Write a comment; a refused form comes back with everything typed."""
    answer = _own(request, pk)
    form = CommentForm(request.POST, places=pages.choices(answer.consultation.version.text))
    if not access.may_prepare(request.user, answer):
        raise PermissionDenied
    if form.is_valid():
        try:
            answers.comment(answer, by=request.user, at=timezone.now(), **form.cleaned_data)
        except StaleError as refusal:
            row = answer.comments.filter(pk=form.cleaned_data["pk"]).first()
            now = pages.comment_form_of(answer.consultation, row, request.POST)
            return stale(request, refusal, now, answer.get_absolute_url())
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The comment is kept. It is sent with your agency's answer."))
            return redirect("consultations:detail", pk=pk)
    return _show(request, _find(request, pk), comment_form=form, status=400)


@require_POST
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a comment out of one's own agency's answer."""
    row = get_object_or_404(access.visible_comments(request.user), pk=pk)
    answers.remove(row, by=request.user, at=timezone.now())
    messages.success(request, _("The comment was removed."))
    return redirect(row.answer)


@require_POST
def submit(request: SignedInRequest, pk: int) -> HttpResponse:
    answer = _own(request, pk)
    answers.submit(answer, by=request.user, at=timezone.now(), **_offered(request))
    messages.success(request, _sent_words(answer))
    return redirect("consultations:detail", pk=pk)


@require_POST
def approve(request: SignedInRequest, pk: int) -> HttpResponse:
    answer = _own(request, pk)
    answers.approve(answer, by=request.user, at=timezone.now(), **_offered(request))
    messages.success(request, _sent_words(answer))
    return redirect("consultations:detail", pk=pk)


@require_POST
def send_back(request: SignedInRequest, pk: int) -> HttpResponse:
    answer, form = _own(request, pk), SendBackForm(request.POST)
    if not access.may_answer(request.user, answer):
        raise PermissionDenied
    if not form.is_valid():
        return _show(request, _find(request, pk), send_back_form=form, status=400)
    answers.send_back(answer, by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, _("Sent back to the focal point."))
    return redirect("consultations:detail", pk=pk)


@require_POST
def take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    answers.take_back(_own(request, pk), by=request.user, at=timezone.now())
    return redirect("consultations:detail", pk=pk)


@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    answers.withdraw(_own(request, pk), by=request.user, at=timezone.now())
    messages.success(request, _("The answer was taken back. Send it again before the last day."))
    return redirect("consultations:detail", pk=pk)


def _offered(request: SignedInRequest) -> dict[str, Any]:
    """What the page said whose button was pressed."""
    agrees = request.POST.get("verdict") == ConsultationAnswer.Verdict.AGREED
    return {"agrees": agrees, "version": request.POST.get("version", "")}


def _sent_words(answer: ConsultationAnswer) -> str:
    if not answer.is_answered:
        return _("The head now has the answer to approve.")
    if answer.verdict == ConsultationAnswer.Verdict.AGREED:
        return _("Sent: your agency agrees with the whole text.")
    return _("Sent: the command has your agency's comments.")


# --- The command -------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def respond(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a comment beside the text, or decide it; a refused form keeps its words."""
    row = get_object_or_404(access.visible_comments(request.user), pk=pk)
    if not access.may_respond(request.user, row):
        raise PermissionDenied
    form = pages.respond_form(row, request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        try:
            consultations.respond(row, by=request.user, at=timezone.now(), **form.cleaned_data)
        except StaleError as refusal:
            now = access.visible_comments(request.user).filter(pk=pk).first()
            back_url = reverse("consultations:respond", args=[pk]) if now else row.answer.get_absolute_url()
            return stale(request, refusal, pages.respond_form(now or row, request.POST), back_url)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            return _after_decision(request, row)
    facts = vars(pages.comment_page(row, request.user, form=form))
    return render(request, "agreements/consultation_comment.html", facts, status=400 if form else 200)


def _after_decision(request: SignedInRequest, row: ConsultationComment) -> HttpResponse:
    """Go on to the next comment that waits, else back to the round."""
    messages.success(request, _("The decision is kept; the agencies read it when the table is published."))
    waiting = consultations.undecided(row.answer.consultation).order_by("pk").first()
    return redirect("consultations:respond", pk=waiting.pk) if waiting else redirect(row.answer)


@require_POST
def extend(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let the agencies answer longer; a refused form comes back with the day."""
    found, form = _find(request, pk), ExtendForm(request.POST, auto_id=pages.EXTEND_ID)
    if not access.may_run_consultation(request.user, found.programme):
        raise PermissionDenied
    if form.is_valid():
        try:
            consultations.extend(found, by=request.user, at=timezone.now(), **form.cleaned_data)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The last day is later now; who still owes an answer was told."))
            return redirect("consultations:detail", pk=pk)
    return _show(request, _find(request, pk), extend_form=form, status=400)


@require_POST
def close(request: SignedInRequest, pk: int) -> HttpResponse:
    """Publish the table; the text is settled, or goes back to be written."""
    consultation, again = _find(request, pk), "again" in request.POST
    consultations.close(consultation, by=request.user, at=timezone.now(), again=again)
    messages.success(request, _("The table is published; every agency that was asked was told."))
    return redirect("consultations:table", pk=pk)


# --- The table -----------------------------------------------------------------------------------------
@require_safe
def table(request: SignedInRequest, pk: int) -> HttpResponse:
    made = _table(request, pk)
    facts = {"table": made, "consultation": made.consultation}
    return render(request, "agreements/consultation_table.html", facts)


@require_safe
def export(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send the table as a workbook."""
    made = _table(request, pk)
    rows = [tables.cells(line) for line in made.lines]
    book = to_xlsx(_("Comments and decisions"), tables.headings(), rows, widths=tables.WIDTHS)
    return serving.made(book, name=f"{_name(made.consultation)}.xlsx", media_type=XLSX_TYPE)


@require_safe
def paper(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send the table as a paper of Decree 30."""
    made = _table(request, pk)
    pdf = render_table_paper(paper_of(made, at=timezone.now()))
    draft = "-du-thao" if made.consultation.is_open else ""
    return serving.made(pdf, name=f"{_name(made.consultation)}{draft}.pdf", media_type="application/pdf")


def _name(consultation: Consultation) -> str:
    return f"tiep-thu-giai-trinh-{consultation.programme.year}-lan-{consultation.round}"


def _table(request: SignedInRequest, pk: int) -> tables.Table:
    consultation, user = _find(request, pk), request.user
    if not access.may_see_table(user, consultation):
        raise PermissionDenied
    shown = access.visible_answers(user).filter(consultation=consultation)
    comments = access.visible_comments(user).filter(answer__consultation=consultation)
    return tables.table(consultation, shown, [row for row in comments if row.answer.is_answered])


# --- What every page asks --------------------------------------------------------------------------
def _find(request: SignedInRequest, pk: int) -> Consultation:
    return get_object_or_404(access.visible_consultations(request.user), pk=pk)


def _own(request: SignedInRequest, pk: int) -> ConsultationAnswer:
    """Return the answer of the reader's agency in a round that it sees; 403 where it was not asked."""
    consultation = _find(request, pk)
    own = access.visible_answers(request.user).filter(consultation=consultation)
    answer = own.filter(agency=request.user.agency_id).first()
    if answer is None:
        raise PermissionDenied
    return answer


def _show(request: SignedInRequest, found: Consultation, *, status: int = 200, **given: Any) -> HttpResponse:
    page = pages.consultation_page(found, request.user, today=timezone.localdate(), **given)
    return render(request, "agreements/consultation.html", vars(page), status=status)
