"""A file signed with a USB token becomes the next revision, or a counterpart, or nothing."""

import datetime as dt
import zlib

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pyhanko.pdf_utils import generic

from agreements import capacities, gate, pades, tokens, uploads, verification
from agreements.gate_words import WORDS
from agreements.models import Counterpart, Document, ExternalRoot, Revision, Signature
from agreements.pades.files import NAME, QuietWriter
from agreements.states import EnrolmentState, RootState
from portal.audit.models import Event
from portal.files import store
from portal.files.models import StoredFile
from portal.files.uploads import MOST_REFUSED, REFUSED_WITHIN
from portal.lib.errors import RuleError, StaleError
from portal.users.models import Membership, User
from tests.agreements import attack_tools, pdf_tools
from tests.agreements.conftest import new_token
from tests.agreements.pdf_tools import qpdf_accepts
from tests.agreements.token_tools import DAY, signed_elsewhere
from tests.factories import NOW

FIELD = "KY_003"  # of the department, whose head the cast's is


def head_of(document: Document) -> bytes:
    return store.read(Document.objects.get(pk=document.pk).head_id)


def send(document: Document, user: User, content: bytes, **given):
    sent = SimpleUploadedFile("ky.pdf", content)
    wanted = {"shown_sha256": document.frozen_id, "at": NOW}
    return uploads.receive(document, by=user, sent=sent, **(wanted | given))


def refusal(document: Document, user: User, content: bytes, **given) -> str:
    with pytest.raises(gate.UploadRefused) as refused:
        send(document, user, content, **given)
    return refused.value.code


@pytest.fixture
def held(head, holder, token):
    return holder(head, token)


@pytest.fixture
def signed(document, token) -> bytes:
    return signed_elsewhere(head_of(document), FIELD, token, at=NOW)


# --- It works -------------------------------------------------------------------------------------
def test_signed_file_becomes_the_next_revision(document, head, held, signed, tmp_path):
    signature = send(document, head, signed)
    document.refresh_from_db()
    assert (signature.kind, signature.external_certificate, signature.certificate) == ("upload", held, None)
    assert (document.head_seq, document.head_id) == (1, signature.file_id)
    assert store.read(document.head_id) == signed
    assert qpdf_accepts(signed, tmp_path)
    assert Revision.objects.get(document=document, seq=1).file_id == signature.file_id


def test_it_is_recorded_with_its_kind(document, head, held, signed):
    signature = send(document, head, signed)
    event = Event.objects.get(verb="signature.added")
    assert (event.actor_id, event.subject_id) == (head.pk, str(signature.pk))
    assert '"method":"upload"' in event.payload


@pytest.mark.parametrize("kind", ExternalRoot.Kind)
def test_the_job_finds_whose_trust_it_rests_on(document, head, held, signed, kind, client, now):
    """By the root that it leads to, whatever its owner registered it as."""
    ExternalRoot.objects.update(kind=kind)
    signature = send(document, head, signed)
    assert "CA công cộng" in signature.rests_on, "before the check: what the certificate names"
    verification.check(signature, at=NOW)
    signature.refresh_from_db()
    assert (signature.root_kind, signature.rests_on) == (kind, Signature.RootKind(kind).label)
    sent = SimpleUploadedFile("ky.pdf", signed, "application/pdf")
    page = client.post(reverse("verify"), {"file": sent}).content.decode().lower()
    assert [one for one in Signature.RootKind if str(one.label).lower() in page] == [kind]


def test_root_that_is_not_believed_is_named_by_its_certificate(document, head, held, signed):
    signature = send(document, head, signed)
    ExternalRoot.objects.update(state=RootState.DISABLED)
    verification.check(signature, at=NOW)
    signature.refresh_from_db()
    assert (signature.root_kind, "CA công cộng" in signature.rests_on) == ("", True)


def test_words_cover_every_kind_of_root():
    assert {one.value for one in Signature.RootKind} == {one.value for one in pades.RootKind}


def test_the_job_finds_it_good(document, head, held, signed):
    signature = send(document, head, signed)
    verification.check(signature, at=NOW)
    signature.refresh_from_db()
    assert (signature.check_state, signature.check_detail) == ("good", "good")


def test_portal_signature_follows_and_all_is_good(document, head, held, signed, sign, front_head):
    send(document, head, signed)
    document.refresh_from_db()
    sign(document, front_head)
    report = verification.report(head_of(document), at=NOW)
    assert report.verdict is pades.Verdict.GOOD
    assert [one.signer for one in report.signatures[1:]] == ["Mạc Văn Hùng", "Đàm Thục Nhi"]


def test_upload_follows_a_portal_signature(document, head, held, token, sign, front_head):
    sign(document, front_head)
    assert send(document, head, signed_elsewhere(head_of(document), FIELD, token, at=NOW)).seq == 2


def test_same_file_again_gets_the_first_result(document, head, held, signed):
    assert send(document, head, signed) == send(document, head, signed)
    assert Signature.objects.count() == 1


# --- Genuine, but on an older state ------------------------------------------------------------------
@pytest.fixture
def stale(document, signed, sign, front_head) -> bytes:
    """The Front signs while the department's head is at her token."""
    sign(document, front_head)
    return signed


def test_stale_file_is_kept_beside_the_document(document, head, held, stale):
    kept = send(document, head, stale)
    assert isinstance(kept, Counterpart)
    assert (kept.base_seq, kept.head_seq, kept.signer, kept.field.name) == (0, 1, head, FIELD)
    assert store.read(kept.file_id) == stale
    assert Event.objects.filter(verb="counterpart.kept").count() == 1
    document.refresh_from_db()
    assert document.head_seq == 1, "never merged"


def test_stale_file_again_is_kept_once(document, head, held, stale):
    assert send(document, head, stale) == send(document, head, stale)


def test_signing_anew_on_the_newest_state_is_accepted(document, head, held, stale, token):
    send(document, head, stale)
    anew = signed_elsewhere(head_of(document), FIELD, token, at=NOW)
    assert send(document, head, anew).seq == 2


def test_lost_race_under_the_lock_keeps_a_counterpart(
    document, head, held, signed, sign, front_head, monkeypatch
):
    """Another signature comes between the gate and the lock."""
    judge = gate.judge

    def judge_slowly(*args, **given):
        judge(*args, **given)
        sign(Document.objects.get(pk=document.pk), front_head)

    monkeypatch.setattr(gate, "judge", judge_slowly)
    assert isinstance(send(document, head, signed), Counterpart)
    assert Signature.objects.count() == 1


def test_stale_file_that_is_not_genuine_is_not_kept(document, head, held, token, sign, front_head):
    dirty = pdf_tools.sign_with(head_of(document), FIELD, token.signing_key, pdf_tools.replaced_page, at=NOW)
    sign(document, front_head)
    assert refusal(document, head, dirty) == "page"
    assert not Counterpart.objects.exists()


def test_counterpart_cannot_be_swept(document, head, held, stale):
    kept = send(document, head, stale)
    assert StoredFile.objects.filter(pk=kept.file_id).exists()


# --- Refused --------------------------------------------------------------------------------------
def test_refusal_is_recorded_and_leaves_nothing(document, head, held, token):
    files = StoredFile.objects.count()
    dirty = pdf_tools.sign_with(head_of(document), FIELD, token.signing_key, attack_tools.overlay, at=NOW)
    assert refusal(document, head, dirty) == "page"
    event = Event.objects.get(verb="signed_file.refused")
    assert '"reason":"page"' in event.payload
    assert (StoredFile.objects.count(), Signature.objects.count()) == (files, 0)
    document.refresh_from_db()
    assert document.head_seq == 0


def test_files_that_are_not_parsed_at_all(document, head, held, signed, settings):
    assert refusal(document, head, b"") == "empty"
    assert refusal(document, head, b"PK\x03\x04" + b"0" * 100) == "not_a_pdf"
    assert refusal(document, head, b"%PDF-1.6\n" + signed[9:]) == "not_on_head"
    assert refusal(document, head, signed[:-2000][: len(head_of(document)) - 50]) == "not_on_head"
    assert refusal(document, head, head_of(document)) == "nothing_added"
    settings.UPLOAD_LIMIT = 1000
    assert refusal(document, head, signed) == "too_large"


def test_revoked_since_yesterday(document, head, held, signed, token, believed):
    believed((token, NOW - DAY))
    assert refusal(document, head, signed) == "revoked"


def test_without_a_current_list_the_answer_is_no(document, head, held, signed, believed):
    believed(at=NOW - 30 * DAY)
    assert refusal(document, head, signed) == "revocation_unknown"


def test_without_its_authority_the_answer_is_no(document, head, held, signed):
    ExternalRoot.objects.update(state=RootState.DISABLED)
    assert refusal(document, head, signed) == "untrusted"


def test_token_of_another_person_is_refused(document, head, held, holder, front_head, issuer):
    other = new_token(issuer, "Đàm Thục Nhi")
    holder(front_head, other)
    assert refusal(document, head, signed_elsewhere(head_of(document), FIELD, other, at=NOW)) == "certificate"


def bomb(writer: QuietWriter) -> None:
    """Properties that unpack to 200 MB."""
    packed = zlib.compress(b" " * (200 << 20), 1)
    entries = {NAME("/Type"): NAME("/Metadata"), NAME("/Subtype"): NAME("/XML")}
    entries[NAME("/Filter")] = NAME("/FlateDecode")
    stream = generic.StreamObject(entries, encoded_data=packed)
    writer.objects[(0, writer.root.raw_get("/Metadata").idnum)] = stream


def test_bomb_is_refused_by_the_child(document, head, held, token):
    content = pdf_tools.sign_with(head_of(document), FIELD, token.signing_key, bomb, at=NOW)
    assert refusal(document, head, content) in ("properties", "unreadable", "crashed")


@pytest.mark.parametrize("name", ["deep", "10000 objects", "loop to itself", "encrypted"])
def test_hostile_file_is_refused_by_the_child(document, head, held, name):
    content, code = attack_tools.malformed(head_of(document))[name]
    assert refusal(document, head, content) == code


def test_child_that_dies_is_a_refusal(document, head, held, signed, monkeypatch):
    monkeypatch.setattr(gate, "CHILD", ("/bin/false",))
    assert refusal(document, head, signed) == "crashed"


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b'{"refused": 1, "detail": ""}', b'{"refused": "x", "detail": ""}']
)
def test_nonsense_of_the_child_is_a_refusal(answer):
    assert gate._read(answer) == ("crashed", "", None)


def test_every_refusal_has_its_own_words():
    assert len(set(map(str, WORDS.values()))) == len(WORDS)


# --- Wrong person, wrong state ----------------------------------------------------------------------
@pytest.mark.parametrize("who", ["focal_point", "officer", "clerk", "admin", "viewer", "stranger"])
def test_who_heads_no_party_sends_nothing(document, cast, signed, who):
    with pytest.raises(PermissionDenied):
        send(document, getattr(cast, who), signed)


def test_without_a_released_certificate_nothing_is_looked_at(document, head, believed, signed, token):
    with pytest.raises(RuleError, match=r"USB token"):
        send(document, head, signed)
    tokens.register(head, content=token.certificate, kind="public", by=head, at=NOW)
    with pytest.raises(RuleError, match=r"USB token"):
        send(document, head, signed)


def test_ended_certificate_signs_nothing(document, head, held, signed):
    tokens.end(held, by=head, at=NOW)
    assert held.state == EnrolmentState.ENDED
    with pytest.raises(RuleError):
        send(document, head, signed)


def test_certificate_that_ended_before_the_lock_signs_nothing(document, head, held, signed, monkeypatch):
    judge = gate.judge

    def judge_slowly(*args, **given):
        judge(*args, **given)
        tokens.end(held, by=head, at=NOW)

    monkeypatch.setattr(gate, "judge", judge_slowly)
    with pytest.raises(RuleError):
        send(document, head, signed)
    assert not Signature.objects.exists()


def test_post_that_ended_before_the_lock_signs_nothing(document, head, held, signed, monkeypatch):
    judge = gate.judge

    def judge_slowly(*args, **given):
        judge(*args, **given)
        Membership.objects.filter(user=head).update(valid_to=dt.date(2020, 1, 2))

    monkeypatch.setattr(gate, "judge", judge_slowly)
    with pytest.raises(PermissionDenied):
        send(document, head, signed)


def test_head_of_another_party_signs_her_own_field_only(document, front_head, holder, issuer):
    token = new_token(issuer, "Đàm Thục Nhi")
    holder(front_head, token)
    assert (
        refusal(document, front_head, signed_elsewhere(head_of(document), FIELD, token, at=NOW))
        == "wrong_field"
    )


def test_agency_signs_once(document, head, held, signed, deputy, holder, issuer):
    token = new_token(issuer, "Tạ Thu Hà")
    holder(deputy, token)
    second = signed_elsewhere(head_of(document), FIELD, token, at=NOW)
    send(document, head, signed)
    with pytest.raises(RuleError):
        send(document, deputy, second)


def test_other_text_than_the_one_shown(document, head, held, signed):
    with pytest.raises(StaleError):
        send(document, head, signed, shown_sha256="0" * 64)


def test_closed_round(document, head, held, signed):
    Document.objects.update(state="closed")
    document.refresh_from_db()
    with pytest.raises(RuleError):
        send(document, head, signed)


def test_lines_are_those_of_the_post(document, deputy, holder, issuer):
    token = new_token(issuer, "Tạ Thu Hà")
    holder(deputy, token)
    signed = signed_elsewhere(head_of(document), FIELD, token, at=NOW)
    with pytest.raises(capacities.GroundsMissing):
        send(document, deputy, signed)
    signature = send(document, deputy, signed, grounds="Thủ trưởng đi công tác")
    assert signature.capacity_lines == "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC"
    assert (signature.capacity, signature.grounds) == ("kt", "Thủ trưởng đi công tác")


def test_who_sends_bad_files_without_end_waits(document, head, held, signed):
    """Each look takes one of the places in the sandbox, through which everybody's files go."""
    for number in range(MOST_REFUSED):
        assert refusal(document, head, b"%PDF-1.7 " + str(number).encode()) == "not_on_head"
    with pytest.raises(RuleError, match="quá nhiều tệp"):
        send(document, head, signed)
    assert send(document, head, signed, at=NOW + REFUSED_WITHIN).seq == 1
