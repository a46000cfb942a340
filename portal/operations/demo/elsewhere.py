"""What a visitor would else find empty: an issued amendment, an outside root, a holder of a USB token.

The authority is made up for the purpose and says so in every certificate; its keys are thrown away with the
folder, so that nobody signs with this token.
"""

import datetime as dt
import secrets
import tempfile
from pathlib import Path

from agreements import amendments, certificates, documents, keys, roots, tokens
from agreements.models import Document, ExternalCertificate, ExternalRoot
from portal.files import store
from portal.lib.dates import local_day
from portal.operations.demo import rounds
from portal.operations.demo.people import Cast
from tasks.models import Programme

AUTHORITY = "CA công cộng"
HOLDER = "CAT"
"""The agency whose head has a token."""

AMENDED = "1.01"
REASON = "Bổ sung cơ quan phối hợp theo đề nghị của cơ quan chủ trì."
LIVES = 3 * 365  # days of the certificate on the token


def amendment(programme: Programme, cast: Cast, pin: keys.DerivedPin) -> None:
    """Let another agency coordinate a duty of last year: proposed, signed by whom it touches, issued."""
    day = dt.date(programme.year, 8, 1)
    begun, signed, issued = (rounds.moment(day + dt.timedelta(days=n), 9) for n in (0, 7, 12))
    draft = amendments.propose(
        programme, by=cast.officer, at=begun, reason=REASON, closes_on=day + dt.timedelta(days=20)
    )
    duty = amendments.duties_of(programme)[AMENDED]
    taken = {duty["lead"], *(part["code"] for part in duty["coordinating"])}
    parties = programme.signatories.order_by("order").values_list("agency__code", flat=True)
    helper = next(code for code in parties if code not in taken)
    duty["coordinating"] = [*duty["coordinating"], {"code": helper, "deliverable": ""}]
    amendments.put(draft, by=cast.officer, at=begun, code=AMENDED, after=duty)
    paper = amendments.freeze(draft, by=cast.officer, at=begun)
    documents.open_round(paper, by=cast.officer, at=begun)
    _sign(paper, cast, pin, at=signed)
    documents.close_round(paper, by=cast.officer, at=issued)
    amendments.issue(paper, by=cast.clerk, at=issued, number=2, issued_on=local_day(issued))


def _sign(paper: Document, cast: Cast, pin: keys.DerivedPin, *, at: dt.datetime) -> None:
    paper.refresh_from_db()
    for place, code in enumerate(paper.fields.order_by("order").values_list("agency__code", flat=True)):
        rounds.sign(paper, cast.heads[code], pin, at=at + dt.timedelta(minutes=place))
    paper.refresh_from_db()


def token(cast: Cast, *, at: dt.datetime) -> None:
    """Believe an outside root, by two persons, and release the certificate of a head below it."""
    holder = cast.heads[HOLDER]
    begun = at - dt.timedelta(days=200)
    with tempfile.TemporaryDirectory() as folder:
        place, kek = Path(folder) / "ca", secrets.token_bytes(32)
        keys.create_authority(place, kek, common_name=AUTHORITY, at=begun, demo=True)
        theirs = keys.Authority.load(place, kek)
        der = theirs.issue(
            keys.generate_key().public_key(),
            common_name=holder.full_name,
            organization="TRÌNH DIỄN",
            at=begun,
            days=LIVES,
        )
        root = _believe(theirs, kek, cast, at=at)
        issued = theirs.crl((), number=1, at=at)
    roots.add_list(root, issued, issuer=theirs.issuing, by=cast.admin, at=at)
    kind = ExternalCertificate.Kind.PUBLIC
    held = tokens.register(holder, content=der, kind=kind, by=holder, at=at)
    end = held.fingerprint[-certificates.HIDDEN_DIGITS :]
    tokens.release(held, by=cast.officer, compared=end, at=at)


def _believe(theirs: keys.Authority, kek: bytes, cast: Cast, *, at: dt.datetime) -> ExternalRoot:
    fingerprint = store.sha256_of(theirs.root)
    root = roots.propose(
        theirs.root,
        kind=ExternalRoot.Kind.PUBLIC,
        owner=f"{AUTHORITY} (TRÌNH DIỄN)",
        fingerprint=fingerprint,
        by=cast.admin,
        at=at,
    )
    roots.enable(root, compared=fingerprint[-roots.HIDDEN_DIGITS :], by=cast.officer, at=at)
    roots.add_list(root, theirs.root_crl(kek, number=1, at=at), by=cast.admin, at=at)
    return root
