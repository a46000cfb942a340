"""The administrator's pages in a browser: a programme built by hand, nothing refused by the CSP."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import Faults

SAVE = "input[name=_save]"


@pytest.fixture
def admin_page(visitor: Callable[..., Page]) -> Page:
    return visitor("quantri")


def choose(page: Page, field: str, words: str, name: str) -> None:
    """Pick from a field that searches: open, type without diacritics, click the match."""
    page.locator(f"#id_{field} + .select2 [role=combobox]").click()
    page.locator(".select2-container--open .select2-search__field").fill(words)
    page.locator(".select2-results__option", has_text=name).first.click()


def add_row(page: Page, group: str) -> None:
    page.locator(f"#{group}-group .add-row a").click()


def test_an_administrator_builds_a_programme_by_hand(admin_page: Page) -> None:
    page = admin_page
    page.goto("/admin/tasks/programme/add/")
    page.locator("#id_year").fill("2090")
    page.locator("#id_title_vi").fill("Chương trình phối hợp năm 2090")
    choose(page, "host", "bchqs", "Bộ Chỉ huy Quân sự")
    page.locator("#id_place").fill("Thanh Hóa")
    page.locator("#id_signing_closes_on").fill("2090-01-31")
    choose(page, "signatories-0-agency", "bchqs", "Bộ Chỉ huy Quân sự")
    add_row(page, "signatories")
    choose(page, "signatories-1-agency", "so tai chinh", "Sở Tài chính")
    for group in ("priority_tasks", "solutions"):
        page.locator(f"#id_{group}-0-title_vi").fill("Một")
        add_row(page, group)
        page.locator(f"#id_{group}-1-title_vi").fill("Hai")
    page.locator(SAVE).click()
    page.get_by_role("link", name="2090", exact=True).click()
    page.locator(".object-tools button").click()
    expect(page.locator(".messagelist .success")).to_be_visible()

    page.locator(".object-tools a").first.click()
    page.locator("#id_code").fill("1.01")
    page.locator("#id_task").select_option(index=1)
    page.locator("#id_solutions input").first.check()
    page.locator("#id_title_vi").fill("Bảo đảm ngân sách quốc phòng")
    choose(page, "lead", "so tai chinh", "Sở Tài chính")
    page.locator("#id_deadline_on").fill("2090-06-30")
    page.locator("#id_indicator_vi").fill("Số văn bản")
    page.locator("#id_unit_vi").fill("văn bản")
    page.locator("#id_target").fill("10")
    choose(page, "coordinations-0-agency", "so tai chinh", "Sở Tài chính")
    page.locator(SAVE).click()
    expect(page.locator("#coordinations-0 .errorlist")).to_be_visible()
    expect(page.locator("#id_title_vi")).to_have_value("Bảo đảm ngân sách quốc phòng")

    choose(page, "coordinations-0-agency", "bchqs", "Bộ Chỉ huy Quân sự")
    page.locator(SAVE).click()
    page.get_by_role("link", name="Bảo đảm ngân sách quốc phòng").first.click()
    page.locator(".historylink").click()
    expect(page.locator(".record-event")).to_contain_text("Sở Tài chính")


@pytest.fixture
def stepped_up(admin_page: Page) -> Page:
    steps.go(admin_page, "/admin/users/user/add/")
    return admin_page


PAGES = (
    *("", "agencies/agency/", "agencies/agency/1/change/", "agencies/agency/1/history/"),
    *(
        "users/user/add/",
        "tasks/programme/add/",
        "tasks/assignment/add/",
        "calendar/holiday/",
        "calendar/holiday/add/",
        "audit/event/",
    ),
)
"""One of each kind."""


def test_a_narrow_screen_does_not_scroll_sideways(stepped_up: Page) -> None:
    admin_page = stepped_up
    admin_page.set_viewport_size({"width": 360, "height": 740})
    for path in PAGES:
        admin_page.goto(f"/admin/{path}")
        assert admin_page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_axe_finds_nothing(stepped_up: Page, faults: Faults) -> None:
    admin_page = stepped_up
    faults.expect("Applying inline style")  # axe's own, while it looks at the style sheets
    for path in PAGES:
        admin_page.goto(f"/admin/{path}")
        found = Axe().run(admin_page).response["violations"]
        assert not [(violation["id"], violation["nodes"][0]["html"]) for violation in found], path
