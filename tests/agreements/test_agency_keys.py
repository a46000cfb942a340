"""The key of an agency's own signature: it names no person, one person keeps it, one an agency."""

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from agreements import certificate_reminders, certificates, pki
from agreements.models import Certificate, CertificateRequest
from portal.lib import walls
from portal.lib.errors import RuleError
from portal.notices.models import Notice
from portal.users.models import User
from tests.agreements.conftest import MINUTE, PIN
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_certificate_names_the_agency_and_no_person(keeper, give_key):
    made = give_key(keeper)
    subject = x509.load_der_x509_certificate(bytes(made.der)).subject
    said = {one.oid: one.value for one in subject}
    assert said[NameOID.ORGANIZATION_NAME] == said[NameOID.COMMON_NAME] == "Sở Xây dựng"
    assert keeper.username not in said.values()
    assert made.for_agency


def test_name_that_no_certificate_holds_is_shortened(keeper, department):
    department.name_vi = "Liên hiệp các hội khoa học, kỹ thuật và công nghệ tỉnh Thanh Hóa"
    department.save()
    name = certificates.name_of(User.objects.get(pk=keeper.pk), for_agency=True)
    assert name == department.code
    assert len(name.encode()) <= certificates.NAME_BYTES


def test_head_holds_her_own_and_her_agencys(head, enrolled, give_key):
    enrolled(head)
    made = give_key(head)
    own = pki.current_credential(head, at=NOW)
    assert own.certificate != made
    assert pki.current_credential(head, at=NOW, for_agency=True).certificate == made


def test_one_key_an_agency(head, keeper, give_key, derived_pin):
    give_key(keeper)
    with pytest.raises(RuleError, match="đang giữ khóa"):
        certificates.ask(head, pin=derived_pin, by=head, at=NOW, for_agency=True)
    certificates.revoke(Certificate.objects.get(user=keeper), by=keeper, reason="superseded", at=NOW)
    give_key(head)


def test_one_request_an_agency(head, keeper, derived_pin):
    certificates.ask(keeper, pin=derived_pin, by=keeper, at=NOW, for_agency=True)
    with pytest.raises(RuleError, match="đang chờ cấp"):
        certificates.ask(head, pin=derived_pin, by=head, at=NOW, for_agency=True)
    assert CertificateRequest.objects.count() == 1


def test_deputy_and_focal_point_keep_no_key(deputy, focal_point, derived_pin):
    for user in (deputy, focal_point):
        with pytest.raises(PermissionDenied):
            certificates.ask(user, pin=derived_pin, by=user, at=NOW, for_agency=True)


def test_forgotten_pin_of_the_agencys_key_leaves_the_heads_own(
    head, officer, enrolled, give_key, derived_pin
):
    enrolled(head)
    before = give_key(head)
    asked = certificates.ask(
        head, pin=derived_pin, by=head, at=NOW + MINUTE, purpose=certificates.Purpose.FORGOTTEN_PIN,
        for_agency=True,
    )  # fmt: skip
    certificates.release(
        asked, by=officer, compared=asked.fingerprint[-certificates.HIDDEN_DIGITS :], at=NOW + MINUTE
    )
    before.refresh_from_db()
    assert before.revoked_at
    assert pki.current_credential(head, at=NOW + MINUTE).certificate.revoked_at is None


@pytest.mark.postgres
def test_second_wall_hides_no_other_keeper(head, keeper, give_key, derived_pin):
    """What the head's connection is not shown, somebody else's key, still keeps her from a second one."""
    give_key(keeper)
    with walls.request():
        walls.let_in(walls.Reach(walls.Scope.OWN, person=head.pk, agency=head.agency_id))
        with pytest.raises(RuleError, match="đang giữ khóa"):
            certificates.ask(head, pin=derived_pin, by=head, at=NOW, for_agency=True)


def test_keeper_and_nobody_else_is_told_of_the_key(login, head, keeper, give_key):
    give_key(keeper)
    told = Notice.objects.filter(kind=certificate_reminders.CERTIFICATE_RELEASED.code)
    assert [row.recipient for row in told] == [keeper]
    answer = login(keeper).post(reverse("notices:open", args=[told.get().pk]))
    assert answer.url == reverse("agreements:agency_key")


def test_pages_of_the_key_from_request_to_new_pin(login, keeper, officer, enrolled, now):
    """Asked for, released, its PIN changed and the request after it withdrawn, all on its own pages."""
    client = login(keeper)
    assert "Đề nghị cấp khóa của cơ quan" in client.get(reverse("agreements:agency_key")).content.decode()
    asked = certificates.ask(keeper, pin=PIN, by=keeper, at=now, for_agency=True)
    page = client.get(reverse("agreements:agency_key")).content.decode()
    assert reverse("agreements:withdraw_agency_key_request") in page
    request = login(officer).get(reverse("agreements:certificate_request", args=[asked.pk])).content.decode()
    assert f"của cơ quan; {keeper.get_full_name()} giữ khóa" in request
    assert client.post(reverse("agreements:withdraw_agency_key_request")).status_code == 302
    asked.refresh_from_db()
    assert asked.state == "withdrawn"


@pytest.mark.parametrize("name", ["agency_key", "change_agency_pin", "ask_agency_key"])
def test_deputy_has_no_page_of_the_key(login, deputy, name):
    assert login(deputy).get(reverse(f"agreements:{name}")).status_code == 403
