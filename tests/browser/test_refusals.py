"""What goes wrong at the screen: a clear word, nothing lost, never a 500."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.demo import PASSWORD


def open_room(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Mở văn bản để ký").click()
    page.wait_for_url("**/sign/")


def press_sign(page: Page) -> int:
    """Press the button and return the status of the answer."""
    with page.expect_response(lambda answer: answer.request.method == "POST") as waiting:
        steps.sign_button(page).click()
    return waiting.value.status


@pytest.fixture
def room(visitor) -> Page:
    """The signing room of a head who has not signed and signs in this module only in vain."""
    page = visitor("stc.head")
    open_room(page)
    return page


# --- The signing room ----------------------------------------------------------------------------------
def test_wrong_pin_is_said_beside_its_field_and_signs_nothing(room, faults):
    faults.expect("status of 400")
    before = steps.signed_count(room)
    steps.fill_signing_form(room, pin="1234-9876")
    assert press_sign(room) == 400
    expect(room.get_by_role("alert").first).to_contain_text("Sai mã PIN")
    expect(room.locator("[name=pin]")).to_have_attribute("aria-invalid", "true")
    expect(room.locator("[name=pin]")).to_have_value("")
    expect(room.locator("[name=read]")).to_be_checked()
    assert steps.signed_count(room) == before


def test_code_that_opened_the_session_does_not_sign(new_context, faults):
    faults.expect("status of 400")
    page = new_context().new_page()
    page.goto("/login/")
    page.locator("[name=login]").fill("skhcn.head")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    code = steps.shown_code(page)
    page.locator("[name=code]").fill(code)
    page.locator("[name=code]").press("Enter")
    open_room(page)
    steps.fill_signing_form(page, code=code)
    assert press_sign(page) == 400
    expect(page.get_by_role("alert").first).to_contain_text("đã dùng")
    expect(page.locator("[name=code]")).to_have_value("")
    steps.sign_document(page)


def test_double_click_and_repeated_form_make_one_signature(visitor):
    page = visitor("sxd.head")
    open_room(page)
    before = steps.signed_count(page)
    steps.fill_signing_form(page)
    form = {
        name: page.locator(f"form:has([name=pin]) [name={name}]").input_value()
        for name in ("sha256", "key", "pin", "code", "read")
    }
    room = page.url
    steps.sign_button(page).dblclick()
    steps.arrive(page, "/signed/")
    assert steps.signed_count(page) == before + 1
    again = steps.send(page, room, **form)
    assert again.status == 302
    assert again.headers["location"].endswith("/signed/")
    page.reload()
    assert steps.signed_count(page) == before + 1


# --- Addresses, uploads ----------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/programmes/1999/", "/agencies/X/", "/assignments/0/", "/x/"])
def test_unknown_address_is_404_with_a_way_on(visitor, faults, path):
    faults.expect("status of 404")
    page = visitor("stc.head")
    assert page.goto(path).status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("Không tìm thấy trang")
    expect(page.locator("main a.btn-primary")).to_be_visible()


def test_bad_filter_is_400_and_says_what(visitor, faults):
    faults.expect("status of 400")
    page = visitor("stc.head")
    assert page.goto("/assignments/?standing=sometimes").status == 400
    expect(page.get_by_role("alert")).to_be_visible()


def test_file_that_is_too_large_is_413(page: Page, faults, tmp_path):
    faults.expect("status of 413")
    file = tmp_path / "lon.pdf"
    file.write_bytes(b"%PDF-1.7\n" + bytes(20 * 1024 * 1024))
    page.goto("/verify/")
    page.locator("input[type=file]").set_input_files(file)
    with page.expect_response(lambda answer: answer.request.method == "POST") as waiting:
        page.locator("form:has(input[type=file]) [type=submit]").click()
    assert waiting.value.status == 413
    expect(page.get_by_role("alert").first).to_contain_text("20 MB")


def test_file_that_is_no_pdf_is_400(page: Page, faults, tmp_path):
    faults.expect("status of 400")
    file = tmp_path / "van-ban.pdf"
    file.write_text("không phải PDF")
    page.goto("/verify/")
    page.locator("input[type=file]").set_input_files(file)
    page.locator("form:has(input[type=file]) [type=submit]").click()
    expect(page.get_by_role("alert").first).to_contain_text("PDF")


# --- Forms that outlive their page ---------------------------------------------------------------------
WORDS = "Đã tập huấn 3 lớp tại Thọ Xuân, còn 2 lớp vào tháng sau."


@pytest.fixture
def report(visitor) -> Page:
    """The half-written report of a focal point."""
    page = visitor("snv.daumoi")
    page.goto("/assignments/26/")
    if page.locator("form[action$='/accept/'] button").count():
        page.locator("form[action$='/accept/'] button").click()
    page.locator("[name=actual]").fill("3")
    page.locator("textarea[name=text]").fill(WORDS)
    return page


def save(page: Page) -> int:
    with page.expect_response(lambda answer: answer.request.method == "POST") as waiting:
        page.locator("form:has(textarea[name=text]) .btn-outline[type=submit]").click()
    return waiting.value.status


def test_expired_form_is_403_and_keeps_the_words(report, faults):
    faults.expect("status of 403")
    report.context.clear_cookies(name="csrf")
    assert save(report) == 403
    expect(report.get_by_role("heading", level=1)).to_have_text("Biểu mẫu đã hết hiệu lực")
    expect(report.locator("main")).to_contain_text(WORDS)


def test_session_that_ran_out_keeps_the_words(report, faults):
    faults.expect("status of 403")
    at = report.url
    report.context.clear_cookies(name="session")
    assert save(report) == 403
    expect(report.locator("main")).to_contain_text(WORDS)
    report.locator("main a.btn-primary").click()
    assert report.url.endswith("/login/?next=" + at[at.index("/assignments") :])


def test_idle_session_s_form_stands_filled_after_the_next_sign_in(report, demo_server, faults):
    """Also without JavaScript: nothing of this needs it."""
    faults.expect("status of 403")
    at = report.url
    demo_server.python(
        "from django.contrib.sessions.backends.db import SessionStore",
        "from portal.users.models import SignIn",
        "rows = SignIn.objects.filter(user__username='snv.daumoi')",
        "stores = [SessionStore(row.session_key) for row in rows]",
        "[s.update({'sign_in': s['sign_in'] | {'seen': 0}}) or s.save() for s in stores]",
    )
    assert save(report) == 403
    report.locator("[name=login]").fill("snv.daumoi")
    report.locator("[name=password]").fill(steps.PASSWORD)
    report.locator("[name=password]").press("Enter")
    report.wait_for_url(at)
    expect(report.locator("textarea[name=text]")).to_have_value(WORDS)
    expect(report.locator("[name=actual]")).to_have_value("3")


def test_refused_figure_keeps_what_was_typed(report, faults):
    faults.expect("status of 400")
    report.locator("[name=actual]").fill("ba")
    assert save(report) == 400
    expect(report.locator("[name=actual]")).to_have_value("ba")
    expect(report.locator("textarea[name=text]")).to_have_value(WORDS)


def test_change_meanwhile_is_409_with_both_versions(report, visitor, faults):
    faults.expect("status of 409")
    other = visitor("snv.daumoi")
    other.goto(report.url)
    other.locator("[name=actual]").fill("2")
    other.locator("textarea[name=text]").fill("Đã tập huấn 2 lớp.")
    assert save(other) == 302
    assert save(report) == 409
    expect(report.locator("main")).to_contain_text(WORDS)
    expect(report.locator("main")).to_contain_text("Đã tập huấn 2 lớp.")


def test_round_closed_meanwhile_signs_nothing(room, visitor, faults):
    """Closes the round, so it is the last one of its module."""
    faults.expect("status of 400")
    steps.fill_signing_form(room)
    officer = visitor("bchqs.troly")
    officer.goto(re.sub("sign/$", "", room.url))
    before = steps.signed_count(officer)
    officer.locator("form[action$='/close/'] button").click()
    assert press_sign(room) == 400
    expect(room.get_by_role("alert").first).to_contain_text("đợt ký")
    officer.reload()
    assert steps.signed_count(officer) == before
