"""Pages of a draft's assignments: the board, one more, many at once, sheets."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.files.worker import tables
from tasks import assignment_imports
from tasks.models import Assignment, AssignmentImport, Programme
from tests import factories
from tests.factories import NOW
from tests.tasks.drafting import HEADINGS, row, workbook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
BOARD = "/drafting/2026/"


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.FILES_DIR, settings.INCOMING_DIR = tmp_path / "files", tmp_path / "incoming"


@pytest.fixture
def sheet(draft_programme, officer) -> AssignmentImport:
    table = tables.read(workbook([row()]))
    return assignment_imports.put(
        draft_programme, by=officer, at=NOW, table=table, file_name="Bảng.xlsx", file_sha256="0" * 64
    )


def body(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def key(code: str) -> str:
    return str(Assignment.objects.get(code=code).pk)


# --- The board ---------------------------------------------------------------------------------------
def test_board_shows_what_is_nobodys_duty(draft_programme, officer, login):
    factories.SolutionFactory(programme=draft_programme, number=7, title_vi="Tăng cường huấn luyện")
    shown = body(login(officer), BOARD)
    for words in ("Giải pháp chưa giao cho ai: 7.", "Tăng cường huấn luyện", "chưa giao", "1.01"):
        assert words in shown
    assert f"{BOARD}add/?solution=7" in shown


def test_programme_page_warns_before_settling_and_freezing(draft_programme, officer, clerk, login):
    factories.SolutionFactory(programme=draft_programme, number=7)
    for state in ("draft", "settled"):
        Programme.objects.update(state=state)
        shown = body(login(officer), "/programmes/2026/")
        assert "Giải pháp chưa giao cho ai: 7." in shown
        assert BOARD in shown
        assert "chưa giao cho ai" not in body(login(clerk), "/programmes/2026/")


def test_board_of_an_empty_draft_says_what_to_do(draft_programme, officer, login):
    Assignment.objects.all().delete()
    assert "nhập từ tệp Excel" in body(login(officer), BOARD)


def test_board_in_force_offers_no_ticks_but_for_what_a_conference_added(programme, front, officer, login):
    shown = body(login(officer), BOARD)
    assert 'name="rows"' not in shown
    assert f"{BOARD}add/" not in shown
    row = factories.AssignmentFactory(
        task=programme.priority_tasks.first(), code="1.70", lead=front, is_added=True, conclusion_id=7
    )
    assert f'name="rows" value="{row.pk}"' in body(login(officer), BOARD)


def test_who_does_not_run_the_programme_gets_403_or_404(
    draft_programme, sheet, clerk, admin, focal_point, login
):
    names = ("board", "add", "import", "template")
    for user, status in ((clerk, 403), (admin, 403), (focal_point, 404)):
        for name in names:
            assert login(user).get(reverse(f"drafting:{name}", args=[2026])).status_code == status
        assert login(user).post(f"{BOARD}change/").status_code == status
    assert login(clerk).get(sheet.get_absolute_url()).status_code == 200
    assert login(clerk).post(reverse("drafting:load", args=[sheet.pk])).status_code == 403
    for user in (admin, focal_point):
        assert login(user).get(sheet.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(("address", "count"), [(BOARD, 14), (f"{BOARD}add/", 10)])
def test_pages_take_a_fixed_number_of_queries(
    draft_programme, officer, front, login, address, count, django_assert_num_queries
):
    task = draft_programme.priority_tasks.get(number=1)
    for n in range(5):
        added = factories.AssignmentFactory(task=task, code=f"1.{60 + n}", lead=front)
        factories.CoordinationFactory(assignment=added, agency=factories.AgencyFactory())
        added.solutions.set(draft_programme.solutions.all())
        factories.ClauseFactory(programme=draft_programme, number=50 + n)
    client = login(officer)
    client.get(address)
    with django_assert_num_queries(count):
        client.get(address)


# --- One more -----------------------------------------------------------------------------------------
def test_an_assignment_is_added_from_a_solution(draft_programme, officer, department, front, login):
    client = login(officer)
    solution = draft_programme.solutions.get(number=2)
    page = client.get(f"{BOARD}add/?solution=2&task=2&clause={draft_programme.clauses.get().pk}")
    initial = page.context["form"].initial
    assert (list(initial["solutions"]), initial["task"].number) == ([solution], 2)
    said = {
        "task": draft_programme.priority_tasks.get(number=2).pk,
        "title_vi": "Diễn tập khu vực phòng thủ",
        "solutions": [solution.pk],
        "lead": department.pk,
        "coordinating": [front.pk],
        "cycle": "once",
        "deadline_on": "2026-10-17",
        "indicator_vi": "Cuộc diễn tập",
        "unit_vi": "cuộc",
        "target": "1",
    }
    refused = client.post(f"{BOARD}add/", said | {"coordinating": [department.pk]})
    assert (refused.status_code, set(refused.context["form"].errors)) == (400, {"coordinating"})
    assert "Diễn tập khu vực phòng thủ" in refused.content.decode()
    answer = client.post(f"{BOARD}add/", said)
    assert (answer.status_code, answer.url) == (302, BOARD)
    added = Assignment.objects.get(title_vi="Diễn tập khu vực phòng thủ")
    assert (added.code, added.lead) == ("2.02", department)


@pytest.mark.parametrize("address", ["?task=99&solution=99&clause=999999999999", "?task=x&clause=-1"])
def test_what_the_address_names_and_is_not_there_is_passed_over(draft_programme, officer, login, address):
    assert login(officer).get(f"{BOARD}add/{address}").status_code == 200


def test_a_frozen_text_leads_back_to_the_board(programme, officer, login):
    answer = login(officer).get(f"{BOARD}add/")
    assert (answer.status_code, answer.url) == (302, BOARD)


# --- Many at once ----------------------------------------------------------------------------------------
def test_a_change_is_shown_before_it_is_made(draft_programme, officer, front, login):
    client = login(officer)
    said = {"rows": [key("1.01"), key("2.01")], "deadline_on": "2026-11-16", "cycle": "once"}
    shown = client.post(f"{BOARD}change/", said)
    assert shown.status_code == 200
    for words in ("31/03/2026", "16/11/2026", "hằng quý".capitalize(), "Sửa 2 nhiệm vụ"):
        assert words in shown.content.decode()
    assert Assignment.objects.get(code="1.01").deadline_on.month == 3
    preview = shown.context["preview"]
    sent = [*preview.sent, ("confirmed", "1"), ("version", preview.version)]
    data = {name: [value for other, value in sent if other == name] for name, _value in sent}
    assert client.post(f"{BOARD}change/", data).status_code == 302
    assert Assignment.objects.get(code="2.01").deadline_on.month == 11
    stale = client.post(f"{BOARD}change/", data | {"deadline_on": ["2026-10-01"]})
    assert stale.status_code == 409, "no longer as it was shown"
    assert all(words in stale.content.decode() for words in ("16/11/2026", "01/10/2026"))
    fresh = dict(stale.context["preview"].sent)["deadline_on"], stale.context["preview"].version
    data |= {"deadline_on": [fresh[0]], "version": [fresh[1]]}
    assert client.post(f"{BOARD}change/", data).status_code == 302
    assert Assignment.objects.get(code="2.01").deadline_on.month == 10


def test_a_preview_names_what_forbids_it(draft_programme, officer, front, login):
    said = {"rows": [key("1.01"), key("2.01")], "lead": front.pk}
    shown = login(officer).post(f"{BOARD}change/", said)
    assert "1.01: " in shown.context["preview"].problems[0]
    assert 'name="confirmed"' not in shown.content.decode()
    refused = login(officer).post(f"{BOARD}change/", said | {"confirmed": "1"})
    assert refused.status_code == 400
    assert f'value="{key("2.01")}" aria-label="Sửa 2.01" checked' in refused.content.decode()


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({}, {"rows"}),
        ({"mode": "add"}, {"rows", "agencies"}),
        ({"deadline_on": "x"}, {"rows", "deadline_on"}),
    ],
)
def test_what_is_incomplete_comes_back_to_the_board(draft_programme, officer, login, said, fields):
    answer = login(officer).post(f"{BOARD}change/", said)
    assert (answer.status_code, set(answer.context["refused"].errors)) == (400, fields)


def test_agencies_without_saying_what_becomes_of_them(draft_programme, officer, front, login):
    said = {"rows": [key("2.01")], "agencies": [front.pk]}
    answer = login(officer).post(f"{BOARD}change/", said)
    assert set(answer.context["refused"].errors) == {"mode"}


# --- Sheets -----------------------------------------------------------------------------------------------
def test_template_has_the_headings(draft_programme, officer, login):
    answer = login(officer).get(f"{BOARD}template/")
    assert tables.read(answer.content) == [(1, HEADINGS)]


def test_a_sheet_is_sent_shown_and_added(draft_programme, officer, login):
    client = login(officer)
    wrong = SimpleUploadedFile("Bảng.xlsx", workbook([row(1), row(2, lead="Sở Lạ")]))
    answer = client.post(f"{BOARD}import/", {"sent": wrong}, follow=True)
    shown = answer.content.decode()
    assert "hông có cơ quan “Sở Lạ”" in shown
    assert "Thêm 2 nhiệm vụ" not in shown
    assert client.post(reverse("drafting:load", args=[AssignmentImport.objects.get().pk])).status_code == 302
    assert Assignment.objects.count() == 3
    good = SimpleUploadedFile("Bảng sửa.xlsx", workbook([row(1), row(2)]))
    answer = client.post(f"{BOARD}import/", {"sent": good}, follow=True)
    assert "Thêm 2 nhiệm vụ" in answer.content.decode()
    waiting = AssignmentImport.objects.get(state="waiting")
    assert client.post(reverse("drafting:load", args=[waiting.pk])).url == BOARD
    assert Assignment.objects.count() == 5
    assert "Đã thêm 2 nhiệm vụ" in body(client, waiting.get_absolute_url())


def test_a_file_that_is_refused_says_why(draft_programme, officer, login):
    for sent, words in ((SimpleUploadedFile("a.xlsx", b"x"), "tệp"), (None, "bắt buộc")):
        answer = login(officer).post(f"{BOARD}import/", {"sent": sent} if sent else {})
        assert answer.status_code == 400
        assert words in str(answer.context["form"].errors["sent"])
    assert not AssignmentImport.objects.exists()


def test_a_sheet_is_discarded(sheet, officer, login):
    client = login(officer)
    assert client.post(reverse("drafting:discard", args=[sheet.pk])).status_code == 302
    assert "Không nhập dòng nào" in body(client, sheet.get_absolute_url())


def test_sheets_take_a_fixed_number_of_queries(draft_programme, officer, login, django_assert_num_queries):
    client = login(officer)
    for rows, count in ((2, 10), (150, 10)):
        made = assignment_imports.put(
            draft_programme,
            by=officer,
            at=NOW,
            table=tables.read(workbook([row(n) for n in range(rows)])),
            file_name="Bảng.xlsx",
            file_sha256="0" * 64,
        )
        client.get(made.get_absolute_url())
        with django_assert_num_queries(count):
            client.get(made.get_absolute_url())
