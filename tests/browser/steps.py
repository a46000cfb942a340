"""What people do at the screen, in their words: sign in, type a code, sign a paper."""

import base64
import hmac
import re
import struct
import time

from playwright.sync_api import APIResponse, Locator, Page, expect

from tests.browser.demo import PASSWORD, PIN

PERIOD = 30  # seconds that a one-time code lasts (RFC 6238)


def sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """Give the password and, when asked, the one-time code that the demonstration shows."""
    page.goto("/login/")
    page.locator("[name=login]").fill(username)
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    if page.locator("[name=code]").count():
        page.locator("[name=code]").fill(shown_code(page))
        page.locator("[name=code]").press("Enter")
        page.wait_for_url(lambda url: "/second-factor/" not in url)


def shown_code(page: Page) -> str:
    """Return the next unused one-time code, from the page; wait when those of this minute are used."""
    for _attempt in range(PERIOD):
        if page.locator(".demo-code").count():
            return page.locator(".demo-code").inner_text().strip()
        page.wait_for_timeout(1500)
        page.reload()
    raise AssertionError("the page shows no one-time code")


def fill_signing_form(page: Page, *, pin: str = PIN, code: str | None = None) -> None:
    """Do all that the signing room asks for, up to the button."""
    page.locator("[name=pin]").fill(pin)
    page.locator("[name=code]").fill(code or shown_code(page))
    page.locator("[name=read]").check()


def sign_button(page: Page) -> Locator:
    return page.locator("form:has([name=pin]) [type=submit]")


def sign_document(page: Page, *, code: str | None = None) -> None:
    """Sign the document whose room is open, and see that it is signed."""
    fill_signing_form(page, code=code)
    sign_button(page).click()
    page.wait_for_url("**/signed/")


def signed_count(page: Page) -> int:
    """Return how many agencies have signed, as the page says in words."""
    words = page.get_by_text(re.compile(r"\d+ trên \d+ cơ quan đã ký")).first.inner_text()
    return int(re.search(r"(\d+) trên", words)[1])


def main_text(page: Page) -> str:
    """Return what the page says, without masthead and footer."""
    return page.locator("main").inner_text()


def send(page: Page, path: str, **fields: str) -> APIResponse:
    """Post a form as the page's reader would, with the page's own token; no browser shows the answer."""
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    form = {"csrfmiddlewaretoken": token, **fields}
    return page.request.post(path, form=form, headers={"Referer": page.url}, max_redirects=0)


def totp(secret: str, *, at: float | None = None) -> str:
    """Return the code that an authenticator app shows for a Base32 secret. Source: RFC 6238."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    step = int((time.time() if at is None else at) // PERIOD)
    mac = hmac.digest(key, struct.pack(">Q", step), "sha1")
    start = mac[-1] & 15
    return f"{(int.from_bytes(mac[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


class Hand:
    """A person's mouse: counts what it clicks. Typing does not count, a click that sends does."""

    def __init__(self) -> None:
        self.clicked: list[str] = []

    def click(self, target: Locator) -> None:
        expect(target).to_be_visible()
        self.clicked.append(target.inner_text() or target.get_attribute("name") or "")
        target.click()
