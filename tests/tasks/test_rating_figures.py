"""The portal's figures in a rating, and what points come to: properties that hold for any history."""

import datetime as dt
import random

import pytest

from tasks import rating_contents, rating_figures, ratings
from tasks.models import Assignment, RatingRound, Report
from tasks.rating_figures import Share
from tasks.states import AssignmentStatus
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import rating, reporting
from tests.tasks.rating import D

pytestmark = pytest.mark.django_db
LATE, EARLY = TODAY - dt.timedelta(days=1), TODAY - dt.timedelta(days=9)
STATUSES = tuple(AssignmentStatus)


@pytest.fixture
def round_(programme, officer) -> RatingRound:
    return ratings.prepare(programme, by=officer, at=NOW)


def duty(programme, lead, status, *, due_on=EARLY, submitted_on=None, actual=0):
    return factories.AssignmentFactory(
        task=programme.priority_tasks.get(number=1),
        lead=lead,
        status=status,
        deadline_on=due_on,
        submitted_on=submitted_on,
        actual=actual,
    )


def figures(round_, agency, *, today=TODAY) -> dict[str, Share]:
    return dict(rating_figures.read(round_, [agency.pk], today=today)[agency.pk])


def told(share: Share) -> tuple[int, int]:
    return share.kept, share.counted


# --- One figure at a time --------------------------------------------------------------------------
def test_finished_on_time_is_kept_late_and_owed_are_not(round_, programme, department):
    Assignment.objects.filter(lead=department).delete()
    duty(programme, department, "confirmed", submitted_on=EARLY)
    duty(programme, department, "submitted", submitted_on=EARLY)
    late = duty(programme, department, "confirmed", submitted_on=LATE)
    owed = duty(programme, department, "in_progress")
    duty(programme, department, "in_progress", due_on=TODAY + dt.timedelta(days=30))  # not due yet
    share = figures(round_, department)["on_time"]
    assert told(share) == (2, 4)
    assert {row.id for row in share.rows if not row.is_kept} == {late.pk, owed.pk}
    assert share.points(50) == D("25.00")


@pytest.mark.parametrize(
    ("status", "column"),
    [("suspended", "leaves_out_suspended"), ("carried_over", "leaves_out_carried_over")],
)
@pytest.mark.parametrize("leaves_out", [True, False])
def test_the_edition_says_what_becomes_of_suspended_and_carried_over(
    round_, programme, department, status, column, leaves_out
):
    Assignment.objects.filter(lead=department).delete()
    duty(programme, department, status)
    setattr(round_, column, leaves_out)
    assert told(figures(round_, department)["on_time"]) == ((0, 0) if leaves_out else (0, 1))


def test_targets_reached_count_from_the_whole_target_on(round_, programme, department):
    Assignment.objects.filter(lead=department).delete()
    duty(programme, department, "confirmed", submitted_on=EARLY, actual=10)
    duty(programme, department, "in_progress", actual=9)
    duty(programme, department, "assigned")  # nothing was reported, and its day has come
    assert told(figures(round_, department)["targets"]) == (1, 3)


def test_reports_that_came_in_time_are_kept(round_, programme, department):
    reporting.first_quarter(programme)
    after = reporting.DUE_ON + dt.timedelta(days=1)
    assert told(figures(round_, department, today=TODAY)["reports"]) == (0, 0)  # not due yet
    assert told(figures(round_, department, today=after)["reports"]) == (0, 1)
    Report.objects.filter(agency=department).update(
        state="submitted", first_submitted_at=NOW, submitted_at=NOW
    )
    assert told(figures(round_, department, today=after)["reports"]) == (1, 1)


def test_where_nothing_counts_nothing_can_be_told(round_, outside):
    assert [share.points(50) for share in figures(round_, outside).values()] == [None, None, None]


def test_figures_of_all_agencies_ask_two_queries(round_, programme, django_assert_num_queries):
    agencies = list(programme.signatories.values_list("agency", flat=True))
    with django_assert_num_queries(2):
        rating_figures.read(round_, agencies, today=TODAY)


def test_a_figure_is_kept_with_its_rows(round_, front):
    share = figures(round_, front)["on_time"]
    assert rating_figures.restored(share.stored()) == Share(list(share.rows))
    assert share.rows[0].url.startswith("/assignments/")


# --- For any history -------------------------------------------------------------------------------
def history(chance: random.Random, programme, lead) -> None:
    for _n in range(chance.randrange(8)):
        status = chance.choice(STATUSES)
        day = TODAY + dt.timedelta(days=chance.randrange(-40, 20))
        sent = day + dt.timedelta(days=chance.randrange(-5, 5))
        duty(programme, lead, status, due_on=day, submitted_on=sent, actual=chance.choice([0, 5, 10, 12]))


@pytest.mark.parametrize("seed", range(12))
def test_a_cancelled_duty_never_changes_a_figure(round_, programme, department, seed):
    chance = random.Random(seed)
    history(chance, programme, department)
    before = {name: told(share) for name, share in figures(round_, department).items()}
    for _n in range(chance.randrange(1, 5)):
        day = TODAY + dt.timedelta(days=chance.randrange(-40, 20))
        duty(programme, department, "cancelled", due_on=day, actual=chance.choice([0, 10]))
    assert {name: told(share) for name, share in figures(round_, department).items()} == before


@pytest.mark.parametrize("seed", range(12))
def test_cancelling_a_duty_is_as_if_it_had_never_been(round_, programme, department, seed):
    chance = random.Random(seed)
    history(chance, programme, department)
    row = chance.choice(list(Assignment.objects.filter(lead=department)))
    Assignment.objects.filter(pk=row.pk).update(status="cancelled")
    cancelled = {name: told(share) for name, share in figures(round_, department).items()}
    Assignment.objects.filter(pk=row.pk).delete()
    assert {name: told(share) for name, share in figures(round_, department).items()} == cancelled


@pytest.mark.parametrize("seed", range(6))
def test_the_order_in_which_things_happen_changes_no_figure(round_, programme, department, front, seed):
    """The same duties with the same ends, written in another order, under another agency."""
    Assignment.objects.filter(lead__in=[department, front]).delete()
    chance = random.Random(seed)
    ends = [
        (chance.choice(["confirmed", "in_progress", "cancelled", "assigned"]), chance.choice([EARLY, LATE]))
        for _n in range(6)
    ]
    for lead, order in ((department, ends), (front, chance.sample(ends, len(ends)))):
        for status, sent in order:
            duty(programme, lead, status, submitted_on=sent, actual=10 if sent == EARLY else 3)
    ours, theirs = figures(round_, department), figures(round_, front)
    assert {name: told(share) for name, share in ours.items()} == {
        name: told(share) for name, share in theirs.items()
    }


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_verification_changes_no_total(programme, officer, head, front_head, commander, seed):
    chance = random.Random(seed)
    rating.published(programme, officer)
    points = {"UBMTTQ": (0, 0, None, 8, 3), "SXD": (None, None, None, 9, 5)}
    for agency in chance.sample(sorted(points), 2):
        for _again in range(chance.randrange(1, 3)):
            rating.verified(agency, officer, points[agency], at=rating.AFTER_SELF)
    found = {row.sheet.agency.code: row.total for row in rating_contents.lines(rating.round_of())}
    assert found == {"UBMTTQ": D("12.94"), "SXD": D("93.33")}


@pytest.mark.parametrize("seed", range(25))
def test_the_total_is_the_sum_of_the_points(seed):
    """Of all criteria when all can be told; else of those that can, brought to a hundred."""
    chance = random.Random(seed)
    weights = [chance.randrange(1, 30) for _n in range(4)]
    weights.append(100 - sum(weights) if sum(weights) < 100 else 1)
    whole = sum(weights)
    points = [D(chance.randrange(weight * 100 + 1)) / 100 for weight in weights]
    if whole == 100:
        assert rating_figures.total(zip(weights, points, strict=True)) == sum(points)
    open_ = [None if chance.random() < 0.4 else value for value in points]
    kept = [(weight, value) for weight, value in zip(weights, open_, strict=True) if value is not None]
    wanted = None
    if kept:
        shares = sum(value for _weight, value in kept) * 100 / sum(weight for weight, _value in kept)
        wanted = rating_figures.rounded(D(shares))
    assert rating_figures.total(zip(weights, open_, strict=True)) == wanted
    assert wanted is None or 0 <= wanted <= 100


def test_equal_points_share_a_rank(programme, officer, head, front_head):
    rating.published(programme, officer)
    for agency, points in (("SXD", (None, None, None, 10, 5)), ("UBMTTQ", (50, 20, None, 10, 5))):
        rating.verified(agency, officer, points, at=rating.AFTER_SELF)
    assert [line.rank for line in rating_contents.lines(rating.round_of())] == [1, 1]


def test_grades_begin_at_their_thresholds(round_):
    grades = list(round_.grades.all())
    places = [
        rating_figures.grade_of(D(points), grades).place for points in ("90", "89.99", "75", "50", "49.99")
    ]
    assert places == [1, 2, 2, 3, 4]
    assert rating_figures.grade_of(None, grades) is None
