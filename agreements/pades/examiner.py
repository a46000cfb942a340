"""What runs in the sandbox to judge a stranger's PDF: one file in, one JSON object out.

Standard input holds a line of JSON (whom to believe, and when), then the file. agreements.inspections
starts main() in a process of its own, without Django, and believes of its answer the shape alone.
"""

import base64
import hashlib
import json
import sys
from datetime import datetime
from typing import Any

from agreements.pades.errors import PadesError
from agreements.pades.files import END_OF_REVISION, open_pdf
from agreements.pades.values import DocumentReport, RootKind, SignatureReport, Trust
from agreements.pades.verification import verify


def question(trust: Trust, *, at: datetime) -> bytes:
    """Return the line that goes before the file."""
    texts = {
        "at": at.isoformat(),
        "roots": [base64.b64encode(root).decode() for root in trust.roots],
        "crls": [base64.b64encode(crl).decode() for crl in trust.crls],
        "stamp_roots": [base64.b64encode(root).decode() for root in trust.stamp_roots],
        "others": [base64.b64encode(other).decode() for other in trust.others],
        "kinds": trust.kinds,
        "stamp_kinds": trust.stamp_kinds,
    }
    return json.dumps(texts).encode() + b"\n"


def main() -> None:
    """Print what was found and leave with status 0, whatever the file holds."""
    asked = json.loads(sys.stdin.buffer.readline())
    names = ("roots", "crls", "stamp_roots", "others")
    ders = {name: tuple(base64.b64decode(der) for der in asked[name]) for name in names}
    kinds, stamp_kinds = (tuple(map(RootKind, asked[name])) for name in ("kinds", "stamp_kinds"))
    trust = Trust(
        ders["roots"], ders["crls"], ders["stamp_roots"], ders["others"], kinds=kinds, stamp_kinds=stamp_kinds
    )
    print(json.dumps(answer(sys.stdin.buffer.read(), trust, at=datetime.fromisoformat(asked["at"]))))


def answer(pdf: bytes, trust: Trust, *, at: datetime) -> dict[str, Any]:
    """Return the report, or why the file cannot be judged."""
    try:
        return told(verify(pdf, trust, at=at)) | {"unsigned_tail": _unsigned_tail(pdf)}
    except PadesError as error:
        return {"unreadable": error.code}
    except MemoryError:
        return {"unreadable": "too_complex"}
    except Exception:  # what a parser or a validator met that it was not made for
        return {"unreadable": "malformed"}


def _unsigned_tail(pdf: bytes) -> int:
    """Count the bytes after the last revision, which no signature can cover; white space is none."""
    xrefs = open_pdf(pdf).xrefs
    section = xrefs.get_xref_container_info(xrefs.total_revisions - 1)
    end = END_OF_REVISION.search(pdf, section.end_location)
    return len(pdf[end.end() :].strip(b"\r\n \t\0")) if end else 0


def told(report: DocumentReport) -> dict[str, Any]:
    """Return a report as JSON has it."""
    return {
        "pages": report.page_count,
        "revisions": len(report.revisions),
        "signatures": [_row(signature) for signature in report.signatures],
    }


def _row(signature: SignatureReport) -> dict[str, Any]:
    return {
        "field": signature.field,
        "reason": signature.reason.value,
        "signer": signature.signer,
        "organization": signature.organization,
        "issuer": signature.issuer,
        "kind": signature.kind.value if signature.kind else None,
        "serial": f"{signature.serial:x}",
        "certificate_sha256": hashlib.sha256(signature.certificate).hexdigest(),
        "signed_at": signature.signed_at.isoformat() if signature.signed_at else None,
        "stamped_at": signature.stamped_at.isoformat() if signature.stamped_at else None,
        "level": signature.level.value,
        "certification": signature.is_certification,
        "timestamp": signature.is_timestamp,
        "intact": signature.intact,
        "valid": signature.valid,
        "trusted": signature.trusted,
        "revocation": signature.revocation.value,
        "modification": signature.modification.value,
        "covers_revision": signature.covers_revision,
        "revision": signature.revision,
    }
