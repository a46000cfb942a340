"""What the page of an assignment shows of its light."""

import datetime as dt
from dataclasses import dataclass

from portal.users.models import User
from tasks import light_access, lights
from tasks.models import Assignment
from tasks.states import OPEN_ASSIGNMENT, ProgrammeState


@dataclass(frozen=True)
class LightPanel:
    """The light, and whether its reader may set it by hand."""

    shown: lights.Shown | None
    may_set: bool


def light_panel(user: User, assignment: Assignment, today: dt.date) -> LightPanel:
    """Put the panel together of a row read by lights.with_lights(); no query."""
    runs = assignment.programme.state == ProgrammeState.IN_FORCE and assignment.status in OPEN_ASSIGNMENT
    may_set = runs and light_access.may_set_light(user, assignment)
    return LightPanel(lights.shown(assignment, today), may_set)
