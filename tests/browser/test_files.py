"""Files in a browser: a focal point adds evidence on a phone, an administrator recalls it unaided."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Faults
from tests.browser.demo import Demo
from tests.portal.files import samples

PHONE = {"viewport": {"width": 360, "height": 740}}
TO_ACCEPT = "2.14"
"""An assignment of the Department of Home Affairs that is still owed."""


@pytest.fixture
def phone(visitor: Callable[..., Page]) -> Page:
    """The focal point's phone, on the page of an assignment."""
    page = visitor("snv.daumoi", **PHONE)
    page.goto(f"/assignments/?q={TO_ACCEPT}")
    page.locator("tbody a").first.click()
    return page


def add(page: Page, name: str, content: bytes, *, title: str) -> None:
    """Fill in the form and send it."""
    form = page.locator("#evidence form")
    if not form.is_visible():
        page.locator("#evidence summary").click()
    form.get_by_label("Tên tài liệu").fill(title)
    page.locator("[name=sent]").set_input_files({"name": name, "mimeType": "", "buffer": content})
    form.get_by_label("Tôi cam đoan").check()
    form.get_by_role("button", name="Kiểm tra và thêm").click()


def test_a_focal_point_adds_evidence_on_a_phone(phone: Page, faults: Faults) -> None:
    faults.expect("status of 400")
    content = samples.pdf()
    add(phone, "Báo cáo MẬT.pdf", content, title="Báo cáo quý")
    expect(phone.locator("#evidence .invalid-feedback")).to_contain_text("dấu chỉ độ mật")
    expect(phone.get_by_label("Tên tài liệu")).to_have_value("Báo cáo quý")
    expect(phone.get_by_label("Tôi cam đoan")).not_to_be_checked()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360

    add(phone, "Biên bản bàn giao ngày 15-3.pdf", content, title="Biên bản bàn giao")
    expect(phone.locator("#evidence .files")).to_contain_text("Biên bản bàn giao ngày 15-3.pdf")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    with phone.expect_download() as download:
        phone.locator("#evidence .files a").first.click()
    assert download.value.suggested_filename == "Biên bản bàn giao ngày 15-3.pdf"
    assert Path(download.value.path()).read_bytes() == content


def test_it_works_without_a_script(visitor: Callable[..., Page], phone: Page) -> None:
    page = visitor("snv.daumoi", java_script_enabled=False)
    page.goto(phone.url)
    add(page, "Ảnh.png", samples.picture(), title="Ảnh buổi giao nhận")
    expect(page.locator("#evidence .files")).to_contain_text("Ảnh buổi giao nhận")


def test_an_administrator_recalls_a_file_without_a_manual(
    visitor: Callable[..., Page], phone: Page, demo_server: Demo, faults: Faults
) -> None:
    faults.expect("status of 410")
    faults.expect("status of 400")
    add(phone, "Danh sách.csv", "Họ tên;Năm sinh\nA;1990\n".encode(), title="Danh sách gửi nhầm")
    link = phone.locator("#evidence .files a", has_text="Danh sách gửi nhầm")
    address = link.get_attribute("href")
    expect(link).to_be_visible()

    page = visitor("quantri")
    page.goto("/admin/")
    page.get_by_role("link", name="Tài liệu minh chứng", exact=True).first.click()
    page.get_by_role("link", name="Danh sách.csv").click()
    page.get_by_role("link", name="Thu hồi tài liệu này").click()
    page.get_by_role("button", name="Thu hồi tài liệu này").click()
    expect(page.locator(".errorlist")).to_be_visible()
    page.get_by_label("Lý do").fill("Danh sách có thông tin không được đưa lên cổng")
    page.get_by_role("button", name="Thu hồi tài liệu này").click()
    expect(page.locator(".messagelist .success")).to_contain_text("không ai tải xuống được nữa")

    phone.reload()
    row = phone.locator("#evidence .files > li", has_text="Danh sách gửi nhầm")
    expect(row).to_contain_text("Danh sách có thông tin không được đưa lên cổng")
    expect(row.get_by_role("link", name="Danh sách gửi nhầm")).to_have_count(0)
    phone.goto(address)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Tài liệu đã bị thu hồi")
    assert (
        demo_server.python(
            "from portal.files.models import Recall",
            "from portal.files.store import path_of",
            "print(path_of(Recall.objects.get().file_id).exists())",
        )
        == "False"
    )


def test_axe_finds_nothing(visitor: Callable[..., Page], faults: Faults) -> None:
    faults.expect("Applying inline style")  # axe's own, while it looks at the style sheets
    page = visitor("bchqs.troly")
    page.goto("/assignments/?q=1.01")
    page.locator("tbody a").first.click()
    recall = page.get_by_role("link", name="Thu hồi tài liệu").first
    expect(recall).to_be_visible()
    for _page in range(2):
        found = Axe().run(page).response["violations"]
        assert not [(violation["id"], violation["nodes"][0]["html"]) for violation in found], page.url
        if recall.count():
            recall.click()
            page.wait_for_url("**/recall/")
