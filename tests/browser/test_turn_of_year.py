"""The turn of the year in a browser: next year's draft from Excel, a duty carried over, the year rated."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.demo import YEAR, Demo
from tests.browser.test_pages import NARROW, WIDE, faults_of
from tests.tasks.drafting import row, workbook

Visitor = Callable[..., Page]
NEXT = YEAR + 1
OFFICER, HEAD, COMMANDER = "bchqs.troly", "snv.gd", "bchqs.cht"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

VERIFY_THE_REST = f"""
import datetime as dt
from decimal import Decimal
from django.utils import timezone
from portal.lib.dates import local_day
from portal.users.models import User
from tasks import rating_figures, rating_sheets
from tasks.models import RatingRound
from tasks.rating_sheets import Verdict

now = timezone.now()
officer = User.objects.get(username="{OFFICER}")
rounds = RatingRound.objects.filter(programme__year={YEAR})
rounds.update(self_due_on=local_day(now) - dt.timedelta(days=1))
round_ = rounds.get()
for sheet in round_.sheets.exclude(state="verified").select_related("round__programme__host", "agency"):
    figures = rating_figures.read(round_, [sheet.agency_id], today=local_day(now))[sheet.agency_id]
    verdicts = {{}}
    for point in sheet.points.select_related("criterion"):
        rule = point.criterion
        share = None if rule.is_judged else figures[rule.measure]
        points = Decimal(rule.weight) if share is None else share.points(rule.weight)
        verdicts[rule.pk] = Verdict(points, "Theo kết quả theo dõi.")
    rating_sheets.verify(sheet, by=officer, at=now, verdicts=verdicts)
"""
REVIEW_IS_OVER = f"""
import datetime as dt
from django.utils import timezone
from portal.lib.dates import local_day
from tasks.models import RatingRound

day = local_day(timezone.now()) - dt.timedelta(days=1)
RatingRound.objects.filter(programme__year={YEAR}).update(review_until=day)
"""


def shell(demo: Demo, code: str) -> None:
    """Run lines in the demonstration's shell: what 45 agencies do, and days that pass."""
    demo.manage("shell", "--no-imports", "--command", code)


def upload(page: Page, *rows: Any) -> None:
    """Send a sheet as the officer's Excel saved it, with two lines of title above."""
    page.goto(f"/drafting/{NEXT}/import/")
    file = {"name": "Phân công.xlsx", "mimeType": XLSX, "buffer": workbook(rows, above=2)}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Kiểm tra tệp").click()
    page.wait_for_url("**/drafting/sheets/*/")


def done(page: Page) -> None:
    expect(page.locator(".messages .alert-success").first).to_be_visible()


def fits_a_phone(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]


# --- The next year's text ------------------------------------------------------------------------------
def test_officer_begins_the_year_and_adds_duties_from_excel(visitor: Visitor) -> None:
    page = visitor(OFFICER, viewport=WIDE)
    page.goto("/programmes/")
    page.get_by_role("link", name="Bắt đầu chương trình").click()
    expect(page.get_by_label("Năm", exact=False).first).to_have_value(str(NEXT))
    page.get_by_role("button", name="Bắt đầu chương trình").click()
    page.wait_for_url(f"**/years/{NEXT}/points/")
    done(page)
    due_on = dt.date(NEXT, 9, 30)
    usual = {"code": None, "start_on": None, "deadline_on": due_on}
    first = row(0, title="Xây dựng thao trường mới", **usual)
    upload(page, first, row(1, **usual | {"lead": "Sở Xây Dựg"}))
    errors = page.locator("section", has=page.get_by_role("heading", name="Lỗi trong tệp"))
    expect(errors.locator("tbody tr")).to_have_count(1)
    expect(errors).to_contain_text("Không có cơ quan “Sở Xây Dựg”")
    expect(page.get_by_role("button", name=re.compile("vào dự thảo"))).to_have_count(0)
    page.get_by_role("link", name="Gửi tệp đã sửa").click()
    upload(page, first, row(1, **usual | {"target": "1.234,5"}))
    expect(page.locator("main")).to_contain_text("1.234,5 văn bản")
    expect(page.locator("main")).to_contain_text(f"30/09/{NEXT}")
    page.get_by_role("button", name="Thêm 2 nhiệm vụ vào dự thảo").click()
    page.wait_for_url(f"**/drafting/{NEXT}/")
    done(page)
    expect(page.get_by_role("link", name="Xây dựng thao trường mới")).to_be_visible()


def test_an_unfinished_duty_is_carried_and_stands_in_the_draft(visitor: Visitor) -> None:
    page = visitor(OFFICER, viewport=WIDE)
    page.goto(f"/programmes/{YEAR}/")
    page.get_by_role("link", name=re.compile("Việc chưa hoàn thành")).click()
    line = page.locator("tbody tr", has=page.locator("option[value=carried]")).first
    title = line.locator(".cell-title a").inner_text()
    code = line.locator(".code").inner_text().strip()
    line.locator("select").select_option("carried")
    page.get_by_role("button", name="Quyết định").click()
    done(page)
    decided = page.locator("section", has=page.get_by_role("heading", name="Đã quyết định"))
    decided.get_by_role("link", name=f"{NEXT}, {code}").click()
    expect(page.locator("main")).to_contain_text(f"chương trình năm {NEXT}")
    page.goto(f"/drafting/{NEXT}/")
    expect(page.locator("tbody tr", has=page.locator(f"td:text-is('{code}')"))).to_be_visible()
    assert title


def test_nobody_is_kept_out_of_the_pages_of_a_draft(visitor: Visitor) -> None:
    page = visitor(OFFICER, viewport=WIDE)
    paths = (
        *(f"/programmes/{NEXT}/", f"/years/{NEXT}/points/", f"/years/{YEAR}/unfinished/", "/years/begin/"),
        *(f"/drafting/{NEXT}/", f"/drafting/{NEXT}/add/", f"/drafting/{NEXT}/import/"),
        *("/drafting/sheets/1/", "/drafting/sheets/2/"),
    )
    assert not faults_of(page, paths)
    page.goto(f"/drafting/{NEXT}/")
    page.locator("[name=rows]").first.check()
    page.locator("[name=deadline_on]").fill(f"{NEXT}-10-15")
    page.get_by_role("button", name="Xem trước thay đổi").click()
    expect(page.get_by_role("heading", name="Những gì sẽ đổi")).to_be_visible()
    expect(page.locator("main")).to_contain_text(f"15/10/{NEXT}")
    page.set_viewport_size(NARROW)
    fits_a_phone(page)


# --- The rating -----------------------------------------------------------------------------------------
def test_head_scores_officer_verifies_commander_approves(visitor: Visitor, demo_server: Demo) -> None:
    head = visitor(HEAD, viewport=NARROW)
    head.goto("/")
    head.get_by_role("link", name="Xếp loại cơ quan, đơn vị").first.click()
    head.get_by_role("link", name="Mở bảng điểm của cơ quan").click()
    sheet = head.url
    head.get_by_role("link", name="Tự chấm điểm").first.click()
    for order, points in ((4, "9,5"), (5, "3")):
        head.get_by_label(f"Điểm tự chấm {order}").fill(points)
        head.get_by_label(f"Căn cứ {order}").fill("Gửi ý kiến phối hợp đúng hạn.")
    fits_a_phone(head)
    head.get_by_role("button", name="Lưu điểm tự chấm").click()
    done(head)
    head.get_by_role("button", name="Trình bảng tự chấm điểm").click()
    done(head)
    expect(head.locator("main")).to_contain_text("9,5")

    officer = visitor(OFFICER, viewport=WIDE)
    officer.goto(sheet)
    officer.get_by_role("link", name="Thẩm định điểm").click()
    officer.get_by_label("Điểm thẩm định 4").fill("8,5")
    officer.get_by_label("Lý do 4").fill("Một lần gửi chậm.")
    officer.get_by_role("button", name="Lưu điểm thẩm định").click()
    done(officer)
    shell(demo_server, VERIFY_THE_REST)
    officer.goto(f"/ratings/{YEAR}/")
    officer.get_by_role("button", name="Thông báo điểm cho các cơ quan").click()
    done(officer)
    head.goto(sheet)
    expect(head.locator("main")).to_contain_text("Một lần gửi chậm.")
    shell(demo_server, REVIEW_IS_OVER)
    officer.goto(f"/ratings/{YEAR}/")
    officer.get_by_role("link", name="Đề nghị xếp loại").click()
    officer.get_by_role("button", name="Trình chỉ huy trưởng").click()
    done(officer)

    commander = visitor(COMMANDER, viewport=WIDE)
    commander.goto(f"/ratings/{YEAR}/")
    commander.get_by_role("button", name="Phê duyệt").click()
    done(commander)
    expect(commander.get_by_role("link", name="PDF theo Nghị định 30")).to_be_visible()
    head.goto(sheet)
    expect(head.locator("main")).to_contain_text("Mức xếp loại")
    fits_a_phone(head)
