"""An administrator without a manual replaces a head; officer and administrator mend a lost phone."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import Faults
from tests.browser.demo import Demo
from tests.browser.steps import Phone

NEW_PASSWORD = "bon tu de nho lam"
NEW_HEAD = "Lương Thế Kế"


def set_up_phone(page: Page) -> Phone:
    """Choose the app and scan the QR code, as a phone whose camera does not work: by the secret."""
    page.wait_for_url("**/second-factor/set-up/")
    page.locator("a[href$='/set-up/app/']").click()
    page.locator("details:has(.secret) > summary").click()
    phone = Phone(page.locator(".secret").inner_text())
    page.locator("[name=code]").fill(phone.code())
    page.locator("[name=code]").press("Enter")
    page.wait_for_url(lambda url: "/set-up/" not in url)
    return phone


def click(page: Page, words: str, role: str = "link") -> None:
    """Click what is called so; nothing else tells the way."""
    page.get_by_role(role, name=words).first.click()


def test_an_administrator_replaces_a_head(visitor, new_context, demo_server: Demo):
    page = visitor("quantri")
    page.goto("/")
    click(page, "Bàn giao chức vụ")
    page.get_by_role("searchbox").fill("so tai chinh")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("row", name=re.compile("Giám đốc")).get_by_role("link", name="Bàn giao").click()
    steps.step_up(page)
    old_head = page.locator(".page-head p").last.inner_text()
    page.get_by_label("Họ và tên").fill(NEW_HEAD)
    page.get_by_label("Tên đăng nhập").fill("stc.moi")
    page.get_by_label("Thư điện tử").fill("stc.moi@example.vn")
    page.get_by_label("Văn bản", exact=False).first.fill("345/QĐ-UBND")
    page.get_by_label("Ngày văn bản").fill("2026-01-05")
    click(page, "Tiếp tục", "button")
    expect(page.locator("main")).to_contain_text(NEW_HEAD)
    expect(page.locator("main")).to_contain_text("Việc đang chờ chức vụ này")
    click(page, "Bàn giao chức vụ", "button")
    expect(page.get_by_role("heading", level=1)).to_have_text("Phiếu mã kích hoạt")
    code = page.locator("[data-code]").inner_text()

    theirs = new_context().new_page()
    link = steps.mailed_link(demo_server, "stc.moi@example.vn")
    steps.activate(theirs, link, code.lower(), NEW_PASSWORD)
    set_up_phone(theirs)
    theirs.goto("/")
    expect(theirs.locator(".who-text")).to_contain_text(NEW_HEAD)
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Chờ duyệt, chờ ký")

    page.goto("/agencies/STC/")
    history = page.get_by_role("region", name="Lịch sử chức vụ")
    expect(history).to_contain_text("345/QĐ-UBND")
    expect(history).to_contain_text(re.match(r"(.+?) giữ từ", old_head)[1])

    gone = new_context().new_page()
    gone.goto("/login/")
    steps.give_password(gone, "stc.head")
    gone.locator("[name=code]").fill(steps.shown_code(gone))
    gone.locator("[name=code]").press("Enter")
    gone.wait_for_url(lambda url: "/second-factor/" not in url)
    expect(gone.locator("main")).to_contain_text("chưa giữ chức vụ nào")


@pytest.fixture
def expects_403(faults: Faults) -> None:
    faults.expect("status of 403")


pytestmark = pytest.mark.usefixtures("expects_403")


def test_a_lost_phone_is_mended_by_officer_and_administrator(visitor: Callable[..., Page], new_context):
    officer, admin = visitor("bchqs.troly"), visitor("quantri")
    officer.goto("/people/lost-factors/")
    choice = officer.get_by_label("Người dùng")
    choice.select_option(choice.locator("option", has_text="(sxd.head)").get_attribute("value"))
    officer.get_by_label("Nhận diện người này bằng cách nào?").fill("Gặp tại hội nghị, đã xem căn cước.")
    opened = officer.get_by_role("button", name="Hủy yêu cầu")
    steps.press(officer, officer.get_by_role("button", name="Mở", exact=True), until=opened)
    admin.goto("/")
    expect(admin.locator(".todo > li").first).to_contain_text("Mất thiết bị xác thực")
    admin.locator(".todo a.btn").first.click()
    approved = admin.get_by_role("button", name="Hiện mã một lần")
    steps.press(admin, admin.get_by_role("button", name="Phê duyệt"), until=approved)
    officer.reload()
    code = officer.locator("[data-code]")
    steps.press(officer, officer.get_by_role("button", name="Hiện mã một lần"), until=code)

    theirs = new_context(viewport={"width": 360, "height": 740}).new_page()
    steps.give_password(theirs, "sxd.head")
    theirs.locator("[name=code]").fill(code.inner_text())
    theirs.locator("[name=code]").press("Enter")
    theirs.wait_for_url("**/second-factor/set-up/")
    expect(theirs.get_by_role("button", name="Giữ thiết bị cũ")).to_be_visible()
    assert theirs.evaluate("document.documentElement.scrollWidth") <= 360
    phone = set_up_phone(theirs)
    click(theirs, "Để sau: vào làm việc")
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Chờ duyệt, chờ ký")

    again = new_context().new_page()
    steps.give_password(again, "sxd.head")
    again.locator("[name=code]").fill(phone.code())
    again.locator("[name=code]").press("Enter")
    again.wait_for_url(lambda url: "/second-factor/" not in url)
    expect(again.get_by_role("heading", level=1)).to_have_text("Chờ duyệt, chờ ký")


PAGES = (
    *("/people/", "/people/invite/", "/people/5/", "/people/lost-factors/"),
    *("/hand-overs/", "/hand-overs/new/?post=9"),
)


def test_pages_of_people_fit_a_phone_and_axe_finds_nothing(visitor, faults: Faults):
    faults.expect("Applying inline style")  # axe's own, while it looks at the style sheets
    page = visitor("quantri", viewport={"width": 360, "height": 740})
    for path in PAGES:
        steps.go(page, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        found = Axe().run(page).response["violations"]
        assert not [(violation["id"], violation["nodes"][0]["html"]) for violation in found], path


def test_invitation_slip_and_dead_link_are_for_everybody(visitor, new_context, faults: Faults):
    faults.expect("Applying inline style")
    faults.expect("status of 404")
    page = visitor("quantri")
    steps.go(page, "/people/invite/")
    page.get_by_label("Họ và tên").fill("Người Mới")
    page.get_by_label("Tên đăng nhập").fill("snv.moi")
    page.get_by_label("Cơ quan").select_option(label="Sở Nội vụ")
    page.get_by_label("Chức vụ").select_option("focal_point")
    click(page, "Gửi lời mời", "button")
    expect(page.locator("img.qr")).to_be_visible()
    assert not Axe().run(page).response["violations"]
    theirs = new_context(viewport={"width": 360, "height": 740}).new_page()
    theirs.goto(page.locator("[data-link]").inner_text())
    assert theirs.evaluate("document.documentElement.scrollWidth") <= 360
    assert not Axe().run(theirs).response["violations"]
    theirs.goto("/activate/khong-con-dung/")
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Xin đường dẫn mới")
    assert not Axe().run(theirs).response["violations"]
