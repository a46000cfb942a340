"""The pages of certificates: the signer's own, the command's, and the step-up before them."""

import pytest
from django.urls import reverse

from agreements import certificates
from agreements.models import Certificate, CertificateRequest
from portal.users import totp
from tests.agreements.conftest import PIN
from tests.agreements.test_certificates import end, release
from tests.conftest import step_up_for
from tests.factories import NOW, PASSWORD

pytestmark = pytest.mark.usefixtures("now")
LIST = reverse("agreements:certificate_requests")
OWN = reverse("agreements:certificate")
ASK = reverse("agreements:ask_certificate")


@pytest.fixture
def page(asked) -> str:
    return reverse("agreements:certificate_request", args=[asked.pk])


def test_signer_asks_after_a_step_up_and_sees_the_whole_fingerprint(head, login):
    client = login(head)
    assert client.get(ASK).url.startswith("/account/step-up/?for=certificate")
    step_up_for(client, head, "certificate", ASK)
    assert client.post(ASK, {"pin": PIN, "again": PIN}).url == OWN
    shown = client.get(OWN).content.decode()
    fingerprint = CertificateRequest.objects.get().fingerprint
    assert all(f"<span>{fingerprint[n : n + 4]}</span>" in shown for n in range(0, 64, 4))


def test_without_a_step_up_nothing_is_asked(head, login):
    assert login(head).post(ASK, {"pin": PIN, "again": PIN}).status_code == 403
    assert not CertificateRequest.objects.exists()


@pytest.mark.parametrize("given", [{"pin": "12345678", "again": "12345678"}, {"again": "1357-2468"}])
def test_refused_pin_keeps_the_page(head, login, given):
    client = login(head)
    step_up_for(client, head, "certificate", ASK)
    answer = client.post(ASK, {"pin": PIN, "again": PIN} | given)
    assert answer.status_code == 400
    assert "is-invalid" in answer.content.decode()


def test_officer_sees_all_of_the_fingerprint_but_its_end(asked, officer, login, page):
    shown = login(officer).get(page).content.decode()
    assert asked.fingerprint[:4] in shown
    assert asked.fingerprint[-8:-4] not in shown
    assert asked.fingerprint[-4:] not in shown


def test_the_trail_keeps_the_end_of_the_fingerprint_back(asked, officer, login):
    certificates.refuse(asked, by=officer, at=NOW, reason="Mã đọc không khớp")
    shown = login(officer).get(reverse("audit:list")).content.decode()
    assert asked.fingerprint[:-8] in shown
    assert asked.fingerprint[-8:] not in shown


def test_who_may_not_release_hears_so_before_a_step_up(asked, head, login, page):
    answer = login(head).post(page, {"compared": end(asked)})
    assert (answer.status_code, "form" in (answer.context or {})) == (403, False)


def test_release_asks_for_a_step_up_and_goes_on_with_what_was_typed(asked, officer, login, page):
    client = login(officer)
    first = client.post(page, {"compared": end(asked)})
    assert first.status_code == 403
    assert not Certificate.objects.exists()
    sent = {
        "for": "certificate",
        "next": page,
        "answer": PASSWORD,
        "code": totp.next_code(officer, at=NOW),
        "typed": first.context["form"]["typed"].value(),
    }
    assert client.post("/account/step-up/", sent).context["typed"].fields == (("compared", end(asked)),)
    assert client.post(page, {"compared": end(asked)}).url == LIST
    assert Certificate.objects.get().user == asked.user


def test_step_up_for_one_request_releases_no_other(asked, front_head, officer, login, page, derived_pin):
    other = certificates.ask(front_head, pin=derived_pin, by=front_head, at=NOW)
    client = login(officer)
    step_up_for(client, officer, "certificate", page)
    path = reverse("agreements:certificate_request", args=[other.pk])
    assert client.post(path, {"compared": end(other)}).status_code == 403
    assert not Certificate.objects.exists()


def test_wrong_end_is_told_beside_the_field(asked, officer, login, page):
    client = login(officer)
    step_up_for(client, officer, "certificate", page)
    answer = client.post(page, {"compared": "0000 0000"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["compared"])
    assert 'value="0000 0000"' in answer.content.decode()


def test_officer_refuses_with_a_reason(asked, head, officer, login, page):
    client = login(officer)
    assert client.post(f"{page}refuse/", {"reason": "vội"}).status_code == 400
    assert client.post(f"{page}refuse/", {"reason": "Mã đọc không khớp"}).url == LIST
    assert "Mã đọc không khớp" in login(head).get(OWN).content.decode()


def test_signer_withdraws(asked, head, login):
    client, path = login(head), reverse("agreements:withdraw_certificate_request")
    assert client.post(path).url == OWN
    assert client.post(path, follow=True).status_code == 200, "a message, not a fault"
    assert CertificateRequest.objects.get().state == "withdrawn"


@pytest.mark.parametrize("who", ["admin", "focal_point", "front_head", "deputy"])
def test_request_of_another_is_404(cast, who, login, page):
    assert login(getattr(cast, who)).get(page).status_code == 404


def test_owner_revokes_with_the_pin(asked, head, officer, login):
    certificate = release(asked, officer)
    client = login(head)
    path = reverse("agreements:revoke_certificate", args=[certificate.pk])
    assert client.get(path).status_code == 200
    asking = client.post(path, {"reason": "key_compromise"})
    assert asking.context["knowledge"].name == "pin"
    given = {"for": "certificate", "next": path, "code": totp.next_code(head, at=NOW)}
    assert client.post("/account/step-up/", given | {"answer": PASSWORD}).status_code == 400
    assert client.post("/account/step-up/", given | {"answer": PIN}).status_code == 302
    assert client.post(path, {"reason": "key_compromise"}).url == OWN
    assert Certificate.objects.get().revoked_at == NOW


def test_list_takes_the_same_queries_for_two_as_for_one(
    asked, front_head, officer, login, derived_pin, django_assert_num_queries
):
    client = login(officer)
    client.get(LIST)
    with django_assert_num_queries(7):
        client.get(LIST)
    certificates.ask(front_head, pin=derived_pin, by=front_head, at=NOW)
    with django_assert_num_queries(7):
        client.get(LIST)


def test_homes_lead_there(asked, head, officer, commander, login, page):
    for user in (officer, commander):
        assert page in login(user).get("/").content.decode()
