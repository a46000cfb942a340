"""Tokens and paper in a round: capacities, waves, time-stamps, seals, and the papers about it."""

import datetime as dt

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agreements import (
    access,
    agents,
    boards,
    capacities,
    documents,
    inspections,
    packages,
    paper_signatures,
    parties,
    sealing,
    sheets,
    uploads,
    verification,
    waves,
)
from agreements.models import Document, PaperSignature, Revision, Seal, Signature
from portal.files import store
from portal.lib.errors import RuleError
from tests.agreements.conftest import new_token
from tests.agreements.test_agents import completed, prepared
from tests.agreements.token_tools import Issuer, Token, signed_elsewhere
from tests.factories import NOW, TODAY

FIELD = "KY_003"
CLOSED_AT = NOW + dt.timedelta(days=1)
WHY = "Thủ trưởng đi công tác"


def tsa(issuer: Issuer) -> Token:
    return new_token(issuer, "TSA", key=rsa.generate_private_key(65537, 2048), stamps=True)


def as_it_is(document: Document) -> Document:
    return Document.objects.get(pk=document.pk)


def sent(document: Document, user, content: bytes, **given) -> Signature:
    file = SimpleUploadedFile("ky.pdf", content)
    return uploads.receive(document, by=user, sent=file, shown_sha256=document.frozen_id, at=NOW, **given)


def on_paper(document: Document, clerk, field_name: str = FIELD) -> PaperSignature:
    return PaperSignature.objects.create(
        document=document,
        field=document.fields.get(name=field_name),
        signer_name="Mạc Văn Hùng",
        signer_title="Giám đốc",
        signed_on=TODAY,
        file=document.frozen,
        name="a.png",
        vouched_by=clerk,
        vouched_at=NOW,
    )


# --- Time-stamps --------------------------------------------------------------------------------------
def test_signature_through_the_program_carries_the_portals_time(document, head, holder, token, pinned):
    holder(head, token)
    signature = completed(prepared(document, head), token)
    assert signature.stamped_at == NOW.replace(microsecond=0)
    verification.check(signature, at=NOW)
    signature.refresh_from_db()
    assert (signature.check_state, signature.check_detail) == ("good", "good")
    found = verification.report(store.read(signature.file_id), at=NOW).signatures[-1]
    assert (found.level, found.stamped_at) == ("B-T", signature.stamped_at)


def test_uploaded_signature_has_the_time_that_its_own_stamp_says(document, head, holder, token, issuer):
    holder(head, token)
    clock = tsa(issuer)
    content = signed_elsewhere(store.read(document.head_id), FIELD, token, at=NOW, stamper=clock)
    signature = sent(document, head, content)
    assert signature.stamped_at == NOW.replace(microsecond=0)
    verification.check(signature, at=NOW)
    signature.refresh_from_db()
    assert signature.check_state == "good"


def test_uploaded_signature_without_a_stamp_has_no_time_of_an_authority(document, head, holder, token):
    holder(head, token)
    signature = sent(document, head, signed_elsewhere(store.read(document.head_id), FIELD, token, at=NOW))
    verification.check(signature, at=NOW)
    signature.refresh_from_db()
    assert (signature.stamped_at, signature.check_state) == (None, "good")


def test_stamp_of_an_authority_that_nobody_knows_is_refused(document, head, holder, token):
    holder(head, token)
    clock = tsa(Issuer("CA lạ", at=NOW - dt.timedelta(days=900)))
    content = signed_elsewhere(store.read(document.head_id), FIELD, token, at=NOW, stamper=clock)
    with pytest.raises(RuleError) as refused:
        sent(document, head, content)
    assert refused.value.code == "timestamp"


# --- Capacities ----------------------------------------------------------------------------------------
def test_deputy_says_to_the_program_why_the_head_does_not_sign(document, deputy, holder, issuer, pinned):
    token = new_token(issuer, "Tạ Thu Hà")
    holder(deputy, token)
    with pytest.raises(capacities.GroundsMissing):
        agents.open_ticket(document, by=deputy, shown_sha256=document.frozen_id, at=NOW)
    task, _ticket = agents.open_ticket(
        document, by=deputy, shown_sha256=document.frozen_id, at=NOW, grounds=WHY
    )
    signature = completed(agents.prepare(task, at=NOW), token)
    assert (signature.capacity, signature.grounds) == ("kt", WHY)


def test_page_of_the_token_asks_for_the_grounds(document, deputy, holder, issuer, login, now):
    token = new_token(issuer, "Tạ Thu Hà")
    holder(deputy, token)
    browser, address = login(deputy), reverse("agreements:upload", args=[document.pk])
    page = browser.get(address).content.decode()
    assert "PHÓ GIÁM ĐỐC" in page
    assert 'name="grounds"' in page
    content = signed_elsewhere(store.read(document.head_id), FIELD, token, at=NOW)

    def post(**given):
        file = SimpleUploadedFile("ky.pdf", content)
        return browser.post(address, {"sent": file, "sha256": document.frozen_id} | given)

    assert post().status_code == 400
    assert post(grounds=WHY).status_code == 302
    assert Signature.objects.get().grounds == WHY


def test_ticket_takes_the_capacity_of_the_page(document, deputy, holder, issuer, login, now, pinned):
    holder(deputy, new_token(issuer, "Tạ Thu Hà"))
    address = reverse("agreements:ticket", args=[document.pk])
    page = login(deputy).post(address, {"sha256": document.frozen_id, "capacity": "kt", "grounds": WHY})
    assert page.status_code == 200
    task = agents.find(page.context["ticket"], at=NOW)
    assert (task.capacity, task.grounds) == ("kt", WHY)


# --- Turns ---------------------------------------------------------------------------------------------
def test_paper_opens_the_next_wave(frozen, officer, clerk):
    waves.choose(frozen, by=officer, at=NOW, order="host_last")
    documents.open_round(as_it_is(frozen), by=officer, at=NOW)
    front = frozen.fields.get(agency__code="UBMTTQ")
    paper_signatures.confirm(on_paper(frozen, clerk, front.name), by=officer, at=NOW)
    assert as_it_is(frozen).wave == 2


def test_upload_waits_for_its_turn(frozen, officer, head, holder, token):
    holder(head, token)
    waves.choose(frozen, by=officer, at=NOW, order="host_last")
    documents.open_round(as_it_is(frozen), by=officer, at=NOW)
    document = as_it_is(frozen)
    with pytest.raises(RuleError):
        sent(document, head, signed_elsewhere(store.read(document.head_id), FIELD, token, at=NOW))
    assert not Signature.objects.exists()


def test_who_signed_on_paper_neither_declines_nor_is_urged(document, head, officer, clerk):
    paper_signatures.confirm(on_paper(document, clerk), by=officer, at=NOW)
    field = document.fields.get(name=FIELD)
    with pytest.raises(RuleError):
        parties.decline(field, by=head, at=NOW, reason="Chưa thống nhất")
    with pytest.raises(RuleError):
        parties.urge(field, by=officer, at=NOW)
    assert boards.board(document).of(head.agency_id).state == "signed"


def test_scan_is_for_the_host_and_the_parties(document, clerk, officer, cast, login):
    """Viewers and the administrator read that an agency signed on paper, not the paper."""
    paper = on_paper(document, clerk)
    paper_signatures.confirm(paper, by=officer, at=NOW)
    path, listed = (
        reverse("agreements:paper", args=[paper.pk]),
        reverse("agreements:papers", args=[document.pk]),
    )
    for name, status in {
        "clerk": 200,
        "focal_point": 200,
        "viewer": 403,
        "admin": 403,
        "stranger": 404,
    }.items():
        client = login(getattr(cast, name))
        assert client.get(path).status_code == status, name
        if status != 404:
            assert (path in client.get(listed).content.decode()) == (status == 200), name


def test_refusal_is_no_signature_on_paper(document, head, officer, clerk):
    """Two people of the host vouch for a scan; over what the head herself has said they do not decide."""
    paper = on_paper(document, clerk)
    parties.decline(document.fields.get(name=FIELD), by=head, at=NOW, reason="Chưa thống nhất")
    with pytest.raises(RuleError):
        paper_signatures.confirm(paper, by=officer, at=NOW)
    paper_signatures.refuse(paper, by=officer, at=NOW, reason="Cơ quan từ chối ký")
    with pytest.raises(RuleError):
        paper_signatures.upload(
            document.fields.get(name=FIELD),
            by=clerk,
            at=NOW,
            sent=SimpleUploadedFile("a.png", b""),
            signer_name="Mạc Văn Hùng",
            signer_title="Giám đốc",
            signed_on=TODAY,
        )
    assert not access.is_signed(document)


def test_once_somebody_signed_on_paper_the_commander_alone_withdraws(document, officer, commander, clerk):
    assert access.may_withdraw(officer, document)
    paper_signatures.confirm(on_paper(document, clerk), by=officer, at=NOW)
    assert not access.may_withdraw(officer, document)
    assert access.may_withdraw(commander, document)


# --- Seals ---------------------------------------------------------------------------------------------
@pytest.fixture
def hosts(sign, commander, front_head, officer):
    """Let the hosts sign, and close the round."""

    def close(document: Document) -> Document:
        for user in (commander, front_head):
            sign(as_it_is(document), user)
        Signature.objects.update(check_state=Signature.Check.GOOD, checked_at=NOW)
        documents.bring_into_force(as_it_is(document), by=commander, at=NOW)
        documents.close_round(as_it_is(document), by=officer, at=CLOSED_AT)
        return as_it_is(document)

    return close


def sealed(document: Document, believed) -> Seal:
    at = CLOSED_AT + dt.timedelta(minutes=1)
    believed(at=at)
    sealing.grow(document, kind=Revision.Kind.SEAL, at=at)
    sealing.judge_next(at=at)
    return Seal.objects.get()


def test_round_with_a_signature_through_the_program_lasts(
    document, head, holder, token, pinned, hosts, believed
):
    holder(head, token)
    completed(prepared(document, head), token)
    seal = sealed(hosts(document), believed)
    assert set(seal.findings.values()) == {"good"}, seal.findings
    assert seal.check_state == "good"


def test_round_with_a_stamped_upload_lasts(document, head, holder, token, issuer, pinned, hosts, believed):
    holder(head, token)
    head_bytes = store.read(document.head_id)
    sent(document, head, signed_elsewhere(head_bytes, FIELD, token, at=NOW, stamper=tsa(issuer)))
    seal = sealed(hosts(document), believed)
    assert set(seal.findings.values()) == {"good"}, seal.findings


def test_seal_says_that_a_signature_without_a_stamp_will_not_last(
    document, head, holder, token, pinned, hosts, believed
):
    holder(head, token)
    sent(document, head, signed_elsewhere(store.read(document.head_id), FIELD, token, at=NOW))
    seal = sealed(hosts(document), believed)
    assert seal.check_state == "bad"
    assert {field for field, why in seal.findings.items() if why != "good"} == {FIELD}
    assert seal.findings[FIELD] == "sig_constraints_failure"


# --- Papers about it -------------------------------------------------------------------------------------
def test_papers_about_a_round_name_tokens_and_paper(document, head, holder, token, pinned, officer, clerk):
    certificate = holder(head, token)
    completed(prepared(document, head), token)
    paper_signatures.confirm(on_paper(document, clerk, "KY_001"), by=officer, at=NOW)
    document = as_it_is(document)
    cells = [
        cell for table in sheets.cover_sheet(document, at=NOW).sections for row in table.rows for cell in row
    ]
    assert "Mạc Văn Hùng (ký trên giấy)" in cells
    sheet = sheets.evidence_sheet(document, reader=officer, at=NOW)
    assert certificate.serial in [cell for table in sheet.sections for row in table.rows for cell in row]
    assert packages.package(document, reader=officer, at=NOW)


def test_sandbox_believes_other_authorities(document, head, holder, token, pinned, tmp_path):
    """A file that the portal does not know, whose signature leads over a certificate that it knows."""
    holder(head, token)
    signature = completed(prepared(document, head), token)
    path = tmp_path / "a.pdf"
    path.write_bytes(store.read(signature.file_id))
    with path.open("rb") as file:
        found = inspections.findings.read(inspections.examine(file, at=NOW))
    assert {row.reason.value for row in found.signatures} == {"good"}
