"""The rating of a year: criteria published and frozen, points told, grades proposed, approved."""

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from portal.agencies.models import Agency, AgencyKind
from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from portal.notices.models import Notice
from tasks import rating_access, rating_contents, rating_schemes, rating_sheets, ratings
from tasks.models import Programme, RatingDecision, RatingPoint, RatingRound, RatingSheet
from tasks.rating_schemes import Criterion, Grade, Scheme, Terms
from tasks.states import RatingState
from tests.factories import NOW, TODAY
from tests.tasks import rating
from tests.tasks.rating import AFTER_SELF, REASON, round_of, sheet_of

pytestmark = pytest.mark.django_db
POINTS = {"UBMTTQ": (0, 0, None, 8, 3), "SXD": (None, None, None, 9, 5)}
AFTER = AFTER_SELF + dt.timedelta(days=4)
TERMS = Terms(dt.date(2026, 12, 14), TODAY + dt.timedelta(days=10))


@pytest.fixture
def everybody(head, front_head, focal_point, commander):
    """The people whom the rating needs."""


@pytest.fixture
def round_(programme, officer, everybody) -> RatingRound:
    return rating.published(programme, officer)


@pytest.fixture
def told(round_, officer) -> RatingRound:
    return rating.told(officer, POINTS)


@pytest.fixture
def proposed(told, officer) -> RatingRound:
    ratings.propose(told, by=officer, at=AFTER, proposals=rating.proposals(told))
    return round_of()


def weights(*given: int) -> Scheme:
    criteria = [Criterion(f"Tiêu chí {n}", "judged", weight) for n, weight in enumerate(given, 1)]
    return Scheme(criteria, rating_schemes.preset().grades)


# --- Preparing -------------------------------------------------------------------------------------
def test_preset_adds_up_to_a_hundred_and_has_four_grades():
    rating_schemes.check_whole(rating_schemes.preset())
    rating_schemes.check_grades(rating_schemes.preset())


def test_first_year_begins_with_the_preset(programme, officer):
    made = ratings.prepare(programme, by=officer, at=NOW)
    assert rating_schemes.of(made) == rating_schemes.preset()
    assert made.state == RatingState.DRAFT
    assert Event.objects.filter(verb="rating.prepared").exists()


def test_a_later_year_begins_with_the_year_before(programme, officer, everybody):
    made = ratings.prepare(programme, by=officer, at=NOW)
    ratings.edit(made, by=officer, at=NOW, terms=TERMS, scheme=weights(60, 40))
    ratings.publish(made, by=officer, at=NOW)
    assert rating_schemes.offered(2027) == weights(60, 40)
    assert rating_schemes.offered(2026) == rating_schemes.preset()


@pytest.mark.parametrize("name", ["commander", "clerk", "admin", "head", "focal_point", "viewer"])
def test_only_the_officer_prepares(programme, cast, name):
    with pytest.raises(PermissionDenied):
        ratings.prepare(programme, by=getattr(cast, name), at=NOW)


def test_a_year_is_begun_once(programme, officer):
    ratings.prepare(programme, by=officer, at=NOW)
    with pytest.raises(RuleError):
        ratings.prepare(programme, by=officer, at=NOW)


@pytest.mark.parametrize("state", ["draft", "settled", "frozen", "terminated"])
def test_a_programme_that_did_not_run_is_not_rated(programme, officer, state):
    Programme.objects.update(state=state)
    with pytest.raises(RuleError):
        ratings.prepare(programme, by=officer, at=NOW)


def test_a_stale_page_of_criteria_is_refused(programme, officer):
    made = ratings.prepare(programme, by=officer, at=NOW)
    ratings.edit(made, by=officer, at=NOW, terms=TERMS, scheme=weights(100), version="0")
    with pytest.raises(StaleError):
        ratings.edit(made, by=officer, at=NOW, terms=TERMS, scheme=weights(50), version="0")
    assert rating_schemes.of(round_of()) == weights(100)


def test_criteria_that_were_not_shown_are_not_published(programme, officer, commander):
    made = ratings.prepare(programme, by=officer, at=NOW)
    shown = ratings.version_of(made)
    ratings.edit(round_of(), by=officer, at=NOW, terms=TERMS, scheme=weights(60, 40))
    with pytest.raises(StaleError):
        ratings.publish(made, by=commander, at=NOW, version=shown)
    assert round_of().state == RatingState.DRAFT


def test_grades_that_were_not_shown_are_not_approved(proposed, officer, commander):
    """One commander gave them back, the officer proposed others: the other commander's page is old."""
    shown = ratings.version_of(proposed)
    ratings.give_back(round_of(), by=commander, at=AFTER, reason="Xem lại mức của Sở")
    ratings.propose(round_of(), by=officer, at=AFTER, proposals=rating.proposals(round_of()))
    with pytest.raises(StaleError):
        ratings.approve(proposed, by=commander, at=AFTER, version=shown)
    assert not RatingDecision.objects.exists()


@pytest.mark.parametrize("thresholds", [(90, 75, 50), (90, 90, 50, 0), (90, 75, 50, 10), (50, 75, 90, 0)])
def test_grades_are_four_and_go_down_to_nothing(programme, officer, thresholds):
    made = ratings.prepare(programme, by=officer, at=NOW)
    grades = [Grade(f"Mức {n}", n) for n in thresholds]
    with pytest.raises(RuleError):
        ratings.edit(made, by=officer, at=NOW, terms=TERMS, scheme=Scheme(weights(100).criteria, grades))


# --- Publishing ------------------------------------------------------------------------------------
def test_published_criteria_are_frozen_with_their_hash(round_, officer):
    assert round_.state == RatingState.SCORING
    assert [row["weight"] for row in round_.edition["criteria"]] == [50, 20, 15, 10, 5]
    event = json.loads(Event.objects.get(verb="rating.published").payload)
    assert event["content_sha256"] == round_.edition_sha256
    with pytest.raises(RuleError):
        ratings.edit(round_, by=officer, at=NOW, terms=TERMS, scheme=weights(100))


def test_every_party_but_the_host_is_rated_and_told(round_, head, focal_point, front_head, officer):
    assert sorted(round_.sheets.values_list("agency__code", flat=True)) == ["SXD", "UBMTTQ"]
    assert RatingPoint.objects.count() == 2 * 5
    told = Notice.objects.filter(kind="rating.opened").values_list("recipient", flat=True)
    assert set(told) == {head.pk, focal_point.pk, front_head.pk}


@pytest.mark.parametrize("given", [(50, 49), (60, 60)])
def test_weights_that_do_not_add_up_are_not_published(programme, officer, given):
    made = ratings.prepare(programme, by=officer, at=NOW)
    ratings.edit(made, by=officer, at=NOW, terms=TERMS, scheme=weights(*given))
    with pytest.raises(RuleError):
        ratings.publish(made, by=officer, at=NOW)


def test_a_day_that_has_passed_is_not_published(programme, officer):
    made = ratings.prepare(programme, by=officer, at=NOW)
    with pytest.raises(RuleError):
        ratings.publish(made, by=officer, at=NOW + dt.timedelta(days=15))


@pytest.mark.parametrize("name", ["clerk", "admin", "head", "focal_point", "viewer", "stranger"])
def test_only_who_runs_the_programme_publishes(programme, officer, cast, name):
    made = ratings.prepare(programme, by=officer, at=NOW)
    with pytest.raises(PermissionDenied):
        ratings.publish(made, by=getattr(cast, name), at=NOW)


def test_two_publish_at_once_and_one_loses(programme, officer, commander):
    ratings.prepare(programme, by=officer, at=NOW)
    one, other = round_of(), round_of()
    ratings.publish(one, by=officer, at=NOW)
    with pytest.raises(RuleError):
        ratings.publish(other, by=commander, at=NOW)
    assert RatingSheet.objects.count() == 2


# --- Telling ---------------------------------------------------------------------------------------
def test_points_are_told_when_every_sheet_is_verified(round_, officer):
    rating.verified("SXD", officer, POINTS["SXD"], at=AFTER_SELF)
    last = AFTER_SELF.date() + dt.timedelta(days=3)
    with pytest.raises(RuleError):
        ratings.announce(round_, by=officer, at=AFTER_SELF, review_until=last)
    rating.verified("UBMTTQ", officer, POINTS["UBMTTQ"], at=AFTER_SELF)
    ratings.announce(round_, by=officer, at=AFTER_SELF, review_until=last)
    assert round_of().state == RatingState.REVIEW
    assert Notice.objects.filter(kind="rating.told").count() == 3


def test_agencies_get_a_day_to_ask(round_, officer):
    for agency, points in POINTS.items():
        rating.verified(agency, officer, points, at=AFTER_SELF)
    with pytest.raises(RuleError):
        ratings.announce(round_, by=officer, at=AFTER_SELF, review_until=AFTER_SELF.date())


@pytest.mark.parametrize("name", ["commander", "clerk", "admin", "head", "focal_point", "viewer"])
def test_only_the_officer_tells(round_, cast, name):
    with pytest.raises(PermissionDenied):
        ratings.announce(round_, by=getattr(cast, name), at=NOW, review_until=rating.REVIEW_UNTIL)


# --- Proposing -------------------------------------------------------------------------------------
def test_grades_wait_until_nobody_may_ask_any_more(told, officer):
    with pytest.raises(RuleError):
        ratings.propose(told, by=officer, at=AFTER_SELF, proposals=rating.proposals(told))


def test_grades_wait_for_the_answer_to_every_request(told, officer, head):
    rating_sheets.ask_again(rating.point_of("SXD", 4), by=head, at=AFTER_SELF, reason=REASON)
    with pytest.raises(RuleError):
        ratings.propose(told, by=officer, at=AFTER, proposals=rating.proposals(told))


def test_another_grade_than_the_points_give_needs_a_reason(told, officer):
    wanted = rating.proposals(told)
    best, sheet = told.grades.get(place=1), sheet_of("UBMTTQ")
    wanted[sheet.pk] = ratings.Proposal(best)
    with pytest.raises(RuleError):
        ratings.propose(told, by=officer, at=AFTER, proposals=wanted)
    wanted[sheet.pk] = ratings.Proposal(best, REASON)
    ratings.propose(told, by=officer, at=AFTER, proposals=wanted)
    assert (sheet_of("UBMTTQ").grade, sheet_of("UBMTTQ").grade_reason) == (best, REASON)


def test_every_agency_gets_a_grade(told, officer):
    with pytest.raises(RuleError):
        ratings.propose(told, by=officer, at=AFTER, proposals={})


def test_commander_is_told_and_may_give_it_back(proposed, officer, commander):
    assert [row.recipient for row in Notice.objects.filter(kind="rating.proposed")] == [commander]
    ratings.give_back(proposed, by=commander, at=AFTER, reason=REASON)
    assert (round_of().state, round_of().return_reason) == (RatingState.REVIEW, REASON)
    assert [row.recipient for row in Notice.objects.filter(kind="rating.given_back")] == [officer]
    assert not Notice.objects.filter(kind="rating.proposed", read_at=None).exists()


@pytest.mark.parametrize("name", ["officer", "clerk", "admin", "head", "focal_point", "viewer"])
def test_only_the_commander_decides(proposed, cast, name):
    for act, more in ((ratings.approve, {}), (ratings.give_back, {"reason": REASON})):
        with pytest.raises(PermissionDenied):
            act(proposed, by=getattr(cast, name), at=AFTER, **more)
    assert round_of().state == RatingState.PROPOSED


# --- Approval --------------------------------------------------------------------------------------
def test_approval_freezes_every_point_with_its_hash(proposed, commander):
    decision = ratings.approve(proposed, by=commander, at=AFTER)
    assert ratings.is_intact(decision)
    found = {row["code"]: row for row in decision.content["agencies"]}
    assert found["SXD"]["grade"] == "Hoàn thành xuất sắc nhiệm vụ"
    assert found["SXD"]["total"] == "93.33"
    assert found["UBMTTQ"]["grade"] == "Không hoàn thành nhiệm vụ"
    event = json.loads(Event.objects.get(verb="rating.approved").payload)
    assert event["content_sha256"] == decision.content_sha256
    decision.content["agencies"][0]["total"] = "99.00"
    assert not ratings.is_intact(decision)


def test_approval_happens_once(proposed, commander):
    one, other = round_of(), round_of()
    ratings.approve(one, by=commander, at=AFTER)
    with pytest.raises(RuleError):
        ratings.approve(other, by=commander, at=AFTER)
    assert RatingDecision.objects.count() == 1


def test_every_agency_hears_of_approval(proposed, commander, head, focal_point, front_head):
    ratings.approve(proposed, by=commander, at=AFTER)
    told = Notice.objects.filter(kind="rating.approved").values_list("recipient", flat=True)
    assert set(told) == {head.pk, focal_point.pk, front_head.pk}


def test_list_for_rewards_names_whom_the_grade_rewards(proposed, commander):
    decision = ratings.approve(proposed, by=commander, at=AFTER)
    assert [row["code"] for row in rating_contents.rewards(decision.content["agencies"])] == ["SXD"]


def test_nothing_is_public_unless_the_edition_says_so(proposed, commander):
    ratings.approve(proposed, by=commander, at=AFTER)
    assert round_of().public_list is None


def test_party_bodies_are_never_ranked_nor_in_the_public_list(told, officer, commander):
    Agency.objects.filter(code="SXD").update(kind=AgencyKind.PARTY)
    RatingRound.objects.update(is_list_public=True)
    lines = rating_contents.lines(round_of())
    assert [(line.sheet.agency.code, line.rank) for line in lines] == [("UBMTTQ", 1), ("SXD", None)]
    ratings.propose(told, by=officer, at=AFTER, proposals=rating.proposals(told))
    ratings.approve(round_of(), by=commander, at=AFTER)
    public = round_of().public_list
    assert [row["code"] for row in public] == ["UBMTTQ"]
    assert set(public[0]) == {"code", "name", "grade"}  # no points, no ranks


# --- The database ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "columns",
    [
        {"edition_sha256": ""},
        {"published_at": None},
        {"state": "review"},
        {"public_list": []},
        {"state": "draft"},
    ],
)
def test_the_database_holds_what_a_rating_is(round_, columns):
    with pytest.raises(IntegrityError), transaction.atomic():
        RatingRound.objects.filter(pk=round_.pk).update(**columns)


# --- Who sees what ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("officer", ["SXD", "UBMTTQ"]),
        ("commander", ["SXD", "UBMTTQ"]),
        ("clerk", ["SXD", "UBMTTQ"]),
        ("head", ["SXD"]),
        ("focal_point", ["SXD"]),
        ("front_head", ["UBMTTQ"]),
        ("admin", []),
        ("viewer", []),
        ("stranger", []),
    ],
)
def test_each_agency_sees_its_own_sheet(round_, cast, name, codes):
    found = rating_access.visible_sheets(getattr(cast, name))
    assert sorted(found.values_list("agency__code", flat=True)) == codes


def test_a_draft_of_criteria_is_the_commands(programme, officer, head, viewer):
    ratings.prepare(programme, by=officer, at=NOW)
    assert rating_access.visible_rounds(officer).exists()
    assert not rating_access.visible_rounds(head).exists()
    assert not rating_access.visible_rounds(viewer).exists()
