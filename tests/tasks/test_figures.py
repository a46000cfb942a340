"""Figures: entered once a day for each part, corrected by another that says why, followed by the total."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.audit.models import Event
from portal.lib.errors import RuleError
from tasks import assignments, figures, indicators, quotas
from tasks.models import Assignment, Figure, Progress, Quota
from tasks.quotas import Holder
from tests.factories import NOW, TODAY
from tests.tasks.measuring import MINUTE, YESTERDAY, again, at_work, divided, entered, measure

D = Decimal
pytestmark = pytest.mark.django_db


@pytest.fixture
def working(assignment) -> Assignment:
    return at_work(assignment)


@pytest.fixture
def parts(working, focal_point, head) -> list[Quota]:
    """Two districts, 4 and 6 of 10, settled."""
    return divided(working, focal_point, 4, 6, settled_by=head)


def enter(row: Assignment, by, on: dt.date = YESTERDAY, *, at: dt.datetime = NOW, **values):
    given = values.pop("values")
    return figures.enter(row, by=by, at=at, on=on, values={key: D(value) for key, value in given.items()})


# --- Entering -----------------------------------------------------------------------------------------
def test_the_total_is_what_was_achieved(working, parts, focal_point):
    enter(working, focal_point, values={parts[0].pk: 3, parts[1].pk: 2})
    row = again(working)
    assert (row.actual, row.progress_percent, row.status) == (5, 50, "in_progress")
    entry = row.log.first()
    assert (entry.actual, entry.by) == (5, focal_point)
    assert "09/03/2026" in entry.text
    payload = json.loads(Event.objects.get(verb="figures.entered").payload)
    assert (payload["count"], payload["total"]) == (2, "5.00")


def test_an_undivided_figure_is_entered_for_the_whole(working, focal_point):
    for back, value in ((20, 3), (1, 4)):
        enter(working, focal_point, TODAY - dt.timedelta(days=back), values={None: value})
    assert again(working).actual == 7


def test_what_the_lead_wrote_about_the_work_stays(working, focal_point):
    assignments.report_progress(working, by=focal_point, at=NOW, actual=D(1), percent=10, text="Đã rà soát.")
    enter(working, focal_point, at=NOW + MINUTE, values={None: 4})
    assert (again(working).actual, again(working).result_text) == (4, "Đã rà soát.")


def test_accepted_work_is_in_progress_from_its_first_figure(assignment, focal_point):
    enter(at_work(assignment, "accepted"), focal_point, values={None: 4})
    assert again(assignment).status == "in_progress"


def test_a_figure_does_not_take_a_rejection_back(cast, working):
    """Nor the lead's notice of it: another agency's figure answers nothing."""
    front = working.coordinations.get().agency_id
    shares = {Holder(agency_id=working.lead_id): D(6), Holder(agency_id=front): D(4)}
    quotas.distribute(working, by=cast.focal_point, at=NOW, shares=shares)
    quotas.settle(working, by=cast.head, at=NOW)
    Assignment.objects.filter(pk=working.pk).update(status="rejected")
    row = again(working)
    enter(row, cast.front_head, values={Quota.objects.get(agency=front).pk: 2})
    assert (again(working).status, again(working).actual) == ("rejected", 2)


def test_a_total_that_no_row_holds_is_refused(working, parts, focal_point):
    with pytest.raises(RuleError, match="quá lớn"):
        enter(working, focal_point, values={part.pk: "999999999999.99" for part in parts})


def test_an_agency_enters_the_figure_of_its_share(cast, working):
    front = working.coordinations.get().agency_id
    shares = {Holder(agency_id=working.lead_id): D(6), Holder(agency_id=front): D(4)}
    quotas.distribute(working, by=cast.focal_point, at=NOW, shares=shares)
    quotas.settle(working, by=cast.head, at=NOW)
    of_lead, of_front = Quota.objects.order_by("-share")
    with pytest.raises(PermissionDenied):
        enter(working, cast.front_head, values={of_front.pk: 2, of_lead.pk: 1})
    enter(working, cast.front_head, values={of_front.pk: 2})
    assert again(working).actual == 2
    assert again(working).log.first().by == cast.front_head


def test_a_late_entry_is_flagged(working, focal_point):
    enter(working, focal_point, TODAY - dt.timedelta(days=5), values={None: 1})
    enter(working, focal_point, TODAY - dt.timedelta(days=6), values={None: 1})
    assert [row.is_late for row in Figure.objects.order_by("-on")] == [False, True]


def test_typed_progress_gives_way_to_the_total(working, parts, focal_point, head):
    enter(working, focal_point, values={parts[0].pk: 3})
    row = again(working)
    assignments.report_progress(row, by=focal_point, at=NOW + MINUTE, actual=D(9), percent=90, text="Chín.")
    assert (again(working).actual, again(working).progress_percent) == (3, 90)
    assignments.submit_to_head(again(working), by=head, at=NOW + MINUTE, result_text="Xong.", actual=D(10))
    assert again(working).actual == 3


# --- Refused ----------------------------------------------------------------------------------------------
def test_wrong_person(cast, working, parts):
    for name in ("officer", "commander", "clerk", "admin", "front_head", "viewer", "stranger"):
        with pytest.raises(PermissionDenied):
            enter(working, getattr(cast, name), values={parts[0].pk: 1})
        with pytest.raises(PermissionDenied):
            enter(working, getattr(cast, name), values={})
    assert not Figure.objects.exists()


def test_a_quota_of_another_assignment_is_refused(programme, cast, working, parts):
    other = at_work(programme.assignments.get(code="1.02"))
    with pytest.raises(PermissionDenied):
        enter(other, cast.front_head, values={parts[0].pk: 1})


@pytest.mark.parametrize("status", ["assigned", "awaiting_head", "submitted", "confirmed", "suspended"])
def test_wrong_state(status, working, parts, focal_point):
    (figure,) = enter(working, focal_point, values={parts[0].pk: 1})
    row = at_work(working, status)
    with pytest.raises(RuleError):
        enter(row, focal_point, TODAY, values={parts[0].pk: 1})
    with pytest.raises(RuleError):
        figures.correct(figure, by=focal_point, at=NOW, value=D(2), reason="Nhầm.")
    assert Figure.objects.count() == 1


@pytest.mark.parametrize(
    ("on", "values"),
    [(TODAY + dt.timedelta(days=1), {None: 1}), (TODAY, {}), (TODAY, {None: -1})],
    ids=["to come", "nothing", "negative"],
)
def test_what_makes_no_sense_is_refused(on, values, working, focal_point):
    with pytest.raises(RuleError):
        enter(working, focal_point, on, values=values)
    assert not Figure.objects.exists()


def test_parts_wait_until_the_distribution_is_settled(working, focal_point):
    part, _other = divided(working, focal_point, 4, 6)
    for key in (part.pk, None):
        with pytest.raises(RuleError, match="phân bổ"):
            enter(working, focal_point, values={key: 1})


def test_a_divided_target_takes_no_figure_of_the_whole(working, parts, focal_point):
    with pytest.raises(RuleError):
        enter(working, focal_point, values={None: 1})


def test_two_values_for_a_day_are_refused_all_or_none(working, parts, focal_point):
    enter(working, focal_point, values={parts[0].pk: 1})
    with pytest.raises(RuleError, match=parts[0].name):
        enter(working, focal_point, values={parts[1].pk: 5, parts[0].pk: 2})
    assert again(working).actual == 1


# --- Correcting ------------------------------------------------------------------------------------------
def test_a_correction_is_a_new_entry_that_says_why(working, parts, focal_point, head):
    (figure,) = enter(working, focal_point, values={parts[0].pk: 3})
    made = figures.correct(figure, by=head, at=NOW + MINUTE, value=D(2), reason="Một người chuyển huyện.")
    assert (made.corrects, made.on, made.quota, made.reason) == (
        figure,
        YESTERDAY,
        parts[0],
        "Một người chuyển huyện.",
    )
    assert entered(working) == [(parts[0].name, "3.00"), (parts[0].name, "2.00")]
    assert again(working).actual == 2
    assert "Một người chuyển huyện." in again(working).log.first().text


def test_an_entry_is_taken_back(working, focal_point):
    (figure,) = enter(working, focal_point, values={None: 3})
    made = figures.correct(figure, by=focal_point, at=NOW, value=None, reason="Nhập nhầm nhiệm vụ.")
    assert again(working).actual == 0
    figures.correct(made, by=focal_point, at=NOW, value=D(4), reason="Nhập lại.")
    assert again(working).actual == 4


def test_what_was_corrected_is_not_corrected_again(working, focal_point):
    (figure,) = enter(working, focal_point, values={None: 3})
    figures.correct(figure, by=focal_point, at=NOW, value=D(2), reason="Nhầm.")
    with pytest.raises(RuleError):
        figures.correct(figure, by=focal_point, at=NOW, value=D(4), reason="Nhầm.")


@pytest.mark.parametrize(("value", "reason"), [(2, " "), (3, "Như cũ."), (-1, "Âm.")])
def test_a_correction_that_makes_no_sense_is_refused(value, reason, working, focal_point):
    (figure,) = enter(working, focal_point, values={None: 3})
    with pytest.raises(RuleError):
        figures.correct(figure, by=focal_point, at=NOW, value=D(value), reason=reason)
    assert Figure.objects.count() == 1


def test_a_figure_is_corrected_by_those_who_enter_it(cast, working, parts):
    (figure,) = enter(working, cast.focal_point, values={parts[0].pk: 3})
    for name in ("officer", "commander", "admin", "front_head", "viewer", "stranger"):
        with pytest.raises(PermissionDenied):
            figures.correct(figure, by=getattr(cast, name), at=NOW, value=D(1), reason="Sửa.")


# --- Whatever is entered and corrected ---------------------------------------------------------------------
STEPS = st.lists(
    st.tuples(
        st.integers(0, 1),  # the part
        st.integers(0, 4),  # days back
        st.one_of(st.none(), st.decimals(0, 50, places=1)),  # None takes back
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, aggregation=st.sampled_from(["sum", "latest", "average"]))
def test_parts_and_whole_never_disagree(steps, aggregation, working, parts, focal_point):
    """After each entry or correction the assignment says what the newest of them come to."""
    _begin_anew(working, aggregation)
    newest: dict[tuple[int, dt.date], Figure] = {}
    for place, back, value in steps:
        part, on = parts[place], TODAY - dt.timedelta(days=back)
        _enter_or_correct(working, part, on, value, newest, focal_point)
        standing = [row for row in newest.values() if row.value is not None]
        values = {
            quota.pk: indicators.of_entries(
                [
                    indicators.Entry(quota.pk, row.on, row.value)
                    for row in standing
                    if row.quota_id == quota.pk
                ],
                aggregation,
            )
            for quota in parts
            if any(row.quota_id == quota.pk for row in standing)
        }
        row = again(working)
        assert row.actual == indicators.of_parts(list(values.values()), aggregation)
        if aggregation == "sum":
            assert row.actual == sum(entry.value for entry in standing)
        assert indicators.total_of(measure(working)) == (row.actual if standing else None)


def _begin_anew(row: Assignment, aggregation: str) -> None:
    for figure in Figure.objects.order_by("-pk"):
        figure.delete()
    Progress.objects.filter(assignment=row).delete()
    Assignment.objects.filter(pk=row.pk).update(actual=0)
    indicator = measure(row)
    indicator.aggregation = aggregation
    indicator.save()


def _enter_or_correct(row, part, on, value, newest, by) -> None:
    before = newest.get((part.pk, on))
    if before is None:
        if value is not None:
            (newest[part.pk, on],) = enter(row, by, on, values={part.pk: value})
    elif before.value != value:
        newest[part.pk, on] = figures.correct(before, by=by, at=NOW, value=value, reason="Rà soát lại.")
