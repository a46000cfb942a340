"""What the crowd downloaded, judged by tools that nobody here wrote."""

import hashlib
import threading
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from tests.agreements.pdf_tools import pdfsig, qpdf_accepts


@dataclass
class Downloads:
    """Files of one document as people fetched them, each kept once, on disk."""

    folder: Path
    kept: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)

    def keep(self, content: bytes) -> None:
        sha256 = hashlib.sha256(content).hexdigest()
        with self.lock:
            if sha256 not in self.kept:
                (self.folder / sha256).write_bytes(content)
                self.kept[sha256] = len(content)

    def in_order(self) -> list[str]:
        """Return the SHA-256 of each, the shortest first."""
        return sorted(self.kept, key=self.kept.__getitem__)

    def check(self) -> list[int]:
        """See that each is valid and continues the one before; return how many people signed each."""
        files = [self.read(sha256) for sha256 in self.in_order()]
        check_each_continues(files)
        return [len(signers(file, self.folder)) for file in files]

    def read(self, sha256: str) -> bytes:
        return (self.folder / sha256).read_bytes()


def check_each_continues(files: list[bytes]) -> None:
    """See that each file begins with the one before, and is longer."""
    for earlier, later in pairwise(files):
        assert later.startswith(earlier)
        assert len(later) > len(earlier)


def signers(pdf: bytes, folder: Path) -> dict[str, str]:
    """Return who signed in which field, of a file that pdfsig and qpdf both find valid."""
    assert qpdf_accepts(pdf, folder)
    certification, *found = pdfsig(pdf, folder)
    assert certification.is_valid
    assert all(one.is_valid for one in found)
    fields = {one.field: one.signer for one in found}
    assert len(fields) == len(found), "a field was signed twice"
    return fields
