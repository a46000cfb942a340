"""From an empty portal to a programme in force, by people at the screen: no demonstration, no shell.

One long journey: each test goes on where the one before it ended.
"""

import datetime as dt
import re
import subprocess

import pytest
from playwright.sync_api import Page, expect

from tests.browser import demo, steps
from tests.browser.demo import Demo
from tests.browser.steps import Hand, Phone

PASSWORD = "mat-khau-rieng-cua-toi"
PINS = {"cht": "8305-2719", "ct.mttq": "5918-4026", "gd.sxd": "7361-9042"}
AGENCIES = {"BCHQS": "Bộ Chỉ huy Quân sự tỉnh", "MTTQ": "Ủy ban MTTQ Việt Nam tỉnh", "SXD": "Sở Xây dựng"}
BLOCKS = {"MTTQ": "TM. BAN THƯỜNG TRỰC\nCHỦ TỊCH", "SXD": "GIÁM ĐỐC"}
PEOPLE = (
    ("troly", "Nguyễn Văn Bình", "BCHQS", "programme_officer"),
    ("cht", "Trần Quốc Cường", "BCHQS", "commander"),
    ("ct.mttq", "Lê Thị Dung", "MTTQ", "agency_head"),
    ("gd.sxd", "Phạm Hữu Đức", "SXD", "agency_head"),
)
PEOPLE_BY_USERNAME = {username: name for username, name, _code, _role in PEOPLE}
ASSIGNMENTS = (("1.01", 1, 0, "MTTQ"), ("1.02", 1, 1, "SXD"), ("2.01", 2, 0, "BCHQS"))


@pytest.fixture(scope="module")
def demo_server(tmp_path_factory, server_of_run):
    """An empty portal, with the administrator that the command makes."""
    portal = demo.empty(tmp_path_factory.mktemp("empty") / "var", server_of_run)
    portal.manage(
        *("create_administrator", "quantri", "--full-name", "Đỗ Thị An"),
        *("--agency-code", "BCHQS", "--agency-name", AGENCIES["BCHQS"]),
        typed=f"{PASSWORD}\n",
    )
    with demo.served(portal) as running:
        yield running


@pytest.fixture(scope="module")
def phones() -> dict[str, Phone]:
    return {}


@pytest.fixture(scope="module")
def invited() -> dict[str, tuple[str, str]]:
    """Link and code of each person who was invited."""
    return {}


@pytest.fixture
def come_in(new_context, sessions, phones, invited):
    """Return come_in(username): their page, signed in; the first time they set up their phone."""
    opened: dict[str, Page] = {}

    def enter(username: str) -> Page:
        if username not in opened:
            opened[username] = first_time(username)
        opened[username].goto("/")
        return opened[username]

    def first_time(username: str) -> Page:
        page = new_context(storage_state=sessions.get(username)).new_page()
        if username not in sessions:
            if username in invited:
                steps.activate(page, *invited[username], PASSWORD)
            else:
                steps.give_password(page, username, PASSWORD)
            expect(page).to_have_url(re.compile("/second-factor/set-up/$"))
            page.locator("a[href$='/set-up/app/']").click()
            page.locator("details:has(.secret) > summary").click()
            phones[username] = Phone(page.locator(".secret").inner_text())
            page.locator("[name=code]").fill(phones[username].code())
            page.locator("[name=code]").press("Enter")
            page.wait_for_url(lambda url: "set-up" not in url)
        return page

    yield enter
    for username, page in opened.items():
        sessions[username] = page.context.storage_state()  # a step-up gave the session a new key


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


def test_administrator_makes_agencies_and_people(come_in, phones, invited, demo_server: Demo):
    page = come_in("quantri")
    for order, (code, block) in enumerate(BLOCKS.items(), 2):
        page.goto("/admin/agencies/agency/add/")
        page.locator("[name=code]").fill(code)
        page.locator("[name=name_vi]").fill(AGENCIES[code])
        page.locator("[name=kind]").select_option(index=2)
        page.locator("[name=signature_block]").fill(block)
        page.locator("[name=protocol_order]").fill(str(order))
        save(page)
    for username, name, code, role in PEOPLE:
        page.goto("/admin/users/user/add/")
        if "/account/step-up/" in page.url:
            steps.step_up(page, PASSWORD, code=phones["quantri"].code())
        page.locator("[name=username]").fill(username)
        page.locator("[name=full_name]").fill(name)
        page.locator("[name=email]").fill(f"{username}@example.vn")
        choose(page, "memberships-0-agency", code)
        page.locator("[name=memberships-0-role]").select_option(role)
        page.locator("[name=_save]").click()
        page.get_by_role("button", name="Gửi lời mời").click()
        slip = page.locator("[data-code]").inner_text()
        invited[username] = steps.mailed_link(demo_server, f"{username}@example.vn"), slip


def test_administrator_writes_the_programme(come_in):
    page = come_in("quantri")
    page.goto("/admin/tasks/programme/add/")
    page.locator("#id_year").fill("2027")
    page.locator("#id_title_vi").fill("Chương trình phối hợp quân sự - quốc phòng năm 2027")
    choose(page, "host", "BCHQS")
    choose(page, "co_host", "MTTQ")
    page.locator("#id_place").fill("Thanh Hóa")
    page.locator("#id_symbol").fill("CTr-BCHQS-MTTQ")
    closes_on = dt.date.today() + dt.timedelta(days=30)
    page.locator("#id_signing_closes_on").fill(closes_on.isoformat())
    for place, code in enumerate(("BCHQS", "MTTQ", "SXD")):
        if place:
            page.locator("#signatories-group .add-row a").click()
        choose(page, f"signatories-{place}-agency", code)
        page.locator(f"#id_signatories-{place}-place").select_option("annex" if place == 2 else "main")
    page.locator("#id_clauses-0-section").select_option("organisation")
    page.locator("#id_clauses-0-text").fill("Các cơ quan, đơn vị tổ chức thực hiện Chương trình này.")
    for group, titles in (
        ("priority_tasks", ("Xây dựng lực lượng dân quân", "Tuyên truyền trong Nhân dân")),
        ("solutions", ("Tăng cường lãnh đạo", "Bảo đảm ngân sách")),
    ):
        for place, title in enumerate(titles):
            if place:
                page.locator(f"#{group}-group .add-row a").click()
            page.locator(f"#id_{group}-{place}-title_vi").fill(title)
    save(page)
    for code, task, solution, lead in ASSIGNMENTS:
        page.goto("/admin/tasks/programme/")
        page.get_by_role("link", name="2027", exact=True).click()
        page.locator(".object-tools a[href*='assignment/add']").click()
        page.locator("#id_code").fill(code)
        page.locator("#id_task").select_option(index=task)
        page.locator("#id_solutions input").nth(solution).check()
        page.locator("#id_title_vi").fill(f"Việc {code}")
        choose(page, "lead", lead)
        page.locator("#id_deadline_on").fill("2027-06-30")
        page.locator("#id_indicator_vi").fill("Số văn bản")
        page.locator("#id_unit_vi").fill("văn bản")
        page.locator("#id_target").fill("1")
        save(page)


def open_round(page: Page) -> None:
    """Settle, freeze and open, from the officer's home."""
    page.goto("/")
    with page.expect_navigation():
        page.locator(".todo a.btn").first.click()
    if page.locator("form[action$='/settle/'] button").count():
        page.locator("form[action$='/settle/'] button").click()
    page.locator("form[action*='/freeze/'] button").click()
    page.wait_for_url("**/agreements/*/")
    page.locator("form[action$='/open/'] button").click()
    expect(page.locator(".messages .alert-success")).to_be_visible()


def test_officer_opens_the_round(come_in):
    open_round(come_in("troly"))


def test_head_is_stopped_when_the_text_is_withdrawn_meanwhile(come_in, phones, faults):
    faults.expect("status of 409")
    faults.expect("status of 403")  # the step-up before a release
    head = come_in("gd.sxd")
    make_certificate(head, "gd.sxd", phones, come_in("troly"))
    head.get_by_role("link", name="Mở văn bản để ký").click()
    steps.fill_signing_form(head, pin=PINS["gd.sxd"], code="000000")  # the rules come first

    officer = come_in("troly")
    officer.goto("/agreements/")
    officer.locator("main table a").first.click()
    officer.locator("details:has(form[action$='/withdraw/']) > summary").click()
    officer.locator("[name=reason]").fill("Bổ sung một nhiệm vụ")
    officer.locator("form[action$='/withdraw/'] button").click()
    expect(officer.locator(".messages .alert-success")).to_be_visible()

    with head.expect_response(lambda answer: answer.request.method == "POST") as waiting:
        steps.sign_button(head).click()
    assert waiting.value.status == 409
    expect(head.locator(".trouble .lead").first).to_be_visible()
    open_round(officer)


def make_certificate(page: Page, username: str, phones: dict[str, Phone], officer: Page) -> None:
    """From the home, where it is the first thing to do: ask, read the fingerprint out, be released."""
    page.locator(".todo a.btn").first.click()
    page.locator("main a.btn-primary").click()
    steps.step_up(page, PASSWORD, code=phones[username].code())
    page.locator("[name=pin]").fill(PINS[username])
    page.locator("[name=again]").fill(PINS[username])
    page.locator("[name=again]").press("Enter")
    steps.arrive(page, "/certificate/")
    expect(page.locator(".hash span")).to_have_count(16)
    groups = page.locator(".hash span").all_inner_texts()

    officer.goto("/")
    request = officer.locator(".todo > li").filter(has_text=PEOPLE_BY_USERNAME[username])
    request.locator("a[href*='/certificates/requests/']").first.click()
    expect(officer.locator(".hash span")).to_have_text(groups[:-2])
    officer.locator("[name=compared]").fill(" ".join(groups[-2:]))
    officer.locator("[name=compared]").press("Enter")
    steps.step_up(officer, PASSWORD, code=phones["troly"].code())
    officer.locator("main form button[type=submit]").click()
    steps.arrive(officer, "/certificates/")
    page.goto("/")


@pytest.mark.parametrize("username", PINS)
def test_heads_sign_with_their_own_phone_and_pin(come_in, phones, faults, username):
    faults.expect("status of 403")  # the step-up before a release
    page = come_in(username)
    if "Mở văn bản để ký" not in page.locator(".todo > li").first.inner_text():
        make_certificate(page, username, phones, come_in("troly"))
    page.get_by_role("link", name="Mở văn bản để ký").click()
    steps.fill_signing_form(page, pin=PINS[username], code=phones[username].code())
    steps.sign_button(page).click()
    steps.arrive(page, "/signed/")


def test_commander_brings_it_into_force_and_all_agrees(come_in, demo_server: Demo, tmp_path):
    page, hand = come_in("cht"), Hand()
    hand.click(page.locator(".todo > li:first-child a.btn"))
    hand.click(page.locator("form[action$='/in-force/'] button"))
    expect(page.locator(".messages .alert-success")).to_be_visible()
    assert len(hand.clicked) <= 3

    with page.expect_download() as waiting:
        page.locator("a[href$='/file/']").first.click()
    waiting.value.save_as(tmp_path / "2027.pdf")
    command = ["pdfsig", "-nocert", tmp_path / "2027.pdf"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert said.count("Signature is Valid.") == said.count("Signature Validation:") == 1 + len(PINS)
    demo_server.manage("verify_document", str(tmp_path / "2027.pdf"))
    demo_server.manage("verify_programme", "2027")
    demo_server.manage("write_checkpoint")
    demo_server.manage("verify_audit")

    page.goto("/assignments/")
    expect(page.locator("tbody tr")).to_have_count(len(ASSIGNMENTS))
