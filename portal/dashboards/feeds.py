"""A person's deadlines for the calendar of a phone: code, kind, day and link, never a title nor progress."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from agreements import access as agreements_access
from portal.dashboards import scheme_todos, year_todos
from portal.dashboards.summaries import Desk
from portal.dashboards.todos import Todo
from portal.users.models import Role, User
from tasks import access, group_access
from tasks.states import (
    OPEN_ASSIGNMENT,
    OPEN_PLAN_ITEM,
    SENT_REPORT,
    ProgrammeState,
    UrgingLetterState,
)

ALARM = -dt.timedelta(hours=17)
"""Before midnight of the day: seven in the morning of the day before."""

MILESTONES_AHEAD = dt.timedelta(days=365)
"""A calendar looks farther than a home."""


@dataclass(frozen=True)
class Deadline:
    """A day by which something is asked of the person's agency; `key` stays the same when it moves."""

    key: str
    on: dt.date
    text: str
    path: str


def calendar(user: User, *, at: dt.datetime, today: dt.date) -> bytes:
    """Return the iCalendar file (RFC 5545) of what is asked of the person's agency, in all-day events."""
    feed = Calendar()
    feed.add("prodid", "-//coordination portal//deadlines//VI")
    feed.add("version", "2.0")
    feed.add("x-wr-calname", _("Coordination: deadlines"))
    feed.add("refresh-interval", dt.timedelta(hours=6), parameters={"value": "DURATION"})
    for deadline in deadlines(user, at=at, today=today):
        feed.add_component(_event(deadline, at))
    return bytes(feed.to_ical())


def _event(deadline: Deadline, at: dt.datetime) -> Event:
    event = Event()
    event.add("uid", f"{deadline.key}@{settings.PUBLIC_URL.partition('//')[2]}")
    event.add("dtstamp", at.astimezone(dt.UTC))
    event.add("dtstart", deadline.on)
    event.add("summary", deadline.text)
    event.add("url", settings.PUBLIC_URL + deadline.path)
    event.add("transp", "TRANSPARENT")  # a deadline makes nobody busy
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", deadline.text)
    alarm.add("trigger", ALARM)
    event.add_component(alarm)
    return event


def deadlines(user: User, *, at: dt.datetime, today: dt.date) -> Iterator[Deadline]:
    """Yield what is open and asked of the person's agency, and what else waits on their home with a day."""
    if user.role in {Role.VIEWER, Role.ADMINISTRATOR}:
        return
    yield from _of_assignments(user)
    yield from _of_reports(user, today)
    yield from _of_signatures(user, today)
    desk = Desk(user, at, today)
    for todo in _todos(desk):
        if todo.on and todo.entry:
            yield Deadline(todo.entry.key, todo.on, todo.entry.text, todo.url)
    if user.role in access.WORKS:
        yield from _of_groups(user, today)
        yield from _of_letters(user, today)


def _of_assignments(user: User) -> Iterator[Deadline]:
    rows = access.visible_assignments(user).filter(
        lead=user.agency_id,
        status__in=OPEN_ASSIGNMENT,
        programme__state=ProgrammeState.IN_FORCE,
    )
    for row in rows.order_by("due_on", "code"):
        text = _("Deadline of assignment %(code)s") % {"code": row.code}
        if row.due_on:
            yield Deadline(f"assignment-{row.pk}", row.due_on, text, row.get_absolute_url())


def _of_reports(user: User, today: dt.date) -> Iterator[Deadline]:
    reports = access.visible_reports(user).filter(
        agency=user.agency_id, period__programme__state=ProgrammeState.IN_FORCE
    )
    reports = reports.filter(Q(period__locked_at=None) | Q(open_until__gte=today))
    for report in reports.exclude(state__in=SENT_REPORT).order_by("period__due_on"):
        text = _("Report due: %(period)s") % {"period": report.period.title}
        path = reverse("reports:detail", args=[report.pk])
        yield Deadline(f"report-{report.pk}", report.due_on, text, path)


def _of_signatures(user: User, today: dt.date) -> Iterator[Deadline]:
    documents = {row.pk: row for row in agreements_access.documents_to_sign(user, today=today)}
    documents |= {row.pk: row for row in agreements_access.documents_to_sign_for_agency(user)}
    for document in documents.values():
        if document.closes_on:
            path = reverse("agreements:detail", args=[document.pk])
            yield Deadline(f"signature-{document.pk}", document.closes_on, _("Last day to sign"), path)


def _todos(desk: Desk) -> list[Todo]:
    """What homes show besides; each asks itself what the reader's post may see."""
    rows = [*desk.to_consult(), *desk.to_confer(), *desk.to_rate(), *desk.to_extend(), *desk.to_review()]
    rows += scheme_todos.rows(desk.user, desk.today, ahead=MILESTONES_AHEAD)
    return rows + year_todos.to_close(desk.programme, desk.user, desk.today)


def _of_groups(user: User, today: dt.date) -> Iterator[Deadline]:
    """Items of the plans of standing groups that the agency is in charge of."""
    rows = group_access.visible_items(user, today).filter(
        lead=user.agency_id, state__in=OPEN_PLAN_ITEM, group__ended_on=None
    )
    text = _("Item of a group's plan due")
    for row in rows.order_by("due_on", "pk"):
        yield Deadline(f"group-item-{row.pk}", row.due_on, text, row.get_absolute_url())


def _of_letters(user: User, today: dt.date) -> Iterator[Deadline]:
    """Letters of urging; nobody notes that one was answered, so each goes with its day."""
    rows = access.visible_urging_letters(user).filter(
        agency=user.agency_id,
        state=UrgingLetterState.ISSUED,
        reply_by__gte=today,
        programme__state=ProgrammeState.IN_FORCE,
    )
    text = _("Last day to answer a letter of urging")
    for row in rows.order_by("reply_by", "pk"):
        yield Deadline(f"urging-letter-{row.pk}", row.reply_by, text, row.get_absolute_url())
