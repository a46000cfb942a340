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

from agreements.models import Document, Seal, Signature
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

    Two queries; one when the signatures up to that revision are at hand.
    """
    seq = document.head_seq if seq is None else seq
    if signatures is None:
        signatures = list(Signature.objects.filter(document=document, seq__lte=seq).only("stamped_at"))
    seals = list(Seal.objects.filter(revision__document=document, revision__seq__lte=seq).order_by("pk"))
    if not signatures:
        return Standing(None)
    below = Level.B_T if all(one.stamped_at for one in signatures) else Level.B_B
    newest = seals[-1] if seals else None
    if newest is None:
        return Standing(below)
    if at >= newest.ends_at:
        return Standing(below, newest, is_lost=True)
    judged = [seal for seal in seals if seal.check_state != Seal.Check.CHECKING]
    holds = bool(judged) and judged[-1].check_state == Seal.Check.GOOD and judged[-1].ends_at > at
    return Standing(Level.B_LTA if holds else below, newest)
