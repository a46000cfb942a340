"""Roots of other authorities: two persons, checked files, and what a signature below one is called."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from agreements import keys, pades, pki, roots
from agreements.keys import certificates as making
from agreements.models import ExternalList, ExternalRoot
from agreements.states import RootState
from portal.audit.models import Event
from portal.lib.errors import RuleError
from tests.conftest import step_up_for
from tests.factories import NOW

DAY = dt.timedelta(days=1)
PAGE = reverse("agreements:roots")
NEW = reverse("agreements:propose_root")


@pytest.fixture(scope="module")
def abroad(tmp_path_factory) -> keys.Authority:
    """An authority of somebody else: root, an issuing CA below it."""
    folder = tmp_path_factory.mktemp("outside") / "ca"
    keys.create_authority(folder, b"k" * 32, common_name="Root CA", at=NOW - 9 * DAY, demo=False)
    return keys.Authority.load(folder, b"k" * 32)


@pytest.fixture(scope="module")
def sha256(abroad) -> str:
    return abroad.root_certificate.fingerprint(hashes.SHA256()).hex()


@pytest.fixture
def proposed(abroad, sha256, admin) -> ExternalRoot:
    return propose(abroad.root, sha256, admin)


@pytest.fixture
def enabled(proposed, officer) -> ExternalRoot:
    roots.enable(proposed, compared=proposed.sha256[-8:], by=officer, at=NOW)
    return proposed


def propose(content: bytes, fingerprint: str, by, **given) -> ExternalRoot:
    wanted = {"kind": "public_service", "owner": "Cục Chứng thực số", "at": NOW}
    return roots.propose(content, fingerprint=fingerprint, by=by, **(wanted | given))


def crl(abroad, *, number: int = 1, at: dt.datetime = NOW - DAY) -> bytes:
    return abroad.root_crl(b"k" * 32, number=number, at=at)


def test_the_trail_keeps_the_end_of_the_fingerprint_back(proposed, officer, login):
    shown = login(officer).get(reverse("audit:list")).content.decode()
    assert proposed.sha256[:-8] in shown
    assert proposed.sha256[-8:] not in shown


# --- Proposed and decided ------------------------------------------------------------------------------
def test_two_persons_make_a_root_trusted(proposed, abroad, commander):
    assert abroad.root not in pki.trust(at=NOW).roots
    roots.enable(proposed, compared=proposed.sha256[-8:].upper(), by=commander, at=NOW)
    trusted = pki.trust(at=NOW)
    assert trusted.kind_of(abroad.root) is pades.RootKind.PUBLIC_SERVICE
    assert trusted.kind_of(trusted.roots[0]) is pades.RootKind.PORTAL
    verbs = set(Event.objects.filter(verb__startswith="root.").values_list("verb", flat=True))
    assert verbs == {"root.proposed", "root.enabled"}


@pytest.mark.parametrize(
    "written", [str.upper, lambda text: ":".join(text[n : n + 2] for n in range(0, 64, 2))]
)
def test_fingerprint_may_be_written_as_its_owner_writes_it(abroad, sha256, admin, written):
    assert propose(abroad.root, written(sha256), admin).sha256 == sha256


def test_another_fingerprint_proposes_nothing(abroad, admin):
    with pytest.raises(roots.FingerprintDiffers):
        propose(abroad.root, "0" * 64, admin)
    assert not ExternalRoot.objects.exists()


@pytest.mark.parametrize("who", ["officer", "commander", "head", "focal_point"])
def test_only_an_administrator_proposes(cast, who, abroad, sha256):
    with pytest.raises(PermissionDenied):
        propose(abroad.root, sha256, getattr(cast, who))


def test_who_proposed_never_enables(proposed, admin, officer):
    with pytest.raises(PermissionDenied):
        roots.enable(proposed, compared=proposed.sha256[-8:], by=admin, at=NOW)
    ExternalRoot.objects.update(proposed_by=officer)
    proposed.refresh_from_db()
    with pytest.raises(PermissionDenied):
        roots.enable(proposed, compared=proposed.sha256[-8:], by=officer, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        ExternalRoot.objects.update(state=RootState.ENABLED, decided_by=officer)


def test_wrong_end_enables_nothing(proposed, officer):
    with pytest.raises(roots.FingerprintDiffers):
        roots.enable(proposed, compared="0" * 8, by=officer, at=NOW)
    proposed.refresh_from_db()
    assert proposed.state == RootState.PROPOSED


def test_decided_twice_is_refused(enabled, commander):
    with pytest.raises(RuleError):
        roots.enable(enabled, compared=enabled.sha256[-8:], by=commander, at=NOW)


def test_disabled_root_is_not_trusted_and_comes_back_by_two_persons(enabled, abroad, sha256, admin, officer):
    roots.disable(enabled, reason="Chủ báo lộ khóa", by=officer, at=NOW)
    assert abroad.root not in pki.trust(at=NOW).roots
    again = propose(abroad.root, sha256, admin)
    assert (again.pk, again.state, again.decided_by) == (enabled.pk, RootState.PROPOSED, None)
    assert abroad.root not in pki.trust(at=NOW).roots


def test_known_root_is_not_proposed_again(enabled, abroad, sha256, admin):
    with pytest.raises(RuleError):
        propose(abroad.root, sha256, admin)


def test_authority_below_a_trusted_root_only_links_to_it(enabled, abroad, admin, officer):
    sha256 = x509.load_der_x509_certificate(abroad.issuing).fingerprint(hashes.SHA256()).hex()
    between = propose(abroad.issuing, sha256, admin)
    assert abroad.issuing not in pki.trust(at=NOW).others
    roots.enable(between, compared=sha256[-8:], by=officer, at=NOW)
    trusted = pki.trust(at=NOW)
    assert (abroad.issuing in trusted.others, abroad.issuing in trusted.roots) == (True, False)
    assert len(trusted.kinds) == len(trusted.roots)
    roots.disable(enabled, reason="Chủ báo lộ khóa", by=officer, at=NOW)
    roots.disable(between, reason="Chủ báo lộ khóa", by=officer, at=NOW)
    with pytest.raises(RuleError):
        propose(abroad.issuing, sha256, admin)


# --- What is taken ---------------------------------------------------------------------------------------
def weak_root() -> bytes:
    key, name = rsa.generate_private_key(65537, 1024), making.subject("Weak", organization="x")
    return making.der(
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda abroad: b"", "not_a_certificate"),
        (lambda abroad: b"-----BEGIN CERTIFICATE-----\nx", "not_a_certificate"),
        (lambda abroad: abroad.root[:-1], "not_a_certificate"),
        (lambda abroad: abroad.issuing, "not_a_root"),
        (lambda abroad: abroad.certifier().certificate, "no_authority"),
        (lambda abroad: weak_root(), "weak"),
    ],
)
def test_what_is_no_root_is_refused(abroad, content, code):
    with pytest.raises(keys.ForeignRefused) as refused:
        keys.read_root(content(abroad), at=NOW)
    assert refused.value.code == code


def test_root_is_taken_in_either_writing(abroad):
    pem = abroad.root_certificate.public_bytes(Encoding.PEM)
    assert keys.read_root(pem, at=NOW) == keys.read_root(abroad.root, at=NOW)


def test_root_of_yesterday_is_refused(abroad):
    with pytest.raises(keys.ForeignRefused, match="not_valid_now"):
        keys.read_root(abroad.root, at=NOW + 21 * 366 * DAY)


def test_every_refusal_has_words():
    for code in (
        *("not_a_certificate", "no_authority", "not_a_root", "not_below", "weak", "not_valid_now"),
        *("not_a_list", "not_its_list", "delta", "list_not_valid_now"),
    ):
        assert roots._why(code)


# --- Lists -----------------------------------------------------------------------------------------------
def test_lists_of_root_and_of_the_authority_below_it_are_used(enabled, abroad, admin):
    roots.add_list(enabled, crl(abroad), by=admin, at=NOW)
    below = abroad.crl([], number=1, at=NOW - DAY)
    roots.add_list(enabled, below, issuer=abroad.issuing, by=admin, at=NOW)
    assert {bytes(row.der) for row in ExternalList.objects.all()} < set(pki.trust(at=NOW).crls)
    assert below in pki.trust(at=NOW).crls


def test_newer_list_takes_its_place_and_an_older_one_does_not(enabled, abroad, admin):
    roots.add_list(enabled, crl(abroad), by=admin, at=NOW)
    roots.add_list(enabled, crl(abroad, number=2, at=NOW), by=admin, at=NOW)
    with pytest.raises(RuleError):
        roots.add_list(enabled, crl(abroad), by=admin, at=NOW)
    assert len(pki.trust(at=NOW).crls) == 4, "three of the portal's own and the newest"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda abroad: abroad.root, "not_a_list"),
        (lambda abroad: abroad.crl([], number=1, at=NOW), "not_its_list"),
        (lambda abroad: crl(abroad, at=NOW - 200 * DAY), "list_not_valid_now"),
    ],
)
def test_what_is_no_list_of_today_is_refused(abroad, content, code):
    with pytest.raises(keys.ForeignRefused, match=code):
        keys.read_list(content(abroad), root=abroad.root, at=NOW)


def test_list_of_an_authority_that_is_not_below_is_refused(abroad, tmp_path):
    keys.create_authority(tmp_path / "ca", b"k" * 32, common_name="Root CA", at=NOW - DAY, demo=False)
    other = keys.Authority.load(tmp_path / "ca", b"k" * 32)
    with pytest.raises(keys.ForeignRefused, match="not_below"):
        keys.read_list(other.crl([], number=1, at=NOW), root=abroad.root, issuer=other.issuing, at=NOW)


# --- Pages -----------------------------------------------------------------------------------------------
def file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("root.crt", content)


def test_administrator_proposes_and_the_officer_enables_on_pages(
    abroad, sha256, admin, officer, login, now, head
):
    client = login(admin)
    sent = {"kind": "public_service", "owner": "Ban Cơ yếu Chính phủ", "fingerprint": sha256}
    assert client.post(NEW, sent | {"file": file(abroad.root)}).status_code == 403, "a step-up first"
    step_up_for(client, admin, "roots")
    answer = client.post(NEW, sent | {"file": file(abroad.root), "fingerprint": "0" * 64})
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["fingerprint"])
    page = client.post(NEW, sent | {"file": file(abroad.root)}).url
    shown = client.get(page).content.decode()
    assert sha256[:4] in shown
    assert sha256[-4:] not in shown, "the second person has it from elsewhere"
    assert client.post(f"{page}enable/", {"compared": sha256[-8:]}).status_code == 403
    other = login(officer)
    assert other.post(f"{page}enable/", {"compared": sha256[-8:]}).status_code == 403, "a step-up first"
    step_up_for(other, officer, "roots")
    assert other.post(f"{page}enable/", {"compared": "0" * 8}).status_code == 400
    assert other.post(f"{page}enable/", {"compared": sha256[-8:]}).url == page
    assert sha256[-4:] in other.get(page).content.decode()
    assert client.post(f"{page}lists/", {"file": file(crl(abroad))}).url == page
    assert client.post(f"{page}lists/", {"file": file(b"x")}).status_code == 400
    assert other.post(f"{page}disable/", {"reason": "Chủ báo lộ"}).url == page
    assert login(head).get(page).status_code == 404


def test_officer_refuses_with_a_reason(proposed, officer, login, now):
    client, page = login(officer), reverse("agreements:root", args=[proposed.pk])
    assert client.post(f"{page}refuse/", {"reason": "x"}).status_code == 400
    assert client.post(f"{page}refuse/", {"reason": "Không đúng chủ"}).url == page
    assert "Không đúng chủ" in client.get(page).content.decode()


def test_list_takes_the_same_queries_for_two_as_for_one(
    proposed, admin, login, now, tmp_path, django_assert_num_queries
):
    client = login(admin)
    client.get(PAGE)
    with django_assert_num_queries(5):
        client.get(PAGE)
    keys.create_authority(tmp_path / "ca", b"k" * 32, common_name="Khác", at=NOW - DAY, demo=False)
    other = keys.Authority.load(tmp_path / "ca", b"k" * 32)
    propose(other.root, other.root_certificate.fingerprint(hashes.SHA256()).hex(), admin)
    with django_assert_num_queries(5):
        client.get(PAGE)
