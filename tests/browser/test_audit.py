"""An administrator finds, without a manual, who changed the deadline of an assignment."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import Faults
from tests.browser.demo import YEAR, Demo

Visitor = Callable[..., Page]
SAVE = "input[name=_save]"


@pytest.fixture(scope="module")
def draft(demo_server: Demo) -> str:
    """The key of an assignment whose text is not signed yet, so that its deadline may be changed."""
    return demo_server.python(
        "from tasks.models import Assignment, PriorityTask, Programme",
        f"new = Programme.objects.get(year={YEAR})",
        "row = Assignment.objects.filter(programme=new).first()",
        "new.pk, new.year, new.year_to, new.state, new.in_force_at = None, 2090, 2090, 'draft', None",
        "new.save()",
        "task = PriorityTask.objects.create(programme=new, number=1, title_vi='Một')",
        "row.pk, row.programme, row.task, row.code = None, new, task, '9.99'",
        "row.title_vi, row.status = 'Rà soát hồ sơ thử thách', 'draft'",
        "row.cycle, row.deadline_on, row.due_on, row.submitted_on = 'once', '2090-06-30', None, None",
        "row.confirmed_at, row.adjusted_on = None, None",
        "row.save()",
        "print(row.pk)",
    ).splitlines()[-1]


def test_administrator_finds_who_changed_a_deadline(visitor: Visitor, draft: str) -> None:
    page = visitor("quantri")
    page.goto(f"/admin/tasks/assignment/{draft}/change/")
    page.locator("#id_deadline_on").fill("2090-09-15")
    page.locator(SAVE).click()
    expect(page.locator(".messagelist .success")).to_be_visible()

    page.goto("/")
    page.locator(".nav").get_by_role("link", name="Nhật ký").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nhật ký")
    search = page.get_by_label("Đối tượng: mã, tên, nội dung")
    search.fill("ra soat ho so thu thach")
    search.press("Enter")
    page.wait_for_url(re.compile("object="))
    page.get_by_label("Thao tác", exact=True).select_option(label="Sửa")
    page.wait_for_url(re.compile("action=changed"))
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Sửa")
    expect(rows.first).to_contain_text("30/06/2090")
    expect(rows.first).to_contain_text("15/09/2090")
    expect(rows.first).to_contain_text("từ 127.0.0.1")

    rows.first.get_by_role("link", name="mọi sự kiện liên quan").click()
    page.wait_for_url(re.compile("subject=tasks.assignment"))
    expect(page.locator("tbody tr")).to_have_count(1)


def test_the_file_holds_what_the_page_shows(visitor: Visitor, faults: Faults) -> None:
    faults.expect("status of 403")  # the step-up before a copy is taken
    page = visitor("bchqs.troly")
    page.goto("/audit/?action=signature.added")
    shown = page.locator("tbody tr").count()
    assert shown
    page.get_by_role("link", name="Xuất tệp").click()
    page.get_by_role("button", name="Văn bản (CSV)").click()
    steps.step_up(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Gửi nội dung đã nhập").click()
    assert re.fullmatch(r"nhat-ky-\d{8}-\d{4}\.csv", download.value.suggested_filename)
    page.goto("/audit/?action=audit.exported")
    expect(page.locator("tbody tr").first).to_contain_text("Xuất nhật ký ra tệp")


def test_a_narrow_screen_does_not_scroll_sideways(visitor: Visitor) -> None:
    page = visitor("bchqs.troly", viewport={"width": 360, "height": 740})
    for path in ("/audit/", "/audit/?action=signing", "/audit/export/", "/audit/?person=khong+ai"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_without_script_the_choice_goes_out_by_its_button(visitor: Visitor) -> None:
    visitor("bchqs.troly")  # the code of a sign-in is typed with script
    page = visitor("bchqs.troly", java_script_enabled=False)
    page.goto("/audit/")
    page.get_by_label("Thao tác", exact=True).select_option("signing")
    page.get_by_role("button", name="Lọc").click()
    expect(page).to_have_url(re.compile("action=signing"))
    expect(page.locator("tbody tr").first).to_be_visible()
    page.get_by_role("link", name="Cũ hơn").click()
    expect(page).to_have_url(re.compile("before="))


def test_axe_finds_nothing(visitor: Visitor, faults: Faults) -> None:
    faults.expect("Applying inline style")  # axe's own, while it looks at the style sheets
    faults.expect("status of 400")
    page = visitor("bchqs.troly")
    for path in ("/audit/", "/audit/export/?action=signing", "/audit/?since=x"):
        page.goto(path)
        found = Axe().run(page).response["violations"]
        assert not [(violation["id"], violation["nodes"][0]["html"]) for violation in found], path
