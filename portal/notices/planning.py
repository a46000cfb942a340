"""Plan the reminders that fell due: a sweep over the truth in the database, safe to repeat.

There is no memory of what was planned but the notices themselves, under their unique key. A lost
broker, a doubled clock and a day of darkness are all harmless: the next sweep finds what is missing.
"""

import datetime as dt
import logging
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.dates import local_day, start_of_day
from portal.lib.text import in_reader_language
from portal.notices.kinds import Kind, Planner, planners
from portal.notices.models import Why
from portal.users.models import Role

log = logging.getLogger(__name__)

CATCH_UP_DAYS = 14
"""A reminder that could not be planned for longer than this is not sent any more."""


def plan(*, at: dt.datetime) -> int:
    """Run every registered planner at the moment `at`; return how many notices are new.

    One that fails does not keep back those behind it; its fault is raised once all have run.
    """
    count, faults = 0, []
    for planner in planners():
        try:
            count += _run(planner, at=at)
        except Exception as fault:
            log.exception("reminders of %s were not planned", planner.__module__)
            faults.append(fault)
    if faults:
        raise faults[0]
    return count


@dataclass(frozen=True)
class Coming:
    """A reminder that is going to be planned unless something changes."""

    reached_on: dt.date
    kind: str
    recipient_id: int
    rule: str
    due_on: dt.date
    text_vi: str
    text_en: str

    @property
    def text(self) -> str:
        return in_reader_language(self.text_vi, self.text_en)


@dataclass
class _Ahead:
    """What a forecast asks of every sweep that runs inside it."""

    days: int
    found: list[Coming] = field(default_factory=list)


_ahead: ContextVar[_Ahead | None] = ContextVar("ahead", default=None)


def forecast(*, at: dt.datetime, days: int) -> list[Coming]:
    """Return what every planner is going to plan from the day of `at` on, by day. Writes nothing."""
    ahead = _Ahead(days)
    token = _ahead.set(ahead)
    try:
        for planner in planners():
            planner(at)
    finally:
        _ahead.reset(token)
    return sorted(ahead.found, key=lambda row: (row.reached_on, row.kind, row.recipient_id, row.text_vi))


@action
def _run(planner: Planner, *, at: dt.datetime) -> int:
    count = planner(at)
    if count:
        record(
            "notices.planned", None, by=None, at=at, payload={"planner": planner.__module__, "count": count}
        )
    return count


def sweep(
    subjects: models.QuerySet[Any, Any],
    kinds: Iterable[Kind],
    *,
    at: dt.datetime,
    to_owner: bool = False,
    due_on: str = "due_on",
    agency_id: str = "agency_id",
    code: str = "code",
) -> int:
    """Insert a notice for every subject, reminder day of `kinds` and person, once; return how many.

    `subjects` yields the columns subject_id, agency_id, due_on, code, title_vi and title_en; and
    recipient_id, of whom alone is told in that agency, when the notice is `to_owner`. `due_on`,
    `agency_id` and `code` are other names of those columns, where the model has fields of the name. Days
    are days in Việt Nam; what fell due on one goes with its mail, at whatever hour it is planned. Of
    several reminders that a person missed about one subject only the newest is sent; the older are kept
    as skipped and not shown, and so is one to somebody who took the thing in hand, but for the last
    before the day. Two sweeps at once insert each row once.
    """
    today = local_day(at)
    kinds = list(kinds)
    ahead = _ahead.get()
    late = range(CATCH_UP_DAYS + 1) if ahead is None else range(1 - ahead.days, 1)
    milestones = list(_milestones(kinds, today, late))
    places = [
        (kind.code, role, rank)
        for kind in kinds
        for rank, roles in enumerate(kind.audience)
        for role in sorted(role.value for role in roles)
    ]
    due_days = [day for _kind, _rule, day, *_rest in milestones]
    subjects = subjects.filter(**{f"{due_on}__range": (min(due_days), max(due_days))}).order_by()
    keys = subjects.values("subject_id", due_on, agency_id, *(["recipient_id"] if to_owner else []))
    subject_type = subjects.model._meta.label_lower
    now, due_from = map(connection.ops.adapt_datetimefield_value, (at, start_of_day(today)))
    names = {
        "kept": "NOT MATERIALIZED" if _is_index_of(subjects.model, due_on) else "MATERIALIZED",
        "due_on": connection.ops.quote_name(due_on),
        "agency_id": connection.ops.quote_name(agency_id),
        "code": connection.ops.quote_name(code),
        "place": _rows(places),
        "unknown": UNKNOWN % {"apart": APART[connection.vendor]},
        "only": "AND addressee.user_id = subject.recipient_id" if to_owner else "",
    }

    def ask(
        cursor: CursorWrapper,
        query: str,
        subjects: models.QuerySet[Any, Any],
        days: list[tuple[Any, ...]],
        *rest: object,
    ) -> None:
        subject, subject_params = subjects.query.sql_with_params()
        posts = (today, today, Role.PROGRAMME_OFFICER.value)
        params = [*subject_params, *_flat(days), *_flat(places), *posts, *rest]
        cursor.execute(query % (names | {"subject": subject, "milestone": _rows(days)}), params)

    facts = (subject_type, subject_type, subject_type, now, due_from)
    with connection.cursor() as cursor:
        if ahead is not None:
            ask(cursor, WHOM + ROWS, subjects, milestones, *facts)
            ahead.found.extend(_coming(cursor.fetchall()))
            return 0
        ask(cursor, WHOM + UNSAID, keys, _newest(milestones), subject_type)
        if cursor.fetchone() == (0,):
            return 0
        ask(cursor, INSERT + WHOM + ROWS + UNLESS_KNOWN, subjects, milestones, *facts)
        return int(cursor.rowcount)


def _coming(rows: Iterable[tuple[Any, ...]]) -> Iterator[Coming]:
    for kind, _subject_type, _subject, recipient_id, rule, due_on, text_vi, text_en, *_rest, why in rows:
        if why != Why.TAKEN_ON:
            day = due_on if isinstance(due_on, dt.date) else dt.date.fromisoformat(due_on)
            reached_on = day + dt.timedelta(days=int(rule))
            yield Coming(reached_on, kind, recipient_id, rule, day, text_vi, text_en)


def _milestones(kinds: Iterable[Kind], today: dt.date, days_late: Iterable[int]) -> Iterator[tuple[Any, ...]]:
    """Yield (kind, rule, due_on, reached_on, is_early, text_vi, text_en) for the days to catch up on.

    Of each kind the newest that a day has reached comes first.
    """
    for kind in kinds:
        for late in sorted(days_late):
            for days in kind.days:
                reached_on = today - dt.timedelta(days=late)
                due_on = reached_on - dt.timedelta(days=days)
                texts = (text.replace("$due", f"{due_on:%d/%m/%Y}") for text in (kind.text_vi, kind.text_en))
                last = kind.last_early
                is_early = last is not None and days < last
                yield kind.code, f"{days:+d}", due_on, reached_on, is_early, *texts


def _newest(milestones: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return of each kind and day the newest milestone that it has reached."""
    found: dict[tuple[str, dt.date], tuple[Any, ...]] = {}
    for row in milestones:
        kind, _rule, due_on, *_rest = row
        found.setdefault((kind, due_on), row)
    return list(found.values())


def _is_index_of(model: type[models.Model], field: str) -> bool:
    """Say whether an index of the model begins with the field."""
    return any(index.fields[:1] == [field] for index in model._meta.indexes)


def _rows(rows: list[tuple[Any, ...]]) -> str:
    """Return the placeholders of a VALUES list."""
    return ", ".join([f"({', '.join(['%s'] * len(rows[0]))})"] * len(rows))


def _flat(rows: list[tuple[Any, ...]]) -> Iterator[Any]:
    return (value for row in rows for value in row)


# rank() and not row_number(): an officer who stands in for the commander is wanted by two kinds with one
# rule, and of these rows the first that is inserted is the one that stays.
# The window ranks a person's reminders before known ones are left out, so that a reminder already
# sent still outranks an older one. ON CONFLICT is for the sweep that runs beside this one.
INSERT = """
INSERT INTO notices_notice (kind, subject_type, subject_id, recipient_id, rule, due_on,
                            text_vi, text_en, created_at, send_after,
                            is_shown, mail_state, skip_reason)"""
WHOM = """
WITH
subject AS %(kept)s (%(subject)s),
milestone (kind, rule, due_on, reached_on, is_early, text_vi, text_en) AS (VALUES %(milestone)s),
place (kind, role, rank) AS (VALUES %(place)s),
post AS (             -- who holds which post today, the newest counts, and may sign in
    SELECT agency_id, user_id, role
      FROM (SELECT membership.agency_id, membership.user_id, membership.role,
                   row_number() OVER (PARTITION BY membership.user_id
                                      ORDER BY membership.valid_from DESC, membership.id DESC) AS newest
              FROM users_membership membership
              JOIN users_user person ON person.id = membership.user_id AND person.is_active
             WHERE membership.valid_from <= %%s
               AND (membership.valid_to IS NULL OR membership.valid_to >= %%s)) valid
     WHERE newest < 2  -- PostgreSQL guesses "= 1" to be next to none, and joins accordingly
),
held AS (             -- of each kind's audience, the first set of posts that the agency fills
    SELECT DISTINCT kind, agency_id, user_id
      FROM (SELECT place.kind, post.agency_id, post.user_id, place.rank,
                   min(place.rank) OVER (PARTITION BY place.kind, post.agency_id) AS first_rank
              FROM place
              JOIN post ON post.role = place.role) ranked
     WHERE rank = first_rank
),
addressee AS (        -- and the programme officers where it fills none
    SELECT kind, agency_id, user_id FROM held
     UNION
    SELECT asked.kind, agency.id, officer.user_id
      FROM (SELECT DISTINCT kind FROM milestone) asked
     CROSS JOIN agencies_agency agency
      JOIN post officer ON officer.role = %%s
     WHERE NOT EXISTS (SELECT 1 FROM held WHERE held.kind = asked.kind AND held.agency_id = agency.id)
),
wanted AS (
    SELECT milestone.kind, milestone.rule, milestone.due_on, milestone.reached_on, milestone.is_early,
           subject.subject_id, addressee.user_id
      FROM milestone CROSS JOIN subject CROSS JOIN addressee
     WHERE subject.%(due_on)s = milestone.due_on
       AND addressee.kind = milestone.kind AND addressee.agency_id = subject.%(agency_id)s
       %(only)s
)
"""
# By the index of recipients PostgreSQL would walk through all that an officer was ever told, once a subject.
APART = {"postgresql": "+ 0", "sqlite": ""}
UNKNOWN = """
     WHERE NOT EXISTS (SELECT 1 FROM notices_notice known
                        WHERE known.subject_type = %%s
                          AND known.subject_id = wanted.subject_id
                          AND known.recipient_id %(apart)s = wanted.user_id
                          AND known.rule = wanted.rule
                          AND known.due_on = wanted.due_on)"""
# Whoever was told the newest was told, or spared, what came before it: usually that is everybody.
UNSAID = "SELECT count(*) FROM wanted %(unknown)s"
ROWS = """,
ranked AS (
    SELECT wanted.*,
           rank() OVER (PARTITION BY wanted.subject_id, wanted.user_id
                              ORDER BY wanted.reached_on DESC) = 1 AS is_newest
      FROM wanted
),
missing AS MATERIALIZED (  -- usually nothing: the texts are looked up for these alone
    SELECT wanted.*,
           wanted.is_early AND EXISTS (SELECT 1 FROM notices_notice said
                                        WHERE said.taken_on_at IS NOT NULL
                                          AND said.subject_type = %%s
                                          AND said.subject_id = wanted.subject_id
                                          AND said.recipient_id = wanted.user_id
                                          AND said.due_on = wanted.due_on) AS is_in_hand
      FROM ranked wanted %(unknown)s
)
SELECT missing.kind, %%s, missing.subject_id, missing.user_id, missing.rule, missing.due_on,
       substr(replace(replace(milestone.text_vi, '$code', subject.%(code)s), '$title',
                      subject.title_vi), 1, 800),
       substr(replace(replace(milestone.text_en, '$code', subject.%(code)s), '$title',
                      coalesce(nullif(subject.title_en, ''), subject.title_vi)), 1, 800),
       %%s, %%s,
       missing.is_newest AND NOT missing.is_in_hand,
       CASE WHEN missing.is_newest AND NOT missing.is_in_hand THEN 'waiting' ELSE 'skipped' END,
       CASE WHEN missing.is_in_hand THEN 'taken_on' WHEN NOT missing.is_newest THEN 'newer' ELSE '' END
  FROM missing
  JOIN subject ON subject.subject_id = missing.subject_id
  JOIN milestone ON milestone.kind = missing.kind AND milestone.rule = missing.rule
                AND milestone.due_on = missing.due_on
 ORDER BY missing.subject_id, missing.user_id, missing.rule  -- two sweeps wait in line, never in a ring
"""
UNLESS_KNOWN = "    ON CONFLICT DO NOTHING"
