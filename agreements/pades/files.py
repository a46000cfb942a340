"""Opening a PDF, writing one revision, and looking at earlier ones."""

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.pdf_utils.rw_common import PdfHandler

from agreements.pades.errors import PadesError, UnreadablePdf

NAME = generic.pdf_name
NODES_MOST = 1000  # of a name tree; a loop in it must end

# pyHanko logs every refused file with a traceback. Refusals are results here, and the caller logs them.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


class QuietWriter(IncrementalPdfFileWriter):
    """Appends a revision without touching document information and XMP.

    The stock writer rewrites both each time with the current time: 5.5 kB more, and bytes that never
    repeat. `_update_meta` is private: the version is pinned, and tests notice when it goes.
    """

    IO_CHUNK_SIZE = 1 << 20  # the stock 4 kB copies a 1 MB file in 256 steps

    def _update_meta(self) -> None:
        pass


@contextmanager
def parsing() -> Iterator[None]:
    """Turn whatever a parser raises on hostile bytes into UnreadablePdf."""
    try:
        yield
    except PadesError:
        raise
    except RecursionError as error:
        raise UnreadablePdf("too_complex", repr(error)) from error
    except Exception as error:  # parsers of foreign bytes raise anything; each is a refusal
        raise UnreadablePdf("malformed", repr(error)) from error


def open_pdf(pdf: bytes) -> PdfFileReader:
    """A reader over the newest revision.

    Raises UnreadablePdf.
    """
    if b"%PDF-" not in pdf[:1024]:
        raise UnreadablePdf("not_a_pdf")
    with parsing():
        reader = PdfFileReader(io.BytesIO(pdf), strict=True)
        if reader.encrypted:
            raise UnreadablePdf("encrypted")
        if reader.xrefs.hybrid_xrefs_present:
            raise UnreadablePdf("malformed", "two cross-references for one revision")
        reader.root["/Pages"]
    return reader


def find_field(pdf: PdfHandler, name: str) -> generic.IndirectObject | None:
    """The signature field of that name, a top-level one as freezing makes them.

    Looking through 200 fields costs as much as signing. Where a field stands in the list never changes
    after certification, so its place is remembered per process, as a hint that is checked each time.
    """
    try:
        fields = pdf.root["/AcroForm"]["/Fields"]
    except KeyError:
        return None
    places = _places(pdf.document_id[0])
    hint = places.get(name)  # other threads write here too: look once
    if hint is not None and hint < len(fields) and fields[hint].get("/T") == name:
        return fields.raw_get(hint)
    found = {str(fields[place].get("/T")): place for place in reversed(range(len(fields)))}
    places.update(found)
    return fields.raw_get(found[name]) if name in found else None


@lru_cache(maxsize=64)
def _places(document_id: bytes) -> dict[str, int]:
    """The remembered places of one document: filled and corrected by `find_field`."""
    return {}


END_OF_REVISION = re.compile(rb"startxref\s+\d+\s+%%EOF(\r\n|\n|\r)?")


def revision_ends(pdf: bytes, reader: PdfFileReader) -> list[int]:
    """How many bytes each revision has, oldest first; the last is the whole file."""
    ends = []
    for revision in range(reader.xrefs.total_revisions):
        section = reader.xrefs.get_xref_container_info(revision)
        end = END_OF_REVISION.search(pdf, section.end_location)
        ends.append(end.end() if end else len(pdf))
    ends[-1] = len(pdf)
    return ends


def revision_bytes(pdf: bytes, revision: int) -> bytes:
    """The file as it was at a revision, 0 being the oldest.

    Raises UnreadablePdf; IndexError when there is no such revision.
    """
    return pdf[: revision_ends(pdf, open_pdf(pdf))[revision]]


def attachment(pdf: bytes, name: str) -> bytes | None:
    """An attached file as the *first* revision holds it, so that no later revision can replace it.

    Raises UnreadablePdf.
    """
    with parsing():
        first = open_pdf(pdf).get_historical_resolver(0)
        for found, specification in _embedded_files(first):
            if found == name:
                return bytes(specification["/EF"]["/F"].data)
    return None


def entry(dictionary: generic.DictionaryObject, key: str) -> Any:
    """A value with its reference followed, or None. (`get` of pyHanko's dictionaries does not follow.)"""
    try:
        return dictionary[key]
    except KeyError:
        return None


def items(array: generic.ArrayObject) -> list[Any]:
    """The values with their references followed. (Iterating over pyHanko's arrays does not follow.)"""
    return [array[place] for place in range(len(array))]


def _embedded_files(resolver: HistoricalResolver) -> Iterator[tuple[str, generic.DictionaryObject]]:
    """Every entry of the name tree, whatever its shape."""
    names = entry(resolver.root, "/Names")
    nodes = [entry(names, "/EmbeddedFiles")] if names else []
    for _ in range(NODES_MOST):
        if not nodes:
            return
        node = nodes.pop()
        if node is None:
            continue
        kids = entry(node, "/Kids")
        nodes.extend(items(kids) if kids else ())
        leaves = entry(node, "/Names") or ()
        for index in range(1, len(leaves), 2):
            specification = leaves[index]
            yield str(entry(specification, "/UF") or entry(specification, "/F")), specification
    raise UnreadablePdf("too_complex", "name tree of attachments")
