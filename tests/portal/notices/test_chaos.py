"""A storm: workers, clocks and dispatchers are killed by the hundred while notices come in.

Redis forgets everything and goes away, PostgreSQL is stopped at once, the mail server is down for a while.
What must hold: each notice stands once, each mail arrives at least once, always under one Message-ID.
"""

import datetime as dt
import email
import math
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_client
from aiosmtpd.controller import Controller

from portal.lib.dates import LOCAL
from tests import scale
from tests.portal.notices.scratch import ROOT, ScratchPortal, environment
from tests.servers import REDIS, Cluster, SmtpSink, cluster, free_port, postgres_folder, wait_for_port

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.soak]

KILLS = scale.of(ci=24, full=500)
SUBJECTS = scale.of(ci=60, full=3340)
"""Assignments; of each two notices are planned, of which one replaces the other, and one is told at once."""
WAVES = scale.of(ci=3, full=20)
DIGESTS = WAVES * math.ceil(SUBJECTS // WAVES / 10)
"""Of each wave one a person, who has ten of its assignments at most."""
PATIENCE = 600  # seconds until the rest has arrived, once the storm is over
MORNING = dt.datetime(2026, 11, 24, 7, 30, tzinfo=LOCAL)  # a Tuesday
CREW = ("worker", "worker", "beat", "beat", "dispatcher", "dispatcher")


class Redis:
    """A Redis that can go away and come back."""

    def __init__(self) -> None:
        self.port, self.running = free_port(), None
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self.running = subprocess.Popen(
            [REDIS.find(), *options], stdout=subprocess.DEVNULL, cwd=tempfile.gettempdir()
        )
        wait_for_port(self.port)

    def stop(self) -> None:
        self.running.kill()
        self.running.wait()


class MailServer:
    """Keeps what it is given, and can be away."""

    def __init__(self) -> None:
        self.sink = SmtpSink("127.0.0.1", free_port(), [])
        self.running: Controller | None = None

    async def handle_DATA(self, server, session, envelope) -> str:
        self.sink.envelopes.append(envelope)
        return "250 OK"

    def start(self) -> None:
        self.running = Controller(self, hostname=self.sink.host, port=self.sink.port)
        self.running.start()

    def stop(self) -> None:
        self.running.stop()


class Crew:
    """The processes of the portal under storm, forked by the nursery."""

    def __init__(self, variables: dict[str, str], folder: Path) -> None:
        shift = (MORNING - dt.datetime.now(dt.UTC)).total_seconds()
        command = [sys.executable, "-m", "tests.portal.notices.nursery", str(folder), str(shift)]
        self.nursery = subprocess.Popen(
            command, cwd=ROOT, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.nursery.stdout.readline().strip() == "ready"
        self.alive: dict[int, str] = {}

    def say(self, line: str) -> str:
        self.nursery.stdin.write(line + "\n")
        self.nursery.stdin.flush()
        return self.nursery.stdout.readline().strip()

    def start(self, kind: str) -> None:
        self.alive[int(self.say(f"start {kind}"))] = kind

    def kill(self, pid: int) -> str:
        assert self.say(f"kill {pid}") == "dead"
        return self.alive.pop(pid)

    def ask(self, expression: str) -> object:
        said = self.say(f"ask {expression}")
        assert not said.startswith("! "), said
        return eval(said)

    def end(self) -> None:
        self.nursery.stdin.close()
        self.nursery.kill()
        self.nursery.wait()


class Storm:
    """Everything that can go away, and the order in which it does."""

    def __init__(self, crew: Crew, redis: Redis, database: Cluster, mail: MailServer) -> None:
        self.crew, self.redis, self.database, self.mail = crew, redis, database, mail
        self.dice = random.Random(6)
        self.done: Counter[str] = Counter()

    def blow(self) -> None:
        """Kill KILLS processes one after the other; start each anew; add waves and accidents between."""
        for kind in CREW:
            self.crew.start(kind)
        waves = {KILLS * number // WAVES for number in range(WAVES)}
        accidents = [self.forget, self.lose_redis, self.stop_database, self.lose_mail]
        times = {KILLS * (number + 1) // 13: accidents[number % 4] for number in range(12)}
        for number in range(KILLS):
            if number in waves:
                self.crew.ask(f"scratch.wave({SUBJECTS // WAVES})")
            if number in times:
                times[number]()
            time.sleep(self.dice.uniform(0.05, 0.7))
            killed = self.crew.kill(self.dice.choice(list(self.crew.alive)))
            self.done[f"{killed}_killed"] += 1
            self.crew.start(killed)

    def forget(self) -> None:
        redis_client.Redis.from_url(self.redis.url).flushall()
        self.done["redis_flushed"] += 1

    def lose_redis(self) -> None:
        self.redis.stop()
        time.sleep(4)
        self.redis.start()
        self.done["redis_away"] += 1

    def stop_database(self) -> None:
        self.database.stop("immediate")
        time.sleep(2)
        self.database.start()
        self.done["postgresql_stopped"] += 1

    def lose_mail(self) -> None:
        self.mail.stop()
        time.sleep(3)
        self.mail.start()
        self.done["mail_server_away"] += 1

    def settle(self) -> None:
        """Let the crew finish in peace."""
        end = time.monotonic() + PATIENCE
        loose = "Notice.objects.filter(mail_state='waiting').count()"
        unsent = f"{loose} + Mail.objects.exclude(mail_state='sent').count()"
        wanted = 3 * (SUBJECTS // WAVES * WAVES)
        while self.crew.ask("Notice.objects.count()") < wanted or self.crew.ask(unsent):
            assert time.monotonic() < end, f"{self.crew.ask(unsent)} still wait"
            time.sleep(1)


@pytest.fixture
def storm(tmp_path) -> Iterator[Storm]:
    if not (REDIS.find() and postgres_folder()):
        pytest.skip("needs Redis and PostgreSQL")
    redis, mail = Redis(), MailServer()
    with cluster(keeps=True) as database:
        settings = {"REDIS_URL": redis.url, "EMAIL_URL": mail.sink.url, "LOG_FORMAT": "text"}
        variables = environment(tmp_path, database.url) | settings
        ScratchPortal(variables).manage("migrate", "--verbosity=0")
        redis.start()
        mail.start()
        crew = Crew(variables, tmp_path)
        try:
            yield Storm(crew, redis, database, mail)
        finally:
            crew.end()
            mail.stop()
            redis.stop()


def test_storm_loses_and_doubles_no_notice(storm, evidence, capsys):
    began = time.monotonic()
    storm.blow()
    storm.settle()
    count = SUBJECTS // WAVES * WAVES
    rules = storm.crew.ask("list(Notice.objects.values_list('rule', 'mail_state', 'is_shown').order_by())")
    assert Counter(rules) == {
        ("-15", "skipped", False): count,
        ("-7", "sent", True): count,
        ("rejected", "sent", True): count,
    }
    keys = storm.crew.ask("len(set(Notice.objects.values_list('subject_id', 'recipient_id', 'rule')))")
    assert keys == 3 * count
    wanted = storm.crew.ask("[letters.message_id(mail) for mail in Mail.objects.select_related('first')]")
    arrived = Counter(
        email.message_from_bytes(envelope.content)["Message-ID"] for envelope in storm.mail.sink.envelopes
    )
    assert set(arrived) == set(wanted), "each mail arrived, and under no other Message-ID"
    assert len(wanted) == len(set(wanted)) == count + DIGESTS
    figures = {
        "notices": 3 * count,
        "mails": len(wanted),
        "digests": DIGESTS,
        "kills": KILLS,
        "doubled_mails": sum(arrived.values()) - len(arrived),
        "seconds": round(time.monotonic() - began),
        **storm.done,
    }
    evidence("reminders-in-a-storm", **figures)
    with capsys.disabled():
        print(f"\n{figures}")
    assert sum(number for name, number in storm.done.items() if name.endswith("_killed")) == KILLS
