"""What people do at the screen, in their words: sign in, type a code, sign a paper."""

import base64
import email
import hmac
import re
import struct
import time
from email import policy

from playwright.sync_api import APIResponse, Locator, Page, TimeoutError, expect

from tests.browser.demo import PASSWORD, PIN, Demo

PERIOD = 30  # seconds that a one-time code lasts (RFC 6238)
TYPING = 8  # seconds: a code that would end before it is read is not given


def give_password(page: Page, username: str, password: str = PASSWORD, *, at: str = "") -> None:
    page.goto(f"{at}/login/")
    page.locator("[name=login]").fill(username)
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)


def mailed_link(demo: Demo, address: str) -> str:
    """Return the activation link in the newest mail to an address: files of a portal without server."""
    files = sorted((demo.folder / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime)
    letters = [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
    (*_older, letter) = [letter for letter in letters if letter["To"] == address]
    return re.search(r"http://\S+/activate/\S+", letter.get_content())[0]


def activate(page: Page, link: str, code: str, password: str) -> None:
    """Open the link of an invitation, type the code of the slip, choose a password."""
    page.goto(link)
    page.get_by_label("Mã kích hoạt").fill(code)
    page.get_by_label("Mật khẩu mới", exact=True).fill(password)
    page.get_by_label("Nhập lại mật khẩu mới").fill(password)
    page.get_by_role("button", name="Kích hoạt").click()
    page.wait_for_url(lambda url: "/activate/" not in url or "/second-factor/" in url)


def sign_in(page: Page, username: str, at: str = "") -> None:
    """Give the password and, when asked, the one-time code that the demonstration shows.

    `at` is the portal's address, when the browser does not know it.
    """
    give_password(page, username, at=at)
    if page.locator("[name=code]").count():
        page.locator("[name=code]").fill(shown_code(page))
        page.locator("[name=code]").press("Enter")
        page.wait_for_url(lambda url: "/second-factor/" not in url)


def step_up(page: Page, answer: str = PASSWORD, *, code: str | None = None) -> None:
    """Answer the page that asks anew who is there: password or PIN, and a code."""
    code = code or shown_code(page)  # may load the page anew, so it comes first
    page.locator("[name=answer]").fill(answer)
    page.locator("[name=code]").fill(code)
    page.locator("[name=code]").press("Enter")
    expect(page.locator("[name=answer]")).to_have_count(0)


def go(page: Page, path: str, answer: str = PASSWORD) -> None:
    """Open a page that may need a step-up first."""
    page.goto(path)
    if "/account/step-up/" in page.url:
        step_up(page, answer)


def press(page: Page, button: Locator, *, until: Locator, answer: str = PASSWORD) -> None:
    """Press a button that may need a step-up: answer it, send what was typed, and see that it is done."""
    button.click()
    expect(page.locator("[name=answer]").or_(until).first).to_be_visible()
    if page.locator("[name=answer]").count():
        step_up(page, answer)
        page.get_by_role("button", name="Gửi nội dung đã nhập").click()
    expect(until.first).to_be_visible()


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
    arrive(page, "/signed/")


def arrive(page: Page, ending: str) -> None:
    """See that the click led to an address with this ending; else say what the page complains of."""
    try:
        page.wait_for_url(lambda url: url.partition("#")[0].endswith(ending))
    except TimeoutError as late:
        complaints = page.get_by_role("alert").all_inner_texts()
        words = complaints or page.get_by_role("heading", level=1).all_inner_texts()
        raise AssertionError(f"{page.url}: {words}") from late


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


class Phone:
    """An authenticator app. Source: RFC 6238, SHA-1, 6 digits, 30 seconds."""

    def __init__(self, secret: str) -> None:
        """Set it up with the Base32 secret that the page shows in groups."""
        plain = secret.replace(" ", "").upper()
        self.key = base64.b32decode(plain + "=" * (-len(plain) % 8))
        self.newest = 0

    def code(self, *, behind: int = 1, ahead: int = 1) -> str:
        """Return a code not given before: the portal takes one step earlier and later than now.

        A person sees the one of now: behind=0, ahead=0.
        """
        self.newest = max(self.newest + 1, self._step(later=TYPING) - behind)
        while self.newest > self._step() + ahead:
            time.sleep(1)
        mac = hmac.digest(self.key, struct.pack(">Q", self.newest), "sha1")
        start = mac[-1] & 15
        return f"{(int.from_bytes(mac[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"

    def _step(self, *, later: int = 0) -> int:
        return int(time.time() + later) // PERIOD


class Hand:
    """A person's mouse: counts what it clicks. Typing does not count, a click that sends does."""

    def __init__(self) -> None:
        self.clicked: list[str] = []

    def click(self, target: Locator) -> None:
        expect(target).to_be_visible()
        self.clicked.append(target.inner_text() or target.get_attribute("name") or "")
        target.click()
