"""What is said, how far agencies agree, what is concluded, and how a conclusion becomes an assignment."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from agreements import conclusions, discussions
from agreements.conclusions import Concluded
from agreements.discussions import Said
from agreements.drifts import differences
from agreements.models import Conclusion, Contribution
from portal.lib.errors import RuleError, StaleError
from portal.notices.models import Notice
from tasks.content import content
from tasks.models import Assignment, Programme
from tests import factories
from tests.agreements.conferring import fresh, of
from tests.agreements.consulting import opened
from tests.factories import NOW

pytestmark = pytest.mark.django_db
DUE = dt.date(2026, 6, 30)


def said(text: str = "Đề nghị bổ sung kinh phí.", **facts: object) -> Said:
    return Said("proposal", text, **facts)


def test_agency_speaks_of_a_task_and_takes_it_back(conference, programme, focal_point, officer):
    task = programme.priority_tasks.get(number=1)
    row = discussions.contribute(of(conference, "SXD"), by=focal_point, at=NOW, said=said(about=task))
    assert (row.task, row.clause, row.agency.code) == (task, None, "SXD")
    own = discussions.contribute(of(conference, "SXD"), by=officer, at=NOW, said=said("Ghi tại hội trường"))
    with pytest.raises(PermissionDenied):
        discussions.take_back(own, by=focal_point, at=NOW)
    discussions.take_back(row, by=focal_point, at=NOW)
    assert Contribution.objects.get() == own


def test_what_somebody_else_took_out_meanwhile_is_told(conclusion, conference, focal_point, officer):
    row = discussions.contribute(of(conference, "SXD"), by=focal_point, at=NOW, said=said())
    rows = Contribution.objects.select_related("conference__programme__host")
    stale = rows.get(pk=row.pk)
    discussions.take_back(row, by=focal_point, at=NOW)
    with pytest.raises(StaleError):
        discussions.take_back(stale, by=focal_point, at=NOW)
    gone = Conclusion.objects.get(pk=conclusion.pk)
    conclusions.drop(conclusion, by=officer, at=NOW)
    for act in (conclusions.drop, conclusions.assign):
        with pytest.raises(StaleError):
            act(gone, by=officer, at=NOW)


def of_tasks(conference, user):
    return dict(discussions.places(conference, user))["Nhiệm vụ trọng tâm"]


def test_who_was_asked_about_a_draft_speaks_of_its_places_in_the_words_that_were_sent(
    draft_programme, commander, officer, focal_point, stranger
):
    conference = factories.ConferenceFactory(programme=draft_programme, chair=commander, secretary=officer)
    assert discussions.places(conference, focal_point) == []
    opened(draft_programme, officer)
    first, second = draft_programme.priority_tasks.order_by("number")[:2]
    words = f"{first.number}. {first.title}"
    type(first).objects.filter(pk=first.pk).update(title_vi="Chưa ai được biết")
    type(first).objects.create(programme=draft_programme, number=9, title_vi="Thêm sau khi gửi")
    offered = {row.about.pk: row.words for row in of_tasks(conference, focal_point)}
    assert set(offered) == {first.pk, second.pk}
    assert offered[first.pk] == words
    assert "9. Thêm sau khi gửi" in [row.words for row in of_tasks(conference, officer)]
    assert discussions.places(conference, stranger) == []


def test_place_of_another_programme_and_empty_words_are_refused(conference, focal_point):
    other = factories.PriorityTaskFactory(programme=factories.ProgrammeFactory(year=2031), number=1)
    for wrong in (said(about=other), said(" ")):
        with pytest.raises(RuleError):
            discussions.contribute(of(conference, "SXD"), by=focal_point, at=NOW, said=wrong)


def test_anything_but_full_agreement_says_why(conference, head, focal_point, officer):
    for assent in ("mostly", "none"):
        with pytest.raises(RuleError):
            discussions.agree(of(conference, "SXD"), by=head, at=NOW, assent=assent)
    discussions.agree(of(conference, "SXD"), by=head, at=NOW, assent="mostly", reservation="Cần kinh phí")
    row = of(conference, "SXD")
    assert (row.assent, row.reservation, row.assent_by) == ("mostly", "Cần kinh phí", head)
    discussions.agree(of(conference, "SXD"), by=officer, at=NOW, assent="full", reservation="thừa")
    assert of(conference, "SXD").reservation == ""
    with pytest.raises(PermissionDenied):
        discussions.agree(of(conference, "SXD"), by=focal_point, at=NOW, assent="full")


# --- Conclusions ----------------------------------------------------------------------------------------
@pytest.fixture
def conclusion(conference, programme, department, officer) -> Conclusion:
    task = programme.priority_tasks.get(number=1)
    concluded = Concluded("Sở Xây dựng rà soát quy hoạch\ntrước tháng 7.", department, task, DUE)
    return conclusions.conclude(conference, by=officer, at=NOW, concluded=concluded)


def test_in_force_a_conclusion_is_given_out_at_once_and_is_no_drift(
    conclusion, programme, officer, focal_point, head
):
    before = content(programme)
    row = conclusions.assign(conclusion, by=officer, at=NOW)
    assert (row.code, row.status, row.due_on, row.lead.code) == ("1.03", "assigned", DUE, "SXD")
    assert row.title_vi == "Sở Xây dựng rà soát quy hoạch trước tháng 7."
    assert row.conclusion_id == conclusion.pk
    assert not list(differences("", before, content(programme))), "the signed text is as it was"
    told = Notice.objects.filter(kind="assignment.added")
    assert {one.recipient for one in told} == {focal_point, head}
    with pytest.raises(RuleError):
        conclusions.assign(conclusion, by=officer, at=NOW)
    with pytest.raises(RuleError):
        conclusions.drop(conclusion, by=officer, at=NOW)


def test_in_a_draft_it_becomes_a_part_of_the_text(conclusion, programme, officer):
    Programme.objects.filter(pk=programme.pk).update(state="draft", in_force_at=None)
    row = conclusions.assign(conclusion, by=officer, at=NOW)
    assert (row.status, row.is_added) == ("draft", False)
    assert "1.03" in {one["code"] for one in content(programme)["assignments"]}


@pytest.mark.parametrize("state", ["frozen", "closed", "terminated"])
def test_nothing_is_added_while_it_is_signed_or_over(conclusion, programme, officer, state):
    Programme.objects.filter(pk=programme.pk).update(state=state)
    with pytest.raises(RuleError):
        conclusions.assign(conclusion, by=officer, at=NOW)
    assert not Assignment.objects.filter(conclusion_id=conclusion.pk).exists()


def test_who_is_no_party_gets_no_assignment_and_a_bare_word_becomes_none(
    conclusion, conference, outside, officer
):
    Conclusion.objects.filter(pk=conclusion.pk).update(owner=outside)
    with pytest.raises(RuleError):
        conclusions.assign(conclusion, by=officer, at=NOW)
    bare = conclusions.conclude(fresh(conference), by=officer, at=NOW, concluded=Concluded("Quyết tâm cao"))
    with pytest.raises(RuleError):
        conclusions.assign(bare, by=officer, at=NOW)
    conclusions.drop(bare, by=officer, at=NOW)
    assert conference.conclusions.count() == 1


def test_other_posts_conclude_nothing(conclusion, conference, clerk, head):
    for user in (clerk, head):
        with pytest.raises(PermissionDenied):
            conclusions.conclude(fresh(conference), by=user, at=NOW, concluded=Concluded("Tôi kết luận"))
        with pytest.raises(PermissionDenied):
            conclusions.assign(conclusion, by=user, at=NOW)


def test_page_of_the_assignment_says_where_it_comes_from(conclusion, officer, login):
    row = conclusions.assign(conclusion, by=officer, at=NOW)
    assert (
        "kết luận hội nghị, bổ sung sau khi ký" in login(officer).get(row.get_absolute_url()).content.decode()
    )
