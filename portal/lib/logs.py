"""One record, one line, with the request's id: JSON for machines, text for a terminal.

What a stranger sends may stand in a message: control characters, ends of lines and marks that turn the
direction of text are escaped, so that it never looks like a line of its own.
"""

import json
import logging
import re

from portal.lib.web import current_request

UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


LINK = re.compile(r"(/(?:activate|verify|calendar)/)[\w-]+")
"""An address that opens to whoever has it: a log is read by many, and for long."""


def escaped(text: str) -> str:
    r"""Return the text with each unsafe character as \uXXXX, and without the secret part of links."""
    return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", LINK.sub(r"\1***", text))


class WithoutTraceOfRefusals(logging.Filter):
    """Takes the traceback from a record below ERROR.

    "Forbidden" and "Not Found" are answers that a rule gives: the place in the code helps nobody at 3 a.m.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.ERROR:
            record.exc_info = None
        return True


class JsonFormatter(logging.Formatter):
    """Format a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        facts = current_request()
        row = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request": facts.id if facts else None,
        }
        if record.exc_info:
            row["trace"] = self.formatException(record.exc_info)
        return escaped(json.dumps(row, ensure_ascii=False))


class TextFormatter(logging.Formatter):
    """Format a record as a line for people; a traceback follows on lines of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return escaped(super().formatMessage(record))
