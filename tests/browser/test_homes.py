"""What waits is done within three clicks of the home page."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.demo import PIN
from tests.browser.steps import Hand, arrive, shown_code, sign_button

CLICKS = 3
FIRST = ".todo > li:first-child a.btn"


def waiting(page: Page) -> list[str]:
    """Go home and return what waits there."""
    page.goto("/")
    return page.locator(".todo-what").all_inner_texts()


@pytest.mark.parametrize("username", ["snv.gd", "sxd.pgd"])
def test_those_who_sign(visitor, username):
    page, hand = visitor(username), Hand()
    waiting(page)
    item = page.locator(".todo > li", has_text="Mở văn bản để ký").first
    what = item.locator(".todo-what").inner_text()
    hand.click(item.locator("a.btn"))
    expect(page.locator("[name=pin]")).to_be_visible()
    if page.locator("[name=grounds]").count():  # a deputy to whom nothing was handed says why
        page.locator("[name=grounds]").fill("Giám đốc đi công tác")
    page.locator("[name=pin]").fill(PIN)
    page.locator("[name=code]").fill(shown_code(page))
    hand.click(page.locator("[name=read]"))
    hand.click(sign_button(page))
    arrive(page, "/signed/")
    assert len(hand.clicked) <= CLICKS, hand.clicked
    assert what not in waiting(page)


@pytest.mark.parametrize(
    ("username", "step", "words"),
    [
        ("snv.gd", "approve", "Duyệt kết quả nhiệm vụ"),
        ("snv.daumoi", "accept", "Tiếp nhận nhiệm vụ"),
        ("bchqs.troly", "confirm", "Xác nhận kết quả nhiệm vụ"),
    ],
)
def test_those_who_decide_on_an_assignment(visitor, username, step, words):
    """What is nearer to its day may stand above it."""
    page, hand = visitor(username), Hand()
    waiting(page)
    item = page.locator(".todo > li", has_text=words).first
    what = item.locator(".todo-what").inner_text()
    hand.click(item.locator("a.btn"))
    hand.click(page.locator(f"form[action$='/{step}/'] button"))
    expect(page.locator(".messages .alert-success")).to_be_visible()
    assert len(hand.clicked) <= CLICKS, hand.clicked
    assert what not in waiting(page)


def test_administrator_gives_an_empty_post(visitor, demo_server):
    demo_server.python(
        "from portal.users.models import Membership, User",
        "Membership.objects.filter(user__username='hnd.daumoi').delete()",
    )
    page, hand = visitor("quantri"), Hand()
    first = waiting(page)[0]
    hand.click(page.locator(FIRST))
    steps.step_up(page)
    choice = page.get_by_label("Người kế nhiệm")
    choice.select_option(choice.locator("option", has_text="(hnd.daumoi)").get_attribute("value"))
    page.get_by_label("Văn bản", exact=False).first.fill("12/QĐ-HND")
    page.get_by_label("Ngày văn bản").fill("2026-01-05")
    hand.click(page.get_by_role("button", name="Tiếp tục"))
    hand.click(page.get_by_role("button", name="Bàn giao chức vụ"))
    expect(page.locator(".messages .alert-success")).to_be_visible()
    assert len(hand.clicked) <= CLICKS, hand.clicked
    assert first not in waiting(page)


def test_records_office_issues_what_the_officer_closed(visitor):
    """The round is closed first, so this test is the last one of its module."""
    officer = visitor("bchqs.troly")
    officer.goto("/")
    officer.locator("main a[href='/agreements/3/']").first.click()
    officer.locator("form[action$='/close/'] button").click()
    page, hand = visitor("bchqs.vanthu"), Hand()
    first = waiting(page)[0]
    hand.click(page.locator(FIRST))
    hand.click(page.locator("form[action$='/issue/'] button"))
    expect(page.locator(".messages .alert-success")).to_be_visible()
    assert len(hand.clicked) <= CLICKS, hand.clicked
    assert first not in waiting(page)
