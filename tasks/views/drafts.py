"""The board of a programme's assignments: what is nobody's duty yet, one more, and many changed at once."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.lib.errors import RuleError, StaleError
from portal.users.requests import SignedInRequest
from tasks import access, assignment_drafts, draft_access
from tasks.draft_forms import DutyForm, WantedForm
from tasks.models import Programme
from tasks.views import draft_pages


@require_safe
def board(request: SignedInRequest, year: int) -> HttpResponse:
    """Show every task, solution and clause with who carries it out, and the assignments to be ticked."""
    return _show(request, find(request, year))


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: SignedInRequest, year: int) -> HttpResponse:
    """Add an assignment, begun from the piece of text that the address names."""
    programme = find(request, year)
    if not draft_pages.is_open(programme):
        messages.error(request, _("The text is frozen; nothing is added to it here."))
        return redirect("drafting:board", year=year)
    form = DutyForm(
        request.POST if request.method == "POST" else None,
        programme=programme,
        initial=draft_pages.begun_from(programme, request.GET),
    )
    if form.is_valid():
        try:
            row = assignment_drafts.add(programme, duty=form.duty, by=request.user, at=timezone.now())
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Assignment %(code)s was added.") % {"code": row.code})
            return redirect("drafting:board", year=year)
    facts = {"programme": programme, "form": form}
    return render(request, "tasks/draft_add.html", facts, status=400 if form.errors else 200)


@require_POST
def change(request: SignedInRequest, year: int) -> HttpResponse:
    """Show what would change in the ticked assignments; change them when that was confirmed."""
    programme = find(request, year)
    form = WantedForm(request.POST, programme=programme)
    if not form.is_valid():
        return _show(request, programme, form=form)
    if "confirmed" not in request.POST:
        return _preview(request, programme, form)
    try:
        count = assignment_drafts.change(
            programme,
            keys=form.keys,
            wanted=form.wanted,
            by=request.user,
            at=timezone.now(),
            version=request.POST.get("version", "")[:64],
        )
    except StaleError as error:
        messages.error(request, str(error))
        return _preview(request, programme, form, status=409)
    except RuleError as refusal:
        form.add_error(None, str(refusal))
        return _show(request, programme, form=form)
    text = ngettext("%(count)s assignment was changed.", "%(count)s assignments were changed.", count)
    messages.success(request, text % {"count": count})
    return redirect("drafting:board", year=year)


def _preview(
    request: SignedInRequest, programme: Programme, form: WantedForm, *, status: int = 200
) -> HttpResponse:
    """Show what the form would change as things stand now."""
    facts = {"programme": programme, "preview": draft_pages.preview(programme, form)}
    return render(request, "tasks/draft_preview.html", facts, status=status)


def find(request: SignedInRequest, year: int) -> Programme:
    """Return a programme that the reader writes; 404 when it is not seen, 403 when it is."""
    rows = access.visible_programmes(request.user).select_related("host")
    programme = get_object_or_404(rows, year=year)
    if not draft_access.may_draft(request.user, programme):
        raise PermissionDenied
    return programme


def _show(request: SignedInRequest, programme: Programme, *, form: WantedForm | None = None) -> HttpResponse:
    """Return the board; with a form that was refused as it was sent (400)."""
    page = draft_pages.board_page(programme, request.user, form=form)
    return render(request, "tasks/draft_board.html", vars(page), status=400 if form else 200)
