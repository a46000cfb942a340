"""What the page of an agency shows."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from portal.agencies.models import Agency, AgencyChange
from portal.dashboards.figures import FourNumbers, four_numbers
from portal.users import access as users_access
from portal.users.models import Membership, User
from tasks import access, filters, lights, rating_access, standings
from tasks.models import Assignment, RatingSheet
from tasks.states import RatingState


@dataclass(frozen=True)
class YearLine:
    """How many assignments of a year an agency led, or one from which it came."""

    year: int
    agency: Agency
    led: int


@dataclass(frozen=True)
class AgencyPage:
    """Everything that dashboards/agency.html reads."""

    agency: Agency
    today: dt.date
    year: int | None
    has_ended: bool
    is_future: bool
    came_from: list[AgencyChange]
    went_to: list[AgencyChange]
    shows_people: bool
    people: list[Membership]
    history: list[Membership]
    numbers: FourNumbers | None
    leads: list[Assignment]
    coordinates: list[Assignment]
    may_see_contacts: bool
    years: list[YearLine]
    grades: list[RatingSheet]  # of each year, the newest first; the grade is shown once it is approved


def agency_page(agency: Agency, user: User, *, today: dt.date) -> AgencyPage:
    """Put the page together in a fixed number of queries; only what the user may see."""
    year = filters.current_year(user)
    rows = filters.listed(user, today).filter(programme__year=year)
    rows = lights.with_lights(rows.order_by("task__number", "code"), user, today)
    changes = list(access.visible_changes(user))
    posts = users_access.visible_posts(user).filter(agency=agency)
    held_today = posts.valid_on(today).filter(user__is_active=True)
    return AgencyPage(
        agency=agency,
        today=today,
        year=year,
        has_ended=bool(agency.valid_to and agency.valid_to < today),
        is_future=bool(agency.valid_from and agency.valid_from > today),
        came_from=_into(changes, agency),
        went_to=_out_of(changes, agency),
        shows_people=users_access.may_see_people(user, agency),
        people=list(held_today.order_by("role", "user__name_sort_key")),
        history=list(posts.order_by("role", "-valid_from", "-pk")),
        numbers=_numbers(agency, user, year, today) if access.may_see_numbers(user, agency) else None,
        leads=lights.lit(list(rows.filter(lead=agency)), today),
        coordinates=lights.lit(list(rows.filter(coordinations__agency=agency)), today),
        may_see_contacts=access.may_see_contacts(user),
        years=_years(user, _chain(changes, agency, today)),
        grades=_grades(user, agency),
    )


def _into(changes: Iterable[AgencyChange], agency: Agency) -> list[AgencyChange]:
    """Return the changes of which it is a successor."""
    return [row for row in changes if agency in (part.agency for part in row.succession_set.all())]


def _out_of(changes: Iterable[AgencyChange], agency: Agency) -> list[AgencyChange]:
    return [row for row in changes if agency in row.predecessors.all()]


def _chain(changes: list[AgencyChange], agency: Agency, today: dt.date) -> list[Agency]:
    """Return the agency and all from which it came, the newest first: of changes whose day has come."""
    found, waiting = [agency], [agency]
    past = [row for row in changes if row.effective_on <= today]
    while waiting:
        successor = waiting.pop()
        for change in _into(past, successor):
            new = [one for one in change.predecessors.all() if one not in found]
            found += new
            waiting += new
    return found


def _years(user: User, chain: list[Agency]) -> list[YearLine]:
    """Count year by year what each of them led: under the names of the year, never added up.

    A split would count the same twice, a merger hides who did it. Nothing where it came from nobody.
    """
    if len(chain) == 1:
        return []
    agencies = {agency.pk: agency for agency in chain}
    rows = access.visible_assignments(user).filter(lead__in=agencies).order_by("-programme__year", "lead")
    counted = rows.values_list("programme__year", "lead").annotate(n=Count("pk"))
    return [YearLine(year, agencies[lead], led) for year, lead, led in counted]


def _numbers(agency: Agency, user: User, year: int | None, today: dt.date) -> FourNumbers:
    """The agency's own numbers: for itself and the command, who see all that is counted."""
    rows = access.visible_assignments(user).filter(programme__year=year, lead=agency)
    rows = standings.with_standing(rows, user, today)
    return four_numbers(rows, {"year": str(year or ""), "lead": agency.code})


def _grades(user: User, agency: Agency) -> list[RatingSheet]:
    """The agency's sheets since criteria were published: for itself and the command."""
    rows = rating_access.visible_sheets(user).filter(agency=agency).exclude(round__state=RatingState.DRAFT)
    return list(rows.order_by("-round__programme__year"))
