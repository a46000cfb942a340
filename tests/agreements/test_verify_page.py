"""The public page: is this file what the parties signed?"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agreements import documents, jobs, verification
from agreements.models import Document, Signature
from portal.files import store
from tests.agreements.pdf_tools import append, replaced_page
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("now")
ADDRESS = reverse("verify")


@pytest.fixture(autouse=True)
def queue(settings, tmp_path, monkeypatch):
    """Nobody examines what is sent here: tests/agreements/test_inspections.py does."""
    settings.INCOMING_DIR = tmp_path / "incoming"
    monkeypatch.setattr(jobs, "examine_soon", lambda: None)


@pytest.fixture
def signed(document, sign, head, commander, front_head):
    """Signed by all three, each signature checked."""
    for user in (commander, front_head, head):
        sign(document, user)
    verification.check_next(at=NOW)
    document.refresh_from_db()
    return document


@pytest.fixture
def pdf(signed) -> bytes:
    return store.read(signed.head_id)


@pytest.fixture
def drop(client):
    """Drop a file on the page as a visitor."""

    def send(content: bytes, name: str = "van-ban.pdf"):
        return client.post(ADDRESS, {"file": SimpleUploadedFile(name, content, "application/pdf")})

    return send


def tone(answer) -> str:
    """The first alert's tone: the verdict."""
    page = answer.content.decode()
    assert answer.status_code == 200
    return page[page.index('id="verdict"') :].split("alert-")[1].split('"')[0]


def test_page_needs_no_sign_in(db, client):
    assert client.get(ADDRESS).status_code == 200


def test_known_file_is_genuine(pdf, drop):
    answer = drop(pdf)
    assert tone(answer) == "success"
    for name in (
        "Mạc Văn Hùng",
        "Sở Xây dựng",
        "Đàm Thục Nhi",
        "Chưa cơ quan nào ký bằng chữ ký số của cơ quan",
    ):
        assert name in answer.content.decode()


def test_known_file_says_whose_trust_it_rests_on(signed, pdf, drop):
    assert set(signed.signatures.values_list("root_kind", flat=True)) == {"portal"}
    words = str(Signature.RootKind.PORTAL.label)
    assert drop(pdf).content.decode().count(words[1:]) == 3


def test_known_file_costs_five_queries(pdf, drop, django_assert_num_queries):
    with django_assert_num_queries(5):
        drop(pdf)


def test_earlier_copy_says_that_there_is_a_newer_one(signed, drop):
    answer = drop(store.read(signed.revisions.get(seq=1).file_id))
    assert tone(answer) == "success"
    assert answer.content.decode().count("alert-info") == 1


def test_file_still_being_checked_cannot_be_told(document, sign, head, drop):
    assert tone(drop(store.read(sign(document, head).file_id))) == "warning"


def test_failed_check_is_wrong(signed, pdf, drop):
    signed.signatures.filter(seq=2).update(check_state="bad")
    assert tone(drop(pdf)) == "danger"


def test_unsigned_paper_proves_nothing(document, drop):
    assert tone(drop(store.read(document.frozen_id))) == "warning"


def test_withdrawn_paper_says_so(document, officer, drop):
    documents.withdraw(document, by=officer, at=NOW, reason="Sai thời hạn")
    answer = drop(store.read(document.frozen_id))
    assert answer.content.decode().count("alert-warning") == 2


@pytest.mark.parametrize(
    "change", [lambda pdf: append(pdf, replaced_page), lambda pdf: pdf[:-9] + b"x" + pdf[-8:]]
)
def test_file_that_is_not_known_byte_for_byte_waits_for_its_examination(pdf, drop, change):
    answer = drop(change(pdf))
    assert (answer.status_code, answer["Location"].startswith("/verify/")) == (302, True)


@pytest.mark.parametrize("content", [b"PK\x03\x04 no PDF", b"\0" * 2000 + b"%PDF-", b""])
def test_what_is_no_pdf_is_refused(db, drop, content):
    answer = drop(content)
    assert answer.status_code == 400
    assert "is-invalid" in answer.content.decode()


def test_no_file_is_400(db, client):
    assert client.post(ADDRESS).status_code == 400


def test_oversize_file_is_413(db, drop, settings):
    settings.UPLOAD_LIMIT = 2000
    assert drop(b"%PDF-" + b"x" * 1995).status_code == 302
    assert drop(b"%PDF-" + b"x" * 1996).status_code == 413


def test_known_file_is_not_kept(pdf, drop, data_folder):
    before = {path for path in data_folder.rglob("*") if path.is_file()}
    drop(pdf)
    assert {path for path in data_folder.rglob("*") if path.is_file()} == before


# --- From the QR code -----------------------------------------------------------------------------
def asked(client, sha256: str) -> str:
    return client.get(ADDRESS, {"sha256": sha256}).content.decode()


def test_nothing_is_told_before_issue(signed, client):
    page = asked(client, signed.head_id)
    assert "alert-warning" in page
    assert signed.title not in page


def test_issued_paper_tells_number_and_count_and_no_names(signed, client, commander, officer, clerk):
    documents.bring_into_force(signed, by=commander, at=NOW)
    documents.close_round(signed, by=officer, at=NOW)
    documents.issue(signed, by=clerk, at=NOW, number=1, issued_on=NOW.date())
    for sha256 in (signed.head_id, signed.frozen_id, signed.head_id.upper()):
        page = asked(client, sha256)
        assert "01/CTr-BCHQS-MTTQ" in page
        for private in ("Mạc Văn Hùng", "Phùng Gia Thụ", "/agreements/"):
            assert private not in page


@pytest.mark.parametrize("sha256", ["0" * 64, "x", "<script>", "%00", "a" * 5000])
def test_unknown_number_cannot_be_told(db, client, sha256):
    page = asked(client, sha256)
    assert "alert-warning" in page
    assert "<script>alert" not in page


def test_terminated_paper_is_not_told_by_its_number(document, client):
    Document.objects.update(state="terminated")
    assert document.title not in asked(client, document.frozen_id)
