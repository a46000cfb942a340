"""A whole year at the screen, in both languages: reviewed, drafted, consulted, discussed, signed, tracked.

One long journey on the demonstration: each test goes on where the one before it ended, and asks that
what was entered stands in the next paper. Buttons are found by where they lead, so that the same
journey is walked in Vietnamese and in English; the short run walks it in Vietnamese.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import scale
from tests.browser import demo, steps
from tests.browser.demo import YEAR, Demo
from tests.browser.forms import done, form_of, press, send
from tests.browser.journey import Journey, Look, valid_signatures, words_of

pytestmark = pytest.mark.soak
NEXT = YEAR + 1
OFFICER, COMMANDER, FRONT, HEAD, FOCAL_POINT = "bchqs.troly", "bchqs.cht", "mttq.ct", "snv.gd", "snv.daumoi"
AGENCY = "SNV"
SECRETARY = "Nguyễn Quang Đạt"  # the officer
SHORTCOMING, CAUSE = "Hai đơn vị gửi báo cáo chậm", "Cán bộ đầu mối thay đổi giữa năm"
COMMENT, ANSWER = "Đề nghị lùi thời hạn đến ngày 15/11", "Tiếp thu, sửa thời hạn"
HALL, ITEM, DELEGATE = "Hội trường Bộ Chỉ huy", "Báo cáo tổng kết năm qua", "Lò Minh Trạch"
SPEECH, RESERVATION = "Đề nghị đẩy mạnh tuyên truyền ở cơ sở", "Đề nghị bố trí kinh phí từ đầu năm"
CONCLUSION = "Tổ chức đối thoại với đoàn viên, hội viên"
CHANGED = "1.02"
Enter = Callable[[str], Page]


@pytest.fixture(scope="module", params=scale.of(ci=["vi"], full=["vi", "en"]))
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
    """What the journey came by: the code and the title of the carried duty."""
    return {}


@pytest.fixture
def enter(visitor: Callable[..., Page], language: str, demo_server: Demo) -> Enter:
    """Return enter(username): their page, in the language of the journey."""

    def come(username: str) -> Page:
        page = visitor(username)
        page.context.add_cookies([{"name": "language", "value": language, "url": demo_server.url}])
        return page

    return come


@pytest.fixture(scope="module")
def look(language: str) -> Look:
    """Return look(page, path): open it and see that it speaks the language."""

    def at(page: Page, path: str) -> None:
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", language)
        if language == "en":
            words = page.locator("main button").all_inner_texts()
            assert all(word.partition("\n")[0].isascii() for word in words), words  # below it, of whom

    return at


@pytest.fixture(scope="module")
def journey(look: Look) -> Journey:
    return Journey(NEXT, look)


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
    page, past = enter(OFFICER), Journey(YEAR, look)
    past.begin_next(page)
    found["carried"], found["carried title"] = past.carry_over(page)
    look(page, f"/programmes/{NEXT}/")
    assert page.locator("main").inner_text().count("\n") > 5


# --- Consultation -----------------------------------------------------------------------------------------
def test_a_draft_goes_round_one_agency_comments_and_another_agrees(enter: Enter, journey: Journey) -> None:
    journey.send_out(enter(OFFICER))
    journey.comment(enter(FOCAL_POINT), f"assignment.{CHANGED}", COMMENT)
    journey.answer(enter(HEAD), "/approve/")
    journey.answer(enter(FRONT))


def test_the_comment_is_answered_and_changes_the_draft(
    enter: Enter, journey: Journey, demo_server: Demo, tmp_path: Path
) -> None:
    officer = enter(OFFICER)
    journey.accept_comment(officer, ANSWER)
    journey.move_deadline(officer, CHANGED, dt.date(NEXT, 11, 15))
    days_pass = (
        "from agreements.models import Consultation",
        "from django.utils import timezone",
        "import datetime as dt",
        "before = timezone.localdate() - dt.timedelta(days=1)",
        f"Consultation.objects.filter(version__programme__year={NEXT}).update(closes_on=before)",
    )
    demo_server.python(*days_pass)
    table = journey.close_consultation(officer, tmp_path)
    assert COMMENT in table
    assert ANSWER in table


# --- The conference -----------------------------------------------------------------------------------------
def test_agencies_are_invited_and_name_who_comes(enter: Enter, journey: Journey, tmp_path: Path) -> None:
    officer, focal_point = enter(OFFICER), enter(FOCAL_POINT)
    journey.prepare_conference(officer, secretary=SECRETARY, place=HALL, item=ITEM)
    journey.invite(officer)
    journey.name_delegate(focal_point, AGENCY, DELEGATE)
    letter = words_of(focal_point, "/letter/", tmp_path)
    assert HALL in letter
    assert ITEM in letter


def test_they_come_speak_and_agree_with_a_reservation(enter: Enter, journey: Journey) -> None:
    officer, head = enter(OFFICER), enter(HEAD)
    journey.begin_now(officer)
    journey.take_attendance(officer)
    journey.speak(head, AGENCY, SPEECH)
    journey.agree(head, AGENCY, "mostly", RESERVATION)


def test_the_chair_concludes_and_the_conclusion_becomes_a_duty(enter: Enter, look, journey: Journey) -> None:
    officer = enter(OFFICER)
    look(officer, f"{journey.conference}conclusions/")
    expect(officer.locator("main")).to_contain_text(SPEECH)
    owner = officer.locator("[name=owner] option", has_text=re.compile("Sở Nội vụ|Home Affairs"))
    journey.conclude(officer, CONCLUSION, owner=owner, due_on=dt.date(NEXT, 5, 31))


def test_the_minutes_say_all_of_it_and_are_confirmed_by_two(enter: Enter, journey: Journey, tmp_path) -> None:
    officer, commander = enter(OFFICER), enter(COMMANDER)
    said = journey.write_minutes(officer, tmp_path)
    for words in (SPEECH, RESERVATION, CONCLUSION, DELEGATE):
        assert words in said, words
    journey.confirm_minutes(officer, commander, officer)


# --- Signing, and after -------------------------------------------------------------------------------------
def test_it_is_frozen_and_signed_and_in_force(
    enter: Enter, look, journey: Journey, found, demo_server: Demo, tmp_path: Path
) -> None:
    officer = enter(OFFICER)
    journey.freeze(officer)
    press(officer, "/open/")
    for username in (HEAD, FRONT, COMMANDER):
        page = enter(username)
        look(page, f"{journey.paper}sign/")
        steps.sign_document(page)
    commander = enter(COMMANDER)
    look(commander, journey.paper)
    press(commander, "/in-force/")
    signed = words_of(commander, "/file/", tmp_path)
    assert CONCLUSION in signed
    title = (
        "from tasks.models import Assignment",
        f"print(Assignment.objects.get(programme__year={NEXT}, code='{found['carried']}').title_vi)",
    )
    assert demo_server.python(*title) in signed
    assert f"15/11/{NEXT}" in signed
    assert valid_signatures(next(tmp_path.glob("*.pdf"))) == 4


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
