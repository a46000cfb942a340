"""The pages of USB tokens and of signatures on paper."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from agreements import certificates, paper_signatures, tokens
from agreements.models import Counterpart, Document, ExternalCertificate, PaperSignature, Signature
from portal.files import store
from tests.agreements import attack_tools, pdf_tools
from tests.agreements.token_tools import signed_elsewhere
from tests.conftest import step_up_for
from tests.factories import NOW, TODAY

FIELD = "KY_003"


def url(name: str, *args) -> str:
    return reverse(f"agreements:{name}", args=args)


@pytest.fixture(autouse=True)
def clock(now):
    """The pages read the clock."""


def head_of(document: Document) -> bytes:
    return store.read(Document.objects.get(pk=document.pk).head_id)


def post_file(client, document: Document, content: bytes, **given):
    data = {"sent": SimpleUploadedFile("ky.pdf", content), "sha256": document.frozen_id} | given
    return client.post(url("upload", document.pk), data)


@pytest.fixture
def browser(login, head, holder, token):
    holder(head, token)
    return login(head)


# --- Sign with a token --------------------------------------------------------------------------------
def test_room_leads_to_the_page(document, login, head):
    page = login(head).get(url("sign", document.pk))
    assert url("upload", document.pk) in page.content.decode()


def test_page_names_file_field_and_certificate(document, browser):
    page = browser.get(url("upload", document.pk)).content.decode()
    for word in (FIELD, "Mạc Văn Hùng", "CA công cộng", url("file", document.pk)):
        assert word in page
    assert document.head_id[:4] in page


def test_without_a_certificate_the_page_leads_to_registering(document, login, head):
    page = login(head).get(url("upload", document.pk)).content.decode()
    assert url("token") in page
    assert 'type="file"' not in page


def test_signed_file_leads_to_the_signature(document, browser, token):
    signed = signed_elsewhere(head_of(document), FIELD, token, at=NOW)
    assert post_file(browser, document, signed).url == url("signed", document.pk)
    page = browser.get(url("signed", document.pk)).content.decode()
    assert "ký trên máy của người ký" in page
    assert "CA công cộng" in page
    assert url("upload", document.pk) not in browser.get(url("sign", document.pk)).content.decode()
    assert "ký trên máy của người ký" in browser.get(url("detail", document.pk)).content.decode()


def test_refused_file_says_why(document, browser, token):
    dirty = pdf_tools.sign_with(head_of(document), FIELD, token.signing_key, attack_tools.overlay, at=NOW)
    page = post_file(browser, document, dirty)
    assert page.status_code == 400
    assert "Một trang văn bản đã bị thay đổi" in page.content.decode()


def test_empty_form_says_so(document, browser):
    assert browser.post(url("upload", document.pk), {}).status_code == 400
    assert post_file(browser, document, b"").status_code == 400


def test_stale_file_is_kept_and_signing_anew_is_offered(document, browser, token, sign, front_head):
    signed = signed_elsewhere(head_of(document), FIELD, token, at=NOW)
    sign(document, front_head)
    page = browser.post(
        url("upload", document.pk),
        {"sent": SimpleUploadedFile("ky.pdf", signed), "sha256": document.frozen_id},
        follow=True,
    ).content.decode()
    kept = Counterpart.objects.get()
    assert url("counterpart", kept.pk) in page
    assert "Giữ làm chứng cứ" in page
    assert 'type="file"' in page
    sent = browser.get(url("counterpart", kept.pk))
    assert b"".join(sent.streaming_content) == signed


def test_counterpart_is_for_its_agency_and_the_command(
    document, browser, token, sign, front_head, login, officer
):
    signed = signed_elsewhere(head_of(document), FIELD, token, at=NOW)
    sign(document, front_head)
    post_file(browser, document, signed)
    address = url("counterpart", Counterpart.objects.get().pk)
    assert login(front_head).get(address).status_code == 404
    assert login(officer).get(address).status_code == 200


def test_verifying_a_counterpart_says_what_it_is(document, browser, token, sign, front_head, client):
    signed = signed_elsewhere(head_of(document), FIELD, token, at=NOW)
    sign(document, front_head)
    post_file(browser, document, signed)
    page = client.post(reverse("verify"), {"file": SimpleUploadedFile("a.pdf", signed)}).content.decode()
    assert "được giữ làm chứng cứ" in page


@pytest.mark.parametrize("who", ["officer", "focal_point", "clerk", "viewer"])
def test_who_signs_nothing_has_no_page(document, cast, login, who):
    assert login(getattr(cast, who)).get(url("upload", document.pk)).status_code == 403


def test_upload_page_has_few_queries(document, browser, django_assert_max_num_queries):
    browser.get(url("upload", document.pk))
    with django_assert_max_num_queries(28):
        browser.get(url("upload", document.pk))


# --- Register a token -----------------------------------------------------------------------------------
def test_token_is_registered_and_released_by_pages(login, head, officer, token):
    own = login(head)
    step_up_for(own, head, "certificate", url("register_token"))
    data = {"file": SimpleUploadedFile("toi.cer", token.certificate), "kind": "government"}
    assert own.post(url("register_token"), data).url == url("token")
    held = ExternalCertificate.objects.get()
    assert held.fingerprint[-4:] in own.get(url("token")).content.decode()
    command = login(officer)
    assert "Mạc Văn Hùng" in command.get(url("certificate_requests")).content.decode()
    page = command.get(url("token_request", held.pk)).content.decode()
    assert held.fingerprint[-8:-4] not in page
    assert command.post(url("token_request", held.pk), {"compared": "0000 0000"}).status_code == 403
    step_up_for(command, officer, "certificate", url("token_request", held.pk))
    assert command.post(url("token_request", held.pk), {"compared": "0000 0000"}).status_code == 400
    step_up_for(command, officer, "certificate", url("token_request", held.pk))
    end = held.fingerprint[-certificates.HIDDEN_DIGITS :]
    assert command.post(url("token_request", held.pk), {"compared": end}).status_code == 302
    assert tokens.current(head, at=NOW) == held
    assert own.post(url("end_token", held.pk)).url == url("token")
    assert tokens.current(head, at=NOW) is None


def test_what_is_no_certificate_is_refused_on_the_page(login, head):
    own = login(head)
    step_up_for(own, head, "certificate", url("register_token"))
    data = {"file": SimpleUploadedFile("toi.cer", b"garbage"), "kind": "public"}
    page = own.post(url("register_token"), data)
    assert page.status_code == 400
    assert "không chứa chứng thư" in page.content.decode()


def test_officer_refuses_with_a_reason(login, head, officer, token):
    held = tokens.register(head, content=token.certificate, kind="public", by=head, at=NOW)
    command = login(officer)
    assert command.post(url("refuse_token", held.pk), {"reason": "x"}).status_code == 400
    command.post(url("refuse_token", held.pk), {"reason": "Không gọi được."})
    assert "Không gọi được." in login(head).get(url("token")).content.decode()


# --- On paper -------------------------------------------------------------------------------------------
def scan() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "PNG")
    return SimpleUploadedFile("ky-giay.png", out.getvalue())


def record_paper(client, document: Document, **given):
    field = document.fields.get(name=FIELD)
    data = {
        "field": field.pk,
        "signer_name": "Mạc Văn Hùng",
        "signer_title": "Giám đốc",
        "signed_on": TODAY.isoformat(),
        "scan": scan(),
        "vouched": "on",
    }
    return client.post(url("papers", document.pk), data | given)


@pytest.fixture
def recorded(document, login, clerk) -> PaperSignature:
    record_paper(login(clerk), document)
    return PaperSignature.objects.get()


def test_paper_counts_once_two_people_have_said_so(document, recorded, login, officer, clerk, head):
    assert recorded.state == "waiting"
    assert login(clerk).post(url("confirm_paper", recorded.pk)).status_code == 403
    assert "1/3" not in login(head).get(url("detail", document.pk)).content.decode()
    login(officer).post(url("confirm_paper", recorded.pk))
    page = login(head).get(url("detail", document.pk)).content.decode()
    assert "Đã ký trên giấy" in page
    assert "1 trên 3" in page or "1/3" in page
    document.refresh_from_db()
    assert document.head_seq == 0, "nothing of it stands in the file"


def test_paper_is_named_in_the_verification(document, recorded, login, officer, client):
    paper_signatures.confirm(recorded, by=officer, at=NOW)
    sent = SimpleUploadedFile("a.pdf", head_of(document))
    page = client.post(reverse("verify"), {"file": sent}).content.decode()
    assert "Ký trên giấy, không nằm trong tệp này" in page
    assert "Mạc Văn Hùng" in page


def test_who_signed_on_paper_signs_nothing_more(document, recorded, officer, login, head, enrolled):
    paper_signatures.confirm(recorded, by=officer, at=NOW)
    page = login(enrolled(head)).get(url("sign", document.pk)).content.decode()
    assert "đã ký văn bản này trên giấy" in page
    assert 'name="pin"' not in page


def test_scan_is_seen_by_parties_once_confirmed(document, recorded, login, officer, head):
    browser = login(head)
    assert browser.get(url("paper", recorded.pk)).status_code == 404
    paper_signatures.confirm(recorded, by=officer, at=NOW)
    assert browser.get(url("paper", recorded.pk)).status_code == 200


def test_refused_paper_makes_room_for_another(document, recorded, login, officer, clerk):
    command = login(officer)
    command.post(url("refuse_paper", recorded.pk), {"reason": "x"})
    assert PaperSignature.objects.get().state == "waiting"
    command.post(url("refuse_paper", recorded.pk), {"reason": "Con dấu không rõ."})
    assert record_paper(login(clerk), document).status_code == 302
    assert PaperSignature.objects.count() == 2


def test_form_names_parties_as_they_were_frozen(document, login, clerk):
    page = login(clerk).get(url("papers", document.pk)).content.decode()
    assert ">Sở Xây dựng</option>" in page


def test_second_paper_for_one_agency_is_refused(document, recorded, login, clerk):
    assert record_paper(login(clerk), document).status_code == 400
    assert PaperSignature.objects.count() == 1


@pytest.mark.parametrize(
    "given",
    [
        {"scan": SimpleUploadedFile("a.txt", b"words")},
        {"scan": SimpleUploadedFile("a.png", b"no picture")},
        {"vouched": ""},
        {"signed_on": "2020-01-01"},
        {"signer_name": ""},
    ],
)
def test_paper_that_is_not_in_order_is_refused(document, login, clerk, given):
    assert record_paper(login(clerk), document, **given).status_code == 400
    assert not PaperSignature.objects.exists()


def test_agency_that_signed_needs_no_paper(document, sign, head, login, clerk, recorded, officer):
    sign(document, head)
    assert record_paper(login(clerk), document).status_code == 400
    login(officer).post(url("confirm_paper", recorded.pk))
    assert PaperSignature.objects.get().state == "waiting"
    assert Signature.objects.count() == 1


@pytest.mark.parametrize("who", ["commander", "head", "viewer", "focal_point"])
def test_others_record_no_paper(document, cast, login, who):
    browser = login(getattr(cast, who))
    assert 'type="file"' not in browser.get(url("papers", document.pk)).content.decode()
    assert record_paper(browser, document).status_code == 403
