"""The consolidated report in a browser: drafted by a button, edited while it saves itself."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.demo import YEAR, Demo

Visitor = Callable[..., Page]
WORDS = "Các cơ quan tiếp tục rà soát, đôn đốc."


@pytest.fixture(scope="module")
def address(demo_server: Demo) -> str:
    """Last year's nine months, which nobody has consolidated in the demonstration."""
    code = (
        "from tasks.models import ReportingPeriod",
        f"print(ReportingPeriod.objects.get(code='{YEAR - 1}-9M').pk)",
    )
    return f"/consolidations/{demo_server.python(*code)}/"


def test_a_draft_is_made_and_saves_itself(visitor: Visitor, address: str):
    page = visitor("bchqs.troly")
    page.goto(address)
    page.get_by_role("button", name="Tổng hợp").click()
    page.get_by_role("link", name="IV").first.click()
    text = page.locator("textarea").first
    drafted = text.input_value()
    with page.expect_response(lambda answer: answer.url.endswith("/save/")):
        text.fill(WORDS)
    expect(page.locator("[data-autosave-state]")).to_contain_text("Đã lưu lúc", timeout=10_000)
    page.reload()
    assert page.locator("textarea").first.input_value() == WORDS
    expect(page.locator(".before").first).to_contain_text(drafted[:40])
    assert not violations(page)
    page.goto(address)
    expect(page.locator("main")).to_contain_text(WORDS)
