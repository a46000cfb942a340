"""What a home says of the turn of the year: a text to look through, proposals, a year to close or begin."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.dashboards.todos import Entry, Todo
from portal.users.models import User
from tasks import access, leftovers, points, review_access, year_access
from tasks.models import Programme
from tasks.states import ProgrammeState, ProposalState

EARLY = dt.timedelta(days=45)
"""Before the year ends, what is unfinished is looked at and the next text begun."""


def rows(user: User, running: Programme | None, today: dt.date) -> list[Todo]:
    """Return what is to be done: two queries, and those of each text that is written."""
    texts = year_access.texts(user).select_related("host", "co_host", "begun_from").order_by("year")
    found = [(text, len(points.open_points(text, today=today))) for text in texts if text.begun_from_id]
    todos = [_look(text, count) for text, count in found if count]
    if waiting := review_access.visible_proposals(user).filter(state=ProposalState.OPEN).count():
        todos.append(_answer(waiting))
    if running is None:
        return [_begin_first()] if year_access.may_begin_year(user) else todos
    if not _turns(running, user, today):
        return todos
    if leftovers.next_text(running) is None and running.year_to >= today.year:
        todos.append(_begin(running))
    return [*todos, _close(running)]


def to_close(running: Programme | None, user: User, today: dt.date) -> list[Todo]:
    """Return that the year is to be closed, once it is near; no query."""
    return [_close(running)] if running and _turns(running, user, today) else []


def _turns(running: Programme, user: User, today: dt.date) -> bool:
    is_late = today >= dt.date(running.year_to, 12, 31) - EARLY
    return is_late and running.state == ProgrammeState.IN_FORCE and access.may_close(user, running)


def _look(text: Programme, count: int) -> Todo:
    words = ngettext(
        "%(count)s point of the programme of %(year)s must be looked at",
        "%(count)s points of the programme of %(year)s must be looked at",
        count,
    )
    return Todo(
        what=words % {"count": count, "year": text.year},
        why=_("What was copied from last year and no longer holds, or was moved by itself."),
        url=reverse("years:points", args=[text.year]),
        button=_("Look through them"),
        icon="clipboard-check",
    )


def _answer(waiting: int) -> Todo:
    words = ngettext(
        "Answer %(count)s proposal of agencies", "Answer %(count)s proposals of agencies", waiting
    )
    return Todo(
        what=words % {"count": waiting},
        why=_("From their reports; each agency is told the answer."),
        url=reverse("proposals:list"),
        button=_("Read and answer"),
        icon="inbox",
    )


def _begin_first() -> Todo:
    return Todo(
        what=_("Begin the first programme"),
        why=_("There is none in the portal yet. It begins with an empty text; no past year is needed."),
        url=reverse("years:begin"),
        button=_("Begin"),
        icon="journal-text",
    )


def _begin(running: Programme) -> Todo:
    return Todo(
        what=_("Begin the programme of %(year)s") % {"year": running.year_to + 1},
        why=_("As a copy of this year's, or empty."),
        url=reverse("years:begin"),
        button=_("Begin"),
        icon="journal-text",
    )


def _close(running: Programme) -> Todo:
    return Todo(
        what=_("Decide what becomes of unfinished duties, and close the year %(year)s")
        % {"year": running.year},
        on=dt.date(running.year_to, 12, 31),
        url=reverse("years:unfinished", args=[running.year]),
        button=_("Open"),
        entry=Entry(f"year-{running.pk}", _("The programme of %(year)s ends") % {"year": running.year}),
    )
