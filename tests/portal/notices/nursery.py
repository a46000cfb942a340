"""Workers, clocks and dispatchers by the hundred: `python -m tests.portal.notices.nursery FOLDER SHIFT`.

Each is a process of its own that a kill -9 ends like any other. They are forked from this one, which has
loaded everything once: starting one anew takes two seconds of a core, and a storm kills hundreds.

Lines on standard input, one answer each: `start worker|beat|dispatcher`, `kill PID`, `ask PYTHON`.
"""

import ctypes
import datetime as dt
import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

import django

LEASE = dt.timedelta(seconds=20)
"""In place of five minutes: a death costs a test less. Longer than a run of `RUN` and its last batch."""
RUN = 5.0  # seconds
TICK = 1.0  # seconds
PR_SET_PDEATHSIG = 1  # prctl(2)


def prepare(shift: float) -> None:
    """Load all of the portal, with a clock that stands in the morning of a working day."""
    django.setup()
    from django.utils import timezone

    from portal.celery import app
    from portal.notices import delivery, mails

    real = timezone.now
    timezone.now = lambda: real() + dt.timedelta(seconds=shift)
    mails.LEASE = LEASE
    delivery.deliver.__kwdefaults__["seconds"] = RUN
    app.loader.import_default_modules()
    mine = {name: row for name, row in app.conf.beat_schedule.items() if ".notices." in row["task"]}
    app.conf.beat_schedule = {name: row | {"schedule": TICK} for name, row in mine.items()}


def run(kind: str, folder: Path) -> None:
    from portal.celery import app

    quiet = ["--quiet"]
    match kind:
        case "worker":
            options = ["--pool=threads", "-c2", "--without-mingle", "--without-gossip", "--loglevel=ERROR"]
            app.start([*quiet, "worker", *options])
        case "beat":
            file = folder / f"clock-{os.getpid()}"
            app.start(
                [
                    *quiet,
                    "beat",
                    "--schedule",
                    str(file),
                    "--scheduler=celery.beat:Scheduler",
                    "--loglevel=ERROR",
                    "--pidfile=",
                ]
            )
        case "dispatcher":
            dispatch()


def dispatch() -> NoReturn:
    """Plan and deliver again and again, as somebody does by hand who has no Celery."""
    import time

    from django.db import DatabaseError, InterfaceError, connection
    from django.utils import timezone

    from portal.notices import delivery, planning

    while True:
        try:
            planning.plan(at=timezone.now())
            delivery.deliver(at=timezone.now())
        except (DatabaseError, InterfaceError):
            connection.close()
        time.sleep(TICK / 2)


def start(kind: str, folder: Path) -> int:
    pid = os.fork()
    if pid:
        return pid
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    nothing = os.open(os.devnull, os.O_RDWR)
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for target, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, target)
    try:
        run(kind, folder)
    finally:
        os._exit(1)


def kill(pid: int) -> str:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "dead"


def ask(expression: str) -> str:
    from django.db import connections

    from portal.notices import letters
    from portal.notices.models import Mail, Notice
    from tests.portal.notices import scratch

    names: dict[str, Any] = {"Mail": Mail, "Notice": Notice, "scratch": scratch, "letters": letters}
    try:
        return repr(eval(expression, names))
    except Exception as error:
        return f"! {type(error).__name__}: {error}".replace("\n", " ")
    finally:
        connections.close_all()  # nothing open is handed to a child


def main() -> None:
    folder, shift = Path(sys.argv[1]), float(sys.argv[2])
    prepare(shift)
    print("ready", flush=True)
    for line in sys.stdin:
        command, _space, rest = line.strip().partition(" ")
        match command:
            case "start":
                print(start(rest, folder), flush=True)
            case "kill":
                print(kill(int(rest)), flush=True)
            case "ask":
                print(ask(rest), flush=True)


if __name__ == "__main__":
    main()
