"""The pages of agreements: who gets what, what a form keeps, how many queries a page takes."""

import threading
import uuid

import pytest
from django.conf import settings
from django.urls import reverse

from agreements import documents, jobs, pki, signing
from agreements.models import Document, Signature
from portal.files import store
from portal.users import totp
from tests.agreements.conftest import PIN
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("now")
WRONG = "1357-2468"


@pytest.fixture(autouse=True)
def quiet_broker(monkeypatch):
    """The broker is an edge: no test of a page sends to it."""
    monkeypatch.setattr(jobs.check_signatures, "apply_async", lambda **options: None)


def url(name: str, document: Document, *rest) -> str:
    return reverse(f"agreements:{name}", args=[document.pk, *rest])


def form(document: Document, user, **given) -> dict[str, str]:
    """The signing room's form, filled in right."""
    return {
        "read": "on",
        "pin": PIN,
        "code": totp.next_code(user, at=NOW) or "",
        "sha256": document.frozen_id,
        "key": str(uuid.uuid4()),
    } | given


# --- Who gets what --------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["detail", "file", "sign", "signed"])
def test_stranger_gets_404(document, stranger, login, name):
    assert login(stranger).get(url(name, document)).status_code == 404


@pytest.mark.parametrize("name", ["detail", "file", "sign", "signed"])
def test_unknown_document_is_404(document, head, login, name):
    assert login(head).get(reverse(f"agreements:{name}", args=[9999])).status_code == 404


@pytest.mark.parametrize("who", ["head", "deputy", "focal_point", "viewer", "front_head"])
def test_parties_and_viewers_read_an_open_document(document, cast, login, who):
    client = login(getattr(cast, who))
    assert client.get(url("detail", document)).status_code == 200
    assert client.get(reverse("agreements:list")).content.count(b"/agreements/%d/" % document.pk)


def test_frozen_document_is_the_command_s_until_it_opens(frozen, head, officer, login):
    assert login(head).get(url("detail", frozen)).status_code == 404
    assert login(officer).get(url("detail", frozen)).status_code == 200


def test_signer_is_told_that_the_document_was_withdrawn(document, officer, head, focal_point, login):
    documents.withdraw(document, by=officer, at=NOW, reason="Sai thời hạn")
    assert login(head).post(url("sign", document), form(document, head)).status_code == 409
    assert login(head).get(url("sign", document)).status_code == 409
    assert login(focal_point).get(url("sign", document)).status_code == 404


def test_focal_point_of_a_party_reads_and_does_not_sign(document, focal_point, login):
    client = login(focal_point)
    assert client.get(url("detail", document)).status_code == 200
    assert client.get(url("sign", document)).status_code == 403
    assert client.post(url("sign", document), form(document, focal_point)).status_code == 403


@pytest.mark.parametrize("name", ["open", "withdraw", "in_force", "close", "issue"])
def test_head_presses_no_button_of_the_command(document, head, login, name):
    answer = login(head).post(
        url(name, document), {"reason": "Sai thời hạn", "number": 1, "issued_on": NOW.date()}
    )
    assert answer.status_code == 403
    assert Document.objects.get().state == "signing"


@pytest.mark.parametrize("name", ["open", "withdraw", "in_force", "close", "issue"])
def test_buttons_are_post_only(document, officer, login, name):
    assert login(officer).get(url(name, document)).status_code == 405


def test_visitor_is_sent_to_sign_in(document, client):
    assert client.get(url("detail", document)).status_code == 302


# --- The command's buttons ------------------------------------------------------------------------
def test_officer_freezes_opens_and_withdraws(settled, officer, login):
    client = login(officer)
    answer = client.post(reverse("agreements:freeze", args=[2026]))
    document = Document.objects.get()
    assert answer.url == url("detail", document)
    assert client.post(url("open", document)).status_code == 302
    short = client.post(url("withdraw", document), {"reason": "vội"})
    assert Document.objects.get().state == "signing", "a reason of at least five characters"
    assert short.status_code == 400
    assert ">vội</textarea>" in short.content.decode().replace("\n", "")
    client.post(url("withdraw", document), {"reason": "Sai thời hạn"})
    assert Document.objects.get().state == "terminated"


def test_refusal_is_a_message_on_the_page_before(document, officer, login):
    answer = login(officer).post(
        url("close", document),
        headers={"Referer": f"http://testserver{url('detail', document)}"},
        follow=True,
    )
    assert answer.status_code == 200
    assert "alert-danger" in answer.content.decode()


def test_text_that_cannot_be_printed_is_told_in_vietnamese(settled, officer, login):
    settled.clauses.update(text="Ký tự lạ: 軍")
    answer = login(officer).post(reverse("agreements:freeze", args=[2026]), follow=True)
    assert "Phông chữ" in answer.content.decode() or "phông chữ" in answer.content.decode()
    assert not Document.objects.exists()


def test_records_office_issues(document, sign, commander, front_head, officer, clerk, login):
    for user in (commander, front_head):
        sign(document, user)
    documents.bring_into_force(document, by=commander, at=NOW)
    documents.close_round(document, by=officer, at=NOW)
    client = login(clerk)
    assert 'name="number"' in client.get(url("detail", document)).content.decode()
    late = client.post(url("issue", document), {"number": 1, "issued_on": "2031-01-05"})
    assert Document.objects.get().state == "closed"
    assert late.status_code == 400
    assert 'value="2031-01-05"' in late.content.decode()
    client.post(url("issue", document), {"number": 1, "issued_on": f"{NOW:%Y-%m-%d}"})
    assert Document.objects.get().full_number == "01/CTr-BCHQS-MTTQ"


# --- The file and its pictures --------------------------------------------------------------------
def test_file_is_a_download_that_no_browser_runs(document, head, login):
    answer = login(head).get(url("file", document))
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_page_is_a_picture_and_is_drawn_once(document, head, login):
    client = login(head)
    first = client.get(url("page", document, 1))
    assert first.headers["Content-Type"] == "image/webp"
    assert client.get(url("page", document, 1)).content == first.content
    for page in (0, document.page_count + 1):
        assert client.get(url("page", document, page)).status_code == 404


# --- The signing room -----------------------------------------------------------------------------
@pytest.fixture
def room(document, head, enrolled, login):
    """The head's browser in front of the room."""
    enrolled(head)
    client = login(head)

    def send(**given):
        return client.post(url("sign", document), form(document, head, **given))

    client.send = send
    return client


def test_room_says_what_is_signed_and_as_whom(document, room):
    page = room.get(url("sign", document)).content.decode()
    assert document.frozen_id[:4] in page
    for words in ("GIÁM ĐỐC", "Mạc Văn Hùng", "Quy hoạch đất quốc phòng", "Trước 31/03/2026", "mark-lead"):
        assert words in page
    assert page.count('loading="lazy"') == document.page_count - 1


def test_room_marks_what_the_frozen_file_says_not_the_rows(document, room, outside):
    document.programme.assignments.filter(code="1.01").update(lead=outside, title_vi="Khác hẳn")
    page = room.get(url("sign", document)).content.decode()
    assert "Quy hoạch đất quốc phòng" in page
    assert "Khác hẳn" not in page


def test_signed_document_shows_the_block(document, room):
    answer = room.send()
    assert answer.url == url("signed", document)
    page = room.get(answer.url).content.decode()
    assert Signature.objects.get().file_id[:4] in page
    assert "block-picture" in page
    assert "không còn việc gì" in page
    assert "Văn bản tiếp theo cần ký" not in page


def test_before_signing_there_is_nothing_to_show(document, room):
    assert room.get(url("signed", document)).url == url("detail", document)


@pytest.mark.parametrize(
    ("given", "beside"),
    [({"pin": WRONG}, "id_pin_error"), ({"code": "000000"}, "id_code_error"), ({"pin": ""}, "id_pin_error")],
)
def test_refusal_stands_beside_its_field_and_keeps_the_tick(room, given, beside):
    answer = room.send(**given)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert beside in page
    assert 'id="id_read" required checked' in page
    assert WRONG not in page
    assert 'value="000000"' not in page
    assert not Signature.objects.exists()


def test_unread_document_is_not_signed(room):
    answer = room.send(read="")
    assert answer.status_code == 400
    assert 'id="id_read" required checked' not in answer.content.decode()
    assert not Signature.objects.exists()


@pytest.mark.parametrize("given", [{"sha256": ""}, {"sha256": "x"}, {"key": "x"}, {"key": ""}])
def test_incomplete_form_is_400(room, given):
    assert room.send(**given).status_code == 400


def test_post_of_nothing_is_400(document, room):
    assert room.post(url("sign", document), {}).status_code == 400


def test_stale_page_is_409(room):
    assert room.send(sha256="0" * 64).status_code == 409


def test_same_form_twice_leads_to_the_one_signature(document, room, head):
    filled = form(document, head)
    answers = [room.post(url("sign", document), filled) for _time in range(2)]
    assert [answer.url for answer in answers] == [url("signed", document)] * 2
    assert Signature.objects.count() == 1


def test_form_of_yesterday_says_that_it_is_signed(room):
    assert room.send().status_code == 302
    answer = room.send()
    assert answer.status_code == 400
    assert Signature.objects.count() == 1


def test_many_signing_is_503_and_keeps_the_form(room, monkeypatch):
    key = str(uuid.uuid4())
    taken = [signing._places.acquire(blocking=False) for _place in range(signing.WAITING_LIMIT)]
    answer = room.send(key=key)
    for _place in taken:
        signing._places.release()
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert key in answer.content.decode()
    assert room.send(key=key).status_code == 302


def test_locked_credential_says_until_when(document, room):
    for _try in range(pki.WRONG_PINS):
        room.send(pin=WRONG)
    assert "15" in room.send().content.decode()
    assert "due is-overdue" in room.get(reverse("agreements:certificate")).content.decode()


@pytest.mark.parametrize("state", ["closed", "issued", "superseded"])
def test_room_of_a_closed_round_offers_no_form(document, room, state):
    Document.objects.update(state=state, number=1, number_year=2026, issued_on=NOW.date())
    assert 'name="pin"' not in room.get(url("sign", document)).content.decode()
    assert room.send().status_code == 400


def test_damaged_frozen_file_is_told(document, room):
    store.path_of(document.frozen_id).write_bytes(b"gone")
    answer = room.get(url("sign", document), follow=True)
    assert answer.status_code == 200
    assert "alert-danger" in answer.content.decode()


# --- The broker is only a courtesy ----------------------------------------------------------------
def test_signature_answers_without_a_broker(room, monkeypatch):
    released, given_up = threading.Event(), []

    def hang(**options):
        given_up.append(released.wait(30))
        raise ConnectionError

    monkeypatch.setattr(jobs.check_signatures, "apply_async", hang)
    try:
        assert room.send().status_code == 302
        assert given_up == []  # it answered while the broker still hung
    finally:
        released.set()


def test_broken_broker_is_logged(monkeypatch, caplog):
    def fail(**options):
        raise ConnectionError("no broker")

    monkeypatch.setattr(jobs.check_signatures, "apply_async", fail)
    jobs._ask(jobs.check_signatures)
    assert "no broker" in caplog.text


def test_job_checks_what_is_unchecked(document, sign, head):
    sign(document, head)
    jobs.check_signatures()
    assert Signature.objects.get().check_state == Signature.Check.GOOD


def test_the_clock_knows_the_job():
    names = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert jobs.check_signatures.name in names


# --- The certificate's page -----------------------------------------------------------------------
def test_page_shows_the_certificate(enrolled, head, login):
    assert "Mạc Văn Hùng" in login(enrolled(head)).get(reverse("agreements:certificate")).content.decode()


def test_focal_point_has_no_certificate(focal_point, login):
    assert login(focal_point).get(reverse("agreements:certificate")).status_code == 403
