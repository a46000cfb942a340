"""`make run` as a person runs it: start, look, Ctrl-C, start again. On SQLite."""

import os
import re
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.demo import BASE, PASSWORD
from tests.servers import free_port

pytestmark = pytest.mark.slow

FIRST_START = 180  # seconds that a loaded machine may take; alone it takes under a minute
SECOND_START = 30


class MakeRun:
    """One `make run` in a process group of its own, as under a terminal."""

    def __init__(self, folder: Path, port: int) -> None:
        kept = ("PATH", "HOME", "LANG", "TMPDIR")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        self.said = ""
        self.running = subprocess.Popen(
            ["make", "run"],
            cwd=BASE,
            env=environment | {"DATA_DIR": str(folder), "PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def greets(self, seconds: float) -> str:
        """Return all that was printed up to the end of the greeting."""
        end = time.monotonic() + seconds
        for line in self.running.stdout:
            self.said += line
            assert time.monotonic() < end, self.said
            if line.startswith("Ctrl-C"):
                return self.said
        raise AssertionError(f"it ended: {self.said}")

    def interrupt(self) -> float:
        """Press Ctrl-C; return the seconds until all has ended."""
        began = time.monotonic()
        os.killpg(self.running.pid, signal.SIGINT)
        self.said += self.running.communicate(timeout=20)[0]
        return time.monotonic() - began


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("make-run") / "var"


def test_journey_from_nothing_to_a_signed_in_page_and_back(folder, browser: Browser):
    port = free_port()
    portal = MakeRun(folder, port)
    try:
        said = portal.greets(FIRST_START)
        assert f"http://localhost:{port}" in said
        assert PASSWORD in said
        assert "ubnd.xem" in said
        assert "Traceback" not in said
        page = browser.new_page(base_url=f"http://localhost:{port}")
        page.goto("/login/")
        page.locator("[name=login]").fill("ubnd.xem")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=password]").press("Enter")
        page.wait_for_url(re.compile(r"localhost:\d+/$"))
        expect(page.locator("h1")).to_be_visible()
        page.close()
    finally:
        assert portal.interrupt() < 10
    assert "Traceback" not in portal.said
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz")


def test_second_start_is_quick_and_keeps_the_data(folder):
    before = (folder / "portal.sqlite3").stat().st_size
    portal = MakeRun(folder, free_port())
    try:
        said = portal.greets(SECOND_START)
    finally:
        portal.interrupt()
    assert "Preparing the database" not in said
    assert (folder / "portal.sqlite3").stat().st_size == before
