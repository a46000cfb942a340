"""The past of an assignment: every change with who and when, and any day as it was."""

import datetime as dt
from decimal import Decimal

import pytest

from tasks import assignment_drafts, assignments, extensions
from tasks.assignment_drafts import Mode, Wanted
from tasks.histories import History
from tasks.models import Assignment, Programme
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import changing
from tests.tasks.drafting import duty
from tests.tasks.extending import NEW_ON, asked, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
DAY = dt.timedelta(days=1)


def of(code: str) -> History:
    rows = Assignment.objects.select_related("programme").prefetch_related("coordinations", "solutions")
    return History(rows.get(code=code), with_draft=True)


def said(code: str, on: dt.date) -> dict[str, str]:
    return dict(of(code).day(on).lines)


def change(programme, by, at, code="1.01", **wanted) -> None:
    keys = [Assignment.objects.get(code=code).pk]
    assignment_drafts.change(programme, keys=keys, wanted=Wanted(**wanted), by=by, at=at)


def test_each_day_shows_what_stood_then(draft_programme, officer, front, department, host):
    first, second = NOW, NOW + 3 * DAY
    change(draft_programme, officer, first, deadline_on=dt.date(2026, 6, 1))
    change(draft_programme, officer, second, deadline_on=dt.date(2026, 9, 1), mode=Mode.ADD, agencies=(host,))
    deadlines = {day: said("1.01", TODAY + day * DAY)["thời hạn ban đầu"] for day in (-1, 0, 2, 3, 9)}
    assert deadlines == {
        -1: "31/03/2026",
        0: "01/06/2026",
        2: "01/06/2026",
        3: "01/09/2026",
        9: "01/09/2026",
    }
    assert of("1.01").day(TODAY).coordinating == [front.name]
    assert of("1.01").day(TODAY + 3 * DAY).coordinating == [front.name, host.name]
    entries = of("1.01").entries
    assert [(entry.at, entry.who) for entry in entries] == [
        (second, officer.get_full_name()),
        (first, officer.get_full_name()),
    ]
    (line,) = entries[1].lines
    assert (line.before, line.after) == ("31/03/2026", "01/06/2026")


def test_numbers_are_written_as_the_language_writes_them(draft_programme):
    Assignment.objects.filter(code="1.01").update(target="3505.50")
    assert said("1.01", TODAY)["mức chỉ tiêu"] == "3.505,5"


def test_agencies_that_went_are_back_on_the_day_before(draft_programme, officer, front, host):
    change(draft_programme, officer, NOW, mode=Mode.REPLACE, agencies=(host,))
    assert of("1.01").day(TODAY - DAY).coordinating == [front.name]
    assert of("1.01").day(TODAY).coordinating == [host.name]


def test_before_it_was_written_there_was_nothing(draft_programme, officer):
    assignment_drafts.add(draft_programme, duty=duty(draft_programme), by=officer, at=NOW)
    assert [of("1.03").day(TODAY + day * DAY).was_there for day in (-1, 0, 5)] == [False, True, True]


def test_how_far_the_work_was(assignment, focal_point, head):
    assignments.accept(fresh(assignment), by=focal_point, at=NOW)
    assignments.report_progress(
        fresh(assignment), by=focal_point, at=NOW + 2 * DAY, actual=Decimal(4), percent=40
    )
    days = {day: of("1.01").day(TODAY + day * DAY) for day in (-60, -1, 0, 2)}
    assert {day: (one.status, one.percent) for day, one in days.items()} == {
        -60: ("dự thảo", None),
        -1: ("đã giao", None),
        0: ("đã tiếp nhận", 0),
        2: ("đang thực hiện", 40),
    }


def test_a_granted_extension_counts_from_its_day(assignment, focal_point, commander):
    request = asked(fresh(assignment), focal_point)
    extensions.approve(request, by=commander, at=NOW + 4 * DAY)
    days = [of("1.01").day(TODAY + day * DAY).adjusted_on for day in (3, 4)]
    assert days == [None, NEW_ON]


def test_who_granted_more_time_stands_in_the_history(assignment, focal_point, commander):
    extensions.refuse(asked(assignment, focal_point), by=commander, at=NOW, reason="Chưa đủ căn cứ")
    extensions.approve(asked(fresh(assignment), focal_point), by=commander, at=NOW)
    (entry,) = of(assignment.code).entries
    assert (entry.who, [(line.before, line.after) for line in entry.lines]) == (
        commander.get_full_name(),
        [("31/03/2026", "20/04/2026")],
    )


def test_an_agency_that_passed_its_part_on_is_named_by_its_code(
    programme, officer, commander, front, department
):
    """A change of agencies writes codes: they are told by name, and undone like the others."""
    heir = factories.AgencyFactory(code="MOI", name_vi="Sở mới", valid_from=TODAY)
    planned = changing.plan("rename", [department], [heir], by=officer)
    changing.choose(planned, {"1.01": "MOI", "1.02": "MOI"}, by=officer)
    changing.changes.propose(planned, by=officer, at=NOW)
    changing.changes.confirm(planned, by=commander, at=NOW)
    assert Assignment.objects.get(code="1.02").coordinations.get().agency == heir
    assert of("1.02").day(TODAY - DAY).coordinating == [department.name]
    assert of("1.02").day(TODAY).coordinating == [heir.name]
    assert said("1.01", TODAY - DAY)["cơ quan chủ trì"] == department.name


# --- The page ------------------------------------------------------------------------------------------
def test_page_shows_a_day_and_is_for_who_reads_the_log(
    draft_programme, officer, login, focal_point, front_head, viewer, admin, stranger
):
    change(draft_programme, officer, NOW - DAY, deadline_on=dt.date(2026, 6, 1))
    row = Assignment.objects.get(code="1.01")
    Programme.objects.update(state="in_force", in_force_at=NOW)
    url = f"/assignments/{row.pk}/history/"
    for user in (officer, focal_point, front_head):
        shown = login(user).get(url, {"on": TODAY.isoformat()})
        assert shown.status_code == 200
        assert "01/06/2026" in shown.content.decode()
    for user, status in ((viewer, 403), (admin, 403), (stranger, 404)):
        assert login(user).get(url).status_code == status
    assert login(officer).get(url, {"on": "x"}).status_code == 400
    assert url in login(officer).get(row.get_absolute_url()).content.decode()


def test_what_a_draft_said_stays_the_commands(draft_programme, officer, login, focal_point, front_head):
    change(draft_programme, officer, NOW - DAY, deadline_on=dt.date(2026, 6, 1))
    url = f"/assignments/{Assignment.objects.get(code='1.01').pk}/history/"
    Programme.objects.update(state="in_force", in_force_at=NOW)
    before = {"on": (TODAY - 2 * DAY).isoformat()}
    assert login(officer).get(url, before).content.decode().count("31/03/2026") == 2  # the day and the change
    for user in (focal_point, front_head):
        page = login(user).get(url, before).content.decode()
        assert "31/03/2026" not in page
        assert "văn bản chưa có hiệu lực" in page
        assert officer.get_full_name() not in page
    Programme.objects.update(state="frozen", in_force_at=None)
    page = login(focal_point).get(url, {"on": TODAY.isoformat()}).content.decode()
    assert "31/03/2026" not in page


def test_page_takes_a_fixed_number_of_queries(draft_programme, officer, login, django_assert_num_queries):
    client = login(officer)
    for day in range(1, 9):
        change(draft_programme, officer, NOW - day * DAY, deadline_on=dt.date(2026, 6, day))
    url = f"/assignments/{Assignment.objects.get(code='1.01').pk}/history/?on=2026-03-01"
    client.get(url)
    with django_assert_num_queries(16):
        client.get(url)
