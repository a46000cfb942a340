"""PostgreSQL is stopped and started under the real web process: a page of trouble, then all is as before.

The process is the Procfile's. Nobody restarts it: each of its connections notices by itself, and tells
PostgreSQL anew who asks, before it asks anything.
"""

import http.cookiejar
import os
import re
import shlex
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from tests import scale
from tests.browser import demo
from tests.factories import PASSWORD
from tests.servers import Cluster, cluster, free_port, wait_for_port
from tests.test_deploy import PROCFILE

pytestmark = [pytest.mark.postgres, pytest.mark.soak, pytest.mark.slow]

PEOPLE = ("an", "binh")
MAKE_PEOPLE = f"""
import datetime as dt
from django.utils import timezone
from portal.agencies.models import Agency
from portal.notices.models import Notice
from portal.users.models import Membership, User
now = timezone.now()
for name in {PEOPLE}:
    agency = Agency.objects.create(code=name.upper(), name_vi=name, kind="department", signature_block="GD")
    user = User.objects.create_user(name, {PASSWORD!r}, full_name=name)
    Membership.objects.create(user=user, agency=agency, role="focal_point", valid_from=dt.date(2020, 1, 1))
    Notice.objects.create(kind="nothing", subject_type="nothing", subject_id=1, recipient=user, rule="-7",
        due_on=now.date(), created_at=now, send_after=now, text_vi=f"rieng cua {{name}}")
"""
EACH = 8
"""Requests of each person in a row: together more than the web process has threads and connections."""


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    retry_after: str | None


class Browser:
    """As much of a browser as a person needs to sign in: it keeps cookies and follows redirects."""

    def __init__(self, url: str) -> None:
        self.url = url
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)

    def get(self, path: str, form: dict[str, str] | None = None) -> Answer:
        sent = urllib.parse.urlencode(form).encode() if form else None
        try:
            with self._opener.open(f"{self.url}{path}", sent, timeout=20) as answer:
                return Answer(answer.status, answer.read().decode(), None)
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read().decode(), error.headers["Retry-After"])

    def sign_in(self, name: str) -> None:
        page = self.get("/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        form = {"login": name, "password": PASSWORD, "csrfmiddlewaretoken": token}
        assert self.get("/login/", form).status == 200


@contextmanager
def web(portal: demo.Demo) -> Iterator[tuple[demo.Demo, int]]:
    """Run the web process of the Procfile; yield where it answers and its process id."""
    port = free_port()
    here = replace(portal, url=f"http://localhost:{port}")
    command = [sys.executable, *shlex.split(PROCFILE["web"])]
    address = {"GRANIAN_HOST": "127.0.0.1", "GRANIAN_PORT": str(port)}
    with (portal.folder / "web.log").open("w") as log:
        running = subprocess.Popen(
            command, cwd=demo.BASE, env=here.environment | address, stdout=log, stderr=log
        )
        try:
            wait_for_port(port, seconds=60)
            yield here, running.pid
        finally:
            running.terminate()
            running.wait(20)


def workers_of(pid: int) -> set[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        return set(map(int, children.read().split()))


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """A cluster of this test's own: nobody else's may be stopped."""
    with cluster() as running:
        yield running


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="looks at the workers in /proc")
def test_nothing_needs_a_hand(server, tmp_path, evidence):
    modes = scale.of(ci=("fast",), full=("fast", "immediate") * 20)
    portal = demo.empty(tmp_path / "var", server.url)
    portal.manage("shell", "--no-imports", "--command", MAKE_PEOPLE)
    with web(portal) as (here, pid):
        browsers = {name: Browser(here.url) for name in PEOPLE}
        for name, browser in browsers.items():
            browser.sign_in(name)
        each_sees_their_own(browsers)
        workers = workers_of(pid)
        longest = 0.0
        for mode in modes:
            server.stop(mode)
            trouble_is_told(browsers)
            server.start()
            longest = max(longest, heals(browsers))
            each_sees_their_own(browsers)
        assert workers_of(pid) == workers, "the process that was started still answers"
        assert Browser(here.url).get("/readyz").status == 200
    healed = {"longest_until_healed_seconds": round(longest, 2), "foreign_rows_shown": 0}
    evidence("restart", restarts=len(modes), **healed)


def each_sees_their_own(browsers: dict[str, Browser]) -> None:
    for _time in range(EACH):
        for name, browser in browsers.items():
            answer = browser.get("/notices/")
            shown = {other for other in PEOPLE if f"rieng cua {other}" in answer.text}
            assert (answer.status, shown) == (200, {name})


def trouble_is_told(browsers: dict[str, Browser]) -> None:
    for _time in range(EACH):
        for browser in browsers.values():
            answer = browser.get("/notices/")
            assert (answer.status, answer.retry_after) == (503, "10")
            assert 'class="masthead"' in answer.text
            assert "rieng cua" not in answer.text
    assert browser.get("/healthz").status == 200
    assert browser.get("/readyz").status == 503


def heals(browsers: dict[str, Browser]) -> float:
    """Return the seconds until the first page is there again, which must be at once."""
    began = time.monotonic()
    statuses = [browser.get("/notices/").status for browser in browsers.values()]
    assert statuses == [200] * len(browsers)
    return time.monotonic() - began
