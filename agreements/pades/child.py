"""What the sandbox runs for a file that was signed elsewhere: one question in, one short answer out.

The question is a line of JSON with everything but the bytes, then the file. The base is its first
`base_size` bytes: the caller has compared them.
"""

import base64
import json
import sys
from datetime import datetime
from typing import Any

from agreements.pades.errors import CandidateRefused
from agreements.pades.uploads import check_upload
from agreements.pades.values import Trust

DETAIL = 200  # characters


def question(base_size: int, field: str, certificate: bytes, trust: Trust, *, at: datetime) -> bytes:
    """Return the line that stands before the file."""
    told: dict[str, Any] = {
        "base_size": base_size,
        "field": field,
        "certificate": _text(certificate),
        "roots": [_text(one) for one in trust.roots],
        "crls": [_text(one) for one in trust.crls],
        "stamp_roots": [_text(one) for one in trust.stamp_roots],
        "others": [_text(one) for one in trust.others],
        "at": at.isoformat(),
    }
    return json.dumps(told).encode() + b"\n"


def main() -> None:
    """Answer the question on standard input: `refused` is "" when the file is accepted.

    `stamped_at` is then what its time-stamp says, None without one.
    """
    told, signed = json.loads(sys.stdin.buffer.readline()), sys.stdin.buffer.read()
    code, detail, stamped_at = "", "", None
    roots, crls, stamp_roots, others = (
        tuple(map(_bytes, told[name])) for name in ("roots", "crls", "stamp_roots", "others")
    )
    try:
        stamped_at = check_upload(
            signed[: told["base_size"]],
            signed,
            told["field"],
            _bytes(told["certificate"]),
            Trust(roots=roots, crls=crls, stamp_roots=stamp_roots, others=others),
            at=datetime.fromisoformat(told["at"]),
        )
    except CandidateRefused as refusal:
        code, detail = refusal.code, refusal.detail
    except MemoryError:
        code = "too_complex"
    moment = stamped_at.isoformat() if stamped_at else None
    print(json.dumps({"refused": code, "detail": detail[:DETAIL], "stamped_at": moment}))


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _bytes(value: str) -> bytes:
    return base64.b64decode(value)
