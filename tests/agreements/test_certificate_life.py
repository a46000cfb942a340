"""A certificate's life: renewed, its PIN changed or forgotten, suspended, warned of, listed."""

import datetime as dt

import pytest
import time_machine
from cryptography import x509
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from agreements import certificate_reminders, certificates, crls, keys, pki, signing, suspensions
from agreements.models import Certificate, CertificateRequest, Credential, Suspension
from portal.audit.models import Event
from portal.lib.errors import RuleError
from portal.notices import planning
from portal.notices.models import Notice
from portal.users import carried, totp
from portal.users.models import Membership
from portal.users.step_up import CodeRefused
from tests.agreements.conftest import PIN
from tests.agreements.test_certificates import release
from tests.conftest import step_up_for
from tests.factories import NOW, AuthorisationFactory, MembershipFactory, certify

DAY = dt.timedelta(days=1)
NEW_PIN = "8642-9753"
Purpose = CertificateRequest.Purpose
OWN = reverse("agreements:certificate")
LIST = reverse("agreements:certificates")


@pytest.fixture
def held(head, officer, derived_pin) -> Certificate:
    certificate = certify(head, pin=derived_pin, at=NOW)
    for user in (head, officer):
        totp.enrol(user)
    return certificate


@pytest.fixture
def again(head, derived_pin):
    def ask(purpose: Purpose, *, at: dt.datetime = NOW) -> CertificateRequest:
        return certificates.ask(head, pin=derived_pin, by=head, at=at, purpose=purpose)

    return ask


# --- Renewed ---------------------------------------------------------------------------------------------
def test_renewal_leaves_the_old_certificate_to_end_and_destroys_its_key(held, head, officer, again):
    soon = held.not_after - 60 * DAY
    asked = again(Purpose.RENEWAL, at=soon)
    assert pki.current_credential(head, at=soon).certificate == held, "until the release the old one signs"
    renewed = release(asked, officer, at=soon)
    assert pki.current_credential(head, at=soon).certificate == renewed
    held.refresh_from_db()
    assert held.revoked_at is None
    assert list(Credential.objects.values_list("certificate", flat=True)) == [renewed.pk]
    assert Event.objects.filter(verb="credential.destroyed").count() == 1


def test_too_early_a_renewal_is_told_its_day(held, again):
    with pytest.raises(RuleError, match="09/01/2028"):
        again(Purpose.RENEWAL, at=held.not_after - 61 * DAY)


def test_nothing_is_renewed_without_a_certificate(head, again):
    with pytest.raises(RuleError):
        again(Purpose.RENEWAL)


def test_signer_renews_on_a_page(held, head, login, now):
    client, path = login(head), reverse("agreements:renew_certificate")
    Certificate.objects.update(not_after=NOW + 59 * DAY)
    assert path in client.get(OWN).content.decode()
    step_up_for(client, head, "certificate", path)
    assert client.post(path, {"pin": PIN, "again": PIN}).url == OWN
    assert CertificateRequest.objects.filter(purpose=Purpose.RENEWAL).count() == 1


def test_page_of_a_renewal_that_is_too_early_leads_back(held, head, login, now):
    client, path = login(head), reverse("agreements:renew_certificate")
    step_up_for(client, head, "certificate", path)
    assert client.get(path).url == OWN


# --- PIN forgotten ---------------------------------------------------------------------------------------
def test_forgotten_pin_revokes_at_the_release(held, head, officer, again):
    asked = again(Purpose.FORGOTTEN_PIN)
    assert pki.current_credential(head, at=NOW).certificate == held
    made = release(asked, officer)
    held.refresh_from_db()
    assert (held.revoked_at, held.revocation_reason) == (NOW, "superseded")
    assert pki.current_credential(head, at=NOW).certificate == made
    listed = x509.load_der_x509_crl(crls.current(at=NOW)[0])
    assert listed.get_revoked_certificate_by_serial_number(int(held.serial, 16))


def test_refused_reset_changes_nothing(held, head, officer, again):
    certificates.refuse(again(Purpose.FORGOTTEN_PIN), by=officer, reason="Không gọi được", at=NOW)
    held.refresh_from_db()
    assert held.revoked_at is None
    assert pki.unlock(pki.current_credential(head, at=NOW), PIN, by=head, at=NOW)


def test_who_forgot_the_pin_is_asked_for_the_password(held, head, login, now):
    client, path = login(head), reverse("agreements:forgotten_pin")
    asked = client.get(client.get(path).url)
    assert asked.context["knowledge"].name == "password"
    step_up_for(client, head, "certificate", path)
    assert client.post(path, {"pin": PIN, "again": PIN}).status_code == 403, "another purpose opens nothing"
    step_up_for(client, head, "forgotten_pin", path)
    assert client.post(path, {"pin": PIN, "again": PIN}).url == OWN


# --- PIN changed -----------------------------------------------------------------------------------------
def change(user, *, old: str = PIN, new: str = NEW_PIN, code: str = "", credential=None) -> None:
    credential = credential or pki.current_credential(user, at=NOW)
    code = code or totp.next_code(user, at=NOW)
    pki.change_pin(credential, old=old, new=new, code=code, by=user, at=NOW)


def test_new_pin_opens_and_the_old_one_does_not(held, head):
    change(head)
    credential = pki.current_credential(head, at=NOW)
    assert pki.unlock(credential, NEW_PIN, by=head, at=NOW).certificate == bytes(held.der)
    with pytest.raises(pki.PinRefused):
        pki.unlock(credential, PIN, by=head, at=NOW)
    event = Event.objects.get(verb="credential.pin_changed")
    assert NEW_PIN not in event.payload


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"old": "1357-2468"}, pki.PinRefused),
        ({"new": "12345678"}, pki.WeakPin),
        ({"code": "000000"}, CodeRefused),
    ],
)
def test_refused_change_keeps_the_old_pin(held, head, given, error):
    with pytest.raises(error):
        change(head, **given)
    assert pki.unlock(pki.current_credential(head, at=NOW), PIN, by=head, at=NOW)


def test_nobody_changes_the_pin_of_another(held, head, deputy):
    with pytest.raises(PermissionDenied):
        change(deputy, credential=pki.current_credential(head, at=NOW), code="000000")


def test_key_that_changed_meanwhile_is_kept(held, head):
    stale = pki.current_credential(head, at=NOW)
    other = keys.seal(keys.generate_key(), PIN, b"k" * 32, context=b"x", n=2**10)
    opened = pki.unlock(stale, PIN, by=head, at=NOW)
    Credential.objects.update(sealed_key=other)
    with pytest.raises(RuleError):
        pki._replace_sealed_key(stale, b"mine", at=NOW)
    assert bytes(Credential.objects.get().sealed_key) == other
    assert opened


def test_page_of_the_pin_puts_each_refusal_beside_its_field(held, head, login, now):
    client, path = login(head), reverse("agreements:change_pin")
    code = totp.next_code(head, at=NOW)
    good = {"old": PIN, "code": code, "pin": NEW_PIN, "again": NEW_PIN}
    for wrong, field in (
        ({"old": "1357-2468"}, "old"),
        ({"pin": "12345678", "again": "12345678"}, "pin"),
        ({"again": "1357-2468"}, "again"),
    ):
        answer = client.post(path, good | wrong)
        assert (answer.status_code, list(answer.context["form"].errors)) == (400, [field])
    assert client.post(path, good).url == OWN
    assert pki.unlock(pki.current_credential(head, at=NOW), NEW_PIN, by=head, at=NOW)


def test_code_is_not_guessed_on_the_page_of_the_pin(held, head, login, now):
    client, path = login(head), reverse("agreements:change_pin")
    form = {"old": PIN, "pin": NEW_PIN, "again": NEW_PIN}
    for _ in range(5):
        client.post(path, form | {"code": "000000"})
    answer = client.post(path, form | {"code": totp.next_code(head, at=NOW)})
    assert answer.status_code == 400
    assert pki.unlock(pki.current_credential(head, at=NOW), PIN, by=head, at=NOW)


def test_form_of_the_pin_that_outlived_its_session_leaves_every_pin_behind(held, head, login, now):
    client, path = login(head), reverse("agreements:change_pin")
    sent = {"old": "Ma PIN 7319", "code": "123456", "pin": NEW_PIN, "again": NEW_PIN}
    with time_machine.travel(NOW + dt.timedelta(minutes=31), tick=False):
        answer = client.post(path, sent, headers={"Referer": f"http://testserver{path}"})
    assert "7319" not in answer.content.decode()
    assert carried.typed(answer.wsgi_request, user_id=head.pk).fields == ()
    assert "waiting_form" not in client.session


# --- Suspended -------------------------------------------------------------------------------------------
@pytest.fixture
def suspended(held, officer) -> Suspension:
    return suspensions.suspend(held, by=officer, reason="Chưa rõ ai giữ điện thoại", at=NOW)


def test_nothing_is_signed_while_suspended(document, held, head, commander, sign, suspended):
    with pytest.raises(RuleError):
        signing.sign(
            document, by=head, pin=PIN, code="000000", shown_sha256=document.frozen_id,
            request_key="00000000-0000-4000-8000-000000000001", at=NOW,
        )  # fmt: skip
    suspensions.lift(suspended, by=commander, at=NOW)
    assert sign(document, head)


def test_suspension_makes_no_entry_in_the_revocation_list(suspended):
    assert len(x509.load_der_x509_crl(crls.current(at=NOW)[0])) == 0


def test_suspended_signer_asks_for_nothing_new(suspended, again):
    for purpose in Purpose:
        with pytest.raises(RuleError):
            again(purpose)


def test_second_person_lifts(suspended, officer, commander, head):
    for who in (officer, head):
        with pytest.raises(PermissionDenied):
            suspensions.lift(suspended, by=who, at=NOW)
    suspensions.lift(suspended, by=commander, at=NOW + DAY)
    assert pki.current_credential(head, at=NOW + DAY)
    with pytest.raises(RuleError):
        suspensions.lift(suspended, by=commander, at=NOW + DAY)


def test_owner_suspends_and_does_not_lift(held, head, officer):
    made = suspensions.suspend(held, by=head, reason="Mất điện thoại", at=NOW)
    with pytest.raises(PermissionDenied):
        suspensions.lift(made, by=head, at=NOW)
    suspensions.lift(made, by=officer, at=NOW)


def test_suspended_and_lifted_are_told_and_recorded(suspended, head, commander):
    suspensions.lift(suspended, by=commander, at=NOW)
    told = Notice.objects.filter(recipient=head).values_list("kind", flat=True)
    assert {"certificate.suspended", "certificate.restored"} <= set(told)
    assert Event.objects.filter(verb__in=["certificate.suspended", "certificate.restored"]).count() == 2


def test_holder_who_moved_is_told_of_their_own_certificate(held, head, deputy, outside, officer):
    Membership.objects.filter(user=head).update(valid_to=NOW.date() - DAY)
    MembershipFactory(user=head, agency=outside, valid_from=NOW.date())
    suspensions.suspend(held, by=officer, reason="Mất điện thoại", at=NOW)
    told = Notice.objects.filter(kind="certificate.suspended")
    assert {notice.recipient for notice in told} == {head, deputy}


def test_two_suspensions_at_once_are_one(suspended, held, commander):
    with pytest.raises(RuleError):
        suspensions.suspend(held, by=commander, reason="Cùng lúc", at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Suspension.objects.create(certificate=held, suspended_at=NOW, suspended_by=commander, reason="x")


def test_ended_certificate_is_not_suspended(held, officer):
    with pytest.raises(RuleError):
        suspensions.suspend(held, by=officer, reason="Đã hết hạn", at=held.not_after)


def test_command_suspends_and_lifts_on_the_page(held, officer, commander, head, login, now):
    page = reverse("agreements:held_certificate", args=[held.pk])
    client = login(officer)
    assert client.post(f"{page}suspend/", {"reason": "Chưa rõ"}).status_code == 403, "a step-up first"
    step_up_for(client, officer, "certificate", f"{page}suspend/")
    assert client.post(f"{page}suspend/", {"reason": "x"}).status_code == 400
    assert client.post(f"{page}suspend/", {"reason": "Chưa rõ ai giữ"}).url == page
    assert "Chưa rõ ai giữ" in login(head).get(OWN).content.decode()
    other = login(commander)
    step_up_for(other, commander, "certificate", f"{page}lift/")
    assert other.post(f"{page}lift/").url == page
    assert other.post(f"{page}lift/").status_code == 404


@pytest.mark.parametrize("who", ["admin", "focal_point", "front_head", "deputy"])
def test_certificate_of_another_is_404(cast, who, held, login):
    assert login(getattr(cast, who)).get(f"/agreements/certificates/{held.pk}/").status_code == 404


# --- Warned of -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("days", [60, 30, 14, 7])
def test_owner_is_warned_and_nobody_else(held, head, deputy, days):
    planning.plan(at=held.not_after - days * DAY)
    shown = Notice.objects.shown().filter(
        kind=certificate_reminders.CERTIFICATE_EXPIRES.code, rule=f"-{days}"
    )
    assert list(shown.values_list("recipient", flat=True)) == [head.pk]
    assert shown.get().text_vi == "Chứng thư ký số hết hạn ngày 09/03/2028, cần gia hạn: Mạc Văn Hùng"


def test_holder_by_paper_is_warned_too(held, focal_point, head, officer, programme, derived_pin):
    AuthorisationFactory(
        person=focal_point, recorded_by=head, programme=programme, valid_until=None, capacity="q"
    )
    certificate = certify(focal_point, pin=derived_pin, at=NOW)
    planning.plan(at=certificate.not_after - 30 * DAY)
    warned = Notice.objects.shown().filter(kind=certificate_reminders.CERTIFICATE_EXPIRES.code)
    assert set(warned.values_list("recipient", "subject_id")) == {
        (head.pk, held.pk),
        (focal_point.pk, certificate.pk),
    }


def test_renewed_or_revoked_certificate_warns_nobody(held, officer, again):
    soon = held.not_after - 60 * DAY
    release(again(Purpose.RENEWAL, at=soon), officer, at=soon)
    planning.plan(at=held.not_after - 30 * DAY)
    assert not Notice.objects.filter(kind=certificate_reminders.CERTIFICATE_EXPIRES.code).exists()
    notice = Notice(pk=1, subject_id=held.pk)
    assert certificate_reminders.CERTIFICATE_EXPIRES.still_due([notice], soon.date()) == set()


# --- Listed ----------------------------------------------------------------------------------------------
def conditions(client, **query) -> list[str]:
    return [row.condition for row in client.get(LIST, query).context["page"]]


def test_list_says_how_it_stands(held, front_head, officer, login, now, derived_pin):
    client = login(officer)
    assert conditions(client) == ["valid"]
    Certificate.objects.update(not_after=NOW + 60 * DAY)
    assert conditions(client) == ["expiring"]
    assert client.get(LIST).context["chosen"].expiring == 1
    suspensions.suspend(held, by=officer, reason="Chưa rõ", at=NOW)
    assert conditions(client) == ["suspended"]
    Certificate.objects.update(revoked_at=NOW)
    assert conditions(client) == ["revoked"]
    Certificate.objects.update(revoked_at=None, not_before=NOW - 9 * DAY, not_after=NOW)
    assert conditions(client) == ["expired"]


def test_list_is_searched_and_filtered(held, front_head, officer, login, now, derived_pin):
    certify(front_head, pin=derived_pin, at=NOW)
    client = login(officer)
    assert len(conditions(client)) == 2
    assert len(conditions(client, q="mac van hung")) == 1
    assert len(conditions(client, q="mat tran to quoc")) == 1
    assert len(conditions(client, q=held.serial[:8])) == 1
    assert conditions(client, state="revoked") == []
    assert len(conditions(client, state="no such state")) == 2


def test_list_takes_the_same_queries_for_two_as_for_one(
    held, front_head, officer, login, now, derived_pin, django_assert_num_queries
):
    client = login(officer)
    client.get(LIST)
    with django_assert_num_queries(7):
        client.get(LIST)
    certify(front_head, pin=derived_pin, at=NOW)
    with django_assert_num_queries(7):
        client.get(LIST)
