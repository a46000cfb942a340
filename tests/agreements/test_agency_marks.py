"""Two signatures for each agency: its head's, then its own with the key that names no person."""

import datetime as dt
import threading
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from agreements import (
    access,
    boards,
    documents,
    pades,
    paper_signatures,
    parties,
    pki,
    reminders,
    sheets,
    signing,
    verification,
    waves,
)
from agreements.models import Certificate, Document, Signature
from agreements.states import DocumentState
from portal.dashboards import summaries
from portal.files import store
from portal.lib.errors import RuleError
from portal.notices.models import Notice
from portal.users import totp
from portal.users.models import Membership, Role, User
from tests.agreements.conftest import MINUTE, PIN
from tests.agreements.pdf_tools import pdfsig, qpdf_accepts
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def place_of(document: Document, user: User) -> boards.Place:
    document.refresh_from_db()
    found = boards.board(document).of(user.agency_id)
    assert found
    return found


# --- The round ------------------------------------------------------------------------------------
def test_agency_counts_once_both_signatures_are_there(twofold, head, keeper, sign, mark, tmp_path):
    assert twofold.parties.count() == 3
    assert twofold.fields.count() == 6
    sign(twofold, head)
    assert place_of(twofold, head).state == "half"
    assert not documents.signed_agencies(twofold)
    assert boards.board(twofold).signed == 0
    signature = mark(twofold, keeper)
    assert place_of(twofold, head).state == "signed"
    assert documents.signed_agencies(twofold) == {head.agency_id}
    assert boards.board(twofold).signed == boards.rounds(Document.objects.all())[0].signed == 1
    assert boards.rounds(Document.objects.all())[0].total == 3
    assert (signature.signer, signature.signer_name) == (keeper, "Sở Xây dựng")
    signed = store.read(twofold.head_id)
    assert qpdf_accepts(signed, tmp_path)
    seen = pdfsig(signed, tmp_path)
    assert [one.field for one in seen] == ["CHUNG_THUC", "KY_003", "DAU_003"]
    assert all(one.is_valid for one in seen)
    assert seen[-1].signer == "Sở Xây dựng"


def test_every_check_agrees_on_both_signatures(twofold, head, keeper, sign, mark):
    sign(twofold, head)
    mark(twofold, keeper)
    verification.check_next(at=NOW + MINUTE)
    assert set(twofold.signatures.values_list("check_state", flat=True)) == {"good"}
    twofold.refresh_from_db()
    report = verification.report(store.read(twofold.head_id), at=NOW + MINUTE)
    assert [row.verdict for row in report.signatures] == [pades.Verdict.GOOD] * 3


def test_programme_is_in_force_only_after_both_of_the_hosts(
    twofold, commander, clerk, front_head, front, sign, mark
):
    for user in (commander, front_head):
        sign(twofold, user)
    mark(twofold, clerk)
    with pytest.raises(RuleError, match="Bộ Chỉ huy và Mặt trận"):
        documents.bring_into_force(twofold, by=commander, at=NOW)
    mark(twofold, front_head)
    documents.bring_into_force(twofold, by=commander, at=NOW)


def test_one_mark_document_has_one_field_a_party(document, head, sign):
    assert document.fields.count() == document.parties.count() == 3
    sign(document, head)
    assert place_of(document, head).is_signed
    assert documents.signed_agencies(document) == {head.agency_id}


def test_agencys_field_lies_at_the_seals_place_in_its_heads(twofold):
    field = twofold.fields.get(name="DAU_001")
    own = field.after
    assert (field.page, field.x, field.y, field.height) == (own.page, own.x, own.y, own.height)
    assert field.width == pytest.approx((own.width - 102) / 2 + 34)


def test_next_wave_waits_for_the_agencys_signature(settled, officer, front_head, department, sign, mark):
    document = documents.freeze(settled, by=officer, at=NOW, agency_marks=True)
    waves.choose(document, by=officer, at=NOW, order=Document.Order.HOST_LAST)
    documents.open_round(document, by=officer, at=NOW)
    sign(document, front_head)
    document.refresh_from_db()
    assert document.wave == 1
    mark(document, front_head)
    document.refresh_from_db()
    assert document.wave == 2


def test_nobody_waits_for_the_agency_of_an_absent_head(settled, officer, front, sign):
    document = documents.freeze(settled, by=officer, at=NOW, agency_marks=True)
    waves.choose(document, by=officer, at=NOW, order=Document.Order.HOST_LAST)
    documents.open_round(document, by=officer, at=NOW)
    parties.mark_absent(document.parties.get(agency=front), by=officer, at=NOW)
    document.refresh_from_db()
    assert document.wave == 2


def test_keeper_is_told_when_the_head_has_signed_and_no_more_after_it(twofold, head, keeper, sign, mark):
    field = twofold.fields.get(agency=head.agency_id, after__isnull=False)
    told = Notice.objects.filter(kind=reminders.AGENCY_TURN.code, recipient=keeper)
    assert not told.exists()
    sign(twofold, head)
    assert [row.subject_id for row in told] == [field.pk]
    assert reminders._is_unsigned(list(told), NOW.date()) == {told.get().pk}
    mark(twofold, keeper)
    assert reminders._is_unsigned(list(told), NOW.date()) == set()


def test_calendar_reminds_the_keeper_only_once_the_head_has_signed(twofold, head, keeper, sign):
    week_before = NOW + dt.timedelta(days=13)
    due = Notice.objects.filter(kind=reminders.AGENCY_DUE.code, recipient=keeper)
    reminders.plan(week_before)
    assert not due.exists()
    sign(twofold, head)
    reminders.plan(week_before)
    assert due.exists()


def test_home_of_the_keeper_asks_for_it_after_the_head(twofold, head, keeper, sign, mark):
    address = reverse("agreements:sign_for_agency", args=[twofold.pk])

    def urls(user: User) -> list[str]:
        return [
            todo.url for todo in summaries.home(User.objects.get(pk=user.pk), at=NOW, today=NOW.date()).todos
        ]

    assert address not in urls(keeper)
    sign(twofold, head)
    assert address in urls(keeper)
    assert address in urls(head)
    mark(twofold, keeper)
    assert address not in urls(keeper)


def test_scan_of_the_paper_stands_for_both(twofold, department, officer, clerk):
    field = twofold.parties.get(agency=department)
    paper = field.paper_signatures.create(
        document=twofold, signer_name="Mạc Văn Hùng", signer_title="Giám đốc", signed_on=NOW.date(),
        file=twofold.frozen, name="ban-quet.pdf", vouched_by=officer, vouched_at=NOW,
    )  # fmt: skip
    paper_signatures.confirm(paper, by=clerk, at=NOW)
    assert documents.signed_agencies(twofold) == {department.pk}
    assert not access.unsigned_fields().filter(document=twofold, agency=department).exists()


def test_evidence_sheet_names_both_and_who_keeps_the_key(twofold, head, keeper, officer, sign, mark):
    sign(twofold, head)
    half = sheets.evidence_sheet(twofold, reader=officer, at=NOW)
    assert sheets.NO_MARK in half.sections[0].rows[2][4]
    mark(twofold, keeper)
    whole = sheets.evidence_sheet(twofold, reader=officer, at=NOW)
    assert sheets.NO_MARK not in whole.sections[0].rows[2][4]
    assert [row[1] for row in whole.sections[1].rows] == [
        head.get_full_name(),
        f"Sở Xây dựng, người giữ khóa: {keeper.get_full_name()}",
    ]
    assert sheets.AGENCY_KEYS in whole.notes
    assert sheets.NO_AGENCY_KEY not in whole.notes


# --- Who, and when ----------------------------------------------------------------------------------
def test_deputy_and_stranger_do_not_sign_for_the_agency(twofold, head, deputy, stranger, enrolled, sign):
    sign(twofold, head)
    for user in (deputy, stranger):
        with pytest.raises(PermissionDenied):
            signing.sign(
                twofold, by=enrolled(user), pin=PIN, code="000000", shown_sha256=twofold.frozen_id,
                request_key=uuid.uuid4(), at=NOW, for_agency=True,
            )  # fmt: skip


def test_agency_does_not_sign_before_its_head(twofold, keeper, mark):
    with pytest.raises(RuleError, match="Thủ trưởng cơ quan chưa ký"):
        mark(twofold, keeper)
    assert not twofold.signatures.exists()


def test_agency_signs_once(twofold, head, keeper, sign, mark):
    sign(twofold, head)
    mark(twofold, keeper)
    with pytest.raises(RuleError, match="đã ký văn bản này"):
        mark(twofold, keeper, at=NOW + 2 * MINUTE)


def test_agency_signs_no_document_that_asks_for_one_signature(document, head, keeper, sign, mark):
    assert not access.may_sign_for_agency(keeper, document)
    sign(document, head)
    with pytest.raises(PermissionDenied):
        mark(document, keeper)


def test_agency_does_not_sign_after_the_round(twofold, head, keeper, sign, mark):
    sign(twofold, head)
    Document.objects.filter(pk=twofold.pk).update(state=DocumentState.CLOSED)
    twofold.refresh_from_db()
    with pytest.raises(RuleError, match="chưa mở hoặc đã đóng"):
        mark(twofold, keeper)


def test_keeper_who_left_the_post_signs_nothing(twofold, head, keeper, sign, mark, give_key):
    sign(twofold, head)
    give_key(keeper)
    Membership.objects.filter(user=keeper).update(role=Role.FOCAL_POINT)
    with pytest.raises(PermissionDenied):
        mark(twofold, User.objects.get(pk=keeper.pk))
    assert pki.destroy_keys_without_post(by=None, at=NOW + MINUTE) == 1


def test_key_of_the_records_office_is_not_destroyed(keeper, give_key):
    give_key(keeper)
    assert pki.destroy_keys_without_post(by=None, at=NOW + MINUTE) == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_sets_it(on_disk, twofold, head, keeper, sign, give_key):
    """The same keeper sends two forms at the same moment: one signature, one refusal, no third revision."""
    sign(twofold, head)
    give_key(keeper)
    key = pki.unlock(pki.current_credential(keeper, at=NOW, for_agency=True), PIN, by=keeper, at=NOW)
    begin, said = threading.Barrier(2), []

    def send() -> None:
        try:
            begin.wait()
            signing.append(
                twofold, by=keeper, key=key, shown_sha256=twofold.frozen_id, request_key=uuid.uuid4(),
                at=NOW, for_agency=True,
            )  # fmt: skip
            said.append("signed")
        except RuleError:
            said.append("refused")
        finally:
            connection.close()

    both = [threading.Thread(target=send) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    twofold.refresh_from_db()
    assert sorted(said) == ["refused", "signed"]
    assert twofold.head_seq == 2


# --- The gate ---------------------------------------------------------------------------------------
def test_heads_key_signs_nothing_in_the_agencys_field(twofold, head, sign, give_key):
    """The wrong key of the right person: refused before the file is touched, and by the look at the file."""
    sign(twofold, head)
    give_key(head)
    own = pki.unlock(pki.current_credential(head, at=NOW), PIN, by=head, at=NOW)
    agencys = pki.unlock(pki.current_credential(head, at=NOW, for_agency=True), PIN, by=head, at=NOW)
    with pytest.raises(RuleError, match="vừa thay đổi"):
        signing.append(
            twofold, by=head, key=own, shown_sha256=twofold.frozen_id, request_key=uuid.uuid4(), at=NOW,
            for_agency=True,
        )  # fmt: skip
    twofold.refresh_from_db()
    base, shown = store.read(twofold.head_id), pades.AgencyAppearance("Sở Xây dựng", NOW)
    forged = pades.sign(base, "DAU_003", own, shown, at=NOW)
    with pytest.raises(pades.CandidateRefused, match="certificate"):
        pades.check_candidate(base, forged, "DAU_003", agencys.certificate)
    right = pades.sign(base, "DAU_003", agencys, shown, at=NOW)
    pades.check_candidate(base, right, "DAU_003", agencys.certificate)


def test_agencys_key_signs_nothing_in_the_heads_field(twofold, head, enrolled, give_key):
    enrolled(head)
    give_key(head)
    own = pki.unlock(pki.current_credential(head, at=NOW), PIN, by=head, at=NOW)
    agencys = pki.unlock(pki.current_credential(head, at=NOW, for_agency=True), PIN, by=head, at=NOW)
    with pytest.raises(RuleError, match="vừa thay đổi"):
        signing.append(
            twofold, by=head, key=agencys, shown_sha256=twofold.frozen_id, request_key=uuid.uuid4(), at=NOW
        )
    base, shown = store.read(twofold.head_id), pades.Appearance((), "Mạc Văn Hùng", NOW)
    forged = pades.sign(base, "KY_003", agencys, shown, at=NOW)
    with pytest.raises(pades.CandidateRefused, match="certificate"):
        pades.check_candidate(base, forged, "KY_003", own.certificate)
    with pytest.raises(pades.CandidateRefused, match="wrong_field"):
        pades.check_candidate(
            base, pades.sign(base, "DAU_003", own, shown, at=NOW), "KY_003", own.certificate
        )


def test_check_names_a_signature_by_another_certificate(twofold, head, keeper, sign, mark):
    """A row that says another certificate than the file holds is bad, whoever made it so."""
    sign(twofold, head)
    made = mark(twofold, keeper)
    made.certificate = Certificate.objects.get(user=head)
    verification.check(made, at=NOW + MINUTE)
    assert Signature.objects.get(pk=made.pk).check_state == "bad"


# --- The pages --------------------------------------------------------------------------------------
def test_officer_chooses_it_when_freezing(login, settled, officer, now):
    client = login(officer)
    page = client.get(reverse("programmes:detail", args=[settled.year]))
    assert 'name="agency_marks"' in page.content.decode()
    client.post(reverse("agreements:freeze", args=[settled.year]), {"agency_marks": "on"})
    document = Document.objects.get()
    assert document.agency_marks
    assert (
        "Mỗi cơ quan có hai chữ ký"
        in client.get(reverse("agreements:detail", args=[document.pk])).content.decode()
    )


def test_left_alone_it_is_off(login, settled, officer, now):
    login(officer).post(reverse("agreements:freeze", args=[settled.year]))
    assert not Document.objects.get().agency_marks


def test_keeper_signs_in_the_room(login, twofold, head, keeper, sign, give_key, now):
    sign(twofold, head)
    give_key(keeper)
    client, address = login(keeper), reverse("agreements:sign_for_agency", args=[twofold.pk])
    page = client.get(address).content.decode()
    assert "Ký số của cơ quan" in page
    form = {
        "read": "on", "pin": PIN, "sha256": twofold.frozen_id, "key": str(uuid.uuid4()),
        "code": totp.next_code(keeper, at=now),
    }  # fmt: skip
    assert client.post(address, form | {"pin": "1357-2468"}).status_code == 400
    answer = client.post(address, form | {"code": totp.next_code(keeper, at=now)})
    assert answer.url == reverse("agreements:signed", args=[twofold.pk])
    assert "Người giữ khóa" in client.get(answer.url).content.decode()


def test_room_says_that_the_head_comes_first(login, twofold, keeper, give_key, now):
    give_key(keeper)
    page = login(keeper).get(reverse("agreements:sign_for_agency", args=[twofold.pk])).content.decode()
    assert "Thủ trưởng cơ quan chưa ký" in page
    assert 'name="pin"' not in page


def test_verdict_says_whose_signature_is_which(client, twofold, head, keeper, sign, mark):
    sign(twofold, head)
    mark(twofold, keeper)
    verification.check_next(at=NOW + MINUTE)
    twofold.refresh_from_db()
    sent = SimpleUploadedFile("a.pdf", store.read(twofold.head_id), "application/pdf")
    page = client.post(reverse("verify"), {"file": sent}).content.decode()
    assert "chữ ký số của cơ quan" in page
    assert "Chưa cơ quan nào ký bằng chữ ký số của cơ quan" not in page
    assert keeper.get_full_name() not in page
