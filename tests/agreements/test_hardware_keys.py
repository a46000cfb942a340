"""Keys of the authority in a token: SoftHSM2, the real library."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from agreements import (
    authorities,
    ceremonies,
    certificates,
    crls,
    documents,
    keys,
    pades,
    verification,
)
from portal.files import store
from portal.lib.errors import RuleError
from tests.agreements.test_certificates import release
from tests.factories import NOW

KEK = b"k" * 32
SHA256 = ec.ECDSA(hashes.SHA256())


@pytest.fixture
def tokens(hardware) -> keys.TokenKeys:
    module, label, pin = (hardware[f"PKCS11_{name}"] for name in ("MODULE", "TOKEN", "PIN"))
    return keys.TokenKeys(module, label, pin, keys.FileKeys(KEK))


@pytest.fixture
def in_token(settings, hardware):
    for name, value in hardware.items():
        setattr(settings, name, value)


def test_key_signs_and_is_found_again(tokens):
    key, kept = tokens.make("issuing")
    for one in (key, tokens.open(kept, role="issuing", public=key.public_key())):
        key.public_key().verify(one.sign(b"x", SHA256), b"x", SHA256)
    assert (key.key_size, key.curve.name) == (256, "secp256r1")
    digest = hashes.Hash(hashes.SHA256())
    digest.update(b"x")
    signature = key.sign(digest.finalize(), ec.ECDSA(Prehashed(hashes.SHA256())))
    key.public_key().verify(signature, b"x", SHA256)


def test_secret_does_not_leave_the_token(tokens):
    key, kept = tokens.make("issuing")
    assert kept.startswith(b"pkcs11:id=")
    none = serialization.NoEncryption()
    with pytest.raises(keys.AuthorityError):
        key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, none)
    with pytest.raises(keys.AuthorityError):
        key.private_numbers()


@pytest.mark.parametrize("wrong", [{"label": "other"}, {"pin": "000000"}, {"module": "/nowhere.so"}])
def test_token_that_is_away_is_an_error_of_the_authority(tokens, wrong):
    given = {"module": tokens.module, "label": tokens.label, "pin": tokens.pin} | wrong
    with pytest.raises(keys.AuthorityError):
        keys.TokenKeys(files=tokens.files, **given).make("issuing")


@pytest.mark.parametrize("kept", [b"pkcs11:id=zz", b"pkcs11:id=00"])
def test_unknown_number_is_an_error_of_the_authority(tokens, kept):
    public = keys.generate_key().public_key()
    with pytest.raises(keys.AuthorityError):
        tokens.open(kept, role="issuing", public=public).sign(b"x", SHA256)


def test_sealed_file_opens_beside_the_token(tokens):
    key, kept = keys.FileKeys(KEK).make("issuing")
    assert tokens.open(kept, role="issuing", public=key.public_key()).sign(b"x", SHA256)
    with pytest.raises(keys.KeyDamaged):
        tokens.open(kept, role="issuing", public=keys.generate_key().public_key())


# --- The whole portal ------------------------------------------------------------------------------------
def test_papers_certificates_and_lists_are_signed_by_the_token(
    in_token, settings, document, head, officer, sign
):
    signature = sign(document, head)
    assert verification.report(store.read(signature.file_id), at=NOW).verdict is pades.Verdict.GOOD
    certificates.revoke(signature.certificate, by=officer, reason="superseded", at=NOW)
    assert len(x509.load_der_x509_crl(crls.current(at=NOW)[0])) == 1
    for role in ("issuing", "certifier"):
        assert (settings.PKI_DIR / f"{role}.key").read_bytes().startswith(b"pkcs11:id=")
    assert not (settings.PKI_DIR / "root.key").read_bytes().startswith(b"pkcs11:")


def test_files_move_into_a_token_by_a_successor(db, settings, hardware):
    authorities.authority(at=NOW)
    crls.issue_due(at=NOW)
    for name, value in hardware.items():
        setattr(settings, name, value)
    ceremonies.succeed(None, at=NOW)
    assert (settings.PKI_DIR / "issuing-2" / "issuing.key").read_bytes().startswith(b"pkcs11:id=")
    todays, before, _root = (x509.load_der_x509_crl(der) for der in crls.issue_fresh(at=NOW))
    issuers = authorities.authority(at=NOW).issuers
    for found, issuer in zip((todays, before), issuers, strict=True):
        assert found.is_signature_valid(issuer.certificate.public_key())


def test_without_the_token_revocation_stands_and_what_is_kept_is_believed(
    in_token, settings, document, draft_programme, head, front_head, officer, sign, derived_pin
):
    signature = sign(document, head)
    crls.issue_due(at=NOW)
    waiting = certificates.ask(front_head, pin=derived_pin, by=front_head, at=NOW)
    settings.PKCS11_PIN = "000000"
    assert verification.report(store.read(signature.file_id), at=NOW).verdict is pades.Verdict.GOOD
    certificates.revoke(signature.certificate, by=officer, reason="superseded", at=NOW)
    signature.certificate.refresh_from_db()
    assert signature.certificate.revoked_at == NOW
    with pytest.raises(RuleError):
        release(waiting, officer)
    with pytest.raises(RuleError):
        documents._draw(draft_programme, NOW)
    settings.PKCS11_PIN = "135790"
    assert crls.issue_due(at=NOW) == 1
    assert len(x509.load_der_x509_crl(crls.current(at=NOW)[0])) == 1
