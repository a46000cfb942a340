"""Certificates of signers: asked for by one person, released by another, revoked by either.

The release is what keeps an administrator from signing through people: whoever makes somebody head of
an agency, and answers for their phone, still cannot sign. A command post first hears the new key's
fingerprint from its owner, by telephone or in person, and types what the page hides of it.
"""

import datetime as dt
import hashlib
import hmac
import re

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from agreements import access, certificate_reminders, crls, keys, pki
from agreements.models import Certificate, CertificateRequest, Credential, ExternalCertificate
from agreements.states import REQUEST, RequestState
from portal.agencies.models import Agency
from portal.audit.events import record
from portal.lib import walls
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.lib.states import move
from portal.users import factors
from portal.users.models import User

HIDDEN_DIGITS = 8
"""Of the fingerprint, its last: no page shows them to whoever releases, and the audit trail does not."""

Purpose = CertificateRequest.Purpose

RENEWABLE = dt.timedelta(days=60)
"""Before its end; the first warning comes that day. In the last 30 days nothing is signed with it."""

NAME_BYTES = 64  # of a common name in a certificate (X.520, ub-common-name)


class FingerprintDiffers(RuleError):
    """What was typed is not the end of this key's fingerprint."""


# --- Ask ----------------------------------------------------------------------------------------------
def ask(
    user: User,
    *,
    pin: str | keys.DerivedPin,
    by: User,
    at: dt.datetime,
    purpose: Purpose = Purpose.FIRST,
    for_agency: bool = False,
) -> CertificateRequest:
    """Make a key, sealed under the PIN, and ask for its certificate. The caller has made the step-up.

    `for_agency`: for the agency's own signature; the user keeps its key.

    Raises PinRefused for a weak PIN, RuleError while a request is open or the purpose does not fit what the
    signer has.
    """
    if by.pk != user.pk or user.post is None or not may_ask(user, for_agency=for_agency):
        raise PermissionDenied
    if len(name_of(user, for_agency=for_agency).encode()) > NAME_BYTES:
        raise RuleError(
            _("Your name is longer than a certificate can hold. Ask the administrator to shorten it.")
        )
    private_key, serial = keys.generate_key(), f"{x509.random_serial_number():x}"
    sealed_key = pki.seal(private_key, pin, serial=serial)
    return _ask(
        user,
        private_key.public_key(),
        sealed_key,
        serial=serial,
        purpose=purpose,
        at=at,
        for_agency=for_agency,
    )


def may_ask(user: User, *, for_agency: bool) -> bool:
    return access.may_keep_agency_key(user) if for_agency else access.may_hold_certificate(user)


def name_of(user: User, *, for_agency: bool) -> str:
    """Return the common name: the person's, or as much of the agency's as a certificate can hold.

    The whole name of the agency stands in the certificate as its organisation, whoever it is for.
    """
    if not for_agency or user.post is None:
        return user.full_name
    agency = user.post.agency
    short = agency.name_vi.removesuffix(f" {settings.PROVINCE}")
    names = (agency.name_vi, short, short.removesuffix(" tỉnh"))
    return next((name for name in names if len(name.encode()) <= NAME_BYTES), agency.code)


@action
def _ask(
    user: User,
    public_key: ec.EllipticCurvePublicKey,
    sealed_key: bytes,
    *,
    serial: str,
    purpose: Purpose,
    at: dt.datetime,
    for_agency: bool,
) -> CertificateRequest:
    user = User.objects.select_for_update().get(pk=user.pk)  # two at once: one request
    if user.post is None or not may_ask(user, for_agency=for_agency):
        raise PermissionDenied
    if for_agency:
        Agency.objects.select_for_update().get(pk=user.post.agency_id)  # two who keep its seal at once
    check_fits(user, purpose, at=at, for_agency=for_agency)
    if open_request(user, for_agency=for_agency):
        raise RuleError(_("You have already asked for a certificate."))
    if for_agency and _key_is_asked_for(user):
        raise RuleError(_("A key of your agency waits for its release already."))
    spki = public_key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    request = CertificateRequest.objects.create(
        user=user,
        agency=user.post.agency,
        for_agency=for_agency,
        common_name=name_of(user, for_agency=for_agency),
        purpose=purpose,
        serial=serial,
        public_key=spki,
        fingerprint=hashlib.sha256(spki).hexdigest(),
        sealed_key=sealed_key,
        asked_at=at,
    )
    certificate_reminders.tell_command(certificate_reminders.CERTIFICATE_REQUESTED, request, by=user, at=at)
    _record("certificate.requested", request, by=user, at=at)
    return request


def check_fits(user: User, purpose: Purpose, *, at: dt.datetime, for_agency: bool = False) -> None:
    """Refuse a request that does not fit the certificate in hand; one that is suspended refuses all."""
    held = newest(user, at=at, for_agency=for_agency)
    if held and held.suspensions.filter(lifted_at=None).exists():
        raise RuleError(
            _("Your certificate is suspended. A command post lifts that or revokes it before you ask anew.")
        )
    if purpose == Purpose.FIRST and pki.current_credential(user, at=at, for_agency=for_agency):
        raise RuleError(_("You already have a signing certificate that is valid."))
    if for_agency:
        _check_no_other_keeper(user, at)
    if purpose != Purpose.FIRST and held is None:
        raise RuleError(_("You have no certificate that is valid. Request a new one."))
    if purpose == Purpose.RENEWAL and held and not is_renewable(held, at=at):
        first_day = local_day(held.not_after) - RENEWABLE
        raise RuleError(
            _("Your certificate can be renewed from %(day)s on.") % {"day": f"{first_day:%d/%m/%Y}"}
        )


def newest(user: User, *, at: dt.datetime, for_agency: bool = False) -> Certificate | None:
    """Return the user's newest certificate for the agency of their post, if it has not ended."""
    rows = access.visible_certificates(user).filter(
        user=user, agency=user.agency_id, for_agency=for_agency, revoked_at=None
    )
    return rows.filter(not_after__gt=at).order_by("-not_before", "-pk").first()


def _check_no_other_keeper(user: User, at: dt.datetime) -> None:
    """One key an agency: refuse while somebody else keeps one that has not ended."""
    with walls.everything():  # the key is its keeper's
        rows = Credential.objects.filter(
            certificate__for_agency=True,
            certificate__agency=user.agency_id,
            certificate__revoked_at=None,
            certificate__not_after__gt=at,
        )
        found = rows.exclude(certificate__user=user).select_related("certificate__user").first()
    if found:
        raise RuleError(
            _("%(name)s keeps your agency's key. It is revoked first, or that person goes on keeping it.")
            % {"name": found.certificate.user.get_full_name()}
        )


def _key_is_asked_for(user: User) -> bool:
    """Whether anybody of the user's agency has asked for its key and waits."""
    with walls.everything():  # a request is its owner's
        return CertificateRequest.objects.filter(
            agency=user.agency_id, for_agency=True, state=RequestState.REQUESTED
        ).exists()


def is_renewable(certificate: Certificate, *, at: dt.datetime) -> bool:
    return certificate.not_after <= at + RENEWABLE


def open_request(user: User, *, for_agency: bool = False) -> CertificateRequest | None:
    """Return the user's request that waits for release."""
    rows = CertificateRequest.objects.filter(user=user, for_agency=for_agency)
    return rows.filter(state=RequestState.REQUESTED).first()


def last_request(user: User, *, for_agency: bool = False) -> CertificateRequest | None:
    rows = CertificateRequest.objects.filter(user=user, for_agency=for_agency)
    return rows.select_related("decided_by").first()


def shown_of(asked: CertificateRequest | ExternalCertificate) -> str:
    """Return what others than its owner see of a fingerprint."""
    return asked.fingerprint[:-HIDDEN_DIGITS]


# --- Decide -------------------------------------------------------------------------------------------
def release(request: CertificateRequest, *, by: User, compared: str, at: dt.datetime) -> Certificate:
    """Certify the key. `compared` is the end of the fingerprint as its owner read it out.

    Raises FingerprintDiffers; RuleError when the request is closed, its person has changed since, or
    the second factor of `by` is new.
    """
    certificate = _release(request, by=by, compared=compared, at=at)
    if request.purpose == Purpose.FORGOTTEN_PIN:
        crls.issue_due(at=at)  # the one before it was revoked
    return certificate


@action
def _release(request: CertificateRequest, *, by: User, compared: str, at: dt.datetime) -> Certificate:
    if not access.may_release(by, request):
        raise PermissionDenied
    check_compared(request.fingerprint, compared)
    factors.check_not_new(by, at=at)
    sealed_key = bytes(request.sealed_key)
    _decide(request, RequestState.RELEASED, by=by, at=at)
    user = User.objects.select_for_update().get(pk=request.user_id)
    post = user.post
    if not (user.is_active and post and may_ask(user, for_agency=request.for_agency)) or (
        post.agency_id,
        name_of(user, for_agency=request.for_agency),
    ) != (request.agency_id, request.common_name):
        raise RuleError(
            _("The person's name or post has changed since they asked. Refuse this request; they ask again.")
        )
    key = serialization.load_der_public_key(bytes(request.public_key))
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError("a signer's key is an elliptic curve key")
    if request.for_agency:
        Agency.objects.select_for_update().get(pk=request.agency_id)
        _check_no_other_keeper(user, at)
    older = newest(user, at=at, for_agency=request.for_agency)
    certificate = pki.issue(
        key,
        serial=request.serial,
        user=user,
        common_name=request.common_name,
        at=at,
        for_agency=request.for_agency,
    )
    _retire(older, request, by=by, at=at)
    with walls.everything():  # the key is its owner's
        Credential.objects.create(certificate=certificate, sealed_key=sealed_key)
    certificate_reminders.tell_holder(certificate_reminders.CERTIFICATE_RELEASED, request, by=by, at=at)
    payload = {"serial": certificate.serial, "not_after": certificate.not_after, "request": request.pk}
    record("certificate.issued", certificate, by=by, at=at, agency_code=request.agency.code, payload=payload)
    return certificate


def _retire(older: Certificate | None, request: CertificateRequest, *, by: User, at: dt.datetime) -> None:
    """Leave the signer one key that signs.

    A renewed certificate ends by itself: a revocation would cast doubt on what was signed rightly with it,
    and its key, destroyed here, signs nothing more. One whose PIN was forgotten is revoked: nobody can say
    that it was not found.
    """
    if older and request.purpose == Purpose.FORGOTTEN_PIN:
        _end(older, Certificate.Reason.SUPERSEDED, by=by, at=at)
    rows = Credential.objects.filter(
        certificate__user=request.user,
        certificate__agency=request.agency,
        certificate__for_agency=request.for_agency,
    )
    pki.destroy(rows.filter(certificate__revoked_at=None), why="replaced", by=by, at=at)


@action
def refuse(request: CertificateRequest, *, by: User, reason: str, at: dt.datetime) -> None:
    """Decline a request; the signer is told why and may ask again."""
    if not access.may_release(by, request):
        raise PermissionDenied
    _decide(request, RequestState.REFUSED, by=by, at=at, reason=reason)
    certificate_reminders.tell_holder(certificate_reminders.CERTIFICATE_REFUSED, request, by=by, at=at)
    _record("certificate.refused", request, by=by, at=at)


@action
def withdraw(request: CertificateRequest, *, by: User, at: dt.datetime) -> None:
    """Take back one's own request; its key is wiped."""
    if not access.may_withdraw_request(by, request):
        raise PermissionDenied
    _decide(request, RequestState.WITHDRAWN, by=by, at=at)
    _record("certificate.withdrawn", request, by=by, at=at)


def _decide(
    request: CertificateRequest, state: RequestState, *, by: User, at: dt.datetime, reason: str = ""
) -> None:
    move(request, state, REQUEST, decided_at=at, decided_by=by, reason=reason, sealed_key=b"")
    certificate_reminders.settle(request, at=at)


def check_compared(fingerprint: str, compared: str) -> None:
    """Raise FingerprintDiffers unless `compared` is the end of the fingerprint, however it is spaced."""
    typed = re.sub(r"[\W_]", "", compared).lower()
    if not hmac.compare_digest(typed.encode(), fingerprint[-HIDDEN_DIGITS:].encode()):
        raise FingerprintDiffers(
            _(
                "This is not the end of the fingerprint. Ask the signer to read it out again; if it still "
                "differs, refuse the request."
            )
        )


# --- Revoke -------------------------------------------------------------------------------------------
def revoke(certificate: Certificate, *, by: User, reason: str, at: dt.datetime) -> None:
    """End a certificate for good, and publish that. `reason` is a Certificate.Reason.

    What it signed before stays in the papers, but turns to “cannot tell” for whoever checks it without
    our records: no independent time-stamp says that it came first.
    """
    _revoke(certificate, by=by, reason=reason, at=at)
    crls.issue_due(at=at)  # afterwards: whoever is revoked stays so, also while the authority cannot sign


@action
def _revoke(certificate: Certificate, *, by: User, reason: str, at: dt.datetime) -> None:
    if not access.may_revoke(by, certificate):
        raise PermissionDenied
    _end(certificate, Certificate.Reason(reason), by=by, at=at)


def _end(certificate: Certificate, reason: Certificate.Reason, *, by: User | None, at: dt.datetime) -> None:
    locked = Certificate.objects.select_for_update().get(pk=certificate.pk)
    if locked.revoked_at:
        raise RuleError(_("This certificate is revoked already."))
    locked.revoked_at, locked.revocation_reason = at, reason.value
    locked.save(update_fields=["revoked_at", "revocation_reason"])
    with walls.everything():  # whoever revokes
        Credential.objects.filter(certificate=locked).update(sealed_key=b"")
    certificate_reminders.tell_holder(certificate_reminders.CERTIFICATE_REVOKED, locked, by=by, at=at)
    payload = {"serial": locked.serial, "reason": reason}
    record("certificate.revoked", locked, by=by, at=at, agency_code=locked.agency.code, payload=payload)


def end_with_issuer(certificate: Certificate, *, at: dt.datetime) -> None:
    """End a certificate whose authority was revoked; inside the action that revokes it."""
    _end(certificate, Certificate.Reason.CA_COMPROMISE, by=None, at=at)


def _record(verb: str, request: CertificateRequest, *, by: User, at: dt.datetime) -> None:
    """The trail is read by those who release, so it holds of the fingerprint what their page shows."""
    payload = {"serial": request.serial, "fingerprint": shown_of(request), "purpose": request.purpose}
    if request.reason:
        payload["reason"] = request.reason
    record(verb, request, by=by, at=at, agency_code=request.agency.code, payload=payload)
