"""Every main page: for everybody, on every screen, on paper, without script, in both languages."""

import re
import subprocess
import zlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests import scale
from tests.addresses import share
from tests.browser import steps
from tests.browser.accessibility import violations
from tests.browser.demo import YEAR

ANYONE = ("/login/", "/verify/", f"/verify/?sha256={'0' * 64}")
READING = (
    *(
        "/",
        "/programmes/",
        f"/programmes/{YEAR}/",
        f"/programmes/{YEAR - 1}/",
        "/assignments/",
        "/assignments/25/",
    ),
    *("/agencies/SNV/", "/agreements/", "/agreements/1/", "/agreements/2/"),
    *("/agreements/3/", "/notices/", "/notices/mail/"),
    "/reports/",
    *("/proposals/", "/ratings/", f"/ratings/{YEAR - 1}/", "/notices/preferences/"),
    *("/reviews/", "/reviews/14/", "/reviews/14/compare/"),
    *("/account/password/", "/account/second-factor/", "/account/sessions/", "/verify/", "/pki/"),
)
CERTIFICATE = ("/agreements/certificate/", "/agreements/certificate/pin/", "/agreements/agency-key/")
PAGES = {
    "bchqs.troly": (
        "/assignments/6/",
        *("/reports/1/", "/reports/441/", "/reports/periods/8/"),
        *("/consolidations/8/", "/consolidations/4/"),
        "/assignments/?standing=overdue&sort=-due",
        "/agreements/certificates/",
        "/agreements/certificates/all/",
        "/agreements/certificates/1/",
        "/agreements/certificates/1/revoke/",
        "/agreements/roots/",
        "/agreements/certificates/requests/1/",
        "/agreements/3/board/",
        "/agreements/authorisations/new/",
        "/account/step-up/?for=users",
        *("/ratings/sheets/1/", f"/ratings/{YEAR - 1}/rewards/", f"/ratings/{YEAR - 1}/support/"),
        *("/ratings/sheets/46/", "/ratings/sheets/46/verify/"),
        *("/years/begin/", f"/years/{YEAR}/unfinished/", f"/years/{YEAR - 1}/unfinished/"),
        *(f"/programmes/{YEAR}/review/", f"/programmes/{YEAR - 1}/review/"),
        *("/shortcomings/", "/shortcomings/1/", f"/shortcomings/new/{YEAR}/"),
        *(f"/drafting/{YEAR}/", f"/drafting/{YEAR}/import/"),
        *("/assignments/6/history/", f"/assignments/6/history/?on={YEAR}-01-20", "/cooperations/20/"),
        *("/people/", "/people/5/"),
    ),
    "snv.gd": (
        *("/agreements/3/sign/", "/agreements/1/signed/", *CERTIFICATE),
        *("/agreements/authorisations/", "/agreements/authorisations/new/"),
        "/reports/grant/",
        *("/ratings/sheets/16/", "/ratings/sheets/61/", "/ratings/sheets/61/score/"),
        f"/ratings/{YEAR}/support/",
    ),
    "snv.daumoi": (
        *("/assignments/26/", "/reports/435/", "/reports/441/"),
        *("/assignments/26/history/", "/ratings/sheets/61/"),
    ),
    "quantri": ("/", "/admin/", "/notices/undelivered/", "/notices/coming/", "/people/", "/people/5/"),
}
"""Who reads which pages. The demonstration gives the same numbers each time: agreement 1 is the one of
last year, 2 amends it, 3 is of this year; assignment 25 waits for the head, 26 for the focal point of SNV;
435 and 441 are that department's reports of this year's first quarter and of the year; sheets 16 and 61
of the rating are its own, 46 is the Front's, which waits for the officer; person 5 is its head; review 14 is
that of last year."""

READERS = ("bchqs.troly", "snv.gd", "snv.daumoi")
"""Who also read the pages that are for reading; in the short run each a third of them."""

ALSO_AT_HOME = ("bchqs.cht", "bchqs.vanthu", "mttq.ct", "sxd.pgd", "ubnd.xem")
WIDE, NARROW = {"width": 1366, "height": 768}, {"width": 360, "height": 740}


def each(page: Page, paths: tuple[str, ...]) -> Iterator[str]:
    """Open one page after the other; each must answer."""
    for path in paths:
        assert page.goto(path).ok, path
        yield path


# --- For everybody, on every screen ------------------------------------------------------------------
def faults_of(page: Page, paths: tuple[str, ...]) -> dict[str, list[str]]:
    """Open each page once: axe reads it wide and narrow, and a phone needs no sideways scroll.

    In the short run axe reads it in one of the two, the same one every time.
    """
    found = {}
    for path in each(page, paths):
        is_wide = zlib.crc32(path.encode()) % 2
        lines = violations(page) if scale.is_full() or is_wide else []
        page.set_viewport_size(NARROW)
        if scale.is_full() or not is_wide:
            lines += [f"360 px: {line}" for line in violations(page)]
        width = page.evaluate("document.documentElement.scrollWidth")
        lines += [f"360 px: scrolls to {width}"] if width > NARROW["width"] else []
        page.set_viewport_size(WIDE)
        if lines:
            found[path] = lines
    return found


@pytest.mark.parametrize("username", [*PAGES, *ALSO_AT_HOME])
def test_nobody_is_kept_out_by_a_page(visitor, username):
    page = visitor(username, viewport=WIDE)
    common = share(READING, username, READERS) if username in READERS else []
    assert not faults_of(page, (*common, *PAGES.get(username, ("/",))))


def test_nobody_is_kept_out_before_signing_in(new_context):
    page = new_context(viewport=WIDE).new_page()
    assert not faults_of(page, ANYONE)


def test_axe_finds_nothing_in_the_dark(visitor):
    page = visitor("snv.gd", viewport=WIDE, color_scheme="dark")
    paths = ("/", "/assignments/", "/assignments/25/", "/agreements/3/", "/agreements/3/sign/")
    found = {path: violations(page) for path in each(page, paths)}
    assert not {path: lines for path, lines in found.items() if lines}


def test_login_page_is_light(new_context):
    page = new_context().new_page()
    network = page.context.new_cdp_session(page)
    sizes: list[float] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    network.send("Network.enable")
    page.goto("/login/", wait_until="networkidle")
    assert len(sizes) > 3
    assert sum(sizes) <= 150 * 1024, sizes


# --- On paper ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/", "/assignments/", "/agreements/3/"])
def test_print_carries_the_content_and_not_the_controls(visitor, path, tmp_path):
    page = visitor("bchqs.troly")
    page.goto(path)
    heading = page.get_by_role("heading", level=1).inner_text()
    page.emulate_media(media="print")
    expect(page.locator(".masthead")).to_be_hidden()
    expect(page.get_by_role("button")).to_have_count(0)
    page.pdf(path=tmp_path / "page.pdf", format="A4")
    text = subprocess.run(
        ["pdftotext", tmp_path / "page.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    assert heading in " ".join(text.split())
    assert "Nguyễn Quang Đạt" in text  # who printed it


# --- Without script --------------------------------------------------------------------------------------
def test_signing_works_without_script(new_context):
    page = new_context(java_script_enabled=False).new_page()
    steps.sign_in(page, "stc.head")
    expect(page.get_by_role("heading", level=1)).to_have_text("Chờ duyệt, chờ ký")
    page.get_by_role("link", name="Mở văn bản để ký").click()
    before = steps.signed_count(page)
    steps.sign_document(page)
    assert steps.signed_count(page) == before + 1


def test_assignments_are_filtered_without_script(visitor):
    page = visitor("bchqs.troly", java_script_enabled=False)
    page.goto("/assignments/")
    page.locator("[name=lead]").select_option("SNV")
    page.locator("[data-autosubmit-button]").click()
    expect(page).to_have_url(re.compile("lead=SNV"))
    codes = page.locator("tbody td.code").all_inner_texts()
    assert codes == ["2.13", "2.14"]


# --- In both languages ----------------------------------------------------------------------------------
def test_english_is_chosen_on_the_home_and_stays(visitor):
    page = visitor("ubnd.xem")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    page.locator("summary.who").click()
    page.get_by_role("button", name="English").click()
    for path in ("/", "/assignments/", "/agreements/3/"):
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.get_by_role("link", name="Assignments").first).to_be_visible()
    assert not re.search("Trang chủ|Việc cần làm", page.locator("body").inner_text())
    page.locator("summary.who").click()
    page.get_by_role("button", name="Tiếng Việt").click()
    expect(page.locator("html")).to_have_attribute("lang", "vi")
