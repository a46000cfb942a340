"""What the year left unfinished: carried over into the next programme, cancelled, or left open.

Carried over a duty stays unfinished in the year that it leaves, and its history stays with it; in the next
year it is a draft like any other until that programme is signed. Lock order: programmes by year, then
assignments by code.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.calendar.models import load_calendar
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.lib.states import move
from portal.users.models import User
from tasks import (
    additions,
    assignments,
    copies,
    due_days,
    indicators,
    milestones,
    year_access,
    year_reminders,
)
from tasks.models import Aggregation, Assignment, Direction, Indicator, Programme, Quota, YearEndDecision
from tasks.models.assignments import AssignmentQuerySet
from tasks.states import (
    ASSIGNMENT,
    CARRIED_BACK,
    EDITABLE_PROGRAMME,
    UNFINISHED_ASSIGNMENT,
    AssignmentStatus,
    ProgrammeState,
)

_S = AssignmentStatus
Choice = YearEndDecision.Choice
LONGEST_CHAIN = 50
"""Years that a chain of carried duties is followed: no programme is older."""


@dataclass(frozen=True)
class Decision:
    """What is to become of one duty. `version` is the state of the row that the person saw."""

    choice: str
    reason: str = ""
    with_remainder: bool = False
    version: str = ""


# --- Reading ----------------------------------------------------------------------------------------
def unfinished(programme: Programme) -> AssignmentQuerySet:
    """Return the duties of which somebody has to say what becomes of them, those left open too."""
    rows = programme.assignments.filter(status__in=UNFINISHED_ASSIGNMENT)
    return rows.select_related("lead", "programme", "task", "measure", "year_end").order_by("code")


def choices(row: Assignment) -> list[str]:
    """Return what may be decided on a duty: what its status allows, and leaving it open."""
    targets = ASSIGNMENT.get(row.status, frozenset())
    found = {Choice.CARRIED: _S.CARRIED_OVER, Choice.CANCELLED: _S.CANCELLED}
    return [*(choice for choice, status in found.items() if status in targets), Choice.LEFT_OPEN]


def next_text(programme: Programme) -> Programme | None:
    """Return the programme of the year after, while its text may still change."""
    rows = Programme.objects.filter(year__gt=programme.year, state__in=EDITABLE_PROGRAMME)
    return rows.order_by("year").first()


def undecided(programme: Programme) -> AssignmentQuerySet:
    """Return those on which nobody has decided yet."""
    return unfinished(programme).filter(year_end=None)


def hindrances(programme: Programme) -> list[str]:
    """Say what keeps a programme from being closed, one sentence each. Two queries."""
    found = []
    if waiting := programme.assignments.filter(status=_S.SUBMITTED).count():
        found.append(
            _("Results that wait for confirmation: %(count)s. Confirm or reject them first.")
            % {"count": waiting}
        )
    if codes := list(undecided(programme).values_list("code", flat=True)):
        found.append(
            _("Unfinished duties on which nobody has decided: %(codes)s.") % {"codes": ", ".join(codes)}
        )
    return found


def can_halve(row: Assignment) -> bool:
    """Whether what remains of the target means anything: figures that add up, and more is better."""
    measure = indicators.in_hand(row)
    adds_up = measure.aggregation == Aggregation.SUM and measure.direction == Direction.HIGHER
    return adds_up and 0 < row.actual < row.target


def chain(row: Assignment) -> list[YearEndDecision]:
    """Return how a duty came here through the years, the newest first; a query a year."""
    found: list[YearEndDecision] = []
    rows = YearEndDecision.objects.select_related("assignment__programme", "assignment__lead", "by")
    key: int | None = row.pk
    while key is not None and len(found) < LONGEST_CHAIN:
        step = rows.filter(carried_to=key).first()
        key = step.assignment_id if step else None
        found += [step] if step else []
    return found


# --- Deciding ---------------------------------------------------------------------------------------
@action
def decide(
    programme: Programme, *, by: User, at: dt.datetime, decisions: Mapping[int, Decision]
) -> dict[str, int]:
    """Decide on unfinished duties, by their keys; return how many by choice. All of them, or none.

    Raises StaleError when one was changed since it was shown, RuleError when there is no text of the next
    year to carry it into, or when a reason lacks.
    """
    if not year_access.may_decide_unfinished(by, programme):
        raise PermissionDenied
    programme.refresh_from_db(from_queryset=Programme.objects.select_for_update(of=("self",)))
    if programme.state != ProgrammeState.IN_FORCE:
        raise RuleError(_("The programme is not in force; its assignments do not move."))
    target = None
    if any(decision.choice == Choice.CARRIED for decision in decisions.values()):
        target = _target(programme)
    counts = dict.fromkeys(Choice.values, 0)
    for row in unfinished(programme).filter(pk__in=decisions):
        _decide(row, decisions[row.pk], target, by=by, at=at)
        counts[decisions[row.pk].choice] += 1
    if sum(counts.values()) < len(decisions):
        raise RuleError(_("Some of these duties are not unfinished any more. Open the page again."))
    return counts


def _target(programme: Programme) -> Programme:
    """Lock the text of the next year, and see to it that it can take duties."""
    found = next_text(programme)
    target = Programme.objects.select_for_update(of=("self",)).get(pk=found.pk) if found else None
    if target is None or target.state not in EDITABLE_PROGRAMME:
        raise RuleError(
            _("There is no text of next year that could take the duties. Begin next year's programme first.")
        )
    if not target.priority_tasks.exists():
        raise RuleError(_("Next year's programme has no priority task yet. Write one first."))
    return target


def _decide(
    row: Assignment, decision: Decision, target: Programme | None, *, by: User, at: dt.datetime
) -> None:
    assignments.begin(row, True, decision.version)
    if decision.choice not in choices(row):
        raise RuleError(
            _("%(code)s: this cannot be decided while its status is “%(status)s”.")
            % {"code": row.code, "status": row.get_status_display()}
        )
    if decision.choice != Choice.CARRIED and not decision.reason.strip():
        raise RuleError(_("%(code)s: give a reason.") % {"code": row.code})
    before, carried_to, is_new = row.status, None, False
    if decision.choice == Choice.CARRIED and target:
        carried_to, is_new = _carry(row, target, with_remainder=decision.with_remainder)
        milestones.follow(row, carried_to, by=by, at=at)
    YearEndDecision.objects.update_or_create(
        assignment=row,
        defaults={
            "choice": decision.choice,
            "status_before": before,
            "reason": decision.reason.strip(),
            "carried_to": carried_to,
            "made_duty": is_new,
            "with_remainder": bool(carried_to) and decision.with_remainder,
            "by": by,
            "at": at,
        },
    )
    _step(row, decision, carried_to, by=by, at=at)


def _step(
    row: Assignment, decision: Decision, carried_to: Assignment | None, *, by: User, at: dt.datetime
) -> None:
    reason = decision.reason.strip()
    if carried_to:
        words = reason or _("Carried over into the programme of %(year)s.") % {
            "year": carried_to.programme.year  # as what stands in a draft, which its reader may not see
        }
        kind = year_reminders.CARRIED_OVER
        assignments.step(
            row, _S.CARRIED_OVER, "assignment.carried_over", by=by, at=at, tell=kind, reason=words
        )
    elif decision.choice == Choice.CANCELLED:
        kind = year_reminders.ENDED
        assignments.step(row, _S.CANCELLED, "assignment.cancelled", by=by, at=at, tell=kind, reason=reason)
    else:
        row.changed_at = at  # a page that shows it undecided is stale
        row.save(update_fields=["changed_at"])
        payload = {"code": row.code, "year": row.programme.year, "status": row.status}
        record("assignment.left_open", row, by=by, at=at, agency_code=row.lead.code, payload=payload)


def _carry(row: Assignment, target: Programme, *, with_remainder: bool) -> tuple[Assignment, bool]:
    """Return the duty of the next year and whether it is new: a copy that a begun year has becomes it."""
    copy = target.assignments.filter(copied_from=row, carried_from=None).first()
    is_new = copy is None
    if copy is None:
        places = copies.Places.of(target)
        task = places.tasks.get(row.task.number) or places.tasks[min(places.tasks)]
        is_free = not target.assignments.filter(code=row.code).exists()
        code = row.code if is_free and task.number == row.task.number else additions.next_code(task, ())
        copy = copies.duty(row, places, code=code)
        due_days.refresh(target.assignments.filter(pk=copy.pk), calendar=load_calendar())
    if with_remainder:
        _halve(row, copy)
    return copy, is_new


def _halve(row: Assignment, copy: Assignment) -> None:
    """Let the copy aim at what remains; shares that were settled pass with what remains of each."""
    if not can_halve(row):
        raise RuleError(
            _("%(code)s: nothing remains of the target that could be carried over by itself.")
            % {"code": row.code}
        )
    copy.target = row.target - row.actual
    copy.save(update_fields=["target"])
    measure = Indicator.objects.filter(assignment=row).first()
    if measure is None or not measure.quotas.exists():
        return
    taken, _made = Indicator.objects.get_or_create(
        assignment=copy, defaults={"aggregation": measure.aggregation, "cycle": measure.cycle}
    )
    reached = indicators.values_of(measure.figures.all(), measure.aggregation)
    parts = [
        Quota(indicator=taken, agency_id=part.agency_id, locality_id=part.locality_id, share=share)
        for part in measure.quotas.all()
        if (share := max(part.share - reached.get(part.pk, Decimal(0)), Decimal(0)))
    ]
    taken.quotas.all().delete()
    Quota.objects.bulk_create(parts)


@action
def take_back(decision: YearEndDecision, *, by: User, at: dt.datetime, reason: str) -> None:
    """Undo carrying over while the next text is not signed; the duty is again what it was.

    Its copy goes where it was made for this alone; one that the begun year had already stays a copy.
    """
    row = decision.assignment
    if not year_access.may_decide_unfinished(by, row.programme):
        raise PermissionDenied
    programmes = Programme.objects.select_for_update(of=("self",))
    programmes_by_year = list(programmes.filter(pk__in=_programmes_of(decision)).order_by("year"))
    held = YearEndDecision.objects.select_for_update(of=("self",)).filter(pk=decision.pk).first()
    if held is None:
        raise RuleError(_("Somebody did this before you. Open the page again."))
    decision = held
    if decision.carried_to is None:
        raise RuleError(_("This duty was not carried over."))
    if programmes_by_year[0].state != ProgrammeState.IN_FORCE:
        raise RuleError(_("The programme is not in force; its assignments do not move."))
    if programmes_by_year[-1].state not in EDITABLE_PROGRAMME:
        raise RuleError(_("The text of next year is being signed; the duty stays there."))
    reason = reasons.given(reason)
    move(
        row,
        decision.status_before,
        CARRIED_BACK,
        field="status",
        decision_note=reason,
        changed_at=at,
    )
    copy, is_new = decision.carried_to, decision.made_duty
    decision.delete()
    milestones.leave(copy, since=decision.at, is_new=is_new, by=by, at=at)
    _forget(copy, row, is_new=is_new)
    assignments.note(row, by=by, at=at, text=reason)
    payload = {"code": row.code, "year": row.programme.year, "status": row.status}
    record("assignment.carrying_taken_back", row, by=by, at=at, agency_code=row.lead.code, payload=payload)


def _programmes_of(decision: YearEndDecision) -> set[int]:
    to = decision.carried_to
    return {decision.assignment.programme_id, to.programme_id if to else decision.assignment.programme_id}


def _forget(copy: Assignment, row: Assignment, *, is_new: bool) -> None:
    """Delete the draft made for the carried duty; the copy of a begun year aims at the whole again."""
    if not is_new:
        copy.target = row.target
        copy.save(update_fields=["target"])
        return
    try:
        copy.delete()
    except ProtectedError as error:
        raise RuleError(
            _("%(code)s of next year is spoken of already; it cannot be taken back.") % {"code": copy.code}
        ) from error
