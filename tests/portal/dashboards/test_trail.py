"""The audit trail for people: who reads it, in which words, how it is cut, filtered and taken away."""

import csv
import datetime as dt
import io
import json
import re

import pytest
from django.urls import reverse
from django.utils.text import capfirst
from openpyxl import load_workbook

from portal.audit import events, verbs
from portal.audit.models import Event, Verification
from portal.dashboards.trail import choices, exports, pages
from portal.lib.actions import action
from tasks import assignments
from tests.conftest import step_up_for
from tests.factories import NOW
from tests.portal.audit.test_events import act

URL = "/audit/"
pytestmark = pytest.mark.django_db


@action
def record(verb, subject, by=None, at=NOW, agency_code="", **payload):
    events.record(verb, subject, by=by, at=at, agency_code=agency_code, payload=payload)


@pytest.fixture
def changed_deadline(assignment, admin):
    """An administrator moved the deadline of 1.01, as the administration records it."""
    before, after = {"deadline_on": "2026-03-31"}, {"deadline_on": "2026-04-15"}
    record("assignment.changed", assignment, admin, agency_code="BCHQS", before=before, after=after)
    return assignment


def text(response) -> str:
    page = re.sub(r"<(script|select).*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


# --- Who reads it -----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["officer", "commander", "admin"])
def test_it_stands_in_the_navigation_of_its_readers(name, cast, login):
    assert f'href="{URL}"' in login(getattr(cast, name)).get("/").content.decode()


@pytest.mark.parametrize(
    "name", ["clerk", "head", "deputy", "focal_point", "front_head", "viewer", "stranger"]
)
def test_nobody_else_opens_or_finds_it(name, cast, login):
    client = login(getattr(cast, name))
    assert client.get(URL).status_code == 403
    assert client.get(f"{URL}export/").status_code == client.post(f"{URL}export/").status_code == 403
    assert f'href="{URL}"' not in client.get("/").content.decode()


@pytest.fixture
def reported(assignment, focal_point):
    assignments.accept(assignment, by=focal_point, at=NOW)
    assignments.report_progress(
        assignment, by=focal_point, at=NOW, actual=7, percent=43, text="Bí mật nội bộ"
    )


def test_officer_reads_how_far_the_work_is(reported, officer, login):
    shown = text(login(officer).get(URL))
    assert "Báo cáo tiến độ" in shown
    assert re.search(r"Tiến độ[^:]* 43\b", shown)
    assert "đang thực hiện" in shown.lower()


def test_administrator_learns_that_but_not_how_far(reported, admin, login):
    client = login(admin)
    shown = text(client.get(URL))
    assert "Báo cáo tiến độ" in shown
    assert "Không hiển thị cho quản trị." in shown
    assert "43" not in shown.partition("Trước và sau")[2]
    step_up_for(client, admin, "export")
    assert b"43" not in client.post(f"{URL}export/", {"format": "csv"}).content


def test_details_of_an_unknown_verb_are_not_for_the_administrator(department, admin, officer, login):
    record("report.rewritten", department, officer, words="chỉ cho chỉ huy")
    assert "chỉ cho chỉ huy" not in text(login(admin).get(URL))
    assert "chỉ cho chỉ huy" in text(login(officer).get(URL))


# --- In words ---------------------------------------------------------------------------------------
def test_nothing_is_told_by_a_dash(department, officer, login):
    record("document.seal_checked", department, officer, failed=[])
    assert "Chữ ký không giữ được lâu dài –" in text(login(officer).get(URL))


def test_change_is_told_with_labels_and_values(changed_deadline, officer, login):
    shown = text(login(officer).get(URL))
    assert "Đỗ Minh Quân" in shown
    assert "Sửa 1.01 Quy hoạch đất quốc phòng" in shown
    assert "31/03/2026 → 15/04/2026" in shown
    assert "deadline_on" not in shown


def test_a_record_that_is_named_is_told_by_its_name(assignment, admin, front, department, login):
    before, after = {"lead": department.pk}, {"lead": front.pk}
    record("assignment.changed", assignment, admin, before=before, after=after)
    shown = text(login(admin).get(URL))
    assert f"{department.name} → {front.name}" in shown


def test_moments_and_lists_are_told_as_people_write_them(programme, officer, login):
    record("credential.locked", None, officer, until=NOW)
    record("periods.generated", programme, officer, codes=["Q1", "Q2"])
    shown = text(login(officer).get(URL))
    assert NOW.astimezone(pages.LOCAL).strftime("%d/%m/%Y %H:%M") in shown
    assert "Q1, Q2" in shown


def test_objects_are_links_for_whoever_may_open_them(
    changed_deadline, programme, department, officer, admin, login
):
    record("programme.settled", programme, officer)
    record("agency.changed", department, admin, before={}, after={})
    page = login(officer).get(URL).content.decode()
    for name, args in [
        ("assignments:detail", [changed_deadline.pk]),
        ("programmes:detail", [programme.year]),
        ("agencies:detail", [department.code]),
    ]:
        assert f'href="{reverse(name, args=args)}"' in page
    assert "/admin/users/" not in page


def test_administrator_is_led_to_records_that_have_no_page(head, admin, login):
    record("user.created", head)
    assert f'href="/admin/users/user/{head.pk}/change/"' in login(admin).get(URL).content.decode()


def test_object_pages_lead_here(assignment, programme, officer, head, login):
    paths = {
        f"/assignments/{assignment.pk}/": f"{URL}?subject=tasks.assignment:{assignment.pk}",
        f"/programmes/{programme.year}/": f"{URL}?subject=tasks.programme:{programme.pk}",
    }
    for path, link in paths.items():
        assert link in login(officer).get(path).content.decode()
        assert URL not in login(head).get(path).content.decode()


def test_every_choice_of_an_action_has_a_vietnamese_label(officer, login):
    page = login(officer).get(URL).content.decode()
    for name, verb in verbs.known().items():
        assert f'<option value="{name}" >{capfirst(str(verb.label))}</option>' in page


def test_payload_is_escaped(department, officer, login):
    record("programme.settled", department, officer, reason="<script>alert(1)</script>")
    assert "<script>alert" not in login(officer).get(URL).content.decode()


# --- Choices ------------------------------------------------------------------------------------------
@pytest.fixture
def varied(assignment, programme, department, officer, admin, head):
    """Six events, numbers 1 to 6."""
    record("programme.settled", programme, officer, at=NOW - dt.timedelta(days=3), agency_code="BCHQS")
    record("agency.changed", department, admin, at=NOW - dt.timedelta(days=2), agency_code="BCHQS")
    record("assignment.accepted", assignment, head, at=NOW - dt.timedelta(days=1), agency_code="SXD")
    record("assignment.changed", assignment, admin, agency_code="BCHQS")
    record("signature.added", None, head, agency_code="SXD")
    record("notices.planned", None)


DAY = NOW.astimezone(pages.LOCAL).date()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {1, 2, 3, 4, 5, 6}),
        ({"person": "mac hung"}, {3, 5}),
        ({"person": "MẠC văn"}, {3, 5}),
        ({"person": "quantri"}, {2, 4}),
        ({"person": "khong ai ca"}, set()),
        ({"agency": "SXD"}, {3, 5}),
        ({"action": "assignment.accepted"}, {3}),
        ({"action": "assignments"}, {3}),
        ({"action": "records"}, {2, 4}),
        ({"action": "changed"}, {2, 4}),
        ({"action": "deleted"}, set()),
        ({"action": "signing"}, {5}),
        ({"object": "quy hoach dat"}, {3, 4}),
        ({"object": "1.01"}, {3, 4}),
        ({"object": "so xay dung"}, {2}),
        ({"object": "2026"}, {1}),
        ({"since": DAY.isoformat()}, {4, 5, 6}),
        ({"until": (DAY - dt.timedelta(days=2)).isoformat()}, {1, 2}),
        ({"since": (DAY - dt.timedelta(days=1)).isoformat(), "action": "records"}, {4}),
        ({"person": "quantri", "object": "quy hoach"}, {4}),
    ],
)
def test_choice_finds(query, found, varied, officer):
    form = choices.TrailForm(query)
    assert {event.seq for event in choices.chosen(form, officer)} == found, form.errors


def test_one_object_has_its_events(varied, assignment, officer):
    form = choices.TrailForm({"subject": f"tasks.assignment:{assignment.pk}"})
    assert [event.seq for event in choices.chosen(form, officer)] == [4, 3]


@pytest.mark.parametrize(
    "query",
    [
        {"since": "hôm qua"},
        {"since": "0001-01-01"},
        {"until": "9999-12-31"},
        {"since": "2026-02-02", "until": "2026-02-01"},
        {"action": "no.such"},
        {"subject": "tasks.assignment"},
        {"subject": "x:1"},
        {"before": "abc"},
        {"before": "0"},
        {"after": "9" * 30},
        {"person": "a" * 101},
        {"object": "\x00"},
    ],
)
def test_bad_choice_is_400_and_shows_no_event(query, varied, officer, login):
    client = login(officer)
    response = client.get(URL, query)
    assert response.status_code == 400
    assert response.context["page"].entries == []
    assert "Không xem được theo điều kiện này." in text(response)
    assert client.get(f"{URL}export/", query).status_code == 400
    step_up_for(client, officer, "export")
    assert client.post(f"{URL}export/?{'&'.join(f'{k}={v}' for k, v in query.items())}").status_code == 400


def test_nothing_found_says_so(varied, officer, login):
    assert "Không có sự kiện nào khớp điều kiện" in text(login(officer).get(URL, {"person": "khong ai"}))


def test_empty_trail_says_so(officer, login):
    assert "Chưa có sự kiện nào" in text(login(officer).get(URL))


# --- Pages --------------------------------------------------------------------------------------------
def test_pages_join_without_a_gap(department, officer):
    act(department, count=pages.PAGE_SIZE * 2 + 7)
    rows = Event.objects.order_by("-seq")
    seen, before = [], None
    for _place in range(3):
        page = pages.page(rows, officer, before=before, after=None)
        seen += [entry.seq for entry in page.entries]
        before = page.older
    assert seen == list(range(pages.PAGE_SIZE * 2 + 7, 0, -1))
    assert before is None
    back = pages.page(rows, officer, before=None, after=page.newer)
    assert [entry.seq for entry in back.entries] == seen[pages.PAGE_SIZE : 2 * pages.PAGE_SIZE]
    assert pages.page(rows, officer, before=None, after=back.newer).newer is None


def test_queries_do_not_grow_with_the_rows(
    assignment, admin, officer, department, front, login, django_assert_num_queries
):
    client = login(officer)
    before, after = {"lead": department.pk}, {"lead": front.pk}
    record("assignment.changed", assignment, admin, before=before, after=after)
    client.get(URL)
    queries = 10
    with django_assert_num_queries(queries):
        client.get(URL)
    for place in range(60):
        sides = ({"lead": department.pk}, {"lead": front.pk})[:: 1 if place % 2 else -1]
        record("assignment.changed", assignment, admin, before=sides[0], after=sides[1])
    with django_assert_num_queries(queries):
        client.get(URL)


# --- The chain --------------------------------------------------------------------------------------
def verification(**facts) -> None:
    defaults = {"day": DAY, "checked_at": NOW, "reached_sha256": "0" * 64}
    Verification.objects.create(**(defaults | facts))


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"outcome": "good"}, "good"),
        ({"outcome": "bad", "bad_seq": 7}, "bad"),
        ({"outcome": "cannot_tell"}, "cannot_tell"),
        ({"outcome": "unfinished"}, "unknown"),
        ({"outcome": "good", "checked_at": NOW - dt.timedelta(days=2)}, "unknown"),
        ({"outcome": "bad", "checked_at": NOW - dt.timedelta(days=2)}, "bad"),
    ],
)
def test_state_of_the_chain(facts, outcome, officer, login, now):
    verification(**facts)
    assert pages.chain_state(officer, at=NOW).outcome == outcome
    shown = text(login(officer).get(URL))
    words = {"good": "Nhật ký nguyên vẹn", "bad": "không còn nguyên vẹn"}
    assert words.get(outcome, "Hiện chưa kết luận được") in shown


def test_chain_that_was_never_checked_cannot_be_told(officer, login):
    assert "Nhật ký chưa được kiểm tra" in text(login(officer).get(URL))


# --- Taken away ---------------------------------------------------------------------------------------
def test_export_says_what_it_would_take_and_changes_nothing(varied, officer, login):
    shown = text(login(officer).get(f"{URL}export/", {"action": "records", "person": "quantri"}))
    assert "Hồ sơ do quản trị cập nhật" in shown
    assert "Sự kiện 2" in shown
    assert Event.objects.count() == 6


def take(client, user, query, body):
    """Export after a step-up, which is good for once."""
    step_up_for(client, user, "export")
    return client.post(f"{URL}export/{query}", body)


def test_export_asks_who_is_there_each_time(varied, officer, login):
    client = login(officer)
    assert take(client, officer, "", {"format": "csv"}).status_code == 200
    assert client.post(f"{URL}export/", {"format": "csv"}).status_code == 403
    assert Event.objects.filter(verb="audit.exported").count() == 1


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_csv_holds_exactly_what_is_shown(varied, changed_deadline, officer, login):
    client = login(officer)
    shown = client.get(URL, {"action": "changed"}).context["page"].entries
    response = take(client, officer, "?action=changed", {"format": "csv"})
    head, *rows = rows_of(response.content)
    assert [int(row[0]) for row in rows] == [entry.seq for entry in shown] == [7, 4, 2]
    assert [row[4] for row in rows] == [entry.verb for entry in shown]
    assert rows[0][7].endswith(": 31/03/2026 → 15/04/2026")
    assert len(head) == len(rows[0])
    assert re.fullmatch(r'attachment; filename="nhat-ky-\d{8}-\d{4}\.csv"', response["Content-Disposition"])


def test_workbook_holds_the_same(varied, officer, login):
    client = login(officer)
    text_rows = rows_of(take(client, officer, "?action=changed", {"format": "csv"}).content)
    book = take(client, officer, "?action=changed", {"format": "xlsx"})
    sheet = load_workbook(io.BytesIO(book.content)).active
    assert [["" if v is None else str(v) for v in row] for row in sheet.values] == text_rows


def test_export_is_recorded(varied, officer, login):
    take(login(officer), officer, "?action=changed", {"format": "xlsx"})
    event = Event.objects.get(verb="audit.exported")
    assert (event.seq, event.actor_id) == (7, officer.pk)
    assert json.loads(event.payload) == {"count": 2, "filter": {"action": "changed"}, "format": "xlsx"}


@pytest.mark.parametrize("body", [{}, {"format": "pdf"}])
def test_export_without_a_format_asks_again(body, varied, officer, login):
    response = take(login(officer), officer, "", body)
    assert "Bảng tính (XLSX)" in text(response)
    assert Event.objects.count() == 6


def test_too_much_is_refused(varied, officer, login, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 5)
    response = take(login(officer), officer, "", {"format": "csv"})
    assert "Có hơn 5 sự kiện khớp điều kiện." in text(response)
    assert Event.objects.count() == 6


def test_nothing_is_not_exported(officer, login):
    response = take(login(officer), officer, "", {"format": "csv"})
    assert "Không có sự kiện nào khớp điều kiện" in text(response)
    assert not Event.objects.exists()
