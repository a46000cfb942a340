"""`make run` as a person runs it: start, look, Ctrl-C, start again. On SQLite."""

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import steps
from tests.browser.conftest import Faults
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


@pytest.fixture(scope="module")
def kept() -> dict[str, int]:
    """What the second start must find again."""
    return {}


@pytest.fixture
def page(browser: Browser, faults: Faults) -> Iterator[Page]:
    """A browser that knows no server of this run's."""
    context = faults.watch(browser.new_context(locale="vi-VN"), "http://localhost:")
    yield context.new_page()
    context.close()


def sign_as_a_head(page: Page, port: int) -> int:
    """Sign as a visitor would who follows the home page; return how many agencies have signed then."""
    steps.sign_in(page, "snv.gd", f"http://localhost:{port}")
    page.get_by_role("link", name="Mở văn bản để ký").click()
    steps.sign_document(page)
    return steps.signed_count(page)


def test_from_nothing_to_a_signature_and_back_to_nothing(folder, page: Page, kept: dict[str, int]):
    port = free_port()
    portal = MakeRun(folder, port)
    try:
        said = portal.greets(FIRST_START)
        assert f"http://localhost:{port}" in said
        assert PASSWORD in said
        assert "ubnd.xem" in said
        assert "Traceback" not in said
        kept["signed"] = sign_as_a_head(page, port)
    finally:
        assert portal.interrupt() < 10
    assert "Traceback" not in portal.said
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz")
    with pytest.raises(ProcessLookupError):  # nobody of its process group is left
        os.killpg(portal.running.pid, 0)


def test_second_start_is_quick_and_finds_the_signature(folder, page: Page, kept: dict[str, int]):
    port = free_port()
    portal = MakeRun(folder, port)
    try:
        said = portal.greets(SECOND_START)
        assert "Preparing the database" not in said
        steps.sign_in(page, "snv.gd", f"http://localhost:{port}")
        page.goto(f"http://localhost:{port}/agreements/3/")
        assert steps.signed_count(page) == kept["signed"]
    finally:
        portal.interrupt()
