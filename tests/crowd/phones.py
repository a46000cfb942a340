"""A head with a phone: signs in, opens the signing room, signs, over HTTP; sends again what got no answer."""

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from html import unescape
from random import Random

import requests

from tests.browser.demo import PASSWORD, PIN
from tests.browser.steps import Phone

PATIENCE = 900  # seconds that somebody goes on sending the same thing
SILENCE = 300  # seconds that a browser waits for an answer
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
CODE_REFUSED = 'href="#id_code"'


@dataclass
class Head:
    """One of the crowd. `heard` counts what she was told on the way; `chance` says when she sends again."""

    url: str
    name: str
    app: Phone
    chance: Random
    heard: Counter[str] = field(default_factory=Counter)
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False  # no proxy stands between

    # --- What she does --------------------------------------------------------------------------
    def sign_in(self) -> None:
        """Give password and one-time code; from the beginning where the portal lost the thread."""
        page = self.ask("/login/")
        while "/login/" in page.url:
            page = self.ask("/login/", hidden(page) | {"login": self.name, "password": PASSWORD})
            while "/second-factor/" in page.url:
                page = self.ask(page.url, hidden(page) | {"code": self.app.code()})

    def fill_in(self, document: int) -> dict[str, str]:
        """Open the signing room and return its form, filled in but for the code."""
        room = self.ask(f"/agreements/{document}/sign/")
        assert 'name="pin"' in room.text, f"{self.name} finds no form at {room.url}"
        return hidden(room) | {"pin": PIN, "read": "on"}

    def sign(self, document: int, form: dict[str, str], *, loses_reply: bool = False) -> str:
        """Send the form until the page after signing is there; return its text.

        The same form goes out again after silence; a new code is typed where the portal asks for one.
        """
        path = f"/agreements/{document}/sign/"
        form = form | {"code": self.app.code(behind=0)}
        if loses_reply:
            self.hang_up(path, form)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            answer = self.send(path, form)
            if answer is None:
                time.sleep(self.chance.uniform(0.3, 1.5))
            elif answer.url.endswith("/signed/") and answer.status_code == 200:
                return answer.text
            else:
                assert CODE_REFUSED in answer.text or answer.status_code == 503, said(answer)
                self.heard["another code"] += 1
                form["code"] = self.app.code(behind=0)
        raise TimeoutError(f"{self.name} was not told that she signed document {document}: {self.heard}")

    def download(self, document: int) -> bytes:
        """Fetch the newest file."""
        return self.ask(f"/agreements/{document}/file/").content

    # --- How it goes over the wire -----------------------------------------------------------------
    def ask(self, path: str, form: dict[str, str] | None = None) -> requests.Response:
        """Send until there is an answer."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            answer = self.send(path, form)
            if answer is not None:
                assert answer.status_code == 200, said(answer)
                return answer
            time.sleep(self.chance.uniform(0.3, 1.5))
        raise TimeoutError(f"{self.name} got no answer from {path}: {self.heard}")

    def send(self, path: str, form: dict[str, str] | None = None) -> requests.Response | None:
        """Send once; None is no answer, or the page that asks to come again."""
        try:
            address = requests.compat.urljoin(self.url, path)
            answer = self.session.request(
                "POST" if form else "GET", address, data=form, timeout=(10, SILENCE)
            )
        except requests.RequestException:
            self.heard["no answer"] += 1
            return None
        if answer.status_code == 503 and 'name="code"' not in answer.text:
            self.heard["503"] += 1
            return None
        return answer

    def hang_up(self, path: str, form: dict[str, str]) -> None:
        """Send the form and close the connection before the answer is read."""
        try:
            waits = (10, self.chance.uniform(0.05, 2))
            self.session.post(f"{self.url}{path}", form, timeout=waits, allow_redirects=False)
        except requests.RequestException:
            pass
        self.heard["reply lost"] += 1


def hidden(page: requests.Response) -> dict[str, str]:
    """Return the hidden fields of the page's forms; the last of a name counts."""
    return {name: unescape(value) for name, value in HIDDEN.findall(page.text)}


def said(answer: requests.Response) -> str:
    """Return what a page complains of, for the test's report."""
    alerts = re.findall(r'role="alert".*?</div>', answer.text, re.DOTALL)
    words = [" ".join(re.sub(r"<[^>]+>", " ", alert).split()) for alert in alerts]
    return f"{answer.status_code} {answer.url} {words or answer.text[:300]}"
