"""The root's key away from the server, its lists brought, and a successor of the issuing CA."""

import datetime as dt
from io import StringIO

import pytest
import time_machine
from cryptography import x509
from django.core.management import CommandError, call_command

from agreements import authorities, ceremonies, certificates, crls, keys, pades, pki, verification
from agreements.management.commands import pki_root
from agreements.models import CertificateAuthority, RevocationList
from portal.audit.models import Event
from portal.files import store
from portal.lib.errors import RuleError
from tests.agreements.test_certificates import release
from tests.factories import NOW, certify

DAY = dt.timedelta(days=1)
PASSPHRASE = "một cụm mật khẩu đủ dài"

pytestmark = pytest.mark.django_db


@pytest.fixture
def away(tmp_path, monkeypatch):
    """Export and remove the root's key; return the exported file."""
    monkeypatch.setattr(pki_root.getpass, "getpass", lambda prompt: PASSPHRASE)
    path = tmp_path / "root-key.pem"
    authorities.authority(at=NOW)
    run("export", path)
    run("remove", path)
    return path


def run(*arguments: object, at: dt.datetime = NOW) -> str:
    said = StringIO()
    with time_machine.travel(at, tick=False):
        call_command("pki_root", *map(str, arguments), stdout=said)
    return said.getvalue()


def root_numbers() -> list[int]:
    rows = RevocationList.objects.filter(authority__kind="root").order_by("pk")
    return list(rows.values_list("number", flat=True))


# --- Taken away ----------------------------------------------------------------------------------------
def test_status_of_a_portal_without_authority():
    assert "no authority yet" in run("status")


def test_key_is_away_and_the_list_lasts_half_a_year(away, settings):
    assert not (settings.PKI_DIR / "root.key").exists()
    said = run("status")
    assert "root's key: away" in said
    assert f"{(NOW + 180 * DAY).astimezone(dt.UTC).isoformat()}" in said
    assert (away.stat().st_mode & 0o777) == 0o600
    assert PASSPHRASE.encode() not in away.read_bytes()
    verbs = {"authority.key_exported", "authority.key_removed"}
    assert set(Event.objects.filter(verb__startswith="authority.").values_list("verb", flat=True)) == verbs


def test_without_the_key_people_are_certified_revoked_and_verified(away, document, head, officer, sign):
    signature = sign(document, head)
    certificate = signature.certificate
    assert verification.report(store.read(signature.file_id), at=NOW).verdict is pades.Verdict.GOOD
    certificates.revoke(certificate, by=officer, reason="superseded", at=NOW)
    listed = x509.load_der_x509_crl(crls.current(at=NOW)[0])
    assert listed.get_revoked_certificate_by_serial_number(int(certificate.serial, 16))


def test_what_needs_the_key_says_so(away):
    for step in ("issue-list", "successor"):
        with pytest.raises(CommandError, match="root's key is not here"):
            run(step)


def test_nobody_is_alarmed_before_the_list_is_about_to_end(away, caplog):
    crls.issue_due(at=NOW + 149 * DAY)
    assert not caplog.records
    crls.issue_due(at=NOW + 151 * DAY)
    assert "root's key is not here" in caplog.text


def test_key_stays_when_the_exported_file_is_another(tmp_path, monkeypatch, settings):
    monkeypatch.setattr(pki_root.getpass, "getpass", lambda prompt: PASSPHRASE)
    authorities.authority(at=NOW)
    keys.write_key(keys.generate_key(), tmp_path / "other.pem", passphrase=PASSPHRASE)
    with pytest.raises(CommandError, match="not the root's key"):
        run("remove", tmp_path / "other.pem")
    assert (settings.PKI_DIR / "root.key").exists()


def test_key_stays_when_the_passphrase_is_wrong(tmp_path, settings):
    ceremonies.export(tmp_path / "key.pem", passphrase=PASSPHRASE, at=NOW)
    with pytest.raises(keys.AuthorityError, match="passphrase"):
        ceremonies.remove(tmp_path / "key.pem", passphrase="khác hẳn cụm kia rồi", at=NOW)
    assert (settings.PKI_DIR / "root.key").exists()


def test_export_overwrites_nothing_and_wants_a_long_passphrase(tmp_path):
    (tmp_path / "key.pem").write_text("something of mine")
    with pytest.raises(keys.AuthorityError):
        ceremonies.export(tmp_path / "key.pem", passphrase=PASSPHRASE, at=NOW)
    with pytest.raises(keys.AuthorityError, match="16"):
        ceremonies.export(tmp_path / "new.pem", passphrase="ngắn", at=NOW)
    assert not (tmp_path / "new.pem").exists()


# --- Lists brought --------------------------------------------------------------------------------------
def test_list_signed_apart_is_kept(away, tmp_path, settings):
    out = tmp_path / "root.crl"
    later = NOW + 100 * DAY
    root = settings.PKI_DIR / "root.pem"
    run("sign-list", out, "--number", 2, "--key", away, "--root", root, at=later)
    run("import-list", out, at=later)
    assert root_numbers() == [1, 2]
    assert crls.current(at=later)[-1] == out.read_bytes()


def test_list_is_issued_with_the_key_in_hand(away):
    assert "number 2" in run("issue-list", "--key", away, at=NOW + DAY)


def test_lists_that_are_not_newer_or_not_the_roots_are_refused(away, tmp_path):
    own = authorities.authority(at=NOW)
    key = keys.read_key(away, passphrase=PASSPHRASE)
    for content, why in (
        (own.root_crl_by(key, number=1, at=NOW), "number 1 is here already"),
        (own.root_crl_by(key, number=9, at=NOW - 200 * DAY), "not valid today"),
        (own.crl([], number=9, at=NOW), "did not sign"),
        (b"x", "no revocation list"),
    ):
        (tmp_path / "list.crl").write_bytes(content)
        with pytest.raises(CommandError, match=why):
            run("import-list", tmp_path / "list.crl")
    with pytest.raises(CommandError):
        run("import-list", tmp_path / "nowhere.crl")


# --- Certifier -------------------------------------------------------------------------------------------
def test_certifier_is_renewed_by_itself_and_papers_stay_good(document):
    own = authorities.authority(at=NOW)
    assert not authorities.renew_certifier(at=own.certifies_until - 61 * DAY)
    soon = own.certifies_until - 59 * DAY
    assert authorities.renew_certifier(at=soon)
    assert not authorities.renew_certifier(at=soon)
    renewed = authorities.authority(at=soon)
    assert renewed.certifies_until == own.certifies_until + 671 * DAY
    assert renewed.certifier().chain == (renewed.issuing,)
    assert verification.report(store.read(document.head_id), at=soon).verdict is pades.Verdict.GOOD


def test_a_successor_has_the_last_word_on_the_certifier(away):
    soon = authorities.authority(at=NOW).certifies_until - 59 * DAY
    authorities.renew_certifier(at=soon)
    run("successor", "--key", away, at=soon)
    own = authorities.authority(at=soon)
    assert own.certifier().chain == (own.issuing,)


# --- Successor ------------------------------------------------------------------------------------------
def test_issuing_authority_stops_after_three_years(asked, officer):
    late = NOW + 3 * 365 * DAY
    authorities.authority(at=NOW)
    with pytest.raises(RuleError):
        release(asked, officer, at=late)


def test_successor_issues_and_the_old_one_is_still_believed(away, document, head, front_head, sign, enrolled):
    old = sign(document, head)
    assert "Restart" in run("successor", "--key", away)
    new = pki.current_credential(enrolled(front_head), at=NOW).certificate
    assert new.issuer_key_id != old.certificate.issuer_key_id
    signature = sign(document, front_head)
    report = verification.report(store.read(signature.file_id), at=NOW)
    assert report.verdict is pades.Verdict.GOOD
    assert pki.unlock(pki.current_credential(head, at=NOW), "2468-1357", by=head, at=NOW).chain != (
        authorities.authority(at=NOW).issuing,
    )
    names = set(CertificateAuthority.objects.values_list("common_name", flat=True))
    assert len(names) == 3, "root and two issuing CAs, each by a name of its own"


def test_each_issuing_authority_revokes_its_own(away, head, front_head, officer, derived_pin):
    old = certify(head, pin=derived_pin, at=NOW)
    run("successor", "--key", away)
    new = certify(front_head, pin=derived_pin, at=NOW)
    for certificate in (old, new):
        certificates.revoke(certificate, by=officer, reason="superseded", at=NOW)
    todays, before, _root = (x509.load_der_x509_crl(der) for der in crls.current(at=NOW))
    assert [entry.serial_number for entry in todays] == [int(new.serial, 16)]
    assert [entry.serial_number for entry in before] == [int(old.serial, 16)]
