"""Pages of conferences: what each post sees, forms that keep what was typed, the code at the door."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from agreements import attendances, discussions
from agreements.attendances import Delegate
from agreements.discussions import Said
from agreements.models import Attendance, Conference
from portal.agencies.models import Agency
from portal.dashboards import conference_todos
from portal.papers.tables import XLSX_TYPE
from portal.users.models import Role
from tasks import parties
from tasks.models import Programme
from tests.agreements.conferring import delegate, fresh, of
from tests.factories import NOW, TODAY, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now"), pytest.mark.both]


def url(name: str, conference: Conference, *more: object) -> str:
    return reverse(f"conferences:{name}", args=[conference.pk, *more])


def body(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


# --- The plan -------------------------------------------------------------------------------------------
def sent(commander, officer, *agencies, **changes: str) -> dict[str, object]:
    lines = {
        f"{name}-{part}": n
        for name in ("agenda", "guests")
        for part, n in (("TOTAL_FORMS", 2), ("INITIAL_FORMS", 0))
    }
    return {
        "kind": "annual", "title": "Hội nghị", "on": "2026-04-02", "starts": "08:00", "place": "Hội trường",
        "chair": commander.pk, "secretary": officer.pk, "delegates_until": "2026-03-30",
        "agencies": [agency.pk for agency in agencies], **lines,
        "agenda-0-title": "Khai mạc", "agenda-0-starts": "08:00", "agenda-1-title": "Thảo luận",
        "guests-0-name": "Lê Văn Khách", "guests-0-organisation": "Quân khu 4", **changes,
    }  # fmt: skip


def test_officer_prepares_changes_and_invites(programme, commander, officer, department, focal_point, login):
    client = login(officer)
    assert 'value="08:00"' in body(client, "/conferences/new/2026/")
    answer = client.post("/conferences/new/2026/", sent(commander, officer, department))
    row = Conference.objects.get()
    assert (answer.status_code, answer.url) == (302, row.get_absolute_url())
    shown = body(client, url("edit", row))
    assert all(words in shown for words in ("Thảo luận", "Lê Văn Khách", 'value="08:00"'))
    version = str(row.revision)
    shown_lines = {"agenda-INITIAL_FORMS": "2", "guests-INITIAL_FORMS": "1"}
    changed = sent(commander, officer, department, place="Nơi khác", version=version, **shown_lines)
    assert client.post(url("edit", row), changed).status_code == 302
    assert client.post(url("edit", row), changed).status_code == 409
    assert login(focal_point).get(row.get_absolute_url()).status_code == 404
    client.post(url("invite", row), {"version": fresh(row).revision})
    assert fresh(row).state == "invited"
    assert "Nơi khác" in body(login(focal_point), row.get_absolute_url())


def test_refused_plan_keeps_everything_typed(programme, commander, officer, login):
    wrong = {"agenda-0-title": "", "guests-1-position": "Trợ lý", "delegates_until": ""}
    answer = login(officer).post("/conferences/new/2026/", sent(commander, officer, **wrong))
    shown = answer.content.decode()
    assert answer.status_code == 400
    assert all(words in shown for words in ("Hội trường", "Thảo luận", "Lê Văn Khách", "Trợ lý"))
    assert shown.count("is-invalid") >= 3
    late = login(officer).post(
        "/conferences/new/2026/", sent(commander, officer, delegates_until="2026-05-01")
    )
    assert (late.status_code, Conference.objects.count()) == (400, 0)


# --- What an agency sees and answers ----------------------------------------------------------------------
def test_agency_answers_on_one_page(conference, head, focal_point, login):
    client, page = login(head), url("agency", conference, "SXD")
    assert page in body(client, conference.get_absolute_url())
    client.post(page + "name/", {"name": "Trần Văn Đại", "position": "Phó Giám đốc"})
    said = {"kind": "proposal", "about": "", "text": "Bổ sung kinh phí"}
    client.post(page + "contribute/", said)
    refused = client.post(page + "agree/", {"assent": "mostly", "reservation": ""})
    assert (refused.status_code, set(refused.context["refused"].errors)) == (400, {"reservation"})
    client.post(page + "agree/", {"assent": "mostly", "reservation": "Cần kinh phí"})
    shown = body(client, page)
    assert all(words in shown for words in ("Trần Văn Đại", "Bổ sung kinh phí", "Cần kinh phí"))
    client.post(url("withdraw_delegate", conference, Attendance.objects.get().pk))
    client.post(url("take_back", conference, conference.contributions.get().pk))
    assert not Attendance.objects.exists()
    assert not conference.contributions.exists()
    client.post(page + "excuse/", {"reason": "Đi công tác"})
    assert of(conference, "SXD").excuse == "Đi công tác"


@pytest.mark.parametrize(
    ("name", "theirs", "mine"),
    [
        ("agree", {"assent": "none", "reservation": "Vượt quá kinh phí"}, {"assent": "mostly"}),
        ("excuse", {"reason": "Họp Hội đồng nhân dân"}, {}),
    ],
)
def test_words_of_a_colleague_are_not_written_over_from_an_old_page(
    conference, head, focal_point, deputy, login, name, theirs, mine
):
    client, page = login(deputy), url("agency", conference, "SXD")
    version = client.get(page).context["steps"][name]["version"].value()
    assert f'value="{version}"' in body(client, page)
    act = discussions.agree if name == "agree" else attendances.excuse
    act(of(conference, "SXD"), by=head, at=NOW, **theirs)
    typed = mine | {"reservation": "Cần thêm thời gian", "reason": "Cần thêm thời gian"}
    stale = client.post(f"{page}{name}/", typed | {"version": version})
    words = ("Cần thêm thời gian", *list(theirs.values())[-1:])
    assert (stale.status_code, all(one in stale.content.decode() for one in words)) == (409, True)
    row = of(conference, "SXD")
    assert (row.reservation or row.excuse) == words[1]
    version = client.get(page).context["steps"][name]["version"].value()
    assert client.post(f"{page}{name}/", typed | {"version": version}).status_code == 302


def test_each_sees_its_own_part(conference, focal_point, front_head, viewer, stranger, clerk, admin, login):
    attendances.name(of(conference, "SXD"), by=focal_point, at=NOW, delegate=Delegate("Trần Văn Đại", "PGĐ"))
    own = url("agency", conference, "SXD")
    for user, status in ((front_head, 404), (viewer, 404), (stranger, 404), (clerk, 200), (focal_point, 200)):
        assert login(user).get(own).status_code == status
    page = conference.get_absolute_url()
    for user, status in ((front_head, 200), (viewer, 200), (stranger, 404), (admin, 404)):
        assert login(user).get(page).status_code == status
    for name in ("delegates", "export", "conclusions"):
        assert login(focal_point).get(url(name, conference)).status_code == 403
    assert login(clerk).post(own + "agree/", {"assent": "full"}).status_code == 403
    assert login(focal_point).get(url("minutes", conference)).status_code == 404, "not frozen"


def test_letter_is_a_paper_of_each_agency(conference, focal_point, front_head, login):
    answer = login(focal_point).get(url("letter", conference, "SXD"))
    assert answer.content.startswith(b"%PDF")
    assert "giay-moi-sxd.pdf" in answer["Content-Disposition"]
    assert login(front_head).get(url("letter", conference, "SXD")).status_code == 404


# --- Who comes --------------------------------------------------------------------------------------------
def test_list_is_shown_exported_and_ticked(conference, officer, head, login):
    row = delegate(conference, "SXD", head)
    client = login(officer)
    assert "Trần Văn Đại" in body(client, url("delegates", conference))
    assert client.get(url("export", conference))["Content-Type"] == XLSX_TYPE
    client.post(url("attendance", conference), {"present": [row.pk, "không phải số"]})
    assert 'name="seen"' in body(client, url("attendance", conference))
    with time_machine.travel(NOW - dt.timedelta(days=1)):
        early = login(officer).post(url("attendance", conference), {"seen": [row.pk]})
    assert early.status_code == 400


def test_code_at_the_door_marks_ones_own_delegate(conference, officer, head, focal_point, front_head, login):
    row = delegate(conference, "SXD", head)
    other = delegate(conference, "UBMTTQ", head, name="Người khác")
    assert "data:image/svg+xml" in body(login(officer), url("door", conference))
    client, page = login(focal_point), url("arrive", conference, conference.door_key)
    shown = body(client, page)
    assert "Trần Văn Đại" in shown
    assert "Người khác" not in shown
    assert client.get(url("arrive", conference, "0" * 32)).status_code == 404
    for pk in (other.pk, row.pk):
        client.post(page, {"delegate": pk})
    row.refresh_from_db()
    other.refresh_from_db()
    assert other.present_at is None
    assert (row.how, row.present_by) == ("door", focal_point)


# --- Conclusions and minutes --------------------------------------------------------------------------------
def test_conclusion_becomes_an_assignment(conference, programme, department, officer, clerk, login):
    client, page = login(officer), url("conclusions", conference)
    task = programme.priority_tasks.get(number=1)
    given = {"text": "Rà soát", "owner": department.pk, "task": task.pk, "due_on": "2026-06-30"}
    late = client.post(page, given | {"due_on": "2026-01-01"})
    assert (late.status_code, "Rà soát" in late.content.decode()) == (400, True)
    client.post(page, given)
    row = conference.conclusions.get()
    client.post(url("assign", conference, row.pk))
    assert "1.03" in body(client, page)
    assert login(clerk).post(page, given).status_code == 403
    client.post(url("drop", conference, row.pk))
    assert conference.conclusions.count() == 1, "an assignment stays"


def test_minutes_go_from_draft_to_two_confirmations(conference, officer, commander, focal_point, login):
    write = login(officer).get(url("write_minutes", conference)).context["form"]
    typed = {name: write[name].value() or "" for name in write.fields} | {"ended": "08:45"}
    login(officer).post(url("write_minutes", conference), typed | {"text_closing": "Kết thúc tốt đẹp."})
    assert "Kết thúc tốt đẹp." in body(login(officer), url("minutes", conference))
    login(officer).post(url("freeze_minutes", conference), {"version": fresh(conference).revision})
    sha256 = fresh(conference).content_sha256
    assert login(focal_point).post(url("sign_minutes", conference), {"sha256": sha256}).status_code == 403
    for user in (commander, officer):
        assert "Xác nhận biên bản" in body(login(user), url("minutes", conference))
        login(user).post(url("sign_minutes", conference), {"sha256": sha256})
    assert fresh(conference).state == "signed"
    assert "Kết thúc tốt đẹp." in body(login(focal_point), url("minutes", conference))


@pytest.mark.parametrize("role", [Role.RECORDS_CLERK, Role.FOCAL_POINT, Role.DEPUTY_HEAD])
def test_named_secretary_finds_and_writes_the_draft(conference, programme, head, login, role):
    discussions.contribute(of(conference, "SXD"), by=head, at=NOW, said=Said("point", "Nhất trí với dự thảo"))
    keeper = person("bchqs.thuky", role, programme.host)
    assert login(keeper).get(url("write_minutes", conference)).status_code == 403
    Conference.objects.update(secretary=keeper)
    assert url("minutes", conference) in [todo.url for todo in conference_todos.rows(keeper, TODAY)]
    client, page = login(keeper), url("write_minutes", conference)
    assert url("minutes", conference) in body(client, conference.get_absolute_url())
    shown = body(client, url("minutes", conference))
    assert all(words in shown for words in (page, "- Sở Xây dựng, ý kiến: Nhất trí"))
    assert url("freeze_minutes", conference) not in shown
    write = client.get(page).context["form"]
    typed = {name: write[name].value() or "" for name in write.fields} | {"text_closing": "Kết thúc tốt đẹp."}
    assert client.post(page, typed).status_code == 302
    assert "Kết thúc tốt đẹp." in body(client, url("minutes", conference))
    assert login(head).get(page).status_code == 403


def test_a_plan_is_saved_when_an_invited_agency_has_ended(conference, commander, officer, department, login):
    invited = [row.agency for row in conference.invited.select_related("agency")]
    Agency.objects.filter(pk=department.pk).update(valid_to=TODAY - dt.timedelta(days=1))
    given = sent(commander, officer, *invited, version=str(fresh(conference).revision), on="2026-03-10")
    given["delegates_until"] = "2026-03-10"
    answer = login(officer).post(url("edit", conference), given)
    assert answer.status_code == 302
    assert conference.invited.count() == len(invited)


def test_new_plan_proposes_the_parties_of_today_without_the_host(programme, officer, login):
    form = login(officer).get("/conferences/new/2026/").context["plan"].facts
    assert set(form["agencies"].value()) == parties.ids(programme) - {programme.host_id}
    assert not form.fields["agencies"].queryset.filter(pk=programme.host_id).exists()


def test_conference_is_called_off_by_the_page(conference, officer, focal_point, login):
    client, version = login(officer), str(fresh(conference).revision)
    refused = client.post(url("call_off", conference), {"version": version, "reason": "Bão"})
    assert (refused.status_code, "Bão" in refused.content.decode()) == (400, True)
    client.post(url("call_off", conference), {"version": version, "reason": "Bão số 3"})
    assert login(focal_point).post(url("call_off", conference), {}).status_code == 403
    shown = body(login(focal_point), conference.get_absolute_url())
    assert "Bão số 3" in shown
    assert url("agency", conference, "SXD") not in shown
    assert conference_todos.rows(officer, TODAY) == []


def test_an_address_with_odd_signs_is_not_there(conference, officer, login):
    page = conference.get_absolute_url()
    for rest in ("agencies/S%00D/", "agencies/S%00D/letter/", "arrive/%00/"):
        assert login(officer).get(page + rest).status_code == 404


# --- Lists and homes ---------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "count"), [("detail", 9), ("delegates", 7), ("attendance", 7)])
def test_pages_take_a_fixed_number_of_queries(
    conference, officer, head, login, name, count, django_assert_num_queries
):
    for n in range(3):
        delegate(conference, "SXD", head, name=f"Người {n}")
    client, page = login(officer), url(name, conference)
    client.get(page)
    with django_assert_num_queries(count):
        client.get(page)


def test_homes_ask_for_delegates_agreement_and_minutes(conference, officer, commander, focal_point, head):
    def asked(user, today=TODAY) -> list[str]:
        return [todo.what.partition(":")[0] for todo in conference_todos.rows(user, today)]

    assert asked(focal_point) == ["Cử đại biểu"]
    assert asked(head) == ["Cử đại biểu", "Nêu mức độ thống nhất của cơ quan"]
    assert asked(head, TODAY - dt.timedelta(days=1)) == ["Cử đại biểu"]
    assert asked(officer) == ["Lập biên bản"]
    attendances.name(of(conference, "SXD"), by=head, at=NOW, delegate=Delegate("A", "B"))
    discussions.agree(of(conference, "SXD"), by=head, at=NOW, assent="full")
    assert asked(head) == []
    facts = {"state": "frozen", "content": {}, "content_sha256": "0", "frozen_at": NOW, "ended_at": NOW}
    Conference.objects.update(**facts)
    assert asked(commander) == ["Xác nhận biên bản"]


def test_homes_ask_nothing_of_who_is_excused_or_once_the_programme_has_ended(conference, officer, head):
    Programme.objects.update(state="closed")
    assert conference_todos.rows(head, TODAY) == conference_todos.rows(officer, TODAY) == []
    Programme.objects.update(state="in_force")
    attendances.excuse(of(conference, "SXD"), by=head, at=NOW, reason="Đi công tác")
    assert conference_todos.rows(head, TODAY) == []


def test_list_is_empty_where_there_is_no_conference(focal_point, programme, login):
    assert "Chưa có hội nghị" in body(login(focal_point), "/conferences/")
