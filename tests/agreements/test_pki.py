"""Signers' certificates and the PIN that opens their keys."""

import datetime as dt

import pytest
from cryptography import x509

from agreements import keys, pades, pki, verification
from agreements.models import Credential
from portal.audit.models import Event
from portal.files import store
from portal.lib.errors import RuleError
from tests.agreements.conftest import PIN
from tests.factories import NOW

MINUTE = dt.timedelta(minutes=1)
WRONG = "1357-2468"


@pytest.fixture
def credential(enrolled, head) -> Credential:
    return pki.current_credential(enrolled(head), at=NOW)


# --- Issued ----------------------------------------------------------------------------------------
def test_certificate_names_person_and_agency(credential):
    parsed = x509.load_der_x509_certificate(bytes(credential.certificate.der))
    names = {attribute.rfc4514_attribute_name: attribute.value for attribute in parsed.subject}
    assert (names["CN"], names["O"]) == ("Mạc Văn Hùng", "Sở Xây dựng")
    assert Event.objects.get(verb="certificate.issued").agency_code == "SXD"


def test_stored_key_holds_neither_pin_nor_key(credential):
    sealed = bytes(credential.sealed_key)
    private_key = pki.unlock(credential, PIN, by=credential.certificate.user, at=NOW).private_key
    number = private_key.private_numbers().private_value.to_bytes(32, "big")
    assert number not in sealed
    assert keys.derive_pin(PIN, n=2**14).key not in sealed


# --- Unlock ---------------------------------------------------------------------------------------
def refused(credential: Credential, pin: str, *, at: dt.datetime = NOW) -> str:
    with pytest.raises(pki.PinRefused) as error:
        pki.unlock(credential, pin, by=credential.certificate.user, at=at)
    return str(error.value)


@pytest.mark.parametrize("pin", [PIN, "24681357", "2468 1357"])
def test_right_pin_opens_the_key(credential, head, pin):
    key = pki.unlock(credential, pin, by=head, at=NOW)
    assert key.certificate == bytes(credential.certificate.der)


def test_wrong_pins_are_counted_and_told(credential):
    assert "4" in refused(credential, WRONG)
    assert "3" in refused(credential, WRONG)
    credential.refresh_from_db()
    assert credential.failures == 2
    assert Event.objects.filter(verb="credential.pin_refused").count() == 2
    assert WRONG not in Event.objects.filter(verb="credential.pin_refused").first().payload


def test_right_pin_clears_the_count(credential, head):
    refused(credential, WRONG)
    pki.unlock(credential, PIN, by=head, at=NOW)
    credential.refresh_from_db()
    assert credential.failures == 0


@pytest.fixture
def locked(credential) -> Credential:
    for _try in range(pki.WRONG_PINS):
        refused(credential, WRONG)
    return credential


def test_five_wrong_pins_lock_for_a_quarter_of_an_hour(locked):
    locked.refresh_from_db()
    assert locked.locked_until == NOW + 15 * MINUTE
    assert Event.objects.filter(verb="credential.locked").count() == 1


def test_right_pin_is_refused_while_locked(locked):
    assert "15" in refused(locked, PIN, at=NOW + MINUTE) or "14" in refused(locked, PIN, at=NOW + MINUTE)


def test_wrong_pin_while_locked_does_not_lengthen_the_lock(locked):
    refused(locked, WRONG, at=NOW + 14 * MINUTE)
    locked.refresh_from_db()
    assert locked.locked_until == NOW + 15 * MINUTE


def test_right_pin_opens_after_the_lock(locked, head):
    assert pki.unlock(locked, PIN, by=head, at=NOW + 15 * MINUTE)
    locked.refresh_from_db()
    assert locked.locked_until is None


def test_lock_that_came_since_the_page_was_made_counts(credential, head):
    """The credential in hand is open; another request has locked it meanwhile."""
    stale = Credential.objects.get(pk=credential.pk)
    Credential.objects.update(locked_until=NOW + MINUTE)
    refused(stale, PIN)


def test_damaged_key_is_not_a_wrong_pin(credential, head):
    *rest, last = bytes(credential.sealed_key)
    Credential.objects.update(sealed_key=bytes([*rest, last ^ 1]))
    damaged = Credential.objects.select_related("certificate").get(pk=credential.pk)
    with pytest.raises(RuleError) as error:
        pki.unlock(damaged, PIN, by=head, at=NOW)
    assert not isinstance(error.value, pki.PinRefused)
    damaged.refresh_from_db()
    assert damaged.failures == 0


def test_sealed_key_of_another_does_not_open(credential, enrolled, front_head):
    other = pki.current_credential(enrolled(front_head), at=NOW)
    Credential.objects.filter(pk=credential.pk).update(sealed_key=other.sealed_key)
    moved = Credential.objects.select_related("certificate").get(pk=credential.pk)
    with pytest.raises(RuleError):
        pki.unlock(moved, PIN, by=front_head, at=NOW)


# --- A post that ended ----------------------------------------------------------------------------
def test_what_was_signed_stays_good_when_the_key_is_destroyed(document, head, sign):
    signature = sign(document, head)
    head.memberships.update(valid_to=NOW.date())
    later = NOW + dt.timedelta(days=1)
    assert pki.destroy_keys_without_post(by=None, at=later) == 1
    report = verification.report(store.read(signature.file_id), at=later + MINUTE)
    assert report.verdict is pades.Verdict.GOOD
