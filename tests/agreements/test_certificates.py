"""A signer's certificate: asked for, compared and released by another, revoked."""

import datetime as dt
import json
import uuid

import pytest
from allauth.mfa.models import Authenticator
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from agreements import certificates, pki, signing
from agreements.models import Certificate, CertificateRequest, Credential
from agreements.states import REQUEST, RequestState
from portal.audit.models import Event
from portal.lib.errors import RuleError
from portal.notices.models import Notice
from portal.users import totp
from portal.users.models import Membership, Role, User
from tests.agreements.conftest import PIN
from tests.factories import NOW, person

DAY = dt.timedelta(days=1)


def end(request: CertificateRequest) -> str:
    return request.fingerprint[-certificates.HIDDEN_DIGITS :]


def release(request: CertificateRequest, by: User, **given) -> Certificate:
    return certificates.release(request, by=by, **({"compared": end(request), "at": NOW} | given))


# --- Ask ----------------------------------------------------------------------------------------------
def test_a_request_makes_a_sealed_key_and_no_certificate(asked, head):
    assert asked.state == RequestState.REQUESTED
    assert pki.current_credential(head, at=NOW) is None
    assert not Certificate.objects.exists()
    assert not Credential.objects.exists()
    assert Event.objects.get(verb="certificate.requested").actor_id == head.pk


def test_command_posts_are_told_of_a_request(head, officer, commander, derived_pin):
    certificates.ask(head, pin=derived_pin, by=head, at=NOW)
    told = Notice.objects.filter(kind="certificate.requested").values_list("recipient_id", flat=True)
    assert set(told) == {officer.pk, commander.pk}


@pytest.mark.parametrize("who", ["focal_point", "officer", "clerk", "admin", "viewer", "stranger"])
def test_who_never_signs_asks_for_nothing(cast, who, derived_pin):
    user = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        certificates.ask(user, pin=derived_pin, by=user, at=NOW)


def test_nobody_asks_for_another(admin, head, derived_pin):
    with pytest.raises(PermissionDenied):
        certificates.ask(head, pin=derived_pin, by=admin, at=NOW)


@pytest.mark.parametrize("pin", ["1234567", "12345678", "11111111", "19/05/1990", "matkhau123", ""])
def test_weak_pin_is_refused(head, pin):
    with pytest.raises(pki.PinRefused):
        certificates.ask(head, pin=pin, by=head, at=NOW)
    assert not CertificateRequest.objects.exists()


def test_one_request_at_a_time(asked, head, derived_pin):
    with pytest.raises(RuleError):
        certificates.ask(head, pin=derived_pin, by=head, at=NOW)
    assert CertificateRequest.objects.count() == 1


def test_no_request_while_a_certificate_is_good(asked, head, officer, derived_pin):
    release(asked, officer)
    with pytest.raises(RuleError):
        certificates.ask(head, pin=derived_pin, by=head, at=NOW)


def test_certificate_is_renewed_in_its_last_month(asked, head, officer, derived_pin):
    late = release(asked, officer).not_after - dt.timedelta(days=29)
    assert pki.current_credential(head, at=late) is None
    again = certificates.ask(head, pin=derived_pin, by=head, at=late)
    assert release(again, officer, at=late) == pki.current_credential(head, at=late).certificate


def test_move_to_another_agency_asks_for_a_new_certificate(asked, head, officer, front):
    release(asked, officer)
    Membership.objects.filter(user=head).update(agency=front)
    assert pki.current_credential(User.objects.get(pk=head.pk), at=NOW) is None


def test_name_too_long_for_a_certificate_is_told(department, derived_pin):
    user = person("sxd.dai", Role.AGENCY_HEAD, department, full_name="Nguyễn " * 9)
    with pytest.raises(RuleError):
        certificates.ask(user, pin=derived_pin, by=user, at=NOW)
    assert not CertificateRequest.objects.exists()


# --- Release ------------------------------------------------------------------------------------------
def test_release_certifies_the_very_key_that_was_compared(asked, head, officer):
    certificate = release(asked, officer)
    parsed = x509.load_der_x509_certificate(bytes(certificate.der))
    spki = parsed.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert spki == bytes(asked.public_key)
    assert f"{parsed.serial_number:x}" == asked.serial == certificate.serial
    assert Event.objects.get(verb="certificate.issued").actor_id == officer.pk


def test_signer_is_told_and_signs_with_the_pin_of_the_request(asked, head, officer):
    release(asked, officer)
    credential = pki.current_credential(head, at=NOW)
    assert pki.unlock(credential, PIN, by=head, at=NOW)
    assert Notice.objects.filter(kind="certificate.released", recipient=head).count() == 1
    assert not Notice.objects.filter(kind="certificate.requested", read_at=None).exists()
    assert bytes(CertificateRequest.objects.get().sealed_key) == b""


@pytest.mark.parametrize("typed", ["spaced", "upper"])
def test_the_end_may_be_typed_as_it_was_read_out(asked, officer, typed):
    plain = end(asked)
    given = {"spaced": f" {plain[:4]} - {plain[4:]} ", "upper": plain.upper()}[typed]
    assert release(asked, officer, compared=given)


@pytest.mark.parametrize("typed", ["", "0", "shown", "zzzz zzzz"])
def test_another_end_releases_nothing(asked, officer, typed):
    given = asked.fingerprint[:8] if typed == "shown" else typed
    with pytest.raises(certificates.FingerprintDiffers):
        release(asked, officer, compared=given)
    assert not Certificate.objects.exists()


@pytest.mark.parametrize(
    "who", ["admin", "clerk", "head", "deputy", "front_head", "focal_point", "viewer", "stranger"]
)
def test_only_a_command_post_decides(asked, cast, who):
    user = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        release(asked, user)
    with pytest.raises(PermissionDenied):
        certificates.refuse(asked, by=user, reason="Không phải tôi", at=NOW)
    assert CertificateRequest.objects.get().state == RequestState.REQUESTED


def test_commander_s_own_is_released_by_the_officer_alone(commander, officer, derived_pin):
    own = certificates.ask(commander, pin=derived_pin, by=commander, at=NOW)
    with pytest.raises(PermissionDenied):
        release(own, commander)
    assert release(own, officer)


def test_database_too_refuses_one_s_own_release(asked, head):
    with pytest.raises(IntegrityError), transaction.atomic():
        CertificateRequest.objects.update(state="released", decided_at=NOW, decided_by=head)


@pytest.mark.parametrize(
    "change",
    [
        lambda user, front: Membership.objects.filter(user=user).update(agency=front),
        lambda user, front: Membership.objects.filter(user=user).update(role=Role.VIEWER),
        lambda user, front: User.objects.filter(pk=user.pk).update(full_name="Người Khác"),
        lambda user, front: User.objects.filter(pk=user.pk).update(is_active=False),
    ],
    ids=["agency", "role", "name", "closed"],
)
def test_who_changed_since_asking_gets_nothing(asked, head, officer, front, change):
    change(head, front)
    with pytest.raises(RuleError):
        release(asked, officer)
    assert CertificateRequest.objects.get().state == RequestState.REQUESTED
    assert not Certificate.objects.exists()


def factor(user: User, at: dt.datetime) -> None:
    totp.enrol(user)
    Authenticator.objects.filter(user_id=user.pk).update(created_at=at)


@pytest.mark.parametrize(("age", "passes"), [(DAY, True), (DAY - dt.timedelta(minutes=1), False)])
def test_new_command_post_waits_a_day_while_another_could_release(asked, officer, commander, age, passes):
    """Who makes up a head and an officer is alone no longer: the commander has a day to see it."""
    factor(commander, NOW - 300 * DAY)
    factor(officer, NOW - age)
    if passes:
        assert release(asked, officer)
    else:
        with pytest.raises(RuleError):
            release(asked, officer)
        assert release(asked, commander)


@pytest.mark.parametrize(
    "change",
    [
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user: user.memberships.update(valid_to=NOW.date() - DAY),
        lambda user: user.memberships.update(role=Role.VIEWER),
    ],
    ids=["account closed", "post ended", "another post"],
)
def test_administrator_who_sends_the_others_away_is_alone_all_the_same(asked, officer, commander, change):
    factor(commander, NOW - 300 * DAY)
    factor(officer, NOW)
    change(commander)
    with pytest.raises(RuleError):
        release(asked, officer)


def test_first_officer_of_a_new_portal_releases_at_once(asked, officer):
    factor(officer, NOW)
    assert release(asked, officer)


# --- Refuse, withdraw ---------------------------------------------------------------------------------
def test_refusal_tells_the_signer_why_and_lets_them_ask_again(asked, head, officer, derived_pin):
    certificates.refuse(asked, by=officer, reason="Mã đọc không khớp", at=NOW)
    assert certificates.last_request(head).reason == "Mã đọc không khớp"
    assert Notice.objects.filter(kind="certificate.refused", recipient=head).count() == 1
    payload = json.loads(Event.objects.get(verb="certificate.refused").payload)
    assert payload["reason"] == "Mã đọc không khớp"
    assert certificates.ask(head, pin=derived_pin, by=head, at=NOW)


def test_withdrawal_wipes_the_key(asked, head):
    certificates.withdraw(asked, by=head, at=NOW)
    row = CertificateRequest.objects.get()
    assert (row.state, bytes(row.sealed_key)) == ("withdrawn", b"")
    assert Event.objects.get(verb="certificate.withdrawn").actor_id == head.pk


@pytest.mark.parametrize("who", ["officer", "admin", "deputy"])
def test_nobody_withdraws_another_s(asked, cast, who):
    with pytest.raises(PermissionDenied):
        certificates.withdraw(asked, by=getattr(cast, who), at=NOW)


STEPS = {
    RequestState.RELEASED: lambda row, head, officer: release(row, officer),
    RequestState.REFUSED: lambda row, head, officer: certificates.refuse(
        row, by=officer, reason="Nhầm", at=NOW
    ),
    RequestState.WITHDRAWN: lambda row, head, officer: certificates.withdraw(row, by=head, at=NOW),
}


@pytest.mark.parametrize("target", STEPS)
@pytest.mark.parametrize("source", RequestState)
def test_what_may_follow_what(asked, head, officer, source, target):
    if source in STEPS:
        STEPS[source](asked, head, officer)
    row = CertificateRequest.objects.get()
    if target in REQUEST.get(source, frozenset()):
        STEPS[target](row, head, officer)
        assert CertificateRequest.objects.get().state == target
    else:
        with pytest.raises(RuleError):
            STEPS[target](row, head, officer)
        assert CertificateRequest.objects.get().state == source


def test_decision_that_came_meanwhile_counts(asked, head, officer):
    stale = CertificateRequest.objects.get(pk=asked.pk)
    certificates.withdraw(asked, by=head, at=NOW)
    with pytest.raises(RuleError):
        release(stale, officer)
    assert not Certificate.objects.exists()


# --- Revoke -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["head", "officer", "commander"])
def test_owner_and_command_revoke(asked, cast, who, derived_pin):
    certificate = release(asked, cast.officer)
    certificates.revoke(certificate, by=getattr(cast, who), reason="superseded", at=NOW)
    assert pki.current_credential(cast.head, at=NOW) is None
    assert bytes(Credential.objects.get().sealed_key) == b""
    assert Event.objects.get(verb="certificate.revoked").actor_id == getattr(cast, who).pk
    assert certificates.ask(cast.head, pin=derived_pin, by=cast.head, at=NOW)


@pytest.mark.parametrize("who", ["admin", "deputy", "clerk", "front_head", "focal_point"])
def test_others_do_not_revoke(asked, cast, who):
    certificate = release(asked, cast.officer)
    with pytest.raises(PermissionDenied):
        certificates.revoke(certificate, by=getattr(cast, who), reason="superseded", at=NOW)


def test_revoked_twice_is_refused(asked, head, officer):
    certificate = release(asked, officer)
    certificates.revoke(certificate, by=head, reason="key_compromise", at=NOW)
    with pytest.raises(RuleError):
        certificates.revoke(certificate, by=officer, reason="superseded", at=NOW)
    assert Certificate.objects.get().revocation_reason == "key_compromise"


def test_revoked_certificate_stands_in_the_list_and_signs_nothing(document, head, officer):
    totp.enrol(head)
    certificate = release(certificates.ask(head, pin=PIN, by=head, at=NOW), officer)
    certificates.revoke(certificate, by=head, reason="key_compromise", at=NOW)
    sent = {"code": totp.next_code(head, at=NOW), "shown_sha256": document.frozen_id}
    with pytest.raises(RuleError):
        signing.sign(document, by=head, pin=PIN, request_key=uuid.uuid4(), at=NOW, **sent)
    crl = x509.load_der_x509_crl(pki.trust(at=NOW).crls[0])
    assert [row.serial_number for row in crl] == [int(Certificate.objects.get().serial, 16)]
