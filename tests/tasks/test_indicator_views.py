"""Pages of indicators: the list, one with its parts and figures, the forms, the workbooks."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from tasks import figures, quotas
from tasks.models import Assignment, Figure, Indicator, Quota
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks.measuring import MINUTE, YESTERDAY, again, at_work, definition, districts, divided, measure

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def working(assignment) -> Assignment:
    return at_work(assignment)


@pytest.fixture
def parts(working, focal_point, head) -> list[Quota]:
    """Two districts, 4 and 6 of 10, settled."""
    return divided(working, focal_point, 4, 6, settled_by=head)


def url(name: str, row: Assignment, *more: int) -> str:
    return reverse(f"indicators:{name}", args=[row.pk, *more])


def text(response) -> str:
    return " ".join(response.content.decode().split())


# --- The list -------------------------------------------------------------------------------------------
def test_list_shows_plan_achieved_and_percent(working, focal_point, head, login):
    Assignment.objects.filter(pk=working.pk).update(actual=5)
    page = text(login(focal_point).get(reverse("indicators:list")))
    assert "Kết quả chỉ tiêu" in page
    assert "50 %" in page.replace("\xa0", " ")
    assert "chưa có số liệu" in page.lower(), "of 1.02, which the department coordinates"
    assert "Tổng hợp báo cáo quý" not in page, "it takes no part in 2.01"


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("", ["1.01", "1.02", "2.01"]),
        ("?task=1", ["1.01", "1.02"]),
        ("?lead=UBMTTQ", ["1.02"]),
        ("?standing=on_course", ["1.01"]),
        ("?standing=behind", []),
        ("?standing=unknown", ["1.02", "2.01"]),
        ("?standing=nonsense&year=1888", ["1.01", "1.02", "2.01"]),
    ],
)
def test_list_is_narrowed(query, codes, working, officer, login):
    Assignment.objects.filter(pk=working.pk).update(actual=9)
    response = login(officer).get(reverse("indicators:list") + query)
    assert [row.assignment.code for row in response.context["rows"]] == codes


def test_behind_is_held_against_the_time_that_is_over(working, officer, login):
    """Of the days from 19 January to 31 March, on 10 March 70 percent are over."""
    for actual, standing in ((7, "on_course"), (6, "behind"), (10, "met")):
        Assignment.objects.filter(pk=working.pk).update(actual=actual)
        row = login(officer).get(reverse("indicators:list")).context["rows"][0]
        assert (row.reading.elapsed, row.reading.standing) == (70, standing)


def test_list_takes_a_fixed_number_of_queries(working, parts, officer, login, django_assert_num_queries):
    client, path = login(officer), reverse("indicators:list")
    client.get(path)
    with django_assert_num_queries(8):
        client.get(path)


def test_viewer_reads_confirmed_figures_alone(programme, assignment, parts, viewer, login):
    at_work(assignment, "confirmed")
    client = login(viewer)
    response = client.get(reverse("indicators:list"))
    assert [row.assignment.code for row in response.context["rows"]] == ["1.01"]
    assert url("detail", assignment) not in text(response)
    assert client.get(url("detail", assignment)).status_code == 404


def test_workbook_of_the_list_holds_numbers(working, officer, login):
    Assignment.objects.filter(pk=working.pk).update(actual=5)
    response = login(officer).get(reverse("indicators:export") + "?task=1")
    sheet = load_workbook(io.BytesIO(response.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[1] for row in rows[1:]] == ["1.01", "1.02"]
    assert rows[1][5] == 10
    assert rows[1][7:9] == (5, 50)
    assert rows[2][7] in {None, ""}


def test_no_programme_no_indicators(officer, login):
    assert "Chưa có chỉ tiêu nào" in text(login(officer).get(reverse("indicators:list")))


# --- One ------------------------------------------------------------------------------------------------
def test_page_shows_parts_sums_and_history(working, parts, focal_point, login):
    figures.enter(working, by=focal_point, at=NOW, on=YESTERDAY, values={parts[0].pk: Decimal(3)})
    response = login(focal_point).get(url("detail", working))
    page = text(response)
    assert "Các phần khớp với chỉ tiêu 10 văn bản." in page
    part = response.context["parts"][0]
    assert (part.actual, part.percent, part.remaining, part.newest_on) == (3, 75, 1, YESTERDAY)
    whole = response.context["whole"]
    assert (whole.share, whole.actual, whole.percent, whole.remaining) == (10, 3, 30, 7)
    assert [line.may_correct for line in response.context["history"]] == [True]


def test_page_says_by_how_much_a_draft_does_not_agree(working, focal_point, head, login):
    divided(working, focal_point, 4, 3)
    response = login(head).get(url("detail", working))
    assert "ít hơn chỉ tiêu 10 là 3 văn bản" in text(response)
    assert response.context["settle_form"] is None


def test_undivided_and_without_figures_it_says_so(working, focal_point, login):
    page = text(login(focal_point).get(url("detail", working)))
    assert "Chỉ tiêu chưa phân bổ" in page
    assert "Chưa nhập số liệu nào." in page


def test_others_do_not_find_it(working, parts, cast, login):
    for who, status in (
        ("officer", 200),
        ("front_head", 200),
        ("stranger", 404),
        ("viewer", 404),
        ("admin", 404),
    ):
        assert login(getattr(cast, who)).get(url("detail", working)).status_code == status, who


def test_page_takes_a_fixed_number_of_queries(working, focal_point, head, login, django_assert_num_queries):
    parts = divided(working, focal_point, *[1] * 10, settled_by=head)
    client = login(focal_point)
    client.get(url("detail", working))
    with django_assert_num_queries(9):
        client.get(url("detail", working))
    for back in (1, 2, 3):
        day = TODAY - dt.timedelta(days=back)
        values = {part.pk: Decimal(1) for part in parts}
        figures.enter(working, by=focal_point, at=NOW, on=day, values=values)
    with django_assert_num_queries(9):
        client.get(url("detail", working))


def test_workbook_of_the_parts_ends_with_their_sum(working, parts, focal_point, login):
    response = login(focal_point).get(url("export_parts", working))
    rows = list(load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True))
    assert [row[2] for row in rows[1:]] == [4, 6, 10]


def test_assignment_page_shows_the_panel(working, parts, focal_point, head, viewer, login):
    page = text(login(focal_point).get(working.get_absolute_url()))
    assert url("detail", working) in page
    assert "Càng cao càng tốt" in page
    at_work(working, "confirmed")
    page = text(login(viewer).get(working.get_absolute_url()))
    assert url("detail", working) not in page


# --- The forms --------------------------------------------------------------------------------------------
def test_officer_defines(working, officer, login):
    client = login(officer)
    sent = {
        "version": "0",
        "direction": "lower",
        "aggregation": "average",
        "cycle": "quarterly",
        "baseline": "12,5",
    }
    assert client.get(url("define", working)).status_code == 200
    assert client.post(url("define", working), sent).status_code == 302
    row = measure(working)
    assert (row.direction, row.baseline, row.cycle) == ("lower", Decimal("12.5"), "quarterly")


def test_lead_divides_and_what_was_typed_is_not_lost(working, focal_point, login):
    first, second = districts(2)
    client, path = login(focal_point), url("distribute", working)
    sent = {"version": "0", f"locality_{first.pk}": "1.004", f"locality_{second.pk}": "sáu", "note": "QĐ 12"}
    refused = client.post(path, sent)
    assert refused.status_code == 400
    assert "sáu" in text(refused)
    assert not Quota.objects.exists()
    assert client.post(path, sent | {f"locality_{second.pk}": "6"}).status_code == 302
    assert [row.share for row in Quota.objects.order_by("pk")] == [1004, 6]
    assert measure(working).note == "QĐ 12"


def test_an_older_page_of_the_distribution_shows_both_versions(working, focal_point, login):
    part, _other = divided(working, focal_point, 4, 6)
    sent = {"version": "0", f"locality_{part.locality_id}": "7"}
    response = login(focal_point).post(url("distribute", working), sent)
    assert response.status_code == 409
    change = next(row for row in response.context["changes"] if row.label == part.name)
    assert (change.yours, change.now) == ("7", "4")


def test_localities_are_those_of_the_day_and_those_with_a_share(working, focal_point, head, login):
    ended = factories.LocalityFactory(name_vi="Huyện đã nhập", valid_to=YESTERDAY)
    factories.LocalityFactory(name_vi="Huyện chưa có", valid_from=dt.date(2027, 1, 1))
    page = text(login(focal_point).get(url("distribute", working)))
    assert "Huyện đã nhập" not in page
    assert "Huyện chưa có" not in page
    Quota.objects.create(indicator=Indicator.objects.create(assignment=working), locality=ended, share=1)
    assert "Huyện đã nhập" in text(login(focal_point).get(url("distribute", working)))


def test_head_settles_and_opens_again(working, focal_point, head, login):
    divided(working, focal_point, 4, 6)
    client = login(head)
    version = client.get(url("detail", working)).context["settle_form"]["version"].value()
    assert client.post(url("settle", working), {"version": version}).status_code == 302
    assert measure(working).is_settled
    assert client.post(url("reopen", working), {"reason": "vì"}).status_code == 400
    assert client.post(url("reopen", working), {"reason": "Điều chỉnh chỉ tiêu"}).status_code == 302
    assert not measure(working).is_settled


def test_a_stale_settle_is_refused(working, focal_point, head, login):
    divided(working, focal_point, 4, 6)
    assert login(head).post(url("settle", working), {"version": "0"}).status_code == 409
    assert not measure(working).is_settled


def test_figures_are_typed_as_people_write_them(working, parts, focal_point, login):
    client, path = login(focal_point), url("enter", working)
    assert client.get(path).status_code == 200
    sent = {"on": "2026-03-09", f"value_{parts[0].pk}": "1.004,5", f"value_{parts[1].pk}": ""}
    assert client.post(path, sent).status_code == 302
    assert [row.value for row in Figure.objects.all()] == [Decimal("1004.5")]
    again_sent = client.post(path, sent | {f"value_{parts[1].pk}": "2"})
    assert again_sent.status_code == 400
    assert parts[0].name in text(again_sent)


def test_an_agency_types_its_own_share_alone(cast, working, login):
    front = working.coordinations.get().agency_id
    shares = {
        quotas.Holder(agency_id=working.lead_id): Decimal(6),
        quotas.Holder(agency_id=front): Decimal(4),
    }
    quotas.distribute(working, by=cast.focal_point, at=NOW, shares=shares)
    quotas.settle(working, by=cast.head, at=NOW)
    response = login(cast.front_head).get(url("enter", working))
    assert [line.name for line in response.context["form"].lines] == [
        "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Thanh Hóa"
    ]
    assert login(cast.officer).get(url("enter", working)).status_code == 403


def test_a_figure_is_corrected_on_its_page(working, parts, focal_point, officer, front_head, login):
    (figure,) = figures.enter(working, by=focal_point, at=NOW, on=YESTERDAY, values={parts[0].pk: Decimal(3)})
    path = url("correct", working, figure.pk)
    client = login(focal_point)
    assert "09/03/2026" in text(client.get(path))
    assert client.post(path, {"value": "2", "reason": "vì"}).status_code == 400
    assert client.post(path, {"value": "2", "reason": "Đếm trùng một người"}).status_code == 302
    assert again(working).actual == 2
    page = text(client.get(url("detail", working)))
    assert "Đính chính cho 3: Đếm trùng một người" in page
    assert client.post(path, {"value": "1", "reason": "Đếm lại lần nữa"}).status_code == 400
    assert login(officer).get(path).status_code == 403
    assert login(front_head).get(path).status_code == 403
    other = url("correct", Assignment.objects.get(code="1.02"), figure.pk)
    assert client.get(other).status_code == 404


def test_typed_progress_is_the_total_and_cannot_be_typed(working, parts, focal_point, login):
    figures.enter(working, by=focal_point, at=NOW, on=YESTERDAY, values={parts[0].pk: Decimal(3)})
    client = login(focal_point)
    form = client.get(working.get_absolute_url()).context["forms"]["report_progress"]
    assert form.fields["actual"].disabled
    sent = {"actual": "9", "percent": "40", "text": "Đang làm.", "version": form["version"].value()}
    assert client.post(reverse("assignments:report_progress", args=[working.pk]), sent).status_code == 302
    assert (again(working).actual, again(working).progress_percent) == (3, 40)


def test_lower_is_better_is_said_and_counted(working, officer, focal_point, login):
    quotas.define(working, by=officer, at=NOW, definition=definition(direction="lower", baseline=Decimal(40)))
    figures.enter(working, by=focal_point, at=NOW + MINUTE, on=YESTERDAY, values={None: Decimal(25)})
    response = login(focal_point).get(url("detail", working))
    assert response.context["row"].reading.percent == 50
    assert "Càng thấp càng tốt" in text(response)


# --- What several make up together -----------------------------------------------------------------------
@pytest.fixture
def joint(programme, working):
    """1.01 and 1.02, of 10 documents each, make up 20."""
    row = factories.JointIndicatorFactory(programme=programme)
    row.parts.set(programme.assignments.filter(code__in=["1.01", "1.02"]))
    return row


def test_a_joint_indicator_is_what_its_parts_are(joint, working, parts, cast, login):
    figures.enter(working, by=cast.focal_point, at=NOW, on=YESTERDAY, values={parts[0].pk: Decimal(3)})
    other = at_work(Assignment.objects.get(code="1.02"))
    Assignment.objects.filter(pk=other.pk).update(actual=2)
    response = login(cast.officer).get(reverse("indicators:joint", args=[joint.pk]))
    row = response.context["row"]
    assert (row.actual, row.percent, row.adds_up) == (5, 25, True)
    lines = [(line.name, line.shares, line.actual) for line in response.context["lines"]]
    assert lines == [(parts[0].name, [4, None], 3), (parts[1].name, [6, None], 0)]
    page = text(login(cast.officer).get(reverse("indicators:list")))
    assert reverse("indicators:joint", args=[joint.pk]) in page


def test_parts_that_do_not_make_up_the_joint_target_are_told(joint, officer, login):
    type(joint).objects.update(target=25)
    page = text(login(officer).get(reverse("indicators:joint", args=[joint.pk])))
    assert "ít hơn chỉ tiêu 25 là 5 văn bản" in page


def test_a_joint_indicator_is_for_who_sees_every_part(joint, cast, login):
    joint.parts.add(Assignment.objects.get(code="2.01"))
    path = reverse("indicators:joint", args=[joint.pk])
    for who, status in (("officer", 200), ("head", 404), ("front_head", 404), ("viewer", 404)):
        assert login(getattr(cast, who)).get(path).status_code == status, who


def test_a_joint_indicator_takes_a_fixed_number_of_queries(joint, officer, login, django_assert_num_queries):
    client, path = login(officer), reverse("indicators:joint", args=[joint.pk])
    client.get(path)
    with django_assert_num_queries(12):
        client.get(path)


# --- How fresh it is --------------------------------------------------------------------------------------
@pytest.mark.parametrize(("back", "is_old"), [(31, False), (32, True)])
def test_figures_older_than_their_cycle_are_told(back, is_old, working, focal_point, officer, login):
    day = TODAY - dt.timedelta(days=back)
    figures.enter(working, by=focal_point, at=NOW, on=day, values={None: Decimal(3)})
    response = login(focal_point).get(url("detail", working))
    assert (response.context["row"].age_days, response.context["row"].is_old) == (back, is_old)
    assert f"cách đây {back} ngày" in text(response)
    assert ("số liệu đã cũ" in text(login(officer).get(reverse("indicators:list")))) == is_old


def test_what_was_taken_back_is_no_newest_figure(working, focal_point, login):
    (figure,) = figures.enter(working, by=focal_point, at=NOW, on=YESTERDAY, values={None: Decimal(3)})
    figures.correct(figure, by=focal_point, at=NOW, value=None, reason="Nhập nhầm.")
    assert login(focal_point).get(url("detail", working)).context["row"].newest_on is None


def test_a_target_that_changed_after_it_was_settled_is_told(working, parts, focal_point, login):
    Assignment.objects.filter(pk=working.pk).update(target=12)
    page = text(login(focal_point).get(url("detail", working)))
    assert "ít hơn chỉ tiêu 12 là 2 văn bản" in page
    assert "Chỉ tiêu đã thay đổi sau khi chốt phân bổ" in page
