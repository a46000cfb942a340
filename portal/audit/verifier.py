"""Check an exported audit trail without the portal: this one file, Python 3.11, nothing installed.

    python verify_audit.py --key audit-key.pem --checkpoints FILE [--checkpoints FILE] [EVENTS]

EVENTS is events.jsonl of `manage.py export_audit`; without it the checkpoint files alone are checked.
Take the key and one checkpoint file from where you kept them, not from the folder you were handed.
Exit 0: all of it holds. 1: something is wrong, and is named. 2: cannot tell.

The portal itself checks with these same functions, so that there is one canonical text and one rule.

An event is hashed over the JSON text of its fields: sorted keys, no spaces, Unicode NFC, UTF-8; the
time in UTC with microseconds. It names the hash of the event before it. A checkpoint is a line of
JSON, signed RSA PKCS#1 v1.5 with SHA-256 over the canonical text of all but its signature; it names
the hash of the checkpoint before it. Source: RFC 8017, 8.2.2 and 9.2.
"""

import argparse
import base64
import hashlib
import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

START_SHA256 = hashlib.sha256(b"coordination portal audit chain 1").hexdigest()
KIND = "coordination portal audit checkpoint 1"
GOOD, BAD, CANNOT_TELL = 0, 1, 2
OUTCOMES = {GOOD: "good", BAD: "bad", CANNOT_TELL: "cannot_tell"}
SHORTEST_KEY = 3072  # bits
_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")

Row = Mapping[str, Any]
Key = tuple[int, int]
"""Modulus and exponent."""


# --- The canonical text ---------------------------------------------------------------------------
FIELDS = (
    "seq",
    "at",
    "verb",
    "actor_id",
    "actor_label",
    "agency_code",
    "subject_type",
    "subject_id",
    "subject_label",
    "address",
    "request_id",
    "payload",
    "prev_sha256",
)
"""What of an event is hashed."""

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def digest(row: Row) -> str:
    """Return the SHA-256 (hex) over the canonical text of a row of plain values."""
    return hashlib.sha256(unicodedata.normalize("NFC", _encode(row)).encode()).hexdigest()


# --- The chain ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Finding:
    """Something that is wrong: at an event (seq), or at a checkpoint (place, number)."""

    what: str
    seq: int | None = None
    place: str = ""
    number: int | None = None

    def __str__(self) -> str:
        where = [f"event {self.seq}"] if self.seq is not None else []
        where += [self.place] if self.place else []
        where += [f"checkpoint {self.number}"] if self.number is not None else []
        return f"{', '.join(where)}: {self.what}" if where else self.what


@dataclass(frozen=True)
class Reached:
    """How far a walk came: the last event that holds, and the last that a checkpoint vouches for."""

    seq: int = 0
    sha256: str = START_SHA256
    vouched_seq: int = 0
    finding: Finding | None = None


def follow(
    events: Iterable[tuple[Row, str]], signed: Mapping[int, str], start: Reached | None = None
) -> Reached:
    """Walk events, each with its own hash, in order; stop at the first that does not hold.

    `signed` are the hashes that checkpoints name, by event number.
    """
    start = start or Reached()
    seq, sha256, vouched = start.seq, start.sha256, start.vouched_seq
    for row, own in events:
        what = ""
        if row["seq"] != seq + 1:
            what = "an event is missing before this one"
        elif row["prev_sha256"] != sha256:
            what = "it does not follow from the event before it"
        elif digest(row) != own:
            what = "its text was changed after it was written"
        elif signed.get(seq + 1, own) != own:
            what = f"a checkpoint signed another event here: what follows event {vouched} was rewritten"
        if what:
            return Reached(seq, sha256, vouched, Finding(what, seq=row["seq"]))
        seq, sha256 = seq + 1, own
        if seq in signed:
            vouched = seq
    return Reached(seq, sha256, vouched)


def ends_too_early(reached: Reached, newest: Row | None) -> Finding | None:
    """Say that the chain is shorter than the newest checkpoint knows: a cut tail, or an old copy."""
    if newest is None or newest["seq"] <= reached.seq:
        return None
    what = f"the chain ends before event {newest['seq']}, which checkpoint {newest['number']} signed at"
    return Finding(f"{what} {newest['at']}", seq=reached.seq + 1)


# --- Checkpoints ----------------------------------------------------------------------------------
@dataclass
class Place:
    """One checkpoint file: its lines as far as they hold, and what is wrong with it."""

    name: str
    checkpoints: list[dict[str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    whole_size: int = 0  # bytes of the lines that hold
    is_missing: bool = False


def signed_text(checkpoint: Row) -> bytes:
    """Return what is signed: the canonical text of everything but the signature."""
    rest = {name: value for name, value in checkpoint.items() if name != "signature"}
    return unicodedata.normalize("NFC", _encode(rest)).encode()


def checkpoint_sha256(checkpoint: Row | None) -> str:
    """Return the hash by which the next checkpoint names this one; that of nothing for none."""
    return hashlib.sha256(signed_text(checkpoint) if checkpoint else b"").hexdigest()


def read_place(name: str, content: bytes | None, key: Key) -> Place:
    """Check a checkpoint file line by line; None is a file that is not there."""
    place = Place(name, is_missing=content is None)
    if content is None:
        place.findings.append(Finding("the checkpoint file is missing or cannot be read", place=name))
    for line in (content or b"").splitlines(keepends=True):
        before = place.checkpoints[-1] if place.checkpoints else None
        number = before["number"] + 1 if before else 1
        checkpoint, what = _read_line(line, before, number, key)
        if what:
            place.findings.append(Finding(what, place=name, number=number))
            break
        place.checkpoints.append(checkpoint)
        place.whole_size += len(line)
    return place


def _read_line(line: bytes, before: Row | None, number: int, key: Key) -> tuple[dict[str, Any], str]:
    try:
        checkpoint = json.loads(line)
        signature = base64.b64decode(checkpoint["signature"], validate=True)
        facts = (checkpoint["kind"], checkpoint["number"], checkpoint["prev_sha256"])
        seq, text = int(checkpoint["seq"]), signed_text(checkpoint)
        shown = (str(checkpoint["at"]), str(checkpoint["head_sha256"]), str(checkpoint["set_back"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}, "the line is damaged"
    if facts[0] != KIND or not line.endswith(b"\n"):
        return {}, "the line is damaged"
    if not is_signed(text, signature, key):
        return {}, "the line was changed, or another key signed it"
    if facts[1:] != (number, checkpoint_sha256(before)):
        return {}, "a checkpoint is missing before this one"
    if before and seq < before["seq"] and not shown[2]:
        return {}, "it vouches for less than the one before it"
    return checkpoint, ""


def compare(places: list[Place]) -> list[Finding]:
    """Return every place that says something else, or less, than the longest one."""
    if not places:
        return []
    longest = max(places, key=lambda place: len(place.checkpoints))
    findings = []
    for place in places:
        for own, other in zip(place.checkpoints, longest.checkpoints, strict=False):
            if own != other:
                what = f"it says something else than {longest.name}"
                findings.append(Finding(what, place=place.name, number=own["number"]))
                break
        else:
            lacking = len(longest.checkpoints) - len(place.checkpoints)
            if lacking and not place.findings:
                what = f"{lacking} checkpoints are missing that {longest.name} holds"
                findings.append(Finding(what, place=place.name, number=len(place.checkpoints) + 1))
    return findings


def in_effect(places: list[Place]) -> list[dict[str, Any]]:
    """Return the checkpoints of all places that a chain must agree with, in order of their events.

    After a signed line that says the chain was set back (a restored backup), what earlier ones
    vouch for beyond it counts no more.
    """
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for place in places:
        kept: list[dict[str, Any]] = []
        for checkpoint in place.checkpoints:
            if checkpoint["set_back"]:
                kept = [one for one in kept if one["seq"] < checkpoint["seq"]]
            kept.append(checkpoint)
        found |= {(one["number"], one["head_sha256"]): one for one in kept}
    return sorted(found.values(), key=lambda one: (one["seq"], one["number"]))


def hashes(checkpoints: Iterable[Row]) -> dict[int, str]:
    """Return the signed hash of each event that a checkpoint names; of two, the first."""
    signed: dict[int, str] = {}
    for one in checkpoints:
        signed.setdefault(one["seq"], one["head_sha256"])
    signed.pop(0, None)
    return signed


def outcome(places: list[Place], findings: Iterable[Finding]) -> int:
    """Return GOOD, BAD or CANNOT_TELL: without any checkpoint a chain may be an older or another one."""
    nothing_is_there = all(place.is_missing for place in places)
    if any(one.seq is not None or one.number is not None or not nothing_is_there for one in findings):
        return BAD
    return GOOD if any(place.checkpoints for place in places) else CANNOT_TELL


# --- RSA, PKCS#1 v1.5 with SHA-256 ------------------------------------------------------------------
def is_signed(text: bytes, signature: bytes, key: Key) -> bool:
    """Return whether the signature over the text is the key's: the padding is rebuilt, never parsed."""
    modulus, exponent = key
    size = (modulus.bit_length() + 7) // 8
    info = _SHA256_INFO + hashlib.sha256(text).digest()
    expected = b"\x00\x01" + b"\xff" * (size - 3 - len(info)) + b"\x00" + info
    number = int.from_bytes(signature, "big")
    if len(signature) != size or number >= modulus:
        return False
    return pow(number, exponent, modulus).to_bytes(size, "big") == expected


def read_key(pem: str) -> Key:
    """Return the RSA key of a PEM file (SubjectPublicKeyInfo). Raises ValueError for any other."""
    der = base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("---")))
    outer, _rest = _take(der, 0x30)
    _algorithm, rest = _take(outer, 0x30)
    bits, _rest = _take(rest, 0x03)
    inner, _rest = _take(bits[1:], 0x30)
    modulus, rest = _take(inner, 0x02)
    exponent, _rest = _take(rest, 0x02)
    key = int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big")
    if key[0].bit_length() < SHORTEST_KEY or key[1] != 65537:
        raise ValueError(f"the key is not RSA of at least {SHORTEST_KEY} bits with exponent 65537")
    return key


def _take(der: bytes, tag: int) -> tuple[bytes, bytes]:
    """Return the content of the first DER element, which must have the tag, and what follows it."""
    if len(der) < 2 or der[0] != tag:
        raise ValueError("this is no RSA public key")
    length, start = der[1], 2
    if length > 127:
        start = 2 + (length & 127)
        length = int.from_bytes(der[2:start], "big")
    return der[start : start + length], der[start + length :]


# --- Outside of the portal --------------------------------------------------------------------------
def read_events(path: Path) -> Iterator[tuple[Row, str]]:
    """Yield each event of an exported file and its hash; a damaged line as an event that says nothing."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                own = row.pop("sha256")
                digest(row), int(row["seq"]), row["prev_sha256"]
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                row, own = {"seq": number, "prev_sha256": ""}, ""
            yield row, own


def main() -> int:
    """Check what the command line names and print the outcome as JSON."""
    parser = argparse.ArgumentParser(description="Check an exported audit trail and its checkpoints.")
    parser.add_argument("events", nargs="?", type=Path, help="events.jsonl of export_audit")
    parser.add_argument("--key", required=True, type=Path, help="the public key, PEM")
    parser.add_argument("--checkpoints", action="append", required=True, type=Path)
    given = parser.parse_args()
    try:
        key = read_key(given.key.read_text())
        places = [read_place(str(path), _content(path), key) for path in given.checkpoints]
        findings = [finding for place in places for finding in place.findings] + compare(places)
        effective = in_effect(places)
        newest = effective[-1] if effective else None
        reached = Reached()
        if given.events:
            reached = follow(read_events(given.events), hashes(effective))
            findings += filter(None, [reached.finding or ends_too_early(reached, newest)])
        code = outcome(places, findings)
    except (OSError, ValueError) as error:
        print(json.dumps({"outcome": OUTCOMES[CANNOT_TELL], "reason": str(error)}, ensure_ascii=False))
        return CANNOT_TELL
    facts = {
        "outcome": OUTCOMES[code],
        "events": reached.seq if given.events else None,
        "vouched_for_up_to_event": newest["seq"] if newest else None,
        "newest_checkpoint": newest["at"] if newest else None,
        "findings": [asdict(finding) for finding in findings],
    }
    print(json.dumps(facts, ensure_ascii=False, indent=2))
    return code


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


if __name__ == "__main__":
    sys.exit(main())
