"""Append to the audit chain; verification.py walks it."""

import datetime as dt
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import models

from portal.audit import verifier
from portal.audit.models import Event, Head
from portal.lib.actions import Stage, write_last
from portal.lib.web import current_request


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


def row_of(values: Sequence[Any]) -> tuple[dict[str, Any], str]:
    """Return what is hashed of an event, as plain values, and its own hash.

    `values` are the columns of verifier.FIELDS and sha256, in that order.
    """
    row = dict(zip(verifier.FIELDS, values, strict=False))
    row["at"] = row["at"].astimezone(dt.UTC).isoformat(timespec="microseconds")
    return row, values[-1]


def digest(event: Event) -> str:
    """Return the SHA-256 (hex) over the canonical text of everything the event says."""
    row, _own = row_of([getattr(event, name) for name in (*verifier.FIELDS, "sha256")])
    return verifier.digest(row)
