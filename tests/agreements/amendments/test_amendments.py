"""Amendments: proposed, frozen, signed by whom they touch, in force with their number, and compared."""

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from agreements import amendments, documents, drifts, pades, texts, verification
from agreements.amendment_paper import ATTACHMENT
from agreements.models import Amendment, Document
from agreements.states import DocumentState as S
from agreements.verification import Exit
from portal.audit.models import Event
from portal.files import store
from portal.lib.errors import RuleError, StaleError
from portal.papers.reading import missing_texts
from tasks import rounds
from tasks.models import Assignment, Programme
from tests.agreements.amendments.conftest import CLOSES_ON, LATER, duty


# --- The draft ------------------------------------------------------------------------------------
def test_amendment_is_proposed_by_who_runs_the_programme(issued, officer, cast):
    for who in ("clerk", "head", "focal_point", "viewer", "admin", "stranger"):
        with pytest.raises(PermissionDenied):
            amendments.propose(
                issued.programme, by=getattr(cast, who), at=LATER, reason="Thiên tai", closes_on=CLOSES_ON
            )
    made = amendments.propose(issued.programme, by=officer, at=LATER, reason="Thiên tai", closes_on=CLOSES_ON)
    assert (made.ordinal, made.is_draft) == (1, True)
    assert Event.objects.latest("seq").verb == "amendment.proposed"


def test_only_an_issued_programme_is_amended(document, officer):
    with pytest.raises(RuleError):
        amendments.propose(document.programme, by=officer, at=LATER, reason="Thiên tai", closes_on=CLOSES_ON)


def test_second_proposal_waits_for_the_first(amendment, officer):
    with pytest.raises(RuleError):
        amendments.propose(
            amendment.programme, by=officer, at=LATER, reason="Lý do khác", closes_on=CLOSES_ON
        )


def test_change_that_changes_nothing_is_refused(amendment, officer):
    with pytest.raises(RuleError):
        amendments.put(amendment, by=officer, at=LATER, code="1.01", after=duty(amendment.programme, "1.01"))
    with pytest.raises(RuleError):
        amendments.put(amendment, by=officer, at=LATER, code="9.99", after=None)


def test_duty_of_somebody_who_does_not_sign_is_refused(amendment, officer, outside):
    for change in ({"lead": "CTK"}, {"coordinating": [{"code": "CTK", "deliverable": ""}]}):
        after = duty(amendment.programme, "1.01", **change)
        with pytest.raises(RuleError):
            amendments.put(amendment, by=officer, at=LATER, code="1.01", after=after)


def test_change_is_taken_out_again(written, officer):
    amendments.leave(written, by=officer, at=LATER, code="1.02")
    assert [change["code"] for change in amendments.changes_of(written)] == ["1.01", "2.02"]
    for code in ("1.02", "\0"):
        with pytest.raises(RuleError):
            amendments.leave(written, by=officer, at=LATER, code=code)


def test_parties_are_hosts_and_whom_it_touches(amendment, officer, commander):
    after = duty(amendment.programme, "2.01", deadline_on="2026-12-20")
    amendments.put(amendment, by=officer, at=LATER, code="2.01", after=after)
    parties = amendments.parties_of(amendment, amendments.changes_of(amendment))
    assert [party.code for party in parties] == ["BCHQS", "UBMTTQ"]
    amendments.put(amendment, by=officer, at=LATER, code="1.01", after=None)
    parties = amendments.parties_of(amendment, amendments.changes_of(amendment))
    assert [party.code for party in parties] == ["BCHQS", "UBMTTQ", "SXD"]


# --- The paper ------------------------------------------------------------------------------------
def test_paper_says_what_was_signed_and_what_it_becomes(paper, written):
    pdf = store.read(paper.frozen_id)
    attached = json.loads(pades.attachment(pdf, ATTACHMENT))
    assert [change["code"] for change in attached["changes"]] == ["1.01", "1.02", "2.02"]
    assert attached["amends"]["number"] == "01/CTr-BCHQS-MTTQ"
    words = [
        "Thời gian hoàn thành: đã ký “Trước 31/03/2026”; nay sửa thành “Trước 30/06/2026”.",
        "2. Bãi bỏ nhiệm vụ 1.02: Tuyên truyền trong Nhân dân",
        "3. Bổ sung nhiệm vụ 2.02: Diễn tập bổ sung",
        "PHỤ LỤC SỐ 01",
    ]
    assert missing_texts(pdf, words) == ()
    assert (paper.kind, paper.fields.count(), paper.state) == ("amendment", 3, S.FROZEN)
    assert not Amendment.objects.get(pk=written.pk).is_draft


def test_empty_amendment_is_not_frozen(amendment, officer):
    with pytest.raises(RuleError):
        amendments.freeze(amendment, by=officer, at=LATER)


def test_frozen_text_is_not_written_any_more(paper, written, officer):
    with pytest.raises(RuleError):
        amendments.put(written, by=officer, at=LATER, code="1.02", after=duty(written.programme, "1.02"))


def test_change_made_while_the_paper_is_drawn_stops_the_freezing(written, officer, monkeypatch):
    draw = documents.draw

    def slow(*args, **options):
        drawn = draw(*args, **options)
        amendments.leave(written, by=officer, at=LATER, code="1.02")
        return drawn

    monkeypatch.setattr(documents, "draw", slow)
    with pytest.raises(StaleError):
        amendments.freeze(written, by=officer, at=LATER)


def test_signer_reads_the_changes_in_the_room(paper, head):
    text = texts.frozen_text(paper, paper.fields.get(agency=head.agency_id))
    assert {line.row.code for line in text.mine} == {"1.01", "2.02"}


def test_withdrawn_amendment_is_a_draft_again(paper, written, officer):
    assert rounds.amended() == {written.programme_id}  # while it is out no agency of it changes
    documents.withdraw(paper, by=officer, at=LATER, reason="Còn thiếu nội dung")
    assert Amendment.objects.get(pk=written.pk).is_draft
    assert not rounds.amended()
    assert Programme.objects.get().state == "in_force"
    again = amendments.freeze(Amendment.objects.get(pk=written.pk), by=officer, at=LATER)
    assert Amendment.objects.get().document == again


# --- In force ---------------------------------------------------------------------------------------
def test_changes_come_into_force_with_the_number(in_force, department):
    rows = {row.code: row for row in Assignment.objects.all()}
    assert (rows["1.01"].deadline_on, rows["1.01"].target, rows["1.01"].due_on) == (
        dt.date(2026, 6, 30),
        25,
        dt.date(2026, 6, 30),
    )
    assert rows["1.02"].status == "cancelled"
    assert (rows["2.02"].lead, rows["2.02"].status) == (department, "assigned")
    assert in_force.full_number == "02/PL-BCHQS-MTTQ"
    assert Event.objects.filter(verb="assignment.amended").count() == 3


def test_the_trail_tells_each_change_in_words(in_force, officer, login):
    page = " ".join(login(officer).get(reverse("audit:list")).content.decode().split())
    for words in ("Diễn tập bổ sung", "30/06/2026", "đã hủy", "Sở Xây dựng"):
        assert words in page
    changed = json.loads(Event.objects.filter(verb="assignment.amended").earliest("seq").payload)
    told = {name for name in changed["after"] if not name.startswith("coordination.")}
    assert told == {"deadline_on", "target"}, "1.01: what differs and nothing else"


def test_the_trail_tells_what_was_written_and_taken_out(written, officer, login):
    amendments.leave(written, by=officer, at=LATER, code="1.02")
    page = login(officer).get(reverse("audit:list")).content.decode()
    assert "Nội dung nay sửa" in page
    assert "Diễn tập bổ sung" in page


def test_tracked_equals_programme_and_signed_amendment(in_force):
    report = drifts.verify_programme(in_force.programme, at=LATER)
    assert (report.outcome, report.drifts) == (Exit.GOOD, ())


def test_drift_after_the_amendment_is_named(in_force):
    Assignment.objects.filter(code="1.01").update(deadline_on=dt.date(2026, 3, 31))
    report = drifts.verify_programme(in_force.programme, at=LATER)
    assert [drift.path for drift in report.drifts] == ["assignments[1.01].deadline_on"]


def test_change_before_the_number_is_a_drift(closed):
    """Signed by all, not issued: the duties are still the old ones."""
    assert drifts.verify_programme(closed.programme, at=LATER).outcome is Exit.GOOD
    assert Assignment.objects.get(code="1.01").deadline_on == dt.date(2026, 3, 31)


def test_amendment_that_not_all_have_signed_is_not_issued(paper, sign, commander, officer, clerk):
    documents.open_round(paper, by=officer, at=LATER)
    sign(paper, commander, at=LATER + dt.timedelta(minutes=2))
    documents.close_round(paper, by=officer, at=LATER)
    with pytest.raises(RuleError):
        amendments.issue(paper, by=clerk, at=LATER, number=2, issued_on=LATER.date())


def test_only_the_records_office_issues_it_and_only_with_its_changes(closed, officer, commander, clerk):
    for user in (officer, commander):
        with pytest.raises(PermissionDenied):
            amendments.issue(closed, by=user, at=LATER, number=2, issued_on=LATER.date())
    with pytest.raises(RuleError):
        documents.issue(closed, by=clerk, at=LATER, number=2, issued_on=LATER.date())


def test_row_changed_behind_the_amendment_stops_the_issue(closed, clerk):
    Assignment.objects.filter(code="1.01").update(title_vi="Khác")
    with pytest.raises(RuleError):
        amendments.issue(closed, by=clerk, at=LATER, number=2, issued_on=LATER.date())
    assert Document.objects.get(pk=closed.pk).state == S.CLOSED


def test_second_amendment_follows_the_first(in_force, officer, sign, commander, front_head, head, clerk):
    second = amendments.propose(
        in_force.programme, by=officer, at=LATER, reason="Điều chỉnh tiếp", closes_on=CLOSES_ON
    )
    assert second.ordinal == 2
    after = duty(in_force.programme, "1.01", deadline_on="2026-07-31")
    amendments.put(second, by=officer, at=LATER, code="1.01", after=after)
    paper = amendments.freeze(second, by=officer, at=LATER)
    documents.open_round(paper, by=officer, at=LATER)
    for place, user in enumerate((commander, front_head, head)):
        sign(paper, user, at=LATER + dt.timedelta(minutes=10 + place))
    documents.close_round(paper, by=officer, at=LATER)
    amendments.issue(paper, by=clerk, at=LATER, number=3, issued_on=LATER.date())
    assert drifts.verify_programme(in_force.programme, at=LATER).outcome is Exit.GOOD


def test_public_page_knows_the_amendment_after_its_issue(in_force):
    revision = verification.public_state(in_force.head_id)
    assert revision.document == in_force


def test_amendment_that_a_party_will_not_sign_is_taken_back_and_written_again(
    paper, sign, commander, officer, written
):
    documents.open_round(paper, by=officer, at=LATER)
    sign(paper, commander, at=LATER + dt.timedelta(minutes=2))
    paper.refresh_from_db()
    with pytest.raises(RuleError):
        documents.withdraw(paper, by=commander, at=LATER, reason="Sở chưa đồng ý")
    with pytest.raises(PermissionDenied):
        amendments.take_back(paper, by=officer, at=LATER, reason="Sở chưa đồng ý")
    amendments.take_back(paper, by=commander, at=LATER, reason="Sở chưa đồng ý")
    draft = Amendment.objects.get(pk=written.pk)
    amendments.leave(draft, by=officer, at=LATER, code="1.02")
    assert amendments.freeze(draft, by=officer, at=LATER).pk != paper.pk
    assert Assignment.objects.get(code="1.01").deadline_on == dt.date(2026, 3, 31)
