"""Certificates on USB tokens: registered by their owner, released by a command post, ended by either.

The release is the same as for the portal's own certificates: the fingerprint is heard from its owner.
Without it an administrator who answers for somebody's account could sign with a token of his own.
"""

import datetime as dt
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from agreements import access, certificate_reminders
from agreements.certificates import HIDDEN_DIGITS, check_compared
from agreements.external import certificates
from agreements.models import ExternalCertificate
from agreements.states import ENROLMENT, EnrolmentState
from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.lib.states import move
from portal.users import factors
from portal.users.models import User

RSA_BITS = 2048
CURVES = ("secp256r1", "secp384r1", "secp521r1")
LARGEST = 32 * 1024  # bytes of a certificate's file
ALIVE = (EnrolmentState.REQUESTED, EnrolmentState.RELEASED)


class CertificateRefused(RuleError):
    """The file holds no certificate that can sign here."""


def current(user: User, *, at: dt.datetime) -> ExternalCertificate | None:
    """Return the user's released certificate that is valid at `at`, for the agency of their present post."""
    return ExternalCertificate.objects.filter(
        user=user,
        agency=user.agency_id,
        state=EnrolmentState.RELEASED,
        not_before__lte=at,
        not_after__gte=at,
    ).first()


def alive(user: User) -> ExternalCertificate | None:
    """Return the certificate that the user has registered, released or not yet."""
    return ExternalCertificate.objects.filter(user=user, state__in=ALIVE).first()


@action
def register(user: User, *, content: bytes, kind: str, by: User, at: dt.datetime) -> ExternalCertificate:
    """Register the certificate in a .cer, .crt or .pem file and ask for its release.

    Raises CertificateRefused for what cannot sign here; RuleError while another one is registered.
    """
    if by.pk != user.pk:
        raise PermissionDenied
    user = User.objects.select_for_update().get(pk=user.pk)  # two at once: one
    if user.post is None or not access.may_hold_certificate(user):
        raise PermissionDenied
    if alive(user):
        raise RuleError(_("You have registered a certificate already. End that one first."))
    der = _only_certificate(content)
    fingerprint = hashlib.sha256(der).hexdigest()
    if ExternalCertificate.objects.filter(fingerprint=fingerprint, state__in=ALIVE).exists():
        raise CertificateRefused(_("This certificate is registered for somebody else."))
    parsed = x509.load_der_x509_certificate(der)
    _check_can_sign(parsed, at)
    certificate = ExternalCertificate.objects.create(
        user=user,
        agency=user.post.agency,
        kind=ExternalCertificate.Kind(kind),
        common_name=_common_name(parsed.subject),
        issuer_name=_common_name(parsed.issuer),
        serial=f"{parsed.serial_number:x}"[:64],
        der=der,
        fingerprint=fingerprint,
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        asked_at=at,
    )
    certificate_reminders.tell_command(certificate_reminders.TOKEN_REGISTERED, certificate, by=user, at=at)
    _record("token.registered", certificate, by=user, at=at)
    return certificate


def _only_certificate(content: bytes) -> bytes:
    """Return the one certificate of a file as DER, whatever the parser makes of it."""
    refusal = CertificateRefused(
        _("This file holds no certificate. Export yours from the token's program as .cer or .pem.")
    )
    if len(content) > LARGEST:
        raise refusal
    try:
        found = certificates(content)
    except (ValueError, TypeError) as error:
        raise refusal from error
    if len(found) != 1:
        raise CertificateRefused(_("The file holds several certificates. Export your own alone."))
    return found[0]


def _check_can_sign(parsed: x509.Certificate, at: dt.datetime) -> None:
    """Say at once what the gate would refuse later."""
    key = parsed.public_key()
    is_strong = (isinstance(key, rsa.RSAPublicKey) and key.key_size >= RSA_BITS) or (
        isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES
    )
    if not is_strong:
        raise CertificateRefused(_("Its key is shorter than RSA 2048 or P-256. Ask for a new one."))
    if not parsed.not_valid_before_utc <= at <= parsed.not_valid_after_utc:
        raise CertificateRefused(_("This certificate is not valid now. Ask its issuer for a new one."))
    try:
        usage = parsed.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return
    if not usage.content_commitment:
        raise CertificateRefused(
            _("This certificate is not meant for signing documents. Choose the signing certificate.")
        )


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value if found else name.rfc4514_string())[:200]


@action
def release(certificate: ExternalCertificate, *, by: User, compared: str, at: dt.datetime) -> None:
    """Let the certificate sign. `compared` is the end of its fingerprint as its owner read it out.

    Raises FingerprintDiffers; RuleError when it is decided already, or its person has changed since.
    """
    if not access.may_release(by, certificate):
        raise PermissionDenied
    check_compared(certificate.fingerprint, compared)
    factors.check_not_new(by, at=at)
    move(certificate, EnrolmentState.RELEASED, ENROLMENT, decided_at=at, decided_by=by)
    user = User.objects.get(pk=certificate.user_id)
    if not (user.is_active and access.may_hold_certificate(user) and user.agency_id == certificate.agency_id):
        raise RuleError(
            _("The person's name or post has changed since they asked. Refuse this request; they ask again.")
        )
    _settle(certificate, by=by, at=at)
    _record("token.released", certificate, by=by, at=at)


@action
def refuse(certificate: ExternalCertificate, *, by: User, reason: str, at: dt.datetime) -> None:
    """Decline it; the signer is told why and may register another."""
    if not access.may_release(by, certificate):
        raise PermissionDenied
    move(certificate, EnrolmentState.REFUSED, ENROLMENT, decided_at=at, decided_by=by, reason=reason)
    _settle(certificate, by=by, at=at)
    _record("token.refused", certificate, by=by, at=at)


@action
def withdraw(certificate: ExternalCertificate, *, by: User, at: dt.datetime) -> None:
    """Take back one's own before it is released."""
    if by.pk != certificate.user_id:
        raise PermissionDenied
    move(certificate, EnrolmentState.WITHDRAWN, ENROLMENT, decided_at=at, decided_by=by)
    certificate_reminders.settle(certificate, at=at)
    _record("token.withdrawn", certificate, by=by, at=at)


@action
def end(certificate: ExternalCertificate, *, by: User, at: dt.datetime) -> None:
    """Use a released one no longer. What it signed stays as it is."""
    if not access.may_revoke(by, certificate):
        raise PermissionDenied
    move(certificate, EnrolmentState.ENDED, ENROLMENT, ended_at=at)
    certificate_reminders.tell_holder(certificate_reminders.TOKEN_DECIDED, certificate, by=by, at=at)
    _record("token.ended", certificate, by=by, at=at)


def _settle(certificate: ExternalCertificate, *, by: User, at: dt.datetime) -> None:
    certificate_reminders.settle(certificate, at=at)
    certificate_reminders.tell_holder(certificate_reminders.TOKEN_DECIDED, certificate, by=by, at=at)


def _record(verb: str, certificate: ExternalCertificate, *, by: User, at: dt.datetime) -> None:
    """The trail is read by those who release, so it holds of the fingerprint what their page shows."""
    payload = {"serial": certificate.serial, "fingerprint": certificate.fingerprint[:-HIDDEN_DIGITS]}
    if certificate.reason:
        payload["reason"] = certificate.reason
    record(verb, certificate, by=by, at=at, agency_code=certificate.agency.code, payload=payload)
