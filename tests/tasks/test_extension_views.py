"""Pages of extensions: the panel, asking, the decision, the register and its workbook, the homes."""

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from portal.users.models import Role
from tasks import extensions
from tasks.models import Assignment, ExtensionRequest, Programme
from tests import factories
from tests.factories import NOW, person
from tests.tasks.extending import NEW_ON, REASON, asked, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def row(assignment) -> Assignment:
    return fresh(assignment)


def page(row: Assignment) -> str:
    return row.get_absolute_url()


def body(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def send(client, row: Assignment, **changes):
    data = {"new_on": "2026-04-20", "reason": REASON} | changes
    return client.post(reverse("extensions:ask", args=[row.pk]), data)


def step(client, request: ExtensionRequest, name: str, **data):
    return client.post(reverse(f"extensions:{name}", args=[request.pk]), data)


# --- On the page of the assignment ---------------------------------------------------------------------
def test_lead_finds_the_way_to_ask_and_others_do_not(row, focal_point, front_head, officer, login):
    ask = reverse("extensions:ask", args=[row.pk])
    assert ask in body(login(focal_point), page(row))
    assert ask not in body(login(front_head), page(row))
    assert ask not in body(login(officer), page(row))


def test_history_is_the_leads_and_the_commands(row, focal_point, front_head, officer, login):
    asked(row, focal_point)
    assert REASON in body(login(officer), page(row))
    assert REASON not in body(login(front_head), page(row))
    assert reverse("extensions:ask", args=[row.pk]) not in body(login(focal_point), page(row))


def test_both_deadlines_and_the_count_are_shown_to_every_party(
    row, focal_point, commander, front_head, officer, login
):
    extensions.approve(asked(row, focal_point), by=commander, at=NOW)
    for user in (front_head, officer):
        shown = body(login(user), page(row))
        assert all(words in shown for words in ("Hạn ban đầu", "31/03/2026", "Hạn điều chỉnh", "20/04/2026"))
        assert "Số lần gia hạn" in shown
        listed = body(login(user), reverse("assignments:list"))
        assert "hạn ban đầu 31/03/2026, gia hạn 1 lần" in listed


# --- Asking --------------------------------------------------------------------------------------------
def test_request_is_sent_and_shown(row, focal_point, login):
    client = login(focal_point)
    assert "26/03/2026" in body(client, reverse("extensions:ask", args=[row.pk])), "the last day in time"
    answer = send(client, row)
    made = ExtensionRequest.objects.get()
    assert (answer.status_code, answer.url) == (302, made.get_absolute_url())
    assert REASON in body(client, made.get_absolute_url())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"new_on": ""}, "new_on"),
        ({"reason": ""}, "reason"),
        ({"new_on": "2026-03-01"}, "__all__"),
        ({"new_on": "2027-03-01"}, "__all__"),
    ],
)
def test_refused_form_keeps_what_was_typed(row, focal_point, login, changes, field):
    answer = send(login(focal_point), row, **({"reason": "Chờ ý kiến của Bộ"} | changes))
    assert answer.status_code == 400
    assert set(answer.context["form"].errors) == {field}
    assert field == "reason" or "Chờ ý kiến của Bộ" in answer.content.decode()
    assert not ExtensionRequest.objects.exists()


def test_a_file_needs_the_declaration(row, focal_point, login, settings, tmp_path):
    settings.FILES_DIR, settings.INCOMING_DIR = tmp_path / "files", tmp_path / "incoming"
    file = SimpleUploadedFile("Công văn.txt", "Nội dung".encode())
    answer = send(login(focal_point), row, sent=file)
    assert (answer.status_code, set(answer.context["form"].errors)) == (400, {"declared"})
    file = SimpleUploadedFile("Công văn.txt", "Nội dung".encode())
    assert send(login(focal_point), row, sent=file, declared="on").status_code == 302
    made = ExtensionRequest.objects.get()
    shown = body(login(focal_point), made.get_absolute_url())
    assert reverse("assignments:evidence", args=[row.pk, made.evidence_id]) in shown


def test_who_does_not_work_for_the_lead_gets_403(row, officer, front_head, stranger, login):
    for user, status in ((officer, 403), (front_head, 403), (stranger, 404)):
        assert login(user).get(reverse("extensions:ask", args=[row.pk])).status_code == status
        assert send(login(user), row).status_code == status


def test_page_says_when_nothing_can_be_asked(programme, officer, login):
    recurring = programme.assignments.get(code="2.01")
    shown = body(login(officer), reverse("extensions:ask", args=[recurring.pk]))
    assert "Nhiệm vụ này không xin gia hạn được" in shown
    assert send(login(officer), recurring, new_on="2026-12-20").status_code == 400


def test_lateness_is_said_before_it_is_sent(programme, front_head, login):
    overdue = programme.assignments.get(code="1.02")
    assert "Đã quá hạn" in body(login(front_head), reverse("extensions:ask", args=[overdue.pk]))
    send(login(front_head), overdue)
    made = ExtensionRequest.objects.get()
    assert "sau khi đã quá hạn" in body(login(front_head), made.get_absolute_url())


# --- The decision -------------------------------------------------------------------------------------------
def test_commander_grants_the_day_or_another(row, focal_point, commander, login):
    made = asked(row, focal_point)
    client = login(commander)
    assert 'value="2026-04-20"' in body(client, made.get_absolute_url())
    assert step(client, made, "approve", granted_on="2026-04-15", note="").status_code == 302
    shown = body(login(focal_point), made.get_absolute_url())
    assert "15/04/2026" in shown
    assert "khác ngày đã đề nghị" in shown


def test_refusal_needs_its_reason(row, focal_point, commander, login):
    made = asked(row, focal_point)
    answer = step(login(commander), made, "refuse", reason="")
    assert (answer.status_code, set(answer.context["refuse"].errors)) == (400, {"reason"})
    assert step(login(commander), made, "refuse", reason="Chưa đủ căn cứ").status_code == 302
    assert "Chưa đủ căn cứ" in body(login(focal_point), made.get_absolute_url())


def test_who_does_not_decide_gets_403_and_who_does_not_see_404(row, focal_point, officer, front_head, login):
    made = asked(row, focal_point)
    for user, status in ((officer, 403), (focal_point, 403), (front_head, 404)):
        assert step(login(user), made, "approve", granted_on="2026-04-15").status_code == status
        assert login(user).get(made.get_absolute_url()).status_code == (404 if status == 404 else 200)


def test_a_second_decision_is_refused_with_its_words_kept(row, focal_point, commander, login):
    made = asked(row, focal_point)
    client = login(commander)
    step(client, made, "approve", granted_on="2026-04-15")
    answer = step(client, made, "refuse", reason="Đổi ý kiến quyết định")
    assert answer.status_code == 400
    assert "Đổi ý kiến quyết định" in answer.content.decode()


def test_agency_withdraws_by_a_button(row, focal_point, officer, login):
    made = asked(row, focal_point)
    address = reverse("extensions:withdraw", args=[made.pk])
    assert address not in body(login(officer), made.get_absolute_url())
    assert address in body(login(focal_point), made.get_absolute_url())
    assert step(login(focal_point), made, "withdraw").status_code == 302
    assert ExtensionRequest.objects.get().state == "withdrawn"


# --- The register ------------------------------------------------------------------------------------------
@pytest.fixture
def register(programme, row, focal_point, front_head, commander) -> None:
    """One that was granted and one, asked after the deadline, that waits."""
    extensions.approve(asked(row, focal_point), by=commander, at=NOW)
    asked(fresh(programme.assignments.get(code="1.02")), front_head)


def test_register_shows_each_agency_its_own_and_the_command_all(
    register, officer, focal_point, viewer, login
):
    address = reverse("extensions:list")
    for user, count in ((officer, 2), (focal_point, 1), (viewer, 0)):
        assert len(login(user).get(address).context["page"].object_list) == count
    assert "Chưa có đề nghị gia hạn nào" in body(login(viewer), address)


def test_register_is_filtered_by_state(register, officer, login):
    address = reverse("extensions:list")
    found = login(officer).get(f"{address}?year=2026&state=pending").context["page"].object_list
    assert [row.assignment.code for row in found] == ["1.02"]
    assert "Không có đề nghị nào ở trạng thái này" in body(login(officer), f"{address}?state=refused")
    assert len(login(officer).get(f"{address}?state=nonsense").context["page"].object_list) == 2


def test_workbook_has_the_same_rows(register, officer, login):
    answer = login(officer).get(reverse("extensions:export") + "?year=2026&state=approved")
    assert "so-theo-doi-gia-han-2026.xlsx" in answer["Content-Disposition"]
    cells = [[cell.value for cell in line] for line in load_workbook(io.BytesIO(answer.content)).active]
    assert len(cells) == 2
    line = dict(zip(cells[0], cells[1], strict=True))
    assert (line["Mã"], line["Hạn ban đầu"], line["Hạn điều chỉnh"]) == ("1.01", "31/03/2026", "20/04/2026")
    assert line["Lý do"] == REASON


@pytest.mark.parametrize(("name", "count"), [("officer", 8), ("focal_point", 8)])
def test_register_takes_a_fixed_number_of_queries(
    register, programme, cast, front, front_head, login, name, count, django_assert_num_queries
):
    task = programme.priority_tasks.get(number=1)
    for n in range(4):
        more = factories.AssignmentFactory(task=task, code=f"1.{50 + n}", lead=front)
        asked(fresh(more), front_head, new_on=NEW_ON.replace(month=8))
    client = login(getattr(cast, name))
    client.get(reverse("extensions:list"))
    with django_assert_num_queries(count):
        client.get(reverse("extensions:list"))


# --- The homes ------------------------------------------------------------------------------------------
def test_homes_tell_who_decides_who_prepares_and_who_waits(row, cast, login):
    made = asked(row, cast.focal_point)
    address = made.get_absolute_url()
    assert address in body(login(cast.commander), "/")
    assert f"{reverse('extensions:list')}?year=2026&amp;state=pending" in body(login(cast.officer), "/")
    assert address in body(login(cast.focal_point), "/")
    assert address in body(login(cast.head), "/")
    assert address not in body(login(cast.front_head), "/")
    extensions.approve(made, by=cast.commander, at=NOW)
    assert address not in body(login(cast.commander), "/")


def test_a_deputy_who_decides_finds_it_at_home(row, focal_point, host, login):
    Programme.objects.update(deputies_decide_extensions=True)
    deputy = person("bchqs.pcht", Role.DEPUTY_HEAD, host)
    made = asked(fresh(row), focal_point)
    assert made.get_absolute_url() in body(login(deputy), "/")
    assert step(login(deputy), made, "approve", granted_on="2026-04-20").status_code == 302


def test_a_later_day_off_that_binds_on_the_same_day_is_refused_and_nothing_lost(row, focal_point, login):
    """Saturday 28 March binds on Monday 30 March, and so does Sunday 29 March."""
    saturday, monday = dt.date(2026, 3, 28), dt.date(2026, 3, 30)
    Assignment.objects.filter(pk=row.pk).update(deadline_on=saturday, due_on=monday)
    answer = send(login(focal_point), row, new_on="2026-03-29")
    assert "Thời hạn mới phải sau thời hạn hiện nay" in answer.content.decode()
    assert REASON in answer.content.decode()
    assert not ExtensionRequest.objects.exists()
