"""Sealed keys, PINs, and the portal's own authority."""

import multiprocessing
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from agreements import keys
from agreements.keys import sealing

AT = datetime(2023, 3, 1, 2, 0, 0, tzinfo=UTC)
KEK = b"k" * 32
PIN = "2468-1357"
FAST = 2**10  # scrypt; the real figure has one test


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("authority") / "ca"
    keys.create_authority(path, KEK, common_name="Cổng phối hợp", at=AT, demo=True)
    return path


@pytest.fixture(scope="module")
def authority(folder: Path) -> keys.Authority:
    return keys.Authority.load(folder, KEK)


def number(key: ec.EllipticCurvePrivateKey) -> int:
    return key.private_numbers().private_value


def issue(authority: keys.Authority, **changes: object) -> x509.Certificate:
    values = {"common_name": "Phí Công Minh Triết", "organization": "Sở Nội vụ", "at": AT}
    der = authority.issue(keys.generate_key().public_key(), **(values | changes))
    return x509.load_der_x509_certificate(der)


# Sealing -----------------------------------------------------------------------------------
def test_sealed_key_opens_with_pin_and_kek() -> None:
    key = keys.generate_key()
    sealed = keys.seal(key, PIN, KEK, context=b"7", n=FAST)
    assert number(keys.unseal(sealed, PIN, KEK, context=b"7")) == number(key)


def test_separators_in_a_pin_do_not_count() -> None:
    key = keys.generate_key()
    sealed = keys.seal(key, "2468-1357", KEK, context=b"7", n=FAST)
    assert number(keys.unseal(sealed, "2468 1357", KEK, context=b"7")) == number(key)


def test_wrong_pin_is_a_wrong_pin() -> None:
    sealed = keys.seal(keys.generate_key(), PIN, KEK, context=b"7", n=FAST)
    with pytest.raises(keys.WrongPin):
        keys.unseal(sealed, "2468-1358", KEK, context=b"7")


@pytest.mark.parametrize(
    ("change", "kek", "context"),
    [
        pytest.param(lambda sealed: sealed, b"x" * 32, b"7", id="other kek"),
        pytest.param(lambda sealed: sealed, KEK, b"8", id="other credential"),
        pytest.param(lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]), KEK, b"7", id="flipped bit"),
        pytest.param(lambda sealed: sealed[:-5], KEK, b"7", id="cut"),
        pytest.param(lambda sealed: sealed[:4] + b"\x18" + sealed[5:], KEK, b"7", id="more costly scrypt"),
        pytest.param(lambda sealed: b"XXXX" + sealed[4:], KEK, b"7", id="other format"),
        pytest.param(lambda sealed: b"", KEK, b"7", id="empty"),
    ],
)
def test_damage_is_never_called_a_wrong_pin(change, kek: bytes, context: bytes) -> None:
    sealed = keys.seal(keys.generate_key(), PIN, KEK, context=b"7", n=FAST)
    with pytest.raises(keys.KeyDamaged):
        keys.unseal(change(sealed), PIN, kek, context=context)


def test_kek_alone_does_not_open_a_key() -> None:
    """Whoever has database and key-encryption key reaches the inner layer, and no further."""
    key = keys.generate_key()
    sealed = keys.seal(key, PIN, KEK, context=b"7", n=FAST)
    header, rest = sealed[: sealing.HEADER], sealed[sealing.HEADER :]
    inner = sealing._outer(KEK).decrypt(rest[:12], rest[12:], header + b"7")
    assert number(key).to_bytes(32, "big") not in inner


def test_derived_pin_saves_the_work_and_opens_with_the_pin() -> None:
    derived = keys.derive_pin(PIN, n=FAST)
    first, second = keys.generate_key(), keys.generate_key()
    sealed = [keys.seal(key, derived, KEK, context=b"7") for key in (first, second)]
    assert [number(keys.unseal(item, PIN, KEK, context=b"7")) for item in sealed] == [
        number(first),
        number(second),
    ]


def test_seal_is_costly_by_default() -> None:
    assert sealing.SCRYPT_N >= 2**17
    sealed = keys.seal(keys.generate_key(), PIN, KEK, context=b"7")
    assert sealed[4] == 17


def test_short_kek_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        keys.seal(keys.generate_key(), PIN, b"short", context=b"7", n=FAST)


def test_secrets_stay_out_of_reprs() -> None:
    derived = keys.derive_pin(PIN, n=FAST)
    assert repr(derived.key) not in repr(derived)


# PINs --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "pin", ["2468-1357", "83920174", "con voi 17", "7301 9428", "2468-1357-9", "19992023"]
)
def test_ordinary_pin_passes(pin: str) -> None:
    keys.check_pin(pin)


@pytest.mark.parametrize(
    ("pin", "code"),
    [
        ("1234567", "too_short"),
        ("12-34-56-7", "too_short"),
        ("9" * 65, "too_long"),
        ("88888888", "repeated"),
        ("12121212", "repeated"),
        ("12341234", "repeated"),
        ("1231231231", "repeated"),
        ("aaaabbbb", "repeated"),
        ("12345678", "sequence"),
        ("8765 4321", "sequence"),
        ("78901234", "sequence"),
        ("24680246", "sequence"),
        ("11223344", "sequence"),
        ("abcdefgh", "sequence"),
        ("22121944", "date"),
        ("19441222", "date"),
        ("12-22-1944", "date"),
        ("02/09/1945", "date"),
        ("password", "common"),
        ("MatKhau1", "common"),
        ("qwertyui", "common"),
        ("lkjhgfds", "common"),
    ],
)
def test_common_pin_is_refused(pin: str, code: str) -> None:
    with pytest.raises(keys.PinTooWeak) as refused:
        keys.check_pin(pin)
    assert refused.value.code == code


# The authority -----------------------------------------------------------------------------
def test_chain_leads_from_signer_to_root(authority: keys.Authority) -> None:
    root, issuing = (x509.load_der_x509_certificate(der) for der in (authority.root, authority.issuing))
    signer = issue(authority)
    signer.verify_directly_issued_by(issuing)
    issuing.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)


def test_key_files_are_private_and_encrypted(folder: Path) -> None:
    for path in folder.glob("*.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert b"PRIVATE KEY" not in path.read_bytes()
    assert len(list(folder.glob("*.key"))) == 3


def test_wrong_kek_is_told_at_loading(folder: Path) -> None:
    with pytest.raises(keys.KeyDamaged):
        keys.Authority.load(folder, b"x" * 32)


def test_swapped_key_files_do_not_open(folder: Path, tmp_path: Path) -> None:
    """A key file is bound to its purpose: the root's cannot stand in for the issuing CA's."""
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    keys.Authority.load(tmp_path, KEK)
    (tmp_path / "issuing.key").write_bytes((folder / "root.key").read_bytes())
    with pytest.raises(keys.KeyDamaged):
        keys.Authority.load(tmp_path, KEK)


def test_missing_file_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(keys.AuthorityError):
        keys.Authority.load(tmp_path / "nowhere", KEK)


def test_existing_authority_is_never_overwritten(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(keys.AuthorityError):
        keys.create_authority(folder, KEK, common_name="Cổng khác", at=AT, demo=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def _create(folder: Path) -> bool:
    try:
        keys.create_authority(folder, KEK, common_name="Cổng phối hợp", at=AT, demo=False)
    except keys.AuthorityError:
        return False
    return True


def test_of_two_creators_one_wins_whole(tmp_path: Path) -> None:
    folder = tmp_path / "ca"
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert sorted(pool.map(_create, [folder, folder])) == [False, True]
    keys.Authority.load(folder, KEK)
    assert [path.name for path in tmp_path.iterdir()] == ["ca"]


@pytest.mark.parametrize("demo", [True, False])
def test_demonstration_is_marked(tmp_path: Path, demo: bool) -> None:
    keys.create_authority(tmp_path / "ca", KEK, common_name="Cổng phối hợp", at=AT, demo=demo)
    authority = keys.Authority.load(tmp_path / "ca", KEK)
    name = x509.load_der_x509_certificate(authority.root).subject.rfc4514_string()
    assert (authority.is_demo, "TRÌNH DIỄN" in name) == (demo, demo)


# Certificates ------------------------------------------------------------------------------
def test_signer_certificate_signs_documents_and_nothing_else(authority: keys.Authority) -> None:
    extensions = issue(authority).extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.content_commitment
    assert not any((usage.value.digital_signature, usage.value.key_cert_sign, usage.value.crl_sign))
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca) == (True, False)
    extended = list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    assert [oid.dotted_string for oid in extended] == [
        "1.3.6.1.5.5.7.3.36",
        ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string,
    ]


def test_identifiers_link_signer_and_issuer(authority: keys.Authority) -> None:
    issuing = x509.load_der_x509_certificate(authority.issuing)
    own = issuing.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    signer = issue(authority).extensions
    assert signer.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier == own


def test_issuing_ca_makes_no_further_ca(authority: keys.Authority) -> None:
    issuing = x509.load_der_x509_certificate(authority.issuing).extensions
    constraints = issuing.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)


def test_signer_is_named_with_agency_and_label(authority: keys.Authority) -> None:
    name = issue(authority, serial_label="SNV-001").subject
    found = {attribute.oid: attribute.value for attribute in name}
    assert found[NameOID.COMMON_NAME] == "Phí Công Minh Triết"
    assert found[NameOID.ORGANIZATION_NAME] == "Sở Nội vụ"
    assert found[NameOID.SERIAL_NUMBER] == "SNV-001"


def test_lives_are_those_of_the_profile(authority: keys.Authority) -> None:
    signer, root = issue(authority), x509.load_der_x509_certificate(authority.root)
    assert signer.not_valid_after_utc - signer.not_valid_before_utc == timedelta(days=730)
    assert root.not_valid_after_utc.year == 2043


def test_signer_never_outlives_its_issuer(authority: keys.Authority) -> None:
    issuing = x509.load_der_x509_certificate(authority.issuing)
    assert issue(authority, days=365 * 40).not_valid_after_utc == issuing.not_valid_after_utc


def test_certifier_signs_with_its_own_certificate(authority: keys.Authority) -> None:
    certifier = authority.certifier()
    certificate = x509.load_der_x509_certificate(certifier.certificate)
    signature = certifier.private_key.sign(b"x", ec.ECDSA(hashes.SHA256()))
    certificate.public_key().verify(signature, b"x", ec.ECDSA(hashes.SHA256()))
    assert certifier.chain == (authority.issuing,)


# Revocation lists --------------------------------------------------------------------------
def test_crl_lists_the_revoked_and_verifies(authority: keys.Authority) -> None:
    signer = issue(authority)
    der = authority.crl([(signer.serial_number, AT, "key_compromise")], number=4, at=AT)
    crl = x509.load_der_x509_crl(der)
    issuing = x509.load_der_x509_certificate(authority.issuing)
    assert crl.is_signature_valid(issuing.public_key())
    entry = crl.get_revoked_certificate_by_serial_number(signer.serial_number)
    assert entry.revocation_date_utc == AT
    assert (
        entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
        is x509.ReasonFlags.key_compromise
    )
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 4
    assert crl.next_update_utc - crl.last_update_utc == timedelta(days=7)


def test_root_has_a_list_of_its_own(authority: keys.Authority) -> None:
    crl = x509.load_der_x509_crl(authority.root_crl(KEK, number=1, at=AT))
    root = x509.load_der_x509_certificate(authority.root)
    assert crl.is_signature_valid(root.public_key())
    assert len(crl) == 0


@pytest.mark.parametrize("reason", ["certificate_hold", "remove_from_crl"])
def test_nothing_is_ever_suspended_by_crl(authority: keys.Authority, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        authority.crl([(1, AT, reason)], number=1, at=AT)
