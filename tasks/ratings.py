"""What happens to the rating of a year: criteria published, points told, grades proposed and approved.

Every step asks who may and looks again under the round's lock. Lock order: round, sheet, point.
What happens to one agency's sheet stands in tasks.rating_sheets.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from portal.audit.events import canonical, record
from portal.files.store import sha256_of
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
from portal.users.models import User
from tasks import parties, rating_contents, rating_reminders, rating_schemes
from tasks import rating_access as access
from tasks.models import (
    Programme,
    RatingDecision,
    RatingGrade,
    RatingPoint,
    RatingRound,
    RatingSheet,
    Reexamination,
)
from tasks.rating_schemes import Scheme, Terms
from tasks.states import RATED_PROGRAMME, RATING, RatingState, ReexaminationState, SheetState

SELF_DAYS = 14
"""Days that agencies are offered for their self-scores."""

REVIEW_DAYS = 5
"""Days that agencies are offered to ask for re-examination."""


@dataclass(frozen=True)
class Proposal:
    """The grade that is proposed for an agency; the reason where the points give another one."""

    grade: RatingGrade
    reason: str = ""


def version_of(round_: RatingRound) -> str:
    """Name the state of the row, to be carried by a form and compared when it comes back."""
    return str(round_.revision)


@action
def prepare(programme: Programme, *, by: User, at: dt.datetime) -> RatingRound:
    """Begin the rating of a year with last year's criteria, else with those that are offered."""
    if not access.may_prepare(by, programme):
        raise PermissionDenied
    programme.refresh_from_db(from_queryset=Programme.objects.select_for_update(of=("self",)))
    if programme.state not in RATED_PROGRAMME:
        raise RuleError(_("Agencies are rated for a programme that is in force or was closed."))
    if RatingRound.objects.filter(programme=programme).exists():
        raise RuleError(_("The rating of this year was begun already."))
    round_ = RatingRound.objects.create(
        programme=programme,
        counts_until=dt.date(programme.year_to, 12, 31),
        self_due_on=local_day(at) + dt.timedelta(days=SELF_DAYS),
        prepared_by=by,
    )
    rating_schemes.write(round_, rating_schemes.offered(programme.year))
    _record("rating.prepared", round_, by=by, at=at)
    return round_


@action
def edit(
    round_: RatingRound, *, by: User, at: dt.datetime, terms: Terms, scheme: Scheme, version: str = ""
) -> None:
    """Change criteria, grades and days while they are a draft."""
    if not access.may_prepare(by, round_.programme):
        raise PermissionDenied
    _lock(round_, version)
    _check(round_, RatingState.DRAFT, _("The criteria are published; they do not change any more."))
    rating_schemes.write(round_, scheme)
    for name, value in vars(terms).items():
        setattr(round_, name, value)
    round_.revision += 1
    round_.save(update_fields=[*vars(terms), "revision"])
    _record("rating.edited", round_, by=by, at=at)


@action
def publish(round_: RatingRound, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Publish the criteria: from now on they are frozen, and agencies score themselves.

    `version` is the revision that was shown: nobody freezes criteria that they have not read.

    1. The weights have to add up to 100, and there has to be time for the self-scores.
    2. Every party but the host gets its sheet, with a row for each criterion.
    3. Every agency is told.
    """
    if not access.may_publish(by, round_):
        raise PermissionDenied
    _lock(round_, version)
    scheme = rating_schemes.of(round_)
    rating_schemes.check_grades(scheme)
    rating_schemes.check_whole(scheme)
    if round_.self_due_on < local_day(at):
        raise RuleError(_("The day for the self-scores has passed. Choose a later one first."))
    edition = rating_schemes.edition(round_, scheme)
    sha256 = sha256_of(canonical(edition).encode())
    move(
        round_,
        RatingState.SCORING,
        RATING,
        edition=edition,
        edition_sha256=sha256,
        published_at=at,
        revision=round_.revision + 1,
    )
    sheets = _make_sheets(round_)
    rating_reminders.tell_all(rating_reminders.OPENED, sheets, by=by, at=at, due_on=round_.self_due_on)
    _record("rating.published", round_, by=by, at=at, content_sha256=sha256, until=round_.self_due_on)


def _make_sheets(round_: RatingRound) -> list[RatingSheet]:
    rated = parties.agencies(round_.programme).exclude(pk=round_.programme.host_id)
    sheets = RatingSheet.objects.bulk_create(RatingSheet(round=round_, agency=agency) for agency in rated)
    criteria = list(round_.criteria.all())
    RatingPoint.objects.bulk_create(
        RatingPoint(sheet=sheet, criterion=criterion) for sheet in sheets for criterion in criteria
    )
    return sheets


@action
def announce(round_: RatingRound, *, by: User, at: dt.datetime, review_until: dt.date) -> None:
    """Tell every agency its verified points; until the day it may ask to look again."""
    if not access.may_prepare(by, round_.programme):
        raise PermissionDenied
    _lock(round_)
    _check(round_, RatingState.SCORING, _("Points are told once, after the self-scores."))
    if round_.sheets.exclude(state=SheetState.VERIFIED).exists():
        raise RuleError(_("The points of some agencies are not verified yet."))
    if review_until <= local_day(at):
        raise RuleError(_("Give agencies at least until tomorrow to ask for re-examination."))
    move(round_, RatingState.REVIEW, RATING, review_until=review_until)
    sheets = list(round_.sheets.select_related("agency"))
    rating_reminders.settle_scoring(sheets, at=at)
    rating_reminders.tell_all(rating_reminders.TOLD, sheets, by=by, at=at, due_on=review_until)
    _record("rating.announced", round_, by=by, at=at, until=review_until)


@action
def propose(round_: RatingRound, *, by: User, at: dt.datetime, proposals: Mapping[int, Proposal]) -> None:
    """Put a grade for every agency before the commander; `proposals` by the key of the sheet.

    Raises RuleError while agencies may still ask, while one waits for its answer, and where another grade
    than the points give has no reason.
    """
    if not access.may_prepare(by, round_.programme):
        raise PermissionDenied
    _lock(round_)
    _check(round_, RatingState.REVIEW, _("Grades are proposed once the points were told."))
    if round_.review_until is not None and local_day(at) <= round_.review_until:
        raise RuleError(
            _("Agencies may ask for re-examination until %(day)s. Propose the grades after that.")
            % {"day": f"{round_.review_until:%d/%m/%Y}"}
        )
    asked = Reexamination.objects.filter(point__sheet__round=round_, state=ReexaminationState.ASKED)
    if asked.exists():
        raise RuleError(_("A request for re-examination waits for its answer."))
    _write_grades(round_, proposals)
    move(round_, RatingState.PROPOSED, RATING, return_reason="", revision=round_.revision + 1)
    rating_reminders.settle_round(round_, at=at)
    rating_reminders.tell_commander(round_, by=by, at=at)
    _record("rating.proposed", round_, by=by, at=at)


def _write_grades(round_: RatingRound, proposals: Mapping[int, Proposal]) -> None:
    lines = rating_contents.lines(round_)
    for line in lines:
        proposal = proposals.get(line.sheet.pk)
        if proposal is None or proposal.grade.round_id != round_.pk:
            raise RuleError(_("Propose a grade for every agency."))
        reason = proposal.reason.strip()
        if proposal.grade != line.computed_grade and not reason:
            raise RuleError(
                _("%(agency)s: say why the grade is another one than the points give.")
                % {"agency": line.sheet.agency.name}
            )
        line.sheet.grade, line.sheet.grade_reason = proposal.grade, reason
    RatingSheet.objects.bulk_update([line.sheet for line in lines], ["grade", "grade_reason"])


@action
def give_back(round_: RatingRound, *, by: User, at: dt.datetime, reason: str) -> None:
    """Give the proposal back to the officer, with the reason."""
    if not access.may_decide(by, round_.programme):
        raise PermissionDenied
    reason = reasons.given(reason)
    _lock(round_)
    _check(round_, RatingState.PROPOSED, _("No proposal waits for the commander's decision."))
    move(round_, RatingState.REVIEW, RATING, return_reason=reason, revision=round_.revision + 1)
    rating_reminders.settle_round(round_, at=at)
    rating_reminders.tell_officers(rating_reminders.GIVEN_BACK, round_, by=by, at=at)
    _record("rating.given_back", round_, by=by, at=at, reason=reason)


@action
def approve(round_: RatingRound, *, by: User, at: dt.datetime, version: str = "") -> RatingDecision:
    """Approve the grades that were shown: they are frozen, and every agency hears of its own."""
    if not access.may_decide(by, round_.programme):
        raise PermissionDenied
    _lock(round_, version)
    lines = rating_contents.lines(round_)
    public = rating_contents.public_list(lines) if round_.is_list_public else None
    move(round_, RatingState.APPROVED, RATING, public_list=public)
    content = rating_contents.content(round_, lines)
    sha256 = sha256_of(canonical(content).encode())
    decision = RatingDecision.objects.create(
        round=round_, content=content, content_sha256=sha256, approved_at=at, approved_by=by
    )
    rating_reminders.settle_round(round_, at=at)
    sheets = [line.sheet for line in lines]
    rating_reminders.tell_all(rating_reminders.APPROVED, sheets, by=by, at=at)
    _record("rating.approved", round_, by=by, at=at, content_sha256=sha256)
    return decision


def is_intact(decision: RatingDecision) -> bool:
    """Whether the approved content still has the hash that the audit trail knows."""
    return sha256_of(canonical(decision.content).encode()) == decision.content_sha256


# --- What every step does ------------------------------------------------------------------------
def _lock(round_: RatingRound, version: str = "") -> None:
    rows = RatingRound.objects.select_for_update(of=("self",)).select_related("programme__host")
    round_.refresh_from_db(from_queryset=rows)
    if version and version != version_of(round_):
        raise StaleError(_("Someone changed the rating after you opened the page."))


def _check(round_: RatingRound, state: RatingState, words: str) -> None:
    if round_.state != state:
        raise RuleError(words)


def _record(verb: str, round_: RatingRound, *, by: User, at: dt.datetime, **more: object) -> None:
    programme = round_.programme
    payload = {"year": programme.year, **more}
    record(verb, round_, by=by, at=at, agency_code=programme.host.code, payload=payload)
