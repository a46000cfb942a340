"""What happens to the milestones of a scheme: planned, carried by duties of each year, reported, confirmed.

The lead says that one is reached, and the officer confirms it or sends it back. A duty that is carried over
takes its milestones along, so that their way through the years is seen.

Lock order: programme, scheme, milestone.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from portal.audit import pictures
from portal.audit.events import record
from portal.files.refusals import check_words
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
from portal.users.models import User
from tasks import assignment_drafts, scheme_access, scheme_reminders, schemes
from tasks.assignment_drafts import Duty
from tasks.models import Assignment, Milestone, MilestoneDuty, PriorityTask, Programme, Scheme
from tasks.states import (
    ENDED_PROGRAMME,
    MILESTONE,
    PENDING_MILESTONE,
    AssignmentStatus,
    MilestoneState,
    SchemeState,
)

_S = MilestoneState
INDICATOR, UNIT = "Mốc của đề án, dự án, quy hoạch hoàn thành", "mốc"
"""By what a duty is measured that was made of a milestone; whoever writes the draft may say it better."""


# --- Planning ---------------------------------------------------------------------------------------
@action
def plan(scheme: Scheme, *, by: User, at: dt.datetime, title: str, due_on: dt.date) -> Milestone:
    """Add a milestone to a running scheme."""
    schemes.hold(scheme, by=by)
    _check(scheme, title, due_on)
    milestone = Milestone.objects.create(scheme=scheme, title=title.strip(), due_on=due_on)
    _record("milestone.planned", milestone, by=by, at=at, due_on=due_on)
    return milestone


def version_of(milestone: Milestone) -> str:
    """Name what a page shows of it, to be compared when its form comes back."""
    shown = ("title", "due_on", "state", "reached_on", "result", "note")
    return pictures.version(pictures.take(milestone, shown))


@action
def change(
    milestone: Milestone, *, by: User, at: dt.datetime, title: str, due_on: dt.date, version: str = ""
) -> None:
    """Name it otherwise, or give it another day, while nobody has said that it is reached."""
    _hold(milestone, by, version)
    if milestone.state != _S.OPEN:
        raise RuleError(_("It was reported or settled; its day stays."))
    _check(milestone.scheme, title, due_on, but=milestone)
    before = {"title": milestone.title, "due_on": milestone.due_on}
    milestone.title, milestone.due_on = title.strip(), due_on
    milestone.save(update_fields=["title", "due_on"])
    if due_on != before["due_on"]:
        scheme_reminders.settle(milestone, at=at)
    after = {"title": milestone.title, "due_on": milestone.due_on}
    _record("milestone.changed", milestone, by=by, at=at, before=before, after=after)


def _check(scheme: Scheme, title: str, due_on: dt.date, but: Milestone | None = None) -> None:
    check_words(title)
    if not scheme.year_from <= due_on.year <= scheme.year_to:
        raise RuleError(
            _("The day lies outside the years of the scheme, %(first)s to %(last)s.")
            % {"first": scheme.year_from, "last": scheme.year_to}
        )
    rows = scheme.milestones.exclude(pk=but.pk) if but else scheme.milestones.all()
    if rows.filter(title=title.strip()).exists():
        raise RuleError(_("The scheme has this milestone already."))


# --- Duties that carry it ---------------------------------------------------------------------------
@action
def tie(milestone: Milestone, *, by: User, at: dt.datetime, assignment: Assignment) -> None:
    """Let a duty of a year's programme carry it; one duty a year.

    Raises RuleError when another carries it that year, the year is over, or no agency of the scheme leads
    the duty: those who carry a milestone read its scheme.
    """
    _hold(milestone, by)
    _check_pending(milestone)
    _tie(milestone, assignment, by=by, at=at)


def _tie(milestone: Milestone, assignment: Assignment, *, by: User, at: dt.datetime) -> None:
    if not scheme_access.carriers(by, milestone.scheme).filter(pk=assignment.pk).exists():
        raise RuleError(
            _("Choose a duty of a year that is not over, led by an agency that takes part in the scheme.")
        )
    carrying = milestone.duties.filter(assignment__programme=assignment.programme_id).first()
    if carrying:
        raise RuleError(
            _("Duty %(code)s of that year carries it already.") % {"code": carrying.assignment.code}
        )
    MilestoneDuty.objects.create(milestone=milestone, assignment=assignment, by=by, at=at)
    _record("milestone.tied", milestone, by=by, at=at, **_named(assignment))


@action
def untie(milestone: Milestone, *, by: User, at: dt.datetime, assignment: Assignment) -> None:
    """Let a duty carry it no more, while its year is not over."""
    _hold(milestone, by)
    _check_pending(milestone)
    tied = milestone.duties.filter(assignment=assignment).first()
    if tied is None:
        raise RuleError(_("Somebody did this before you. Open the page again."))
    if assignment.programme.state in ENDED_PROGRAMME:
        raise RuleError(_("The year is over; what carried the milestone then stays."))
    tied.delete()
    _record("milestone.untied", milestone, by=by, at=at, **_named(assignment))


@action
def draft(
    milestone: Milestone, *, by: User, at: dt.datetime, programme: Programme, task: PriorityTask
) -> Assignment:
    """Make a duty of it in a text that is written, for the lead of the scheme, due on the milestone's day."""
    held = assignment_drafts.hold(programme, by=by)
    _hold(milestone, by)
    _check_pending(milestone)
    last = dt.date(programme.year_to, 12, 31)
    duty = Duty(
        task_id=task.pk,
        task_number=task.number,
        title_vi=f"{milestone.scheme.title_vi}: {milestone.title}"[:500],
        lead=milestone.scheme.lead,
        deadline_on=min(max(milestone.due_on, dt.date(programme.year, 1, 31)), last),
        indicator_vi=INDICATOR,
        unit_vi=UNIT,
        target=Decimal(1),
    )
    (assignment,) = assignment_drafts.insert(held, [duty], by=by, at=at)
    _tie(milestone, assignment, by=by, at=at)
    return assignment


def follow(old: Assignment, new: Assignment, *, by: User, at: dt.datetime) -> None:
    """Let the duty of the next year carry what one carried that goes over into it. Within that action."""
    pending = Milestone.objects.filter(state__in=PENDING_MILESTONE, duties__assignment=old)
    for milestone in pending.exclude(duties__assignment__programme=new.programme_id):
        MilestoneDuty.objects.create(milestone=milestone, assignment=new, by=by, at=at)
        _record("milestone.tied", milestone, by=by, at=at, **_named(new))


def leave(new: Assignment, *, since: dt.datetime, is_new: bool, by: User, at: dt.datetime) -> None:
    """Let the duty of the next year carry no more what follow() gave it `since`: that was taken back.

    A duty that goes itself carries nothing more at all.
    """
    ties = MilestoneDuty.objects.filter(assignment=new).select_related("milestone__scheme__lead")
    for tied in ties if is_new else ties.filter(at=since, milestone__state__in=PENDING_MILESTONE):
        tied.delete()
        _record("milestone.untied", tied.milestone, by=by, at=at, **_named(new))


# --- Reaching ---------------------------------------------------------------------------------------
@action
def report(
    milestone: Milestone, *, by: User, at: dt.datetime, result: str, reached_on: dt.date, version: str = ""
) -> None:
    """Say that it is reached, on which day and by what it is seen; the officer confirms."""
    if not scheme_access.may_report(by, milestone):
        raise PermissionDenied
    words = result.strip()
    if not words:
        raise RuleError(_("Say by what it is seen."))
    check_words(words)
    if reached_on > local_day(at):
        raise RuleError(_("The day lies in the future."))
    _compare(milestone, version)
    facts: dict[str, Any] = {"result": words, "reached_on": reached_on, "reported_by": by, "note": ""}
    move(milestone, _S.REPORTED, MILESTONE, **facts)
    scheme_reminders.settle(milestone, at=at)
    scheme_reminders.tell(scheme_reminders.REPORTED, milestone, by=by, at=at)
    _record("milestone.reported", milestone, by=by, at=at, reached_on=reached_on)


@action
def confirm(milestone: Milestone, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Confirm that it is reached, as another person reported it."""
    milestone.refresh_from_db(fields=["reported_by"])
    if milestone.reported_by_id == by.pk and scheme_access.may_keep(by):
        raise RuleError(_("You reported this milestone. Somebody else confirms it."))
    _step(
        milestone,
        _S.REACHED,
        scheme_reminders.CONFIRMED,
        "milestone.confirmed",
        by=by,
        at=at,
        version=version,
    )


@action
def send_back(milestone: Milestone, *, by: User, at: dt.datetime, reason: str, version: str = "") -> None:
    """Send what was reported back: it is not reached yet."""
    _step(
        milestone,
        _S.OPEN,
        scheme_reminders.SENT_BACK,
        "milestone.sent_back",
        by=by,
        at=at,
        version=version,
        why=reason,
    )


@action
def drop(milestone: Milestone, *, by: User, at: dt.datetime, reason: str, version: str = "") -> None:
    """Drop one that will not be reached, or is wanted no more; why stays on record."""
    _step(
        milestone,
        _S.DROPPED,
        scheme_reminders.DROPPED,
        "milestone.dropped",
        by=by,
        at=at,
        version=version,
        why=reason,
    )


def _step(
    milestone: Milestone,
    to: _S,
    kind: Any,
    verb: str,
    *,
    by: User,
    at: dt.datetime,
    version: str,
    why: str | None = None,
) -> None:
    if not scheme_access.may_keep(by):
        raise PermissionDenied
    reason = "" if why is None else reasons.given(why)
    check_words(reason)
    _compare(milestone, version)
    move(milestone, to, MILESTONE, settled_by=by, settled_at=at, note=reason)
    scheme_reminders.settle(milestone, at=at)
    scheme_reminders.tell(kind, milestone, by=by, at=at)
    _record(verb, milestone, by=by, at=at, **({"reason": reason} if reason else {}))


# --- Reading ----------------------------------------------------------------------------------------
def wanted_in(programme: Programme) -> QuerySet[Milestone]:
    """Return what no duty of a programme carries, though its day lies in its years or has passed before."""
    carried = MilestoneDuty.objects.filter(milestone=OuterRef("pk"), assignment__programme=programme).exclude(
        assignment__status=AssignmentStatus.CANCELLED
    )
    rows = Milestone.objects.filter(
        ~Exists(carried),
        state=_S.OPEN,
        scheme__state=SchemeState.RUNNING,
        due_on__lte=dt.date(programme.year_to, 12, 31),
    )
    return rows.select_related("scheme__lead").order_by("due_on", "pk")


def waiting(rows: QuerySet[Milestone], *, until: dt.date) -> QuerySet[Milestone]:
    """Return those of running schemes that somebody has to see to, due by a day: annotated `is_reminded`.

    Open ones, those that were reported, and those whose duty was confirmed. `is_reminded`: a duty is owed
    that carries it, and is reported itself.
    """
    ties = MilestoneDuty.objects.filter(milestone=OuterRef("pk"))
    rows = rows.filter(scheme__state=SchemeState.RUNNING).annotate(
        is_reminded=Exists(ties.filter(scheme_reminders.REMINDING)),
        is_done=Exists(ties.filter(assignment__status=AssignmentStatus.CONFIRMED)),
    )
    is_near = Q(state=_S.OPEN) & (Q(due_on__lte=until) | Q(is_done=True))
    return rows.filter(is_near | Q(state=_S.REPORTED)).order_by("due_on", "pk")


# --- What each does ---------------------------------------------------------------------------------
def _hold(milestone: Milestone, by: User, version: str = "") -> None:
    """Lock scheme and milestone for those who keep them. Raises PermissionDenied, RuleError, StaleError."""
    schemes.hold(milestone.scheme, by=by)
    _compare(milestone, version)


def _compare(milestone: Milestone, version: str) -> None:
    """Lock it, bring it up to date, and refuse a page that shows it otherwise."""
    rows = Milestone.objects.select_for_update(of=("self",)).select_related("scheme__lead")
    milestone.refresh_from_db(from_queryset=rows)
    if version and version != version_of(milestone):
        raise StaleError(_("Someone changed this milestone after you opened the page."))


def _check_pending(milestone: Milestone) -> None:
    if milestone.state not in PENDING_MILESTONE:
        raise RuleError(_("The milestone is settled; what carried it stays."))


def _named(assignment: Assignment) -> dict[str, Any]:
    return {"code": assignment.code, "year": assignment.programme.year}


def _record(verb: str, milestone: Milestone, *, by: User, at: dt.datetime, **more: Any) -> None:
    scheme = milestone.scheme
    payload = {"scheme": scheme.title_vi, "milestone": milestone.title, **more}
    record(verb, milestone, by=by, at=at, agency_code=scheme.lead.code, payload=payload)
