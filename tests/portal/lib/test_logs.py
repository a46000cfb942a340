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
