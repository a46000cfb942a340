"""From an empty portal through a whole year, by people at the screen: no demonstration, no shell.

A province of five agencies: its first programme is written, sent out for comment, discussed, signed,
numbered and followed, and the next year begins from it. One long journey: each test goes on where the
one before it ended.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import demo, founding, steps
from tests.browser.demo import Demo
from tests.browser.forms import form_of, press
from tests.browser.founding import AGENCIES, DUTIES, HOST, NAMES, PASSWORD, YEAR
from tests.browser.journey import Journey, download, valid_signatures, words_of
from tests.browser.steps import Hand, Phone

ComeIn = Callable[[str], Page]
OFFICER, CLERK, COMMANDER, FRONT = "troly", "vanthu", "cht", "ct.mttq"
WORKS, HOME, POLICE, FOCAL_POINT = "gd.sxd", "gd.snv", "gd.cat", "dm.snv"
PINS = {
    **{FRONT: "5918-4026", WORKS: "7361-9042", HOME: "4470-8163"},
    **{POLICE: "9026-3518", COMMANDER: "8305-2719"},
}
"""Of those who sign, in the order in which they do: the host last."""

COMMENT, ANSWER = "Đề nghị lùi thời hạn đến ngày 15/11", "Tiếp thu, sửa thời hạn"
HALL, ITEM, DELEGATE = "Hội trường Bộ Chỉ huy", "Dự thảo chương trình phối hợp", "Bùi Văn Hải"
SPEECH, RESERVATION = "Đề nghị đẩy mạnh tuyên truyền ở cơ sở", "Đề nghị bố trí kinh phí từ đầu năm"
CONCLUSION = "Tổ chức đối thoại với đoàn viên, hội viên"
RESULT = "Đã đối thoại với 120 đoàn viên, hội viên"
CHANGED = "1.02"
WITHOUT_A_PAST = ("/reviews/", "/ratings/", "/shortcomings/", "/proposals/", "/conferences/", "/papers/")


@pytest.fixture(scope="module")
def demo_server(tmp_path_factory, server_of_run):
    """An empty portal, with the administrator that the command makes."""
    portal = demo.empty(tmp_path_factory.mktemp("empty") / "var", server_of_run)
    portal.manage(
        *("create_administrator", "quantri", "--full-name", "Đỗ Thị An"),
        *("--agency-code", HOST, "--agency-name", AGENCIES[HOST]),
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
            if "/second-factor/set-up/" in page.url:  # who only works on duties needs a password alone
                set_up_phone(page, username)
        return page

    def set_up_phone(page: Page, username: str) -> None:
        page.locator("a[href$='/set-up/app/']").click()
        page.locator("details:has(.secret) > summary").click()
        phones[username] = Phone(page.locator(".secret").inner_text())
        page.locator("[name=code]").fill(phones[username].code())
        page.locator("[name=code]").press("Enter")
        page.wait_for_url(lambda url: "set-up" not in url)

    yield enter
    for username, page in opened.items():
        sessions[username] = page.context.storage_state()  # a step-up gave the session a new key


def look(page: Page, path: str) -> None:
    """Open a page that has to be there."""
    assert page.goto(path).ok, path


@pytest.fixture(scope="module")
def journey() -> Journey:
    return Journey(YEAR, look)


# --- The portal begins ------------------------------------------------------------------------------------
def test_administrator_makes_agencies_and_people(come_in: ComeIn, phones, invited, demo_server: Demo) -> None:
    page = come_in("quantri")
    founding.make_agencies(page)
    invited |= founding.invite_people(page, phones["quantri"], demo_server)


def test_officer_of_an_empty_province_is_told_to_begin(come_in: ComeIn) -> None:
    officer = come_in(OFFICER)
    expect(officer.locator(".todo > li:first-child a.btn")).to_have_attribute("href", "/years/begin/")
    for path in ("/years/begin/", "/programmes/", *WITHOUT_A_PAST, "/assignments/", "/consultations/"):
        look(officer, path)
        assert "None" not in steps.main_text(officer), path


def test_administrator_writes_the_programme(come_in: ComeIn) -> None:
    founding.write_programme(come_in("quantri"))


def test_a_first_year_has_no_past_and_says_so(come_in: ComeIn) -> None:
    officer = come_in(OFFICER)
    for path in (
        f"/programmes/{YEAR}/",
        f"/programmes/{YEAR}/review/",
        *WITHOUT_A_PAST,
        f"/drafting/{YEAR}/",
    ):
        look(officer, path)
        assert "None" not in steps.main_text(officer), path


# --- Consultation -----------------------------------------------------------------------------------------
def test_the_draft_goes_round_one_agency_comments_and_the_others_agree(come_in: ComeIn, journey) -> None:
    journey.send_out(come_in(OFFICER))
    journey.comment(come_in(FOCAL_POINT), f"assignment.{CHANGED}", COMMENT)
    journey.answer(come_in(HOME), "/approve/")
    for username in (FRONT, WORKS, POLICE):
        hand, page = Hand(), come_in(username)
        hand.click(page.locator(".todo > li:first-child a.btn"))
        hand.click(form_of(page, "/submit/").locator("button"))
        expect(page.locator(".messages .alert-success")).to_be_visible()
        assert len(hand.clicked) <= 2


def test_the_comment_is_answered_and_changes_the_draft(come_in: ComeIn, journey, tmp_path: Path) -> None:
    officer = come_in(OFFICER)
    journey.move_deadline(officer, CHANGED, dt.date(YEAR, 11, 15))
    journey.accept_comment(officer, ANSWER)
    table = journey.close_consultation(officer, tmp_path)
    for words in (COMMENT, ANSWER, f"15/11/{YEAR}"):
        assert words in table, words


# --- The conference -----------------------------------------------------------------------------------------
def test_agencies_are_invited_and_name_who_comes(come_in: ComeIn, journey, tmp_path: Path) -> None:
    officer, focal_point = come_in(OFFICER), come_in(FOCAL_POINT)
    journey.prepare_conference(officer, secretary=NAMES[CLERK], place=HALL, item=ITEM)
    journey.invite(officer)
    journey.name_delegate(focal_point, "SNV", DELEGATE)
    letter = words_of(focal_point, "/letter/", tmp_path)
    assert HALL in letter
    assert ITEM in letter
    for username, code in ((FRONT, "MTTQ"), (WORKS, "SXD"), (POLICE, "CAT")):
        journey.name_delegate(come_in(username), code, NAMES[username])


def test_they_come_speak_and_agree_one_with_a_reservation(come_in: ComeIn, journey) -> None:
    officer, home = come_in(OFFICER), come_in(HOME)
    journey.begin_now(officer)
    journey.take_attendance(officer)
    journey.speak(home, "SNV", SPEECH, about=founding.TASKS[0])
    journey.agree(home, "SNV", "mostly", RESERVATION)
    for username, code in ((FRONT, "MTTQ"), (WORKS, "SXD"), (POLICE, "CAT")):
        journey.agree(come_in(username), code)


def test_the_chair_concludes_and_the_conclusion_becomes_a_duty(come_in: ComeIn, journey) -> None:
    officer = come_in(OFFICER)
    look(officer, f"{journey.conference}conclusions/")
    owner = officer.locator("[name=owner] option", has_text=AGENCIES["SNV"])
    journey.conclude(officer, CONCLUSION, owner=owner, due_on=dt.date(YEAR, 5, 31))


def test_the_minutes_say_all_of_it_and_are_confirmed_by_two(come_in: ComeIn, journey, tmp_path) -> None:
    officer, clerk, commander = come_in(OFFICER), come_in(CLERK), come_in(COMMANDER)
    said = journey.write_minutes(clerk, tmp_path)
    for words in (f"về nhiệm vụ trọng tâm 1: {SPEECH}", RESERVATION, CONCLUSION, DELEGATE):
        assert words in said, words
    journey.confirm_minutes(officer, commander, clerk)


# --- Signing ----------------------------------------------------------------------------------------------
def open_round(officer: Page, journey: Journey, order: str) -> None:
    """Freeze the text, choose in which order it is signed, and open it."""
    journey.freeze(officer)
    form_of(officer, "/order/").locator(f"[name=order][value={order}]").check()
    press(officer, "/order/")
    press(officer, "/open/")


def test_officer_freezes_the_text_and_opens_the_round(come_in: ComeIn, journey) -> None:
    open_round(come_in(OFFICER), journey, "all")


def test_head_is_stopped_when_the_text_is_withdrawn_meanwhile(come_in, phones, faults, journey):
    faults.expect("status of 409")
    faults.expect("status of 403")  # the step-up before a release
    head = come_in(WORKS)
    make_certificate(head, WORKS, phones, come_in(OFFICER))
    head.get_by_role("link", name="Mở văn bản để ký").click()
    steps.fill_signing_form(head, pin=PINS[WORKS], code="000000")  # the rules come first

    officer = come_in(OFFICER)
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
    open_round(officer, journey, "host_last")


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
    request = officer.locator(".todo > li").filter(has_text=NAMES[username])
    request.locator("a[href*='/certificates/requests/']").first.click()
    expect(officer.locator(".hash span")).to_have_text(groups[:-2])
    officer.locator("[name=compared]").fill(" ".join(groups[-2:]))
    officer.locator("[name=compared]").press("Enter")
    steps.step_up(officer, PASSWORD, code=phones[OFFICER].code())
    officer.locator("main form button[type=submit]").click()
    steps.arrive(officer, "/certificates/")
    page.goto("/")


@pytest.mark.parametrize("username", PINS)
def test_heads_sign_with_their_own_phone_and_pin(come_in, phones, faults, username):
    faults.expect("status of 403")  # the step-up before a release
    page = come_in(username)
    if "Mở văn bản để ký" not in page.locator(".todo > li").first.inner_text():
        make_certificate(page, username, phones, come_in(OFFICER))
    page.get_by_role("link", name="Mở văn bản để ký").click()
    steps.fill_signing_form(page, pin=PINS[username], code=phones[username].code())
    steps.sign_button(page).click()
    steps.arrive(page, "/signed/")


def test_commander_brings_it_into_force_and_all_agrees(
    come_in: ComeIn, journey, demo_server: Demo, tmp_path: Path
) -> None:
    page, hand = come_in(COMMANDER), Hand()
    hand.click(page.locator(".todo > li:first-child a.btn"))
    hand.click(page.locator("form[action$='/in-force/'] button"))
    expect(page.locator(".messages .alert-success")).to_be_visible()
    assert len(hand.clicked) <= 3

    paper = download(page, "/file/", tmp_path)
    assert valid_signatures(paper) == 1 + len(PINS)
    demo_server.manage("verify_document", str(paper))
    page.goto("/assignments/")
    expect(page.locator("tbody tr")).to_have_count(len(DUTIES) + 1)


def test_the_signing_is_closed_and_the_records_office_gives_number_and_date(come_in: ComeIn, journey) -> None:
    officer, clerk = come_in(OFFICER), come_in(CLERK)
    officer.locator(".todo > li", has_text="Đóng đợt ký").locator("a.btn").click()
    press(officer, "/close/")
    look(clerk, journey.paper)
    press(clerk, "/issue/")
    look(clerk, "/agreements/register/")
    expect(clerk.locator("main tbody td").first).to_have_text("01")


# --- The year ---------------------------------------------------------------------------------------------
def test_the_conclusion_is_accepted_reported_and_confirmed(come_in: ComeIn) -> None:
    focal_point, head, officer = come_in(FOCAL_POINT), come_in(HOME), come_in(OFFICER)
    look(focal_point, f"/assignments/?year={YEAR}")
    focal_point.get_by_role("link", name=CONCLUSION).click()
    press(focal_point, "/accept/")
    duty = focal_point.url
    report = form_of(focal_point, "/report-progress/")
    report.locator("[name=actual]").fill("1")
    report.locator("[name=text]").fill(RESULT)
    press(focal_point, "/submit-to-head/")
    look(head, duty)
    press(head, "/approve/")
    look(officer, duty)
    press(officer, "/confirm/")


def test_the_next_year_begins_and_an_unfinished_duty_goes_with_it(
    come_in: ComeIn, journey, demo_server: Demo
) -> None:
    officer = come_in(OFFICER)
    journey.begin_next(officer)
    code, _title = journey.carry_over(officer)
    look(officer, f"/programmes/{YEAR + 1}/")
    look(officer, f"/drafting/{YEAR + 1}/")
    expect(officer.locator("main")).to_contain_text(CONCLUSION)
    assert code == DUTIES[0][0]
    demo_server.manage("verify_programme", str(YEAR))
    demo_server.manage("write_checkpoint")
    demo_server.manage("verify_audit")
