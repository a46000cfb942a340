"""An interim review in a browser: drafted, written and frozen by the officer, approved, read by a party."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.demo import YEAR, Demo

Visitor = Callable[..., Page]
WRITTEN = {
    "strengths": "Các cơ quan chủ động phối hợp.",
    "lessons": "Giao việc rõ thời hạn.",
    "direction": "Tiếp tục thực hiện.",
}


@pytest.fixture(scope="module")
def address(demo_server: Demo) -> str:
    """Another half-year of last year, which nobody has reviewed in the demonstration."""
    made = (
        "import datetime as dt",
        "from tasks.models import Programme, ReportingPeriod",
        f"last = dt.date({YEAR - 1}, 8, 31)",
        f"days = dict(data_from=dt.date({YEAR - 2}, 12, 15), data_to=last, due_on=last, review_due_on=last)",
        f"programme = Programme.objects.get(year={YEAR - 1})",
        "row = ReportingPeriod(programme=programme, code='H1-LAI', kind='semiannual', **days)",
        "row.save()",
        "print(row.pk)",
    )
    return f"/reviews/{demo_server.python(*made)}/"


def accessible(page: Page) -> None:
    assert not violations(page)


def test_an_interim_review_goes_from_its_draft_to_the_parties(visitor: Visitor, address: str):
    officer = visitor("bchqs.troly")
    officer.goto(address)
    officer.get_by_role("button", name="Lập dự thảo").click()
    for section, words in WRITTEN.items():
        officer.goto(f"{address}sections/{section}/")
        officer.get_by_label("Đoạn mới").fill(words)
        officer.get_by_role("button", name="Thêm", exact=True).click()
        expect(officer.locator("textarea").filter(has_text=words)).to_be_visible()
    accessible(officer)
    officer.locator("textarea").first.fill("Đoạn trợ lý đã sửa.")
    officer.get_by_role("button", name="Lưu nháp").click()
    expect(officer.locator("main")).to_contain_text("Theo dự thảo của Cổng")
    officer.goto(address)
    accessible(officer)
    expect(officer.locator("main")).to_contain_text("Đoạn trợ lý đã sửa.")
    officer.get_by_role("button", name="Đóng băng và trình chỉ huy trưởng").click()
    expect(officer.locator("main")).to_contain_text("Đã đóng băng, chờ chỉ huy trưởng phê duyệt")

    commander = visitor("bchqs.cht")
    commander.goto("/")
    commander.locator(f"a[href='{address}']").first.click()
    commander.get_by_role("button", name="Phê duyệt báo cáo").click()
    expect(commander.locator("main")).to_contain_text("Đã phê duyệt")
    accessible(commander)

    head = visitor("stc.head")
    head.goto("/reviews/")
    head.locator(f"a[href='{address}']").click()
    expect(head.locator("main")).to_contain_text("Đoạn trợ lý đã sửa.")
    head.get_by_role("link", name="So với năm trước").click()
    expect(head.get_by_role("heading", level=1)).to_have_text("So với năm trước")
    accessible(head)
