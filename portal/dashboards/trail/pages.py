"""Events in words: who did what to what, when, from where, with the values before and after."""

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from agreements.access import visible_documents, visible_signatures
from portal.audit import verbs
from portal.audit.models import Event, Verification
from portal.audit.pictures import Line, Teller
from portal.dashboards import access
from portal.lib.dates import LOCAL
from portal.users.models import Role, User
from tasks.access import visible_agencies, visible_assignments, visible_programmes

PAGE_SIZE = 50
SILENT_AFTER = dt.timedelta(hours=26)
"""A verification older than this says nothing about today."""

ISO = re.compile(r"\d{4}-\d\d-\d\d($|T)")


@dataclass(frozen=True)
class Entry:
    """One event as the reader sees it. `is_withheld`: it has details, and they are not the reader's."""

    seq: int
    at: dt.datetime
    actor: str
    agency: str
    verb: str
    subject_kind: str
    subject: str
    reference: str
    url: str
    address: str
    lines: list[Line]
    is_withheld: bool


@dataclass(frozen=True)
class Page:
    """A stretch of the trail; `older` and `newer` are the numbers that the next pages begin at."""

    entries: list[Entry]
    older: int | None
    newer: int | None


@dataclass(frozen=True)
class ChainState:
    """What is known of the chain: a Verification outcome, or `unknown` when it is too old or missing."""

    outcome: str
    run: Verification | None


# --- A page, cut by number ------------------------------------------------------------------------
def page(rows: QuerySet[Event], user: User, *, before: int | None, after: int | None) -> Page:
    """Return the newest rows, those just older than `before`, or those just newer than `after`.

    Both databases go along an index and stop: how long the trail is does not matter.
    """
    if after is not None:
        found = list(rows.filter(seq__gt=after).order_by("seq")[: PAGE_SIZE + 1])
        has_newer, has_older = len(found) > PAGE_SIZE, True
        found = found[:PAGE_SIZE][::-1]
    else:
        found = list((rows.filter(seq__lt=before) if before else rows)[: PAGE_SIZE + 1])
        has_newer, has_older = before is not None, len(found) > PAGE_SIZE
        found = found[:PAGE_SIZE]
    return Page(
        entries=tell(found, user),
        older=found[-1].seq if found and has_older else None,
        newer=found[0].seq if found and has_newer else None,
    )


def tell(events: list[Event], user: User) -> list[Entry]:
    """Put events into words, in a number of queries that depends on the kinds of objects alone."""
    agencies = {agency.code: agency.name for agency in visible_agencies(user)}
    urls = _urls(events, user)
    told = _details(events, user)
    return [
        Entry(
            seq=event.seq,
            at=event.at,
            actor=event.actor_label,
            agency=agencies.get(event.agency_code, event.agency_code),
            verb=str(verbs.find(event.verb).label),
            subject_kind=_kind_name(event.subject_type),
            subject=event.subject_label,
            reference=_reference(event),
            url=urls.get((event.subject_type, event.subject_id), ""),
            address=event.address,
            lines=told[event.seq],
            is_withheld=not access.may_read_details(user, verbs.find(event.verb)) and event.payload != "{}",
        )
        for event in events
    ]


def _reference(event: Event) -> str:
    return f"{event.subject_type}:{event.subject_id}" if event.subject_id else ""


@cache
def _models() -> dict[str, type[Model]]:
    return {model._meta.label_lower: model for model in apps.get_models()}


def _kind_name(label: str) -> str:
    model = _models().get(label)
    return str(capfirst(model._meta.verbose_name)) if model else label


# --- Before and after -------------------------------------------------------------------------------
def _details(events: list[Event], user: User) -> dict[int, list[Line]]:
    """Return the lines of each event; the records that they name are read once for all of them."""
    payloads: dict[int, dict[str, Any]] = {}
    for event in events:
        is_open = access.may_read_details(user, verbs.find(event.verb))
        payloads[event.seq] = json.loads(event.payload) if is_open else {}
    tellers = {label: _teller(label) for label in {event.subject_type for event in events}}
    wanted: dict[type[Model], set[Any]] = defaultdict(set)
    for event in events:
        teller = tellers[event.subject_type]
        if teller:
            for model, pk in teller.references(payloads[event.seq]):
                wanted[model].add(pk)
    labels = {
        (model, pk): str(found.get(_key(model, pk)) or pk)
        for model, pks in wanted.items()
        if (found := _existing(model, pks)) is not None
        for pk in pks
    }
    for teller in filter(None, tellers.values()):
        teller.know(labels)
    return {event.seq: _lines(tellers[event.subject_type], payloads[event.seq]) for event in events}


def _existing(model: type[Model], pks: Iterable[Any]) -> Mapping[Any, Model]:
    keys = {key for pk in pks if (key := _key(model, pk)) is not None}
    return model._base_manager.in_bulk(keys)


def _key(model: type[Model], pk: Any) -> Any:
    """Return a key of a payload as the column's type; None for what cannot be one."""
    try:
        return model._meta.pk.to_python(pk)
    except ValidationError:
        return None


def _teller(label: str) -> Teller | None:
    model = _models().get(label)
    if model is None:
        return None
    parts = admin.site._registry[model].parts() if model in admin.site._registry else ()
    return Teller(model, parts)


def _lines(teller: Teller | None, payload: dict[str, Any]) -> list[Line]:
    if teller and (payload.get("before") or payload.get("after")):
        return teller.lines(payload)
    return [_line(key, value) for key, value in payload.items() if key not in {"before", "after"}]


def _line(key: str, value: Any) -> Line:
    detail = verbs.detail(key)
    if detail.choices is not None:
        value = detail.choices.get(value, value)
    return Line(capfirst(str(detail.label)), "", _plain(value))


def _plain(value: Any) -> str:
    """Return a value of a payload as a reader writes it: days, moments, lists, yes and no."""
    if value in (None, "", []):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_plain(inner)}" for key, inner in value.items())
    return _moment(value) if isinstance(value, str) else str(value)


def _moment(text: str) -> str:
    """Return a day or a moment in ISO form as a reader writes it; any other text as it stands."""
    try:
        moment = dt.datetime.fromisoformat(text) if ISO.match(text) else None
    except ValueError:
        moment = None
    if moment is None:
        return text
    if moment.tzinfo is None:
        return date_format(moment)
    return f"{date_format(moment.astimezone(LOCAL))} {moment.astimezone(LOCAL):%H:%M}"


# --- Links ------------------------------------------------------------------------------------------
Urls = dict[tuple[str, str], str]


def _urls(events: list[Event], user: User) -> Urls:
    """Return the address of each object that the reader may open; one query a kind at most."""
    keys: dict[str, set[str]] = defaultdict(set)
    for event in events:
        keys[event.subject_type].add(event.subject_id)
    urls: Urls = {}
    for label, ids in keys.items():
        if user.role == Role.ADMINISTRATOR and (model := _models().get(label)) in admin.site._registry:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
            urls |= {(label, pk): reverse(name, args=[pk]) for pk in ids}
        if label in PAGES:
            found = PAGES[label](user, {int(pk) for pk in ids if pk.isdecimal()})
            urls |= {(label, str(pk)): url for pk, url in found.items()}
    return urls


def _programmes(user: User, pks: set[int]) -> dict[int, str]:
    rows = visible_programmes(user).filter(pk__in=pks).values_list("pk", "year")
    return {pk: reverse("programmes:detail", args=[year]) for pk, year in rows}


def _assignments(user: User, pks: set[int]) -> dict[int, str]:
    rows = visible_assignments(user).filter(pk__in=pks).values_list("pk", flat=True)
    return {pk: reverse("assignments:detail", args=[pk]) for pk in rows}


def _documents(user: User, pks: set[int]) -> dict[int, str]:
    rows = visible_documents(user).filter(pk__in=pks).values_list("pk", flat=True)
    return {pk: reverse("agreements:detail", args=[pk]) for pk in rows}


def _signatures(user: User, pks: set[int]) -> dict[int, str]:
    pairs = visible_signatures(user).filter(pk__in=pks).order_by().values_list("pk", "document")
    return {pk: reverse("agreements:detail", args=[document]) for pk, document in pairs}


def _agencies(user: User, pks: set[int]) -> dict[int, str]:
    rows = visible_agencies(user).filter(pk__in=pks).values_list("pk", "code")
    return {pk: reverse("agencies:detail", args=[code]) for pk, code in rows}


PAGES: dict[str, Callable[[User, set[int]], dict[int, str]]] = {
    "tasks.programme": _programmes,
    "tasks.assignment": _assignments,
    "agreements.document": _documents,
    "agreements.signature": _signatures,
    "agencies.agency": _agencies,
}


# --- The chain --------------------------------------------------------------------------------------
def chain_state(user: User, *, at: dt.datetime) -> ChainState:
    """Return the outcome of the newest walk that came to an end; `unknown` when there is none of today."""
    run = access.visible_verifications(user).exclude(outcome=Verification.Outcome.UNFINISHED).first()
    if run is None:
        return ChainState("unknown", None)
    is_old = at - run.checked_at > SILENT_AFTER and run.outcome != Verification.Outcome.BAD
    return ChainState("unknown" if is_old else run.outcome, run)
