"""The ledger of shortcomings: noted, answered by solutions of a programme, and reviewed each year."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.lib.states import move
from portal.users.models import User
from tasks import review_access
from tasks.models import Assignment, Programme, Shortcoming, ShortcomingReview, Solution
from tasks.states import EDITABLE_PROGRAMME, OPEN_PROGRAMME, SHORTCOMING, ShortcomingState

Verdict = ShortcomingReview.Verdict


@action
def note(programme: Programme, *, by: User, at: dt.datetime, columns: Mapping[str, Any]) -> Shortcoming:
    """Write a shortcoming of a year into the ledger. Raises RuleError when it stands there already."""
    if not review_access.may_write_ledger(by, programme):
        raise PermissionDenied
    if programme.state not in OPEN_PROGRAMME:
        raise RuleError(_("Shortcomings are found in a year whose programme was signed."))
    Programme.objects.select_for_update(of=("self",)).get(pk=programme.pk)
    if Shortcoming.objects.filter(programme=programme, text=columns["text"]).exists():
        raise RuleError(_("This shortcoming stands in the ledger of the year already."))
    row = Shortcoming.objects.create(programme=programme, noted_by=by, noted_at=at, **columns)
    _record("shortcoming.noted", row, by=by, at=at)
    return row


@action
def answer(row: Shortcoming, *, by: User, at: dt.datetime, solution: Solution, takes: bool = True) -> None:
    """Let a solution of a text that is written answer it, or with `takes` False no more."""
    if not review_access.may_write_ledger(by, row.programme):
        raise PermissionDenied
    row.refresh_from_db(from_queryset=_rows())
    programme = Programme.objects.select_for_update(of=("self",)).get(pk=solution.programme_id)
    if programme.state not in EDITABLE_PROGRAMME:
        raise RuleError(_("The text is frozen for signing; nothing of it changes."))
    if takes and row.state != ShortcomingState.OPEN:
        raise RuleError(_("This shortcoming is overcome; there is nothing to answer."))
    if takes == row.solutions.filter(pk=solution.pk).exists():
        raise RuleError(_("Somebody did this before you. Open the page again."))
    (row.solutions.add if takes else row.solutions.remove)(solution)
    verb = "shortcoming.answered" if takes else "shortcoming.unanswered"
    _record(verb, row, by=by, at=at, solution=solution.number)


@action
def review(
    row: Shortcoming,
    *,
    by: User,
    at: dt.datetime,
    programme: Programme,
    verdict: str,
    words: str,
    assignment: Assignment | None = None,
) -> None:
    """Say what a year's review found: gone, by which evidence, or carried on, and what still lacks.

    Once a year; what was gone may be found again in a later year.
    """
    if not review_access.may_write_ledger(by, programme):
        raise PermissionDenied
    row.refresh_from_db(from_queryset=_rows())
    if programme.state not in OPEN_PROGRAMME or programme.year < row.programme.year:
        raise RuleError(_("It is reviewed in a year that was signed, from the one on in which it was found."))
    if not words.strip():
        raise RuleError(_("Say by what it is seen."))
    if row.reviews.filter(programme__year__gte=programme.year).exists():
        raise RuleError(_("The review of this year has said already what became of it."))
    ShortcomingReview.objects.create(
        shortcoming=row,
        programme=programme,
        verdict=verdict,
        words=words.strip(),
        assignment=assignment,
        by=by,
        at=at,
    )
    to = ShortcomingState.GONE if verdict == Verdict.GONE else ShortcomingState.OPEN
    if row.state != to:
        move(row, to, SHORTCOMING)
    _record("shortcoming.reviewed", row, by=by, at=at, verdict=verdict, reviewed=programme.year)


def _rows() -> Any:
    return Shortcoming.objects.select_for_update(of=("self",)).select_related("programme__host")


def _record(verb: str, row: Shortcoming, *, by: User, at: dt.datetime, **more: Any) -> None:
    payload = {"year": row.programme.year, **more}
    record(verb, row, by=by, at=at, agency_code=row.programme.host.code, payload=payload)
