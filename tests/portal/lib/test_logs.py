"""A record is one line whatever a stranger sent, and carries the request's id."""

import json
import logging
import sys

import pytest

from portal.lib.logs import JsonFormatter, TextFormatter
from portal.lib.web import RequestFacts, _facts

TRICKS = ["a\nb", "a\r\nb", "a\0b", "a\x1b[31mb", "a\x85b", "a\u2028b", "a\u202eb", "a\x7fb", "a\ud800b"]


def record(message: str, **facts: object) -> logging.LogRecord:
    return logging.LogRecord("portal.test", logging.WARNING, "", 0, message, (), facts.get("exc_info"))


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter("%(levelname)s %(message)s")])
def test_a_record_is_one_printable_line(formatter, trick):
    line = formatter.format(record(trick))
    line.encode()
    assert line.isprintable()


@pytest.mark.parametrize("text", ["Đồng chí Nguyễn", 'a "quoted" \\ word', *TRICKS])
def test_json_gives_the_text_back(text):
    assert json.loads(JsonFormatter().format(record(text)))["message"] == text


def test_json_names_the_request_and_the_fault():
    token = _facts.set(RequestFacts("abc123", "192.0.2.1"))
    try:
        raise ValueError("a fault\nof ours")
    except ValueError:
        row = json.loads(JsonFormatter().format(record("it failed", exc_info=sys.exc_info())))
    finally:
        _facts.reset(token)
    assert row["request"] == "abc123"
    assert "ValueError" in row["trace"]
    assert row["at"][-5] in "+-"


def test_a_refusal_is_a_line_without_a_traceback(login, head, caplog):
    login(head).get("/admin/")
    (told,) = (row for row in caplog.records if row.name == "django.request")
    assert "Forbidden" in told.getMessage()
    assert not told.exc_info


def test_a_fault_keeps_its_traceback(caplog):
    try:
        raise ValueError("a fault of ours")
    except ValueError:
        logging.getLogger("django.request").error("it failed", exc_info=True)
    (told,) = caplog.records
    assert told.exc_info
