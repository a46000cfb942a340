"""People and how they come in: the list, one person, invitations."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.lib.errors import RuleError
from portal.users import access, invitations, listing, mails, oidc, qr, step_up
from portal.users.entry_forms import InviteForm
from portal.users.models import User
from portal.users.records import Invitation
from portal.users.requests import SignedInRequest

PAGE_SIZE = 50


@require_safe
def people(request: SignedInRequest) -> HttpResponse:
    if not access.may_open_people(request.user):
        raise PermissionDenied
    chosen = listing.Choice.of(request.GET)
    rows = listing.people(request.user, chosen, at=timezone.now())
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    facts = {"page": page, "chosen": chosen, "may_add": bool(listing.roles_to_add(request.user))}
    return render(request, "users/people.html", facts)


@require_safe
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    facts = listing.person_page(_find(request, pk), request.user, at=timezone.now())
    return render(request, "users/person.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up.required("users", may=access.may_add_somebody)
def invite(request: SignedInRequest) -> HttpResponse:
    """Add a person with a post and invite them; the answer is the slip, shown this once."""
    roles, now = listing.roles_to_add(request.user), timezone.now()
    if not roles:
        raise PermissionDenied
    form = InviteForm(
        request.POST or None,
        agencies=listing.agencies_to_add_to(request.user),
        roles=roles,
        initial={"valid_from": timezone.localdate(now), "agency": request.GET.get("agency", "")[:9]},
    )
    if request.method == "POST" and form.is_valid():
        try:
            issued = invitations.add(form.person(), form.post(), way=form.way, by=request.user, at=now)
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            return slip(request, issued)
    return render(request, "users/invite.html", {"form": form}, status=400 if form.errors else 200)


@require_POST
@step_up.required("users", may=access.may_open_people)
def send(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send a fresh invitation by mail, or open one for a person who is here."""
    way = Invitation.Way.PRESENT if request.POST.get("way") == "present" else Invitation.Way.MAIL
    return slip(request, invitations.invite(_find(request, pk), way=way, by=request.user, at=timezone.now()))


@require_POST
@step_up.required("users", may=access.may_open_people)
def revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(access.visible_invitations(request.user), pk=pk)
    invitations.revoke(invitation, by=request.user, at=timezone.now())
    messages.success(request, _("The invitation is revoked: link and code no longer work."))
    return redirect("people:person", pk=invitation.user_id)


@require_POST
@step_up.required("users", may=access.may_open_people)
def unbind(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take away the tie to a person at the identity provider."""
    shown = _find(request, pk)
    oidc.unbind(shown, by=request.user, at=timezone.now())
    messages.success(
        request, _("The account is unbound, its sign-ins are ended. The next sign-in there binds it anew.")
    )
    return redirect("people:person", pk=shown.pk)


def slip(request: SignedInRequest, issued: invitations.Issued) -> HttpResponse:
    """Mail the link if it goes by mail, and show the code: it is in this answer and nowhere else."""
    user, invitation = issued.invitation.user, issued.invitation
    is_present = invitation.way == Invitation.Way.PRESENT
    facts = {
        "issued": issued,
        "invited": user,
        "post": listing.post_to_show(user),
        "is_present": is_present,
        "is_mailed": not is_present
        and mails.send_invitation(user, issued.url, expires_at=invitation.expires_at),
        "qr": qr.data_uri(issued.url) if is_present else "",
    }
    return render(request, "users/slip.html", facts)


def _find(request: SignedInRequest, pk: int) -> User:
    people_seen = access.visible_people(request.user)
    if not access.may_open_people(request.user):
        people_seen = people_seen.none()
    return get_object_or_404(people_seen, pk=pk)
