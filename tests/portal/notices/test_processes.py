"""With real processes: races, kill -9, a mail server that is down, Celery's worker and clock.

What must hold whatever happens: each notice stands once in the database, and its mail arrives at
least once, always under the same Message-ID.
"""

import asyncio
import datetime as dt
import email
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.header import decode_header, make_header
from email.message import Message

import pytest
import redis as redis_client
from aiosmtpd.controller import Controller
from django.utils import timezone

from tests.portal.notices.scratch import SETUP, ScratchDatabase, ScratchPortal, environment
from tests.servers import SmtpSink, free_port

pytestmark = [pytest.mark.slow, pytest.mark.django_db]  # the database is one of its own, of the same kind

SEED = "scratch.seed({count}, days=7)"
TELL = "scratch.tell({count}, days=7)"
"""Mails that leave at whatever hour this runs."""


@pytest.fixture
def portal(tmp_path) -> Iterator[ScratchPortal]:
    with ScratchDatabase(tmp_path) as url:
        yield ScratchPortal(environment(tmp_path, url))


def counts(portal: ScratchPortal) -> tuple[int, int]:
    """Return how many notices are urgent, and how many of them are mailed."""
    told = "Notice.objects.filter(rule='rejected')"
    said = portal.ask(f"{told}.count(), {told}.filter(mail_state='sent').count()")
    first, second = said.split()
    return int(first), int(second)


def message_ids(sink: SmtpSink) -> Counter[str]:
    """Count the urgent mails by their Message-ID; those of the day depend on the hour of this run."""
    mails = [email.message_from_bytes(envelope.content) for envelope in sink.envelopes]
    return Counter(mail["Message-ID"] for mail in mails if "Chưa đạt" in subject(mail))


def subject(mail: Message) -> str:
    return str(make_header(decode_header(mail["Subject"])))


@contextmanager
def mail_server(sink: SmtpSink, *, seconds: float = 0) -> Iterator[SmtpSink]:
    """Listen at the sink's address, taking so long over each mail."""

    class Keep:
        async def handle_DATA(self, server, session, envelope):
            await asyncio.sleep(seconds)
            sink.envelopes.append(envelope)
            return "250 OK"

    controller = Controller(Keep(), hostname=sink.host, port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


@pytest.fixture
def down() -> SmtpSink:
    """A mail server that is not up yet."""
    return SmtpSink("127.0.0.1", free_port(), [])


def in_minutes(minutes: int) -> str:
    return (timezone.now() + dt.timedelta(minutes=minutes)).isoformat()


def wait_until(true: Callable[[], bool], *, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)


def test_sweeps_at_once_plan_each_notice_once(portal):
    portal.ask(SEED.format(count=200))
    sweeps = [portal.start("manage.py", "plan_reminders") for _ in range(4)]
    said = [sweep.communicate(timeout=180)[0] for sweep in sweeps]
    assert [sweep.returncode for sweep in sweeps] == [0] * 4, said
    planned = sum(int(line.split()[0]) for line in said)
    assert planned == int(portal.ask("Notice.objects.count()")) == 400
    assert portal.ask("Notice.objects.shown().count()") == "200"


HELD_SWEEP = f"""{SETUP}
from django.db import transaction
from django.utils import timezone
from portal.notices import planning
with transaction.atomic():
    print(planning.plan(at=timezone.now()), flush=True)
    input()
"""


@pytest.mark.both
def test_sweep_beside_one_that_has_not_committed_waits_and_adds_nothing(portal):
    portal.ask(SEED.format(count=20))
    first = portal.start("-c", HELD_SWEEP)
    assert first.stdout.readline().strip() == "40"
    second = portal.start("manage.py", "plan_reminders")
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(timeout=5)
    first.communicate("go on", timeout=180)
    assert second.communicate(timeout=180)[0].strip() == "0 notices planned"
    assert second.returncode == 0


def test_workers_at_once_send_each_mail_once(portal, smtp_sink):
    portal.ask(TELL.format(count=200))
    workers = [portal.start("manage.py", "deliver_notices", EMAIL_URL=smtp_sink.url) for _ in range(4)]
    said = [worker.communicate(timeout=180)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 4, said
    assert set(message_ids(smtp_sink).values()) == {1}
    assert len(smtp_sink.envelopes) == 200


def test_killed_workers_lose_no_mail(portal, down):
    portal.ask(TELL.format(count=120))
    with mail_server(down, seconds=0.05) as sink:
        for kill in range(1, 5):
            seen = len(sink.envelopes)
            worker = portal.start(
                "manage.py", "deliver_notices", "--at", in_minutes(6 * kill), EMAIL_URL=sink.url
            )
            wait_until(lambda seen=seen: len(sink.envelopes) >= seen + 5)
            worker.kill()
            worker.communicate()
        assert counts(portal)[1] < 120
        portal.manage("deliver_notices", "--at", in_minutes(60), EMAIL_URL=sink.url)
    assert counts(portal) == (120, 120)
    assert len(message_ids(sink)) == 120


def test_server_that_was_down_gets_all_mails_once_it_is_up(portal, down):
    portal.ask(TELL.format(count=5))
    said = portal.manage("deliver_notices", EMAIL_URL=down.url)
    assert said.endswith("0 sent, 0 skipped, 5 put back, 0 given up")
    with mail_server(down) as sink:
        assert portal.manage("deliver_notices", EMAIL_URL=sink.url).startswith("5 sent")
    assert len(message_ids(sink)) == 5


CELERY = ("-m", "celery", "-A")
WORKER = (*CELERY, "portal", "worker", "--pool=threads", "-c2", "--without-mingle", "--without-gossip")
BEAT = (*CELERY, "tests.portal.notices.quick_clock", "beat", "--schedule")
DECLARE_QUEUE = """
from portal.celery import app
with app.connection_for_write() as link:
    app.amqp.queues[app.conf.task_default_queue].bind(link.default_channel).declare()
"""


def test_without_redis_a_doubled_clock_tells_everyone_once(portal, smtp_sink, tmp_path):
    portal.run("-c", DECLARE_QUEUE)
    told_by_celery(portal, smtp_sink, tmp_path, redis_url="")


@pytest.mark.redis
def test_redis_that_loses_everything_loses_no_reminder(portal, smtp_sink, tmp_path, redis_url):
    told_by_celery(portal, smtp_sink, tmp_path, redis_url=redis_url)


def told_by_celery(portal: ScratchPortal, sink: SmtpSink, folder, *, redis_url: str) -> None:
    """Run a worker and two clocks; seed, let the broker forget, kill the worker, seed nothing twice."""
    settings = {"EMAIL_URL": sink.url, "REDIS_URL": redis_url, "LOG_FORMAT": "text"}
    portal.ask(TELL.format(count=30))
    processes = [portal.start(*WORKER, **settings)]
    processes += [portal.start(*BEAT, str(folder / f"clock-{n}"), **settings) for n in (1, 2)]
    try:
        wait_until(lambda: len(sink.envelopes) >= 10)
        processes[0].kill()
        if redis_url:
            redis_client.Redis.from_url(redis_url).flushall()
        processes.append(portal.start(*WORKER, **settings))
        # Mails that the dead worker had in hand wait for the end of its lease: that is hastened here.
        portal.ask("Mail.objects.filter(mail_state='sending').update(leased_until='2020-01-01T00:00Z')")
        wait_until(lambda: len(message_ids(sink)) == 30)
        wait_until(lambda: counts(portal) == (30, 30))
        wait_until(lambda: int(portal.ask("Notice.objects.count()")) >= 90)  # the sweep may come after
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    urgent = "Mail.objects.exclude(first=None).count()"
    assert portal.ask(f"Notice.objects.count(), {urgent}") == "90 30"  # 30 due, and 30 that these replaced
