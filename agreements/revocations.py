"""Authorities that are believed no longer: an issuing CA, or a key of the time-stamp authority.

The order keeps what was signed rightly. 1. Another one is at work already. 2. Every signature has its
verdict, and every document an archive time-stamp, with lists that still call the authority good. 3. The
revocation, and the list that names it. 4. Every document is stamped again, so that this list stands in the
file: it shows in later years that the revocation came after the first stamp. docs/long-term.md says what is
found of a signature from before, and from after.
"""

import datetime as dt

from agreements import authorities, certificates, crls, keys, sealing, timestamps, verification
from agreements.models import AuthorityRevocation, Certificate, CertificateAuthority, Signature
from portal.audit.events import record
from portal.lib.actions import action

Kind, Reason = AuthorityRevocation.Kind, AuthorityRevocation.Reason
EVERY_SIGNATURE = 10_000  # one run of checks


class NotSecured(keys.AuthorityError):
    """Documents got no time-stamp: what was signed in them would be lost."""


def revoke_issuing(
    row: CertificateAuthority,
    *,
    brought: keys.RootKey | None = None,
    signed: bytes | None = None,
    anyway: bool = False,
    at: dt.datetime,
) -> AuthorityRevocation:
    """Revoke an issuing CA that a successor has followed, and every certificate below it.

    The root's list that names it is signed by the key `brought`, by the one that is here, or elsewhere:
    `signed` is then the list, and its moment counts. `anyway`: also when documents could not be secured.
    Raises keys.AuthorityError, NotSecured.
    """
    own = authorities.authority(at=at)
    if row.kind != CertificateAuthority.Kind.ISSUING:
        raise keys.AuthorityError("this is no issuing CA")
    if row.key_id == keys.key_id(own.issuer.certificate):
        raise keys.AuthorityError("this CA is at work: make a successor first")
    key = None if signed else brought or own.root_key(authorities.kek())
    _secure(anyway=anyway, at=at)
    revoked = _revoke_issuing(row, own, key, signed, at=timestamps.next_second(at=at))
    crls.issue_due(at=revoked.revoked_at)
    sealing.renew_all(at=revoked.revoked_at)
    return revoked


@action
def _revoke_issuing(
    row: CertificateAuthority,
    own: keys.Authority,
    key: keys.RootKey | None,
    signed: bytes | None,
    *,
    at: dt.datetime,
) -> AuthorityRevocation:
    CertificateAuthority.objects.select_for_update().get(pk=row.pk)
    serial = keys.serial_of(bytes(row.der))
    if AuthorityRevocation.objects.filter(serial=f"{serial:x}").exists():
        raise keys.AuthorityError("this CA is revoked already")
    line = _line_of(serial, signed) if signed else keys.Revoked(serial, at, Reason.CA_COMPROMISE)
    revoked = _keep(Kind.ISSUING, line, row.common_name)
    if signed is None and key is not None:
        signed = own.root_crl_by(key, crls.root_lines(), number=crls.next_root_number(at=at), at=at)
    crls.take(signed or b"", at=at)
    below = Certificate.objects.filter(issuer_key_id=row.key_id, revoked_at=None, not_after__gt=at)
    for certificate in below.order_by("pk"):
        certificates.end_with_issuer(certificate, at=at)
    record(
        "authority.revoked", row, by=None, at=at, payload={"serial": revoked.serial, "reason": line.reason}
    )
    return revoked


def _line_of(serial: int, signed: bytes) -> keys.Revoked:
    """Return what a list that was signed elsewhere says of a CA."""
    found = next((line for line in keys.lines_of(signed) if line.serial == serial), None)
    if found is None:
        raise keys.AuthorityError(f"the list does not name {serial:x}")
    return found._replace(reason=Reason.CA_COMPROMISE)


def revoke_stamp_key(
    serial: int | None = None, *, anyway: bool = False, at: dt.datetime
) -> AuthorityRevocation:
    """Revoke the time-stamping key at work, after a new one has followed; or an earlier one, by its serial.

    `anyway`: also when documents could not be secured. Raises keys.AuthorityError, NotSecured: the new key
    stays at work then, and the old one is named by its serial from there on.
    """
    verification.check_next(at=at, limit=EVERY_SIGNATURE)
    if serial is None:
        serial = timestamps.authority(at=at).certificate.serial_number
        timestamps.rotate(at=timestamps.next_second(at=at))
    older, newer = timestamps.key_of(serial, at=at)
    used = {"used_from": older.not_valid_before_utc, "used_until": newer.not_valid_before_utc}
    try:
        _secure(anyway=anyway, at=max(at, newer.not_valid_before_utc))
    except NotSecured as error:
        raise NotSecured(f"{error} Then: rotate_tsa_key --compromised {serial:x}") from error
    moment = timestamps.next_second(at=at)
    line = keys.Revoked(serial, moment, Reason.KEY_COMPROMISE)
    revoked = _revoke_stamp_key(line, authorities.name_of(older), used, at=moment)
    sealing.renew_all(at=moment)
    return revoked


@action
def _revoke_stamp_key(
    line: keys.Revoked, name: str, used: dict[str, dt.datetime], *, at: dt.datetime
) -> AuthorityRevocation:
    revoked = _keep(Kind.STAMP, line, name, **used)
    record("stamp_key.revoked", revoked, by=None, at=at, payload={"serial": revoked.serial, **used})
    return revoked


def _secure(*, anyway: bool, at: dt.datetime) -> None:
    verification.check_next(at=at, limit=EVERY_SIGNATURE)
    waiting = Signature.objects.filter(check_state=Signature.Check.CHECKING).count()
    done, asked = sealing.secure_all(at=at)
    sealing.judge_next(at=at, limit=asked)
    if (done < asked or waiting) and not anyway:
        raise NotSecured(
            f"{asked - done} documents were not stamped and {waiting} signatures have no verdict: nothing was"
            " revoked. What kept them stands in the log; with --anyway they are given up."
        )


def _keep(kind: str, line: keys.Revoked, name: str, **used: dt.datetime) -> AuthorityRevocation:
    return AuthorityRevocation.objects.create(
        kind=kind,
        serial=f"{line.serial:x}",
        common_name=name,
        revoked_at=line.revoked_at,
        revocation_reason=line.reason,
        **used,
    )
