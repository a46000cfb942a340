"""What must hold before the portal starts. Uses nothing but the standard library.

Every failure is a CannotStart, printed as one line that says what to change.
"""

import errno
import fcntl
import os
import socket
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

OLDEST_PYTHON = (3, 11)
LAST_PORT = 65535
LOOPBACK = frozenset({"127.0.0.1", "::1"})
EVERY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to


class CannotStart(Exception):
    """The portal cannot start; the text is one line for the operator."""


@dataclass(frozen=True)
class Address:
    """Where the portal listens: `host` as it was given, `ip` as it is bound."""

    host: str
    ip: str
    port: int

    @property
    def url(self) -> str:
        """What a person on this machine types."""
        host = "localhost" if self.host in EVERY_ADDRESS else self.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        return self.ip in LOOPBACK


def python_version() -> None:
    """Refuse a Python that is too old."""
    if sys.version_info < OLDEST_PYTHON:
        found, needed = (".".join(map(str, v)) for v in (sys.version_info[:3], OLDEST_PYTHON))
        raise CannotStart(f"Python {found} is too old; the portal needs {needed} or newer.")


def data_folder(given: str) -> Path:
    """Return DATA_DIR, made if need be; refuse one that cannot be written."""
    folder = Path(given).resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise CannotStart(
            f"DATA_DIR {folder} cannot be written ({error.strerror}); "
            "choose another: DATA_DIR=<folder> make run"
        ) from error


def address(host: str, port: str) -> Address:
    """Return where to listen; refuse a port that is taken or an address that is not ours."""
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= LAST_PORT):
        raise CannotStart(f"PORT={port} is not a port number; choose one: PORT=8000 make run")
    found = Address(host, _resolve(host), int(port))
    family = socket.AF_INET6 if ":" in found.ip else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just left is free
        try:
            probe.bind((found.ip, found.port))
            probe.listen(1)
        except OSError as error:
            raise CannotStart(_why_not(found, error)) from error
    return found


def _resolve(host: str) -> str:
    if host == "localhost":
        return "127.0.0.1"  # on machines where ::1 comes first, browsers fall back to this one
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        raise CannotStart(f"HOST={host} is not a known address; leave it out for localhost") from error


def _why_not(found: Address, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        other = found.port + 1 if found.port < LAST_PORT else found.port - 1
        return f"Port {found.port} is taken; choose another: PORT={other} make run"
    if error.errno == errno.EACCES:
        return f"Port {found.port} is reserved for root; choose another: PORT=8000 make run"
    return f"HOST={found.host} is not an address of this machine ({error.strerror})"


def alone(folder: Path) -> IO[str]:
    """Wait until no other start prepares this DATA_DIR; closing the file lets the next one go on."""
    lock = (folder / "starting.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Waiting for another start on this DATA_DIR to finish preparing …", file=sys.stderr)
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def follow_address(found: Address) -> None:
    """Let PUBLIC_URL and ALLOWED_HOSTS follow HOST and PORT unless they are set."""
    public = urlsplit(os.environ.setdefault("PUBLIC_URL", found.url)).hostname or ""
    names = dict.fromkeys(["localhost", "127.0.0.1", "::1", found.host, public])
    wanted = [f"[{name}]" if ":" in name else name for name in names if name and name not in EVERY_ADDRESS]
    os.environ.setdefault("ALLOWED_HOSTS", ",".join(wanted))
