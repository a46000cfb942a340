"""Look at the file on standard input and print what was found."""

import json
import mmap
import os
import sys

from ..secrecy import first_marking  # the package has another name in the sandbox
from . import office, pdfs, pictures, texts
from .findings import Finding, Reason, Refused

ZIP_END = b"PK\x05\x06"
ZIP_TAIL = 65_557  # bytes: a zip archive ends within these (APPNOTE 4.3.16)


def main() -> None:
    """Print one JSON object and leave with status 0, whatever the file holds."""
    if os.fstat(sys.stdin.fileno()).st_size == 0:
        print(json.dumps(answer(b"")))
        return
    with mmap.mmap(sys.stdin.fileno(), 0, access=mmap.ACCESS_READ) as content:
        print(json.dumps(answer(content)))


def answer(content: mmap.mmap | bytes) -> dict[str, object]:
    """Return the finding, or the reason of the refusal: any exception of a parser is one."""
    try:
        found = look(content)
        if first_marking(found.texts) is not None:
            raise Refused(Reason.MARKING)
    except Refused as refusal:
        return {"refused": refusal.reason.value}
    except MemoryError:
        return {"refused": Reason.TOO_COMPLEX.value}
    except Exception:  # a parser met what it was not made for
        return {"refused": Reason.DAMAGED.value}
    return found.told()


def look(content: mmap.mmap | bytes) -> Finding:
    """Parse the file as what its first bytes say; raises Refused, or whatever the parser raises."""
    head = bytes(content[:1024])
    if not head:
        raise Refused(Reason.EMPTY)
    if head.startswith(b"PK"):
        return office.look(content)
    is_pdf = head.startswith(b"%PDF-")
    if (b"%PDF-" in head and not is_pdf) or ZIP_END in content[-ZIP_TAIL:]:
        raise Refused(Reason.TWO_KINDS)
    if is_pdf:
        return pdfs.look(content)
    if head.startswith((pictures.PNG, pictures.JPEG)):
        return pictures.look(content)
    return texts.look(content)
