"""A portal that runs as deployed, in a process of its own, and what its processes are.

As a program it keeps the Procfile's web process alone, with the supervisor of `make run`.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from portal.operations.serving import supervision
from tests.browser import demo
from tests.servers import free_port, wait_for_port

ONE_COMMAND = ("-m", "portal.operations.serving")
"""What `make run` starts: database prepared, web process, worker and beat."""
WEB_ALONE = ("-m", "tests.crowd.serving")
YOUNGEST = 6.0  # seconds: granian gives up when one of its workers dies twice within 5.5


def world(portal: demo.Demo, statement: str) -> dict:
    """Run a statement with tests.crowd.world in the portal's shell and return what it printed."""
    said = portal.python("from tests.crowd import world", f"world.{statement}")
    return json.loads(said.splitlines()[-1])


@dataclass(frozen=True)
class Running:
    """A portal that answers, and the process id of its supervisor."""

    portal: demo.Demo
    pid: int

    def kill_worker(self) -> bool:
        """Kill the oldest web worker; return whether there was one that had lived long enough."""
        webs = [pid for pid in _children(self.pid) if b"granian" in _command(pid)]
        ages = {worker: _age(worker) for web in webs for worker in _children(web)}
        oldest = max(ages, key=ages.__getitem__, default=0)
        if ages.get(oldest, 0.0) <= YOUNGEST:
            return False
        os.kill(oldest, signal.SIGKILL)
        return True


@contextmanager
def running(folder: Path, database_url: str | None, *how: str) -> Iterator[Running]:
    """Run a portal without any data, prepared first on a PostgreSQL that is named; `how` starts it."""
    port = free_port()
    if database_url:
        empty = demo.empty(folder, database_url)
    else:
        names = ("SECRET_KEY", "KEY_ENCRYPTION_KEY")
        given = {"DEMO": "0", **{name: secrets.token_urlsafe(60) for name in names}}
        empty = demo.Demo(folder, f"sqlite:///{folder}/portal.sqlite3", given=given)
        folder.mkdir(parents=True)
    portal = replace(empty, url=f"http://localhost:{port}")
    place = {"PORT": str(port), "GRANIAN_HOST": "127.0.0.1", "GRANIAN_PORT": str(port)}
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, *how], cwd=demo.BASE, env=portal.environment | place, stdout=log, stderr=log
        )
        try:
            wait_for_port(port, seconds=120)
            yield Running(portal, server.pid)
        finally:
            server.terminate()
            server.wait(30)


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:  # it has just ended
        return []


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _age(pid: int) -> float:
    """Return for how many seconds a process has run; 0 when it has ended."""
    try:
        state, *facts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    begun = int(facts[18]) / os.sysconf("SC_CLK_TCK")
    return 0.0 if state == "Z" else time.clock_gettime(time.CLOCK_BOOTTIME) - begun


def keep_web_alone() -> None:
    """Run the web process of the Procfile until told to stop."""
    lines = supervision.read_procfile(demo.BASE / "Procfile")
    supervisor = supervision.Supervisor([one for one in lines if one.name == "web"], os.environ)
    supervisor.listen()
    supervisor.run_until(lambda: False)
    supervisor.stop()


if __name__ == "__main__":
    keep_web_alone()
