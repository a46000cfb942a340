"""Revocation lists: their numbers, their entries, their days, and the addresses that serve them."""

import datetime as dt

import pytest
import time_machine
from cryptography import x509
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from agreements import authorities, certificates, crls, keys, pki
from agreements.models import Certificate, CertificateAuthority, RevocationList
from portal.audit.models import Event
from tests.factories import NOW, certify

DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)
PAGE = reverse("authorities")


@pytest.fixture
def held(head, derived_pin) -> Certificate:
    return certify(head, pin=derived_pin, at=NOW)


def newest(kind: str = "issuing") -> x509.CertificateRevocationList:
    row = crls.newest_lists().get(authority__kind=kind)
    return x509.load_der_x509_crl(bytes(row.der))


def numbers(kind: str = "issuing") -> list[int]:
    rows = RevocationList.objects.filter(authority__kind=kind).order_by("pk")
    return list(rows.values_list("number", flat=True))


# --- What is issued when -------------------------------------------------------------------------------
def test_a_new_portal_publishes_nothing(db, client):
    assert crls.issue_due(at=NOW) == 0
    assert client.get(PAGE).status_code == 200
    assert not CertificateAuthority.objects.exists()


def test_each_authority_has_its_list_and_keeps_it_for_the_day(held):
    assert crls.issue_due(at=NOW) == 2
    assert crls.issue_due(at=NOW + DAY - SECOND) == 0
    assert crls.issue_due(at=NOW + DAY) == 1
    assert (numbers(), numbers("root")) == ([1, 2], [1])


def test_root_list_is_made_anew_two_months_before_its_end(held):
    crls.issue_due(at=NOW)
    crls.issue_due(at=NOW + 120 * DAY)
    assert numbers("root") == [1, 2]


def test_everybody_gets_the_same_list_until_the_next(held):
    first = crls.current(at=NOW)
    assert pki.trust(at=NOW + 5 * SECOND).crls[:2] == first
    assert crls.issue_fresh(at=NOW + 6 * SECOND)[0] != first[0]
    assert pki.trust(at=NOW + 7 * SECOND).crls[0] != first[0]


def test_a_list_before_a_seal_is_of_that_second_and_the_roots_is_kept(held):
    root = crls.current(at=NOW)[-1]
    issuing, same_root = crls.issue_fresh(at=NOW + DAY)
    assert same_root == root
    assert x509.load_der_x509_crl(issuing).last_update_utc == NOW + DAY


def test_a_clock_that_goes_back_makes_no_older_list(held):
    crls.issue_fresh(at=NOW + DAY)
    crls.issue_fresh(at=NOW)
    assert newest().last_update_utc == NOW + DAY
    assert numbers() == [1, 2]


def test_revocation_is_published_at_once(held, officer):
    crls.issue_due(at=NOW)
    certificates.revoke(held, by=officer, reason="key_compromise", at=NOW + SECOND)
    entry = newest().get_revoked_certificate_by_serial_number(int(held.serial, 16))
    assert entry.revocation_date_utc == NOW + SECOND
    assert Event.objects.filter(verb="revocation_list.issued").count() == 3


def test_entry_stays_after_the_certificate_has_ended(held, officer):
    certificates.revoke(held, by=officer, reason="superseded", at=NOW)
    crls.issue_due(at=held.not_after + 100 * DAY)
    assert newest().get_revoked_certificate_by_serial_number(int(held.serial, 16))


def test_who_was_revoked_stays_so_while_the_authority_cannot_sign(held, officer, monkeypatch):
    def away(*_args: object, **_given: object) -> bytes:
        raise keys.AuthorityError("the token is away")

    crls.issue_due(at=NOW)
    with monkeypatch.context() as patch:
        patch.setattr(keys.Authority, "crl", away)
        certificates.revoke(held, by=officer, reason="superseded", at=NOW)
        held.refresh_from_db()
        assert held.revoked_at == NOW
        assert len(newest()) == 0
    assert crls.issue_due(at=NOW + 600 * SECOND) == 1, "the next look finds who is missing"
    assert len(newest()) == 1


def test_who_was_revoked_stays_so_while_the_authority_does_not_open(held, officer, settings, caplog):
    (settings.PKI_DIR / "certifier.pem").unlink()
    authorities._load.cache_clear()
    certificates.revoke(held, by=officer, reason="superseded", at=NOW)
    held.refresh_from_db()
    assert held.revoked_at == NOW
    assert "certifier.pem" in caplog.text


def test_list_follows_the_profile(held):
    crls.issue_due(at=NOW)
    for kind, days in (("issuing", 7), ("root", 180)):
        found = newest(kind)
        assert found.next_update_utc - found.last_update_utc == days * DAY
        assert {one.oid._name for one in found.extensions} == {"cRLNumber", "authorityKeyIdentifier"}
        assert not any(one.critical for one in found.extensions)


def test_a_kept_list_is_never_changed(held):
    crls.issue_due(at=NOW)
    for change in (lambda: RevocationList.objects.update(entries=7), RevocationList.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


# --- What certificates say ------------------------------------------------------------------------------
def test_certificates_name_the_address_of_their_list(held, client, settings):
    crls.issue_due(at=NOW)
    parsed = x509.load_der_x509_certificate(bytes(held.der))
    points = parsed.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    address = points[0].full_name[0].value
    assert address.startswith(f"{settings.PUBLIC_URL}/pki/")
    answer = client.get(address.removeprefix(settings.PUBLIC_URL))
    found = x509.load_der_x509_crl(answer.content)
    issuing = x509.load_der_x509_certificate(authorities.authority(at=NOW).issuing)
    assert found.is_signature_valid(issuing.public_key())


def test_the_issuing_authority_names_the_roots_list(held, client):
    crls.issue_due(at=NOW)
    own = authorities.authority(at=NOW)
    points = own.issuer.certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name[0].value.endswith(f"/{keys.key_id(own.root_certificate)}.crl")


# --- The addresses --------------------------------------------------------------------------------------
def test_anybody_gets_certificates_and_lists(held):
    crls.issue_due(at=NOW)
    for row in CertificateAuthority.objects.all():
        certificate = Client().get(reverse("authority_certificate", args=[row.key_id]))
        assert certificate.headers["Content-Type"] == "application/pkix-cert"
        assert certificate.content == bytes(row.der)
        found = Client().get(reverse("revocation_list", args=[row.key_id]))
        assert found.headers["Content-Type"] == "application/pkix-crl"
        assert found.headers["Cache-Control"] == "public, max-age=600"
        assert found.headers["Last-Modified"]
        assert found.content == bytes(row.lists.get().der)


def test_unknown_authority_is_404(held, client):
    crls.issue_due(at=NOW)
    assert client.get(reverse("revocation_list", args=["0" * 40])).status_code == 404
    assert client.get(reverse("authority_certificate", args=["0" * 40])).status_code == 404


def test_what_proxies_may_keep_says_nothing_of_who_asked(held, head, login, settings):
    crls.issue_due(at=NOW)
    with time_machine.travel(NOW, tick=False):
        client = login(head)
    with time_machine.travel(NOW + dt.timedelta(minutes=2), tick=False):
        for row in CertificateAuthority.objects.all():
            for name in ("authority_certificate", "revocation_list"):
                answer = client.get(reverse(name, args=[row.key_id]))
                assert "public" in answer.headers["Cache-Control"]
                assert not answer.cookies


def test_page_shows_fingerprints_and_how_old_the_lists_are(held, now, client, django_assert_num_queries):
    crls.issue_due(at=NOW - 8 * DAY)
    with django_assert_num_queries(3):
        shown = client.get(PAGE).content.decode()
    for row in CertificateAuthority.objects.all():
        assert f"<span>{row.sha256[:4]}</span>" in shown
        assert reverse("revocation_list", args=[row.key_id]) in shown
    assert shown.count("is-overdue") == 1, "the issuing authority's list ended yesterday"
