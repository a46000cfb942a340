"""What the worker says about a file: one small JSON object, accepted or refused with a reason."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a file is refused. portal.files.refusals has the words for each."""

    EMPTY = "empty"
    UNKNOWN_KIND = "unknown_kind"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    SCRIPT = "script"
    EMBEDDED = "embedded"
    XFA = "xfa"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_COMPLEX = "too_complex"
    TOO_MANY_PIXELS = "too_many_pixels"
    TWO_KINDS = "two_kinds"
    BOMB = "bomb"
    MACRO = "macro"
    EXTERNAL = "external"
    NOT_UTF8 = "not_utf8"
    MARKING = "marking"
    # Found outside the worker:
    CRASHED = "crashed"
    TOO_LARGE = "too_large"
    WRONG_EXTENSION = "wrong_extension"
    NAME = "name"
    RECALLED = "recalled"


class Kind(StrEnum):
    """What a file really is, whatever its name says."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    XLSX = "xlsx"
    DOCX = "docx"
    TEXT = "text"


MARK_LONGEST = 420
"""Pixels of the longer side of a signature or seal: a seal of 36 mm at 300 dpi."""

MARK_ANSWER = 256 * 1024
"""Bytes of what is told of one."""


TABLE_ROWS, TABLE_COLUMNS, TABLE_CELL = 2000, 40, 2000
"""What is read of a sheet: rows, columns, characters of a cell."""

TABLE_TEXT = 1_000_000
"""Characters of all cells."""

TABLE_ANSWER = 4 * 1024 * 1024
"""Bytes of what is told of one."""


class Refused(Exception):
    """The file is refused; nothing more of it is read."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Finding:
    """An accepted file. `pages` is 0 where there are none; `texts` are for the guard and never leave."""

    kind: Kind
    pages: int = 0
    texts: tuple[str, ...] = ()

    def told(self) -> dict[str, object]:
        """Return what leaves the worker: never a word of the file."""
        return {name: value for name, value in asdict(self).items() if name != "texts"}
