"""What the light of an assignment shows, and why. Pure but for lit(), which reads rows.

The rule is published on a page of the portal; its four numbers are the programme's. A light says how the
work stands against its time; how old the figures are that it rests on is said apart from it.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.lib.dates import local_day
from portal.lib.templatetags.portal_ui import vn_date, vn_percent
from portal.users.models import User
from tasks import indicators, light_access, standings
from tasks.deadlines import DUE_SOON_DAYS, LIGHT_RED_GAP, LIGHT_STALE_DAYS, LIGHT_YELLOW_GAP
from tasks.models import Aggregation, Assignment, Colour, LightOverride, Programme
from tasks.models.assignments import AssignmentQuerySet
from tasks.states import DONE_ASSIGNMENT, OPEN_ASSIGNMENT

_C = Colour


@dataclass(frozen=True)
class Rule:
    """The numbers of the rule; gaps in points, 1 to 100, yellow_gap <= red_gap."""

    yellow_gap: int = LIGHT_YELLOW_GAP
    red_gap: int = LIGHT_RED_GAP
    soon_days: int = DUE_SOON_DAYS
    stale_days: int = LIGHT_STALE_DAYS


def rule_of(programme: Programme) -> Rule:
    return Rule(
        programme.light_yellow_gap,
        programme.light_red_gap,
        programme.light_soon_days,
        programme.light_stale_days,
    )


@dataclass(frozen=True)
class Work:
    """How the work stands: shares in percent, `target` None where no figure counts.

    `due_on` is the day that binds, None for recurring ones; an average (`is_average`) does not grow with
    time, so it is held against the whole target from the first day.
    """

    elapsed: int
    progress: int
    target: Decimal | None
    due_on: dt.date | None
    is_average: bool = False
    missed: str = ""  # the past occurrence that was not reported, in words


@dataclass(frozen=True)
class Light:
    """A colour and why, in words that begin with a small letter."""

    colour: Colour
    reason: str


# --- The rule ---------------------------------------------------------------------------------------
def light(work: Work, rule: Rule, today: dt.date) -> Light:
    """Return the light of work that is owed.

    1. Past its day, or a past occurrence of it not reported: red.
    2. What lags most, the work or its target, against the share of time: red or yellow from its gap on.
    3. In its last days: yellow.
    4. Otherwise green.
    """
    if work.due_on and work.due_on < today:
        days = (today - work.due_on).days
        late = ngettext("%(days)d day overdue", "%(days)d days overdue", days) % {"days": days}
        done = vn_percent(work.progress)
        return Light(_C.RED, _("%(late)s, the work is at %(done)s") % {"late": late, "done": done})
    if work.missed:
        return Light(_C.RED, work.missed)
    lag, reason = _lag(work)
    if lag >= rule.yellow_gap:
        return Light(_C.RED if lag >= rule.red_gap else _C.YELLOW, reason)
    if work.due_on and (work.due_on - today).days <= rule.soon_days:
        return Light(_C.YELLOW, _last_days((work.due_on - today).days, work.progress))
    told = {"time": vn_percent(work.elapsed), "done": vn_percent(work.progress)}
    return Light(_C.GREEN, _("%(time)s of the time is over, the work is at %(done)s") % told)


def _lag(work: Work) -> tuple[Decimal, str]:
    """Return by how many points the worse of work and target lags, and that in words."""
    of_work = Decimal(work.elapsed - work.progress)
    told = {"time": vn_percent(work.elapsed), "done": vn_percent(work.progress)}
    words = _("%(time)s of the time is over, the work is only at %(done)s") % told
    if work.target is None:
        return of_work, words
    of_target = (100 if work.is_average else work.elapsed) - work.target
    if of_target <= of_work:
        return of_work, words
    told = {"time": vn_percent(work.elapsed), "done": vn_percent(work.target)}
    if work.is_average:
        return of_target, _("on average only %(done)s of the target is reached") % told
    return of_target, _("%(time)s of the time is over, only %(done)s of the target is reached") % told


def _last_days(days: int, progress: int) -> str:
    left = ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}
    told = {"left": _("due today") if days == 0 else left, "done": vn_percent(progress)}
    return _("%(left)s, the work is at %(done)s") % told


# --- Of an assignment ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Shown:
    """What a page shows of an assignment's light: what is computed, what was set by hand, how fresh it is."""

    computed: Light
    override: LightOverride | None
    fresh_days: int | None  # since the last news of the work; None where none came
    is_stale: bool

    @property
    def colour(self) -> str:
        """The colour that counts: set by hand, else computed."""
        return self.override.colour if self.override else self.computed.colour.value

    @property
    def word(self) -> str:
        return str(Colour(self.colour).label)

    @property
    def reason(self) -> str:
        """Why the light that counts is what it is, in one sentence."""
        if self.override is None:
            return self.computed.reason
        return _("set by hand by %(name)s until %(day)s: %(reason)s") % {
            "name": self.override.by.get_full_name(),
            "day": vn_date(self.override.until_on),
            "reason": self.override.reason,
        }

    @property
    def freshness(self) -> str:
        if self.fresh_days is None:
            return _("no news of the work yet")
        if self.fresh_days <= 0:
            return _("updated today")
        days = self.fresh_days
        return ngettext("updated %(days)d day ago", "updated %(days)d days ago", days) % {"days": days}


def shown(row: Assignment, today: dt.date) -> Shown | None:
    """Return the light of a row that was read by with_lights(); None where nothing is owed or done.

    No query. Whether the reader may see it is not asked here: it is progress.
    """
    if row.status in DONE_ASSIGNMENT:
        return Shown(_done(row), None, _age(row, today), is_stale=False)
    if row.status not in OPEN_ASSIGNMENT:
        return None
    rule, age = rule_of(row.programme), _age(row, today)
    override = next(iter(row.standing_overrides), None)  # type: ignore[attr-defined]  # of with_lights()
    is_stale = age is not None and age > rule.stale_days
    return Shown(light(work_of(row, today), rule, today), override, age, is_stale)


def work_of(row: Assignment, today: dt.date) -> Work:
    """Read an assignment that was read with its programme and measure. No query."""
    measure = indicators.in_hand(row)
    reading = indicators.read(row, measure, today)
    is_average = measure.aggregation == Aggregation.AVERAGE
    grows = row.target > 1  # a single paper is there or is not: it does not grow with time
    target = reading.percent if grows else None
    return Work(reading.elapsed, row.progress_percent, target, row.due_on, is_average, _missed(row))


def _missed(row: Assignment) -> str:
    """Name the occurrence, of a row that went through standings.name_missed()."""
    report = getattr(row, "missed_report", None)
    if report is None:
        return ""
    told = {"period": report.period.title, "day": vn_date(report.due_on)}
    return _("nothing was reported for %(period)s, due on %(day)s") % told


def _done(row: Assignment) -> Light:
    sent = _("the result was sent on %(day)s") % {"day": vn_date(row.submitted_on)}
    if row.due_on and row.submitted_on and row.submitted_on > row.due_on:
        days = (row.submitted_on - row.due_on).days
        late = ngettext("%(days)d day late", "%(days)d days late", days) % {"days": days}
        return Light(_C.GREEN, f"{sent}, {late}")
    return Light(_C.GREEN, sent)


def _age(row: Assignment, today: dt.date) -> int | None:
    return (today - local_day(row.reported_at)).days if row.reported_at else None


# --- Of many ---------------------------------------------------------------------------------------------
def with_lights(rows: AssignmentQuerySet, user: User, today: dt.date) -> AssignmentQuerySet:
    """Let rows be read with all that their lights need: one query more, whatever their number."""
    standing = light_access.visible_overrides(user).counting_on(today).select_related("by")
    return rows.select_related("programme", "measure").prefetch_related(
        Prefetch("light_overrides", queryset=standing, to_attr="standing_overrides")
    )


def lit(rows: list[Assignment], today: dt.date) -> list[Assignment]:
    """Give each row of with_lights() its `light` where the reader sees its progress; else None."""
    standings.name_missed(rows)
    for row in rows:
        seen = getattr(row, "progress_visible", True)
        row.light = shown(row, today) if seen else None  # type: ignore[attr-defined]
    return rows


def of_colours(rows: AssignmentQuerySet, colours: set[str], user: User, today: dt.date) -> list[int]:
    """Return the keys of those rows whose light shows one of the colours. Two queries."""
    seen = lit(list(with_lights(rows, user, today)), today)
    return [row.pk for row in seen if row.light and row.light.colour in colours]  # type: ignore[attr-defined]
