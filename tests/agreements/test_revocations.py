"""An issuing authority or a time-stamping key that was revoked: what is said of before, and of after."""

import datetime as dt

import pytest
import time_machine
from cryptography import x509
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.urls import reverse

from agreements import (
    authorities,
    ceremonies,
    crls,
    documents,
    keys,
    levels,
    pades,
    pki,
    revocations,
    sealing,
    timestamps,
    verification,
)
from agreements.keys.certificates import der, issue_end, subject
from agreements.management.commands import pki_root
from agreements.models import AuthorityRevocation, Certificate, CertificateAuthority, Credential, Seal
from agreements.pades import Level, Reason, Verdict
from portal.audit.models import Event
from portal.files import store
from portal.notices.models import Notice
from tests.factories import NOW

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
LATER = NOW + HOUR

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(document, sign, head, front_head):
    """Signed by two of three, the round still open."""
    for user in (head, front_head):
        sign(document, user)
    return document


def issuing_of_today(at: dt.datetime = NOW) -> CertificateAuthority:
    return next(row for row, _issuer in authorities.issuing_rows(authorities.authority(at=at)))


@pytest.fixture
def older(signed) -> CertificateAuthority:
    """The issuing CA of the signers so far, whose successor is at work."""
    row = issuing_of_today()
    ceremonies.succeed(None, at=LATER)
    return row


def revoke(row: CertificateAuthority, **given) -> AuthorityRevocation:
    with time_machine.travel(LATER, tick=False):
        return revocations.revoke_issuing(row, at=LATER, **given)


def report(document, at: dt.datetime):
    document.refresh_from_db()
    with time_machine.travel(at, tick=False):
        return verification.report(store.read(document.head_id), at=at)


def reasons(document, at: dt.datetime) -> dict[str, Reason]:
    return {one.field: one.reason for one in report(document, at).signatures if not one.is_timestamp}


def judge_all(at: dt.datetime) -> None:
    with time_machine.travel(at, tick=False):
        sealing.judge_next(at=at)


# --- An issuing authority ------------------------------------------------------------------------------
def test_what_was_signed_before_stays_good_for_the_long_term(signed, older):
    revoked = revoke(older)
    assert revoked.revoked_at > Seal.objects.earliest("pk").stamped_at
    listed = x509.load_der_x509_crl(crls.current(at=LATER + DAY)[-1])
    assert [entry.serial_number for entry in listed] == [int(revoked.serial, 16)]
    for at in (LATER + DAY, LATER + 3 * 365 * DAY):
        found = report(signed, at)
        assert (found.verdict, found.level) == (Verdict.GOOD, Level.B_LTA), at
    judge_all(LATER + DAY)
    assert set(Seal.objects.values_list("check_state", flat=True)) == {"good"}
    event = Event.objects.get(verb="authority.revoked")
    assert event.subject_id == str(older.pk)


@pytest.fixture
def forge(signed, older):
    """Sign in the commander's field with a certificate that a thief made with the authority's key."""
    issuer = authorities.authority(at=LATER).issuer_of(older.key_id)

    def do(at: dt.datetime) -> dict[str, Reason]:
        stolen, name = keys.generate_key(), subject("Phùng Gia Thụ", organization="BCHQS")
        made = der(issue_end(name, stolen.public_key(), issuer, at=NOW))
        look = pades.Appearance(lines=("CHỈ HUY TRƯỞNG",), name="Phùng Gia Thụ", signed_at=NOW)
        signed.refresh_from_db()
        with time_machine.travel(at, tick=False):
            pdf = pades.sign(
                store.read(signed.head_id),
                "KY_001",
                keys.SigningKey(made, stolen, (issuer.der,)),
                look,
                at=NOW,
                stamp=timestamps.stamp(at=at),
            )
            return {one.field: one.reason for one in verification.report(pdf, at=at).signatures}

    return do


def test_what_is_signed_afterwards_with_a_key_below_it_is_wrong(forge, older):
    assert forge(LATER)["KY_001"] is Reason.GOOD, "a stolen key passes while nobody has revoked it"
    revoke(older)
    found = forge(LATER + DAY)
    assert found["KY_001"] is Reason.REVOKED
    assert (found["KY_002"], found["KY_003"]) == (Reason.GOOD, Reason.GOOD), "signed before, beside it"


def test_holders_below_it_are_told_and_sign_no_more_until_they_ask_anew(signed, older, head, enrolled, sign):
    revoke(older)
    assert not Credential.objects.exclude(sealed_key=b"").exists()
    assert set(Certificate.objects.values_list("revocation_reason", flat=True)) == {"ca_compromise"}
    assert Notice.objects.filter(kind="certificate.revoked", recipient=head).exists()
    assert pki.current_credential(head, at=LATER) is None
    assert pki.current_credential(enrolled(head), at=LATER).certificate.issuer_key_id != older.key_id


def test_round_goes_on_and_the_portal_claims_no_more_than_holds(signed, older, commander, officer, sign):

    revoke(older)
    signed.refresh_from_db()
    with time_machine.travel(LATER + HOUR, tick=False):
        sign(signed, commander, at=LATER + HOUR)
        signed.refresh_from_db()
        assert levels.standing(signed, at=LATER + HOUR).level is Level.B_T, "the last one is under no seal"
        verification.check_next(at=LATER + HOUR)
        documents.bring_into_force(signed, by=commander, at=LATER + HOUR)
        documents.close_round(signed, by=officer, at=LATER + HOUR)
        assert list(sealing.ready()) == [signed]
    with time_machine.travel(LATER + 2 * HOUR, tick=False):
        sealing.go_on(at=LATER + 2 * HOUR)
    before = Seal.objects.latest("pk").findings
    assert {before[field] for field in ("CHUNG_THUC", "KY_002", "KY_003")} == {"good"}
    assert report(signed, LATER + DAY).verdict is Verdict.GOOD
    assert levels.standing(signed, at=LATER + 2 * HOUR).level is Level.B_T, "signers under two authorities"


def test_authority_at_work_and_the_root_are_not_revoked(signed):
    for row in (issuing_of_today(), authorities.root_row(authorities.authority(at=NOW))):
        with pytest.raises(keys.AuthorityError):
            revoke(row)
    assert not AuthorityRevocation.objects.exists()


def test_second_revocation_is_refused(older):
    revoke(older)
    with pytest.raises(keys.AuthorityError, match="already"):
        revoke(older)


def test_nothing_is_revoked_while_a_document_cannot_be_stamped(signed, older):
    signed.refresh_from_db()
    path = store.path_of(signed.head_id)
    path.chmod(0o600)
    path.write_bytes(b"%PDF-1.7 damaged")
    with pytest.raises(revocations.NotSecured):
        revoke(older)
    assert not AuthorityRevocation.objects.exists()
    assert revoke(older, anyway=True).pk


def test_rows_are_written_once(older):
    row = revoke(older)
    for act in (row.delete, lambda: AuthorityRevocation.objects.update(serial="0")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()


def test_public_page_says_so(older, client, now):
    revoke(older)
    page = client.get(reverse("authorities")).content.decode()
    assert page.count(str(AuthorityRevocation.Reason.CA_COMPROMISE.label)) == 1


# --- With the root's key away ---------------------------------------------------------------------------
PASSPHRASE = "một cụm mật khẩu đủ dài"


def run(*words: object) -> None:
    with time_machine.travel(LATER, tick=False):
        call_command("pki_root", *map(str, words))


@pytest.fixture
def away(older, tmp_path, monkeypatch):
    monkeypatch.setattr(pki_root.getpass, "getpass", lambda prompt: PASSPHRASE)
    run("export", tmp_path / "root.pem")
    run("remove", tmp_path / "root.pem")
    return tmp_path / "root.pem"


def test_list_that_was_signed_apart_revokes(away, older, settings, tmp_path, capsys):
    run("status")
    said = capsys.readouterr().out
    serial = f"{keys.serial_of(bytes(older.der)):x}"
    assert f"{older.key_id} (serial {serial})" in said
    number = said.split("next list: ")[1].split()[0]
    out, words = tmp_path / "root.crl", ("--key", away, "--root", settings.PKI_DIR / "root.pem")
    run("sign-list", out, "--number", number, *words)
    with pytest.raises(CommandError, match="does not name"):
        run("revoke", older.key_id, "--list", out)
    moment = (LATER - dt.timedelta(minutes=5)).isoformat()
    run("sign-list", out, "--number", number, *words, "--revoked", serial, moment)
    run("revoke", older.key_id, "--list", out)
    assert AuthorityRevocation.objects.get().revoked_at == LATER - dt.timedelta(minutes=5)
    assert crls.current(at=LATER)[-1] == out.read_bytes()
    run("status")
    assert f"revoked: {serial}" in capsys.readouterr().out


def test_next_list_has_to_name_it_too(away, older, settings, tmp_path):
    run("revoke", older.key_id, "--key", away)
    run("issue-list", "--key", away)
    out = tmp_path / "root.crl"
    run("sign-list", out, "--number", 9, "--key", away, "--root", settings.PKI_DIR / "root.pem")
    with pytest.raises(CommandError, match="does not name"):
        run("import-list", out)
    assert len(x509.load_der_x509_crl(crls.current(at=LATER)[-1])) == 1


def test_without_key_and_list_nothing_is_revoked(away, older):
    with pytest.raises(CommandError, match="not here"):
        run("revoke", older.key_id)
    with pytest.raises(CommandError, match="no such CA"):
        run("revoke", "00")
    assert not AuthorityRevocation.objects.exists()


# --- A time-stamping key --------------------------------------------------------------------------------
def compromised(**given) -> AuthorityRevocation:
    with time_machine.travel(LATER, tick=False):
        return revocations.revoke_stamp_key(at=LATER, **given)


def test_new_key_stamps_everything_before_the_old_one_is_revoked(signed):
    old = timestamps.authority(at=NOW).certificate
    revoked = compromised()
    assert (revoked.serial, revoked.used_from) == (f"{old.serial_number:x}", old.not_valid_before_utc)
    assert Seal.objects.earliest("pk").stamped_at < revoked.revoked_at
    listed = x509.load_der_x509_crl(timestamps.crl(at=LATER + DAY))
    assert [(one.serial_number, one.revocation_date_utc) for one in listed] == [
        (old.serial_number, revoked.revoked_at)
    ]
    judge_all(LATER + DAY)
    assert set(Seal.objects.values_list("check_state", flat=True)) == {"good"}
    for at in (LATER + DAY, LATER + 3 * 365 * DAY):
        found = report(signed, at)
        assert (found.verdict, found.level) == (Verdict.GOOD, Level.B_LTA), at
    assert Event.objects.get(verb="stamp_key.revoked").subject_id == str(revoked.pk)


def test_document_that_was_not_stamped_before_keeps_its_signatures_and_loses_their_time(signed):
    signed.refresh_from_db()
    verification.check_next(at=NOW)
    whole = store.read(signed.head_id)
    path = store.path_of(signed.head_id)
    path.chmod(0o600)
    path.write_bytes(b"%PDF-1.7 damaged")
    assert levels.standing(signed, at=LATER).level is Level.B_T
    serial = timestamps.authority(at=NOW).certificate.serial_number
    with pytest.raises(revocations.NotSecured, match=f"{serial:x}"):
        compromised()
    assert not AuthorityRevocation.objects.exists()
    compromised(serial=serial, anyway=True)
    assert AuthorityRevocation.objects.get().serial == f"{serial:x}"
    path.write_bytes(whole)
    found = report(signed, LATER + DAY)
    assert (found.verdict, found.level) == (Verdict.GOOD, Level.B_B)
    assert levels.standing(signed, at=LATER + DAY).level is Level.B_B


def test_who_signs_afterwards_has_the_new_keys_time(signed, commander, sign):
    compromised()
    signed.refresh_from_db()
    at = LATER + HOUR
    with time_machine.travel(at, tick=False):
        sign(signed, commander, at=at)
        verification.check_next(at=at)
    assert set(signed.signatures.values_list("check_state", flat=True)) == {"good"}
    signed.refresh_from_db()
    assert levels.standing(signed, at=at).level is Level.B_B, "of the first two the seal says the time"


def test_command_revokes_only_when_asked_to(signed, capsys):
    with time_machine.travel(LATER, tick=False):
        call_command("rotate_tsa_key")
        assert not AuthorityRevocation.objects.exists()
        call_command("rotate_tsa_key", "--compromised")
    assert "Revoked" in capsys.readouterr().out
    assert AuthorityRevocation.objects.get().kind == "stamp"
