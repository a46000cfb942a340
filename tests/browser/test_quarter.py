"""One quarter as each post lives it, on one demonstration: each test goes on where the one before it ended.

What somebody does is looked for where the next person finds it: on the home, then on the page it leads to.
The Department of Home Affairs leads, the Department of Construction coordinates, the Department of Justice
is silent until the command enters its papers.
"""

import datetime as dt
import json
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Faults
from tests.browser.demo import YEAR, Demo
from tests.browser.forms import done, fill, form_of, press, send
from tests.portal.files import samples

Visitor = Callable[..., Page]
OFFICER, COMMANDER, CLERK, ADMIN = "bchqs.troly", "bchqs.cht", "bchqs.vanthu", "quantri"
FOCAL_POINT, HEAD, FRONT, VIEWER = "snv.daumoi", "snv.gd", "mttq.ct", "ubnd.xem"
PARTNER, DEPUTY = "sxd.daumoi", "sxd.pgd"
SILENT, SILENT_HEAD = "stp.daumoi", "stp.head"
TODAY = dt.datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
NOT_MINE, IT_STAYS = "Việc này thuộc ngành giáo dục", "Văn bản đã ký giao Sở Nội vụ chủ trì"
ASKED, DELIVERED, THANKS = "Đề nghị gửi danh sách cán bộ", "Đã gửi danh sách 12 cán bộ", "Gửi đúng hạn"
PROOF, WORK = "Biên bản khai giảng lớp thứ nhất", "Đã mở lớp thứ nhất"
FLOOD, GRANTED = "Mưa lũ chia cắt hai huyện vùng cao", "Đồng ý, không gia hạn thêm"
SECOND, UNCLEAR, CLEAR = "Đã mở thêm lớp thứ hai", "Nêu rõ số học viên", "Lớp thứ hai có 45 học viên"
NO_CAUSE, CAUSE = "Chưa nêu nguyên nhân chậm", "Chậm do giáo viên nghỉ ốm"
HURRY, LATE, LETTER = "Đề nghị gửi báo cáo ngay", "Chậm mười ngày", "Đề nghị báo cáo rõ lý do"
RESULT, THIN, WHOLE = "Đã mở đủ năm lớp", "Thiếu quyết định mở lớp", "Bổ sung quyết định lớp thứ năm"
ON_PAPER = "Đã kiện toàn 27 hội đồng"

STAGE = f"""
import datetime as dt
import json
from django.utils import timezone
from portal.agencies.models import Agency
from portal.calendar.models import load_calendar
from portal.users.models import User
from tasks import due_days, shells
from tasks.models import Assignment, Coordination, Programme, Report, ReportingPeriod

now = timezone.now()
today, day = timezone.localdate(now), dt.timedelta(days=1)
programme = Programme.objects.get(year={YEAR})
Programme.objects.filter(pk=programme.pk).update(year_to={YEAR + 1})  # more time is asked for in December too
agency = {{row.code: row for row in Agency.objects.all()}}
came = dict(state="accepted", first_submitted_at=now, submitted_at=now, accepted_at=now, own_due_on=None)
Report.objects.filter(period__programme=programme, period__due_on__lt=today).update(**came)
later = dict(data_from=today + 90 * day, data_to=today + 180 * day, due_on=today + 190 * day)
programme.periods.filter(due_on__gte=today).update(**later, review_due_on=None)
days = dict(data_from=today - 75 * day, data_to=today - 2 * day, due_on=today + 3 * day)
quarter = ReportingPeriod.objects.create(programme=programme, code="QUY", kind="quarterly", **days)
shells.make(programme)


def duty(code, lead, in_days):
    rows = Assignment.objects.filter(programme=programme, code=code)
    left = dict(adjusted_on=None, actual=0, progress_percent=0, submitted_on=None, result_text="", target=5)
    rows.update(lead=agency[lead], status="assigned", deadline_on=today + in_days * day, **left)
    due_days.refresh(rows, calendar=load_calendar())
    return rows.get()


led, wrong, late = duty("2.14", "SNV", 20), duty("2.15", "SNV", 60), duty("2.07", "STP", -10)
share = led.coordinations.order_by("pk").first()
Coordination.objects.filter(pk=share.pk).update(agency=agency["SXD"])
report_of = dict(Report.objects.filter(period=quarter).values_list("agency__code", "pk"))
found = {{
    "led": led.get_absolute_url(),
    "wrong": wrong.get_absolute_url(),
    "late": late.get_absolute_url(),
    "share": f"/cooperations/{{share.pk}}/",
    "report": f"/reports/{{report_of['SNV']}}/",
    "of the silent": f"/reports/{{report_of['STP']}}/",
    "of the Front": f"/reports/{{report_of['UBMTTQ']}}/",
    "quarter": f"/reports/periods/{{quarter.pk}}/",
    "consolidation": f"/consolidations/{{quarter.pk}}/",
    "subject": f"tasks.assignment:{{led.pk}}",
}}
print(json.dumps(found | {{user.username: user.get_full_name() for user in User.objects.all()}}))
"""
DAYS_PASS = """
import datetime as dt
from django.utils import timezone
from tasks.models import ReportingPeriod

ReportingPeriod.objects.filter(code="QUY").update(due_on=timezone.localdate() - dt.timedelta(days=1))
"""


@pytest.fixture(scope="module")
def found(demo_server: Demo) -> dict[str, str]:
    """Where the duties and reports of the quarter are, and what people are called, by user name."""
    return json.loads(demo_server.manage("shell", "--no-imports", "--command", STAGE))


def on(days: int) -> str:
    """A day from today, as a date field takes it."""
    return (TODAY + dt.timedelta(days=days)).isoformat()


def from_home(page: Page, path: str) -> Page:
    """Go where the home says that something waits."""
    page.goto("/")
    waiting = page.locator(f".todo a.btn[href^='{path}']").first
    waiting.wait_for(state="attached")
    if not waiting.is_visible():  # folded below the first
        page.locator(".more-todos > summary").click()
    waiting.click()
    page.wait_for_url(f"**{path}**")
    return page


def waits_no_more(page: Page, path: str) -> None:
    page.goto("/")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(f".todo a.btn[href^='{path}']")).to_have_count(0)


def reads(page: Page, path: str, *words: str) -> None:
    """Open a page and see that it says so."""
    page.goto(path)
    for said in words:
        expect(page.locator("main")).to_contain_text(said)


def with_reason(page: Page, action: str, **typed: str) -> None:
    """Take a step that needs words."""
    fill(form_of(page, action), **typed)
    press(page, action)


# --- The lead takes its work on -----------------------------------------------------------------------
def test_focal_point_accepts_a_duty_and_returns_a_wrong_one(visitor: Visitor, found) -> None:
    page = visitor(FOCAL_POINT)
    press(from_home(page, found["led"]), "/accept/")
    with_reason(from_home(page, found["wrong"]), "/return-to-command/", reason=NOT_MINE)
    waits_no_more(page, found["wrong"])

    officer = from_home(visitor(OFFICER), found["wrong"])
    expect(officer.locator("main")).to_contain_text(NOT_MINE)
    with_reason(officer, "/assign-again/", reason=IT_STAYS)
    waits_no_more(officer, found["wrong"])

    expect(from_home(page, found["wrong"]).locator("main")).to_contain_text(IT_STAYS)
    press(page, "/accept/")


def test_a_coordinating_agency_gives_its_part_and_is_rated(visitor: Visitor, found) -> None:
    lead = visitor(FOCAL_POINT)
    lead.goto(found["led"])
    lead.locator(f"main a[href='{found['share']}']").click()
    with_reason(lead, "/ask/", request=ASKED, due_on=on(10))

    partner = from_home(visitor(PARTNER), found["share"])
    expect(partner.locator("main")).to_contain_text(ASKED)
    with_reason(partner, "/report/", text=DELIVERED)
    lead.goto(found["share"])
    expect(lead.locator("main")).not_to_contain_text(DELIVERED)  # its head has not seen it yet

    press(from_home(visitor(DEPUTY), found["share"]), "/approve/")
    expect(from_home(lead, found["share"]).locator("main")).to_contain_text(DELIVERED)
    lead.locator("[name=rating][value='4']").check()
    with_reason(lead, "/rate/", note=THANKS)
    reads(partner, found["share"], THANKS)
    waits_no_more(partner, found["share"])


def test_progress_stands_with_its_evidence(visitor: Visitor, found) -> None:
    page = visitor(FOCAL_POINT)
    page.goto(found["led"])
    fill(form_of(page, "/report-progress/"), actual="1", percent="20", text=WORK)
    press(page, "/report-progress/")
    form = form_of(page, "/evidence/")
    fill(form, title=PROOF)
    file = {"name": "bien-ban.pdf", "mimeType": "application/pdf", "buffer": samples.pdf()}
    form.locator("[name=sent]").set_input_files(file)
    form.locator("[name=declared]").check()
    press(page, "/evidence/")
    reads(visitor(OFFICER), found["led"], WORK, PROOF, "20 %", found[FOCAL_POINT])


def test_more_time_is_asked_for_before_the_deadline(visitor: Visitor, found) -> None:
    page = visitor(FOCAL_POINT)
    page.goto(found["led"])
    page.locator("#extensions a[href*='/ask/']").click()
    fill(page, new_on=on(40), reason=FLOOD)
    send(page)
    path = page.url.removeprefix(page.url.partition("/extensions/")[0])
    officer = visitor(OFFICER)
    officer.goto("/")
    expect(officer.locator(".todo > li", has_text="chờ chỉ huy trưởng quyết định")).to_have_count(1)
    officer.goto(path)
    expect(officer.locator("form[action$='/approve/']")).to_have_count(0)  # she prepares, he decides

    commander = from_home(visitor(COMMANDER), path)
    expect(commander.locator("main")).to_contain_text(FLOOD)
    with_reason(commander, "/approve/", note=GRANTED)
    waits_no_more(commander, path)
    reads(page, found["led"], f"{TODAY + dt.timedelta(days=40):%d/%m/%Y}", GRANTED)


# --- The report of the quarter -------------------------------------------------------------------------
def test_the_report_goes_to_the_head_back_and_to_the_command(visitor: Visitor, found) -> None:
    page = from_home(visitor(FOCAL_POINT), found["report"])
    duty = found["led"].strip("/").rpartition("/")[2]
    expect(page.locator(f"[name=text_{duty}]")).to_have_value(WORK)  # nothing is typed twice
    fill(page, **{f"actual_{duty}": "2", f"text_{duty}": SECOND})
    page.locator("[name=rest_is_nothing]").check()
    press(page, "/submit/")

    head = from_home(visitor(HEAD), found["report"])
    expect(head.locator("main")).to_contain_text(SECOND)
    with_reason(head, "/send-back/", reason=UNCLEAR)
    expect(from_home(page, found["report"]).locator("main")).to_contain_text(UNCLEAR)
    fill(page, **{f"text_{duty}": CLEAR})
    press(page, "/submit/")
    press(from_home(head, found["report"]), "/approve/")
    waits_no_more(head, found["report"])

    expect(from_home(visitor(OFFICER), found["quarter"]).locator("main")).to_contain_text("Sở Nội vụ")
    reads(page, found["led"], CLEAR, "40 %")  # the report is the duty's progress


def test_the_head_of_the_front_sends_hers_with_her_own_hand(visitor: Visitor, found) -> None:
    page = visitor(FRONT)
    page.goto("/reports/")
    page.locator(f"main a[href='{found['of the Front']}']").first.click()
    page.locator("[name=rest_is_nothing]").check()
    press(page, "/submit/")
    officer = visitor(OFFICER)
    officer.goto(found["quarter"])
    officer.locator(f"main a[href='{found['of the Front']}']").first.click()
    press(officer, "/accept/")
    reads(page, found["of the Front"], found[OFFICER])


def test_a_report_is_returned_with_a_reason_and_a_day(visitor: Visitor, found, faults: Faults) -> None:
    faults.expect("status of 400")
    officer = from_home(visitor(OFFICER), found["quarter"])
    officer.locator(f"main a[href='{found['report']}']").first.click()
    form = form_of(officer, "/return-to-agency/")
    form.locator("[type=submit]").click()
    expect(officer.locator("main .invalid-feedback").first).to_be_visible()  # neither may be left out
    with_reason(officer, "/return-to-agency/", reason=NO_CAUSE, due_on=on(5))

    page = from_home(visitor(FOCAL_POINT), found["report"])
    expect(page.locator("main")).to_contain_text(NO_CAUSE)
    expect(page.locator("main")).to_contain_text(f"{TODAY + dt.timedelta(days=5):%d/%m/%Y}")
    fill(page, shortcomings=CAUSE)
    press(page, "/submit/")
    press(from_home(visitor(HEAD), found["report"]), "/approve/")
    officer.goto(found["report"])
    expect(officer.locator("main")).to_contain_text(CAUSE)
    press(officer, "/accept/")


# --- Those who are silent ------------------------------------------------------------------------------
def test_the_silent_are_seen_urged_and_written_to(visitor: Visitor, found, demo_server: Demo) -> None:
    demo_server.manage("shell", "--no-imports", "--command", DAYS_PASS)
    officer = from_home(visitor(OFFICER), found["quarter"])
    expect(officer.locator("main")).not_to_contain_text("Sở Nội vụ")  # it has sent its report
    officer.locator(f"main a[href='/urgings{found['of the silent']}']").click()
    form = officer.locator("main form").first
    fill(form, text=HURRY)
    with officer.expect_navigation():
        form.locator("[type=submit]").click()
    done(officer)
    silent = from_home(visitor(SILENT), found["of the silent"])
    expect(silent.locator("main")).to_contain_text(HURRY)

    officer.goto("/urgings/contacts/STP/letter/")
    fill(officer, text=LETTER, reply_by=on(7))
    send(officer)
    clerk = from_home(visitor(CLERK), "/urgings/letters/")
    with_reason(clerk, "/issue/", number="1234", issued_on=on(0))
    head = visitor(SILENT_HEAD)
    head.goto("/notices/")
    expect(head.locator("main")).to_contain_text("1234")
    reads(head, clerk.url, LETTER, "1234")


def test_the_commander_sets_a_light_and_says_why(visitor: Visitor, found) -> None:
    commander = visitor(COMMANDER)
    commander.goto(found["late"])
    commander.locator("#light a[href^='/lights/assignments/']").click()
    commander.locator("[name=colour][value=red]").check()
    fill(commander, reason=LATE, until_on=on(14))
    send(commander)
    reads(visitor(SILENT), found["late"], LATE, found[COMMANDER])


def test_the_clerk_enters_what_came_on_paper_and_another_decides(visitor: Visitor, found) -> None:
    clerk, officer, silent = visitor(CLERK), visitor(OFFICER), visitor(SILENT)
    for path, says in ((found["of the silent"], "rest_is_nothing"), (found["late"], "text")):
        clerk.goto(path)
        clerk.locator(f"main a[href^='/paper-entries/'][href$='{path}']").click()
        if says == "text":
            fill(clerk, actual="5", text=ON_PAPER)
        else:
            clerk.locator(f"[name={says}]").check()
        fill(clerk, number="88/BC-STP", issued_on=on(-1), subject="Báo cáo quý", received_on=on(0))
        fill(clerk, signer_name="Lê Văn Tám", signer_title="Giám đốc")
        file = {"name": "cong-van.pdf", "mimeType": "application/pdf", "buffer": samples.pdf()}
        clerk.locator("[name=sent]").set_input_files(file)
        clerk.locator("[name=declared]").check()
        send(clerk)
        steps = clerk.locator("form[action$='/accept/'], form[action$='/confirm/']")
        expect(steps).to_have_count(0)  # who enters does not decide
        reads(silent, path, "88/BC-STP", found[CLERK])

    officer.goto(found["of the silent"])
    press(officer, "/accept/")
    press(from_home(officer, found["late"]), "/confirm/")
    reads(silent, found["late"], ON_PAPER, found[OFFICER])


# --- The result ------------------------------------------------------------------------------------------
def test_a_result_is_approved_rejected_and_confirmed(visitor: Visitor, found) -> None:
    page, head, officer = visitor(FOCAL_POINT), visitor(HEAD), visitor(OFFICER)
    page.goto(found["led"])
    fill(form_of(page, "/report-progress/"), actual="5", percent="100", text=RESULT)
    press(page, "/submit-to-head/")
    press(from_home(head, found["led"]), "/approve/")
    expect(from_home(officer, found["led"]).locator("main")).to_contain_text(RESULT)
    with_reason(officer, "/reject/", reason=THIN)

    expect(from_home(page, found["led"]).locator("main")).to_contain_text(THIN)
    fill(form_of(page, "/report-progress/"), text=WHOLE)
    press(page, "/submit-to-head/")
    press(from_home(head, found["led"]), "/approve/")
    press(from_home(officer, found["led"]), "/confirm/")
    for one in (page, head):
        waits_no_more(one, found["led"])


def test_the_quarter_is_consolidated_frozen_and_numbered(visitor: Visitor, found) -> None:
    officer = from_home(visitor(OFFICER), found["consolidation"])
    press(officer, "/draft/")
    expect(officer.locator("main")).to_contain_text(CAUSE)
    commander = visitor(COMMANDER)
    commander.goto(found["consolidation"])
    with_reason(commander, "/freeze/", reason="Các cơ quan còn lại báo cáo trực tiếp")
    clerk = visitor(CLERK)
    clerk.goto(found["consolidation"])
    with_reason(clerk, "/number/", number="1300", issued_on=on(0))
    reads(officer, found["consolidation"], "1300", found[COMMANDER])
    waits_no_more(officer, found["consolidation"])


# --- Those who only look ---------------------------------------------------------------------------------
def test_the_viewer_reads_and_may_do_nothing(visitor: Visitor, found, faults: Faults) -> None:
    faults.expect("status of 40")
    page = visitor(VIEWER)
    page.goto("/")
    expect(page.locator(".todo")).to_have_count(0)
    reads(page, found["led"], "5")
    expect(page.locator("main form")).to_have_count(0)
    expect(page.locator("main")).not_to_contain_text(WHOLE)  # the figure, not the words
    for path in (found["report"], found["share"], found["consolidation"]):
        assert page.goto(path).status in {403, 404}, path


def test_the_administrator_reads_records_and_no_results(visitor: Visitor, found, faults: Faults) -> None:
    faults.expect("status of 404")
    page = visitor(ADMIN)
    page.goto(found["led"])
    expect(page.locator("main")).not_to_contain_text(WHOLE)
    expect(page.locator("main form")).to_have_count(0)
    assert page.goto(found["report"]).status == 404
    reads(page, f"/audit/?subject={found['subject']}", found[FOCAL_POINT], found[HEAD], found[OFFICER])


def test_the_history_tells_who_did_what(visitor: Visitor, found, demo_server: Demo) -> None:
    page = visitor(COMMANDER)
    page.goto(f"{found['led']}history/")
    rows = page.locator("tbody tr").all()
    told = [row.locator("td").nth(1).inner_text() for row in rows]
    assert told[:6] == [found[who] for who in (OFFICER, HEAD, FOCAL_POINT) * 2], "confirmed after a rejection"
    assert {found[COMMANDER], found[FOCAL_POINT], found[HEAD], found[OFFICER]} <= set(told)
    demo_server.manage("write_checkpoint")
    demo_server.manage("verify_audit")
