"""Standing groups: the list, a group with members, plan and meetings, and the items of its plan."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements.group_forms import (
    AdmitForm,
    DropForm,
    FoundForm,
    ItemForm,
    ItemStepForm,
    ReleaseForm,
    ReportForm,
)
from agreements.views import group_pages as pages
from portal.lib.errors import RuleError, StaleError
from portal.users.requests import SignedInRequest
from tasks import group_access as access
from tasks import group_plans, groups
from tasks.models import GroupPlanItem, StandingGroup
from tasks.views.stale_pages import Change, stale


def _find(request: SignedInRequest, pk: int) -> StandingGroup:
    """Return a group that the reader sees; else 404."""
    return get_object_or_404(access.visible_groups(request.user, timezone.localdate()), pk=pk)


def _run(request: SignedInRequest, pk: int) -> StandingGroup:
    """Return it for who runs it; 403 for the others who see it."""
    group = _find(request, pk)
    if not access.may_run(request.user, group):
        raise PermissionDenied
    return group


def _find_item(request: SignedInRequest, pk: int, item_pk: int) -> GroupPlanItem:
    rows = access.visible_items(request.user, timezone.localdate()).filter(group=_find(request, pk))
    return get_object_or_404(rows, pk=item_pk)


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """List the groups that the reader sees."""
    rows = access.visible_groups(request.user, timezone.localdate())
    return render(
        request, "agreements/groups.html", {"groups": rows, "may_found": access.may_found(request.user)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def found(request: SignedInRequest) -> HttpResponse:
    """Show the form of a new group, or found it with the reader's agency in the chair."""
    user, post = request.user, request.user.post
    if not access.may_found(user) or post is None:
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else None
    form = FoundForm(sent, host=post.agency, today=timezone.localdate())
    if form.is_valid():
        try:
            group = groups.found(post.agency, by=user, at=timezone.now(), **form.given)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The group stands; its members see it."))
            return redirect(group)
    return render(request, "agreements/group_form.html", {"form": form}, status=400 if form.errors else 200)


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _show(request, _find(request, pk), {})


def _show(request: SignedInRequest, group: StandingGroup, sent: dict[str, forms.Form]) -> HttpResponse:
    today, chosen = timezone.localdate(), request.GET.get("year", "")
    year = int(chosen) if chosen.isdecimal() and len(chosen) == 4 else today.year
    page = pages.page(group, request.user, today=today, year=year, sent=sent)
    return render(request, "agreements/group.html", vars(page) | {"page": page}, status=400 if sent else 200)


# --- Members --------------------------------------------------------------------------------------------
@require_POST
def admit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let an agency in."""
    group = _run(request, pk)
    form = AdmitForm(request.POST, group=group, today=timezone.localdate(), auto_id="admit_%s")
    done = _("The agency is a member.")
    return _step(request, group, {"admit": form}, act=partial(groups.admit, group), done=done)


@require_POST
def release(request: SignedInRequest, pk: int, member_pk: int) -> HttpResponse:
    """Let a membership end."""
    members = _find(request, pk).members.select_related("group__host", "agency")
    member, group = get_object_or_404(members, pk=member_pk), _run(request, pk)
    form = ReleaseForm(request.POST, auto_id="release_%s")
    done = _("The membership has its last day.")
    return _step(request, group, {"release": form}, act=partial(groups.release, member), done=done)


def _step(
    request: SignedInRequest,
    group: StandingGroup,
    sent: dict[str, Any],
    *,
    act: Callable[..., Any],
    done: str,
) -> HttpResponse:
    """Take a step about members; a refused form comes back."""
    (form,) = sent.values()
    if form.is_valid():
        try:
            act(by=request.user, at=timezone.now(), **form.given)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect(group)
    return _show(request, group, sent)


@require_POST
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End the group."""
    group = _run(request, pk)
    try:
        groups.end(group, by=request.user, at=timezone.now())
    except RuleError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The group has ended; its members go on reading what was."))
    return redirect(group)


# --- The plan -------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show an empty item, or add it to the plan of its year."""
    group = _run(request, pk)
    form = ItemForm(_sent(request), group=group, user=request.user, today=timezone.localdate())
    if form.is_valid():
        try:
            row = group_plans.add(group, by=request.user, at=timezone.now(), **form.given)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The item stands in the plan; the member in charge was told."))
            return redirect(row)
    return _item_form(request, {"group": group, "item": None, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, pk: int, item_pk: int) -> HttpResponse:
    """Show an item to be changed, or change it."""
    row, group = _find_item(request, pk, item_pk), _run(request, pk)
    form = ItemForm(_sent(request), group=group, user=request.user, today=timezone.localdate(), row=row)
    if form.is_valid():
        try:
            seen = form.cleaned_data["version"]
            group_plans.change(row, by=request.user, at=timezone.now(), **form.given, version=seen)
        except StaleError as refusal:
            now = _find_item(request, pk, item_pk)
            fresh = ItemForm(
                request.POST, group=group, user=request.user, today=timezone.localdate(), row=now
            )
            return stale(request, refusal, fresh, reverse("groups:edit", args=[pk, item_pk]))
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The item is written anew."))
            return redirect(row)
    return _item_form(request, {"group": group, "item": row, "form": form})


def _sent(request: SignedInRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _item_form(request: SignedInRequest, facts: dict[str, Any]) -> HttpResponse:
    status = 400 if facts["form"].errors else 200
    return render(request, "agreements/group_item_form.html", facts, status=status)


@require_safe
def item(request: SignedInRequest, pk: int, item_pk: int) -> HttpResponse:
    return _show_item(request, _find_item(request, pk, item_pk), {})


def _show_item(request: SignedInRequest, row: GroupPlanItem, sent: dict[str, forms.Form]) -> HttpResponse:
    page = pages.item_page(row, request.user, today=timezone.localdate(), sent=sent)
    return render(request, "agreements/group_item.html", vars(page), status=400 if sent else 200)


@require_POST
def report(request: SignedInRequest, pk: int, item_pk: int) -> HttpResponse:
    """Say how an item goes."""
    row = _find_item(request, pk, item_pk)
    if not access.may_report(request.user, row):
        raise PermissionDenied
    return _item_step(request, row, "report", ReportForm, group_plans.report)


@require_POST
def drop(request: SignedInRequest, pk: int, item_pk: int) -> HttpResponse:
    """Give an item up."""
    row = _find_item(request, pk, item_pk)
    _run(request, pk)
    return _item_step(request, row, "drop", DropForm, group_plans.drop)


def _item_step(
    request: SignedInRequest, row: GroupPlanItem, name: str, kind: type[ItemStepForm], act: Callable[..., Any]
) -> HttpResponse:
    """Take a step about an item; a refused form comes back, and one from an old page beside what is new."""
    form = kind(request.POST, row=row, auto_id=f"{name}_%s")
    if form.is_valid():
        try:
            act(row, by=request.user, at=timezone.now(), **form.cleaned_data)
        except StaleError as refusal:
            now = _find_item(request, row.group_id, row.pk)
            shown = [] if "result" in form.fields else [Change(_("What came of it"), "", now.result)]
            return stale(request, refusal, kind(request.POST, row=now), row.get_absolute_url(), besides=shown)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Noted."))
            return redirect(row)
    return _show_item(request, _find_item(request, row.group_id, row.pk), {name: form})
