"""Pages of an amendment's draft, and of the end of an issued document."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import access, amendments, endings
from agreements.amendment_forms import DutyForm, EndForm, ProposeForm
from agreements.models import Amendment
from portal.lib.errors import RuleError, StaleError
from portal.users.requests import SignedInRequest
from tasks.views.stale_pages import stale

NEW = "new"
GET_OR_POST = ["GET", "HEAD", "POST"]


@require_http_methods(GET_OR_POST)
def propose(request: SignedInRequest, pk: int) -> HttpResponse:
    """Begin an amendment of an issued programme."""
    document = get_object_or_404(access.visible_documents(request.user), pk=pk)
    if not access.may_amend(request.user, document.programme):
        raise PermissionDenied
    form = ProposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = amendments.propose(
                document.programme, by=request.user, at=timezone.now(), **form.cleaned_data
            )
        except StaleError:
            raise
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("agreements:amendment", pk=made.pk)
    facts = {"document": document, "form": form}
    return render(request, "agreements/amend.html", facts, status=400 if form.errors else 200)


@require_safe
def amendment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show an amendment: every change beside what was signed before, who signs, and what may be done next."""
    found = _find(request, pk)
    names = amendments.names_of(found.programme)
    changes = amendments.shown_changes(found)
    duties = amendments.duties_of(found.programme)
    versions = amendments.versions_of(found, {*duties, *(change["code"] for change in changes)})
    facts = {
        "amendment": found,
        "changes": [(amendments.told(change, names), versions[change["code"]]) for change in changes],
        "parties": amendments.parties_of(found, changes),
        "duties": [(code, duty["title"], versions[code]) for code, duty in duties.items()],
        "may_write": found.is_draft and access.may_amend(request.user, found.programme),
    }
    return render(request, "agreements/amendment.html", facts)


@require_http_methods(GET_OR_POST)
def duty(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    """Write how a duty shall read; under the code “new” a further one."""
    found = _find(request, pk)
    if not access.may_amend(request.user, found.programme):
        raise PermissionDenied
    form = _duty_form(request, found, code)
    if form.stands is None and code != NEW:
        raise Http404
    if request.method == "POST" and form.is_valid():
        after, seen = form.duty(), form.cleaned_data["version"]
        try:
            amendments.put(
                found, by=request.user, at=timezone.now(), code=after["code"], after=after, version=seen
            )
        except StaleError as refusal:
            now = _duty_form(request, found, after["code"])
            return stale(request, refusal, now, reverse("agreements:amend_duty", args=[pk, after["code"]]))
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("agreements:amendment", pk=pk)
    facts = {"amendment": found, "form": form, "stands": form.stands, "code": code}
    return render(request, "agreements/amendment_duty.html", facts, status=400 if form.errors else 200)


def _duty_form(request: SignedInRequest, found: Amendment, code: str) -> DutyForm:
    """Return the form of a duty as the draft has it, else as it is signed, with what was sent."""
    changes = {change["code"]: change["after"] for change in amendments.changes_of(found)}
    return DutyForm(
        request.POST or None,
        programme=found.programme,
        signed=amendments.duties_of(found.programme).get(code),
        draft=changes.get(code),
        version=amendments.version_of(found, code),
    )


@require_POST
def withdraw_duty(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    amendments.put(
        _find(request, pk),
        by=request.user,
        at=timezone.now(),
        code=code,
        after=None,
        version=request.POST.get("version", ""),
    )
    return redirect("agreements:amendment", pk=pk)


@require_POST
def keep_duty(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    seen = request.POST.get("version", "")
    amendments.leave(_find(request, pk), by=request.user, at=timezone.now(), code=code, version=seen)
    return redirect("agreements:amendment", pk=pk)


@require_POST
def freeze(request: SignedInRequest, pk: int) -> HttpResponse:
    document = amendments.freeze(_find(request, pk), by=request.user, at=timezone.now())
    messages.success(request, _("The amendment is frozen. Read the paper, then open it for signing."))
    return redirect("agreements:detail", pk=document.pk)


@require_POST
def drop(request: SignedInRequest, pk: int) -> HttpResponse:
    amendments.drop(_find(request, pk), by=request.user, at=timezone.now())
    messages.success(request, _("The draft was dropped. What was signed stands."))
    return redirect("agreements:list")


def _find(request: SignedInRequest, pk: int) -> Amendment:
    return get_object_or_404(access.visible_amendments(request.user), pk=pk)


@require_http_methods(GET_OR_POST)
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Supersede or terminate an issued document, by a decision."""
    document = get_object_or_404(access.visible_documents(request.user), pk=pk)
    if not access.may_end(request.user, document):
        raise PermissionDenied
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        act = endings.supersede if given.pop("how") == EndForm.SUPERSEDE else endings.terminate
        try:
            act(document, by=request.user, at=timezone.now(), **given)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The document is no longer good; everybody who opens it reads why."))
            return redirect("agreements:detail", pk=pk)
    facts = {"document": document, "form": form}
    return render(request, "agreements/end.html", facts, status=400 if form.errors else 200)
