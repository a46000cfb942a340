"""What the page of an agency shows."""

import datetime as dt
from dataclasses import dataclass

from portal.agencies.models import Agency, AgencyChange
from portal.dashboards.figures import FourNumbers, four_numbers
from portal.users import access as users_access
from portal.users.models import Membership, User
from tasks import access, filters, lights
from tasks.models import Assignment


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


def agency_page(agency: Agency, user: User, *, today: dt.date) -> AgencyPage:
    """Put the page together in a fixed number of queries; only what the user may see."""
    year = filters.current_year(user)
    rows = filters.listed(user, today).filter(programme__year=year)
    rows = lights.with_lights(rows.order_by("task__number", "code"), user, today)
    changes = access.visible_changes(user)
    posts = users_access.visible_posts(user).filter(agency=agency)
    held_today = posts.valid_on(today).filter(user__is_active=True)
    return AgencyPage(
        agency=agency,
        today=today,
        year=year,
        has_ended=bool(agency.valid_to and agency.valid_to < today),
        is_future=bool(agency.valid_from and agency.valid_from > today),
        came_from=list(changes.filter(successors=agency)),
        went_to=list(changes.filter(predecessors=agency)),
        shows_people=users_access.may_see_people(user, agency),
        people=list(held_today.order_by("role", "user__name_sort_key")),
        history=list(posts.order_by("role", "-valid_from", "-pk")),
        numbers=_numbers(agency, user, year, today) if access.may_see_numbers(user, agency) else None,
        leads=lights.lit(list(rows.filter(lead=agency)), today),
        coordinates=lights.lit(list(rows.filter(coordinations__agency=agency)), today),
        may_see_contacts=access.may_see_contacts(user),
    )


def _numbers(agency: Agency, user: User, year: int | None, today: dt.date) -> FourNumbers:
    """The agency's own numbers: for itself and the command, who see all that is counted."""
    rows = access.visible_assignments(user).filter(programme__year=year, lead=agency)
    return four_numbers(rows.with_timeliness(today), {"year": str(year or ""), "lead": agency.code})
