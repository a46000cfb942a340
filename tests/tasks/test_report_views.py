"""Pages of periodic reports: the list, the grid, the form with its saves, the steps, the workbook."""

import datetime as dt
import io
import json

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from tasks import reports
from tasks.models import Assignment, Programme, Report, ReportingPeriod
from tasks.states import ReportState
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import reporting
from tests.tasks.reporting import of, submit

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture(autouse=True)
def quarter(programme: Programme, now) -> None:
    reporting.first_quarter(programme)


@pytest.fixture
def report(quarter) -> Report:
    return of("SXD")


def page_of(report: Report) -> str:
    return report.get_absolute_url()


def typed(report: Report, **changes: str) -> dict[str, str]:
    """The form as a browser sends it: 1.01 is led, 1.02 coordinated."""
    pks = dict(Assignment.objects.values_list("code", "pk"))
    return {
        "version": str(Report.objects.get(pk=report.pk).revision),
        f"actual_{pks['1.01']}": "1.004,5",
        f"text_{pks['1.01']}": "Đã rà soát 4 huyện.",
        f"nothing_{pks['1.02']}": "on",
        "summary": "Ổn định.",
        "shortcomings": "Không có.",
        "plans": "Tiếp tục rà soát.",
        "proposals": "",
    } | changes


def save(client, report: Report, *, accept: str = "text/html", **changes: str):
    return client.post(
        reverse("reports:save", args=[report.pk]), typed(report, **changes), HTTP_ACCEPT=accept
    )


def send(client, report: Report, **changes: str):
    return client.post(reverse("reports:submit", args=[report.pk]), typed(report, **changes))


def step(client, report: Report, name: str, **fields: str):
    version = str(Report.objects.get(pk=report.pk).revision)
    return client.post(reverse(f"reports:{name}", args=[report.pk]), {"version": version, **fields})


def text(response) -> str:
    return response.content.decode()


# --- Lists ------------------------------------------------------------------------------------------
def test_an_agency_sees_its_own_reports(report, login, focal_point):
    shown = text(login(focal_point).get(reverse("reports:list")))
    assert page_of(report) in shown
    assert page_of(of("UBMTTQ")) not in shown


@pytest.mark.parametrize("name", ["officer", "commander", "clerk"])
def test_the_command_sees_agencies_by_periods(name, report, login, cast):
    shown = text(login(getattr(cast, name)).get(reverse("reports:list")))
    assert all(page_of(of(code)) in shown for code in ("BCHQS", "UBMTTQ", "SXD"))
    assert "0/3" in shown


@pytest.mark.parametrize("name", ["viewer", "admin", "stranger"])
def test_who_has_nothing_to_do_with_reports_sees_none(name, login, cast):
    client = login(getattr(cast, name))
    assert "Chưa có báo cáo" in text(client.get(reverse("reports:list")))
    assert client.get(page_of(of("SXD"))).status_code == 404


def test_reports_stand_in_the_menu_of_who_has_to_do_with_them(login, cast):
    link = f'href="{reverse("reports:list")}"'
    assert link in text(login(cast.focal_point).get("/"))
    assert link not in text(login(cast.viewer).get("/"))


def test_a_year_that_is_not_there_is_the_current_one(login, officer):
    assert login(officer).get(reverse("reports:list"), {"year": "1999"}).context["year"] == 2026


def test_another_agencys_report_is_not_there(login, front_head):
    assert login(front_head).get(page_of(of("SXD"))).status_code == 404


def test_lists_take_a_fixed_number_of_queries(
    programme, login, officer, focal_point, django_assert_num_queries
):
    for n in range(5):
        agency = factories.AgencyFactory()
        factories.SignatoryFactory(programme=programme, agency=agency, order=20 + n)
    reporting.shells.make(programme)
    for user, count in ((officer, 7), (focal_point, 7)):
        client = login(user)
        client.get("/")
        with django_assert_num_queries(count):
            assert client.get(reverse("reports:list")).status_code == 200


def test_the_workbook_holds_the_same_table(report, login, officer, head):
    submit(report, head)
    response = login(officer).get(reverse("reports:export"))
    sheet = load_workbook(io.BytesIO(response.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["TT", "Cơ quan", "Quý I/2026"]
    assert ["3", "Sở Xây dựng", "Đúng hạn (10/03/2026)"] in rows
    assert rows[-1] == [None, "Đã gửi", "1/3"]


def test_only_the_command_takes_the_workbook(login, focal_point):
    assert login(focal_point).get(reverse("reports:export")).status_code == 403


# --- The form -----------------------------------------------------------------------------------------
def test_the_form_holds_last_periods_values(programme, report, login, focal_point, head):
    submit(report, head, lines={"1.01": reporting.figure("4", "Bốn huyện.")})
    factories.ReportingPeriodFactory(
        programme=programme,
        code="2026-Q2",
        data_from=TODAY,
        data_to=dt.date(2026, 6, 14),
        due_on=dt.date(2026, 6, 16),
    )
    reporting.shells.make(programme)
    form = login(focal_point).get(page_of(of("SXD", "2026-Q2")))
    shown = text(form)
    led = form.context["form"].led[0]
    assert led.actual.value() == 4
    assert led.item.before.text == "Bốn huyện."
    assert "Quý I/2026" in shown
    assert 'value="4"' in shown
    assert "Một số huyện gửi số liệu chậm." in shown


def test_a_draft_is_saved_by_its_button(report, login, focal_point):
    response = save(login(focal_point), report)
    assert response.status_code == 302
    row = of("SXD")
    line = row.lines.get(assignment__code="1.01")
    assert (row.summary, str(line.actual), line.text) == ("Ổn định.", "1004.50", "Đã rà soát 4 huyện.")
    assert row.lines.get(assignment__code="1.02").nothing_to_report


def test_the_script_gets_the_new_version_and_when(report, login, focal_point):
    response = save(login(focal_point), report, accept=JSON)
    assert json.loads(response.content) == {"version": "1", "message": "Đã lưu lúc 09:00 ngày 10/03/2026"}


def test_a_figure_that_is_none_is_refused_and_kept(report, login, focal_point):
    pk = Assignment.objects.get(code="1.01").pk
    wrong = {f"actual_{pk}": "bốn", "plans": "Giữ lại lời này."}
    client = login(focal_point)
    shown = save(client, report, **wrong)
    assert shown.status_code == 400
    assert 'value="bốn"' in text(shown)
    assert "Giữ lại lời này." in text(shown)
    refused = save(client, report, accept=JSON, **wrong)
    assert (refused.status_code, json.loads(refused.content)["message"][:8]) == (400, "Chưa lưu")
    assert of("SXD").revision == 0


@pytest.mark.parametrize("figure", ["3,505", "1,500,000", "-1"])
def test_an_english_figure_is_refused_rather_than_misread(report, login, focal_point, figure):
    pk = Assignment.objects.get(code="1.01").pk
    assert save(login(focal_point), report, **{f"actual_{pk}": figure}).status_code == 400


def test_a_stale_page_shows_both_versions(report, login, focal_point, head):
    seen = typed(report)
    save(login(head), report, summary="Của thủ trưởng.")
    client = login(focal_point)
    stale = client.post(reverse("reports:save", args=[report.pk]), seen | {"summary": "Của đầu mối."})
    assert stale.status_code == 409
    assert [(change.yours, change.now) for change in stale.context["changes"]] == [
        ("Của đầu mối.", "Của thủ trưởng.")
    ]
    quiet = client.post(reverse("reports:save", args=[report.pk]), seen, HTTP_ACCEPT=JSON)
    assert quiet.status_code == 409
    assert of("SXD").summary == "Của thủ trưởng."


def test_submitting_saves_first_and_says_what_is_missing(report, login, focal_point):
    client = login(focal_point)
    response = client.post(
        reverse("reports:submit", args=[report.pk]), typed(report, plans="", summary="Giữ.")
    )
    assert response.status_code == 302
    shown = text(client.get(response["Location"]))
    assert "IV. Phương hướng, nhiệm vụ kỳ tới: ghi nội dung, hoặc ghi “Không có”" in shown
    assert 'href="#id_plans"' in shown
    assert (of("SXD").summary, of("SXD").state) == ("Giữ.", ReportState.DRAFT)


def test_what_is_missing_is_not_shown_before_it_was_tried(report, login, focal_point):
    assert "cần bổ sung trước khi trình" not in text(login(focal_point).get(page_of(report)))


def test_a_submitted_report_is_no_form_any_more(report, login, focal_point):
    client = login(focal_point)
    send(client, report)
    shown = client.get(page_of(report))
    assert shown.context["form"] is None
    assert [form.name for form in shown.context["forms"]] == ["take_back"]
    assert save(client, report).status_code == 400


@pytest.mark.parametrize("name", ["save", "submit"])
def test_who_does_not_write_is_refused(name, report, login, officer):
    assert login(officer).post(reverse(f"reports:{name}", args=[report.pk]), typed(report)).status_code == 403


def test_a_period_to_come_has_no_form(programme, login, focal_point):
    ReportingPeriod.objects.update(
        data_from=TODAY + dt.timedelta(days=1), data_to=TODAY + dt.timedelta(days=3)
    )
    shown = login(focal_point).get(page_of(of("SXD")))
    assert shown.context["form"] is None
    assert "Chưa đến kỳ báo cáo" in text(shown)


# --- Steps ----------------------------------------------------------------------------------------------
def test_from_the_focal_point_to_accepted(report, login, cast):
    send(login(cast.focal_point), report)
    assert step(login(cast.head), report, "approve").status_code == 302
    officer = login(cast.officer)
    assert [form.name for form in officer.get(page_of(report)).context["forms"]] == [
        "accept",
        "return_to_agency",
    ]
    step(officer, report, "accept")
    assert of("SXD").state == ReportState.ACCEPTED


def test_returned_with_reason_and_day_the_agency_reads_both(report, login, cast):
    submit(report, cast.head)
    officer = login(cast.officer)
    assert step(officer, report, "return_to_agency", reason="Chưa khớp.").status_code == 400
    step(officer, report, "return_to_agency", reason="Chưa khớp biểu.", due_on="2026-03-25")
    shown = text(login(cast.focal_point).get(page_of(report)))
    assert "bổ sung chậm nhất ngày 25/03/2026" in shown
    assert "Chưa khớp biểu." in shown


def test_a_refused_step_keeps_what_was_typed(report, login, cast):
    submit(report, cast.head)
    sent = {"reason": "Chưa khớp biểu.", "due_on": "2026-01-01"}
    shown = step(login(cast.officer), report, "return_to_agency", **sent)
    assert shown.status_code == 400
    assert "Chưa khớp biểu." in text(shown)


def test_who_may_not_take_a_step_is_refused(report, login, cast):
    assert step(login(cast.focal_point), report, "accept").status_code == 403


def test_a_stale_step_is_answered_409(report, login, cast):
    submit(report, cast.head)
    client = login(cast.officer)
    assert client.post(reverse("reports:accept", args=[report.pk]), {"version": "1"}).status_code == 409


def test_a_report_takes_a_fixed_number_of_queries(report, login, cast, django_assert_num_queries):
    submit(report, cast.focal_point)
    for user, count in ((cast.focal_point, 14), (cast.officer, 13)):
        client = login(user)
        client.get("/")
        with django_assert_num_queries(count):
            assert client.get(page_of(report)).status_code == 200


# --- A period ----------------------------------------------------------------------------------------------
def test_a_period_is_locked_and_opened_for_one(report, login, cast):
    client, period = login(cast.officer), report.period_id
    shown = text(client.get(reverse("reports:period", args=[period])))
    assert "0 trên 3 cơ quan đã gửi" in shown
    lock = reverse("reports:lock_period", args=[period])
    assert client.post(lock, {"reason": ""}).status_code == 400
    assert client.post(lock, {"reason": "Đã tổng hợp xong."}).status_code == 302
    assert client.post(lock, {"reason": "Lần thứ hai."}).status_code == 400
    writer = login(cast.focal_point)
    assert writer.get(page_of(report)).context["form"] is None
    step(client, report, "reopen", reason="Số liệu sai.", until="2026-03-12")
    assert writer.get(page_of(report)).context["form"] is not None


def test_a_period_is_for_the_command(report, login, cast):
    address = reverse("reports:period", args=[report.period_id])
    assert login(cast.focal_point).get(address).status_code == 403
    assert login(cast.stranger).get(address).status_code == 404
    lock = reverse("reports:lock_period", args=[report.period_id])
    assert login(cast.clerk).post(lock, {"reason": "Đã tổng hợp."}).status_code == 403


def test_the_history_tells_each_step(report, login, cast):
    submit(report, cast.focal_point)
    reports.send_back(of("SXD"), by=cast.head, at=NOW, reason="Thiếu số liệu quý.")
    history = login(cast.focal_point).get(page_of(report)).context["history"]
    assert [(entry.text, entry.quote) for entry in history] == [
        ("Đang soạn", "Thiếu số liệu quý."),
        ("Chờ thủ trưởng duyệt", ""),
    ]
