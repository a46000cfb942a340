"""The plain values that go in and come out. No PDF library here."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True)
class FieldSpec:
    """Where one signature goes. Points (1/72 inch) from the page's top left corner; `page` from 1.

    `label` is what a screen reader says of the field.
    """

    name: str
    page: int
    x: float
    y: float
    width: float
    height: float
    label: str


@dataclass(frozen=True)
class SealPicture:
    """A PNG of an agency's seal, and how wide the seal is, in points."""

    png: bytes
    width: float


@dataclass(frozen=True)
class Appearance:
    """What is drawn into the field's box.

    `lines` is the signing capacity in capitals; `note` follows the time in small print; `image` is a PNG
    of the handwritten signature.
    """

    lines: tuple[str, ...]
    name: str
    signed_at: datetime
    note: str = ""
    image: bytes | None = None
    seal: SealPicture | None = None


@dataclass(frozen=True)
class AgencyAppearance:
    """What an agency's own signature shows: its seal, or in a red frame its name, the time and the note."""

    name: str
    signed_at: datetime
    note: str = ""
    seal: SealPicture | None = None


class RootKind(StrEnum):
    """Whose authority a root is."""

    PORTAL = "portal"
    PUBLIC_SERVICE = "public_service"
    PUBLIC = "public"
    OTHER = "other"  # a time-stamp authority of somebody else


@dataclass(frozen=True)
class Trust:
    """Whom to believe: DER certificates of the roots, DER revocation lists. Nothing else is fetched.

    `stamp_roots` are those of time-stamp authorities; `others` may stand between a signer and a root, and by
    themselves are not believed. `kinds` and `stamp_kinds` stand beside the roots, one each; without them
    nothing is said about whose a signature's root is.
    """

    roots: tuple[bytes, ...]
    crls: tuple[bytes, ...] = ()
    stamp_roots: tuple[bytes, ...] = ()
    others: tuple[bytes, ...] = ()
    kinds: tuple[RootKind, ...] = ()
    stamp_kinds: tuple[RootKind, ...] = ()

    def kind_of(self, root: bytes) -> RootKind | None:
        stamps = zip(self.stamp_roots, self.stamp_kinds, strict=False)
        return (dict(stamps) | dict(zip(self.roots, self.kinds, strict=False))).get(root)


class Modification(StrEnum):
    """What happened to the file after a signature."""

    CLEAN = "clean"  # nothing, or only later signatures
    SUSPICIOUS = "suspicious"
    NOT_CHECKED = "not_checked"


class Verdict(StrEnum):
    """The three outcomes. `UNKNOWN` is never to be shown as either of the others."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a signature is judged as it is; the first that applies, the worst first."""

    ALTERED = "altered"  # the signed bytes are not those that were signed
    INVALID = "invalid"  # the signature value does not fit the certificate
    UNSUPPORTED = "unsupported"  # the signature itself is malformed
    NOT_COVERED = "not_covered"  # the signature leaves out a part of its own revision
    CHANGED_LATER = "changed_later"  # something other than a signature was added
    REVOKED = "revoked"  # before the signature was made
    OUTSIDE_VALIDITY = "outside_validity"  # signed before or after the certificate was valid
    CHAIN_INVALID = "chain_invalid"
    WRONG_KEY_USAGE = "wrong_key_usage"
    UNKNOWN_AUTHORITY = "unknown_authority"  # cannot tell: no configured root issued it
    REVOKED_LATER = "revoked_later"  # cannot tell: the time of signing is not proven
    WEAK_ALGORITHM = "weak_algorithm"  # cannot tell: anyone may be able to forge it by now
    EXPIRED = "expired"  # cannot tell: the time of signing is not proven
    REVOCATION_UNKNOWN = "revocation_unknown"  # cannot tell: no current revocation list
    CHANGES_NOT_CHECKED = "changes_not_checked"
    GOOD = "good"


class Revocation(StrEnum):
    """Whether a revocation list was consulted."""

    CHECKED = "checked"
    NOT_CHECKED = "not_checked"  # no list was given


class Level(StrEnum):
    """How long a signature can be checked. Source: ETSI EN 319 142-1, 6."""

    B_B = "B-B"  # the time is the signer's word
    B_T = "B-T"  # an authority says when
    B_LT = "B-LT"  # and the file holds what is needed to check it, while the time-stamp's certificate lives
    B_LTA = "B-LTA"  # and an archive time-stamp keeps it so, while it is renewed


@dataclass(frozen=True)
class SignatureReport:
    """One signature, judged.

    `intact`: the digest fits the bytes. `valid`: the signature value fits the certificate. `trusted`:
    the certificate leads to a configured root and was good when it signed; None is "cannot tell".
    `signed_at` is the signer's claim, `stamped_at` what a trusted time-stamp says. `kind`: whose root it
    leads to, if to one. `revision` counts from 0, as in `DocumentReport.revisions`.
    """

    field: str
    signer: str
    organization: str
    issuer: str
    serial: int
    certificate: bytes
    signed_at: datetime | None
    is_certification: bool
    is_timestamp: bool
    revision: int
    intact: bool
    valid: bool
    trusted: bool | None
    revocation: Revocation
    covers_revision: bool
    modification: Modification
    reason: Reason
    stamped_at: datetime | None = None
    level: Level = Level.B_B
    kind: RootKind | None = None

    @property
    def verdict(self) -> Verdict:
        if self.reason is Reason.GOOD:
            return Verdict.GOOD
        return Verdict.UNKNOWN if self.reason in CANNOT_TELL else Verdict.BAD


CANNOT_TELL = frozenset(
    {
        Reason.UNKNOWN_AUTHORITY,
        Reason.REVOKED_LATER,
        Reason.WEAK_ALGORITHM,
        Reason.EXPIRED,
        Reason.REVOCATION_UNKNOWN,
        Reason.CHANGES_NOT_CHECKED,
    }
)


@dataclass(frozen=True)
class Revision:
    """One saved state of the file: its first `size` bytes, and their SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True)
class DocumentReport:
    """A whole file, judged. `revisions` is oldest first; the last one is the file itself."""

    sha256: str
    page_count: int
    revisions: tuple[Revision, ...]
    signatures: tuple[SignatureReport, ...]

    @property
    def verdict(self) -> Verdict:
        """Bad if one signature is bad; good if there are signatures and all are good."""
        verdicts = {signature.verdict for signature in self.signatures}
        if Verdict.BAD in verdicts:
            return Verdict.BAD
        return Verdict.GOOD if verdicts == {Verdict.GOOD} else Verdict.UNKNOWN

    @property
    def level(self) -> Level | None:
        """The lowest level of its signatures; None where not every one of them is good."""
        levels = {one.level for one in self.signatures if not one.is_timestamp}
        return (
            next((level for level in Level if level in levels), None)
            if self.verdict is Verdict.GOOD
            else None
        )

    def with_changes_checked(self) -> "DocumentReport":
        """The same report where the changes between revisions were found clean at an earlier time.

        Only for bytes whose SHA-256 stands beside a stored clean verdict.
        """
        return replace(self, signatures=tuple(self._checked()))

    def _checked(self) -> Iterator[SignatureReport]:
        for signature in self.signatures:
            if signature.modification is not Modification.NOT_CHECKED:
                yield signature
                continue
            reason = Reason.GOOD if signature.reason is Reason.CHANGES_NOT_CHECKED else signature.reason
            yield replace(signature, modification=Modification.CLEAN, reason=reason)
