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
from portal.users.models import Role, User
from tasks import access
from tasks.states import OPEN_ASSIGNMENT, SENT_REPORT, ProgrammeState

ALARM = -dt.timedelta(hours=17)
"""Before midnight of the day: seven in the morning of the day before."""


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
    for deadline in deadlines(user, today=today):
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


def deadlines(user: User, *, today: dt.date) -> Iterator[Deadline]:
    """Yield what is open and asked of the person's agency: duties, reports, signatures."""
    if user.role in {Role.VIEWER, Role.ADMINISTRATOR}:
        return
    rows = access.visible_assignments(user).filter(
        lead=user.agency_id,
        status__in=OPEN_ASSIGNMENT,
        programme__state=ProgrammeState.IN_FORCE,
    )
    for row in rows.order_by("due_on", "code"):
        text = _("Deadline of assignment %(code)s") % {"code": row.code}
        if row.due_on:
            yield Deadline(f"assignment-{row.pk}", row.due_on, text, row.get_absolute_url())
    reports = access.visible_reports(user).filter(
        agency=user.agency_id, period__programme__state=ProgrammeState.IN_FORCE
    )
    reports = reports.filter(Q(period__locked_at=None) | Q(open_until__gte=today))
    for report in reports.exclude(state__in=SENT_REPORT).order_by("period__due_on"):
        text = _("Report due: %(period)s") % {"period": report.period.title}
        path = reverse("reports:detail", args=[report.pk])
        yield Deadline(f"report-{report.pk}", report.due_on, text, path)
    documents = {row.pk: row for row in agreements_access.documents_to_sign(user, today=today)}
    documents |= {row.pk: row for row in agreements_access.documents_to_sign_for_agency(user)}
    for document in documents.values():
        if document.closes_on:
            path = reverse("agreements:detail", args=[document.pk])
            yield Deadline(f"signature-{document.pk}", document.closes_on, _("Last day to sign"), path)
