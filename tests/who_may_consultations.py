"""How drafts and consultations are prepared for the who-may matrix: the lead's answer, in each state."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from agreements import consultation_answers, consultations, drafts
from agreements.models import Consultation, ConsultationAnswer, ConsultationComment, DraftVersion
from portal.users.models import User
from tasks.models import Programme
from tests.agreements import consulting
from tests.factories import NOW
from tests.who_may_rounds import REASON, Ask, in_state


def _take(world: SimpleNamespace, state: str) -> Ask:
    in_state(world.programme, state)
    return lambda by: drafts.take(Programme.objects.get(pk=world.programme.pk), by=by, at=NOW, label=REASON)


def _open(world: SimpleNamespace, state: str) -> Ask:
    drafts.take(world.programme, by=world.people["host", "commander"], at=NOW, label=REASON)
    in_state(world.programme, state)
    given = {"at": NOW, "closes_on": consulting.CLOSES_ON}
    return lambda by: consultations.open_round(DraftVersion.objects.get(), by=by, **given)


def _asked(world: SimpleNamespace, state: str) -> tuple[ConsultationAnswer, ConsultationComment]:
    """The lead's answer with one comment, as far as `state`."""
    consultation = consulting.opened(world.programme, world.people["host", "commander"])
    answer = consulting.answer_of(consultation, world.agencies["lead"])
    by = world.people["lead", "focal_point" if state == "awaiting_head" else "agency_head"]
    row = consultation_answers.comment(answer, by=by, at=NOW, place="", proposal=REASON)
    if state != "draft":
        consultation_answers.submit(answer, by=by, at=NOW, agrees=False)
    return answer, row


def _answer(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        found, _row = _asked(world, state)
        rows = ConsultationAnswer.objects.select_related("consultation__version", "agency")
        return lambda by: act(rows.get(pk=found.pk), by=by, at=NOW, **given)

    return prepare


def _remove(world: SimpleNamespace, state: str) -> Ask:
    _found, row = _asked(world, state)
    return lambda by: consultation_answers.remove(ConsultationComment.objects.get(pk=row.pk), by=by, at=NOW)


def _decided(world: SimpleNamespace, state: str) -> ConsultationComment:
    """A comment that was sent and decided; the round closed when `state` says so."""
    _found, row = _asked(world, "answered")
    by = world.people["host", "commander"]
    consultations.respond(row, by=by, at=NOW, decision="accepted")
    if state == "closed":
        consultations.close(Consultation.objects.get(), by=by, at=consulting.AFTER)
    return row


def _respond(world: SimpleNamespace, state: str) -> Ask:
    row = _decided(world, state)

    def ask(by: User) -> None:
        found = ConsultationComment.objects.get(pk=row.pk)
        consultations.respond(found, by=by, at=NOW, decision="explained", response=REASON)

    return ask


def _close(world: SimpleNamespace, state: str) -> Ask:
    _decided(world, state)
    return lambda by: consultations.close(Consultation.objects.get(), by=by, at=consulting.AFTER)


def _extend(world: SimpleNamespace, state: str) -> Ask:
    _decided(world, state)
    later = consulting.CLOSES_ON + dt.timedelta(days=5)
    return lambda by: consultations.extend(Consultation.objects.get(), by=by, at=NOW, closes_on=later)


_ACTS = consultation_answers
PREPARE = {
    "agreements.drafts.take": _take,
    "agreements.consultations.open_round": _open,
    "agreements.consultations.respond": _respond,
    "agreements.consultations.close": _close,
    "agreements.consultations.extend": _extend,
    "agreements.consultation_answers.comment": _answer(_ACTS.comment, place="", proposal=REASON),
    "agreements.consultation_answers.remove": _remove,
    "agreements.consultation_answers.submit": _answer(_ACTS.submit, agrees=False),
    "agreements.consultation_answers.approve": _answer(_ACTS.approve, agrees=False),
    "agreements.consultation_answers.send_back": _answer(_ACTS.send_back, reason=REASON),
    "agreements.consultation_answers.take_back": _answer(_ACTS.take_back),
    "agreements.consultation_answers.withdraw": _answer(_ACTS.withdraw),
}
