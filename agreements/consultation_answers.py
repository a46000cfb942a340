"""What an asked agency does: write comments, submit them to its head, answer, take back.

An answer without comments agrees. Until the consultation is closed it is taken; after its last day it is
marked late.
"""

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from agreements import consultation_access as access
from agreements import consultation_reminders as reminders
from agreements import drafts
from agreements.models import Consultation, ConsultationAnswer, ConsultationComment
from agreements.states import ANSWER, AnswerState
from portal.audit import pictures
from portal.audit.events import record
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
from portal.users.models import User

_S = AnswerState


@action
def comment(
    answer: ConsultationAnswer,
    *,
    by: User,
    at: dt.datetime,
    place: str,
    proposal: str,
    reason: str = "",
    pk: int | None = None,
    revision: int | None = None,
) -> ConsultationComment:
    """Write a comment on a place of the version, or anew the one with this key.

    `revision` is that of the page on which it was written anew. Raises RuleError, StaleError.
    """
    _begin(answer, access.may_prepare(by, answer))
    _check_is_written(answer)
    if not proposal.strip():
        raise RuleError(_("Say what you propose."))
    if place and place not in drafts.places(answer.consultation.version.text):
        raise RuleError(_("The text has no such place any more; choose another."))
    row = ConsultationComment(answer=answer)
    if pk is not None:
        found = answer.comments.select_for_update(of=("self",)).filter(pk=pk).first()
        if found is None:
            raise StaleError(_("Someone has removed this comment meanwhile."))
        if revision is not None and revision != found.revision:
            raise StaleError(_("This comment was changed after you opened the page."))
        row = found
    row.place, row.proposal, row.reason = place, proposal.strip(), reason.strip()
    row.revision += 1
    row.save()
    _record("consultation.commented", answer, by=by, at=at, text_place=place)
    return row


@action
def remove(row: ConsultationComment, *, by: User, at: dt.datetime) -> None:
    """Take a comment out before it is sent."""
    answer = row.answer
    _begin(answer, access.may_prepare(by, answer))
    _check_is_written(answer)
    _record("consultation.comment_removed", answer, by=by, at=at, text_place=row.place)
    row.delete()


def version_of(comments: Iterable[ConsultationComment]) -> str:
    """Name what a page shows of an answer, to be compared when its button is pressed."""
    return pictures.version({str(row.pk): row.revision for row in comments})


@action
def submit(answer: ConsultationAnswer, *, by: User, at: dt.datetime, agrees: bool, version: str = "") -> None:
    """Submit the answer to the head; from the head or deputy it goes out at once.

    `agrees` is what the page offered: without comments the answer agrees. Raises RuleError, StaleError.
    """
    _begin(answer, access.may_prepare(by, answer))
    _check_is_written(answer)
    verdict = _verdict(answer, agrees=agrees, version=version)
    if access.may_answer(by, answer):
        _send(answer, verdict, by=by, at=at)
        return
    move(answer, _S.AWAITING_HEAD, ANSWER, prepared_by=by, sent_back="")
    reminders.settle_steps(answer, at=at)
    reminders.tell(reminders.AWAITING_HEAD, answer, by=by, at=at)
    _record("consultation.submitted_to_head", answer, by=by, at=at, answer=verdict)


@action
def approve(
    answer: ConsultationAnswer, *, by: User, at: dt.datetime, agrees: bool, version: str = ""
) -> None:
    """Send what the focal point prepared in the agency's name."""
    _begin(answer, access.may_answer(by, answer))
    _check_waits(answer)
    _send(answer, _verdict(answer, agrees=agrees, version=version), by=by, at=at)


def _send(answer: ConsultationAnswer, verdict: str, *, by: User, at: dt.datetime) -> None:
    is_late = local_day(at) > answer.consultation.closes_on
    prepared_by = answer.prepared_by or by
    move(
        answer,
        _S.ANSWERED,
        ANSWER,
        verdict=verdict,
        prepared_by=prepared_by,
        answered_by=by,
        answered_at=at,
        is_late=is_late,
        sent_back="",
    )
    reminders.settle([answer], at=at)
    if verdict == ConsultationAnswer.Verdict.COMMENTED:
        reminders.tell(reminders.COMMENTED, answer, by=by, at=at)
    _record("consultation.answered", answer, by=by, at=at, answer=verdict, late=is_late)


@action
def send_back(answer: ConsultationAnswer, *, by: User, at: dt.datetime, reason: str) -> None:
    """Give the answer back to the focal point, saying what is wrong."""
    _begin(answer, access.may_answer(by, answer))
    _check_waits(answer)
    reason = reasons.given(reason)
    move(answer, _S.DRAFT, ANSWER, sent_back=reason)
    reminders.settle_steps(answer, at=at)
    reminders.tell(reminders.SENT_BACK, answer, by=by, at=at)
    _record("consultation.sent_back", answer, by=by, at=at, reason=reason)


@action
def take_back(answer: ConsultationAnswer, *, by: User, at: dt.datetime) -> None:
    """Take the answer back from the head's desk to go on writing."""
    _begin(answer, access.may_prepare(by, answer))
    _check_waits(answer)
    move(answer, _S.DRAFT, ANSWER)
    reminders.settle_steps(answer, at=at)
    _record("consultation.taken_back", answer, by=by, at=at)


@action
def withdraw(answer: ConsultationAnswer, *, by: User, at: dt.datetime) -> None:
    """Take back what was sent, while the command has decided none of its comments."""
    _begin(answer, access.may_answer(by, answer))
    if answer.state != _S.ANSWERED:
        raise RuleError(_("Nothing was sent that could be taken back."))
    if answer.comments.exclude(decision="").exists():
        raise RuleError(_("The command has begun to decide your comments; tell the programme officer."))
    move(answer, _S.DRAFT, ANSWER, verdict="", answered_by=None, answered_at=None, is_late=False)
    reminders.settle([answer], at=at)
    _record("consultation.answer_withdrawn", answer, by=by, at=at)


# --- What every step does -------------------------------------------------------------------------
def _begin(answer: ConsultationAnswer, allowed: bool) -> None:
    """Lock the consultation and the answer, and bring both up to date; refuse the wrong person or time."""
    if not allowed:
        raise PermissionDenied
    rounds = Consultation.objects.select_for_update(of=("self",))
    consultation = rounds.select_related("programme__host", "version").get(pk=answer.consultation_id)
    answer.refresh_from_db(from_queryset=ConsultationAnswer.objects.select_for_update(of=("self",)))
    answer.consultation = consultation
    if not consultation.is_open:
        raise RuleError(_("The consultation is closed; nothing of it changes any more."))


def _check_is_written(answer: ConsultationAnswer) -> None:
    if answer.state == _S.AWAITING_HEAD:
        raise RuleError(_("The answer waits for the head. Take it back to go on writing."))
    if answer.state == _S.ANSWERED:
        raise RuleError(_("The agency has answered already. The head may take the answer back."))


def _check_waits(answer: ConsultationAnswer) -> None:
    if answer.state != _S.AWAITING_HEAD:
        raise RuleError(_("There is no answer that waits for the head."))


def _verdict(answer: ConsultationAnswer, *, agrees: bool, version: str) -> str:
    comments = list(answer.comments.all())
    if comments and agrees:
        raise StaleError(_("Someone in your agency has written comments meanwhile. Read them first."))
    if not comments and not agrees:
        raise StaleError(_("There is no comment to send any more. Agree, or write one."))
    if version and version != version_of(comments):
        raise StaleError(_("Someone in your agency has changed the comments meanwhile. Read them first."))
    verdicts = ConsultationAnswer.Verdict
    return verdicts.COMMENTED if comments else verdicts.AGREED


def _record(verb: str, row: ConsultationAnswer, *, by: User, at: dt.datetime, **more: object) -> None:
    """Tell it as an event of the consultation, of the agency: its trail is where people look."""
    record(verb, row.consultation, by=by, at=at, agency_code=row.agency.code, payload=more)
