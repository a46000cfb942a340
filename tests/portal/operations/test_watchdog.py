"""A worker that hears nothing any more ends itself; one whose broker is away waits."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis as redis_client

from portal.operations.watchdog import DEAF, SILENCE, Watch
from tests.servers import free_port
from tests.source import BASE

LONG = SILENCE + 1


def test_worker_that_hears_jobs_is_well():
    watch = Watch(heard_at=0)
    assert not watch.is_deaf(now=1, answers=True)
    watch.heard_at = LONG
    assert not watch.is_deaf(now=LONG + 5, answers=True)


def test_worker_that_hears_none_for_long_while_the_broker_answers_is_deaf():
    watch = Watch(heard_at=0)
    assert not watch.is_deaf(now=1, answers=True)
    assert not watch.is_deaf(now=SILENCE, answers=True)
    assert watch.is_deaf(now=LONG + 1, answers=True)


def test_time_without_a_broker_does_not_count():
    watch = Watch(heard_at=0)
    assert not watch.is_deaf(now=1, answers=True)
    assert not watch.is_deaf(now=LONG, answers=False)
    assert not watch.is_deaf(now=2 * LONG, answers=True), "it has just come back"
    assert watch.is_deaf(now=3 * LONG + 1, answers=True)


# --- A real worker ------------------------------------------------------------------------------------
class Wire:
    """What lies between a worker and Redis; connections that were open can be made to hang."""

    def __init__(self, target: int) -> None:
        self.target, self.port = target, free_port()
        self.frozen: set[threading.Event] = set()
        self.open: list[threading.Event] = []
        self.server = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def hang(self) -> None:
        """From here on nothing passes over what is open; new connections are well."""
        for passes in self.open:
            passes.clear()

    def _accept(self) -> None:
        while True:
            near, _address = self.server.accept()
            far = socket.create_connection(("127.0.0.1", self.target))
            passes = threading.Event()
            passes.set()
            self.open.append(passes)
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, sink, passes), daemon=True).start()

    @staticmethod
    def _carry(source: socket.socket, sink: socket.socket, passes: threading.Event) -> None:
        try:
            while content := source.recv(65536):
                passes.wait()
                sink.sendall(content)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


CALL = "from portal.celery import app; app.send_task('portal.files.jobs.sweep_files')"


@contextmanager
def worker(folder: Path, redis_url: str) -> Iterator[subprocess.Popen]:
    variables = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/none.sqlite3",
        "REDIS_URL": redis_url,
    }
    command = ["celery", "--quiet", "-A", "tests.portal.operations.short_patience", "worker", "-c1"]
    command += ["--pool=threads", "--without-mingle", "--without-gossip", "--loglevel=CRITICAL"]
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=BASE, env=variables)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.redis
def test_worker_whose_connection_hangs_ends_itself(tmp_path, redis_url):
    port = int(redis_url.rpartition(":")[2].split("/")[0])
    wire = Wire(port)
    queue = redis_client.Redis.from_url(redis_url)
    queue.flushall()
    variables = os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings", "REDIS_URL": redis_url}
    subprocess.run([sys.executable, "-c", CALL], cwd=BASE, env=variables, check=True, timeout=60)
    message = queue.lindex("celery", 0)
    with worker(tmp_path, f"redis://127.0.0.1:{wire.port}/0") as process:
        wait_until(lambda: queue.llen("celery") == 0, seconds=60)
        for _second in range(12):  # twice its patience
            queue.lpush("celery", message)
            time.sleep(1)
        assert process.poll() is None, "it hears a job each second"
        assert queue.llen("celery") < 12
        wire.hang()
        queue.lpush("celery", message)
        assert process.wait(timeout=60) == DEAF


def wait_until(true, *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
