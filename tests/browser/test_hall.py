"""A conference hall: everybody's phone behind one address, a slow network, a reply that gets lost."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, Route, expect

from tests import scale
from tests.browser import demo
from tests.browser.demo import Demo
from tests.browser.steps import Phone, arrive, fill_signing_form, give_password, sign_button
from tests.crowd import serving
from tests.crowd.phones import Head

pytestmark = [pytest.mark.soak, pytest.mark.slow]

PHONES = scale.of(ci=4, full=46)
WITHIN = 90  # seconds from the login page to the last one
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 25_000}
"""Milliseconds, and bytes a second: what browsers call slow 3G."""
AHEAD = scale.of(ci=1, full=0)  # at full scale nobody types a code before the phone shows it


@pytest.fixture(scope="module")
def demo_server(built_demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("hall") / "var"
    with demo.served(demo.copy(built_demo, folder), workers=2) as running:
        yield running


@pytest.fixture
def slow_phone(new_context: Callable) -> Page:
    """Chromium as wide as a small phone, behind a slow network."""
    page = new_context(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True).new_page()
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW)
    page.set_default_timeout(WITHIN * 1000)
    return page


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def lose_reply(page: Page) -> list[int]:
    """Let the next form reach the portal and break the connection before its answer; return what it was."""
    answers: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST" or answers:
            route.continue_()
            return
        answers.append(route.fetch(max_redirects=0).status)
        route.abort("connectionreset")

    page.route("**/sign/", lose)
    return answers


def sign_on(page: Page, head: str, app: Phone) -> float:
    """Sign in and sign, with a lost reply; return how long it took, in seconds."""
    begun = time.monotonic()
    give_password(page, head)
    page.locator("[name=code]").fill(app.code(behind=0, ahead=AHEAD))
    page.locator("[name=code]").press("Enter")
    page.get_by_role("link", name="Mở văn bản để ký").first.click()
    expect(page.get_by_role("button", name="Ký văn bản")).to_be_visible()
    assert fits(page)
    fill_signing_form(page, code=app.code(behind=0, ahead=AHEAD))
    answers = lose_reply(page)
    sign_button(page).click()
    page.wait_for_url("chrome-error://**")
    assert answers == [302], "the portal has signed, and nobody was told"
    page.reload()  # Chromium sends the form again
    arrive(page, "/signed/")
    return time.monotonic() - begun


def sign_too(head: Head, document: int) -> float:
    """As sign_on(), without Chromium."""
    begun = time.monotonic()
    head.sign_in()
    head.sign(document, head.fill_in(document), loses_reply=True)
    return time.monotonic() - begun


def test_everybody_in_the_hall_signs_within_a_minute_and_a_half(slow_phone, demo_server, faults, evidence):
    made = serving.world(demo_server, f'make("head", {PHONES}, 1)')
    (document,), ((first, secret), *others) = made["documents"], made["secrets"].items()
    heads = [Head(demo_server.url, name, Phone(key), random.Random(name)) for name, key in others]
    faults.expect("ERR_CONNECTION_RESET")
    with ThreadPoolExecutor(len(heads)) as pool:
        signing = [pool.submit(sign_too, head, document) for head in heads]
        own = sign_on(slow_phone, first, Phone(secret))
        longest = max(one.result() for one in signing)

    expect(slow_phone.get_by_role("heading", level=1)).to_have_text("Đã ký")
    expect(slow_phone.get_by_text("Đã ký và lưu: với văn bản này không còn việc gì phải làm")).to_be_visible()
    expect(slow_phone.get_by_role("main").get_by_text("Nguyễn Văn 0", exact=True)).to_be_visible()
    assert fits(slow_phone)
    signed = serving.world(demo_server, f"show({document})")["signed"]
    assert sorted(name for name, *_rest in signed) == sorted(made["secrets"])
    print(f"from login to the last page: {own:.0f} s on the slow phone, {longest:.0f} s at most for others")
    assert max(own, longest) <= WITHIN
    evidence(
        "hall",
        phones=PHONES,
        slow_phone_seconds=round(own),
        longest_seconds=round(longest),
        lost=0,
        doubled=0,
    )
