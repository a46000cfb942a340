"""How a stored file is sent: as a download that no browser runs, and only while it is whole."""

import pytest
from django.test import RequestFactory

from portal.files import serving, store

pytestmark = pytest.mark.django_db
HOSTILE_NAME = "Biên bản; filename=x\r\nSet-Cookie: a=b\u202e\"'.pdf"


@pytest.fixture
def send(stored, officer):
    """Return send(name): the answer for a stored file of that name; `.file` is its row."""
    request = RequestFactory().get("/")
    request.user = officer

    def answer(name="Biên bản.txt"):
        return serving.send(request, answer.file, name=name)

    answer.file = stored(b"content")
    return answer


def test_file_is_a_download_that_no_browser_runs_or_keeps(send):
    answer = send()
    assert b"".join(answer.streaming_content) == b"content"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_vietnamese_name_is_written_as_rfc_5987_wants(send):
    name = send("Biên bản.txt").headers["Content-Disposition"]
    assert name == "attachment; filename*=utf-8''Bi%C3%AAn%20b%E1%BA%A3n.txt"


def test_hostile_name_adds_no_header(send):
    name = send(HOSTILE_NAME).headers["Content-Disposition"]
    assert name.startswith("attachment; filename*=utf-8''")
    assert not set(name) & set('\r\n"')
    assert name.count(";") == 1


@pytest.mark.parametrize("damage", ["change", "remove"])
def test_damaged_file_is_a_page_and_a_line_in_the_log(send, damage, caplog):
    path = store.path_of(send.file.sha256)
    path.write_bytes(b"x") if damage == "change" else path.unlink()
    answer = send()
    assert answer.status_code == 503
    assert "Không gửi được tệp" in answer.content.decode()
    assert send.file.sha256 in caplog.text


def test_proxy_sends_what_was_checked(send, settings):
    settings.ACCEL_LOCATION = "/stored-files"
    answer = send()
    assert answer.content == b""
    expected = f"/stored-files/{store.relative_path(send.file.sha256)}"
    assert answer.headers["X-Accel-Redirect"] == expected
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    store.path_of(send.file.sha256).write_bytes(b"x")
    assert send().status_code == 503
