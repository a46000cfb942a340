"""Signed checkpoints of the chain, in files outside the database.

Each place (CHECKPOINT_DIRS) holds the same append-only file, one line of JSON a checkpoint, and the
public key. The key is made on first use and signs nothing else; verifier.py says what a line holds.
"""

import base64
import datetime as dt
import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.conf import settings

from portal.audit import verifier
from portal.audit.models import Event, Head

log = logging.getLogger(__name__)

FILE = "checkpoints.jsonl"
PUBLIC_KEY = "audit-key.pem"
_PRIVATE_KEY = "private.pem"
SHORTEST_GAP = dt.timedelta(minutes=5)
"""At most one checkpoint in this time, however busy the portal is."""


class CheckpointRefused(Exception):
    """The chain does not continue the newest checkpoint, or the key is gone: nothing was signed."""


def write(*, at: dt.datetime, set_back: str = "", gap: dt.timedelta = SHORTEST_GAP) -> dict[str, Any] | None:
    """Sign where the chain stands, in every place; None when there is nothing new or it is too early.

    `set_back` is the reason of an operator who restored an older copy of the database; only then may
    a checkpoint vouch for less than the one before it. Raises CheckpointRefused, OSError.

    1. Lock out other writers. 2. Read the places, mend those that were cut short by a crash.
    3. Refuse a chain that does not continue the newest checkpoint. 4. Sign. 5. Append and fsync.
    """
    with _alone():
        places = _read_all()
        newest = _newest(places)
        head = Head.objects.get(pk=1)
        if not set_back:
            if newest and (newest["seq"], newest["head_sha256"]) == (head.seq, head.sha256):
                _level(places)
                return None
            if newest and at - dt.datetime.fromisoformat(newest["at"]) < gap:
                return None
            _check_continues(newest, head)
        if head.seq == 0:
            return None
        key = _private_key(may_make=newest is None and all(p.whole_size == 0 for p in places))
        checkpoint = _sign(key, newest, head, at=at, set_back=set_back)
        _level(places)
        line = json.dumps(checkpoint, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        written = [_append(Path(place.name), line) for place in places if _agrees(place, newest)]
        if not any(written):
            raise CheckpointRefused("no place could be written")
        return checkpoint


def read_all() -> list[verifier.Place]:
    """Read and check every place while nobody writes."""
    with _alone():
        return _read_all()


def public_key() -> str | None:
    """Return the public key as PEM, or None before the first checkpoint."""
    try:
        return (settings.CHECKPOINT_KEY_DIR / PUBLIC_KEY).read_text()
    except FileNotFoundError:
        return None


def key_sha256(pem: str) -> str:
    """Return the fingerprint of a public key: the SHA-256 (hex) of its DER form."""
    key = serialization.load_pem_public_key(pem.encode())
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    digest = hashes.Hash(hashes.SHA256())
    digest.update(key.public_bytes(*form))
    return digest.finalize().hex()


# --- Places ---------------------------------------------------------------------------------------
def files() -> list[Path]:
    """Return the checkpoint file of each place."""
    return [Path(folder) / FILE for folder in settings.CHECKPOINT_DIRS]


def _read_all() -> list[verifier.Place]:
    pem = public_key()
    key = verifier.read_key(pem) if pem else (0, 0)
    return [verifier.read_place(str(path), _content(path), key) for path in files()]


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _newest(places: list[verifier.Place]) -> dict[str, Any] | None:
    longest = max(places, key=lambda place: len(place.checkpoints))
    return longest.checkpoints[-1] if longest.checkpoints else None


def _agrees(place: verifier.Place, newest: dict[str, Any] | None) -> bool:
    return (place.checkpoints[-1] if place.checkpoints else None) == newest


def _level(places: list[verifier.Place]) -> None:
    """Bring places that stopped short up to the longest: a crash or an unreachable disk left them so.

    A place that says something else is evidence and stays untouched; verify_audit names it.
    """
    longest = max(places, key=lambda place: len(place.checkpoints))
    content = (_content(Path(longest.name)) or b"")[: longest.whole_size]
    for place in places:
        path = Path(place.name)
        own = _content(path) or b""
        whole, torn = own[: place.whole_size], own[place.whole_size :]
        if own == content or not content.startswith(whole) or b"\n" in torn:
            continue
        if torn:
            os.truncate(path, place.whole_size)
        if _append(path, content[place.whole_size :]):
            log.warning(
                "%s lacked checkpoints from %s on; they were copied", path, len(place.checkpoints) + 1
            )
            place.checkpoints = list(longest.checkpoints)


def _append(path: Path, lines: bytes) -> bool:
    """Append and fsync, with the public key beside; log and go on when the place cannot be written."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_new = not path.exists()
        with path.open("ab") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            (path.parent / PUBLIC_KEY).write_text(public_key() or "")
            _sync_folder(path.parent)
    except OSError:
        log.exception("no checkpoint in %s", path)
        return False
    return True


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


# --- What is signed -------------------------------------------------------------------------------
def _check_continues(newest: dict[str, Any] | None, head: Head) -> None:
    """Refuse to vouch for a chain that an earlier checkpoint contradicts."""
    if newest is None:
        return
    found = Event.objects.filter(seq=newest["seq"]).values_list("sha256", flat=True).first()
    if head.seq < newest["seq"] or found != newest["head_sha256"]:
        raise CheckpointRefused(
            f"the chain does not continue checkpoint {newest['number']}: run verify_audit"
        )


def _sign(
    key: rsa.RSAPrivateKey, newest: dict[str, Any] | None, head: Head, *, at: dt.datetime, set_back: str
) -> dict[str, Any]:
    checkpoint = {
        "kind": verifier.KIND,
        "number": newest["number"] + 1 if newest else 1,
        "at": at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "seq": head.seq,
        "count": Event.objects.filter(seq__lte=head.seq).count(),
        "head_sha256": head.sha256,
        "prev_sha256": verifier.checkpoint_sha256(newest),
        "key_sha256": key_sha256(public_key() or ""),
        "set_back": set_back,
    }
    if checkpoint["count"] != head.seq:
        raise CheckpointRefused("the chain has a gap: run verify_audit")
    signature = key.sign(verifier.signed_text(checkpoint), padding.PKCS1v15(), hashes.SHA256())
    return checkpoint | {"signature": base64.b64encode(signature).decode()}


def _private_key(*, may_make: bool) -> rsa.RSAPrivateKey:
    """Return the key, made on first use, before there is any checkpoint; never made anew after."""
    path = settings.CHECKPOINT_KEY_DIR / _PRIVATE_KEY
    if not path.exists():
        if not may_make:
            raise CheckpointRefused("the key of the checkpoints is missing: restore it from the backup")
        _make_key(path)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise CheckpointRefused(f"{path} holds no RSA key")
    return key


def _make_key(path: Path) -> None:
    """Write the private key readable by the portal only, then the public one."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=verifier.SHORTEST_KEY)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (path.parent / PUBLIC_KEY).write_bytes(public)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(private)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(path.parent)


@contextmanager
def _alone() -> Iterator[None]:
    """Keep other processes of this machine from reading or writing checkpoints meanwhile."""
    folder = settings.CHECKPOINT_KEY_DIR
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
