"""What an examination found of a PDF, as the page, the command and the download package show it.

The text comes from the sandbox, whose child a hostile file may have taken over: its shape is checked,
and whatever does not fit is "cannot tell".
"""

import dataclasses
import datetime as dt
import json
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.models import Certificate, Revision, Signature
from agreements.models.documents import unknown_root
from agreements.pades import Level, Modification, Reason, Revocation, RootKind, Verdict
from agreements.pades.values import CANNOT_TELL
from agreements.verification import Exit
from portal.files import store

TEXT_MOST = 300  # characters of a name inside a stranger's certificate
SIGNATURES_MOST = 500
YEARS = (1970, 2999)
TEXTS = ("field", "signer", "organization", "issuer", "serial", "certificate_sha256")
FLAGS = ("certification", "timestamp", "intact", "valid", "covers_revision")
CRASHED = "crashed"
NOT_IN_TIME = "not_in_time"

REASON_WORDS: dict[Reason, str | Promise] = {
    Reason.GOOD: _("Good: what was signed is unchanged, and the certificate was valid."),
    Reason.ALTERED: _("Wrong: the signed bytes were changed afterwards."),
    Reason.INVALID: _("Wrong: the signature does not belong to the certificate that stands with it."),
    Reason.UNSUPPORTED: _("Wrong: the signature itself is malformed."),
    Reason.NOT_COVERED: _("Wrong: the signature leaves out a part of what it should cover."),
    Reason.CHANGED_LATER: _("Wrong: after this signature something other than signatures was added."),
    Reason.REVOKED: _("Wrong: the certificate had been revoked before the signature."),
    Reason.OUTSIDE_VALIDITY: _("Wrong: signed before or after the time in which the certificate is valid."),
    Reason.CHAIN_INVALID: _("Wrong: the chain of certificates does not hold."),
    Reason.WRONG_KEY_USAGE: _("Wrong: the certificate is not made for signatures."),
    Reason.UNKNOWN_AUTHORITY: _("Cannot tell: this portal does not know who issued the certificate."),
    Reason.REVOKED_LATER: _(
        "Cannot tell: the certificate was revoked later; the time of signing is not proven."
    ),
    Reason.WEAK_ALGORITHM: _("Cannot tell: the algorithm is too weak by today's measure."),
    Reason.EXPIRED: _("Cannot tell: the certificate has expired; the time of signing is not proven."),
    Reason.REVOCATION_UNKNOWN: _("Cannot tell: there is no current revocation list of this authority."),
    Reason.CHANGES_NOT_CHECKED: _("Cannot tell: what was added after the signature was not compared."),
}

UNREADABLE_WORDS: dict[str, str | Promise] = {
    "not_a_pdf": _("The file is not a PDF."),
    "encrypted": _("The file is encrypted; without its password nobody can judge it."),
    "malformed": _("The file is damaged or not built as a PDF has to be."),
    "too_complex": _("The file is built so intricately that it was not read to its end."),
    CRASHED: _("The examination ended before its time: too much work, or a file made to disturb it."),
    NOT_IN_TIME: _("The file was not examined in time and has been deleted. Please send it again."),
}


@dataclass(frozen=True)
class FoundSignature:
    """One signature. `own` is the portal's certificate of it, `given` the portal's own record of it."""

    field: str
    reason: Reason
    signer: str
    organization: str
    issuer: str
    serial: str
    certificate_sha256: str
    signed_at: dt.datetime | None
    stamped_at: dt.datetime | None
    level: Level
    kind: RootKind | None
    certification: bool
    timestamp: bool
    intact: bool
    valid: bool
    trusted: bool | None
    revocation: Revocation
    modification: Modification
    covers_revision: bool
    revision: int
    is_newest: bool = False
    own: Certificate | None = dataclasses.field(default=None, compare=False)
    given: Signature | None = dataclasses.field(default=None, compare=False)

    @property
    def verdict(self) -> Verdict:
        if self.reason is Reason.GOOD:
            return Verdict.GOOD
        return Verdict.UNKNOWN if self.reason in CANNOT_TELL else Verdict.BAD

    @property
    def words(self) -> str | Promise:
        return REASON_WORDS[self.reason]

    @property
    def rests_on(self) -> str:
        """Whose trust it rests on, in words."""
        kind = RootKind.PORTAL if self.own else self.kind
        return str(Signature.RootKind(kind).label) if kind else unknown_root(self.issuer)

    @property
    def covers_words(self) -> str | Promise:
        """What of the file this signature answers for."""
        if not self.covers_revision:
            return _("not all of what it should")
        if self.is_newest:
            return _("the whole file")
        if self.modification is Modification.CLEAN:
            return _("the file as it was then; after it only signatures were added")
        if self.modification is Modification.SUSPICIOUS:
            return _("the file as it was then; something else was added after it")
        return _("the file as it was then; what came after it was not compared")

    def told(self) -> dict[str, Any]:
        """Return the signature as JSON has it, with its verdict and what that means in words."""
        names = (*TEXTS, *FLAGS, "trusted", "revision")
        return {
            "verdict": self.verdict.value,
            "reason": self.reason.value,
            "words": str(self.words),
            "covers": str(self.covers_words),
            "capacity": self.given.get_capacity_display() if self.given else None,
            "signed_at": self.signed_at.isoformat() if self.signed_at else None,
            "stamped_at": self.stamped_at.isoformat() if self.stamped_at else None,
            "kind": self.kind.value if self.kind else None,
            "rests_on": self.rests_on,
            "level": None if self.timestamp else self.level.value,
            "revocation": self.revocation.value,
            "modification": self.modification.value,
            **{name: getattr(self, name) for name in names},
        }


@dataclass(frozen=True)
class Found:
    """A whole file. `unreadable` says why there is nothing else."""

    outcome: Exit
    unreadable: str = ""
    pages: int = 0
    revisions: int = 0
    signatures: tuple[FoundSignature, ...] = ()
    has_unsigned_tail: bool = False

    @property
    def level(self) -> Level | None:
        """The lowest level of its signatures; None where not every one of them is good."""
        levels = {row.level for row in self.signatures if not row.timestamp}
        is_good = self.outcome is Exit.GOOD
        return next((level for level in Level if level in levels), None) if is_good else None

    @property
    def unreadable_text(self) -> str | Promise:
        """Why nothing else was found; empty for a file that was read."""
        if not self.unreadable:
            return ""
        return UNREADABLE_WORDS.get(self.unreadable, UNREADABLE_WORDS["malformed"])


def unreadable(code: str) -> str:
    """Return the text of a finding that says nothing but why."""
    return json.dumps({"unreadable": code})


def read(text: str | bytes, *, begins_with: Revision | None = None) -> Found:
    """Return what the text of a finding says; one that has another shape is `crashed`.

    A file that begins as one of ours (`begins_with`) and cannot be read was broken afterwards, as was
    one with bytes after its end.
    """
    try:
        values: dict[str, Any] = json.loads(text)
        if "unreadable" in values:
            code = str(values["unreadable"])
            return Found(_outcome_of_unreadable(code, begins_with), code)
        pages, revisions, tail = (int(values[name]) for name in ("pages", "revisions", "unsigned_tail"))
        rows = tuple(_row(row, 0 if tail else revisions) for row in values["signatures"][:SIGNATURES_MOST])
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
        return Found(Exit.CANNOT_TELL, CRASHED)
    outcome = _outcome(rows)
    if tail and outcome is Exit.GOOD:
        outcome = Exit.BAD if begins_with else Exit.CANNOT_TELL
    return Found(outcome, "", pages, revisions, _with_records(rows, begins_with), bool(tail))


def _outcome_of_unreadable(code: str, begins_with: Revision | None) -> Exit:
    is_ours_broken = begins_with is not None and code in {"not_a_pdf", "malformed", "encrypted"}
    return Exit.BAD if is_ours_broken else Exit.CANNOT_TELL


def _outcome(rows: tuple[FoundSignature, ...]) -> Exit:
    verdicts = {row.verdict for row in rows}
    if Verdict.BAD in verdicts:
        return Exit.BAD
    return Exit.GOOD if verdicts == {Verdict.GOOD} else Exit.CANNOT_TELL


def _row(row: dict[str, Any], revisions: int) -> FoundSignature:
    text = {name: str(row[name])[:TEXT_MOST] for name in TEXTS}
    is_so = {name: bool(row[name]) for name in FLAGS}
    rest: dict[str, Any] = {
        "reason": Reason(row["reason"]),
        "signed_at": _moment(row["signed_at"]),
        "stamped_at": _moment(row["stamped_at"]),
        "level": Level(row["level"]),
        "kind": RootKind(row["kind"]) if row["kind"] else None,
        "trusted": None if row["trusted"] is None else bool(row["trusted"]),
        "revocation": Revocation(row["revocation"]),
        "modification": Modification(row["modification"]),
        "revision": int(row["revision"]),
        "is_newest": int(row["revision"]) == revisions - 1,
    }
    found = FoundSignature(**(rest | text | is_so))
    if found.reason is Reason.GOOD and not (found.intact and found.valid and found.trusted):
        raise ValueError("a good signature that does not hold")
    return found


def _moment(text: str | None) -> dt.datetime | None:
    """Return what a signer's machine says, unless no calendar of ours can show it."""
    moment = dt.datetime.fromisoformat(text) if text else None
    return moment if moment and moment.tzinfo and YEARS[0] <= moment.year <= YEARS[1] else None


def _with_records(
    rows: tuple[FoundSignature, ...], begins_with: Revision | None
) -> tuple[FoundSignature, ...]:
    """Add which certificates are the portal's own, and in what capacity they signed this document."""
    serials = {row.serial for row in rows}
    own = {
        (certificate.serial, store.sha256_of(bytes(certificate.der))): certificate
        for certificate in Certificate.objects.filter(serial__in=serials).select_related("agency")
    }
    given = (
        {s.field.name: s for s in begins_with.document.signatures.select_related("field", "certificate")}
        if begins_with
        else {}
    )
    return tuple(
        _known(row, own.get((row.serial, row.certificate_sha256)), given.get(row.field)) for row in rows
    )


def _known(row: FoundSignature, own: Certificate | None, given: Signature | None) -> FoundSignature:
    is_given = given is not None and own is not None and given.certificate_id == own.pk
    return replace(row, own=own, given=given if is_given else None)
