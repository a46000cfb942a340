"""What an administrator types into an empty portal: agencies, people, the programme with its duties."""

import datetime as dt

from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.demo import Demo
from tests.browser.steps import Phone

PASSWORD = "mat-khau-rieng-cua-toi"
YEAR = dt.date.today().year + 1
HOST = "BCHQS"
AGENCIES = {
    "BCHQS": "Bộ Chỉ huy Quân sự tỉnh",
    "MTTQ": "Ủy ban MTTQ Việt Nam tỉnh",
    "SXD": "Sở Xây dựng",
    "SNV": "Sở Nội vụ",
    "CAT": "Công an tỉnh",
}
BLOCKS = {"MTTQ": "TM. BAN THƯỜNG TRỰC\nCHỦ TỊCH", "SXD": "GIÁM ĐỐC", "SNV": "GIÁM ĐỐC", "CAT": "GIÁM ĐỐC"}
PEOPLE = (
    ("troly", "Nguyễn Văn Bình", "BCHQS", "programme_officer"),
    ("vanthu", "Hoàng Thị Em", "BCHQS", "records_clerk"),
    ("cht", "Trần Quốc Cường", "BCHQS", "commander"),
    ("ct.mttq", "Lê Thị Dung", "MTTQ", "agency_head"),
    ("gd.sxd", "Phạm Hữu Đức", "SXD", "agency_head"),
    ("gd.snv", "Vũ Thị Giang", "SNV", "agency_head"),
    ("dm.snv", "Bùi Văn Hải", "SNV", "focal_point"),
    ("gd.cat", "Đặng Quang Khải", "CAT", "agency_head"),
)
NAMES = {username: name for username, name, _code, _role in PEOPLE}
TASKS = ("Xây dựng lực lượng dân quân", "Tuyên truyền trong Nhân dân")
DUTIES = (
    *(("1.01", 1, 0, "MTTQ"), ("1.02", 1, 1, "SXD"), ("1.03", 1, 0, "SNV")),
    *(("2.01", 2, 0, "BCHQS"), ("2.02", 2, 1, "CAT")),
)


def save(page: Page) -> None:
    with page.expect_navigation():
        page.locator("[name=_save]").click()
    assert page.locator(".errorlist, .errornote").all_inner_texts() == []
    expect(page.locator(".messagelist .success")).to_be_visible()


def choose(page: Page, field: str, code: str) -> None:
    """Find an agency by its code in a field that searches."""
    page.locator(f"#id_{field} + .select2 [role=combobox]").click()
    page.keyboard.type(code)
    page.locator(".select2-results__option", has_text=AGENCIES[code]).click()


def make_agencies(page: Page) -> None:
    """Write down the agencies beside the host, which is there from the first command on."""
    for order, (code, block) in enumerate(BLOCKS.items(), 2):
        page.goto("/admin/agencies/agency/add/")
        page.locator("[name=code]").fill(code)
        page.locator("[name=name_vi]").fill(AGENCIES[code])
        page.locator("[name=kind]").select_option(index=2)
        page.locator("[name=signature_block]").fill(block)
        page.locator("[name=protocol_order]").fill(str(order))
        save(page)


def invite_people(page: Page, phone: Phone, portal: Demo) -> dict[str, tuple[str, str]]:
    """Invite everybody; return the link of each letter and the code of each slip."""
    invited = {}
    for username, name, code, role in PEOPLE:
        page.goto("/admin/users/user/add/")
        if "/account/step-up/" in page.url:
            steps.step_up(page, PASSWORD, code=phone.code())
        page.locator("[name=username]").fill(username)
        page.locator("[name=full_name]").fill(name)
        page.locator("[name=email]").fill(f"{username}@example.vn")
        choose(page, "memberships-0-agency", code)
        page.locator("[name=memberships-0-role]").select_option(role)
        page.locator("[name=_save]").click()
        page.get_by_role("button", name="Gửi lời mời").click()
        slip = page.locator("[data-code]").inner_text()
        invited[username] = steps.mailed_link(portal, f"{username}@example.vn"), slip
    return invited


def write_programme(page: Page) -> None:
    """Write the text with its parties, and one duty of each."""
    page.goto("/admin/tasks/programme/add/")
    page.locator("#id_year").fill(str(YEAR))
    page.locator("#id_title_vi").fill(f"Chương trình phối hợp quân sự - quốc phòng năm {YEAR}")
    choose(page, "host", "BCHQS")
    choose(page, "co_host", "MTTQ")
    page.locator("#id_place").fill("Thanh Hóa")
    page.locator("#id_symbol").fill("CTr-BCHQS-MTTQ")
    closes_on = dt.date.today() + dt.timedelta(days=30)
    page.locator("#id_signing_closes_on").fill(closes_on.isoformat())
    for place, code in enumerate(AGENCIES):
        if place:
            page.locator("#signatories-group .add-row a").click()
        choose(page, f"signatories-{place}-agency", code)
        page.locator(f"#id_signatories-{place}-place").select_option("annex" if place > 1 else "main")
    page.locator("#id_clauses-0-section").select_option("organisation")
    page.locator("#id_clauses-0-text").fill("Các cơ quan, đơn vị tổ chức thực hiện Chương trình này.")
    for group, titles in (
        ("priority_tasks", TASKS),
        ("solutions", ("Tăng cường lãnh đạo", "Bảo đảm ngân sách")),
    ):
        for place, title in enumerate(titles):
            if place:
                page.locator(f"#{group}-group .add-row a").click()
            page.locator(f"#id_{group}-{place}-title_vi").fill(title)
    save(page)
    for code, task, solution, lead in DUTIES:
        page.goto("/admin/tasks/programme/")
        page.get_by_role("link", name=str(YEAR), exact=True).click()
        page.locator(".object-tools a[href*='assignment/add']").click()
        page.locator("#id_code").fill(code)
        page.locator("#id_task").select_option(index=task)
        page.locator("#id_solutions input").nth(solution).check()
        page.locator("#id_title_vi").fill(f"Việc {code}")
        choose(page, "lead", lead)
        page.locator("#id_deadline_on").fill(f"{YEAR}-06-30")
        page.locator("#id_indicator_vi").fill("Số văn bản")
        page.locator("#id_unit_vi").fill("văn bản")
        page.locator("#id_target").fill("1")
        save(page)
