"""How a figure is measured and its target divided: a draft need not add up, what is settled does."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from portal.notices.models import Notice
from tasks import figures, indicators, quotas
from tasks.models import Assignment, Indicator, Quota
from tasks.quotas import Holder
from tests.factories import NOW
from tests.tasks.measuring import MINUTE, YESTERDAY, again, at_work, definition, divided, measure

D = Decimal
pytestmark = pytest.mark.django_db
OPEN = ("assigned", "accepted", "in_progress", "rejected")
OUTSIDERS = ("officer", "commander", "clerk", "admin", "front_head", "viewer", "stranger")


@pytest.fixture
def working(assignment) -> Assignment:
    return at_work(assignment)


def events() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("verb", flat=True))


# --- Dividing ---------------------------------------------------------------------------------------
def test_a_draft_need_not_add_up(working, focal_point):
    rows = divided(working, focal_point, 4, 3)
    assert [row.share for row in rows] == [4, 3]
    assert measure(working).state == "draft"
    assert json.loads(Event.objects.get().payload)["parts"] == 2


def test_a_draft_is_written_whole(working, focal_point):
    _first, second = divided(working, focal_point, 4, 3)
    shares = {Holder(locality_id=second.locality_id): D(5), Holder(agency_id=working.lead_id): D(5)}
    quotas.distribute(working, by=focal_point, at=NOW, shares=shares)
    kept = {(row.agency_id, row.locality_id): row.share for row in Quota.objects.all()}
    assert kept == {(working.lead_id, None): 5, (None, second.locality_id): 5}
    assert Quota.objects.filter(pk=second.pk).exists(), "the row stays"


def test_what_adds_up_is_settled_by_the_head_and_its_agencies_are_told(cast, working):
    front = working.coordinations.get().agency_id
    shares = {Holder(agency_id=working.lead_id): D(6), Holder(agency_id=front): D(4)}
    quotas.distribute(working, by=cast.focal_point, at=NOW, shares=shares)
    quotas.settle(working, by=cast.head, at=NOW)
    row = measure(working)
    assert (row.state, row.settled_by, row.settled_at) == ("settled", cast.head, NOW)
    told = Notice.objects.filter(kind="quota.settled").values_list("recipient__username", flat=True)
    assert set(told) == {"ubmttq.head"}, "the lead knows"
    assert events() == ["quotas.distributed", "quotas.settled"]


def test_opened_again_the_notice_is_taken_back(cast, working):
    front = working.coordinations.get().agency_id
    quotas.distribute(working, by=cast.head, at=NOW, shares={Holder(agency_id=front): D(10)})
    quotas.settle(working, by=cast.head, at=NOW)
    quotas.reopen(working, by=cast.deputy, at=NOW + MINUTE, reason="Điều chỉnh theo thực tế.")
    assert measure(working).state == "draft"
    assert not Notice.objects.filter(kind="quota.settled").unread().exists()


@pytest.mark.parametrize(
    ("shares", "words"),
    [((4, 3), "ít hơn chỉ tiêu 10 là 3 văn bản"), ((8, 5), "nhiều hơn chỉ tiêu 10 là 3 văn bản")],
)
def test_what_does_not_add_up_is_not_settled(working, focal_point, head, shares, words):
    divided(working, focal_point, *shares)
    with pytest.raises(RuleError) as refusal:
        quotas.settle(working, by=head, at=NOW)
    assert words in str(refusal.value)
    assert measure(working).state == "draft"


def test_nothing_is_not_settled(working, head):
    with pytest.raises(RuleError, match="chưa"):
        quotas.settle(working, by=head, at=NOW)


def test_shares_of_averages_have_the_target_as_their_average(working, officer, focal_point, head):
    quotas.define(working, by=officer, at=NOW, definition=definition(aggregation="average"))
    divided(working, focal_point, 8, 12, settled_by=head)
    assert measure(working).is_settled


def test_a_settled_distribution_is_not_written(working, focal_point, head):
    divided(working, focal_point, 4, 6, settled_by=head)
    with pytest.raises(RuleError):
        quotas.distribute(working, by=focal_point, at=NOW, shares={})
    assert Quota.objects.count() == 2


def test_a_share_with_figures_is_not_left_out(working, focal_point, head):
    first, second = divided(working, focal_point, 4, 6, settled_by=head)
    figures.enter(working, by=focal_point, at=NOW, on=YESTERDAY, values={first.pk: D(1)})
    quotas.reopen(working, by=head, at=NOW, reason="Điều chỉnh.")
    with pytest.raises(RuleError, match=first.name):
        quotas.distribute(
            working, by=focal_point, at=NOW, shares={Holder(locality_id=second.locality_id): D(10)}
        )
    shares = {Holder(locality_id=first.locality_id): D(0), Holder(locality_id=second.locality_id): D(10)}
    quotas.distribute(working, by=focal_point, at=NOW, shares=shares)
    quotas.settle(working, by=head, at=NOW)
    assert again(working).actual == 1


def test_who_takes_no_part_has_no_share(working, focal_point, outside):
    with pytest.raises(RuleError):
        quotas.distribute(working, by=focal_point, at=NOW, shares={Holder(agency_id=outside.pk): D(10)})
    with pytest.raises(RuleError):
        quotas.distribute(working, by=focal_point, at=NOW, shares={Holder(locality_id=999_999): D(10)})
    with pytest.raises(RuleError):
        divided(working, focal_point, -1, 11)
    assert not Quota.objects.exists()


def test_figures_of_the_whole_stand_against_dividing(working, focal_point):
    (figure,) = figures.enter(working, by=focal_point, at=NOW, on=YESTERDAY, values={None: D(3)})
    with pytest.raises(RuleError):
        divided(working, focal_point, 4, 6)
    figures.correct(figure, by=focal_point, at=NOW, value=None, reason="Chia theo huyện.")
    assert len(divided(working, focal_point, 4, 6)) == 2


def test_the_database_holds_one_holder(working, focal_point):
    row = divided(working, focal_point, 4)[0]
    for columns in ({"agency_id": working.lead_id}, {"locality_id": None}, {"share": -1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Quota.objects.filter(pk=row.pk).update(**columns)


# --- Wrong person, wrong state, lost race ---------------------------------------------------------------
def _asks(row: Assignment):
    return {
        "distribute": lambda by: quotas.distribute(row, by=by, at=NOW, shares={}),
        "settle": lambda by: quotas.settle(row, by=by, at=NOW),
        "reopen": lambda by: quotas.reopen(row, by=by, at=NOW, reason="Điều chỉnh."),
        "define": lambda by: quotas.define(row, by=by, at=NOW, definition=definition()),
    }


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("distribute", OUTSIDERS),
        ("settle", (*OUTSIDERS, "focal_point")),
        ("reopen", (*OUTSIDERS, "focal_point")),
        (
            "define",
            ("commander", "clerk", "admin", "head", "focal_point", "front_head", "viewer", "stranger"),
        ),
    ],
)
def test_wrong_person(name, wrong, cast, working):
    for who in wrong:
        with pytest.raises(PermissionDenied):
            _asks(working)[name](getattr(cast, who))
    assert not Indicator.objects.exists()
    assert not events()


@pytest.mark.parametrize("name", ["distribute", "settle", "reopen", "define"])
@pytest.mark.parametrize("status", ["awaiting_head", "submitted", "confirmed", "suspended", "returned"])
def test_wrong_state(name, status, cast, assignment):
    row = at_work(assignment, status)
    with pytest.raises(RuleError):
        _asks(row)[name](cast.officer if name == "define" else cast.head)
    assert not events()


def test_an_older_page_is_refused(working, focal_point, head):
    divided(working, focal_point, 4, 6)
    with pytest.raises(StaleError):
        quotas.settle(working, by=head, at=NOW, version="0")
    quotas.settle(working, by=head, at=NOW, version=quotas.version_of(measure(working)))


# --- How it is measured -----------------------------------------------------------------------------
def test_the_officer_says_how_it_is_measured(working, officer):
    wanted = definition(baseline=D(40), direction="lower", aggregation="latest")
    quotas.define(working, by=officer, at=NOW, definition=wanted)
    row = measure(working)
    assert (row.baseline, row.direction, row.aggregation) == (40, "lower", "latest")
    assert events() == ["indicator.defined"]


def test_the_percentage_follows_a_new_direction(working, officer, focal_point):
    figures.enter(working, by=focal_point, at=NOW, on=YESTERDAY, values={None: D(25)})
    assert again(working).progress_percent == 100
    wanted = definition(baseline=D(40), direction="lower")
    quotas.define(working, by=officer, at=NOW + MINUTE, definition=wanted)
    assert again(working).progress_percent == 50


def test_what_becomes_of_entries_stays_once_there_are_some(working, officer, focal_point):
    figures.enter(working, by=focal_point, at=NOW, on=YESTERDAY, values={None: D(5)})
    with pytest.raises(RuleError):
        quotas.define(working, by=officer, at=NOW, definition=definition(aggregation="latest"))
    quotas.define(working, by=officer, at=NOW, definition=definition(baseline=D(2)))
    assert measure(working).baseline == 2


def test_a_share_in_percent_is_not_added_up(working, focal_point):
    Assignment.objects.filter(pk=working.pk).update(unit_vi="%", target=100)
    for back, value in ((9, 40), (2, 70)):
        on = NOW.date() - dt.timedelta(days=back)
        figures.enter(again(working), by=focal_point, at=NOW, on=on, values={None: D(value)})
    assert measure(working).aggregation == "latest"
    assert again(working).actual == 70


def test_a_target_in_percent_is_divided_as_an_average(working, focal_point, officer, department, front):
    Assignment.objects.filter(pk=working.pk).update(unit_vi="%", target=95)
    shares = {Holder(agency_id=department.pk): D(95), Holder(agency_id=front.pk): D(95)}
    with pytest.raises(RuleError, match="không cộng dồn"):
        quotas.distribute(again(working), by=focal_point, at=NOW, shares=shares)
    quotas.define(again(working), by=officer, at=NOW, definition=definition(aggregation="average"))
    quotas.distribute(again(working), by=focal_point, at=NOW, shares=shares)
    assert indicators.difference([D(95), D(95)], D(95), "average") == 0
