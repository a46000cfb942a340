"""How long a document's signatures can be checked, from what was stored when each was made and judged.

| what the file holds | level |
| --- | --- |
| signatures alone | B-B: the time of signing is the portal's word |
| a time-stamp on every signature | B-T |
| and an archive time-stamp, judged good and not ended | B-LTA, while it is renewed |

The portal stores lists and archive time-stamp in one step, so no file of its own stays at B-LT.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from agreements.models import AuthorityRevocation, Document, Seal, Signature
from agreements.pades import Level


@dataclass(frozen=True)
class Standing:
    """A file's level. `seal` is its newest archive time-stamp; `is_lost` when that ended without another."""

    level: Level | None
    seal: Seal | None = None
    is_lost: bool = False

    @property
    def is_lasting(self) -> bool:
        return self.level is Level.B_LTA


def standing(
    document: Document,
    *,
    at: dt.datetime,
    seq: int | None = None,
    signatures: Sequence[Signature] | None = None,
) -> Standing:
    """Return how a document stands, or how its file at a revision did.

    Three queries; two when the signatures up to that revision are at hand.
    """
    seq = document.head_seq if seq is None else seq
    if signatures is None:
        signatures = list(Signature.objects.filter(document=document, seq__lte=seq).only("seq", "stamped_at"))
    rows = Seal.objects.filter(revision__document=document, revision__seq__lte=seq)
    seals = list(rows.select_related("revision").order_by("pk"))
    if not signatures:
        return Standing(None)
    below = Level.B_T if _are_stamped(signatures) else Level.B_B
    last = max(one.seq for one in signatures)
    seals = [seal for seal in seals if seal.revision.seq > last]  # one between signatures covers not all
    newest = seals[-1] if seals else None
    if newest is None:
        return Standing(below)
    if at >= newest.ends_at:
        return Standing(below, newest, is_lost=True)
    judged = [seal for seal in seals if seal.check_state != Seal.Check.CHECKING]
    holds = bool(judged) and judged[-1].check_state == Seal.Check.GOOD and judged[-1].ends_at > at
    return Standing(Level.B_LTA if holds else below, newest)


def _are_stamped(signatures: Sequence[Signature]) -> bool:
    """Whether every signature has a time-stamp, of a key that was not revoked."""
    lost = list(AuthorityRevocation.objects.filter(kind=AuthorityRevocation.Kind.STAMP))
    moments = [one.stamped_at for one in signatures]
    return all(moment and not any(key.was_used_at(moment) for key in lost) for moment in moments)
