"""One's own second factors: choosing, setting up with a check, a spare, removing."""

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import clear_totp_secret, get_totp_secret
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.lib.errors import RuleError
from portal.users import factors, passkeys, qr, recoveries, sheets, totp
from portal.users.forms import AppForm, KeyForm, SheetForm
from portal.users.requests import SignedInRequest

asks_again = reauthentication_required(app="allauth.mfa")
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """Show the reader's factors, when each was added and last used."""
    return render(request, "mfa/index.html", {"held": factors.held(request.user), "few": sheets.FEW})


@require_safe
def choose(request: SignedInRequest) -> HttpResponse:
    """Offer the ways in plain words; the first page after the first password, and after a lost factor."""
    facts = {
        "is_first": not factors.is_enrolled(request.user),
        "was_lost": recoveries.SESSION_KEY in request.session,
    }
    return render(request, "mfa/choose.html", facts)


@require_POST
def keep(request: SignedInRequest) -> HttpResponse:
    """Go on with the factor that was thought lost, after a sign-in without it; who found it shows it."""
    records = get_authentication_records(request, request.user)
    if not any(record["method"] == "mfa" and record.get("type") != "recovery" for record in records):
        messages.info(request, _("Show first that it works; then keep it."))
        return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': reverse('factor_choose')})}")
    request.session.pop(recoveries.SESSION_KEY, None)
    return redirect("mfa_index")


@form_methods
@asks_again
def app(request: SignedInRequest) -> HttpResponse:
    """Set up an authenticator app: QR code, secret in groups, link for the phone itself, first code."""
    secret = get_totp_secret(regenerate=request.method != "POST")
    form = AppForm(request.POST or None, secret=secret)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        factor = factors.add_app(request.user, secret=secret, code=code, at=timezone.now())
        clear_totp_secret(request)
        return _is_set_up(request, factor)
    address = get_adapter().build_totp_url(request.user, secret)
    facts = {"form": form, "secret": secret, "address": address, "qr": qr.data_uri(address)}
    is_first, has_app = not factors.is_enrolled(request.user), totp.is_enrolled(request.user)
    return render(request, "mfa/app.html", facts | {"is_first": is_first, "has_app": has_app})


@form_methods
@asks_again
def key(request: SignedInRequest) -> HttpResponse:
    """Set up a passkey or a security key; the browser does the talking."""
    form = KeyForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        factor = factors.add_key(
            request.user, name=values["name"], credential=values["credential"], at=timezone.now()
        )
        return _is_set_up(request, factor)
    question = passkeys.invitation(request.user, at=timezone.now())
    facts = {"form": form, "question": question, "is_first": not factors.is_enrolled(request.user)}
    return render(request, "mfa/key.html", facts)


@form_methods
@asks_again
def sheet(request: SignedInRequest) -> HttpResponse:
    """Draw a sheet of codes to print; it counts once its first code was typed from the paper."""
    form = SheetForm(request.POST or None, session=request.session, user=request.user)
    if request.method == "POST" and form.is_valid():
        factor = factors.add_sheet(request.user, sheet=form.sheet, at=timezone.now())
        sheets.forget(request.session)
        return _is_set_up(request, factor)
    facts = {"form": form, "codes": sheets.draw(request.session), "left": factors.codes_left(request.user)}
    return render(request, "mfa/sheet.html", facts | {"is_first": not factors.is_enrolled(request.user)})


@require_safe
def spare(request: SignedInRequest) -> HttpResponse:
    """Offer a second way for the day the first one fails."""
    held = factors.held(request.user)
    has_sheet = any(factor.kind == factors.Kind.RECOVERY_CODES for factor in held)
    return render(request, "mfa/spare.html", {"held": held, "has_sheet": has_sheet})


@form_methods
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take away one of the reader's factors, after asking."""
    factor = factors.own(request.user, pk)
    if factor is None:
        raise Http404
    return _remove(request, factor)


@asks_again
def _remove(request: SignedInRequest, factor: Authenticator) -> HttpResponse:
    name = next(one.name for one in factors.held(request.user) if one.pk == factor.pk)
    if request.method != "POST":
        return render(request, "mfa/remove.html", {"name": name})
    try:
        factors.remove(factor, by=request.user, at=timezone.now())
    except RuleError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Removed: %(name)s. It opens nothing any more.") % {"name": name})
    return redirect("mfa_index")


def _is_set_up(request: SignedInRequest, factor: Authenticator) -> HttpResponse:
    """Say so, count it as just given, and lead to the spare or back to the list."""
    was_lost = request.session.pop(recoveries.SESSION_KEY, False)
    facts = {"id": factor.pk, "type": factor.type, "reauthenticated": True}
    record_authentication(request, request.user, "mfa", **facts)
    messages.success(request, _("It works: from now on the portal accepts it."))
    if was_lost:
        messages.info(request, _("Remove what you lost: whoever finds it could use it."))
    return redirect("factor_spare" if len(factors.held(request.user)) == 1 else "mfa_index")
