"""A document's life: who may freeze, open, withdraw, close and issue it, when, and who comes too late."""

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from agreements import documents, pades, registers
from agreements.models import Document, Revision, Signature, SignatureField
from agreements.states import DocumentState
from portal.audit.models import Event
from portal.files import store
from portal.lib.errors import RuleError, StaleError
from tasks import programmes
from tasks.content import content
from tasks.models import Assignment, Clause, Programme
from tasks.states import ProgrammeState
from tests.agreements.pdf_tools import pdfsig, qpdf_accepts
from tests.factories import NOW, ClauseFactory

LATER = NOW + dt.timedelta(days=30)  # after the closing date
S = DocumentState


def verbs() -> list[str]:
    return list(Event.objects.order_by("seq").values_list("verb", flat=True))


def stale(document: Document) -> Document:
    """The same document, as somebody read it before."""
    return Document.objects.get(pk=document.pk)


# --- Freeze ---------------------------------------------------------------------------------------
def test_frozen_document_is_certified_and_whole(frozen, tmp_path):
    pdf = store.read(frozen.head_id)
    assert frozen.state == S.FROZEN
    assert frozen.programme.state == ProgrammeState.FROZEN
    assert [seen.field for seen in pdfsig(pdf, tmp_path)] == [pades.CERTIFYING_FIELD]
    assert qpdf_accepts(pdf, tmp_path)
    assert Revision.objects.get(document=frozen).file_id == frozen.frozen_id == frozen.head_id
    assert verbs() == ["programme.frozen", "document.frozen"]


def test_every_party_gets_its_field_where_the_paper_has_it(frozen):
    rows = list(SignatureField.objects.filter(document=frozen))
    assert [(row.name, row.agency.code, row.page) for row in rows] == [
        ("KY_001", "BCHQS", 1),
        ("KY_002", "UBMTTQ", 1),
        ("KY_003", "SXD", 3),
    ]
    assert all(row.width > 100 and row.height > 100 for row in rows)


def test_frozen_file_carries_the_programme_as_it_stands(frozen):
    attached = pades.attachment(store.read(frozen.frozen_id), documents.ATTACHMENT)
    assert json.loads(attached) == content(frozen.programme)


@pytest.mark.parametrize("who", ["head", "focal_point", "clerk", "admin", "viewer", "stranger", "deputy"])
def test_only_officer_and_commander_freeze(settled, cast, who):
    with pytest.raises(PermissionDenied):
        documents.freeze(settled, by=getattr(cast, who), at=NOW)
    assert not Document.objects.exists()


def test_commander_freezes(settled, commander):
    assert documents.freeze(settled, by=commander, at=NOW).state == S.FROZEN


def test_draft_is_not_frozen(draft_programme, officer):
    with pytest.raises(RuleError):
        documents.freeze(draft_programme, by=officer, at=NOW)


def test_closing_date_in_the_past_is_refused(settled, officer):
    with pytest.raises(RuleError):
        documents.freeze(settled, by=officer, at=LATER)


def test_single_signatory_is_refused(settled, officer):
    settled.signatories.exclude(agency__code="BCHQS").delete()
    with pytest.raises(RuleError):
        documents.freeze(settled, by=officer, at=NOW)


def test_paper_without_closing_paragraph_is_refused(settled, officer):
    settled.clauses.filter(section=Clause.Section.ORGANISATION).delete()
    with pytest.raises(RuleError):
        documents.freeze(settled, by=officer, at=NOW)


@pytest.mark.parametrize("text", ["Ký tự lạ: 軍", "Ký tự ẩn: a\u200bb", "Dấu tách\u0300\u0301\u0302: ꧁"])
def test_text_that_the_paper_cannot_print_is_refused(settled, officer, text):
    ClauseFactory(programme=settled, number=9, text=text)
    with pytest.raises(RuleError) as refused:
        documents.freeze(settled, by=officer, at=NOW)
    assert "U+" in str(refused.value)
    settled.refresh_from_db()
    assert settled.state == ProgrammeState.SETTLED
    assert not Document.objects.exists()


def test_markup_in_a_text_is_printed_as_it_is(settled, officer):
    ClauseFactory(programme=settled, number=9, text="#emph[x] *đậm* $x^2$ <script> \\u{41} @ref // ghi chú")
    assert documents.freeze(settled, by=officer, at=NOW).state == S.FROZEN


def test_decomposed_letters_are_frozen_composed(settled, officer):
    ClauseFactory(programme=settled, number=9, text="Quo\u0302\u0301c pho\u0300ng")
    frozen = documents.freeze(settled, by=officer, at=NOW)
    assert "Quốc phòng" in pades.attachment(store.read(frozen.frozen_id), documents.ATTACHMENT).decode()


def test_same_input_gives_the_same_pages(settled, officer, typeset_anew):
    first = documents.freeze(settled, by=officer, at=NOW)
    documents.withdraw(first, by=officer, at=NOW, reason="Làm lại từ đầu")
    settled.refresh_from_db()
    second = documents.freeze(settled, by=officer, at=NOW)
    pages = [pades.revision_bytes(store.read(one.frozen_id), 1) for one in (first, second)]
    assert first.frozen_id != second.frozen_id, "the certifying signature differs"
    assert pages[0] == pages[1]


def test_text_changed_meanwhile_is_not_frozen(settled, officer):
    drawn = documents._draw(settled, NOW)
    Assignment.objects.filter(code="1.01").update(deadline_on=dt.date(2026, 4, 30))
    with pytest.raises(StaleError):
        documents._freeze(settled, drawn, by=officer, at=NOW)
    settled.refresh_from_db()
    assert settled.state == ProgrammeState.SETTLED
    assert not Document.objects.exists()
    assert verbs() == []


def test_second_freezing_comes_too_late(settled, officer, commander):
    mine, yours = settled, Programme.objects.get(pk=settled.pk)
    drawn = documents._draw(mine, NOW)
    documents.freeze(yours, by=commander, at=NOW)
    with pytest.raises(RuleError):
        documents._freeze(mine, drawn, by=officer, at=NOW)
    assert Document.objects.count() == 1


# --- Open -----------------------------------------------------------------------------------------
def test_opened_document_is_open(frozen, officer):
    documents.open_round(frozen, by=officer, at=NOW)
    assert stale(frozen).state == S.SIGNING
    assert verbs()[-1] == "document.opened"


@pytest.mark.parametrize("who", ["head", "clerk", "admin", "viewer", "focal_point"])
def test_only_officer_and_commander_open(frozen, cast, who):
    with pytest.raises(PermissionDenied):
        documents.open_round(frozen, by=getattr(cast, who), at=NOW)


def test_opening_after_the_closing_date_is_refused(frozen, officer):
    with pytest.raises(RuleError):
        documents.open_round(frozen, by=officer, at=LATER)


def test_second_opening_comes_too_late(frozen, officer, commander):
    late = stale(frozen)
    documents.open_round(frozen, by=officer, at=NOW)
    with pytest.raises(RuleError):
        documents.open_round(late, by=commander, at=NOW)


# --- Withdraw -------------------------------------------------------------------------------------
def test_withdrawn_text_can_be_changed_again(document, officer):
    documents.withdraw(document, by=officer, at=NOW, reason="Sai thời hạn")
    assert stale(document).state == S.TERMINATED
    assert document.programme.state == ProgrammeState.SETTLED
    assert verbs()[-2:] == ["programme.unfrozen", "document.withdrawn"]


def test_stranger_does_not_withdraw(document, stranger):
    with pytest.raises(PermissionDenied):
        documents.withdraw(document, by=stranger, at=NOW, reason="Sai thời hạn")


def test_withdrawing_needs_a_reason(document, officer):
    with pytest.raises(RuleError):
        documents.withdraw(document, by=officer, at=NOW, reason="  ")


def test_officer_takes_nothing_back_that_somebody_signed(document, officer, head, sign):
    late = stale(document)
    sign(document, head)
    with pytest.raises(PermissionDenied):
        documents.withdraw(late, by=officer, at=NOW, reason="Sai thời hạn")
    assert stale(document).state == S.SIGNING


def test_commander_takes_back_what_some_have_signed(document, commander, head, sign):
    sign(document, head)
    documents.withdraw(document, by=commander, at=NOW, reason="Sai thời hạn")
    ended = stale(document)
    assert (ended.state, ended.ended_reason) == (S.TERMINATED, "Sai thời hạn")
    assert document.programme.state == ProgrammeState.SETTLED
    assert ended.signatures.count() == 1, "what was signed stays on record"


def test_what_everybody_signed_is_not_taken_back(document, commander, front_head, head, sign):
    for user in (head, commander, front_head):
        sign(document, user)
    with pytest.raises(RuleError):
        documents.withdraw(document, by=commander, at=NOW, reason="Sai thời hạn")


def test_after_the_closing_date_nothing_signed_is_taken_back(document, commander, head, sign):
    sign(document, head)
    with pytest.raises(RuleError):
        documents.withdraw(document, by=commander, at=LATER, reason="Sai thời hạn")


def test_withdrawn_document_is_not_withdrawn_again(document, officer):
    late = stale(document)
    documents.withdraw(document, by=officer, at=NOW, reason="Sai thời hạn")
    with pytest.raises(RuleError):
        documents.withdraw(late, by=officer, at=NOW, reason="Sai thời hạn")


# --- Bring into force, close ----------------------------------------------------------------------
@pytest.fixture
def by_both_hosts(document, sign, commander, front_head):
    for user in (commander, front_head):
        sign(document, user)
    return document


def test_commander_brings_into_force(by_both_hosts, commander):
    documents.bring_into_force(by_both_hosts, by=commander, at=NOW)
    assert by_both_hosts.programme.state == ProgrammeState.IN_FORCE
    assert set(Assignment.objects.values_list("status", flat=True)) == {"assigned"}


@pytest.mark.parametrize("who", ["officer", "head", "front_head", "clerk"])
def test_only_the_commander_brings_into_force(by_both_hosts, cast, who):
    with pytest.raises(PermissionDenied):
        documents.bring_into_force(by_both_hosts, by=getattr(cast, who), at=NOW)


def test_command_and_front_have_to_sign_first(document, sign, commander, head):
    for user in (commander, head):
        sign(document, user)
    with pytest.raises(RuleError):
        documents.bring_into_force(document, by=commander, at=NOW)


def test_failed_check_stops_the_decision(by_both_hosts, commander):
    Signature.objects.filter(seq=1).update(check_state="bad", checked_at=NOW)
    with pytest.raises(RuleError):
        documents.bring_into_force(by_both_hosts, by=commander, at=NOW)


def test_text_that_was_taken_back_brings_no_other_into_force(by_both_hosts, commander, officer):
    documents.withdraw(by_both_hosts, by=commander, at=NOW, reason="Sai thời hạn")
    programme = stale(by_both_hosts).programme
    documents.freeze(programme, by=officer, at=NOW)
    with pytest.raises(RuleError):
        documents.bring_into_force(stale(by_both_hosts), by=commander, at=NOW)
    programme.refresh_from_db()
    assert programme.state == ProgrammeState.FROZEN


def test_programme_comes_into_force_once(by_both_hosts, commander):
    late = stale(by_both_hosts)
    documents.bring_into_force(by_both_hosts, by=commander, at=NOW)
    with pytest.raises(RuleError):
        documents.bring_into_force(late, by=commander, at=NOW)


def test_programme_in_force_is_not_taken_back(by_both_hosts, commander):
    documents.bring_into_force(by_both_hosts, by=commander, at=NOW)
    with pytest.raises(RuleError):
        documents.withdraw(by_both_hosts, by=commander, at=NOW, reason="Sai thời hạn")


@pytest.fixture
def in_force(by_both_hosts, commander):
    documents.bring_into_force(by_both_hosts, by=commander, at=NOW)
    return by_both_hosts


def test_closed_round_is_closed(in_force, officer):
    documents.close_round(in_force, by=officer, at=NOW)
    assert stale(in_force).state == S.CLOSED
    event = Event.objects.get(verb="document.closed")
    assert json.loads(event.payload) == {"parties": 3, "signed": 2}


def test_head_does_not_close(in_force, head):
    with pytest.raises(PermissionDenied):
        documents.close_round(in_force, by=head, at=NOW)


def test_round_stays_open_until_the_programme_is_in_force(document, officer):
    with pytest.raises(RuleError):
        documents.close_round(document, by=officer, at=NOW)


def test_second_closing_comes_too_late(in_force, officer, commander):
    late = stale(in_force)
    documents.close_round(in_force, by=officer, at=NOW)
    with pytest.raises(RuleError):
        documents.close_round(late, by=commander, at=NOW)


# --- Issue ----------------------------------------------------------------------------------------
@pytest.fixture
def closed(in_force, officer):
    documents.close_round(in_force, by=officer, at=NOW)
    return in_force


def test_records_office_gives_number_and_date(closed, clerk):
    before = stale(closed).head_id
    documents.issue(closed, by=clerk, at=NOW, number=1, issued_on=NOW.date())
    issued = stale(closed)
    assert issued.full_number == "01/CTr-BCHQS-MTTQ"
    assert issued.head_id == before, "the signed pages stay as they are"
    assert registers.next_number(2026) == 2


@pytest.mark.parametrize("who", ["officer", "commander", "head", "viewer"])
def test_only_the_records_office_issues(closed, cast, who):
    with pytest.raises(PermissionDenied):
        documents.issue(closed, by=getattr(cast, who), at=NOW, number=1, issued_on=NOW.date())


@pytest.mark.parametrize("days", [-1, 1])
def test_date_of_issue_lies_between_freezing_and_today(closed, clerk, days):
    day = NOW.date() + dt.timedelta(days=days)
    with pytest.raises(RuleError):
        documents.issue(closed, by=clerk, at=NOW, number=1, issued_on=day)


def test_document_frozen_in_the_small_hours_is_issued_that_day(closed, clerk):
    """Frozen at one in the morning here is still yesterday in UTC."""
    Document.objects.update(frozen_at=NOW.replace(hour=1))
    closed = stale(closed)
    with pytest.raises(RuleError):
        documents.issue(closed, by=clerk, at=NOW, number=1, issued_on=NOW.date() - dt.timedelta(days=1))


def test_open_round_is_not_issued(in_force, clerk):
    with pytest.raises(RuleError):
        documents.issue(in_force, by=clerk, at=NOW, number=1, issued_on=NOW.date())


def test_second_issue_comes_too_late(closed, clerk):
    late = stale(closed)
    documents.issue(closed, by=clerk, at=NOW, number=1, issued_on=NOW.date())
    with pytest.raises(RuleError):
        documents.issue(late, by=clerk, at=NOW, number=2, issued_on=NOW.date())
    assert stale(closed).number == 1


@pytest.fixture
def other_issued(closed):
    """Another paper of the same year that has number 1 already."""
    other = stale(closed)
    other.pk, other.state, other.number, other.number_year = None, S.TERMINATED, 1, 2026
    other.save()
    return other


def test_number_is_given_once_a_year(closed, clerk, other_issued):
    with pytest.raises(RuleError):
        documents.issue(closed, by=clerk, at=NOW, number=1, issued_on=NOW.date())
    documents.issue(closed, by=clerk, at=NOW, number=registers.next_number(2026), issued_on=NOW.date())
    assert stale(closed).number == 2


def test_database_holds_the_number(closed, other_issued):
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.filter(pk=closed.pk).update(number=1, number_year=2026)


def test_frozen_programme_is_not_reopened_by_hand(frozen, officer):
    with pytest.raises(RuleError):
        programmes.reopen(frozen.programme, by=officer, at=NOW)
