"""Freeze, certify and sign the demonstration's papers by the portal's own code.

Only what a person does at the screen is left out: reading, typing the PIN, the one-time code. The
PIN is stretched once for all (scrypt takes a third of a second a time), and each signature is
appended as signing.sign() does after that step-up.
"""

import datetime as dt
import uuid

from agreements import certificates, documents, keys, pki, signing, verification
from agreements.models import Document
from portal.lib.dates import LOCAL
from portal.operations import marks
from portal.operations.demo.people import Cast
from portal.users.models import User
from tasks import programmes
from tasks.models import Programme

LATE = {"CTK": 5, "NHNN": 7}
"""Agencies that signed last year's paper days after the conference, as the data file has it."""

STILL_TO_SIGN = frozenset({"SNV", "STC", "SXD"})
"""Agencies whose heads a visitor tries out: this year's paper waits for them."""


def moment(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """Return an aware local moment."""
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=LOCAL)


def issue_certificates(cast: Cast, *, at: dt.datetime) -> keys.DerivedPin:
    """Give every head and deputy a certificate, its key sealed under the one PIN; return that PIN."""
    pin = keys.derive_pin(marks.password_and_pin()[1])
    for user in (*cast.heads.values(), *cast.deputies.values()):
        request = certificates.ask(user, pin=pin, by=user, at=at)
        end = request.fingerprint[-certificates.HIDDEN_DIGITS :]
        certificates.release(request, by=cast.officer, compared=end, at=at)
    return pin


def last_year(programme: Programme, cast: Cast, pin: keys.DerivedPin) -> None:
    """Sign a programme in full: heads at the conference, two of them days later, one by the deputy."""
    day = _conference(programme)
    document = _open(programme, cast)
    signers = _signers(programme, cast) | cast.deputies
    times = {
        user: moment(day + dt.timedelta(days=LATE.get(agency, 0)), 9) + dt.timedelta(minutes=place)
        for place, (agency, user) in enumerate(signers.items())
    }
    for user, at in sorted(times.items(), key=lambda both: both[1]):  # no time-stamp goes back in time
        sign(document, user, pin, at=at)
    documents.bring_into_force(document, by=cast.commander, at=moment(day, 16))
    end = day + dt.timedelta(days=max(LATE.values()) + 1)
    documents.close_round(document, by=cast.officer, at=moment(end, 9))
    documents.issue(document, by=cast.clerk, at=moment(end, 10), number=1, issued_on=end)
    programme.refresh_from_db()


def this_year(programme: Programme, cast: Cast, pin: keys.DerivedPin) -> None:
    """Sign by the command, the Front and every second of the others; leave the round open."""
    day = _conference(programme)
    document = _open(programme, cast)
    for place, (agency, user) in enumerate(_signers(programme, cast).items()):
        if place < 2 or (place % 2 and agency not in STILL_TO_SIGN):
            sign(document, user, pin, at=moment(day, 9) + dt.timedelta(minutes=place))
    documents.bring_into_force(document, by=cast.commander, at=moment(day, 16))
    programme.refresh_from_db()


def check(*signed: Programme, at: dt.datetime) -> None:
    """Verify all signatures, so that nobody has to wait until the job has come round to them."""
    for document in Document.objects.filter(programme__in=signed):
        verification.check_document(document, at=at)


def _conference(programme: Programme) -> dt.date:
    return programme.conference_on or dt.date(programme.year, 1, 11)


def _signers(programme: Programme, cast: Cast) -> dict[str, User]:
    """Return the heads of the parties by agency, in protocol order."""
    parties = programme.signatories.order_by("order").values_list("agency__code", flat=True)
    return {code: cast.heads[code] for code in parties}


def _open(programme: Programme, cast: Cast) -> Document:
    eve = _conference(programme) - dt.timedelta(days=1)
    programmes.settle(programme, by=cast.officer, at=moment(eve, 14))
    document = documents.freeze(programme, by=cast.officer, at=moment(eve, 15))
    documents.open_round(document, by=cast.officer, at=moment(eve, 16))
    return document


def sign(document: Document, user: User, pin: keys.DerivedPin, *, at: dt.datetime) -> None:
    credential = pki.current_credential(user, at=at)
    if credential is None:
        raise LookupError(f"{user.username} has no certificate")
    signing.append(
        document,
        by=user,
        key=pki.unlock(credential, pin, by=user, at=at),
        shown_sha256=document.frozen_id,
        request_key=uuid.uuid4(),
        at=at,
        grounds="Thủ trưởng đi công tác",  # kept of a deputy only
    )
