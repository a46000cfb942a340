"""Outside roots: what is trusted and what that means, a new one, the second person's decision."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import root_access, roots
from agreements.forms import CompareRootForm, ExternalListForm, ProposeRootForm, RefuseForm
from agreements.models import ExternalRoot
from agreements.states import RootState
from portal.lib.errors import RuleError
from portal.users import step_up
from portal.users.requests import SignedInRequest


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """List the outside roots, under what each kind means in law."""
    if not root_access.may_see_roots(request.user):
        raise PermissionDenied
    facts = {
        "roots": root_access.visible_roots(request.user),
        "may_propose": root_access.may_propose_root(request.user),
    }
    return render(request, "agreements/roots.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up.required("roots", may=root_access.may_propose_root)
def propose(request: SignedInRequest) -> HttpResponse:
    """Propose one; a refused form comes back, the file must be chosen again."""
    form = ProposeRootForm(request.POST, request.FILES) if request.method == "POST" else ProposeRootForm()
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = roots.propose(
                given["file"],
                kind=given["kind"],
                owner=given["owner"],
                fingerprint=given["fingerprint"],
                by=request.user,
                at=timezone.now(),
            )
        except roots.FingerprintDiffers as refusal:
            form.add_error("fingerprint", str(refusal))
        except RuleError as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, _("Proposed. A command post compares the fingerprint and decides."))
            return redirect("agreements:root", pk=made.pk)
    return render(request, "agreements/root_propose.html", {"form": form}, status=400 if form.errors else 200)


@require_safe
def root(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show one, its revocation lists, and what the reader may do."""
    return _page(request, _find(request, pk))


@require_POST
def enable(request: SignedInRequest, pk: int) -> HttpResponse:
    """Believe it, once the end of the fingerprint was compared."""
    found, form = _find(request, pk), CompareRootForm(request.POST)
    if answer := step_up.demand(request, "roots"):
        return answer
    if form.is_valid():
        try:
            roots.enable(found, compared=form.cleaned_data["compared"], by=request.user, at=timezone.now())
        except roots.FingerprintDiffers as refusal:
            form.add_error("compared", str(refusal))
        else:
            messages.success(request, _("The root is trusted from now on."))
            return redirect("agreements:root", pk=pk)
    return _page(request, found, compare_form=form)


@require_POST
def refuse(request: SignedInRequest, pk: int) -> HttpResponse:
    found, form = _find(request, pk), RefuseForm(request.POST)
    if not form.is_valid():
        return _page(request, found, reason_form=form)
    roots.refuse(found, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
    messages.success(request, _("The root was refused."))
    return redirect("agreements:root", pk=pk)


@require_POST
def disable(request: SignedInRequest, pk: int) -> HttpResponse:
    found, form = _find(request, pk), RefuseForm(request.POST)
    if answer := step_up.demand(request, "roots"):
        return answer
    if not form.is_valid():
        return _page(request, found, reason_form=form)
    roots.disable(found, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
    messages.success(request, _("The root is no longer trusted."))
    return redirect("agreements:root", pk=pk)


@require_POST
def add_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep a newer revocation list."""
    found, form = _find(request, pk), ExternalListForm(request.POST, request.FILES)
    if answer := step_up.demand(request, "roots"):
        return answer
    if form.is_valid():
        given = form.cleaned_data
        try:
            roots.add_list(found, given["file"], issuer=given["issuer"], by=request.user, at=timezone.now())
        except RuleError as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, _("The revocation list is kept and used from now on."))
            return redirect("agreements:root", pk=pk)
    return _page(request, found, list_form=form)


def _find(request: SignedInRequest, pk: int) -> ExternalRoot:
    return get_object_or_404(root_access.visible_roots(request.user), pk=pk)


def _page(request: SignedInRequest, found: ExternalRoot, **sent: Form) -> HttpResponse:
    """Show the root, with the form that was refused if one was."""
    user = request.user
    is_waiting = found.state == RootState.PROPOSED
    facts = {
        "root": found,
        "shown": found.sha256[: -roots.HIDDEN_DIGITS] if is_waiting else found.sha256,
        "lists": found.lists.select_related("added_by")[:20],
        "now": timezone.now(),
        "may_decide": is_waiting and root_access.may_decide_root(user, found),
        "may_disable": found.state == RootState.ENABLED and root_access.may_disable_root(user),
        "may_add_list": found.state == RootState.ENABLED and root_access.may_add_list(user),
        "compare_form": CompareRootForm(),
        "reason_form": RefuseForm(),
        "list_form": ExternalListForm(),
        **sent,
    }
    return render(request, "agreements/root.html", facts, status=400 if sent else 200)
