"""Consultations of the crawled province: one that is open, one whose table is published."""

from agreements import consultation_answers, consultations, drafts
from agreements.models import Consultation, ConsultationAnswer, ConsultationComment
from tasks.models import Programme
from tests.factories import NOW, TODAY
from tests.isolation.people import COMMAND, DRAFT_YEAR, FROZEN_YEAR, PARTIES, World


def consult(world: World, programme: Programme) -> None:
    """Words of two agencies in the open one, of which one is sent; of one in the other, with the answer."""
    officer = world.people["officer"]
    drafts.take(Programme.objects.get(year=DRAFT_YEAR), by=officer, at=NOW, label="Chưa gửi ai")
    asked = _open(world, programme)
    world.consultations["open"] = asked.pk
    sent = world.betray("gopysxd", "comment", world.members({"SXD"}) | COMMAND)
    _comment(world, asked, "SXD", sent, by="sxd_head", goes=True)
    unsent = world.betray("gopystc", "comment", world.members({"STC"}))
    _comment(world, asked, "STC", unsent, by="stc_focal", goes=False)
    _publish(world)


def _publish(world: World) -> None:
    """Of the frozen text, as if it had been asked about before."""
    programme = Programme.objects.get(year=FROZEN_YEAR)
    Programme.objects.filter(pk=programme.pk).update(state="draft")
    programme.refresh_from_db()
    closed = _open(world, programme)
    world.consultations["closed"] = closed.pk
    said = world.betray("gopydacongbo", "comment", world.members(PARTIES) | COMMAND)
    explained = world.betray("giaitrinhdacongbo", "comment", world.members(PARTIES) | COMMAND)
    row = _comment(world, closed, "SXD", said, by="sxd_head", goes=True)
    world.remarks["published"] = row.pk
    officer = world.people["officer"]
    consultations.respond(row, by=officer, at=NOW, decision="explained", response=f"Vì {explained}")
    ConsultationAnswer.objects.filter(consultation=closed).exclude(agency__code="SXD").update(
        state="answered", verdict="agreed", answered_by=world.people["front_head"], answered_at=NOW
    )
    consultations.close(closed, by=officer, at=NOW)
    Programme.objects.filter(pk=programme.pk).update(state="frozen")


def _open(world: World, programme: Programme) -> Consultation:
    officer = world.people["officer"]
    version = drafts.take(programme, by=officer, at=NOW, label="Bản lấy ý kiến")
    return consultations.open_round(version, by=officer, at=NOW, closes_on=TODAY)


def _comment(
    world: World, asked: Consultation, code: str, word: str, *, by: str, goes: bool
) -> ConsultationComment:
    rows = ConsultationAnswer.objects.select_related("consultation__version", "agency")
    answer = rows.get(consultation=asked, agency__code=code)
    person = world.people[by]
    row = consultation_answers.comment(answer, by=person, at=NOW, place="", proposal=f"Đề nghị {word}")
    world.remarks[code] = world.remarks.get(code) or row.pk
    if goes:
        consultation_answers.submit(answer, by=person, at=NOW, agrees=False)
    return row
