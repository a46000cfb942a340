"""The pages of entries from paper: the forms, the scan, and what everybody then reads."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.files.refusals import FileRefused
from portal.notices import kinds
from portal.notices.models import Notice
from portal.users.models import Role, User
from tasks import evidence, paper_entries, paper_results, reports
from tasks.models import Assignment, PaperEntry, Programme, Report, ReportStep
from tasks.states import AssignmentStatus, ReportState
from tests.factories import NOW, TODAY, EvidenceFactory, person
from tests.portal.files import samples
from tests.tasks import reporting
from tests.tasks.entering import AT, TYPED, enter, paper, scan
from tests.tasks.extending import fresh
from tests.tasks.reporting import draft, of

S, R = AssignmentStatus, ReportState
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.FILES_DIR, settings.INCOMING_DIR = tmp_path / "files", tmp_path / "incoming"
    settings.QUARANTINE_DIR = tmp_path / "quarantine"


@pytest.fixture
def report(programme: Programme) -> Report:
    reporting.first_quarter(programme)
    return of("SXD")


@pytest.fixture
def working(assignment: Assignment) -> Assignment:
    Assignment.objects.filter(pk=assignment.pk).update(status=S.IN_PROGRESS)
    return fresh(assignment)


# --- The scan ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "status"),
    [
        *((name, 200) for name in ("clerk", "officer", "commander", "head", "focal_point", "deputy")),
        *((name, 404) for name in ("front_head", "viewer", "admin", "stranger")),
    ],
)
def test_the_scan_is_for_its_agency_and_the_command(report, cast, login, who, status):
    enter(report, cast.clerk)
    answer = login(getattr(cast, who)).get(reverse("paper_entries:scan", args=[PaperEntry.objects.get().pk]))
    assert answer.status_code == status


def test_a_scan_is_recalled_with_a_reason_and_the_report_stays(report, clerk, officer, login):
    enter(report, clerk)
    url = reverse("paper_entries:recall", args=[PaperEntry.objects.get().pk])
    assert login(clerk).get(url).status_code == 403
    client = login(officer)
    assert "27/BC-SXD" in client.get(url).content.decode()
    assert client.post(url, {"reason": "Có dấu mật."}).status_code == 302
    scan_url = reverse("paper_entries:scan", args=[PaperEntry.objects.get().pk])
    assert client.get(scan_url).status_code == 410
    page = client.get(reverse("reports:detail", args=[report.pk])).content.decode()
    assert "Có dấu mật." in page
    assert scan_url not in page


def told() -> dict[str, str]:
    """Return to whom a notice of the recall speaks, and of what."""
    rows = Notice.objects.filter(kind__startswith="paper.recalled").select_related("recipient")
    assert len(rows) == len({row.recipient for row in rows}), "each once"
    assert not any("27/BC-SXD" in row.text_vi or "dấu mật" in row.text_vi for row in rows)
    return {row.recipient.username: kinds.find(row.kind).path(row.subject_id) for row in rows}


@pytest.fixture
def recalling(programme) -> User:
    """Another officer, who neither entered nor accepted anything."""
    return person("bchqs.troly2", Role.PROGRAMME_OFFICER, programme.host)


def test_who_relies_on_the_scan_of_a_report_is_told(report, cast, recalling, login):
    row = enter(report, cast.clerk)
    reports.accept(row, by=cast.officer, at=AT)
    page = reverse("paper_entries:recall", args=[PaperEntry.objects.get().pk])
    assert login(recalling).post(page, {"reason": "Có dấu mật."}).status_code == 302
    people = (cast.head, cast.focal_point, cast.officer, cast.clerk)
    address = reverse("reports:detail", args=[report.pk])
    assert told() == {user.username: address for user in people}
    shown = login(cast.head).get("/notices/").text
    assert "cần gửi bản khác để nhập lại" in shown


def test_who_relies_on_the_scan_of_a_result_is_told_also_when_the_bytes_are_recalled_elsewhere(
    working, cast, recalling
):
    given = {"paper": paper(), "scan": scan(), "result_text": "Đã xong cả 27 huyện."}
    paper_results.enter_result(working, by=cast.officer, at=AT, **given)
    same = EvidenceFactory(assignment=working, agency=working.lead, file=PaperEntry.objects.get().file)
    evidence.recall(same, by=recalling, at=AT, reason="Có dấu mật.")
    address = reverse("assignments:detail", args=[working.pk])
    assert told() == {user.username: address for user in (cast.head, cast.focal_point, cast.officer)}


def test_nobody_else_recalls_a_scan(report, cast):
    enter(report, cast.clerk)
    for who in ("clerk", "head", "focal_point", "viewer", "admin"):
        with pytest.raises(PermissionDenied):
            paper_entries.recall(PaperEntry.objects.get(), by=getattr(cast, who), at=AT, reason="Thôi")
    assert not told()


# --- Pages ------------------------------------------------------------------------------------------------
def typed(**changes):
    days = {name: f"{day:%Y-%m-%d}" for name, day in TYPED.items() if isinstance(day, dt.date)}
    sent = SimpleUploadedFile("ban-giay.png", samples.picture())
    return TYPED | days | {"sent": sent, "declared": "on"} | changes


@pytest.fixture
def in_time(report):
    """The period began before today's clock of the tests; the paper came today."""
    report.period.data_from = TODAY - dt.timedelta(days=30)
    report.period.save()
    return {"received_on": f"{TODAY:%Y-%m-%d}", "issued_on": f"{TODAY:%Y-%m-%d}"}


def test_the_clerk_enters_a_report_on_its_page(report, in_time, clerk, login):
    client, url = login(clerk), reverse("paper_entries:report", args=[report.pk])
    assert url in client.get(reverse("reports:detail", args=[report.pk])).content.decode()
    assert "Nhập từ bản giấy" in client.get(url).content.decode()
    answer = client.post(url, typed(version="0", rest_is_nothing="on", **in_time))
    assert (answer.status_code, answer["Location"]) == (302, reverse("reports:detail", args=[report.pk]))
    page = client.get(answer["Location"]).content.decode()
    assert "nhập từ bản giấy số 27/BC-SXD" in page
    assert "Lê Văn Giấy, Giám đốc" in page
    assert reverse("paper_entries:scan", args=[PaperEntry.objects.get().pk]) in page
    assert "từ bản giấy" in client.get(reverse("reports:list")).content.decode()
    period = client.get(reverse("reports:period", args=[report.period_id])).content.decode()
    assert "Nhập từ bản giấy" in period


def test_what_lacks_is_said_beside_the_fields(report, in_time, clerk, login):
    url = reverse("paper_entries:report", args=[report.pk])
    answer = login(clerk).post(url, typed(version="0", summary="Ổn định.", **in_time))
    assert answer.status_code == 400
    body = answer.content.decode()
    assert "Bổ sung theo bản giấy" in body
    assert "Ổn định." in body
    assert of("SXD").state == R.DRAFT


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"declared": ""}, "declared"),
        ({"number": ""}, "number"),
        ({"subject": "TỐI MẬT"}, "sent"),
        ({"sent": SimpleUploadedFile("a.txt", b"x")}, "sent"),
    ],
)
def test_a_paper_without_its_facts_or_with_a_bad_file_is_refused(
    report, in_time, clerk, login, changes, field
):
    url = reverse("paper_entries:report", args=[report.pk])
    answer = login(clerk).post(url, typed(version="0", rest_is_nothing="on", **in_time) | changes)
    assert answer.status_code == 400
    assert field in answer.context["paper"].errors
    assert not ReportStep.objects.exists()


def test_a_report_that_is_not_owed_has_no_form(report, clerk, login):
    enter(report, clerk)
    body = login(clerk).get(reverse("paper_entries:report", args=[report.pk])).content.decode()
    assert "Lúc này không nhập báo cáo này được" in body
    assert 'name="number"' not in body


def test_a_page_of_an_older_report_is_shown_beside_what_stands_there(
    report, in_time, clerk, focal_point, login
):
    reports.save(of("SXD"), by=focal_point, at=NOW, draft=draft(report))
    url = reverse("paper_entries:report", args=[report.pk])
    assert login(clerk).post(url, typed(version="0", rest_is_nothing="on", **in_time)).status_code == 409


def test_who_entered_it_sees_no_button_to_accept(report, officer, login):
    enter(report, officer)
    page = login(officer).get(reverse("reports:detail", args=[report.pk])).content.decode()
    assert reverse("reports:accept", args=[report.pk]) not in page
    assert "Đồng chí là người nhập" in page


def test_the_clerk_enters_a_result_on_its_page(working, clerk, front_head, login):
    client, url = login(clerk), reverse("paper_entries:assignment", args=[working.pk])
    assert url in client.get(working.get_absolute_url()).content.decode()
    days = {"received_on": f"{TODAY:%Y-%m-%d}", "issued_on": f"{TODAY:%Y-%m-%d}"}
    answer = client.post(url, typed(version="0", what="result", text="", **days))
    assert answer.status_code == 400
    answer = client.post(url, typed(version="0", what="result", text="Đã xong.", actual="27", **days))
    assert (answer.status_code, answer["Location"]) == (302, working.get_absolute_url())
    page = client.get(working.get_absolute_url()).content.decode()
    assert "nhập từ bản giấy số 27/BC-SXD" in page
    assert fresh(working).actual == 27


@pytest.mark.parametrize("who", ["focal_point", "commander", "viewer"])
def test_the_forms_are_closed_to_others(report, working, cast, login, who):
    client = login(getattr(cast, who))
    assert client.get(reverse("paper_entries:assignment", args=[working.pk])).status_code in {403, 404}
    assert client.get(reverse("paper_entries:report", args=[report.pk])).status_code in {403, 404}
    assert "Nhập từ bản giấy của cơ quan" not in client.get(working.get_absolute_url()).content.decode()


def test_a_refused_file_leaves_nothing(report, clerk):
    with pytest.raises(FileRefused):
        reports.enter(
            report,
            by=clerk,
            at=AT,
            draft=draft(report),
            paper=paper(),
            sent=SimpleUploadedFile("a.docx", samples.docx("x")),
            declared=True,
        )
    assert not PaperEntry.objects.exists()
