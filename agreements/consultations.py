"""Ask every party about a draft version (lấy ý kiến), answer what they say, and publish the table.

The host is not asked: it wrote the text. What an agency does with its answer: consultation_answers.
"""

import datetime as dt
from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agreements import consultation_access as access
from agreements import consultation_reminders as reminders
from agreements import drafts
from agreements.models import Consultation, ConsultationAnswer, ConsultationComment, DraftVersion
from agreements.states import CONSULTATION, AnswerState, ConsultationState
from portal.agencies.models import Agency
from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
from portal.users.models import User
from tasks import programmes

MOST_DAYS = 90
"""How far ahead the last day may lie; a year that was mistyped would stop the programme."""

OUTCOME_LABEL = "Bản sau tiếp thu, giải trình"


# The first argument is the version that is sent out: a consultation is about it alone.
@action
def open_round(
    version: DraftVersion, *, by: User, at: dt.datetime, closes_on: dt.date, note: str = ""
) -> Consultation:
    """Send a version of the draft to every signatory but the host, and ask for an answer by a day.

    Raises RuleError, StaleError.
    """
    programme = version.programme
    if not access.may_run_consultation(by, programme):
        raise PermissionDenied
    if closes_on < local_day(at):
        raise RuleError(_("The last day for answers lies in the past."))
    _check_last_day(closes_on, at)
    programmes.consult(programme, by=by, at=at)
    consultation = Consultation(
        programme=programme,
        version=version,
        round=Consultation.objects.filter(programme=programme).count() + 1,
        closes_on=closes_on,
        note=note.strip(),
        opened_by=by,
        opened_at=at,
    )
    try:
        with transaction.atomic():
            consultation.save()
    except IntegrityError as error:
        raise StaleError(_("Someone has just opened a consultation on this programme.")) from error
    answers = ConsultationAnswer.objects.bulk_create(
        ConsultationAnswer(consultation=consultation, agency=agency) for agency in _asked(version)
    )
    if not answers:
        raise RuleError(_("There is no signatory to ask beside the host."))
    reminders.tell_asked(answers, consultation, by=by, at=at)
    payload = {"version": version.number, "closes_on": closes_on, "parties": len(answers)}
    _record("consultation.opened", consultation, by=by, at=at, payload=payload)
    return consultation


@action
def extend(consultation: Consultation, *, by: User, at: dt.datetime, closes_on: dt.date) -> None:
    """Let the agencies answer until a later day; who still owes an answer is told. Raises RuleError."""
    if not access.may_run_consultation(by, consultation.programme):
        raise PermissionDenied
    locked = _lock(consultation)
    if closes_on <= max(local_day(at), locked.closes_on):
        raise RuleError(
            _("The new last day is later than today and later than %(day)s.")
            % {"day": f"{locked.closes_on:%d/%m/%Y}"}
        )
    _check_last_day(closes_on, at)
    consultation.closes_on = closes_on
    consultation.save(update_fields=["closes_on"])
    owing = list(consultation.answers.exclude(state=AnswerState.ANSWERED).select_related("agency"))
    reminders.settle_calendar(owing, at=at)
    reminders.tell_extended(owing, consultation, by=by, at=at)
    _record("consultation.extended", consultation, by=by, at=at, payload={"closes_on": closes_on})


def _check_last_day(closes_on: dt.date, at: dt.datetime) -> None:
    if (closes_on - local_day(at)).days > MOST_DAYS:
        raise RuleError(_("Agencies have at most %(count)s days to answer.") % {"count": MOST_DAYS})


def _asked(version: DraftVersion) -> list[Agency]:
    rows = version.programme.signatories.exclude(agency=version.programme.host_id)
    return [row.agency for row in rows.select_related("agency").order_by("order")]


@action
def respond(
    comment: ConsultationComment,
    *,
    by: User,
    at: dt.datetime,
    decision: str,
    response: str = "",
    changed_place: str = "",
    revision: int | None = None,
) -> None:
    """Say what becomes of a comment, and which place of today's text follows it.

    Until the consultation is closed it may be said anew; `revision` is that of the page it was said on.
    Raises RuleError, StaleError.
    """
    if not access.may_respond(by, comment):
        raise PermissionDenied
    consultation = _lock(comment.answer.consultation)
    answer = ConsultationAnswer.objects.select_related("agency").get(pk=comment.answer_id)
    if not answer.is_answered:
        raise StaleError(_("The agency took its answer back; it will send it again."))
    locked = ConsultationComment.objects.select_for_update(of=("self",)).filter(pk=comment.pk).first()
    if locked is None:
        raise StaleError(_("The agency has taken this comment out."))
    if revision is not None and revision != locked.revision:
        raise StaleError(_("Someone else has answered this comment after you opened the page."))
    follows = changed_place if decision != ConsultationComment.Decision.EXPLAINED else ""
    if decision != ConsultationComment.Decision.ACCEPTED and not response.strip():
        raise RuleError(_("Explain to the agency why its comment is not, or not wholly, taken over."))
    if follows and follows not in drafts.places(drafts.snapshot(consultation.programme)):
        raise RuleError(_("The text has no such place any more; choose another."))
    comment.decision, comment.response, comment.changed_place = decision, response.strip(), follows
    comment.responded_by, comment.responded_at = by, at
    comment.revision = locked.revision + 1
    comment.save(update_fields=[*RESPONSE, "revision"])
    if not answer.comments.filter(decision="").exists():
        reminders.settle_comments(answer, at=at)
    payload = {"agency": answer.agency.code, "text_place": comment.place, "comment_decision": decision}
    _record("consultation.comment_decided", consultation, by=by, at=at, payload=payload)


RESPONSE = ("decision", "response", "changed_place", "responded_by", "responded_at")


@action
def close(consultation: Consultation, *, by: User, at: dt.datetime, again: bool = False) -> None:
    """Publish the table to every party. The text is settled; with `again` it goes back to be written.

    Every comment has to be decided, and nobody is cut off before the last day. Raises RuleError.
    """
    if not access.may_run_consultation(by, consultation.programme):
        raise PermissionDenied
    locked = _lock(consultation)
    answers = list(locked.answers.select_related("agency"))
    if local_day(at) <= locked.closes_on and not all(row.is_answered for row in answers):
        raise RuleError(
            _("Until %(day)s agencies may still answer, and not all have.")
            % {"day": f"{locked.closes_on:%d/%m/%Y}"}
        )
    if count := undecided(locked).count():
        raise RuleError(_("Comments without a decision: %(count)s. Decide them first.") % {"count": count})
    outcome = drafts.keep(locked.programme, by=by, at=at, label=OUTCOME_LABEL)
    move(
        consultation,
        ConsultationState.CLOSED,
        CONSULTATION,
        closed_by=by,
        closed_at=at,
        outcome=outcome,
    )
    programmes.end_consultation(locked.programme, by=by, at=at, again=again)
    reminders.settle(answers, at=at)
    reminders.tell_closed(answers, locked, by=by, at=at)
    counts = {one: sum(row.verdict == one for row in answers) for one in ConsultationAnswer.Verdict.values}
    payload = {**counts, "parties": len(answers), "version": outcome.number, "again": again}
    _record("consultation.closed", consultation, by=by, at=at, payload=payload)


# --- Facts that pages ask too ---------------------------------------------------------------------
def undecided(consultation: Consultation) -> QuerySet[ConsultationComment]:
    """The comments that were sent and wait for a decision."""
    return ConsultationComment.objects.filter(
        answer__consultation=consultation, answer__state=AnswerState.ANSWERED, decision=""
    )


def may_end(consultation: Consultation, today: dt.date) -> bool:
    """Whether the day is over, or everybody has answered."""
    waiting = consultation.answers.exclude(state=AnswerState.ANSWERED)
    return today > consultation.closes_on or not waiting.exists()


def _lock(consultation: Consultation) -> Consultation:
    rows = Consultation.objects.select_for_update(of=("self",)).select_related("programme__host")
    locked = rows.get(pk=consultation.pk)
    if not locked.is_open:
        raise RuleError(_("The consultation is closed; nothing of it changes any more."))
    return locked


def _record(
    verb: str, consultation: Consultation, *, by: User, at: dt.datetime, payload: Mapping[str, object]
) -> None:
    code = consultation.programme.host.code
    record(verb, consultation, by=by, at=at, agency_code=code, payload=payload)
