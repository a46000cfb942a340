"""Certificates on USB tokens: registered, compared, released, ended."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from agreements import certificate_reminders, certificates, tokens
from agreements.models import ExternalCertificate
from agreements.states import ENROLMENT, EnrolmentState
from portal.audit.models import Event
from portal.lib.errors import RuleError
from portal.notices import planning
from portal.notices.models import Notice
from portal.users.models import Membership
from tests.agreements.conftest import new_token
from tests.agreements.token_tools import DAY
from tests.factories import NOW, AuthorisationFactory

pytestmark = pytest.mark.django_db


def register(user, token, *, by=None, at=NOW, content=None) -> ExternalCertificate:
    content = token.certificate if content is None else content
    return tokens.register(user, content=content, kind="government", by=by or user, at=at)


def release(certificate, officer, *, compared=None, at=NOW) -> None:
    end = certificate.fingerprint[-certificates.HIDDEN_DIGITS :]
    tokens.release(certificate, by=officer, compared=compared or end, at=at)


@pytest.fixture
def registered(head, officer, token) -> ExternalCertificate:
    return register(head, token)


# --- Register ---------------------------------------------------------------------------------------
def test_certificate_waits_for_its_release(registered, head):
    assert (registered.state, registered.common_name, registered.issuer_name) == (
        "requested",
        "Mạc Văn Hùng",
        "CA công cộng",
    )
    assert tokens.current(head, at=NOW) is None
    assert Event.objects.get(verb="token.registered").actor_id == head.pk
    assert Notice.objects.filter(kind="token.registered").exists()


def test_the_trail_keeps_the_end_of_the_fingerprint_back(registered, officer, login, now):
    tokens.refuse(registered, by=officer, at=NOW, reason="Mã đọc không khớp")
    shown = login(officer).get(reverse("audit:list")).content.decode()
    assert registered.fingerprint[:-8] in shown
    assert registered.fingerprint[-8:] not in shown


# --- Held by who signs by a paper ---------------------------------------------------------------------
@pytest.fixture
def by_paper(focal_point, head, officer, programme, token) -> ExternalCertificate:
    """A token of a focal point whom the head lets sign, released."""
    AuthorisationFactory(person=focal_point, recorded_by=head, programme=programme)
    certificate = register(focal_point, token)
    release(certificate, officer)
    return certificate


def warned(kind) -> set[str]:
    shown = Notice.objects.shown().filter(kind=kind.code)
    return set(shown.values_list("recipient__username", flat=True))


def test_holder_by_paper_hears_what_became_of_it(by_paper, deputy):
    assert warned(certificate_reminders.TOKEN_DECIDED) == {"sxd.daumoi", "sxd.head"}


@pytest.mark.parametrize("days", [60, 30, 14, 7])
def test_holder_of_a_token_is_warned_and_nobody_else(by_paper, deputy, days):
    planning.plan(at=by_paper.not_after - days * DAY)
    assert warned(certificate_reminders.TOKEN_EXPIRES) == {"sxd.daumoi"}
    assert planning.plan(at=by_paper.not_after - days * DAY) == 0


def test_token_that_is_no_longer_used_warns_nobody(by_paper, officer):
    tokens.end(by_paper, by=officer, at=NOW)
    planning.plan(at=by_paper.not_after - 30 * DAY)
    assert warned(certificate_reminders.TOKEN_EXPIRES) == set()
    notice = Notice(pk=1, subject_id=by_paper.pk)
    assert certificate_reminders.TOKEN_EXPIRES.still_due([notice], NOW.date()) == set()


def test_pem_is_read_too(head, officer, token):
    pem = x509.load_der_x509_certificate(token.certificate).public_bytes(Encoding.PEM)
    assert bytes(register(head, token, content=pem).der) == token.certificate


@pytest.mark.parametrize("content", [b"", b"garbage", b"-----BEGIN CERTIFICATE-----\nAAAA\n", b"0" * 40000])
def test_file_without_a_certificate_is_refused(head, token, content):
    with pytest.raises(tokens.CertificateRefused):
        register(head, token, content=content)


def test_file_with_several_is_refused(head, token, issuer):
    both = b"".join(
        x509.load_der_x509_certificate(one).public_bytes(Encoding.PEM)
        for one in (token.certificate, issuer.root)
    )
    with pytest.raises(tokens.CertificateRefused):
        register(head, token, content=both)


@pytest.mark.parametrize(
    "given",
    [
        {"end": NOW - DAY},
        {"start": NOW + DAY},
        {"usage": ("key_encipherment",)},
        {"key": rsa.generate_private_key(65537, 1024)},
    ],
    ids=["expired", "not yet", "another use", "weak"],
)
def test_certificate_that_cannot_sign_is_refused(head, issuer, given):
    with pytest.raises(tokens.CertificateRefused):
        register(head, new_token(issuer, **given))


def test_one_certificate_each(registered, head, issuer):
    with pytest.raises(RuleError):
        register(head, new_token(issuer))
    with pytest.raises(IntegrityError), transaction.atomic():
        ExternalCertificate.objects.create(
            **{f.attname: getattr(registered, f.attname) for f in registered._meta.fields if f.name != "id"}
            | {"fingerprint": "0" * 64}
        )


def test_one_person_each(registered, front_head, token):
    with pytest.raises(tokens.CertificateRefused):
        register(front_head, token)


@pytest.mark.parametrize("who", ["focal_point", "officer", "clerk", "admin", "viewer", "stranger"])
def test_who_signs_nothing_registers_nothing(cast, token, who):
    with pytest.raises(PermissionDenied):
        register(getattr(cast, who), token)


def test_nobody_registers_for_another(head, deputy, token):
    with pytest.raises(PermissionDenied):
        register(head, token, by=deputy)


# --- Release ----------------------------------------------------------------------------------------
def test_officer_releases_what_was_read_out(registered, officer, head):
    spaced = " ".join(registered.fingerprint[-8:].upper())
    release(registered, officer, compared=spaced)
    assert tokens.current(head, at=NOW) == registered
    assert Notice.objects.filter(kind="token.decided", recipient=head).exists()
    assert not Notice.objects.filter(kind="token.registered", read_at=None).exists()


def test_other_fingerprint_releases_nothing(registered, officer, head):
    with pytest.raises(certificates.FingerprintDiffers):
        release(registered, officer, compared="00000000")
    assert tokens.current(head, at=NOW) is None


@pytest.mark.parametrize("who", ["head", "deputy", "focal_point", "clerk", "admin", "viewer", "front_head"])
def test_others_release_and_refuse_nothing(registered, cast, who):
    with pytest.raises(PermissionDenied):
        release(registered, getattr(cast, who))
    with pytest.raises(PermissionDenied):
        tokens.refuse(registered, by=getattr(cast, who), reason="không đúng", at=NOW)


def test_nobody_releases_their_own(commander, officer, token):
    certificate = register(commander, token)
    with pytest.raises(PermissionDenied):
        release(certificate, commander)


def test_who_moved_meanwhile_is_not_released(registered, officer, head, front):
    Membership.objects.filter(user=head).update(agency=front)
    with pytest.raises(RuleError):
        release(registered, officer)


def test_two_decide_at_once(registered, officer, commander):
    again = ExternalCertificate.objects.get(pk=registered.pk)
    release(registered, officer)
    with pytest.raises(RuleError):
        tokens.refuse(again, by=commander, reason="không đúng", at=NOW)


def test_refused_certificate_can_be_replaced(registered, officer, head, issuer):
    tokens.refuse(registered, by=officer, reason="không đúng người", at=NOW)
    assert register(head, new_token(issuer)).state == EnrolmentState.REQUESTED


# --- End --------------------------------------------------------------------------------------------
def test_owner_takes_back_and_ends(registered, head, officer, issuer):
    tokens.withdraw(registered, by=head, at=NOW)
    assert registered.state == EnrolmentState.WITHDRAWN
    second = register(head, new_token(issuer))
    release(second, officer)
    tokens.end(second, by=officer, at=NOW)
    assert (second.state, tokens.current(head, at=NOW)) == (EnrolmentState.ENDED, None)


@pytest.mark.parametrize("who", ["deputy", "focal_point", "clerk", "admin", "viewer", "front_head"])
def test_others_end_nothing(registered, cast, who):
    with pytest.raises(PermissionDenied):
        tokens.withdraw(registered, by=getattr(cast, who), at=NOW)
    with pytest.raises(PermissionDenied):
        tokens.end(registered, by=getattr(cast, who), at=NOW)


def test_what_has_ended_stays_so(registered, head):
    tokens.withdraw(registered, by=head, at=NOW)
    with pytest.raises(RuleError):
        tokens.withdraw(registered, by=head, at=NOW)
    with pytest.raises(RuleError):
        tokens.end(registered, by=head, at=NOW)


def test_current_is_of_the_present_post_and_time(registered, officer, head, front):
    release(registered, officer)
    assert tokens.current(head, at=NOW + 3000 * DAY) is None
    Membership.objects.filter(user=head).update(agency=front)
    assert tokens.current(type(head).objects.get(pk=head.pk), at=NOW) is None


STEPS = {
    ("requested", "released"),
    ("requested", "refused"),
    ("requested", "withdrawn"),
    ("released", "ended"),
}


@pytest.mark.parametrize("before", EnrolmentState)
@pytest.mark.parametrize("after", EnrolmentState)
def test_what_may_follow_what(before, after):
    assert (after in ENROLMENT.get(before, ())) == ((before, after) in STEPS)


@pytest.mark.parametrize("column", ["der", "fingerprint", "user_id"])
def test_what_was_compared_is_not_changed(registered, column):
    value = {"der": b"x", "fingerprint": "x", "user_id": registered.user_id + 900}[column]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ExternalCertificate.objects.filter(pk=registered.pk).update(**{column: value})
