"""An administrator without a manual corrects a day off: by the words on the screen only."""

import datetime as dt
import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.demo import Demo
from tests.browser.steps import Hand

OPEN_DEADLINE = (
    "from tasks.models import Assignment as A",
    "from tasks.states import OPEN_ASSIGNMENT as O",
    "from portal.calendar.models import Holiday as H",
    "rows = A.objects.filter(programme__state='in_force', status__in=O, cycle='once', adjusted_on=None)",
    "rows = rows.exclude(deadline_on__in=H.objects.values('on')).filter(due_on__week_day__in=(2, 3, 4))",
    "row = rows.order_by('-due_on').first()",
    "print(row.pk, row.code, row.due_on.isoformat())",
)
"""Work that ends on a Monday to Wednesday, the latest of it."""


def next_day(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=1)


def deadline_on_the_page(page: Page, pk: str) -> str:
    page.goto(f"/assignments/{pk}/")
    return page.locator("main").inner_text()


def link(page: Page, words: str) -> Locator:
    return page.get_by_role("link", name=words).locator("visible=true").first


def test_corrects_a_day_off_and_the_deadline_moves(visitor, demo_server: Demo) -> None:
    pk, code, due = demo_server.python(*OPEN_DEADLINE).split()
    day = dt.date.fromisoformat(due)
    page, hand = visitor("quantri"), Hand()

    # From the home, by words: where days off are kept, and a new one.
    page.goto("/")
    hand.click(page.locator("summary.who"))
    hand.click(page.get_by_role("banner").get_by_role("link", name="Quản trị", exact=True))
    hand.click(link(page, "Ngày nghỉ và ngày hoán đổi"))
    hand.click(link(page, "Thêm vào ngày nghỉ hoặc ngày hoán đổi"))
    page.get_by_label("Ngày:").fill(due)
    page.get_by_label("Tên:").fill("Nghỉ bù theo thông báo của Chính phủ")
    hand.click(page.get_by_role("button", name="Lưu lại").first)

    # The portal says what followed, and the history of the day names it.
    expect(page.locator(".messagelist")).to_contain_text(re.compile(r"\d+ hạn hoàn thành đã dời theo"))
    hand.click(link(page, f"{day:%d/%m/%Y}"))
    hand.click(link(page, "Lịch sử"))
    expect(page.locator(".record-event").first).to_contain_text(f"{code} ")
    expect(page.locator(".record-event").first).to_contain_text(f"{day:%d/%m/%Y}")
    assert len(hand.clicked) <= 7
    officer = visitor("bchqs.troly")
    assert f"{next_day(day):%d/%m/%Y}" in deadline_on_the_page(officer, pk)
