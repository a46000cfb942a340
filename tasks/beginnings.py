"""Begin a programme, empty or as last year's; settle what must be looked at in its text (tasks.points)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.agencies.models import Agency
from portal.audit.events import record
from portal.calendar.models import load_calendar
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.users.models import User
from tasks import copies, due_days, parties, points, year_access
from tasks.models import (
    Assignment,
    Clause,
    Coordination,
    LegalBasis,
    PriorityTask,
    Programme,
    ProgrammeBasis,
    SeenPoint,
    Signatory,
    Solution,
)
from tasks.points import Kind, Point
from tasks.states import EDITABLE_PROGRAMME, OPEN_PROGRAMME

LONGEST_TITLE = 500


@dataclass(frozen=True)
class Facts:
    """What a programme is, by its columns; without a host it is the agency of who begins it."""

    columns: Mapping[str, Any]


@action
def begin(facts: Facts, *, by: User, at: dt.datetime, source: Programme | None = None) -> Programme:
    """Begin the programme of a year: with the text of another one, or empty with its host as a party.

    Raises RuleError when the year has a programme, or the other one was never signed.
    """
    if not year_access.may_begin_year(by) or by.post is None:
        raise PermissionDenied
    year = facts.columns["year"]
    if source is not None:
        source.refresh_from_db(from_queryset=Programme.objects.select_for_update(of=("self",)))
        if source.state not in OPEN_PROGRAMME:
            raise RuleError(_("Only a text that was signed is copied."))
        if source.year >= year:
            raise RuleError(_("A programme is begun from one of an earlier year."))
    programme = _create(facts, by.post.agency, source)
    if source:
        copies.text(source, programme)
    else:
        _first_parties(programme)
    payload = {"year": year, "begun_from": source.year if source else None}
    record("programme.begun", programme, by=by, at=at, agency_code=programme.host.code, payload=payload)
    return programme


def _create(facts: Facts, host: Agency, source: Programme | None) -> Programme:
    """Make the row; of two who begin a year at once the database lets one."""
    year = facts.columns["year"]
    running = {name: getattr(source, name) for name in copies.RUNNING} if source else {}
    try:
        with transaction.atomic():
            return Programme.objects.create(
                **{"year_to": year, **facts.columns},
                **running,
                host=host,
                page_profile=source.page_profile if source else "nd30",
                begun_from=source,
            )
    except IntegrityError as error:
        raise RuleError(_("There is a programme of %(year)s already.") % {"year": year}) from error


def _first_parties(programme: Programme) -> None:
    agencies = [agency for agency in (programme.host, programme.co_host) if agency]
    Signatory.objects.bulk_create(
        Signatory(programme=programme, agency=agency, order=order, place=Signatory.Place.MAIN)
        for order, agency in enumerate(agencies, 1)
    )


# --- Settling points --------------------------------------------------------------------------------
@action
def mark(programme: Programme, *, by: User, at: dt.datetime, keys: list[str], reason: str = "") -> int:
    """Note that points were seen and stand as they are; return how many. Only days need no reason.

    Raises StaleError when one of them is no point any more.
    """
    _hold(programme, by)
    found = {point.key: point for point in points.open_points(programme, today=local_day(at))}
    if any(key not in found for key in keys):
        raise StaleError(_("The text was changed after you opened the page."))
    if not reason.strip() and any(found[key].kind != Kind.DAY for key in keys):
        raise RuleError(_("Give a reason."))
    SeenPoint.objects.bulk_create(
        SeenPoint(programme=programme, key=key, reason=reason.strip(), by=by, at=at) for key in keys
    )
    if keys:
        _record("programme.points_seen", programme, by=by, at=at, points=keys, reason=reason.strip())
    return len(keys)


@action
def drop_basis(programme: Programme, *, by: User, at: dt.datetime, key: str) -> None:
    """Cite a legal basis no more."""
    basis: LegalBasis = _point(programme, by, at, key, Kind.BASIS).about
    ProgrammeBasis.objects.filter(programme=programme, basis=basis).delete()
    _record("programme.basis_dropped", programme, by=by, at=at, basis=basis.number or basis.wording)


@action
def cite(programme: Programme, *, by: User, at: dt.datetime, key: str) -> None:
    """Cite the text that amends a legal basis too, right behind it."""
    point = _point(programme, by, at, key, Kind.BASIS)
    if point.proposed is None:
        raise RuleError(_("Nothing amends this text."))
    rows = ProgrammeBasis.objects.filter(programme=programme)
    place = rows.get(basis=point.about).order
    for row in rows.filter(order__gt=place).order_by("-order"):
        row.order += 1
        row.save(update_fields=["order"])
    ProgrammeBasis.objects.create(programme=programme, basis=point.proposed, order=place + 1)
    _record("programme.basis_cited", programme, by=by, at=at, basis=str(point.proposed.number))


@action
def replace_agencies(programme: Programme, *, by: User, at: dt.datetime, choices: Mapping[str, int]) -> int:
    """Put successors where agencies that end stand, by the keys of the points; return in how many places.

    A lead that also coordinates does so no more; who signs already signs once.
    """
    _hold(programme, by)
    found = {
        point.key: point
        for point in points.open_points(programme, today=local_day(at))
        if point.kind == Kind.AGENCY
    }
    if any(key not in found for key in choices):
        raise StaleError(_("The text was changed after you opened the page."))
    for key, agency_id in choices.items():
        agency = next((option for option in found[key].options if option.pk == agency_id), None)
        if agency is None:
            raise RuleError(_("That agency is no successor of this one."))
        _put(programme, key.split(":")[1:], agency, at=at)
    if choices:
        codes = sorted({agency.code for agency in Agency.objects.filter(pk__in=set(choices.values()))})
        _record("programme.agencies_replaced", programme, by=by, at=at, successors=codes)
    return len(choices)


def _put(programme: Programme, key: list[str], agency: Agency, *, at: dt.datetime) -> None:
    """Write a successor in one place; `key` is the place, its row, and the agency that ends."""
    place, row, old = key
    match place:
        case "host" | "co_host":
            setattr(programme, place, agency)
            programme.save(update_fields=[place])
        case "party":
            predecessor = Agency.objects.get(pk=old)
            parties.pass_on(predecessor, programme, [agency], keeps_place=False, on=local_day(at))
        case "lead":
            Assignment.objects.filter(pk=row).update(lead=agency, changed_at=at)
            Coordination.objects.filter(assignment=int(row), agency=agency).delete()
        case _:
            share = Coordination.objects.select_related("assignment").get(pk=row)
            others = Coordination.objects.filter(assignment=share.assignment_id, agency=agency)
            if share.assignment.lead_id == agency.pk or others.exists():
                share.delete()
                return
            share.agency = agency
            share.save(update_fields=["agency"])


@action
def set_days(programme: Programme, *, by: User, at: dt.datetime, days: Mapping[str, dt.date]) -> int:
    """Take the days as they were looked through, changed or not; return how many were changed.

    By the keys of the points: all days of one page are settled together.
    """
    _hold(programme, by)
    found = {
        point.key: point
        for point in points.open_points(programme, today=local_day(at))
        if point.kind == Kind.DAY
    }
    if any(key not in found for key in days):
        raise StaleError(_("The text was changed after you opened the page."))
    changed = 0
    for key, day in days.items():
        if day != found[key].proposed:
            _set_day(programme, found[key], day, at=at)
            changed += 1
    due_days.refresh(programme.assignments.all(), calendar=load_calendar())
    left = {point.key for point in points.open_points(programme, today=local_day(at))}
    mark(programme, by=by, at=at, keys=[key for key in days if key in left])
    _record("programme.days_checked", programme, by=by, at=at, changed=changed)
    return changed


def _set_day(programme: Programme, point: Point, day: dt.date, *, at: dt.datetime) -> None:
    if point.about is None:
        name = point.key.split(":")[1]
        setattr(programme, name, day)
        programme.save(update_fields=[name])
        return
    duty: Assignment = point.about
    if duty.start_on and duty.start_on > day:
        raise RuleError(_("%(code)s: the assignment ends before it begins.") % {"code": duty.code})
    duty.deadline_on, duty.changed_at = day, at
    duty.save(update_fields=["deadline_on", "changed_at"])


@action
def rewrite(programme: Programme, *, by: User, at: dt.datetime, key: str, text: str) -> None:
    """Write the words of a point anew."""
    point = _point(programme, by, at, key, Kind.TEXT)
    words = text.strip().replace("\r\n", "\n")
    place, _dot, row = point.key.split(":")[1].partition(".")
    if not words:
        raise RuleError(_("The text is empty."))
    if place != "clause" and (len(words) > LONGEST_TITLE or "\n" in words):
        raise RuleError(_("A title is one line of at most %(count)s characters.") % {"count": LONGEST_TITLE})
    if place == "title":
        programme.title_vi = words[:300]
        programme.save(update_fields=["title_vi"])
    elif place == "clause":
        Clause.objects.filter(pk=row).update(text=words)
    else:
        models: dict[str, Any] = {"task": PriorityTask, "solution": Solution, "duty": Assignment}
        found = models[place].objects.get(pk=row)
        found.title_vi = words
        found.save()
    _record("programme.text_rewritten", programme, by=by, at=at, where=point.where)


def _hold(programme: Programme, by: User) -> None:
    """Lock the text; refuse who may not, and a text that is no longer written. Freezing waits for it."""
    if not year_access.may_look_through(by, programme):
        raise PermissionDenied
    rows = Programme.objects.select_for_update(of=("self",)).select_related("host", "co_host", "begun_from")
    programme.refresh_from_db(from_queryset=rows)
    if programme.state not in EDITABLE_PROGRAMME:
        raise RuleError(_("The text is frozen for signing; nothing of it changes."))


def _point(programme: Programme, by: User, at: dt.datetime, key: str, kind: Kind) -> Point:
    _hold(programme, by)
    found = (point for point in points.open_points(programme, today=local_day(at)) if point.key == key)
    point = next(found, None)
    if point is None or point.kind != kind:
        raise StaleError(_("The text was changed after you opened the page."))
    return point


def _record(verb: str, programme: Programme, *, by: User, at: dt.datetime, **more: Any) -> None:
    payload = {"year": programme.year, **more}
    record(verb, programme, by=by, at=at, agency_code=programme.host.code, payload=payload)
