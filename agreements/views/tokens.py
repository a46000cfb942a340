"""Certificates on USB tokens: their owner registers, a command post compares and releases, either ends."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import access, tokens
from agreements.forms import RefuseForm, ReleaseForm, TokenForm
from agreements.models import ExternalCertificate
from agreements.states import EnrolmentState
from agreements.views import comparisons
from portal.lib.errors import RuleError
from portal.users import step_up
from portal.users.requests import SignedInRequest


@require_safe
def token(request: SignedInRequest) -> HttpResponse:
    """Show the reader's certificate on a token, or how far its release is."""
    user = request.user
    if not access.may_hold_certificate(user):
        raise PermissionDenied
    held = tokens.alive(user)
    last = None if held else access.visible_external_certificates(user).filter(user=user).first()
    facts = {"held": held, "last": last, "is_current": tokens.current(user, at=timezone.now()) == held}
    return render(request, "agreements/token.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up.required("certificate", may=access.may_hold_certificate)
def register(request: SignedInRequest) -> HttpResponse:
    """Register the reader's certificate; it waits for its release."""
    user = request.user
    if not access.may_hold_certificate(user):
        raise PermissionDenied
    if request.method != "POST" and tokens.alive(user):
        return redirect("agreements:token")
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = TokenForm(*posted)
    if form.is_valid():
        content = form.cleaned_data["file"].read(tokens.LARGEST + 1)
        kind = form.cleaned_data["kind"]
        try:
            tokens.register(user, content=content, kind=kind, by=user, at=timezone.now())
        except tokens.CertificateRefused as refusal:
            form.add_error("file", str(refusal))
        except RuleError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("agreements:token")
    status = 400 if form.is_bound else 200
    return render(request, "agreements/token_register.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up.required("certificate", on={"POST"})
def release(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show one certificate, and release it once its owner has read out the end of the fingerprint."""
    held = get_object_or_404(access.visible_external_certificates(request.user), pk=pk)
    form = ReleaseForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and comparisons.release(request, held, form, tokens.release):
        return redirect("agreements:certificate_requests")
    return _request_page(request, held, form, RefuseForm(), status=400 if form.is_bound else 200)


@require_POST
def refuse(request: SignedInRequest, pk: int) -> HttpResponse:
    """Decline one certificate, with a reason."""
    held = get_object_or_404(access.visible_external_certificates(request.user), pk=pk)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _request_page(request, held, ReleaseForm(), form, status=400)
    tokens.refuse(held, by=request.user, reason=form.cleaned_data["reason"], at=timezone.now())
    messages.success(request, _("The request of %(name)s was refused.") % {"name": held.common_name})
    return redirect("agreements:certificate_requests")


def _request_page(
    request: SignedInRequest,
    held: ExternalCertificate,
    form: ReleaseForm,
    refuse_form: RefuseForm,
    *,
    status: int,
) -> HttpResponse:
    if request.method == "GET" and not access.may_see_requests(request.user):
        return redirect("agreements:token")  # one's own is shown there, with the whole fingerprint
    return comparisons.page(
        request,
        held,
        form,
        refuse_form,
        status=status,
        heading=_("Compare a token with its owner"),
        facts="agreements/_token_facts.html",
        may_release=access.may_release(request.user, held),
        refuse_url=reverse("agreements:refuse_token", args=[held.pk]),
    )


@require_POST
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Use a certificate no longer: one's own, or by a command post; take it back before its release."""
    held = get_object_or_404(access.visible_external_certificates(request.user), pk=pk)
    act = tokens.withdraw if held.state == EnrolmentState.REQUESTED else tokens.end
    act(held, by=request.user, at=timezone.now())
    messages.success(
        request, _("The certificate of %(name)s is no longer used.") % {"name": held.common_name}
    )
    is_own = held.user_id == request.user.pk
    return redirect("agreements:token" if is_own else "agreements:certificate_requests")
