"""What the pages have in common on which a command post compares a key with its owner."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import certificates
from agreements.forms import RefuseForm, ReleaseForm
from agreements.models import CertificateRequest, ExternalCertificate
from agreements.states import RequestState
from portal.lib.errors import RuleError
from portal.users.requests import SignedInRequest

Asked = CertificateRequest | ExternalCertificate


def release(request: SignedInRequest, asked: Asked, form: ReleaseForm, act: Callable[..., object]) -> bool:
    """Release it with what was typed, or put the refusal beside its field."""
    try:
        act(asked, by=request.user, compared=form.cleaned_data["compared"], at=timezone.now())
    except certificates.FingerprintDiffers as refusal:
        form.add_error("compared", str(refusal))
    except RuleError as refusal:
        form.add_error(None, str(refusal))
    else:
        messages.success(
            request, _("The certificate of %(name)s was released.") % {"name": asked.common_name}
        )
        return True
    return False


def page(
    request: SignedInRequest,
    asked: Asked,
    form: ReleaseForm,
    refuse_form: RefuseForm,
    *,
    status: int,
    **facts: object,
) -> HttpResponse:
    """Show it, with the fingerprint but for its end."""
    facts |= {
        "asked": asked,
        "shown": certificates.shown_of(asked),
        "is_open": asked.state == RequestState.REQUESTED,
        "form": form,
        "refuse_form": refuse_form,
    }
    return render(request, "agreements/compare.html", facts, status=status)
