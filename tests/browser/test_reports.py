"""Periodic reports in a browser: six duties, a column from Excel, drafts that save themselves."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Faults
from tests.browser.demo import YEAR, Demo

Visitor = Callable[..., Page]
DUTIES = 6
MOST_FIELDS = 15
FIGURES = ["3.505", "12", "7", "4", "25,5", "60"]
PHONE = {"viewport": {"width": 360, "height": 740}}
TODAY = dt.datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
SAVED = "Đã lưu lúc"
HIDDEN_AT_THE_SIDE = """[...document.querySelectorAll('.table-region:has(.table-fold)')]
    .filter((region) => region.scrollWidth > region.clientWidth).length"""


@pytest.fixture(scope="module")
def address(demo_server: Demo) -> str:
    """A report of the Department of Labour that is due in a week; the department leads six duties in it."""
    code = (
        "from tasks.models import Assignment, Report, ReportLine",
        "from portal.agencies.models import Agency",
        "agency = Agency.objects.get(code='SLDTBXH')",
        f"rows = Assignment.objects.filter(programme__year={YEAR}).exclude(lead=agency).order_by('code')",
        f"led = Assignment.objects.filter(programme__year={YEAR}, lead=agency)",
        f"more = list(rows.values_list('pk', flat=True)[:{DUTIES} - led.count()])",
        "Assignment.objects.filter(pk__in=more).update(lead=agency)",
        "led.update(status='in_progress', submitted_on=None, confirmed_at=None, actual=2, result_text='')",
        f"report = Report.objects.get(period__code='{YEAR}-Y', agency=agency)",
        f"report.period.due_on = '{TODAY + dt.timedelta(days=7)}'",
        f"report.period.data_to = '{TODAY}'",
        f"report.period.data_from = '{TODAY - dt.timedelta(days=90)}'",
        "report.period.save()",
        "print(report.get_absolute_url())",
    )
    return demo_server.python(*code)


def paste(page: Page, text: str) -> None:
    """Copy a text elsewhere, as in Excel, and paste it where the cursor is."""
    sheet = page.context.new_page()
    sheet.set_content("<textarea></textarea>")
    sheet.locator("textarea").fill(text)
    sheet.keyboard.press("Control+A")
    sheet.keyboard.press("Control+C")
    sheet.close()
    page.bring_to_front()
    page.keyboard.press("Control+V")


def count_fields(page: Page) -> None:
    """Note each field that changes from here on, by its name."""
    page.evaluate(
        "() => { window.touched = new Set();"
        " document.addEventListener('input', (event) => window.touched.add(event.target.name)); }"
    )


def test_a_quarter_of_six_duties_takes_fifteen_fields(visitor: Visitor, address: str) -> None:
    page = visitor("sldtbxh.daumoi")
    page.goto("/")
    page.locator(f'.todo a[href="{address}"]').click()
    figures = page.locator("[data-column=actual]")
    expect(figures).to_have_count(DUTIES)
    assert {figure.input_value() for figure in figures.all()} == {"2"}, "the last figures stand in place"

    count_fields(page)
    figures.first.focus()
    paste(page, "\r\n".join(FIGURES) + "\r\n")
    typed = [*FIGURES[:-1], "2"]  # the last is divided over districts: its figure follows theirs
    assert [figure.input_value() for figure in figures.all()] == typed
    led = page.locator("section[aria-labelledby=led-h]")
    for n, words in enumerate(led.locator("textarea").all()):
        words.fill(f"Đã hoàn thành phần việc thứ {n + 1}.")
    page.get_by_label("III. Tồn tại").fill("Không có.")
    page.get_by_label("IV. Phương hướng").fill("Tiếp tục thực hiện.")
    page.get_by_label("Những mục còn để trống").check()
    assert len(page.evaluate("[...window.touched]")) <= MOST_FIELDS

    expect(page.locator("[data-autosave-state]")).to_contain_text(SAVED)
    page.reload()
    kept = [figure.replace(".", "") for figure in typed]
    assert [figure.input_value() for figure in figures.all()] == kept
    page.get_by_role("button", name="Trình thủ trưởng duyệt").click()
    expect(page.get_by_text("Chờ thủ trưởng duyệt").first).to_be_visible()
    expect(page.locator("[data-column=actual]")).to_have_count(0)
    page.get_by_role("button", name="Rút lại để soạn tiếp").click()
    expect(figures.first).to_have_value(kept[0])


def test_an_english_column_is_read_as_it_is_meant(visitor: Visitor, address: str) -> None:
    page = visitor("sldtbxh.daumoi")
    page.goto(address)
    figures = page.locator("[data-column=actual]")
    figures.nth(1).focus()
    paste(page, "3,505\t100 %\r\n1,200,000\t\r\n\r\n8")
    assert [figure.input_value() for figure in figures.all()[1:5]] == ["3505", "1200000", FIGURES[3], "8"]


def test_last_periods_words_are_copied_by_a_button(visitor: Visitor, address: str) -> None:
    page = visitor("sldtbxh.daumoi")
    page.goto(address)
    copy = page.locator("[data-copy-to=id_shortcomings]")
    if not copy.count():
        pytest.skip("early in the year no report came before")
    copy.click()
    before = page.locator("#id_shortcomings_before").inner_text()
    expect(page.locator("#id_shortcomings")).to_have_value(before)


def test_of_two_pages_the_older_gets_both_versions(visitor: Visitor, address: str, faults: Faults) -> None:
    faults.expect("status of 409")
    first, second = visitor("sldtbxh.daumoi"), visitor("sldtbxh.head")
    first.goto(address)
    second.goto(address)
    with second.expect_response(lambda answer: answer.request.method == "POST"):
        second.locator("#id_plans").fill("Lời của thủ trưởng.")
    first.locator("#id_plans").fill("Lời của đầu mối.")
    expect(first.locator("[data-autosave-state]")).to_contain_text("Có người đã sửa")
    first.get_by_role("button", name="Lưu nháp").click()
    table = first.get_by_role("table")
    expect(table).to_contain_text("Lời của đầu mối.")
    expect(table).to_contain_text("Lời của thủ trưởng.")


def test_it_works_without_a_script(visitor: Visitor, address: str) -> None:
    visitor("sldtbxh.daumoi")
    page = visitor("sldtbxh.daumoi", java_script_enabled=False)
    page.goto(address)
    page.locator("#id_summary").fill("Viết khi không có kịch bản.")
    page.get_by_role("button", name="Lưu nháp").click()
    expect(page.get_by_text("Đã lưu nháp.")).to_be_visible()
    expect(page.locator("#id_summary")).to_have_value("Viết khi không có kịch bản.")


def test_pages_fit_a_phone_and_axe_finds_nothing(visitor: Visitor, address: str, faults: Faults) -> None:
    faults.expect("Applying inline style")  # axe's own, while it looks at the style sheets
    for who, paths in (
        ("sldtbxh.daumoi", (address, f"{address}?missing", "/reports/")),
        ("bchqs.troly", (address, "/reports/", "/reports/periods/1/")),
    ):
        page = visitor(who, **PHONE)
        for path in paths:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
            assert page.evaluate(HIDDEN_AT_THE_SIDE) == 0, path
            found = Axe().run(page).response["violations"]
            assert not found, [rule["id"] + rule["nodes"][0]["html"][:120] for rule in found]
