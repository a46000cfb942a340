"""Plain text and CSV: UTF-8 without control characters."""

import mmap
import re

from .findings import Finding, Kind, Reason, Refused

CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
CELLS = re.compile(r"[\t;,]")


def look(content: mmap.mmap | bytes) -> Finding:
    """Read the whole file; raises Refused."""
    raw = bytes(content)
    if CONTROL.search(raw):
        raise Refused(Reason.UNKNOWN_KIND)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(Reason.NOT_UTF8) from error
    if not text.strip():
        raise Refused(Reason.EMPTY)
    return Finding(Kind.TEXT, texts=(text, "\n".join(CELLS.split(text))))
