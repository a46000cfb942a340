"""Trouble at random moments, drawn from a seed: workers killed, PostgreSQL stopped and started."""

import threading
import time
from collections import Counter
from random import Random

from tests.crowd.serving import Running
from tests.servers import Cluster


class Storm(threading.Thread):
    """So many blows within so many seconds, while the crowd signs; `done` counts them."""

    def __init__(
        self,
        running: Running,
        server: Cluster | None,
        *,
        kills: int,
        stops: int,
        within: float,
        chance: Random,
    ) -> None:
        super().__init__(name="storm")
        self.running, self.server, self.chance = running, server, chance
        blows = [self.kill] * kills + [self.stop] * stops
        moments = sorted(chance.uniform(0, within) for _blow in blows)
        chance.shuffle(blows)
        self.plan = list(zip(moments, blows, strict=True))
        self.done = Counter({"workers killed": 0, "databases stopped": 0})

    def run(self) -> None:
        begun = time.monotonic()
        for moment, blow in self.plan:
            time.sleep(max(0.0, begun + moment - time.monotonic()))
            blow()

    def kill(self) -> None:
        while not self.running.kill_worker():
            time.sleep(0.2)
        self.done["workers killed"] += 1

    def stop(self) -> None:
        assert self.server is not None
        self.server.stop("immediate")
        time.sleep(self.chance.uniform(0.1, 2))
        self.server.start()
        self.done["databases stopped"] += 1
