"""Telephones: confirmed by their owner, told only that something waits, over a real HTTP gateway."""

import datetime as dt
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.urls import reverse

from portal.audit.models import Event
from portal.lib.dates import LOCAL
from portal.lib.errors import RuleError
from portal.notices import gateways, phone_delivery, phones
from portal.notices.models import MailPreference, Notice
from portal.users.models import Membership
from tasks.models import Assignment
from tests.factories import NOW

MINUTE = dt.timedelta(minutes=1)
LONG_AGO = NOW - 2 * phone_delivery.FRESH
SECRET = "a-secret-of-both-sides"
NUMBER = "+84912345678"

pytestmark = pytest.mark.django_db


@dataclass
class Province:
    """A gateway that answers as a test wants: `answers` first, then 202."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[dict] = field(default_factory=list)
    signatures: list[tuple[str, str]] = field(default_factory=list)  # as sent, as it ought to be


@pytest.fixture
def province(settings) -> Iterator[Province]:
    found = Province()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append(json.loads(body))
            found.signatures.append((self.headers["X-Signature"], gateways.signature(body, SECRET)))
            self.send_response(found.answers.pop(0) if found.answers else 202)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.url = settings.PHONE_GATEWAY_URL = f"http://127.0.0.1:{server.server_port}/messages"
    settings.PHONE_GATEWAY_SECRET = SECRET
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def confirmed(focal_point, province) -> MailPreference:
    """The focal point's number, confirmed an hour ago."""
    return MailPreference.objects.create(
        user=focal_point, phone=NUMBER, phone_confirmed_at=NOW - dt.timedelta(hours=1)
    )


@pytest.fixture
def urgent(confirmed, assignment, focal_point) -> Notice:
    """A result that was not accepted just now."""
    Assignment.objects.filter(pk=assignment.pk).update(status="rejected")
    return Notice.objects.create(
        kind="assignment.rejected",
        subject_type="tasks.assignment",
        subject_id=assignment.pk,
        recipient=focal_point,
        rule="rejected 1",
        due_on=NOW.date(),
        text_vi="Kết quả chưa đạt, làm lại: nhiệm vụ 1.01 Quy hoạch đất quốc phòng",
        text_en="Rejected",
        created_at=NOW,
        send_after=NOW,
    )


def state(notice: Notice) -> str:
    notice.refresh_from_db()
    return notice.phone_state


# --- What leaves ------------------------------------------------------------------------------------
def test_message_carries_a_link_and_a_code_and_never_what_it_is_about(urgent, province, settings):
    assert phone_delivery.deliver(at=NOW + MINUTE) == 1
    (got,) = province.got
    assert got.pop("key")
    assert got == {
        "number": NUMBER,
        "words": "Cổng phối hợp: có việc cần xử lý ngay",
        "code": f"TB-{urgent.pk}",
        "link": f"{settings.PUBLIC_URL}/notices/?unread=1",
    }
    assert state(urgent) == "sent"


def test_each_message_is_signed(urgent, province):
    phone_delivery.deliver(at=NOW + MINUTE)
    ((sent, wanted),) = province.signatures
    assert sent == wanted
    assert sent.startswith("sha256=")
    assert gateways.signature(b"other", SECRET) != sent


def test_message_is_sent_once(urgent, province):
    phone_delivery.deliver(at=NOW + MINUTE)
    assert phone_delivery.deliver(at=NOW + 2 * MINUTE) == 0
    assert len(province.got) == 1


@pytest.mark.parametrize("answer", [500, 503, 429])
def test_gateway_that_is_away_is_asked_again_under_the_same_key(urgent, province, answer):
    province.answers = [answer]
    assert phone_delivery.deliver(at=NOW + MINUTE) == 0
    assert state(urgent) == ""
    assert phone_delivery.deliver(at=NOW + 2 * MINUTE) == 0, "its lease runs"
    assert phone_delivery.deliver(at=NOW + MINUTE + phone_delivery.LEASE) == 1
    assert len({got["key"] for got in province.got}) == 1


@pytest.mark.parametrize("answer", [400, 403, 302])
def test_message_that_is_refused_is_not_sent_again(urgent, province, answer):
    province.answers = [answer]
    assert phone_delivery.deliver(at=NOW + MINUTE) == 0
    assert state(urgent) == "failed"
    assert phone_delivery.deliver(at=NOW + MINUTE + phone_delivery.LEASE) == 0


def test_gateway_that_nobody_answers_for_costs_nothing(urgent, settings):
    settings.PHONE_GATEWAY_URL = "http://127.0.0.1:1/"
    assert phone_delivery.deliver(at=NOW + MINUTE) == 0
    assert state(urgent) == ""


def test_without_a_gateway_nothing_is_done(urgent, settings, django_assert_num_queries):
    settings.PHONE_GATEWAY_URL = ""
    with django_assert_num_queries(0):
        assert phone_delivery.deliver(at=NOW + MINUTE) == 0


@pytest.fixture
def others(urgent, stranger, head) -> list[Notice]:
    """Five more to the first number, then one each to two others."""
    for user, number in ((stranger, "+84912345679"), (head, "+84912345680")):
        MailPreference.objects.create(user=user, phone=number, phone_confirmed_at=NOW - dt.timedelta(hours=1))
    made = []
    for count, recipient in enumerate([urgent.recipient] * 5 + [stranger, head], 1):
        urgent.pk, urgent.recipient, urgent.rule = None, recipient, f"rejected {count + 1}"
        urgent.created_at = NOW + count * dt.timedelta(seconds=1)
        urgent.save()
        made.append(Notice.objects.get(pk=urgent.pk))
    return made


def test_number_for_which_the_gateway_fails_does_not_hold_up_the_others(others, province):
    province.answers = [500]
    assert phone_delivery.deliver(at=NOW + MINUTE) == 2
    assert [got["number"][-1] for got in province.got] == ["8", "9", "0"]
    province.answers = [500]
    assert phone_delivery.deliver(at=NOW + 2 * MINUTE) == 0
    assert len({got["key"] for got in province.got}) == 4, "not the one again that was tried already"


def test_two_numbers_in_a_row_end_the_run(others, province):
    province.answers = [500, 500]
    assert phone_delivery.deliver(at=NOW + MINUTE) == 0
    assert [got["number"][-1] for got in province.got] == ["8", "9"]


def test_what_fails_all_day_is_tried_less_and_less_often(urgent, province):
    province.answers = [500] * 1000
    for minute in range(1, 24 * 60):
        phone_delivery.deliver(at=NOW + minute * MINUTE)
    assert 10 < len(province.got) < 30


def test_rehearsal_reaches_no_telephone(urgent, province, settings, login, focal_point):
    settings.MAIL_ALL_TO = "van-hanh@example.vn"
    assert gateways.current() is None
    assert phone_delivery.deliver(at=NOW + MINUTE) == 0
    with pytest.raises(RuleError):
        phones.ask(focal_point, "0912 345 678", at=NOW)
    assert (
        reverse("notices:ask_phone") not in login(focal_point).get("/notices/preferences/").content.decode()
    )
    assert province.got == []


# --- To whom ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "change",
    [
        {"phone_confirmed_at": None},
        {"phone_confirmed_at": NOW + MINUTE},
    ],
    ids=["not confirmed", "confirmed after it was told"],
)
def test_only_a_confirmed_number_hears(urgent, confirmed, province, change):
    MailPreference.objects.filter(pk=confirmed.pk).update(**change)
    assert phone_delivery.deliver(at=NOW + 2 * MINUTE) == 0
    assert province.got == []


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "assignment.due"},
        {"read_at": NOW},
        {"is_shown": False},
        {"created_at": NOW - 2 * phone_delivery.FRESH},
    ],
    ids=["can wait", "read", "replaced", "old"],
)
def test_only_what_cannot_wait_and_is_news_nudges(urgent, province, change):
    Notice.objects.filter(pk=urgent.pk).update(**change)
    assert phone_delivery.deliver(at=NOW + MINUTE) == 0
    assert province.got == []


def test_what_was_settled_meanwhile_nudges_nobody(urgent, assignment, province):
    Assignment.objects.filter(pk=assignment.pk).update(status="in_progress")
    assert phone_delivery.deliver(at=NOW + MINUTE) == 0
    assert (state(urgent), province.got) == ("skipped", [])


def test_whoever_left_hears_nothing(urgent, focal_point, province):
    Membership.objects.filter(user=focal_point).update(valid_to=NOW.date() - dt.timedelta(days=1))
    assert phone_delivery.deliver(at=NOW + MINUTE) == 0
    assert (state(urgent), province.got) == ("skipped", [])


# --- Confirming -------------------------------------------------------------------------------------
def ask(user, province, *, number: str = "0912 345 678", at: dt.datetime = NOW) -> str:
    phones.ask(user, number, at=at)
    return province.got[-1]["code"]


def test_number_counts_once_its_code_was_typed(focal_point, province):
    code = ask(focal_point, province)
    row = MailPreference.objects.get(user=focal_point)
    assert (row.phone, row.phone_confirmed_at) == (NUMBER, None)
    assert code.replace(" ", "") not in row.phone_code, "kept as a hash"
    assert phones.confirm(focal_point, code, at=NOW + MINUTE)
    row.refresh_from_db()
    assert (row.phone_confirmed_at, row.phone_code) == (NOW + MINUTE, "")
    event = Event.objects.get(verb="phone.confirmed")
    assert "912345678" not in event.payload + event.subject_label


def test_code_works_once(focal_point, province):
    code = ask(focal_point, province)
    assert phones.confirm(focal_point, code, at=NOW)
    with pytest.raises(RuleError):
        phones.confirm(focal_point, code, at=NOW)


def test_wrong_codes_are_counted(focal_point, province):
    code = ask(focal_point, province)
    for _try in range(phones.TRIES):
        assert not phones.confirm(focal_point, "0000 0000", at=NOW)
    with pytest.raises(RuleError):
        phones.confirm(focal_point, code, at=NOW)


def test_code_ends(focal_point, province):
    code = ask(focal_point, province)
    with pytest.raises(RuleError):
        phones.confirm(focal_point, code, at=NOW + phones.LIVES)


def test_next_code_waits_a_minute(focal_point, province):
    ask(focal_point, province)
    with pytest.raises(RuleError):
        ask(focal_point, province, at=NOW + MINUTE / 2)
    assert len(province.got) == 1
    ask(focal_point, province, at=NOW + 2 * MINUTE)


def test_taking_the_number_back_does_not_shorten_the_pause(focal_point, province):
    ask(focal_point, province)
    phones.withdraw(focal_point, at=NOW)
    with pytest.raises(RuleError):
        ask(focal_point, province, number="0987 654 321", at=NOW + MINUTE / 2)
    assert len(province.got) == 1


def test_confirming_does_not_shorten_the_pause(focal_point, province):
    code = ask(focal_point, province)
    phones.confirm(focal_point, code, at=NOW)
    with pytest.raises(RuleError):
        ask(focal_point, province, number="0987 654 321", at=NOW + MINUTE / 2)
    assert len(province.got) == 1


def test_another_number_is_confirmed_anew(confirmed, focal_point, province):
    ask(focal_point, province, number="+84 987 654 321")
    confirmed.refresh_from_db()
    assert (confirmed.phone, confirmed.phone_confirmed_at) == ("+84987654321", None)


@pytest.mark.parametrize("number", ["", "113", "+1 202 555 0100", "0912 345 67", "0912345678; rm", "١٢٣"])
def test_other_than_a_vietnamese_number_is_refused(focal_point, province, number):
    with pytest.raises(RuleError):
        phones.ask(focal_point, number, at=NOW)
    assert province.got == []


def test_code_that_did_not_leave_is_not_waited_for(focal_point, province):
    province.answers = [503]
    with pytest.raises(RuleError):
        phones.ask(focal_point, NUMBER, at=NOW)
    assert MailPreference.objects.get().phone_code == ""
    phones.ask(focal_point, NUMBER, at=NOW + dt.timedelta(seconds=5))
    assert len(province.got) == 2


@pytest.mark.parametrize(("hour", "sent"), [(5, 0), (6, 1), (19, 1), (20, 0)])
def test_nothing_beeps_by_night(urgent, province, hour, sent):
    moment = dt.datetime.combine(NOW.astimezone(LOCAL).date(), dt.time(hour), tzinfo=LOCAL)
    Notice.objects.update(created_at=moment - MINUTE)
    MailPreference.objects.update(phone_confirmed_at=moment - dt.timedelta(hours=1))
    assert phone_delivery.deliver(at=moment) == sent


def test_gateway_that_is_away_is_said(focal_point, settings):
    settings.PHONE_GATEWAY_URL = "http://127.0.0.1:1/"
    with pytest.raises(RuleError):
        phones.ask(focal_point, NUMBER, at=NOW)


def test_gateway_that_speaks_no_http_is_away(focal_point, settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.PHONE_GATEWAY_URL = f"http://127.0.0.1:{server.getsockname()[1]}/"
        threading.Thread(target=_gibber, args=(server,), daemon=True).start()
        with pytest.raises(RuleError):
            phones.ask(focal_point, NUMBER, at=NOW)


def _gibber(server: socket.socket) -> None:
    with server.accept()[0] as line:
        line.recv(65536)
        line.sendall(b"220 mail.example.vn ESMTP\r\n")


def test_number_is_taken_back(confirmed, focal_point):
    phones.withdraw(focal_point, at=NOW)
    confirmed.refresh_from_db()
    assert (confirmed.phone, confirmed.phone_confirmed_at) == ("", None)
    with pytest.raises(RuleError):
        phones.withdraw(focal_point, at=NOW)


# --- The page ---------------------------------------------------------------------------------------
def test_pages_lead_from_number_to_confirmed(login, focal_point, province):
    client = login(focal_point)
    client.cookies["language"] = "en"
    client.post(reverse("notices:ask_phone"), {"phone": "0912345678"})
    page = client.get(reverse("notices:preferences")).content.decode()
    assert f"Code that was sent to {NUMBER}" in page
    wrong = client.post(reverse("notices:confirm_phone"), {"code": "1"}, follow=True).content.decode()
    assert "That is not the code" in wrong
    client.post(reverse("notices:confirm_phone"), {"code": province.got[-1]["code"]})
    page = client.get(reverse("notices:preferences")).content.decode()
    assert NUMBER in page
    assert "Take the number back" in page
    client.post(reverse("notices:withdraw_phone"))
    assert NUMBER not in client.get(reverse("notices:preferences")).content.decode()


def test_an_account_cannot_send_code_after_code(login, focal_point, province):
    client = login(focal_point)
    for n in range(10):
        MailPreference.objects.filter(user=focal_point).update(phone_code_until=None)  # a minute later
        client.post(reverse("notices:ask_phone"), {"phone": f"091234567{n}"})
    assert len(province.got) == 5


def test_where_there_is_no_gateway_none_is_offered(login, focal_point):
    page = login(focal_point).get(reverse("notices:preferences")).content.decode()
    assert reverse("notices:ask_phone") not in page
