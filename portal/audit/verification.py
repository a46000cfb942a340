"""Walk the chain and its checkpoints: whole, or a piece at each run of a job, with the outcome kept."""

import datetime as dt
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db.models import Max

from portal.audit import checkpoints, verifier
from portal.audit.events import record, row_of
from portal.audit.models import Event, Head, Verification
from portal.audit.verifier import Finding, Place, Reached
from portal.lib.actions import action

log = logging.getLogger(__name__)
PIECE = 200_000
"""Events that one run of the job walks: seconds, well within the time limit of a job."""


@dataclass(frozen=True)
class ChainReport:
    """Outcome of a walk. `bad_seq` is the first number that does not hold, None when all do.

    `vouched_seq` is the last event that a checkpoint vouches for.
    """

    outcome: str
    count: int
    head_seq: int
    head_sha256: str
    vouched_seq: int = 0
    checkpoints: int = 0
    bad_seq: int | None = None
    reason: str = ""
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the chain itself holds; what checkpoints say is in `outcome`."""
        return not any(finding.seq is not None for finding in self.findings)


NO_CHECKPOINT = "the chain holds in itself, but there is no checkpoint to compare it with"


def verify() -> ChainReport:
    """Walk the whole chain from its start to the head row, and all checkpoints; constant memory.

    Checkpoints are read first and the head second, so that what is written meanwhile does no harm.
    """
    places = checkpoints.read_all()
    head = Head.objects.get(pk=1)
    effective = verifier.in_effect(places)
    reached = verifier.follow(rows(), verifier.hashes(effective))
    findings = _of_chain(reached, head, effective) + _of_places(places)
    outcome = verifier.outcome(places, findings)
    reason = str(findings[0]) if findings else ""
    return ChainReport(
        outcome=verifier.OUTCOMES[outcome],
        count=reached.seq,
        head_seq=head.seq,
        head_sha256=head.sha256,
        vouched_seq=reached.vouched_seq,
        checkpoints=max(len(place.checkpoints) for place in places),
        bad_seq=next((finding.seq for finding in findings if finding.seq is not None), None),
        reason=NO_CHECKPOINT if outcome == verifier.CANNOT_TELL else reason,
        findings=findings,
    )


def rows(after: int = 0) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield every event after a number as what is hashed of it, and its hash; in order."""
    events = Event.objects.filter(seq__gt=after) if after else Event.objects.all()
    values = events.order_by("seq").values_list(*verifier.FIELDS, "sha256")
    return map(row_of, values.iterator(chunk_size=5000))


def _of_chain(reached: Reached, head: Head, effective: list[dict[str, Any]]) -> list[Finding]:
    if reached.finding:
        return [reached.finding]
    early = verifier.ends_too_early(reached, effective[-1] if effective else None)
    if early:
        return [early]
    if reached.seq < head.seq:
        return [Finding("the chain ends before its recorded head", seq=reached.seq + 1)]
    if reached.seq == head.seq and reached.sha256 != head.sha256:
        return [Finding("the recorded head is another one", seq=head.seq)]
    if reached.seq > Head.objects.get(pk=1).seq:
        return [Finding("events stand after the recorded head", seq=head.seq + 1)]
    return []


def _of_places(places: list[Place], known_number: int = 0) -> list[Finding]:
    findings = [finding for place in places for finding in place.findings] + verifier.compare(places)
    there = max(len(place.checkpoints) for place in places)
    if there < known_number:
        what = "checkpoints are gone that were there at the last verification"
        findings.append(Finding(what, number=there + 1))
    return findings


# --- A piece at a time ------------------------------------------------------------------------------
def go_on(*, at: dt.datetime, today: dt.date, piece: int = PIECE) -> Verification:
    """Carry on today's verification, from where it stopped to the head; each day begins at event 1.

    What is found bad stays bad for the day and stands in the trail and the log, once.
    """
    known = Verification.objects.aggregate(n=Max("checkpoint_number"))["n"] or 0
    run, _created = Verification.objects.get_or_create(
        day=today, defaults={"checked_at": at, "reached_sha256": verifier.START_SHA256}
    )
    if run.outcome == Verification.Outcome.BAD:
        return run
    places = checkpoints.read_all()
    head = Head.objects.get(pk=1)
    effective = verifier.in_effect(places)
    start = Reached(run.reached_seq, run.reached_sha256)
    reached = verifier.follow(islice(rows(run.reached_seq), piece), verifier.hashes(effective), start)
    is_whole = reached.seq >= head.seq or reached.seq < run.reached_seq + piece
    findings = _of_places(places, known) + _late(effective, reached.seq)
    findings += _of_chain(reached, head, effective) if is_whole or reached.finding else []
    outcome = verifier.OUTCOMES[verifier.outcome(places, findings)]
    newest = effective[-1] if effective else None
    facts = {
        "checked_at": at,
        "outcome": outcome if is_whole or findings else Verification.Outcome.UNFINISHED,
        "reached_seq": reached.seq,
        "reached_sha256": reached.sha256,
        "bad_seq": next((finding.seq for finding in findings if finding.seq is not None), None),
        "reason": str(findings[0])[:500] if findings else "",
        "checkpoint_number": max(len(place.checkpoints) for place in places),
        "checkpoint_seq": newest["seq"] if newest else 0,
        "checkpoint_at": newest["at"] if newest else None,
    }
    _keep(run, facts, at=at)
    return run


def _late(effective: list[dict[str, Any]], reached_seq: int) -> list[Finding]:
    """Compare checkpoints with events that an earlier run has walked already: some came after it."""
    signed = [one for one in effective[-100:] if one["seq"] <= reached_seq]
    found = dict(Event.objects.filter(seq__in=[one["seq"] for one in signed]).values_list("seq", "sha256"))
    what = "checkpoint {} signed another event here"
    return [
        Finding(what.format(one["number"]), seq=one["seq"])
        for one in signed
        if found.get(one["seq"]) != one["head_sha256"]
    ][:1]


@action
def _keep(run: Verification, facts: dict[str, Any], *, at: dt.datetime) -> None:
    """Write the outcome, unless another worker went further meanwhile."""
    here = Verification.objects.filter(pk=run.pk, reached_seq=run.reached_seq)
    if not here.exclude(outcome=Verification.Outcome.BAD).update(**facts):
        return
    run.refresh_from_db()
    if run.outcome == Verification.Outcome.BAD:
        log.error("the audit trail does not hold: %s", run.reason)
        record("audit.found_bad", None, by=None, at=at, payload={"bad_seq": run.bad_seq})
