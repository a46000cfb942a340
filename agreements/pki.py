"""The portal's own authority at work: certificates of signers, their sealed keys, revocation."""

import datetime as dt
import logging
import threading

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements import access, crls, keys, root_access, timestamps
from agreements.authorities import authority, kek, life_days
from agreements.models import Authorisation, Certificate, Credential, Suspension
from agreements.pades import RootKind, Trust
from portal.audit.events import record
from portal.lib import walls
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.users import factors, step_up
from portal.users.models import Membership, User

log = logging.getLogger(__name__)

WRONG_PINS = 5
LOCK_MINUTES = 15
LEAST_DAYS_LEFT = 30  # no signature with a certificate that is about to expire

# scrypt takes 128 MB and a core for 0.3 s: two at a time is what two cores and a small server bear.
# Never taken inside a transaction: who holds a place may have to wait for the database.
_stretching = threading.BoundedSemaphore(2)


class PinRefused(RuleError):
    """A wrong or weak PIN, or one that is not asked for now because of earlier wrong ones."""


class WeakPin(PinRefused):
    """A new PIN that others would try first."""


def trust(*, at: dt.datetime) -> Trust:
    """Return whom a verification believes, with the revocation lists at hand.

    The portal's roots, and the outside authorities that two persons enabled.
    """
    return with_outside_roots(_own(at, (*crls.current(at=at), timestamps.crl(at=at))))


def own_trust(*, at: dt.datetime) -> Trust:
    """Return the portal alone, with lists of this moment: what a seal of its documents keeps.

    Raises keys.KeysError when an issuing CA cannot sign its list.
    """
    return _own(at, fresh_crls(at=at))


def _own(at: dt.datetime, lists: tuple[bytes, ...]) -> Trust:
    return Trust(
        roots=(authority(at=at).root,),
        crls=lists,
        stamp_roots=(timestamps.authority(at=at).root,),
        kinds=(RootKind.PORTAL,),
        stamp_kinds=(RootKind.PORTAL,),
    )


def with_outside_roots(trust: Trust) -> Trust:
    """Return whom to believe, and the outside authorities that two persons enabled, with their newest lists.

    Those that another one signed only stand between; a root among them is believed of time-stamps, too.
    """
    enabled = [(bytes(row.der), RootKind(row.kind)) for row in root_access.trusted_roots().order_by("pk")]
    kinds = {der: kind for der, kind in enabled if keys.is_self_issued(der)}
    return Trust(
        roots=(*trust.roots, *kinds),
        crls=(*trust.crls, *(bytes(one.der) for one in root_access.trusted_lists())),
        stamp_roots=(*trust.stamp_roots, *kinds),
        others=(*trust.others, *(der for der, _kind in enabled if der not in kinds)),
        kinds=(*trust.kinds, *kinds.values()),
        stamp_kinds=(*trust.stamp_kinds, *kinds.values()),
    )


def fresh_crls(*, at: dt.datetime) -> tuple[bytes, ...]:
    """Issue and return the lists of this moment: issuing CAs, their root, the root of time-stamps."""
    return (*crls.issue_fresh(at=at), timestamps.crl(at=at))


def current_credential(user: User, *, at: dt.datetime, for_agency: bool = False) -> Credential | None:
    """Return the user's credential that can sign at `at`, for the agency of their present post.

    `for_agency`: the agency's own that the user keeps.
    """
    return (
        access.visible_credentials(user)
        .filter(
            certificate__agency=user.agency_id,
            certificate__for_agency=for_agency,
            certificate__revoked_at=None,
            certificate__not_before__lte=at,
            certificate__not_after__gte=at + dt.timedelta(days=LEAST_DAYS_LEFT),
        )
        .exclude(Exists(Suspension.objects.filter(certificate=OuterRef("certificate"), lifted_at=None)))
        .order_by("-certificate__not_before")
        .first()
    )


@action
def destroy_keys_without_post(*, by: User | None, at: dt.datetime) -> int:
    """Destroy the signing keys of people who no longer sign for the agency in their certificate.

    An agency's own key goes with the post of who kept it.

    The certificate stays and is not revoked: nothing proves the time of a signature to a stranger, so
    a revocation would cast doubt on everything that was signed rightly before it. Without its key it
    signs nothing more, also when its holder comes back one day. Returns how many there were.
    """
    in_post = Membership.objects.valid_on(local_day(at)).filter(
        user=OuterRef("certificate__user"), agency=OuterRef("certificate__agency")
    )
    signs = Q(certificate__for_agency=False) & Exists(in_post.filter(role__in=access.SIGNER_ROLES))
    keeps = Q(certificate__for_agency=True) & Exists(in_post.filter(role__in=access.KEEPER_ROLES))
    papers = Authorisation.objects.filter(
        person=OuterRef("certificate__user"), agency=OuterRef("certificate__agency"), revoked_at=None
    )
    by_paper = Q(certificate__for_agency=False) & Exists(papers) & Exists(in_post)
    left = Credential.objects.exclude(signs | keeps | by_paper)
    return destroy(left, why="post ended", by=by, at=at)


def destroy(rows: QuerySet[Credential], *, why: str, by: User | None, at: dt.datetime) -> int:
    """Destroy signing keys, inside the action that says why; their certificates stay as they are."""
    with walls.everything():  # keys of other people
        return _destroy(rows, why=why, by=by, at=at)


def _destroy(rows: QuerySet[Credential], *, why: str, by: User | None, at: dt.datetime) -> int:
    rows = rows.select_related("certificate__agency").order_by("pk")
    for credential in rows.select_for_update(of=("self",)):
        certificate = credential.certificate
        record(
            "credential.destroyed",
            credential,
            by=by,
            at=at,
            agency_code=certificate.agency.code,
            payload={"serial": certificate.serial, "user": certificate.user_id, "why": why},
        )
    count, _by_model = rows.delete()
    return count


def seal(private_key: ec.EllipticCurvePrivateKey, pin: str | keys.DerivedPin, *, serial: str) -> bytes:
    """Return a new key sealed under its PIN, for the certificate with this number. Slow: outside any lock."""
    if isinstance(pin, str):
        check_pin(pin)
        with _stretching:
            pin = keys.derive_pin(pin)
    return keys.seal(private_key, pin, kek(), context=_context(serial))


def issue(
    public_key: ec.EllipticCurvePublicKey,
    *,
    serial: str,
    user: User,
    common_name: str,
    at: dt.datetime,
    for_agency: bool = False,
) -> Certificate:
    """Let the authority certify a key for the user's present post; inside the action that decides it.

    The certificate of an agency names no person: its label is the agency's code.
    """
    if user.post is None:
        raise PermissionDenied
    own = authority(at=at)
    try:
        der = own.issue(
            public_key,
            common_name=common_name,
            organization=user.post.agency.name_vi,
            serial_label=user.post.agency.code if for_agency else user.username,
            at=at,
            days=life_days(),
            serial=int(serial, 16),
        )
    except keys.AuthorityError as error:
        log.exception("no certificate for %s", user.username)
        raise RuleError(
            _("The portal's authority cannot issue certificates now. Tell the administrator.")
        ) from error
    parsed = x509.load_der_x509_certificate(der)
    return Certificate.objects.create(
        serial=serial,
        user=user,
        agency=user.post.agency,
        for_agency=for_agency,
        common_name=common_name,
        issuer_key_id=keys.key_id(own.issuer.certificate),
        der=der,
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
    )


def check_pin(pin: str) -> None:
    """Raise PinRefused for a new PIN that others would try first."""
    try:
        keys.check_pin(pin)
    except keys.PinTooWeak as error:
        raise WeakPin(
            _("Choose a PIN of at least 8 characters that is not a date, a sequence or a repetition.")
        ) from error


def unlock(
    credential: Credential, pin: str | keys.DerivedPin, *, by: User, at: dt.datetime
) -> keys.SigningKey:
    """Open the credential's key with its PIN. Runs before any lock on a document: it is slow.

    Raises PinRefused for a wrong PIN and while the credential is locked. Wrong PINs are counted in
    transactions of their own, so that a refusal that follows cannot undo the count.
    """
    certificate = credential.certificate
    with _stretching:
        credential.refresh_from_db(fields=["failures", "locked_until"])  # guesses sent side by side count
        _check_not_locked(credential, at)
        try:
            private_key = keys.unseal(
                bytes(credential.sealed_key), pin, kek(), context=_context(certificate.serial)
            )
        except keys.WrongPin:
            left = _count_wrong_pin(credential, by=by, at=at)
            raise PinRefused(_wrong_pin_text(left)) from None
        except keys.KeyDamaged as error:
            log.exception("credential %s", credential.pk)
            raise RuleError(
                _("Your signing key cannot be opened, whatever the PIN. Tell the administrator.")
            ) from error
    if credential.failures or credential.locked_until:
        Credential.objects.filter(pk=credential.pk).update(failures=0, locked_until=None)
    issuer = authority(at=at).issuer_of(certificate.issuer_key_id)
    return keys.SigningKey(bytes(certificate.der), private_key, (issuer.der,))


def _check_not_locked(credential: Credential, at: dt.datetime) -> None:
    if credential.locked_until and credential.locked_until > at:
        minutes = int((credential.locked_until - at).total_seconds() // 60) + 1
        raise PinRefused(
            _("Signing is locked after several wrong PINs. Try again in %(minutes)s minutes.")
            % {"minutes": minutes}
        )


def _wrong_pin_text(left: int) -> str:
    if left > 0:
        return _("Wrong PIN. Nothing was done. %(left)s tries left.") % {"left": left}
    return _("Wrong PIN. Nothing was done. Signing is now locked for %(minutes)s minutes.") % {
        "minutes": LOCK_MINUTES
    }


@action
def _count_wrong_pin(credential: Credential, *, by: User, at: dt.datetime) -> int:
    """Count one wrong PIN; return how many tries are left."""
    Credential.objects.filter(pk=credential.pk).update(failures=F("failures") + 1)
    failures = Credential.objects.values_list("failures", flat=True).get(pk=credential.pk)
    record("credential.pin_refused", credential, by=by, at=at, payload={"failures": failures})
    if failures < WRONG_PINS:
        return WRONG_PINS - failures
    until = at + dt.timedelta(minutes=LOCK_MINUTES)
    Credential.objects.filter(pk=credential.pk).update(failures=0, locked_until=until)
    record("credential.locked", credential, by=by, at=at, payload={"until": until})
    return 0


def _context(serial: str) -> bytes:
    return f"credential of certificate {serial}".encode()


def change_pin(credential: Credential, *, old: str, new: str, code: str, by: User, at: dt.datetime) -> None:
    """Seal one's own key under another PIN.

    1. The new PIN is looked at, so that nothing is spent on a weak one. 2. The old one opens the key.
    3. The code. 4. The key is sealed anew, if nobody else did that meanwhile.

    Raises PinRefused, WeakPin, CodeRefused, RuleError.
    """
    if credential.certificate.user_id != by.pk:
        raise PermissionDenied
    check_pin(new)
    key = unlock(credential, old, by=by, at=at)
    if factors.spend(by, code, at=at) is None:  # in no transaction: the refusal would take the count back
        raise step_up.CodeRefused
    sealed_key = seal(key.private_key, new, serial=credential.certificate.serial)
    _replace_sealed_key(credential, sealed_key, at=at)


@action
def _replace_sealed_key(credential: Credential, sealed_key: bytes, *, at: dt.datetime) -> None:
    row = Credential.objects.select_for_update().filter(pk=credential.pk).first()
    if row is None or bytes(row.sealed_key) != bytes(credential.sealed_key):
        raise RuleError(_("Your signing key changed meanwhile. The PIN is as it was; try again."))
    Credential.objects.filter(pk=row.pk).update(sealed_key=sealed_key)
    certificate = credential.certificate
    record(
        "credential.pin_changed",
        credential,
        by=certificate.user,
        at=at,
        agency_code=certificate.agency.code,
        payload={"serial": certificate.serial},
    )


# --- The PIN as what a step-up asks for ----------------------------------------------------------------
def _check_known_pin(user: User, answer: str, at: dt.datetime) -> None:
    credential = current_credential(user, at=at)
    if credential is None:
        raise PinRefused(_("You have no valid signing certificate yet. Create one first."))
    unlock(credential, answer, by=user, at=at)


PIN = step_up.Knowledge(
    name="pin",
    label=gettext_lazy("Signing PIN"),
    is_of=lambda user, at: current_credential(user, at=at) is not None,
    check=_check_known_pin,
)
"""Asked instead of the password, from whoever can sign."""
