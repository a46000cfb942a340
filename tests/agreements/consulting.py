"""A consultation on the small draft for tests: opened on the first version, until 20 March."""

import datetime as dt

from agreements import consultation_answers, consultations, drafts
from agreements.models import Consultation, ConsultationAnswer, ConsultationComment
from portal.agencies.models import Agency
from portal.users.models import User
from tasks.models import Programme
from tests.factories import NOW, TODAY

CLOSES_ON = TODAY + dt.timedelta(days=10)
AFTER = NOW + dt.timedelta(days=12)
PLACE = "assignment.1.01"
PROPOSAL = "Lùi thời hạn đến tháng 6"


def opened(programme: Programme, by: User) -> Consultation:
    version = drafts.take(programme, by=by, at=NOW, label="Bản lấy ý kiến")
    return consultations.open_round(version, by=by, at=NOW, closes_on=CLOSES_ON)


def answer_of(consultation: Consultation, agency: Agency) -> ConsultationAnswer:
    rows = ConsultationAnswer.objects.select_related("consultation__version", "agency")
    return rows.get(consultation=consultation, agency=agency)


def commented(answer: ConsultationAnswer, by: User, place: str = PLACE) -> ConsultationComment:
    """A comment of the agency, sent by its head or deputy."""
    row = consultation_answers.comment(answer, by=by, at=NOW, place=place, proposal=PROPOSAL)
    consultation_answers.submit(answer, by=by, at=NOW, agrees=False)
    return row
