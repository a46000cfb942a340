"""What happens to one agency's sheet: scored by itself, sent by its head, verified, looked at again.

Every step asks who may and looks again under the sheet's lock. `version` is the revision that the person
saw; a page older than the row is refused with StaleError, an empty one is not compared.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from portal.agencies.models import Agency
from portal.audit.events import record
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
from portal.users.models import User
from tasks import access as tasks_access
from tasks import acting, rating_figures, rating_reminders
from tasks import rating_access as access
from tasks.models import (
    Assignment,
    Evidence,
    RatingPoint,
    RatingProof,
    RatingRound,
    RatingSheet,
    Reexamination,
)
from tasks.rating_figures import Share
from tasks.states import OWED_SHEET, REEXAMINATION, SHEET, RatingState, ReexaminationState, SheetState

MOST_PROOFS = 10
"""Things that an agency shows for one point."""


@dataclass(frozen=True)
class Given:
    """What an agency gives itself for a criterion, and what that rests on."""

    points: Decimal | None
    note: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the officer decides for a criterion; points None: it cannot be told."""

    points: Decimal | None
    reason: str = ""


def version_of(sheet: RatingSheet) -> str:
    """Name the state of the row, to be carried by a form and compared when it comes back."""
    return str(sheet.revision)


# --- The agency ----------------------------------------------------------------------------------------
@action
def save(
    sheet: RatingSheet, *, by: User, at: dt.datetime, given: Mapping[int, Given], version: str = ""
) -> None:
    """Keep the self-score as it was typed; `given` by the key of the criterion."""
    _begin(sheet, access.may_score(by, sheet), version)
    _check_is_written(sheet)
    takes_over = sheet.saved_by_id != by.pk
    rows = list(sheet.points.select_related("criterion").filter(criterion__in=given))
    for row in rows:
        one = given[row.criterion_id]
        _check_points(row, one.points)
        row.self_points, row.self_note = one.points, one.note.strip()
    RatingPoint.objects.bulk_update(rows, ["self_points", "self_note"])
    sheet.saved_at, sheet.saved_by = at, by
    _touch(sheet, "saved_at", "saved_by")
    if takes_over:
        _record("rating.scored", sheet, by=by, at=at)


@action
def prove(
    point: RatingPoint, *, by: User, at: dt.datetime, assignment: Assignment, evidence: Evidence | None = None
) -> RatingProof:
    """Show a duty of one's own agency for a point, or a file that it added there."""
    sheet = point.sheet
    _begin(sheet, access.may_score(by, sheet))
    _check_is_written(sheet)
    is_own = assignment.programme_id == sheet.round.programme_id and tasks_access.takes_part(by, assignment)
    if evidence is not None:
        is_own &= evidence.assignment_id == assignment.pk and evidence.agency_id == sheet.agency_id
    if not is_own:
        raise RuleError(_("Show a duty in which your agency takes part, or a file that it added there."))
    if point.proofs.filter(assignment=assignment, evidence=evidence).exists():
        raise RuleError(_("This is shown here already."))
    if point.proofs.count() >= MOST_PROOFS:
        raise RuleError(_("No more than %(most)d things are shown for one point.") % {"most": MOST_PROOFS})
    proof = RatingProof.objects.create(point=point, assignment=assignment, evidence=evidence)
    _touch(sheet)
    _record("rating.proof_added", sheet, by=by, at=at, code=assignment.code)
    return proof


@action
def drop_proof(proof: RatingProof, *, by: User, at: dt.datetime) -> None:
    """Show it no more, while the self-score has not been submitted."""
    sheet = proof.point.sheet
    _begin(sheet, access.may_score(by, sheet))
    _check_is_written(sheet)
    held = RatingProof.objects.filter(pk=proof.pk).first()  # the sheet is held
    if held is None:
        raise RuleError(_("Somebody did this before you. Open the page again."))
    _record("rating.proof_dropped", sheet, by=by, at=at, code=proof.assignment.code)
    held.delete()
    _touch(sheet)


@action
def submit(sheet: RatingSheet, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Put the self-score before the head; what a head submits goes on to the command at once."""
    _begin(sheet, access.may_score(by, sheet), version)
    _check_is_written(sheet)
    lacking = [row for row in sheet.points.select_related("criterion") if _is_lacking(row)]
    if lacking:
        titles = "; ".join(row.criterion.title for row in lacking)
        raise RuleError(_("Points, and what they rest on, are missing for: %(titles)s.") % {"titles": titles})
    move(sheet, SheetState.AWAITING_HEAD, SHEET, send_back_reason="", revision=sheet.revision + 1)
    _record("rating.submitted_to_head", sheet, by=by, at=at)
    if access.may_approve(by, sheet):
        send(sheet, by=by, at=at)
    else:
        rating_reminders.tell(rating_reminders.AWAITING_HEAD, sheet, by=by, at=at)


def _is_lacking(row: RatingPoint) -> bool:
    """Of a figure the portal's stands where the agency gives none; what is judged needs words or proof."""
    if not row.criterion.is_judged:
        return False
    return row.self_points is None or not (row.self_note or row.proofs.exists())


@action
def send(sheet: RatingSheet, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Send the self-score to the command in the agency's name."""
    _begin(sheet, access.may_approve(by, sheet), version)
    acts = acting.capacity(by, sheet.agency)
    columns: dict[str, Any] = {
        "sent_at": at,
        "sent_by": by,
        "sent_capacity": acts,
        "revision": sheet.revision + 1,
    }
    move(sheet, SheetState.SENT, SHEET, **columns)
    rating_reminders.settle_owed(sheet, at=at)
    rating_reminders.tell_officers_of(rating_reminders.SENT, sheet, by=by, at=at)
    _record("rating.sent", sheet, by=by, at=at, **acting.facts(acts))


@action
def send_back(sheet: RatingSheet, *, by: User, at: dt.datetime, reason: str) -> None:
    """Give the self-score back to be mended."""
    _begin(sheet, access.may_approve(by, sheet))
    why = reasons.given(reason)
    move(sheet, SheetState.DRAFT, SHEET, send_back_reason=why, revision=sheet.revision + 1)
    rating_reminders.settle_step(sheet, at=at)
    rating_reminders.tell(rating_reminders.SENT_BACK, sheet, by=by, at=at)
    _record(
        "rating.sent_back", sheet, by=by, at=at, reason=why, **acting.facts(acting.capacity(by, sheet.agency))
    )


# --- The officer -------------------------------------------------------------------------------------------
@action
def verify(
    sheet: RatingSheet, *, by: User, at: dt.datetime, verdicts: Mapping[int, Verdict], version: str = ""
) -> None:
    """Decide every point; `verdicts` by the key of the criterion. May be done again until points are told.

    1. A silent agency's sheet is verified once the day for self-scores has passed.
    2. The portal's figures are counted anew and kept beside the points, with the rows behind them.
    3. A reason is needed where the points differ from the self-score or from the figure, and where there
       is neither. Points None: nothing can be told, which is said of a figure only.
    """
    _begin(sheet, access.may_verify(by, sheet), version)
    today = local_day(at)
    if sheet.state in OWED_SHEET and today <= sheet.round.self_due_on:
        raise RuleError(_("The agency may still score itself; its points are verified after that."))
    figures = rating_figures.read(sheet.round, [sheet.agency_id], today=today)[sheet.agency_id]
    rows = list(sheet.points.select_related("criterion"))
    for row in rows:
        verdict = verdicts.get(row.criterion_id)
        if verdict is None:
            raise RuleError(_("Decide every criterion."))
        _decide(row, verdict, figures)
    RatingPoint.objects.bulk_update(rows, ["computed", "points", "reason"])
    columns: dict[str, Any] = {"verified_at": at, "verified_by": by, "revision": sheet.revision + 1}
    if sheet.state == SheetState.VERIFIED:
        for name, value in columns.items():
            setattr(sheet, name, value)
        sheet.save(update_fields=list(columns))
    else:
        move(sheet, SheetState.VERIFIED, SHEET, **columns)
        rating_reminders.settle_owed(sheet, at=at)
    _record("rating.verified", sheet, by=by, at=at)


def _decide(row: RatingPoint, verdict: Verdict, figures: Mapping[str, Share]) -> None:
    _check_points(row, verdict.points)
    criterion, reason = row.criterion, verdict.reason.strip()
    share = None if criterion.is_judged else figures.get(criterion.measure, Share())
    counted = share.points(criterion.weight) if share else None
    if verdict.points is None and (criterion.is_judged or counted is not None):
        raise RuleError(
            _("%(title)s: give points; only a figure of which nothing can be told is left open.")
            % {"title": criterion.title}
        )
    if not reason and needs_reason(verdict.points, row.self_points, counted):
        raise RuleError(_("%(title)s: give the reason of these points.") % {"title": criterion.title})
    row.computed = share.stored() if share else None
    row.points, row.reason = verdict.points, reason


def needs_reason(points: Decimal | None, self_points: Decimal | None, counted: Decimal | None) -> bool:
    """Whether points do not speak for themselves: they follow neither the self-score nor the figure."""
    known = [value for value in (self_points, counted) if value is not None]
    return any(points != value for value in known) or (not known and points is not None)


# --- Re-examination -----------------------------------------------------------------------------------------
@action
def ask_again(point: RatingPoint, *, by: User, at: dt.datetime, reason: str) -> Reexamination:
    """Ask the command to look at a point again, with the reason; once for each point."""
    sheet = point.sheet
    _begin(sheet, access.may_approve(by, sheet), state=RatingState.REVIEW)
    last = sheet.round.review_until
    if last is not None and local_day(at) > last:
        raise RuleError(_("Re-examination could be asked for until %(day)s.") % {"day": f"{last:%d/%m/%Y}"})
    if Reexamination.objects.filter(point=point).exists():
        raise RuleError(_("Your agency has asked about this point already."))
    point.refresh_from_db()
    row = Reexamination.objects.create(
        point=point, reason=reasons.given(reason), asked_at=at, asked_by=by, old_points=point.points
    )
    rating_reminders.tell_officers_of(rating_reminders.ASKED, sheet, by=by, at=at)
    _record("rating.reexamination_asked", sheet, by=by, at=at, criterion=point.criterion.order)
    return row


@action
def answer(row: Reexamination, *, by: User, at: dt.datetime, points: Decimal | None, answer: str) -> None:
    """Answer the agency: with other points or the same, with the reason in either case."""
    point = row.point
    sheet = point.sheet
    _begin(sheet, access.may_verify(by, sheet), state=RatingState.REVIEW)
    _check_points(point, points)
    said = reasons.given(answer)
    point.refresh_from_db(from_queryset=RatingPoint.objects.select_related("criterion"))
    if points is None and point.points is not None:
        raise RuleError(_("Give points, the same or others."))
    move(row, ReexaminationState.ANSWERED, REEXAMINATION, answer=said, answered_at=at, answered_by=by)
    point.points = points
    point.save(update_fields=["points"])
    _touch(sheet)
    if not _asked(sheet).exists():
        rating_reminders.settle_asked(sheet, at=at)
    rating_reminders.tell(rating_reminders.ANSWERED, sheet, by=by, at=at)
    _record(
        "rating.reexamined",
        sheet,
        by=by,
        at=at,
        criterion=point.criterion.order,
        is_changed=points != row.old_points,
    )


# --- A change of agencies -----------------------------------------------------------------------------
def passing(gone: Iterable[Agency], heirs: Mapping[int, Agency | None]) -> dict[int, Agency]:
    """Return who goes on with which sheet of agencies that end, by its key, in ratings that are not approved.

    Who is rated already keeps its own sheet alone: what its predecessor left is verified by the officer, as
    any silent agency's.
    """
    moves = {agency.pk: heir for agency in gone if (heir := heirs.get(agency.pk))}
    going_on = RatingSheet.objects.filter(round__state__in=(RatingState.SCORING, RatingState.REVIEW))
    taken = set(going_on.filter(agency__in=moves.values()).values_list("round_id", "agency_id"))
    found: dict[int, Agency] = {}
    for sheet in going_on.filter(agency__in=moves).order_by("pk"):
        heir = moves[sheet.agency_id]
        if (sheet.round_id, heir.pk) not in taken:
            taken.add((sheet.round_id, heir.pk))
            found[sheet.pk] = heir
    return found


def pass_on(gone: Iterable[Agency], heirs: Mapping[int, Agency | None], *, by: User, at: dt.datetime) -> int:
    """Let successors go on with the sheets; return how many. Only within the action of the change."""
    found = passing(gone, heirs)
    rounds = RatingRound.objects.select_for_update(of=("self",)).filter(sheets__in=found)
    list(rounds.order_by("pk"))  # nobody tells points meanwhile
    sheets = RatingSheet.objects.select_for_update(of=("self",)).filter(pk__in=found).order_by("pk")
    for sheet in sheets.select_related("round__programme__host", "agency"):
        codes = {"before": {"agency": sheet.agency.code}, "after": {"agency": found[sheet.pk].code}}
        sheet.agency = found[sheet.pk]
        _touch(sheet, "agency")
        rating_reminders.settle_owed(sheet, at=at)
        if sheet.state in OWED_SHEET and sheet.round.state == RatingState.SCORING:
            rating_reminders.tell(rating_reminders.OPENED, sheet, by=by, at=at)
        _record("rating.taken_over", sheet, by=by, at=at, **codes)
    return len(found)


def _asked(sheet: RatingSheet) -> Any:
    return Reexamination.objects.filter(point__sheet=sheet, state=ReexaminationState.ASKED)


# --- What every step does ---------------------------------------------------------------------------
def _begin(
    sheet: RatingSheet, allowed: bool, version: str = "", *, state: RatingState = RatingState.SCORING
) -> None:
    """Lock round and sheet and bring it up to date; refuse the wrong person, state of the round, or page."""
    if not allowed:
        raise PermissionDenied
    RatingRound.objects.select_for_update(of=("self",)).get(
        pk=sheet.round_id
    )  # nobody tells points meanwhile
    rows = RatingSheet.objects.select_for_update(of=("self",))
    sheet.refresh_from_db(from_queryset=rows.select_related("round__programme__host", "agency"))
    if version and version != version_of(sheet):
        raise StaleError(_("Someone changed this sheet after you opened the page."))
    if sheet.round.state != state:
        raise RuleError(
            _("This step is no longer possible: the present state is “%(state)s”.")
            % {"state": sheet.round.get_state_display()}
        )


def _check_is_written(sheet: RatingSheet) -> None:
    if sheet.state != SheetState.DRAFT:
        raise RuleError(_("The self-score was submitted; it changes only when the head sends it back."))


def _check_points(row: RatingPoint, points: Decimal | None) -> None:
    if points is not None and not 0 <= points <= row.criterion.weight:
        raise RuleError(
            _("%(title)s: give from 0 to %(weight)s points.")
            % {"title": row.criterion.title, "weight": row.criterion.weight}
        )


def _touch(sheet: RatingSheet, *columns: str) -> None:
    sheet.revision += 1
    sheet.save(update_fields=[*columns, "revision"])


def _record(verb: str, sheet: RatingSheet, *, by: User, at: dt.datetime, **more: object) -> None:
    payload = {"year": sheet.round.programme.year, "agency": sheet.agency.code, **more}
    record(verb, sheet, by=by, at=at, agency_code=sheet.agency.code, payload=payload)
