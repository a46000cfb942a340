"""What the contact book shows: whom to call at each agency, and what it owes now."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from portal.agencies.models import Agency
from portal.users import access as users_access
from portal.users.models import HEAD_ROLES, Membership, Role, User
from tasks import access, filters, parties, standings, urging_letters
from tasks.deadlines import Timeliness
from tasks.models import Assignment, Programme, Report, Urging, UrgingLetter
from tasks.states import ProgrammeState
from tasks.views.report_pages import Cell, cell

CONTACTS = HEAD_ROLES | {Role.FOCAL_POINT, Role.DEPUTY_HEAD}


def people_of(user: User, agency: Agency, today: dt.date) -> list[Membership]:
    """Return who heads the agency and who is its focal point today, with their numbers."""
    posts = users_access.visible_posts(user).filter(agency=agency, role__in=CONTACTS)
    held = posts.valid_on(today).filter(user__is_active=True)
    return list(held.order_by("role", "user__name_sort_key"))


# --- The contact book -------------------------------------------------------------------------------
@dataclass(frozen=True)
class Contact:
    """An agency with how much it owes now."""

    agency: Agency
    overdue: int
    due_soon: int
    silent: int
    urged: int

    @property
    def is_late(self) -> bool:
        return bool(self.overdue or self.silent)


def contact_book(user: User, today: dt.date) -> list[Contact]:
    """Return the parties of the running programme, in protocol order; a fixed number of queries."""
    year = filters.current_year(user) or 0
    there = parties.of(access.visible_programmes(user).filter(year=year))
    agencies = access.visible_agencies(user).filter(pk__in=there)
    duties = filters.count_owed(user, today, year)
    silent = Counter(report.agency_id for report in _silent(user, year, today))
    of_year = Q(assignment__programme__year=year) | Q(report__period__programme__year=year)
    urged = Counter(access.visible_urgings(user).filter(of_year).values_list("agency_id", flat=True))
    return [
        Contact(
            agency,
            overdue=duties[agency.pk, Timeliness.OVERDUE],
            due_soon=duties[agency.pk, Timeliness.DUE_SOON],
            silent=silent[agency.pk],
            urged=urged[agency.pk],
        )
        for agency in agencies.order_by("protocol_order", "code")
    ]


@dataclass(frozen=True)
class ContactPage:
    """Everything that tasks/contact.html reads."""

    agency: Agency
    today: dt.date
    people: list[Membership]
    duties: list[Assignment]
    silent: list[Cell]
    urged: list[Urging]
    letters: list[UrgingLetter]
    is_late: bool


def contact_page(agency: Agency, user: User, *, today: dt.date) -> ContactPage:
    """Put the page of one agency together: whom to call, what it owes, what was said already."""
    year = filters.current_year(user) or 0
    rows = filters.owed(user, today).filter(lead=agency, programme__year=year)
    duties = list(rows.order_by("due_on", "code"))
    standings.name_missed(duties)
    silent = [report for report in _silent(user, year, today) if report.agency_id == agency.pk]
    return ContactPage(
        agency=agency,
        today=today,
        people=people_of(user, agency, today),
        duties=duties,
        silent=[cell(report, today) for report in silent],
        urged=list(access.visible_urgings(user).filter(agency=agency)),
        letters=list(access.visible_urging_letters(user).filter(agency=agency)),
        is_late=bool(silent) or any(row.standing == Timeliness.OVERDUE for row in duties),  # type: ignore[attr-defined]
    )


def running_programme(user: User) -> Programme | None:
    """Return the newest programme in force that the person sees."""
    rows = access.visible_programmes(user).filter(state=ProgrammeState.IN_FORCE)
    return rows.select_related("host").order_by("-year").first()


# --- Letters -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class LetterLine:
    """One thing of a letter: where it is shown, and whether it is owed still."""

    code: str
    title: str
    due_on: dt.date
    days: int
    url: str
    is_owed: bool


def letter_lines(letter: UrgingLetter) -> list[LetterLine]:
    """Return the things of a letter as its page shows them. Two queries."""
    owed = urging_letters.still_owed(letter)
    return [
        LetterLine(
            code=thing["code"],
            title=thing["title"][:1].upper() + thing["title"][1:],
            due_on=dt.date.fromisoformat(thing["due_on"]),
            days=thing["days"],
            url=reverse(f"{thing['kind']}s:detail", args=[thing["id"]]),
            is_owed=f"{thing['kind']}-{thing['id']}" in owed,
        )
        for thing in letter.things
    ]


def _silent(user: User, year: int, today: dt.date) -> list[Report]:
    """Return the reports whose day has passed and that did not come, the oldest first."""
    running = {"period__programme__year": year, "period__programme__state": ProgrammeState.IN_FORCE}
    return list(urging_letters.silent(access.visible_reports(user).filter(**running), today))
