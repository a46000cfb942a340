"""A signing round with people in several browsers: the board turns, a deputy signs, one declines."""

import time

from playwright.sync_api import Page, expect

from tests.browser.demo import YEAR, Demo
from tests.browser.steps import arrive, fill_signing_form, sign_button

PHONE = {"viewport": {"width": 360, "height": 740}}
TURNS_WITHIN = 2000  # milliseconds


def document_of(demo: Demo) -> str:
    """Return the address of this year's document, which is open for signing."""
    pk = demo.python(
        "from agreements.models import Document",
        f"print(Document.objects.get(programme__year={YEAR}).pk)",
    )
    return f"/agreements/{pk}/"


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_board_turns_when_somebody_signs_in_another_browser(visitor, demo_server):
    document = document_of(demo_server)
    board = visitor("bchqs.troly")
    board.goto(f"{document}board/")
    count = board.locator(".board-count b")
    before = int(count.inner_text())
    tile = board.locator(".tile").filter(has_text="Sở Nội vụ")
    expect(tile).to_have_class("tile tile-open ")

    head = visitor("snv.gd")
    head.goto(f"{document}sign/")
    fill_signing_form(head)
    sign_button(head).click()
    arrive(head, "/signed/")
    signed_at = time.monotonic()
    expect(count).to_have_text(str(before + 1), timeout=TURNS_WITHIN)
    assert (time.monotonic() - signed_at) * 1000 < TURNS_WITHIN
    expect(tile).to_have_class("tile tile-signed tile-fresh")
    expect(board.locator("[data-board-newest]")).to_contain_text("Sở Nội vụ")
    board.reload()
    expect(count).to_have_text(str(before + 1))
    assert fits(board)


def test_board_turns_without_script(new_context, sessions, visitor, demo_server):
    visitor("bchqs.troly")
    context = new_context(storage_state=sessions["bchqs.troly"], java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{document_of(demo_server)}board/")
    tile = page.locator(".tile").filter(has_text="Sở Y tế")
    expect(tile).to_have_class("tile tile-open ")
    demo_server.python(
        "from agreements.models import SignatureField",
        "from django.utils import timezone",
        f"SignatureField.objects.filter(document__programme__year={YEAR}, agency__code='SYT')"
        ".update(absent_at=timezone.now())",
    )
    expect(tile).to_have_class("tile tile-absent ")


def test_head_hands_over_and_the_deputy_signs_on_a_phone(visitor, demo_server):
    document = document_of(demo_server)
    head = visitor("sxd.head", **PHONE)
    head.goto(document)
    head.get_by_role("button", name="ký thay (KT.)").click()
    expect(head.get_by_role("button", name="Lấy lại từ cấp phó")).to_be_visible()
    assert fits(head)

    deputy = visitor("sxd.pgd", **PHONE)
    deputy.goto("/notices/")
    deputy.get_by_role("button", name="Thủ trưởng giao ký thay").first.click()
    deputy.get_by_role("link", name="Mở văn bản để ký").click()
    expect(deputy.get_by_text("Thủ trưởng đã giao văn bản này")).to_be_visible()
    expect(deputy.get_by_text("KT. GIÁM ĐỐC")).to_be_visible()
    assert fits(deputy)
    fill_signing_form(deputy)
    sign_button(deputy).click()
    arrive(deputy, "/signed/")
    expect(deputy.get_by_role("link", name="Về việc cần làm")).to_be_visible()
    assert fits(deputy)


def test_one_declines_all_are_told_and_the_commander_ends_the_round(visitor, demo_server, faults):
    document = document_of(demo_server)
    demo_server.python(
        "from tasks.models import Programme",
        f"Programme.objects.filter(year={YEAR}).update(state='frozen')",  # as before the commander decided
    )
    head = visitor("stc.head", **PHONE)
    head.goto(document)
    head.get_by_text("Từ chối ký", exact=True).first.click()
    head.get_by_label("Lý do").fill("Chưa cân đối được kinh phí")
    head.get_by_role("button", name="Từ chối ký").click()
    expect(head.get_by_role("button", name="Rút lại việc từ chối")).to_be_visible()
    assert fits(head)

    front = visitor("mttq.ct")
    front.goto("/notices/")
    expect(front.get_by_text("Sở Tài chính từ chối ký").first).to_be_visible()

    commander = visitor("bchqs.cht")
    commander.goto(document)
    expect(commander.get_by_text("Chưa cân đối được kinh phí").first).to_be_visible()
    commander.get_by_text("Kết thúc đợt ký", exact=True).first.click()
    commander.locator("#id_end_form_reason").fill("Sửa phân công kinh phí rồi ký lại")
    commander.get_by_role("button", name="Kết thúc đợt ký").click()
    expect(commander.get_by_text("Đợt ký đã kết thúc").first).to_be_visible()

    faults.expect("status of 410")
    front.goto(document)
    expect(front.get_by_text("Sửa phân công kinh phí rồi ký lại")).to_be_visible()
