"""The critical section: a document grows by one signature, or not at all."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from agreements import keys, pades, pki, signing
from agreements.models import Certificate, Document, Revision, Signature, SigningRequest
from portal.audit.models import Event
from portal.files import store
from portal.lib.errors import BusyError, RuleError, StaleError
from portal.users import totp
from portal.users.models import Membership, Role, UsedCode, User
from portal.users.step_up import CodeRefused
from tests.agreements.conftest import PIN
from tests.agreements.pdf_tools import pdfsig, qpdf_accepts
from tests.factories import NOW, AgencyFactory, person

MINUTE = dt.timedelta(minutes=1)
WRONG = "1357-2468"


def signed_fields(document: Document) -> list[str]:
    return list(Signature.objects.filter(document=document).values_list("field__name", flat=True))


def send(document: Document, user: User, **given) -> Signature:
    """Send the form as it is, without making a certificate on the way."""
    form = {"pin": PIN, "code": totp.next_code(user, at=NOW) or "", "shown_sha256": document.frozen_id}
    return signing.sign(document, by=user, at=NOW, request_key=uuid.uuid4(), **(form | given))


def unlocked(user: User) -> keys.SigningKey:
    return pki.unlock(pki.current_credential(user, at=NOW), PIN, by=user, at=NOW)


# --- It works -------------------------------------------------------------------------------------
def test_signature_stands_in_the_file(document, sign, head, tmp_path):
    signature = sign(document, head)
    document.refresh_from_db()
    assert document.head_seq == signature.seq == 1
    signed = store.read(document.head_id)
    assert signed.startswith(store.read(document.frozen_id))
    assert qpdf_accepts(signed, tmp_path)
    assert [seen.field for seen in pdfsig(signed, tmp_path)] == ["CHUNG_THUC", signature.field.name]


def test_signatures_follow_one_another(document, sign, head, commander, front_head, tmp_path):
    for user in (head, commander, front_head):
        sign(document, user)
    document.refresh_from_db()
    seen = pdfsig(store.read(document.head_id), tmp_path)
    assert [one.signer for one in seen[1:]] == ["Phùng Gia Thụ", "Đàm Thục Nhi", "Mạc Văn Hùng"]
    assert all(one.is_valid for one in seen)
    sizes = [row.file.size for row in Revision.objects.filter(document=document).order_by("seq")]
    assert len(sizes) == 4
    assert sizes == sorted(sizes)


def test_signature_is_recorded_once(document, sign, head):
    signature = sign(document, head)
    event = Event.objects.get(verb="signature.added")
    assert (event.actor_id, event.agency_code, event.subject_id) == (head.pk, "SXD", str(signature.pk))
    assert signature.file_id in event.payload
    assert document.frozen_id in event.payload


def test_deputy_signs_for_the_head(document, sign, deputy):
    signature = sign(document, deputy, grounds="Giám đốc đi công tác")
    assert signature.capacity == Signature.Capacity.KT
    assert signature.capacity_lines == "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC"


def test_deputy_of_a_collective_body_signs_for_its_chairman(document, sign, front):
    signature = sign(document, person("ubmttq.pct", Role.DEPUTY_HEAD, front), grounds="Chủ tịch nghỉ ốm")
    assert signature.capacity_lines == "TM. BAN THƯỜNG TRỰC\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH"


def test_paper_keeps_the_name_that_was_frozen(document, sign, head, department):
    department.name_vi, department.signature_block = "Sở Xây dựng và Giao thông", "TỔNG GIÁM ĐỐC"
    department.save()
    signature = sign(document, head)
    assert signature.field.agency_name == "Sở Xây dựng"
    assert signature.capacity_lines == "GIÁM ĐỐC"


# --- Wrong person ---------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["focal_point", "officer", "clerk", "admin", "viewer", "stranger"])
def test_who_heads_no_party_does_not_sign(document, cast, who):
    user = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        send(document, user)
    assert signed_fields(document) == []


def test_head_signs_in_the_own_field_only(document, sign, head, front_head):
    assert sign(document, head).field.agency.code == "SXD"
    assert sign(document, front_head).field.agency.code == "UBMTTQ"


def test_head_of_no_party_does_not_sign(document, outside):
    with pytest.raises(PermissionDenied):
        send(document, person("ctk.head", Role.AGENCY_HEAD, outside))


def test_head_who_moved_away_does_not_sign_here(document, enrolled, sign, head):
    enrolled(head)
    Membership.objects.filter(user=head).update(agency=AgencyFactory())
    with pytest.raises(PermissionDenied):
        sign(document, User.objects.get(pk=head.pk))


def test_head_who_moved_to_another_party_needs_a_new_certificate(document, enrolled, head, front):
    enrolled(head)
    Membership.objects.filter(user=head).update(agency=front)
    moved = User.objects.get(pk=head.pk)
    with pytest.raises(RuleError, match=r"chứng thư|certificate"):
        send(document, moved)


def test_post_that_ended_since_the_page_was_made_counts_under_the_lock(document, enrolled, head):
    """The user in hand still holds the post: under the lock it is read anew."""
    key = unlocked(enrolled(head))
    assert head.agency_id
    Membership.objects.filter(user=head).update(valid_to=dt.date(2020, 1, 2))
    with pytest.raises(PermissionDenied):
        signing.append(
            document, by=head, key=key, shown_sha256=document.frozen_id, request_key=uuid.uuid4(), at=NOW
        )
    assert signed_fields(document) == []


# --- Wrong state ----------------------------------------------------------------------------------
def test_document_that_is_not_open_is_not_signed(frozen, sign, head):
    with pytest.raises(RuleError):
        sign(frozen, head)
    assert not UsedCode.objects.exists(), "no code is spent on what cannot be"


def test_nobody_signs_after_the_closing_date(document, sign, head):
    last = dt.datetime.combine(document.closes_on, dt.time(23, 59), tzinfo=NOW.tzinfo)
    with pytest.raises(RuleError):
        sign(document, head, at=last + MINUTE)
    assert sign(document, head, at=last)


def test_closed_round_is_not_signed(document, sign, head):
    Document.objects.update(state="closed")
    document.refresh_from_db()
    with pytest.raises(RuleError):
        sign(document, head)


def test_failed_check_stops_the_round(document, sign, head, front_head):
    Signature.objects.filter(pk=sign(document, front_head).pk).update(check_state="bad", checked_at=NOW)
    with pytest.raises(RuleError):
        sign(document, head)


def test_agency_signs_once(document, sign, head, deputy):
    sign(document, head)
    with pytest.raises(RuleError):
        sign(document, deputy)
    assert signed_fields(document) == ["KY_003"]


def test_other_text_than_the_one_shown_is_not_signed(document, sign, head):
    with pytest.raises(StaleError):
        sign(document, head, shown_sha256="0" * 64)
    assert signed_fields(document) == []


def test_withdrawn_document_is_stale(document, sign, head):
    Document.objects.update(state="terminated")
    document.refresh_from_db()
    with pytest.raises(StaleError):
        sign(document, head)


# --- PIN and code ---------------------------------------------------------------------------------
def test_wrong_pin_signs_nothing_and_spends_no_code(document, sign, head):
    with pytest.raises(pki.PinRefused):
        sign(document, head, pin=WRONG)
    assert signed_fields(document) == []
    assert not UsedCode.objects.exists()
    assert sign(document, head)


@pytest.mark.parametrize("code", ["000000", "", "abcdef", "1" * 40])
def test_wrong_code_signs_nothing(document, sign, head, code):
    with pytest.raises(CodeRefused):
        sign(document, head, code=code)
    assert signed_fields(document) == []
    assert not SigningRequest.objects.exists()


def test_used_code_is_refused(document, sign, enrolled, head):
    code = totp.next_code(enrolled(head), at=NOW)
    assert totp.consume(head, code, at=NOW)
    with pytest.raises(CodeRefused):
        sign(document, head, code=code)


def test_code_of_another_person_is_refused(document, sign, enrolled, head, front_head):
    with pytest.raises(CodeRefused):
        sign(document, head, code=totp.next_code(enrolled(front_head), at=NOW))


# --- Certificates ---------------------------------------------------------------------------------
def test_who_has_no_certificate_does_not_sign(document, head):
    totp.enrol(head)
    with pytest.raises(RuleError):
        send(document, head)


@pytest.mark.parametrize(
    "change",
    [
        {"not_after": NOW + dt.timedelta(days=29)},
        {"not_before": NOW - 9 * MINUTE, "not_after": NOW - MINUTE},
        {"revoked_at": NOW - MINUTE},
        {"not_before": NOW + MINUTE},
    ],
)
def test_certificate_that_is_not_good_does_not_sign(document, enrolled, head, change):
    enrolled(head)
    Certificate.objects.filter(user=head).update(**change)
    with pytest.raises(RuleError):
        send(document, head)


def test_certificate_revoked_before_the_lock_does_not_sign(document, enrolled, head):
    key = unlocked(enrolled(head))
    Certificate.objects.update(revoked_at=NOW)
    with pytest.raises(RuleError):
        signing.append(
            document, by=head, key=key, shown_sha256=document.frozen_id, request_key=uuid.uuid4(), at=NOW
        )


# --- Sent again -----------------------------------------------------------------------------------
def test_code_that_ran_out_costs_no_pin(document, enrolled, head):
    """In a crowd it ran out while its form waited: refused at once, and the PIN is not looked at."""
    code = totp.next_code(enrolled(head), at=NOW - 3 * MINUTE)
    with pytest.raises(CodeRefused):
        send(document, head, code=code, pin=WRONG)
    assert pki.current_credential(head, at=NOW).failures == 0
    assert send(document, head)


def test_form_whose_first_sending_ends_meanwhile_gets_its_result(document, enrolled, head):
    """The reply was lost: the second sending looks, the first one signs, the second one goes on."""
    enrolled(head)
    form = {"request_key": uuid.uuid4(), "code": totp.next_code(head, at=NOW)}
    first = []

    def first_sending(execute, sql, params, many, context):
        found = execute(sql, params, many, context)
        if "agreements_signingrequest" in sql and not first:
            first.append(None)
            first[0] = signing.sign(
                document, by=head, pin=PIN, shown_sha256=document.frozen_id, at=NOW, **form
            )
        return found

    with connection.execute_wrapper(first_sending):
        again = signing.sign(document, by=head, pin=PIN, shown_sha256=document.frozen_id, at=NOW, **form)
    assert again == first[0]
    assert Signature.objects.count() == 1


def test_repeated_form_gets_the_first_result(document, sign, head):
    key = uuid.uuid4()
    first = sign(document, head, request_key=key)
    again = sign(document, head, request_key=key, pin="no longer asked", code="no longer asked")
    assert again == first
    assert signed_fields(document) == ["KY_003"]
    assert Event.objects.filter(verb="signature.added").count() == 1


def test_key_of_another_person_gets_nothing(document, sign, head, front_head):
    key = uuid.uuid4()
    first = sign(document, head, request_key=key)
    second = sign(document, front_head, request_key=key)
    assert (first.signer, second.signer) == (head, front_head)


def test_form_whose_code_its_first_sending_spent_waits_for_that(document, sign, enrolled, head, monkeypatch):
    """The first sending is between its code and its signature; it never comes back."""
    code, key = totp.next_code(enrolled(head), at=NOW), uuid.uuid4()
    with signing._claim(key, by=head, code=code, at=NOW) as is_first:
        assert is_first
    monkeypatch.setattr(signing, "PATIENCE", 0.2)
    with pytest.raises(BusyError):
        sign(document, head, request_key=key, code=code)
    assert sign(document, head, request_key=key), "with a fresh code the same form goes through"


def test_refusal_under_the_lock_frees_the_form(document, sign, enrolled, head):
    """The user in hand still holds the post, so everything before the lock passes."""
    assert enrolled(head).agency_id
    key = uuid.uuid4()
    Membership.objects.filter(user=head).update(valid_to=dt.date(2020, 1, 2))
    with pytest.raises(PermissionDenied):
        sign(document, head, request_key=key)
    assert UsedCode.objects.count() == 1, "the code is spent all the same"
    assert not SigningRequest.objects.exists()


def test_full_queue_spends_no_code(document, sign, enrolled, head):
    enrolled(head)
    taken = [signing._places.acquire(blocking=False) for _place in range(signing.WAITING_LIMIT)]
    key, code = uuid.uuid4(), totp.next_code(head, at=NOW)
    try:
        assert all(taken)
        with pytest.raises(BusyError):
            sign(document, head, request_key=key, code=code)
    finally:
        for _place in taken:
            signing._places.release()
    assert sign(document, head, request_key=key, code=code)


# --- What goes wrong inside -----------------------------------------------------------------------
def test_name_that_the_font_lacks_is_told(document, sign, department):
    user = person("sxd.la", Role.AGENCY_HEAD, department, full_name="Mạc 軍 Hùng")
    with pytest.raises(RuleError, match="軍"):
        sign(document, user)
    assert signed_fields(document) == []


def test_damaged_head_is_not_signed(document, sign, head):
    store.path_of(document.head_id).write_bytes(b"%PDF-1.7 something else")
    with pytest.raises(RuleError):
        sign(document, head)
    assert signed_fields(document) == []
    assert Document.objects.get(pk=document.pk).head_seq == 0


def test_signature_in_another_field_is_no_candidate(document, sign, head, enrolled):
    """What the lock's own check is for: positive control in test_pades_candidates."""
    key = unlocked(enrolled(head))
    base = store.read(document.head_id)
    appearance = pades.Appearance(lines=("GIÁM ĐỐC",), name="X", signed_at=NOW)
    stray = pades.sign(base, "KY_001", key, appearance, at=NOW)
    with pytest.raises(pades.CandidateRefused):
        pades.check_candidate(base, stray, "KY_003", key.certificate)
