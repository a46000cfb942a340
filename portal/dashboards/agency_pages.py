"""What the page of an agency shows."""

import datetime as dt
from dataclasses import dataclass

from portal.agencies.models import Agency, AgencyChange
from portal.dashboards.figures import FourNumbers, four_numbers
from portal.users.models import COMMAND_ROLES, Membership, Role, User
from tasks import access, filters
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


def agency_page(agency: Agency, user: User, *, today: dt.date) -> AgencyPage:
    """Put the page together in a fixed number of queries; only what the user may see."""
    year = filters.current_year(user)
    rows = filters.listed(user, today).filter(programme__year=year).order_by("task__number", "code")
    changes = AgencyChange.objects.prefetch_related("predecessors", "succession_set__agency")
    ours = user.agency_id == agency.pk
    shows_people = ours or user.role in COMMAND_ROLES | {Role.ADMINISTRATOR}
    return AgencyPage(
        agency=agency,
        today=today,
        year=year,
        has_ended=bool(agency.valid_to and agency.valid_to < today),
        is_future=bool(agency.valid_from and agency.valid_from > today),
        came_from=list(changes.filter(successors=agency)),
        went_to=list(changes.filter(predecessors=agency)),
        shows_people=shows_people,
        people=_people(agency, today) if shows_people else [],
        history=_history(agency) if shows_people else [],
        numbers=_numbers(agency, user, year, today) if ours or user.role in COMMAND_ROLES else None,
        leads=list(rows.filter(lead=agency)),
        coordinates=list(rows.filter(coordinations__agency=agency)),
    )


def _people(agency: Agency, today: dt.date) -> list[Membership]:
    posts = Membership.objects.valid_on(today).filter(agency=agency, user__is_active=True)
    return list(posts.select_related("user").order_by("role", "user__name_sort_key"))


def _history(agency: Agency) -> list[Membership]:
    """Every holder of every post, post by post, the newest first."""
    posts = Membership.objects.filter(agency=agency).select_related("user")
    return list(posts.order_by("role", "-valid_from", "-pk"))


def _numbers(agency: Agency, user: User, year: int | None, today: dt.date) -> FourNumbers:
    """The agency's own numbers: for itself and the command, who see all that is counted."""
    rows = access.visible_assignments(user).filter(programme__year=year, lead=agency)
    return four_numbers(rows.with_timeliness(today), {"year": str(year or ""), "lead": agency.code})
