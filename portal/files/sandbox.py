"""Look at a stranger's file in a process of its own: the only door to code that parses such bytes.

The child (portal.files.worker) gets the open file as its standard input and nothing else: no
environment, neither network nor file system where the kernel lets us take them away, few open files,
bounded time and memory, and no way to write more than its answer. Whatever happens to it is a refusal;
the caller never sees an exception but for a portal that is busy.
"""

import contextlib
import fcntl
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _

from portal.files.worker import confinement
from portal.files.worker.findings import Kind, Reason
from portal.lib.errors import BusyError

log = logging.getLogger(__name__)

CPU_SECONDS = 10
WALL_SECONDS = 30
"""A child that waits for a loaded machine, or sleeps."""

MEMORY = 512 * 1024 * 1024
"""Bytes of address space: what malloc can get, not what is in RAM."""

ANSWER = 4096
"""Bytes that a child can write anywhere: its answer has some fifty."""

AT_ONCE = 2
"""Children at one time on one machine, whatever the number of web processes."""

PATIENCE = 20.0  # seconds to wait for one of them

# Limits come first: no parser is imported before they hold. `-I` and the empty environment keep the
# caller's Python settings out; the parent folder goes last in the path, because `calendar` is in it.
# `-B`, because with a limit on what is written Python would leave half a .pyc and not notice.
BEGINNING = """
import resource as r, sys
for limit, most in (
    (r.RLIMIT_CPU, {cpu_seconds}), (r.RLIMIT_AS, {memory}), (r.RLIMIT_CORE, 0),
    (r.RLIMIT_NOFILE, 32), (r.RLIMIT_FSIZE, {answer}), (r.RLIMIT_NPROC, 0),
):
    r.setrlimit(limit, (most, most))
sys.path.append(sys.argv[1])
from files.worker import confinement
confinement.close(*sys.argv[1:])
"""

# Listing the folder above a package is not allowed in there, so Python would not find it.
OF_PACKAGE = """
import types
package = types.ModuleType("{name}")
package.__path__ = [sys.argv[2]]
sys.modules["{name}"] = package
from {module} import main
main()
"""


def command(work: str, *code: str, cpu_seconds: int, memory: int, answer: int) -> tuple[str, ...]:
    """Return the command of a child that takes on these limits, then runs the statements `work`.

    It reads the folder of portal.files' parent and the folders `code`, and no others of ours.
    """
    boot = BEGINNING.format(cpu_seconds=cpu_seconds, memory=memory, answer=answer) + work
    return (sys.executable, "-I", "-B", "-c", boot, str(Path(__file__).resolve().parents[1]), *code)


COMMAND = command(
    "from files.worker.main import main\nmain()\n", cpu_seconds=CPU_SECONDS, memory=MEMORY, answer=ANSWER
)


def command_of(
    package: Path,
    module: str,
    *,
    cpu_seconds: int = CPU_SECONDS,
    memory: int = MEMORY,
    answer: int = ANSWER,
) -> tuple[str, ...]:
    """Return the command of a child that runs `main` of a module of another package, without its __init__."""
    work = OF_PACKAGE.format(name=package.name, module=module)
    return command(work, str(package), cpu_seconds=cpu_seconds, memory=memory, answer=answer)


@dataclass(frozen=True)
class Look:
    """What came of it: the kind and pages of an accepted file, or why it is refused.

    `isolated` says whether the child was without network and file system.
    """

    kind: Kind | None
    pages: int = 0
    refused: Reason | None = None
    isolated: bool = True


def look(file: IO[bytes], *, command: tuple[str, ...] = COMMAND) -> Look:
    """Parse an open file of the file system in a child. Raises BusyError when too many wait.

    `command` is for tests of children that misbehave.
    """
    answer = ask(file, command=command)
    isolated = bool(without_network()) and has_landlock()
    if answer is None:
        return Look(None, refused=Reason.CRASHED, isolated=isolated)
    kind, pages, refused = _read(answer)
    return Look(kind, pages, refused, isolated)


def ask(file: IO[bytes], *, command: tuple[str, ...], most: int = ANSWER) -> bytes | None:
    """Return what a child writes about an open file, at most so many bytes; None when it does not end well.

    The caller believes nothing of it but what it checks. Raises BusyError when too many wait.
    """
    with _slot(), tempfile.TemporaryFile() as answer:
        file.seek(0)
        status = run((*without_network(), *command), file, answer, wall_seconds=WALL_SECONDS)
        if status != 0:
            log.warning("the sandbox refused a file: its child ended with %s", status)
            return None
        answer.seek(0)
        return answer.read(most + 1)


def run(command: tuple[str, ...], file: IO[bytes], answer: IO[bytes], *, wall_seconds: float) -> int | str:
    """Return how the child ended, 0 for well; it and whatever it started are gone then."""
    child = subprocess.Popen(
        command,
        stdin=file,
        stdout=answer,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={},
        start_new_session=True,
    )
    try:
        return child.wait(wall_seconds)
    except subprocess.TimeoutExpired:
        return "timeout"
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _read(answer: bytes) -> tuple[Kind | None, int, Reason | None]:
    """Believe nothing of an answer but the shape that the worker writes."""
    try:
        told: dict[str, Any] = json.loads(answer)
        if "refused" in told:
            return None, 0, Reason(told["refused"])
        pages = int(told["pages"])
        if not 0 <= pages <= 10_000:
            raise ValueError("pages")
        return Kind(told["kind"]), pages, None
    except (ValueError, KeyError, TypeError):
        log.warning("the sandbox refused a file: its child answered nonsense")
        return None, 0, Reason.CRASHED


@cache
def without_network() -> tuple[str, ...]:
    """Return what to put before a command to take the network away, () where the system allows it to nobody.

    Root can make an empty network, others only inside a user namespace of their own.
    """
    unshare = shutil.which("unshare")
    options = ("--net",) if os.geteuid() == 0 else ("--user", "--map-current-user", "--net")
    if unshare:
        probe = subprocess.run((unshare, *options, "true"), capture_output=True, timeout=10, check=False)
        if probe.returncode == 0:
            return (unshare, *options, "--")
    log.warning("uploads are parsed without a network namespace: unshare is missing or not allowed")
    return ()


@cache
def has_landlock() -> bool:
    """Return whether the kernel keeps the child out of the file system."""
    if confinement.version():
        return True
    log.warning("uploads are parsed by a process that can read files: this kernel has no Landlock")
    return False


@contextlib.contextmanager
def _slot() -> Iterator[None]:
    """Hold one of the places on this machine; a process that dies gives its place back."""
    folder = Path(settings.INCOMING_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    deadline = time.monotonic() + PATIENCE
    with contextlib.ExitStack() as files:
        places = [files.enter_context((folder / f"slot-{n}.lock").open("wb")) for n in range(AT_ONCE)]
        while not any(_take(place) for place in places):
            if time.monotonic() > deadline:
                raise BusyError(_("Too many files are being checked just now. Please send it again."))
            time.sleep(0.05)
        yield


def _take(place: IO[bytes]) -> bool:
    """Take the place, if it is free."""
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
