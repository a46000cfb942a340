"""Consultations: asked, answered, decided, published."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from agreements import consultation_access as access
from agreements import consultation_answers as answers
from agreements import consultation_tables as tables
from agreements import consultations, drafts
from agreements.models import Consultation, ConsultationAnswer, ConsultationComment
from agreements.states import AnswerState
from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from portal.notices import planning
from portal.notices.models import Notice
from tasks.models import PartyHeir, Programme
from tests.agreements.consulting import AFTER, CLOSES_ON, PLACE, PROPOSAL, answer_of, commented, opened
from tests.factories import NOW

S = AnswerState
DECISION = ConsultationComment.Decision


@pytest.fixture
def consultation(draft_programme, officer, head, focal_point, front_head) -> Consultation:
    return opened(draft_programme, officer)


@pytest.fixture
def answer(consultation, department) -> ConsultationAnswer:
    return answer_of(consultation, department)


def told(user) -> list[str]:
    return list(Notice.objects.filter(recipient=user, read_at=None).values_list("kind", flat=True))


# --- Opening -----------------------------------------------------------------------------------------
def test_every_signatory_but_the_host_is_asked_and_told(consultation, focal_point, head, commander):
    assert [row.agency.code for row in consultation.answers.all()] == ["UBMTTQ", "SXD"]
    assert Programme.objects.get().state == "consulting"
    assert told(focal_point) == told(head) == ["consultation.asked"]
    assert told(commander) == []
    assert {event.verb for event in Event.objects.all()[:2]} == {
        "programme.consulted",
        "consultation.opened",
    }


def test_one_consultation_is_open_at_a_time(consultation, officer):
    with pytest.raises(RuleError):
        consultations.open_round(consultation.version, by=officer, at=NOW, closes_on=CLOSES_ON)


def test_the_last_day_lies_ahead(draft_programme, officer):
    version = drafts.take(draft_programme, by=officer, at=NOW, label="x")
    yesterday = NOW.date() - dt.timedelta(days=1)
    with pytest.raises(RuleError):
        consultations.open_round(version, by=officer, at=NOW, closes_on=yesterday)
    assert Programme.objects.get().state == "draft"


def test_the_last_day_is_not_years_away(draft_programme, officer):
    version = drafts.take(draft_programme, by=officer, at=NOW, label="x")
    with pytest.raises(RuleError):
        consultations.open_round(version, by=officer, at=NOW, closes_on=NOW.date() + dt.timedelta(days=91))


def test_who_still_owes_hears_of_a_later_last_day(
    consultation, answer, officer, head, focal_point, front_head
):
    answers.submit(answer, by=head, at=NOW, agrees=True)
    for wrong in (CLOSES_ON, NOW.date() + dt.timedelta(days=91)):
        with pytest.raises(RuleError):
            consultations.extend(consultation, by=officer, at=NOW, closes_on=wrong)
    with pytest.raises(RuleError):
        consultations.extend(consultation, by=officer, at=AFTER, closes_on=AFTER.date())
    later = AFTER.date() + dt.timedelta(days=3)
    consultations.extend(consultation, by=officer, at=AFTER, closes_on=later)
    assert Consultation.objects.get().closes_on == later
    assert told(front_head) == ["consultation.extended"]
    assert told(focal_point) == []
    planning.plan(at=AFTER + dt.timedelta(days=2))
    assert "consultation.due" in told(front_head)


# --- Answering ---------------------------------------------------------------------------------------
def test_the_head_agrees_in_one_step(answer, head, focal_point):
    answers.submit(answer, by=head, at=NOW, agrees=True)
    assert (answer.state, answer.verdict, answer.answered_by, answer.is_late) == (
        S.ANSWERED,
        "agreed",
        head,
        False,
    )
    assert told(head) == told(focal_point) == []


def test_the_focal_point_prepares_and_the_head_approves(answer, head, focal_point, officer):
    answers.comment(answer, by=focal_point, at=NOW, place=PLACE, proposal=PROPOSAL)
    answers.submit(answer, by=focal_point, at=NOW, agrees=False)
    assert answer.state == S.AWAITING_HEAD
    assert "consultation.awaiting_head" in told(head)
    with pytest.raises(RuleError):
        answers.comment(answer, by=focal_point, at=NOW, place="", proposal="Thêm")
    answers.approve(answer, by=head, at=NOW, agrees=False)
    assert (answer.verdict, answer.prepared_by, answer.answered_by) == ("commented", focal_point, head)
    assert told(head) == []
    assert "consultation.answered" in told(officer)


def test_the_head_sends_it_back_with_a_reason(answer, head, focal_point):
    answers.submit(answer, by=focal_point, at=NOW, agrees=True)
    with pytest.raises(RuleError):
        answers.send_back(answer, by=head, at=NOW, reason=" ")
    answers.send_back(answer, by=head, at=NOW, reason="Nêu rõ thời hạn")
    assert (answer.state, answer.sent_back) == (S.DRAFT, "Nêu rõ thời hạn")
    assert "consultation.sent_back" in told(focal_point)


def test_who_opened_an_older_page_reads_the_comments_first(answer, head, focal_point):
    answers.comment(answer, by=focal_point, at=NOW, place=PLACE, proposal=PROPOSAL)
    with pytest.raises(StaleError):
        answers.submit(answer, by=head, at=NOW, agrees=True)
    answers.remove(answer.comments.get(), by=focal_point, at=NOW)
    with pytest.raises(StaleError):
        answers.submit(answer, by=head, at=NOW, agrees=False)


def test_a_comment_is_written_anew_unless_it_is_gone(answer, focal_point):
    row = answers.comment(answer, by=focal_point, at=NOW, place=PLACE, proposal=PROPOSAL)
    answers.comment(answer, by=focal_point, at=NOW, place="", proposal="Khác", pk=row.pk)
    assert answer.comments.get().proposal == "Khác"
    pk = row.pk
    answers.remove(row, by=focal_point, at=NOW)
    with pytest.raises(StaleError):
        answers.comment(answer, by=focal_point, at=NOW, place="", proposal="Khác", pk=pk)
    with pytest.raises(RuleError):
        answers.comment(answer, by=focal_point, at=NOW, place="task.99", proposal="Khác")


def test_a_late_answer_is_taken_and_marked(answer, head):
    answers.submit(answer, by=head, at=AFTER, agrees=True)
    assert answer.is_late


def test_what_was_sent_is_withdrawn_until_the_command_decides(answer, head, officer):
    row = commented(answer, head)
    answers.withdraw(answer, by=head, at=NOW)
    assert (answer.state, answer.verdict, answer.answered_by) == (S.DRAFT, "", None)
    with pytest.raises(StaleError):
        consultations.respond(row, by=officer, at=NOW, decision=DECISION.ACCEPTED)
    answers.submit(answer, by=head, at=NOW, agrees=False)
    consultations.respond(row, by=officer, at=NOW, decision=DECISION.ACCEPTED)
    with pytest.raises(RuleError):
        answers.withdraw(answer, by=head, at=NOW)


def test_a_comment_that_was_removed_meanwhile_is_not_decided(answer, head, officer):
    row = commented(answer, head)
    stale = ConsultationComment.objects.get(pk=row.pk)
    answers.withdraw(answer, by=head, at=NOW)
    answers.remove(row, by=head, at=NOW)
    answers.submit(answer, by=head, at=NOW, agrees=True)
    with pytest.raises(StaleError):
        consultations.respond(stale, by=officer, at=NOW, decision=DECISION.ACCEPTED)


def test_who_came_into_the_place_of_a_party_reads_the_published_table(
    consultation, answer, head, officer, stranger, outside, department
):
    commented(answer, head)
    row = ConsultationComment.objects.get()
    consultations.respond(row, by=officer, at=NOW, decision=DECISION.ACCEPTED)
    consultations.close(consultation, by=officer, at=AFTER)
    assert not access.visible_comments(stranger).exists()
    heir = {"programme": consultation.programme, "predecessor": department, "agency": outside}
    PartyHeir.objects.create(since_on=AFTER.date(), **heir)
    assert access.visible_consultations(stranger).exists()
    assert access.visible_comments(stranger).get() == row


def test_two_answer_for_one_agency(answer, head, deputy, department):
    second = answer_of(answer.consultation, department)
    answers.submit(answer, by=head, at=NOW, agrees=True)
    with pytest.raises(RuleError):
        answers.submit(second, by=deputy, at=NOW, agrees=True)


# --- Deciding and closing ----------------------------------------------------------------------------
def test_a_comment_is_explained_unless_it_is_accepted(answer, head, officer):
    row = commented(answer, head)
    with pytest.raises(RuleError):
        consultations.respond(row, by=officer, at=NOW, decision=DECISION.PARTLY)
    consultations.respond(
        row, by=officer, at=NOW, decision=DECISION.PARTLY, response="Đến tháng 5.", changed_place=PLACE
    )
    assert (row.decision, row.changed_place, row.responded_by) == ("partly", PLACE, officer)
    assert told(officer) == []
    with pytest.raises(StaleError):
        consultations.respond(row, by=officer, at=NOW, decision=DECISION.ACCEPTED, revision=0)
    with pytest.raises(RuleError):
        consultations.respond(row, by=officer, at=NOW, decision=DECISION.ACCEPTED, changed_place="task.9")


def test_closing_waits_for_the_last_day_and_for_every_decision(consultation, answer, head, officer):
    row = commented(answer, head)
    with pytest.raises(RuleError):
        consultations.close(consultation, by=officer, at=NOW)
    with pytest.raises(RuleError):
        consultations.close(consultation, by=officer, at=AFTER)
    consultations.respond(row, by=officer, at=NOW, decision=DECISION.ACCEPTED, changed_place=PLACE)
    consultations.close(consultation, by=officer, at=AFTER)
    assert Programme.objects.get().state == "settled"
    with pytest.raises(RuleError):
        answers.submit(answer, by=head, at=AFTER, agrees=True)
    with pytest.raises(RuleError):
        consultations.close(consultation, by=officer, at=AFTER)
    assert "consultation.closed" in told(head)


def test_a_text_that_lacks_something_is_not_settled_and_nothing_is_closed(consultation, officer):
    consultation.programme.assignments.all().delete()
    with pytest.raises(RuleError):
        consultations.close(consultation, by=officer, at=AFTER)
    assert Consultation.objects.get().is_open


def test_another_round_follows(consultation, officer):
    consultations.close(consultation, by=officer, at=AFTER, again=True)
    programme = Programme.objects.get()
    assert programme.state == "draft"
    version = drafts.take(programme, by=officer, at=AFTER, label="Lần hai")
    second = consultations.open_round(version, by=officer, at=AFTER, closes_on=AFTER.date())
    assert (second.round, version.number) == (2, 3)


def test_the_table_shows_what_each_comment_changed(consultation, answer, head, officer):
    row = commented(answer, head)
    consultation.programme.assignments.filter(code="1.01").update(deadline_on=dt.date(2026, 6, 30))
    consultations.respond(row, by=officer, at=NOW, decision=DECISION.ACCEPTED, changed_place=PLACE)
    consultations.close(consultation, by=officer, at=AFTER, again=True)
    consultation.programme.assignments.filter(code="1.01").update(deadline_on=dt.date(2026, 9, 30))
    closed = Consultation.objects.get()
    made = tables.table(closed, closed.answers.all(), [ConsultationComment.objects.get()])
    (line,) = made.lines
    ((name, was, now),) = line.change.fields
    assert (name, "03/2026" in was, "6/2026" in now) == ("Thời gian hoàn thành", True, True)
    assert (made.asked, len(made.silent), made.of("accepted")) == (2, 1, 1)
    assert tables.cells(line)[3] == PROPOSAL


# --- Who sees what -----------------------------------------------------------------------------------
def test_comments_are_an_agencys_own_until_the_table_is_published(
    consultation, answer, head, front_head, officer, viewer, stranger, admin
):
    sent = commented(answer, head)
    own = answer_of(consultation, front_head.post.agency)
    answers.comment(own, by=front_head, at=NOW, place="", proposal="Chưa gửi")
    assert access.visible_comments(head).count() == access.visible_comments(front_head).count() == 1
    assert [row.proposal for row in access.visible_comments(officer)] == [PROPOSAL], "what was sent"
    consultations.respond(sent, by=officer, at=NOW, decision=DECISION.ACCEPTED)
    consultations.close(consultation, by=officer, at=AFTER)
    assert [row.proposal for row in access.visible_comments(head)] == [PROPOSAL]
    assert access.visible_answers(head).count() == 2
    for user in (viewer, stranger, admin):
        assert not access.visible_consultations(user).exists()
        assert not access.visible_answers(user).exists()


# --- Reminders ---------------------------------------------------------------------------------------
def test_who_has_not_answered_is_reminded_until_it_has(consultation, answer, head, focal_point):
    day = dt.datetime.combine(CLOSES_ON, NOW.timetz())
    for before in (3, 0):
        planning.plan(at=day - dt.timedelta(days=before))
    assert set(told(focal_point)) == {"consultation.asked", "consultation.due"}
    answers.submit(answer, by=head, at=NOW, agrees=True)
    assert told(focal_point) == []
    planning.plan(at=day + dt.timedelta(days=1))
    assert "consultation.overdue" not in told(focal_point)


@pytest.mark.parametrize("name", ["officer", "front_head", "viewer", "stranger", "admin"])
def test_wrong_person(name, answer, cast):
    user = getattr(cast, name)
    for act, given in (
        (answers.comment, {"place": "", "proposal": "x"}),
        (answers.submit, {"agrees": True}),
        (answers.approve, {"agrees": True}),
        (answers.send_back, {"reason": "x"}),
        (answers.take_back, {}),
        (answers.withdraw, {}),
    ):
        with pytest.raises(PermissionDenied):
            act(answer, by=user, at=NOW, **given)
