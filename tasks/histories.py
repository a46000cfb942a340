"""The past of an assignment, told from the audit trail: each change with who and when, and any day as it was.

What an event changed stands in it before and after; a day is found by undoing, from what stands now, all that
came later. What a draft said stays the command's: for others the past begins when the text came into force.
Agencies are named in events by key, and by code where a change of agencies wrote them.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q

from portal.agencies.models import Agency
from portal.audit import pictures, verbs
from portal.audit.models import Event
from portal.audit.pictures import Line, Part, Teller
from portal.lib.dates import local_day
from tasks.models import Assignment, Coordination, ExtensionRequest, ProductDocument, SourceDocument
from tasks.states import AssignmentStatus, ExtensionState

TEXT = (
    *("code", "task", "title_vi", "solutions", "clause", "lead", "cycle", "start_on", "deadline_on"),
    *("indicator_vi", "unit_vi", "target"),
)
"""Columns that are shown of a day, in this order."""

SHARE = "coordination."
EXTENDED = "extension.approved"
"""Of what was asked for and refused nothing was changed: that is told to whom requests are shown."""

BEGINNINGS = frozenset({"assignment.added", "assignment.drafted", "assignment.concluded"})


@dataclass(frozen=True)
class Past:
    """One event: what was done, by whom, when; the values it changed."""

    at: dt.datetime
    who: str
    what: str
    lines: list[Line]


@dataclass(frozen=True)
class Day:
    """The assignment as it was at the end of a day; nothing of it before it was written.

    `is_told` False: on that day it was a draft, which the reader does not see.
    """

    on: dt.date
    was_there: bool
    is_told: bool
    lines: list[tuple[str, str]]
    coordinating: list[str]
    status: str
    percent: int | None
    actual: str
    adjusted_on: dt.date | None


class History:
    """All events of one assignment, read once; `with_draft` False leaves out what came before it bound."""

    def __init__(self, assignment: Assignment, *, with_draft: bool) -> None:
        self.assignment, self.with_draft = assignment, with_draft
        rows = Event.objects.filter(
            subject_type=Assignment._meta.label_lower,
            subject_id=str(assignment.pk),
        ).filter(Q(verb__startswith="assignment.") | Q(verb=EXTENDED))
        if not with_draft:
            in_force_at = assignment.programme.in_force_at
            rows = rows.filter(at__gte=in_force_at) if in_force_at else rows.none()
        self.events = [(event, json.loads(event.payload)) for event in rows.order_by("-seq")]
        parts = (Coordination, SourceDocument, ProductDocument)
        self._teller = Teller(Assignment, [Part(model, "assignment") for model in parts])
        self._now = pictures.take(assignment, set(TEXT))
        self._teller.know(self._labels())

    @property
    def entries(self) -> list[Past]:
        """Everything that happened, newest first."""
        return [
            Past(event.at, event.actor_label, str(verbs.find(event.verb).label), self._lines(payload))
            for event, payload in self.events
        ]

    def day(self, on: dt.date) -> Day:
        """Return the assignment as it stood at the end of a local day."""
        if not (self.with_draft or self._binds(on)):
            return Day(on, True, False, [], [], "", None, "", None)
        values = dict(self._now)
        agencies = [share.agency_id for share in self.assignment.coordinations.all()]
        was_there = True
        for event, payload in self.events:
            if local_day(event.at) <= on:
                break
            before, after = payload.get("before") or {}, payload.get("after") or {}
            values.update({name: before[name] for name in before if name in values})
            agencies = _undone(agencies, before, after, self._keys)
            was_there = was_there and event.verb not in BEGINNINGS
        status, percent, actual = self._work(on)
        fields = {name: Assignment._meta.get_field(name) for name in TEXT}
        return Day(
            on=on,
            was_there=was_there,
            is_told=True,
            lines=[
                (str(field.verbose_name), self._teller.value(field, values[name]))  # type: ignore[union-attr]
                for name, field in fields.items()
            ],
            coordinating=[self._teller._label(Agency, key) for key in agencies],
            status=status,
            percent=percent,
            actual=actual,
            adjusted_on=self._adjusted(on),
        )

    # --- How far the work was ---------------------------------------------------------------------
    def _work(self, on: dt.date) -> tuple[str, int | None, str]:
        """Return status, percent and figure of the newest step of that day or before."""
        for event, payload in self.events:
            if local_day(event.at) <= on and "status" in payload:
                label = dict(AssignmentStatus.choices).get(payload["status"], payload["status"])
                return str(label), payload.get("percent"), str(payload.get("actual", ""))
        status = AssignmentStatus.ASSIGNED if self._binds(on) else AssignmentStatus.DRAFT
        return str(status.label), None, ""

    def _binds(self, on: dt.date) -> bool:
        in_force_at = self.assignment.programme.in_force_at
        return in_force_at is not None and local_day(in_force_at) <= on

    def _adjusted(self, on: dt.date) -> dt.date | None:
        """Return the day granted last, or set when work went on, unless an amendment came after it."""
        granted = ExtensionRequest.objects.filter(
            assignment=self.assignment, state=ExtensionState.APPROVED, decided_at__isnull=False
        )
        stood = [
            (event.at, dt.date.fromisoformat(payload["adjusted_on"]))
            for event, payload in self.events
            if payload.get("adjusted_on")
        ]
        decided = sorted([*granted.values_list("decided_at", "granted_on"), *stood])
        then = [(at, day) for at, day in decided if at is not None and local_day(at) <= on]
        if not then:
            return None
        since, granted_on = then[-1]
        amended = [
            event.at for event, payload in self.events if "deadline_on" in (payload.get("after") or {})
        ]
        return None if any(since <= at and local_day(at) <= on for at in amended) else granted_on

    # --- Words ------------------------------------------------------------------------------------
    def _lines(self, payload: Mapping[str, Any]) -> list[Line]:
        if payload.get("before") or payload.get("after"):
            return self._teller.lines(_told(payload))
        if day := payload.get("granted_on"):
            moved = Assignment._meta.get_field("adjusted_on")
            said = (self._teller.value(moved, one) for one in (payload.get("old_on"), day))
            return [Line(str(moved.verbose_name), *said)]
        status = dict(AssignmentStatus.choices).get(payload.get("status", ""))
        if status is None:
            return []
        field = Assignment._meta.get_field("status")
        return [Line(str(field.verbose_name), "", str(status))]

    def _labels(self) -> pictures.Labels:
        """Name every record that the events and the present row speak of; one query for each kind."""
        told = [_told(payload) for _event, payload in self.events] + [{"before": self._now}]
        wanted: dict[type[Model], set[Any]] = defaultdict(set)
        for payload in told:
            for model, key in self._teller.references(payload):
                wanted[model].add(key)
        wanted[Agency] |= {share.agency_id for share in self.assignment.coordinations.all()}
        labels: pictures.Labels = {}
        self._keys: dict[str, int] = {}
        for model, keys in wanted.items():
            valid = {key: _as_key(model, key) for key in keys}
            found = model._base_manager.in_bulk([key for key in valid.values() if key is not None])
            if model is Agency:
                codes = [key for key, value in valid.items() if value is None]
                by_code = {row.code: row for row in Agency.objects.filter(code__in=codes)} if codes else {}
                self._keys = {code: row.pk for code, row in by_code.items()}
                labels |= {(Agency, code): row.name for code, row in by_code.items()}
                labels |= {(Agency, row.pk): row.name for row in by_code.values()}
            for key, value in valid.items():
                labels.setdefault((model, key), str(found.get(value) or key))
        return labels


def _told(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Spell the agencies that a change of agencies wrote as a list like those of a draft."""
    return {
        side: {("coordinating" if name == SHARE else name): value for name, value in values.items()}
        for side in ("before", "after")
        if isinstance(values := payload.get(side), dict)
    }


def _undone(
    agencies: list[int], before: Mapping[str, Any], after: Mapping[str, Any], keys: Mapping[str, int]
) -> list[int]:
    """Return the coordinating agencies as they were before an event."""
    for name in ("coordinating", SHARE):
        if name in before or name in after:
            return [keys.get(key, key) for key in before.get(name, [])]
    gone = {row["agency"] for name, row in after.items() if _is_share(name, row)}
    came = [row["agency"] for name, row in before.items() if _is_share(name, row)]
    return [key for key in agencies if key not in gone or key in came] + [
        key for key in came if key not in agencies
    ]


def _is_share(name: str, row: Any) -> bool:
    return name.startswith(SHARE) and isinstance(row, dict) and "agency" in row


def _as_key(model: type[Model], key: Any) -> Any:
    try:
        return model._meta.pk.to_python(key)
    except ValidationError:
        return None
