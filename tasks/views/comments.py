"""Conversations: read and write, mend and delete."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.lib.errors import RuleError
from portal.users.requests import SignedInRequest
from tasks import comment_access, comments
from tasks.comment_access import Subject
from tasks.comment_forms import CommentForm, EditForm
from tasks.comment_reminders import path_of
from tasks.models import Clause, Comment
from tasks.views import assignments, comment_pages, reports

FORM = ["GET", "HEAD", "POST"]


def _find_clause(request: SignedInRequest, pk: int) -> Clause:
    return get_object_or_404(comment_access.visible_clauses(request.user), pk=pk)


FIND: dict[str, Callable[[SignedInRequest, int], Subject]] = {
    "assignment": assignments.find,
    "clause": _find_clause,
    "report": reports.find,
}


@require_http_methods(FORM)
def thread(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    """Show the conversation about a thing, and add to it."""
    subject = FIND[kind](request, pk)
    writes = comment_access.may_write(request.user, subject)
    if not (writes if request.method == "POST" else comment_access.may_read(request.user, subject)):
        raise PermissionDenied
    form = None
    if writes:
        groups = comment_pages.people(request.user, subject, timezone.localdate())
        form = CommentForm(request.POST if request.method == "POST" else None, groups=groups)
    if form is not None and form.is_bound and _added(request, subject, form):
        return redirect(path_of(subject))
    number = request.GET.get("page")
    page = comment_pages.thread_page(subject, request.user, at=timezone.now(), number=number, form=form)
    status = 400 if form is not None and form.is_bound else 200
    return render(request, "tasks/comments.html", vars(page), status=status)


def _added(request: SignedInRequest, subject: Subject, form: CommentForm) -> bool:
    """Write the comment; False leaves the form with what is wrong."""
    if not form.is_valid():
        return False
    try:
        comments.add(subject, by=request.user, at=timezone.now(), **form.cleaned_data)
    except RuleError as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, _("The comment stands below."))
    return True


@require_http_methods(FORM)
def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show one's own comment in a form, and mend it."""
    comment = _find(request, pk)
    if not comment_access.may_edit(request.user, comment):
        raise PermissionDenied
    initial = {"text": comment.text, "version": comments.version_of(comment)}
    form = EditForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            comments.edit(comment, by=request.user, at=timezone.now(), **form.cleaned_data)
        except RuleError as refusal:  # a stale page too: what was typed stays, beside what stands there now
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The comment was changed."))
            return redirect(f"{path_of(comment.subject)}#comment-{pk}")
    title, _url = comment_pages.name_of(comment.subject)
    facts = {
        "comment": comment,
        "form": form,
        "title": title,
        "back_url": path_of(comment.subject),
        "is_editable": comments.is_editable(comment, timezone.now()),
    }
    return render(request, "tasks/comment_edit.html", facts, status=400 if form.is_bound else 200)


@require_POST
def delete(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the words of a comment away."""
    comment = _find(request, pk)
    try:
        comments.delete(comment, by=request.user, at=timezone.now())
    except RuleError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The comment was deleted; that it stood here remains to be seen."))
    return redirect(path_of(comment.subject))


def _find(request: SignedInRequest, pk: int) -> Comment:
    rows = comment_access.visible_comments(request.user).select_related(
        "assignment__programme__host", "clause__programme__host", "report__period__programme__host"
    )
    return get_object_or_404(rows.select_related("report__agency"), pk=pk)
