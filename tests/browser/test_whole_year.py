"""A whole year at the screen, in both languages: reviewed, drafted, consulted, discussed, signed, tracked.

One long journey on the demonstration: each test goes on where the one before it ended, and asks that
what was entered stands in the next paper. Buttons are found by where they lead, so that the same
journey is walked in Vietnamese and in English.
"""

import datetime as dt
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.lib.dates import LOCAL
from tests.browser import demo, steps
from tests.browser.demo import YEAR, Demo
from tests.browser.forms import done, form_of, press, send

NEXT = YEAR + 1
OFFICER, COMMANDER, FRONT, HEAD, FOCAL_POINT = "bchqs.troly", "bchqs.cht", "mttq.ct", "snv.gd", "snv.daumoi"
AGENCY = "SNV"
SECRETARY = "Nguyễn Quang Đạt"  # the officer
SHORTCOMING, CAUSE = "Hai đơn vị gửi báo cáo chậm", "Cán bộ đầu mối thay đổi giữa năm"
COMMENT, ANSWER = "Đề nghị lùi thời hạn đến ngày 15/11", "Tiếp thu, sửa thời hạn"
SPEECH, RESERVATION = "Đề nghị đẩy mạnh tuyên truyền ở cơ sở", "Đề nghị bố trí kinh phí từ đầu năm"
CONCLUSION = "Tổ chức đối thoại với đoàn viên, hội viên"
CHANGED = "1.02"
Enter = Callable[[str], Page]


@pytest.fixture(scope="module", params=["vi", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def demo_server(built_demo: Demo, language: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demonstration for each language."""
    with demo.served(demo.copy(built_demo, tmp_path_factory.mktemp(language) / "var")) as running:
        yield running


@pytest.fixture(scope="module")
def sessions(language: str) -> dict:
    """Sessions of this language's portal."""
    return {}


@pytest.fixture(scope="module")
def found(language: str) -> dict[str, str]:
    """What the journey came by: addresses, the code of the carried duty."""
    return {}


@pytest.fixture
def enter(visitor: Callable[..., Page], language: str, demo_server: Demo) -> Enter:
    """Return enter(username): their page, in the language of the journey."""

    def come(username: str) -> Page:
        page = visitor(username)
        page.context.add_cookies([{"name": "language", "value": language, "url": demo_server.url}])
        return page

    return come


@pytest.fixture
def look(language: str) -> Callable[[Page, str], None]:
    """Return look(page, path): open it and see that it speaks the language."""

    def at(page: Page, path: str) -> None:
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", language)
        if language == "en":
            words = page.locator("main button").all_inner_texts()
            assert all(word.partition("\n")[0].isascii() for word in words), words  # below it, of whom

    return at


def words_of(page: Page, link: str, folder: Path) -> str:
    """Return what the paper says to which the page has a link with this ending."""
    with page.expect_download() as waiting:
        page.locator(f"main a[href$='{link}']").first.click()
    file = folder / waiting.value.suggested_filename
    waiting.value.save_as(file)
    said = subprocess.run(["pdftotext", "-raw", file, "-"], capture_output=True, text=True, check=True)
    return " ".join(said.stdout.split())


# --- The year that ends ---------------------------------------------------------------------------------
def test_the_past_year_is_reviewed_and_its_shortcoming_written_down(enter: Enter, look, found) -> None:
    page = enter(OFFICER)
    look(page, f"/programmes/{YEAR}/review/")
    look(page, f"/shortcomings/new/{YEAR}/")
    page.locator("[name=text]").fill(SHORTCOMING)
    page.locator("[name=cause]").fill(CAUSE)
    send(page)
    look(page, "/shortcomings/")
    expect(page.locator("main")).to_contain_text(SHORTCOMING)
    look(page, f"/programmes/{YEAR}/review/")
    expect(page.locator("main")).to_contain_text(SHORTCOMING)


def test_a_proposal_of_an_agency_is_decided(enter: Enter, look) -> None:
    page = enter(OFFICER)
    look(page, f"/proposals/?year={YEAR}")
    form = form_of(page, "/decide/")
    form.locator("[name=decision]").select_option("accept")
    form.locator("[name=answer]").fill("Đưa vào chương trình năm sau.")
    with page.expect_navigation():
        form.locator("[type=submit]").click()
    done(page)


def test_the_next_year_begins_and_an_unfinished_duty_goes_with_it(enter: Enter, look, found) -> None:
    page = enter(OFFICER)
    look(page, "/years/begin/")
    send(page)
    page.wait_for_url(f"**/years/{NEXT}/points/")
    press(page, f"/years/{NEXT}/points/days/")
    look(page, f"/years/{YEAR}/unfinished/")
    line = page.locator("tbody tr", has=page.locator("option[value=carried]")).first
    found["carried"] = line.locator(".code").inner_text().strip()
    found["carried title"] = line.locator(".cell-title a").inner_text().strip()
    line.locator("select").select_option("carried")
    send(page)
    look(page, f"/programmes/{NEXT}/")
    assert page.locator("main").inner_text().count("\n") > 5
    look(page, f"/drafting/{NEXT}/")
    expect(page.locator("main")).to_contain_text(found["carried title"])


# --- Consultation -----------------------------------------------------------------------------------------
def test_a_draft_goes_round_one_agency_comments_and_another_agrees(enter: Enter, look, found) -> None:
    officer = enter(OFFICER)
    look(officer, f"/consultations/drafts/{NEXT}/")
    officer.locator("[name=label]").fill("Bản lấy ý kiến")
    press(officer, "/take/")
    officer.locator("[name=closes_on]").fill((dt.date.today() + dt.timedelta(days=14)).isoformat())
    press(officer, "/open/")
    found["consultation"] = officer.url

    focal_point = enter(FOCAL_POINT)
    look(focal_point, f"{found['consultation']}?place=assignment.{CHANGED}")
    form_of(focal_point, "/comment/").locator("[name=proposal]").fill(COMMENT)
    press(focal_point, "/comment/")
    press(focal_point, "/submit/")
    head = enter(HEAD)
    look(head, found["consultation"])
    press(head, "/approve/")
    front = enter(FRONT)
    look(front, found["consultation"])
    press(front, "/submit/")


def test_the_comment_is_answered_and_changes_the_draft(
    enter: Enter, look, found, demo_server: Demo, tmp_path: Path
) -> None:
    officer = enter(OFFICER)
    look(officer, found["consultation"])
    officer.locator("main a[href*='/consultations/comments/']").first.click()
    officer.locator("[name=decision][value=accepted]").check()
    officer.locator("[name=response]").fill(ANSWER)
    send(officer)
    look(officer, f"/drafting/{NEXT}/")
    row = officer.locator("tbody tr", has=officer.locator(f"td:text-is('{CHANGED}')"))
    row.locator("[name=rows]").check()
    officer.locator("form[action$='/change/'] [name=deadline_on]").fill(f"{NEXT}-11-15")
    with officer.expect_navigation():
        officer.locator("form[action$='/change/'] [type=submit]").last.click()
    send(officer)

    days_pass = (
        "from agreements.models import Consultation",
        "from django.utils import timezone",
        "import datetime as dt",
        "before = timezone.localdate() - dt.timedelta(days=1)",
        f"Consultation.objects.filter(version__programme__year={NEXT}).update(closes_on=before)",
    )
    demo_server.python(*days_pass)
    look(officer, found["consultation"])
    with officer.expect_navigation():
        officer.locator("form[action$='/close/'] button:not([name])").click()
    done(officer)
    look(officer, f"{found['consultation']}table/")
    table = words_of(officer, "/paper/", tmp_path)
    assert COMMENT in table
    assert ANSWER in table


# --- The conference -----------------------------------------------------------------------------------------
def test_agencies_are_invited_and_name_who_comes(enter: Enter, look, found, tmp_path: Path) -> None:
    officer = enter(OFFICER)
    look(officer, f"/conferences/new/{NEXT}/")
    tomorrow = (dt.date.today() + dt.timedelta(days=1)).isoformat()
    for name, value in (
        *(("on", tomorrow), ("delegates_until", tomorrow), ("place", "Hội trường Bộ Chỉ huy")),
        *(("agenda-0-starts", "08:00"), ("agenda-0-title", "Báo cáo tổng kết năm qua")),
    ):
        officer.locator(f"[name='{name}']").fill(value)
    officer.locator("[name=chair]").select_option(index=1)
    secretary = officer.locator("[name=secretary] option", has_text=SECRETARY).get_attribute("value")
    officer.locator("[name=secretary]").select_option(secretary)
    send(officer)
    found["conference"] = officer.url
    press(officer, "/invite/")

    focal_point = enter(FOCAL_POINT)
    look(focal_point, f"{found['conference']}agencies/{AGENCY}/")
    letter = words_of(focal_point, "/letter/", tmp_path)
    assert "Hội trường Bộ Chỉ huy" in letter
    assert "Báo cáo tổng kết năm qua" in letter
    form_of(focal_point, "/name/").locator("[name=name]").fill("Lò Minh Trạch")
    form_of(focal_point, "/name/").locator("[name=position]").fill("Giám đốc")
    press(focal_point, "/name/")


def test_they_come_speak_and_agree_with_a_reservation(enter: Enter, look, found, demo_server: Demo) -> None:
    begins = (
        "from agreements.models import Conference",
        "from django.utils import timezone",
        "import datetime as dt",
        "begun = timezone.now() - dt.timedelta(minutes=2)",
        f"Conference.objects.filter(programme__year={NEXT}).update(starts_at=begun)",
    )
    demo_server.python(*begins)
    officer, head = enter(OFFICER), enter(HEAD)
    look(officer, f"{found['conference']}attendance/")
    officer.locator("[name=present]").check()
    send(officer)
    look(head, f"{found['conference']}agencies/{AGENCY}/")
    form_of(head, "/contribute/").locator("[name=text]").fill(SPEECH)
    press(head, "/contribute/")
    head.locator("[name=assent][value=mostly]").check()
    head.locator("[name=reservation]").fill(RESERVATION)
    press(head, "/agree/")


def test_the_chair_concludes_and_the_conclusion_becomes_a_duty(enter: Enter, look, found) -> None:
    officer = enter(OFFICER)
    look(officer, f"{found['conference']}conclusions/")
    expect(officer.locator("main")).to_contain_text(SPEECH)
    form = officer.locator("main form:has([name=owner])")
    form.locator("[name=text]").fill(CONCLUSION)
    owner = form.locator("[name=owner] option", has_text=re.compile("Sở Nội vụ|Home Affairs")).get_attribute(
        "value"
    )
    form.locator("[name=owner]").select_option(owner)
    form.locator("[name=task]").select_option(index=1)
    form.locator("[name=due_on]").fill(f"{NEXT}-05-31")
    with officer.expect_navigation():
        form.locator("[type=submit]").click()
    done(officer)
    press(officer, "/assign/")
    look(officer, f"/drafting/{NEXT}/")
    expect(officer.locator("main")).to_contain_text(CONCLUSION)


def test_the_minutes_say_all_of_it_and_are_confirmed_by_two(enter: Enter, look, found, tmp_path) -> None:
    officer, commander = enter(OFFICER), enter(COMMANDER)
    look(officer, f"{found['conference']}minutes/write/")
    officer.locator("[name=ended]").fill(dt.datetime.now(LOCAL).strftime("%H:%M"))
    send(officer)
    said = words_of(officer, "/paper/", tmp_path)
    for words in (SPEECH, RESERVATION, CONCLUSION, "Lò Minh Trạch"):
        assert words in said, words
    look(officer, f"{found['conference']}minutes/")
    press(officer, "/freeze/")
    for page in (commander, officer):
        look(page, f"{found['conference']}minutes/")
        press(page, "/sign/")


# --- Signing, and after -------------------------------------------------------------------------------------
def test_it_is_frozen_and_signed_and_in_force(
    enter: Enter, look, found, demo_server: Demo, tmp_path: Path
) -> None:
    officer = enter(OFFICER)
    look(officer, f"/programmes/{NEXT}/")
    if officer.locator("form[action$='/settle/']").count():
        press(officer, "/settle/")
    officer.goto(f"/programmes/{NEXT}/")
    with officer.expect_navigation():
        officer.locator("form[action*='/freeze/'] button").click()
    officer.wait_for_url("**/agreements/*/")
    paper = officer.url
    press(officer, "/open/")
    for username in (HEAD, FRONT, COMMANDER):
        page = enter(username)
        look(page, f"{paper}sign/")
        steps.sign_document(page)
    commander = enter(COMMANDER)
    look(commander, paper)
    press(commander, "/in-force/")
    signed = words_of(commander, "/file/", tmp_path)
    assert CONCLUSION in signed
    title = (
        "from tasks.models import Assignment",
        f"print(Assignment.objects.get(programme__year={NEXT}, code='{found['carried']}').title_vi)",
    )
    assert demo_server.python(*title) in signed
    assert f"15/11/{NEXT}" in signed
    checked = subprocess.run(
        ["pdfsig", "-nocert", next(tmp_path.glob("*.pdf"))], capture_output=True, text=True, check=False
    )
    assert checked.stdout.count("Signature is Valid.") == 4


def test_every_request_is_a_tracked_duty_of_its_agency(enter: Enter, look, found, demo_server: Demo) -> None:
    focal_point = enter(FOCAL_POINT)
    look(focal_point, f"/assignments/?year={NEXT}")
    focal_point.get_by_role("link", name=re.compile(CONCLUSION)).click()
    press(focal_point, "/accept/")
    officer = enter(OFFICER)
    look(officer, f"/assignments/?year={NEXT}")
    expect(officer.locator("main")).to_contain_text(found["carried title"])
    demo_server.manage("verify_programme", str(NEXT))
    demo_server.manage("write_checkpoint")
    demo_server.manage("verify_audit")
