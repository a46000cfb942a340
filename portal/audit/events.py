"""Append to the audit chain, and walk it."""

import datetime as dt
import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import models

from portal.audit.models import Event, Head
from portal.lib.actions import Stage, write_last
from portal.lib.web import current_request

START_SHA256 = hashlib.sha256(b"coordination portal audit chain 1").hexdigest()


class Actor(Protocol):
    """Whoever acts: a User. None stands for the portal itself (jobs, commands)."""

    pk: Any

    def get_full_name(self) -> str: ...


@dataclass(frozen=True)
class Pending:
    """An event that waits for the end of its action."""

    at: dt.datetime
    verb: str
    actor_id: int | None
    actor_label: str
    agency_code: str
    subject_type: str
    subject_id: str
    subject_label: str
    payload: str


def canonical(value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, NFC."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
    return unicodedata.normalize("NFC", text)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, models.Model):
        return value.pk
    return str(value)


def record(
    verb: str,
    subject: models.Model | None,
    *,
    by: Actor | None,
    at: dt.datetime,
    agency_code: str = "",
    payload: Mapping[str, Any] | None = None,
) -> None:
    """Buffer one event, `noun.past_participle`; the running action writes it last before COMMIT.

    A sweep over many rows has no subject; its payload holds the counts.
    Never put passwords, tokens, PINs or file bytes into the payload; personal data by reference.
    """
    write_last(
        Stage.AUDIT,
        append,
        Pending(
            at=at.astimezone(dt.UTC),
            verb=verb,
            actor_id=by.pk if by else None,
            actor_label=by.get_full_name() if by else "",
            agency_code=agency_code,
            subject_type=subject._meta.label_lower if subject else "",
            subject_id=str(subject.pk) if subject else "",
            subject_label=str(subject)[:300] if subject else "",
            payload=canonical(payload or {}),
        ),
    )


def append(rows: list[Pending]) -> None:
    """Write the events of one transaction: lock the head, chain, insert, move the head."""
    facts = current_request()
    head = Head.objects.select_for_update().get(pk=1)
    events = []
    for row in rows:
        event = Event(
            seq=head.seq + 1,
            prev_sha256=head.sha256,
            address=facts.address if facts else "",
            request_id=facts.id if facts else "",
            **vars(row),
        )
        event.sha256 = digest(event)
        head.seq, head.sha256 = event.seq, event.sha256
        events.append(event)
    Event.objects.bulk_create(events)
    head.save(update_fields=["seq", "sha256"])


_HASHED = (
    "seq",
    "at",
    "verb",
    "actor_id",
    "actor_label",
    "agency_code",
    "subject_type",
    "subject_id",
    "subject_label",
    "address",
    "request_id",
    "payload",
    "prev_sha256",
)


def digest(event: Event) -> str:
    """Return the SHA-256 (hex) over the canonical text of everything the event says."""
    row = {name: getattr(event, name) for name in _HASHED}
    row["at"] = event.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(canonical(row).encode()).hexdigest()


@dataclass(frozen=True)
class ChainReport:
    """Outcome of a walk. `bad_seq` is the first number that does not hold, None when all do."""

    count: int
    head_seq: int
    head_sha256: str
    bad_seq: int | None = None
    reason: str = ""

    @property
    def ok(self) -> bool:
        return self.bad_seq is None


def verify() -> ChainReport:
    """Walk the whole chain from its start to the head row; constant memory."""
    head = Head.objects.get(pk=1)
    seq, sha256 = 0, START_SHA256
    for event in _walk():
        problem = _problem(event, seq, sha256)
        if problem:
            return ChainReport(seq, head.seq, head.sha256, event.seq, problem)
        seq, sha256 = event.seq, event.sha256
    if (seq, sha256) != (head.seq, head.sha256):
        return ChainReport(seq, head.seq, head.sha256, seq + 1, "the chain ends before its recorded head")
    return ChainReport(seq, head.seq, head.sha256)


def _walk() -> Iterator[Event]:
    return Event.objects.order_by("seq").iterator(chunk_size=2000)


def _problem(event: Event, seq: int, sha256: str) -> str:
    if event.seq != seq + 1:
        return "an event is missing before this one"
    if event.prev_sha256 != sha256:
        return "it does not follow from the event before it"
    if digest(event) != event.sha256:
        return "its text was changed after it was written"
    return ""
