"""How milestones stand: the light by the published rule, and which duties carry them year by year.

A milestone is not worked at by itself: a duty of the year carries it, and while its own day has not come that
duty's light is its light.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.lib.templatetags.portal_ui import days_left, vn_date
from portal.users.models import User
from tasks import access, lights
from tasks.lights import Light, Rule
from tasks.models import Assignment, Colour, Milestone, MilestoneDuty, Programme
from tasks.states import MilestoneState, ProgrammeState

_S = MilestoneState


@dataclass(frozen=True)
class Line:
    """A milestone as a page shows it; `carriers` are the duties that the reader sees, by year."""

    row: Milestone
    light: Light | None
    carriers: list[Assignment]

    @property
    def is_pending(self) -> bool:
        return self.row.state in {_S.OPEN, _S.REPORTED}


def light(row: Milestone, carrier: Assignment | None, rule: Rule, today: dt.date) -> Light | None:
    """Return the light of a milestone; None where nothing is owed yet, or no more.

    1. Reported or reached: green.
    2. Past its day: red.
    3. The light of the duty of the year that carries it, as far as the reader sees it.
    4. In its last days: yellow.
    """
    if row.state == _S.DROPPED:
        return None
    if row.reached_on and row.state in {_S.REPORTED, _S.REACHED}:
        return Light(Colour.GREEN, _reached(row, row.reached_on))
    if row.due_on < today:
        return Light(Colour.RED, days_left(row.due_on, today))
    shown = getattr(carrier, "light", None)
    if carrier and shown:
        reason = _("duty %(code)s: %(reason)s") % {"code": carrier.code, "reason": shown.reason}
        return Light(Colour(shown.colour), reason)
    if (row.due_on - today).days <= rule.soon_days:
        return Light(Colour.YELLOW, days_left(row.due_on, today))
    return None


def _reached(row: Milestone, on: dt.date) -> str:
    words = _("reached on %(day)s") % {"day": vn_date(on)}
    if row.is_late:
        days = (on - row.due_on).days
        late = ngettext("%(days)d day late", "%(days)d days late", days) % {"days": days}
        words = f"{words}, {late}"
    return words if row.state == _S.REACHED else _("%(words)s, not confirmed yet") % {"words": words}


def lit(rows: Collection[Milestone], user: User, today: dt.date) -> list[Line]:
    """Return milestones with lights and duties. A fixed number of queries, whatever their number."""
    found = _carriers(rows, user, today)
    running = Programme.objects.filter(state=ProgrammeState.IN_FORCE).order_by("-year").first()
    rule = lights.rule_of(running) if running else Rule()
    return [Line(row, light(row, _current(found[row.pk]), rule, today), found[row.pk]) for row in rows]


def _current(carriers: list[Assignment]) -> Assignment | None:
    """Return the duty of the newest programme that is in force."""
    running = [duty for duty in carriers if duty.programme.state == ProgrammeState.IN_FORCE]
    return running[-1] if running else None


def _carriers(rows: Collection[Milestone], user: User, today: dt.date) -> dict[int, list[Assignment]]:
    ties = MilestoneDuty.objects.filter(milestone__in=[row.pk for row in rows])
    pairs = list(ties.values_list("milestone", "assignment"))
    duties: Any = access.with_progress_visible(access.visible_assignments(user), user)
    duties = lights.with_lights(duties.with_timeliness(today), user, today)
    duties = duties.filter(pk__in={duty for _milestone, duty in pairs}).select_related("lead")
    seen = {duty.pk: duty for duty in lights.lit(list(duties.order_by("programme__year", "code")), today)}
    of: dict[int, set[int]] = defaultdict(set)
    for milestone, duty in pairs:
        of[milestone].add(duty)
    found: dict[int, list[Assignment]] = defaultdict(list)
    for row in rows:
        found[row.pk] = [duty for key, duty in seen.items() if key in of[row.pk]]
    return found
