"""The pages of assignments, as a browser gets them."""

import datetime as dt
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from portal.lib.errors import RuleError
from tasks import assignments
from tasks.models import Assignment
from tasks.views.steps import STEPS, offered
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("now")
LIST = "/assignments/"


def url(assignment, step="detail"):
    return reverse(f"assignments:{step}", args=[assignment.pk])


def put(assignment, status):
    Assignment.objects.filter(pk=assignment.pk).update(status=status, submitted_on="2026-03-01")
    return Assignment.objects.get(pk=assignment.pk)


def codes(response) -> list[str]:
    return [row.code for row in response.context["page"].object_list]


# --- Who gets which page ---------------------------------------------------------------------------
PARTIES = ("officer", "commander", "clerk", "admin", "front_head", "head", "focal_point", "viewer")


@pytest.mark.parametrize("name", PARTIES)
def test_everybody_of_a_party_reads(cast, assignment, login, name):
    client = login(getattr(cast, name))
    assert len(codes(client.get(LIST))) == 3
    assert client.get(url(assignment)).status_code == 200


def test_stranger_gets_404_and_an_empty_list(stranger, assignment, login):
    client = login(stranger)
    response = client.get(LIST)
    assert response.status_code == 200
    assert codes(response) == []
    assert client.get(url(assignment)).status_code == 404
    for step in STEPS:
        assert client.post(url(assignment, step), {"version": "0"}).status_code == 404


def test_missing_and_foreign_assignment_look_alike(stranger, assignment, login):
    client = login(stranger)
    foreign = client.get(url(assignment)).content
    missing = client.get(f"{LIST}999999/").content
    assert _without_changing(foreign) == _without_changing(missing)


def _without_changing(body: bytes) -> str:
    return re.sub(
        r'(?:name="(?:csrfmiddlewaretoken|next)" value="[^"]*"|/assignments/\d+/)', "", body.decode()
    )


def test_nobody_reads_without_signing_in(client, assignment):
    response = client.get(url(assignment))
    assert response.status_code == 302
    assert response.url.startswith("/login/")


@pytest.mark.parametrize("step", STEPS)
def test_steps_are_posts(focal_point, assignment, login, step):
    assert login(focal_point).get(url(assignment, step)).status_code == 405


def test_visible_but_not_allowed_is_403(viewer, assignment, login):
    put(assignment, "confirmed")
    assert login(viewer).post(url(assignment, "accept"), {"version": "0"}).status_code == 403


# --- What a page tells to whom -----------------------------------------------------------------------
def test_other_parties_do_not_learn_progress(programme, head, login):
    """2.01 is the host's alone: neither page nor list nor filter tells the department how it stands."""
    own = programme.assignments.get(code="2.01")
    Assignment.objects.filter(pk=own.pk).update(
        status="in_progress", actual=7, due_on="2026-03-01", result_text="Bí mật nội bộ"
    )
    client = login(head)
    page = client.get(url(own))
    assert page.context["shows_progress"] is False
    assert "Bí mật nội bộ" not in page.content.decode()
    assert "is-overdue" not in page.content.decode()
    assert "2.01" not in codes(client.get(LIST, {"standing": "overdue"}))
    assert "2.01" not in codes(client.get(LIST, {"status": "in_progress"}))
    assert "2.01" in codes(client.get(LIST))


def test_viewer_reads_confirmed_figures_but_no_log(viewer, assignment, focal_point, login):
    row = put(assignment, "confirmed")
    factories.ProgressFactory(assignment=row, by=focal_point, text="Nội dung trao đổi")
    Assignment.objects.filter(pk=row.pk).update(actual=9, result_text="Nội dung kết quả")
    page = login(viewer).get(url(row))
    assert page.context["shows_progress"] is True
    assert "Nội dung" not in page.content.decode()


def test_administrator_reads_no_results(admin, assignment, login):
    Assignment.objects.filter(pk=assignment.pk).update(result_text="Nội dung kết quả", status="in_progress")
    page = login(admin).get(url(assignment))
    assert page.context["shows_progress"] is False
    assert "Nội dung kết quả" not in page.content.decode()


# --- The list ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["1.01", "1.02", "2.01"]),
        ({"year": "all"}, ["1.01", "1.02", "2.01"]),
        ({"year": "2025"}, []),
        ({"task": "1"}, ["1.01", "1.02"]),
        ({"solution": "2"}, ["1.02"]),
        ({"lead": "SXD"}, ["1.01"]),
        ({"coordinating": "SXD"}, ["1.02"]),
        ({"part": "lead"}, ["1.01"]),
        ({"part": "coordinating"}, ["1.02"]),
        ({"part": "any"}, ["1.01", "1.02"]),
        ({"standing": "overdue"}, ["1.02"]),
        ({"standing": "open"}, ["1.01"]),
        ({"standing": ["not_due", "overdue"]}, ["1.01", "1.02"]),
        ({"status": "assigned"}, ["1.01", "1.02"]),
        ({"status": "confirmed"}, []),
        ({"lead": "SXD", "status": "", "standing": "", "part": "", "q": ""}, ["1.01"]),
        ({"sort": "-code"}, ["2.01", "1.02", "1.01"]),
        ({"sort": "due"}, ["1.02", "1.01", "2.01"]),
        ({"task": "1", "part": "lead", "q": "quy hoach"}, ["1.01"]),
    ],
    ids=str,
)
def test_filters(head, programme, login, query, found):
    assert codes(login(head).get(LIST, query)) == found


@pytest.mark.parametrize(
    "words",
    [
        "quy hoạch đất",
        "quy hoach dat",
        "QUY HOẠCH",
        "đất quy",
        "dat  quoc phong",
        "1.01 quy",
        "so xay dung đất",
    ],
)
def test_search_with_and_without_diacritics(head, programme, login, words):
    assert codes(login(head).get(LIST, {"q": words})) == ["1.01"]


@pytest.mark.parametrize("words", ["%", "_", "không có", "1.0%"])
def test_search_finds_nothing_by_wildcards(head, programme, login, words):
    response = login(head).get(LIST, {"q": words})
    assert response.status_code == 200
    assert codes(response) == []


@pytest.mark.parametrize(
    "query",
    [
        {"year": "abc"},
        {"year": "٢٠٢٦"},
        {"year": "²"},
        {"year": "²²²²"},
        {"task": "x"},
        {"standing": "late"},
        {"status": "?"},
        {"part": "all"},
        {"sort": "title"},
        {"q": "a" * 201},
        {"q": "a\x00b"},
        {"task": "99999999999999999999999"},
    ],
    ids=str,
)
def test_nonsense_in_the_address_is_said_and_finds_nothing(head, programme, login, query):
    response = login(head).get(LIST, query)
    assert response.status_code in {200, 400}
    assert codes(response) == []
    assert response.status_code == 400 or not response.context["filter"].form.errors


@pytest.mark.parametrize("page", ["0", "-1", "9999", "x", ""])
def test_any_page_number_is_answered(head, programme, login, page):
    assert login(head).get(LIST, {"page": page}).status_code == 200


@pytest.mark.parametrize("name", ["officer", "head", "viewer", "admin"])
def test_counts_equal_rows(cast, programme, login, name):
    """Every tab's number is the number of rows behind it."""
    Assignment.objects.filter(code="2.01").update(status="submitted", submitted_on="2026-03-01")
    client = login(getattr(cast, name))
    tabs = client.get(LIST).context["tabs"]
    assert tabs[0].count == 3
    for tab in tabs:
        assert len(codes(client.get(LIST + tab.query))) == tab.count, tab.label


def test_list_pages(programme, officer, login):
    task = programme.priority_tasks.first()
    for number in range(10, 70):
        factories.AssignmentFactory(task=task, code=f"1.{number}", lead=programme.host)
    first = login(officer).get(LIST)
    assert len(codes(first)) == 50
    assert len(codes(login(officer).get(LIST, {"page": 2}))) == 13


def test_empty_list_says_so(host, officer, login):
    assert "inbox" in login(officer).get(LIST).content.decode()


# --- A fixed number of queries ---------------------------------------------------------------------
def grow(programme, lead):
    task = programme.priority_tasks.first()
    for number in range(10, 40):
        row = factories.AssignmentFactory(task=task, code=f"1.{number}", lead=lead)
        row.solutions.set(programme.solutions.all())
        factories.CoordinationFactory(assignment=row, agency=programme.co_host)


@pytest.mark.parametrize(("name", "queries"), [("officer", 13), ("head", 13), ("viewer", 12)])
def test_list_queries(cast, programme, login, name, queries, django_assert_num_queries):
    client = login(getattr(cast, name))
    client.get(LIST)
    grow(programme, programme.host)
    with django_assert_num_queries(queries):
        client.get(LIST)


def test_detail_queries(programme, assignment, focal_point, login, django_assert_num_queries):
    client = login(focal_point)
    client.get(url(assignment))
    row = put(assignment, "in_progress")
    for place in range(20):
        factories.ProgressFactory(assignment=row, by=focal_point, actual=place)
    with django_assert_num_queries(23):
        client.get(url(assignment))


# --- Steps ---------------------------------------------------------------------------------------------
def test_whole_way_of_a_result(cast, assignment, login):
    """Accept, report, submit, send back, submit again, approve, confirm: each by its button."""

    def press(user, step, **data):
        row = Assignment.objects.get(pk=assignment.pk)
        response = login(user).post(url(row, step), {"version": assignments.version_of(row), **data})
        assert response.status_code == 302, response.context and response.context["refused"].errors

    press(cast.focal_point, "accept")
    press(cast.focal_point, "report_progress", actual="3,5", percent="35", text="Đã rà soát.")
    press(cast.focal_point, "submit_to_head", actual="10", percent="80", text="Đã xong.")
    press(cast.head, "send_back", reason="Bổ sung số liệu.")
    press(cast.focal_point, "submit_to_head", actual="11", percent="", text="Đã bổ sung.")
    press(cast.head, "approve")
    press(cast.officer, "confirm")
    row = Assignment.objects.get(pk=assignment.pk)
    assert (row.status, row.actual, row.result_text) == ("confirmed", 11, "Đã bổ sung.")
    assert row.log.count() == 7


@pytest.mark.parametrize(
    "name", ["officer", "commander", "head", "deputy", "focal_point", "front_head", "viewer"]
)
@pytest.mark.parametrize(
    "status", ["assigned", "returned", "in_progress", "awaiting_head", "submitted", "confirmed"]
)
def test_a_button_is_offered_exactly_when_it_works(cast, assignment, name, status):
    user = getattr(cast, name)
    works = set()
    extra = {"report_progress": {"actual": 1, "percent": 10}, "submit_to_head": {"result_text": "Xong."}}
    for step_name, step in STEPS.items():
        row = put(assignment, status)
        values = extra.get(step_name, {"reason": "Lý do."} if "reason" in step.form.base_fields else {})
        try:
            with transaction.atomic():
                step.act(row, by=user, at=NOW, **values)
                works.add(step_name)
        except (PermissionDenied, RuleError):
            pass
    row = Assignment.objects.select_related("programme").get(pk=put(assignment, status).pk)
    assert set(offered(user, row)) == works


def test_refused_form_keeps_what_was_typed(assignment, focal_point, login):
    row = put(assignment, "accepted")
    data = {"version": "0", "actual": "-3", "percent": "120", "text": "Đoạn văn dài đã gõ."}
    response = login(focal_point).post(url(row, "report_progress"), data)
    body = response.content.decode()
    assert response.status_code == 400
    assert "Đoạn văn dài đã gõ." in body
    assert {"actual", "percent"} == set(response.context["refused"].errors)
    assert 'aria-describedby="report_progress_actual' in body or "report_progress_actual_error" in body


def test_result_without_words_is_refused_beside_the_field(assignment, focal_point, login):
    row = put(assignment, "accepted")
    response = login(focal_point).post(
        url(row, "submit_to_head"), {"version": "0", "actual": "3", "percent": "", "text": ""}
    )
    assert response.status_code == 400
    assert set(response.context["refused"].errors) == {"text"}


def test_text_is_kept_when_the_step_is_gone(assignment, focal_point, login):
    row = put(assignment, "awaiting_head")
    data = {"version": "0", "actual": "3", "percent": "5", "text": "Đoạn văn đã gõ."}
    response = login(focal_point).post(url(row, "report_progress"), data)
    assert response.status_code == 400
    assert "Đoạn văn đã gõ." in response.content.decode()


def test_stale_form_shows_both_versions(assignment, focal_point, login):
    row = put(assignment, "in_progress")
    assignments.report_progress(row, by=focal_point, at=NOW, actual=5, percent=50, text="Của đồng nghiệp.")
    data = {"version": "0", "actual": "7", "percent": "70", "text": "Của tôi."}
    response = login(focal_point).post(url(row, "report_progress"), data)
    body = response.content.decode()
    assert response.status_code == 409
    assert "Của tôi." in body
    assert "Của đồng nghiệp." in body
    assert Assignment.objects.get(pk=row.pk).actual == 5


def test_a_form_without_version_is_refused(assignment, focal_point, login):
    assert login(focal_point).post(url(assignment, "accept"), {}).status_code == 400
    assert Assignment.objects.get(pk=assignment.pk).status == "assigned"


def test_text_is_escaped(assignment, focal_point, login):
    row = put(assignment, "in_progress")
    assignments.report_progress(
        row, by=focal_point, at=NOW, actual=5, percent=50, text="<script>alert(1)</script>"
    )
    assert "<script>alert" not in login(focal_point).get(url(row)).content.decode()


def test_a_returned_duty_says_that_its_deadline_does_not_run(assignment, officer, login):
    put(assignment, "returned")
    page = login(officer).get(url(assignment)).text
    assert "Không tính hạn" in page
    assert "Không thời hạn" not in page


def test_the_first_day_has_room_beside_the_deadline_or_is_left_out(assignment, officer, login):
    """Both labels stand over the line: of work that begins shortly before its deadline one is enough."""
    for start_on, is_shown in ((dt.date(2026, 11, 1), False), (dt.date(2026, 3, 1), True)):
        days = {"start_on": start_on, "deadline_on": dt.date(2026, 11, 20), "due_on": dt.date(2026, 11, 20)}
        Assignment.objects.filter(pk=assignment.pk).update(**days)
        line = login(officer).get(url(assignment)).context["line"]
        assert line.shows_from is is_shown
