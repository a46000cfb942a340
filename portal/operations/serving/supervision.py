"""Start the processes of the Procfile, restart what dies, stop all of them.

Ctrl-C reaches every process of the terminal's group at once, and servers that get it twice, or
before their parent, hang. So each process leads a session of its own: only its leader is signalled,
and what is left of its group is killed after a grace.
"""

import contextlib
import ctypes
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

GRACE = 6  # seconds between the polite signal and the hard one
LONGEST_PAUSE = 30  # seconds before a restart
STEADY = 60  # seconds of life after which a death counts as the first again
TICK = 0.1  # seconds
PR_SET_PDEATHSIG = 1  # prctl(2)


class Process:
    """One line of the Procfile and the process that runs it."""

    def __init__(self, name: str, command: str) -> None:
        self.name = name
        self.command = [sys.executable if word == "python" else word for word in shlex.split(command)]
        self.deaths = 0
        self.start_at = 0.0  # monotonic seconds; when it may be started
        self.running: subprocess.Popen[bytes] | None = None

    def start(self, environment: Mapping[str, str]) -> None:
        self.start_at = time.monotonic()
        self.running = subprocess.Popen(
            self.command,
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one thread
        )

    def bury(self) -> int:
        """Note a death and return the pause before the next start, in seconds: 1, 2, 4 … 30."""
        lived = time.monotonic() - self.start_at
        self.deaths = 1 if lived > STEADY else self.deaths + 1
        pause: int = min(2 ** (self.deaths - 1), LONGEST_PAUSE)
        self.kill()
        self.start_at = time.monotonic() + pause
        self.running = None
        return pause

    def ask_to_stop(self) -> None:
        if self.running and self.running.poll() is None:
            self.running.terminate()

    def kill(self) -> None:
        """Kill whatever is left of the process and its children."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()


class Supervisor:
    """The processes together."""

    def __init__(self, processes: list[Process], environment: Mapping[str, str]) -> None:
        self.processes = processes
        self.environment = environment
        self.stopping = False

    def listen(self) -> None:
        """Stop on Ctrl-C, on a polite kill and when the terminal goes away."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def run_until(self, is_done: Callable[[], bool]) -> bool:
        """Start what is not running and watch. False when the stop came before `is_done`."""
        while not self.stopping:
            for process in self.processes:
                self._tend(process)
            if is_done():
                return True
            time.sleep(TICK)
        return False

    def _tend(self, process: Process) -> None:
        if process.running is None:
            if time.monotonic() >= process.start_at:
                process.start(self.environment)
            return
        code = process.running.poll()
        if code is not None:
            say(f"{process.name} ended with code {code}; starting it again in {process.bury()} s.")

    def stop(self) -> None:
        """Ask every process to stop, wait for the grace, kill what is left of their groups."""
        for process in self.processes:
            process.ask_to_stop()
        end = time.monotonic() + GRACE
        while time.monotonic() < end and any(p.running and p.running.poll() is None for p in self.processes):
            time.sleep(TICK)
        for process in self.processes:
            process.kill()


def read_procfile(path: Path) -> list[Process]:
    """Return the processes of a Procfile; each command starts with `python` or a program in PATH."""
    lines = (line.partition(":") for line in path.read_text().splitlines() if line.strip())
    return [Process(name, command.strip()) for name, _, command in lines]


def say(line: str) -> None:
    """Print one line to the operator."""
    print(line, file=sys.stderr, flush=True)


def _die_with_parent() -> None:
    """In the child, before exec: get SIGTERM when the supervisor is killed the hard way (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
