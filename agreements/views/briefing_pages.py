"""What the page of a briefing's list shows, worked out before the template."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from agreements import briefings
from agreements import conference_access as access
from agreements.conference_forms import StepForm
from agreements.conferences import version_of
from agreements.models import BriefingList, Conference
from agreements.states import ConferenceState
from portal.lib.dates import local_day
from portal.users.models import User
from tasks.models import Urging
from tasks.paper_words import day


@dataclass(frozen=True)
class Part:
    """One part of the list; a row reads `note` beside what it names."""

    name: str
    title: str
    empty: str
    rows: list[Mapping[str, Any]]


@dataclass(frozen=True)
class Page:
    """Everything that agreements/briefing.html reads; `hold` is the step that freezes the list."""

    conference: Conference
    frozen: BriefingList | None
    on: dt.date
    agencies: int
    parts: list[Part]
    is_intact: bool
    hold: StepForm | None
    may_prepare: bool


def page(conference: Conference, frozen: BriefingList | None, user: User, *, today: dt.date) -> Page:
    """Put the list together: what is frozen, or what stands open now."""
    content = frozen.content if frozen else briefings.gather(conference, today)
    prepares = access.may_prepare(user, conference.programme)
    is_day = conference.state == ConferenceState.INVITED and local_day(conference.starts_at) <= today
    version = {"version": version_of(conference)}
    return Page(
        conference=conference,
        frozen=frozen,
        on=dt.date.fromisoformat(content["on"]),
        agencies=content["agencies"],
        parts=[
            Part(name, title, empty, [_listed(row) for row in content[name]])
            for name, title, empty in _parts()
            if conference.group or name != "plan"
        ],
        is_intact=frozen is None or briefings.is_intact(frozen),
        hold=StepForm(initial=version) if prepares and is_day and frozen is None else None,
        may_prepare=prepares,
    )


def _parts() -> list[tuple[str, str, str]]:
    return [
        ("duties", _("Overdue assignments"), _("No assignment is overdue.")),
        ("reports", _("Reports that did not come"), _("No report is missing.")),
        ("extensions", _("Requests for extension to decide"), _("No request waits for a decision.")),
        ("urgings", _("Urgings without an answer"), _("Every urging was answered.")),
        ("plan", _("Overdue items of the group's plan"), _("Nothing of the plan is overdue.")),
    ]


def _listed(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row with its days as days and a word beside it."""
    due_on = dt.date.fromisoformat(row["due_on"]) if row["due_on"] else None
    said = ""
    if "new_on" in row:
        said = _("asks for %(day)s") % {"day": day(dt.date.fromisoformat(row["new_on"]))}
    elif "level" in row:
        said = f"{Urging.Level(row['level']).label}, {day(dt.date.fromisoformat(row['since']))}"
    return {**row, "due_on": due_on, "note": said}
