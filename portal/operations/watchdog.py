"""End a worker that has gone deaf, so that whoever supervises it starts a new one.

After its connection to Redis broke at the wrong moment a Celery worker may stay alive for ever and hear
nothing more. Jobs come every minute and are safe after a crash, so silence means that something is wrong;
unless the broker itself is away, which a new worker would not mend.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal.operations import health

log = logging.getLogger(__name__)

SILENCE = 600.0  # seconds without a job, the broker answering all the while
TICK = 15.0  # seconds
DEAF = 75  # exit code: EX_TEMPFAIL of <sysexits.h>


@dataclass
class Watch:
    """When the worker last began a job, and since when the broker has answered; monotonic seconds."""

    heard_at: float
    answers_since: float | None = field(default=None)

    def is_deaf(self, *, now: float, answers: bool) -> bool:
        """Note whether the broker answers now; return whether the worker should have heard by now."""
        if not answers:
            self.answers_since = None
            return False
        if self.answers_since is None:
            self.answers_since = now
        return now - max(self.heard_at, self.answers_since) > SILENCE


_watch = Watch(heard_at=0.0)


def begin(**_facts: Any) -> None:
    """Watch over this worker from a thread of its own. Called when it is ready."""
    _watch.heard_at = time.monotonic()
    threading.Thread(target=_run, args=(os._exit,), name="watchdog", daemon=True).start()


def hear(**_facts: Any) -> None:
    """Note that a job begins."""
    _watch.heard_at = time.monotonic()


def _run(end: Callable[[int], None]) -> None:
    while True:
        time.sleep(TICK)
        if _watch.is_deaf(now=time.monotonic(), answers=health.broker_answers()):
            log.critical(
                "no job for %s s though the broker answers: this worker ends, to be started anew", SILENCE
            )
            end(DEAF)
