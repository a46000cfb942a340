"""Chromium against a running demonstration: no error, and not one request that leaves the host.

Every browser of a test comes from `new_context`, which watches it: a request to another address, an
error in the console (a violation of the content security policy is one) or of a script fails the test.
What Chromium asks for on its own, behind the page, ends at `outside`, which answers nothing.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, StorageState

from tests.browser import demo, steps
from tests.browser.demo import Demo
from tests.browser.outside import Outside
from tests.servers import CHROMIUM

PATIENCE = 15_000  # milliseconds for a page on a loaded machine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


# --- The demonstration -------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def server_of_run() -> str | None:
    """DATABASE_URL of this run's PostgreSQL; None when the run is on SQLite."""
    given = os.environ.get("DATABASE_URL", "")
    return given if given.startswith("postgres") else None


@pytest.fixture(scope="session")
def built_demo(tmp_path_factory: pytest.TempPathFactory, server_of_run: str | None) -> Demo:
    """The demonstration, built once for all workers of the run, on PostgreSQL if the run is."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    note = shared / "demo-database-url"
    with (shared / "demo-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not note.exists():
            built = demo.build(shared / "demo", server_of_run)
            note.write_text(built.database_url)
    return Demo(shared / "demo", note.read_text())


@pytest.fixture(scope="module")
def demo_server(built_demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demonstration of this module's own, served; its tests may change it."""
    with demo.served(demo.copy(built_demo, tmp_path_factory.mktemp("served") / "var")) as running:
        yield running


# --- Chromium ----------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def outside() -> Iterator[Outside]:
    """The proxy for all but the loopback address: whatever leaves the host arrives there, and no further."""
    with Outside() as listening:
        yield listening


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict, outside: Outside) -> dict:
    """Debian's Chromium, cut off from the world; as root it runs without its own sandbox only."""
    options = [f"--proxy-server=http://127.0.0.1:{outside.port}"]
    options += ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {"executable_path": CHROMIUM.find(), "args": options}


@pytest.fixture(scope="module")
def browser_context_args(browser_context_args: dict, demo_server: Demo) -> dict:
    return browser_context_args | {
        "base_url": demo_server.url,
        "locale": "vi-VN",
        "timezone_id": "Asia/Ho_Chi_Minh",
    }


class Faults:
    """What the browsers of a test complained about, and what the test says they must."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.expected: list[str] = []

    def watch(self, context: BrowserContext, *ours: str) -> BrowserContext:
        """Note errors, and requests to any address that does not begin with one of `ours`."""
        ours = (*ours, "data:", "blob:", "about:", "chrome-error:")
        context.set_default_timeout(PATIENCE)
        context.on("console", lambda m: m.type == "error" and self.seen.append(f"console: {m.text}"))
        context.on("weberror", lambda e: self.seen.append(f"page: {e.error}"))
        context.on("request", lambda r: r.url.startswith(ours) or self.seen.append(f"left: {r.url}"))
        return context

    def expect(self, part: str) -> None:
        """Accept complaints that contain `part`, for example "status of 403"."""
        self.expected.append(part)

    @property
    def unexpected(self) -> list[str]:
        return [fault for fault in self.seen if not any(part in fault for part in self.expected)]

    def check(self) -> None:
        assert not self.unexpected, self.unexpected


@pytest.fixture
def faults(outside: Outside) -> Iterator[Faults]:
    """Fails the test at its end, when a browser complained or something left the host."""
    noted = Faults()
    before = len(outside.by_pages)
    yield noted
    noted.seen += [f"outside: {line}" for line in outside.by_pages[before:]]
    noted.check()


@pytest.fixture
def new_context(
    new_context: Callable[..., BrowserContext], faults: Faults, demo_server: Demo
) -> Callable[..., BrowserContext]:
    """Make browsers that are watched."""
    return lambda **options: faults.watch(new_context(**options), demo_server.url)


# --- People --------------------------------------------------------------------------------------------
@pytest.fixture
def login() -> Callable[[Page, str], None]:
    """Return login(page, username): password and, when asked, the code that the page shows."""
    return steps.sign_in


@pytest.fixture(scope="module")
def sessions() -> dict[str, StorageState]:
    """What the browsers of people who signed in already hold, by user name."""
    return {}


@pytest.fixture
def visitor(
    new_context: Callable[..., BrowserContext], sessions: dict[str, StorageState]
) -> Iterator[Callable[..., Page]]:
    """Return visitor(username, **options): a page in a browser of that person's own, signed in.

    A module signs each person in once; their further browsers carry on the same session.
    """

    opened: dict[str, Page] = {}

    def visit(username: str, **options: object) -> Page:
        page = new_context(storage_state=sessions.get(username), **options).new_page()
        if username not in sessions:
            steps.sign_in(page, username)
            sessions[username] = page.context.storage_state()
        opened.setdefault(username, page)
        return page

    yield visit
    for username, page in opened.items():
        state = page.context.storage_state()
        if any(cookie["name"] == "session" for cookie in state["cookies"]):  # not of who was signed out
            sessions[username] = state  # a new sign-in, or a step-up, has another key
