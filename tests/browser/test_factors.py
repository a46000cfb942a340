"""Second factors at the screen: a passkey, a security key and a printed sheet, set up and used.

The authenticators are Chromium's own virtual ones (WebAuthn over CDP): real questions, keys, signatures.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import Faults
from tests.browser.demo import PIN, Demo

LIST = "/account/second-factor/"
SET_UP = "/account/second-factor/set-up/"
PASSKEY = {
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}
SECURITY_KEY = {
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": False,
    "isUserVerified": False,
}


def plug_in(page: Page, kind: dict[str, Any]) -> Callable[[str], Any]:
    """Give the browser an authenticator whose holder touches it at once; return the way to command it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "automaticPresenceSimulation": True, **kind}
    authenticator = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    return lambda command, **facts: session.send(command, {"authenticatorId": authenticator, **facts})


def without_factor(demo: Demo, username: str) -> None:
    """Let an account of the demonstration be one that has just been given."""
    demo.python(
        "from allauth.mfa.models import Authenticator",
        f"Authenticator.objects.filter(user__username='{username}').delete()",
    )


def make_key(page: Page, name: str) -> None:
    page.locator(f"a[href='{SET_UP}key/']").first.click()
    page.locator("[name=name]").fill(name)
    page.locator("[data-passkey=create]").click()
    page.wait_for_url(lambda url: "set-up" not in url)


def sign_out(page: Page) -> None:
    page.goto("/logout/")
    page.locator("main form[action='/logout/'] button").click()


@pytest.fixture
def page(new_context) -> Page:
    return new_context().new_page()


def test_first_passkey_signs_in_alone_and_as_the_second_step(page: Page, demo_server: Demo) -> None:
    without_factor(demo_server, "stc.head")
    plug_in(page, PASSKEY)
    steps.give_password(page, "stc.head")
    expect(page).to_have_url(re.compile(f"{SET_UP}$"))
    make_key(page, "máy cơ quan")
    expect(page).to_have_url(re.compile("/spare/$"))

    sign_out(page)
    page.locator("[data-passkey=login]").click()
    page.wait_for_url(lambda url: "/login/" not in url)
    page.goto(LIST)
    expect(page.locator(".held")).to_contain_text("máy cơ quan")
    expect(page.locator(".held")).to_contain_text("dùng gần nhất")

    sign_out(page)
    steps.give_password(page, "stc.head")
    page.locator("[data-passkey=get]").click()
    page.wait_for_url(lambda url: "/second-factor/" not in url)
    expect(page.locator("details.drop .who-text").first).to_be_visible()


def test_passkey_keeps_the_way_that_was_asked_for(page: Page) -> None:
    steps.sign_in(page, "stc.daumoi")
    plug_in(page, PASSKEY)
    page.goto(SET_UP)
    make_key(page, "")
    sign_out(page)
    page.goto("/login/?next=/assignments/")
    page.locator("[data-passkey=login]").click()
    expect(page).to_have_url(re.compile("/assignments/$"))


def test_security_key_is_a_second_factor_only(page: Page, demo_server: Demo) -> None:
    without_factor(demo_server, "sxd.head")
    plug_in(page, SECURITY_KEY)
    steps.give_password(page, "sxd.head")
    make_key(page, "khóa xanh")

    sign_out(page)
    page.locator("[data-passkey=login]").click()
    expect(page.locator("[data-passkey-word]")).to_contain_text("Chưa dùng được khóa")
    expect(page).to_have_url(re.compile("/login/$"))

    steps.give_password(page, "sxd.head")
    page.locator("[data-passkey=get]").click()
    page.wait_for_url(lambda url: "/second-factor/" not in url)


def test_document_is_signed_with_a_key_in_place_of_a_code(page: Page) -> None:
    """The one door: what asks for a code takes a key, after the other fields of the form."""
    steps.sign_in(page, "skhcn.head")
    plug_in(page, SECURITY_KEY)
    page.goto(SET_UP)
    make_key(page, "khóa xanh")
    page.goto("/")
    page.get_by_role("link", name="Mở văn bản để ký").click()
    button = page.locator("[data-passkey=get]")
    button.click()
    expect(page.locator("[name=read]")).to_be_focused()
    page.locator("[name=read]").check()
    page.locator("[name=pin]").fill(PIN)
    button.click()
    steps.arrive(page, "/signed/")


def test_sheet_alone_is_set_up_printed_and_used(page: Page, demo_server: Demo) -> None:
    without_factor(demo_server, "snv.gd")
    page.set_viewport_size({"width": 360, "height": 740})
    steps.give_password(page, "snv.gd")
    page.locator(f"a[href='{SET_UP}sheet/']").click()
    expect(page.locator(".code-sheet li")).to_have_count(20)
    codes = page.locator(".code-sheet li").all_inner_texts()
    assert len(set(codes)) == 20
    page.reload()
    assert page.locator(".code-sheet li").all_inner_texts() == codes
    page.emulate_media(media="print")
    expect(page.locator(".code-sheet")).to_be_visible()
    expect(page.locator("[name=code]")).to_be_hidden()
    page.emulate_media(media="screen")

    page.locator("[name=code]").fill("0000 0000")
    page.locator("[name=code]").press("Enter")
    expect(page.locator(".invalid-feedback")).to_contain_text("không có trên tờ mã")
    page.locator("[name=code]").fill(codes[0])
    page.locator("[name=code]").press("Enter")
    page.wait_for_url("**/spare/")
    page.goto(f"{SET_UP}sheet/")
    assert not set(page.locator(".code-sheet li").all_inner_texts()) & set(codes)

    sign_out(page)
    steps.give_password(page, "snv.gd")
    page.locator("[name=code]").fill(codes[0])
    page.locator("[name=code]").press("Enter")
    expect(page.locator(".invalid-feedback")).to_be_visible()
    page.locator("[name=code]").fill(codes[1])
    page.locator("[name=code]").press("Enter")
    page.wait_for_url(lambda url: "/second-factor/" not in url)
    page.goto(LIST)
    expect(page.locator(".held")).to_contain_text("18 mã")


def test_first_phone_is_set_up_at_360_px_without_script(new_context, demo_server: Demo) -> None:
    without_factor(demo_server, "mttq.ct")
    page = new_context(java_script_enabled=False, viewport={"width": 360, "height": 740}).new_page()
    steps.give_password(page, "mttq.ct")
    page.locator(f"a[href='{SET_UP}app/']").click()
    assert page.locator(".on-phone a").get_attribute("href").startswith("otpauth://totp/")
    page.locator("details:has(.secret) > summary").click()
    phone = steps.Phone(page.locator(".secret").inner_text())
    page.locator("[name=code]").fill(phone.code())
    page.locator("[name=code]").press("Enter")
    page.wait_for_url("**/spare/")
    page.get_by_role("link", name="Để sau: vào làm việc").click()
    expect(page).to_have_url(re.compile(f"{re.escape(demo_server.url)}/$"))


def test_password_is_shown_and_hidden_again(page: Page) -> None:
    page.goto("/login/")
    expect(page.locator("[name=login]")).to_be_focused()
    page.locator("[name=password]").fill("tre xanh")
    page.locator("[data-reveal]").click()
    expect(page.locator("[name=password]")).to_have_attribute("type", "text")
    page.locator("[data-reveal]").click()
    expect(page.locator("[name=password]")).to_have_attribute("type", "password")


PAGES = (LIST, SET_UP, *(f"{SET_UP}{way}/" for way in ("app", "key", "sheet")), "/account/password/")


def test_pages_fit_a_phone_and_axe_finds_nothing(page: Page, faults: Faults) -> None:
    faults.expect("Applying inline style")  # axe's own, while it looks at the style sheets
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/login/")
    assert not Axe().run(page).response["violations"]
    steps.sign_in(page, "bchqs.troly")
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        found = Axe().run(page).response["violations"]
        assert not [(violation["id"], violation["nodes"][0]["html"]) for violation in found], path
