"""One agency's sheet: scored, sent, verified with reasons, looked at again."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from portal.audit.models import Event
from portal.files import store
from portal.lib.errors import RuleError, StaleError
from portal.notices.models import Notice
from portal.users.models import Role
from tasks import rating_reminders, rating_sheets, takeovers
from tasks.models import Assignment, RatingProof, Reexamination
from tasks.rating_sheets import Given
from tasks.states import SheetState
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import changing, rating
from tests.tasks.rating import AFTER_SELF, REASON, point_of, scored, sheet_of, verdicts

pytestmark = pytest.mark.django_db
D = Decimal
POINTS = {"UBMTTQ": (0, 0, None, 8, 3), "SXD": (None, None, None, 9, 5)}
EVERYBODY = [
    "officer",
    "commander",
    "clerk",
    "admin",
    "front_head",
    "head",
    "deputy",
    "focal_point",
    "viewer",
]


@pytest.fixture
def round_(programme, officer, head, focal_point, front_head, commander):
    return rating.published(programme, officer)


@pytest.fixture
def told(round_, officer):
    return rating.told(officer, POINTS)


# --- The self-score --------------------------------------------------------------------------------
def test_self_score_goes_over_the_head_to_the_command(round_, focal_point, head, officer):
    sheet = scored("SXD", focal_point)
    assert sheet.state == SheetState.AWAITING_HEAD
    assert [row.recipient for row in Notice.objects.filter(kind="rating.awaiting_head")] == [head]
    rating_sheets.send(sheet, by=head, at=NOW)
    assert (sheet_of("SXD").state, sheet_of("SXD").sent_by) == (SheetState.SENT, head)
    assert [row.recipient for row in Notice.objects.filter(kind="rating.sent")] == [officer]
    assert not Notice.objects.filter(kind="rating.opened", recipient=focal_point, read_at=None).exists()
    assert Event.objects.filter(verb="rating.sent").count() == 1


def test_what_the_head_submits_is_sent_at_once(round_, head):
    assert scored("SXD", head).state == SheetState.SENT


@pytest.mark.parametrize("name", EVERYBODY)
def test_whoever_works_for_the_agency_scores_it(round_, cast, name):
    sheet = sheet_of("SXD")
    points = rating.given(sheet, 50, 20, 15, 9, 5)
    if name in {"head", "deputy", "focal_point"}:
        rating_sheets.save(sheet, by=getattr(cast, name), at=NOW, given=points)
        assert point_of("SXD", 4).self_points == 9
    else:
        with pytest.raises(PermissionDenied):
            rating_sheets.save(sheet, by=getattr(cast, name), at=NOW, given=points)


@pytest.mark.parametrize("points", [D(-1), D("10.01")])
def test_points_stay_within_the_weight(round_, focal_point, points):
    row = point_of("SXD", 4)
    with pytest.raises(RuleError):
        rating_sheets.save(row.sheet, by=focal_point, at=NOW, given={row.criterion_id: Given(points)})


def test_what_is_judged_needs_points_and_words(round_, focal_point):
    sheet = sheet_of("SXD")
    points = rating.given(sheet, None, None, None, 9, 5)
    judged = point_of("SXD", 5).criterion_id
    for lacking in (Given(None, REASON), Given(D(5), "")):
        rating_sheets.save(sheet, by=focal_point, at=NOW, given=points | {judged: lacking})
        with pytest.raises(RuleError):
            rating_sheets.submit(sheet, by=focal_point, at=NOW)
    rating_sheets.save(sheet, by=focal_point, at=NOW, given=points)
    rating_sheets.submit(sheet, by=focal_point, at=NOW)
    assert sheet_of("SXD").state == SheetState.AWAITING_HEAD


def test_submitted_it_changes_only_when_it_is_sent_back(round_, focal_point, head):
    sheet = scored("SXD", focal_point)
    with pytest.raises(RuleError):
        rating_sheets.save(sheet, by=focal_point, at=NOW, given=rating.given(sheet, 1, 1, 1, 1, 1))
    rating_sheets.send_back(sheet, by=head, at=NOW, reason=REASON)
    assert sheet_of("SXD").send_back_reason == REASON
    rating_sheets.save(sheet, by=focal_point, at=NOW, given=rating.given(sheet, 1, 1, 1, 1, 1))
    assert point_of("SXD", 1).self_points == 1


@pytest.mark.parametrize("name", ["officer", "commander", "admin", "front_head", "focal_point", "viewer"])
def test_only_its_heads_send_it_or_back(round_, cast, name):
    sheet = scored("SXD", cast.focal_point)
    for act, more in ((rating_sheets.send, {}), (rating_sheets.send_back, {"reason": REASON})):
        with pytest.raises(PermissionDenied):
            act(sheet, by=getattr(cast, name), at=NOW, **more)


def test_a_stale_page_is_refused(round_, focal_point, head):
    sheet, other = sheet_of("SXD"), sheet_of("SXD")
    rating_sheets.save(sheet, by=focal_point, at=NOW, given=rating.given(sheet, 1, 1, 1, 1, 1), version="0")
    with pytest.raises(StaleError):
        rating_sheets.save(other, by=head, at=NOW, given=rating.given(sheet, 2, 2, 2, 2, 2), version="0")


def test_two_send_at_once_and_one_loses(round_, focal_point, head):
    scored("SXD", focal_point)
    one, other = sheet_of("SXD"), sheet_of("SXD")
    rating_sheets.send(one, by=head, at=NOW)
    with pytest.raises(RuleError):
        rating_sheets.send_back(other, by=head, at=NOW, reason=REASON)


# --- What is shown ---------------------------------------------------------------------------------
def test_a_duty_and_a_file_are_shown_for_a_point(round_, assignment, focal_point, department):
    file = store.put(b"%PDF-1.7 bien ban", media_type="application/pdf", at=NOW)
    evidence = factories.EvidenceFactory(assignment=assignment, agency=department, file=file)
    point = point_of("SXD", 4)
    rating_sheets.prove(point, by=focal_point, at=NOW, assignment=assignment)
    proof = rating_sheets.prove(point, by=focal_point, at=NOW, assignment=assignment, evidence=evidence)
    assert RatingProof.objects.count() == 2
    with pytest.raises(RuleError):
        rating_sheets.prove(point, by=focal_point, at=NOW, assignment=assignment)
    rating_sheets.drop_proof(proof, by=focal_point, at=NOW)
    assert RatingProof.objects.get().evidence is None


def test_a_foreign_duty_or_file_proves_nothing(round_, programme, assignment, focal_point, front):
    foreign = Assignment.objects.get(programme=programme, code="2.01")
    point = point_of("SXD", 4)
    with pytest.raises(RuleError):
        rating_sheets.prove(point, by=focal_point, at=NOW, assignment=foreign)
    file = store.put(b"%PDF-1.7 cua mat tran", media_type="application/pdf", at=NOW)
    evidence = factories.EvidenceFactory(assignment=assignment, agency=front, file=file)
    with pytest.raises(RuleError):
        rating_sheets.prove(point, by=focal_point, at=NOW, assignment=assignment, evidence=evidence)


@pytest.mark.parametrize("name", ["officer", "commander", "admin", "front_head", "viewer"])
def test_only_the_agency_shows_and_takes_out(round_, assignment, cast, name):
    point, user = point_of("SXD", 4), getattr(cast, name)
    with pytest.raises(PermissionDenied):
        rating_sheets.prove(point, by=user, at=NOW, assignment=assignment)
    proof = rating_sheets.prove(point, by=cast.focal_point, at=NOW, assignment=assignment)
    with pytest.raises(PermissionDenied):
        rating_sheets.drop_proof(proof, by=user, at=NOW)


def test_proofs_stay_once_submitted(round_, assignment, focal_point):
    point = point_of("SXD", 4)
    proof = rating_sheets.prove(point, by=focal_point, at=NOW, assignment=assignment)
    scored("SXD", focal_point)
    with pytest.raises(RuleError):
        rating_sheets.drop_proof(proof, by=focal_point, at=NOW)
    with pytest.raises(RuleError):
        rating_sheets.prove(point_of("SXD", 5), by=focal_point, at=NOW, assignment=assignment)


# --- Verification ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("points", "self_points", "counted", "needed"),
    [
        (D(9), D(9), None, False),
        (D(8), D(9), None, True),
        (D(8), None, None, True),
        (D(25), None, D(25), False),
        (D(25), D(50), D(25), True),
        (D(50), D(50), D(25), True),
        (D(25), D(25), D(25), False),
        (None, None, None, False),
        (None, D(50), None, True),
    ],
)
def test_a_reason_is_needed_where_points_do_not_speak(points, self_points, counted, needed):
    assert rating_sheets.needs_reason(points, self_points, counted) == needed


def test_officer_decides_each_point_with_a_reason(round_, head, officer):
    sheet = scored("SXD", head, (None, None, None, 9, 5))
    silent = verdicts(sheet, None, None, None, 8, 5, reason="")
    with pytest.raises(RuleError):
        rating_sheets.verify(sheet, by=officer, at=NOW, verdicts=silent)
    rating_sheets.verify(sheet, by=officer, at=NOW, verdicts=verdicts(sheet, None, None, None, 8, 5))
    assert sheet_of("SXD").state == SheetState.VERIFIED
    assert (point_of("SXD", 4).points, point_of("SXD", 4).reason) == (8, REASON)
    assert point_of("SXD", 1).computed == {"kept": 0, "counted": 0, "rows": []}


def test_verified_points_change_until_they_are_told(round_, head, officer):
    scored("SXD", head)
    rating.verified("SXD", officer, (None, None, None, 8, 5))
    rating.verified("SXD", officer, (None, None, None, 7, 5))
    assert point_of("SXD", 4).points == 7


def test_what_is_judged_is_not_left_open(round_, head, officer):
    sheet = scored("SXD", head)
    with pytest.raises(RuleError):
        rating_sheets.verify(sheet, by=officer, at=NOW, verdicts=verdicts(sheet, None, None, None, None, 5))


def test_a_figure_that_can_be_told_is_not_left_open(round_, front_head, officer):
    sheet = scored("UBMTTQ", front_head)  # 1.02 was due on 2 March
    with pytest.raises(RuleError):
        rating_sheets.verify(sheet, by=officer, at=NOW, verdicts=verdicts(sheet, None, 0, None, 9, 5))
    rating_sheets.verify(sheet, by=officer, at=NOW, verdicts=verdicts(sheet, 0, 0, None, 9, 5))
    assert point_of("UBMTTQ", 1).computed["rows"][0]["code"] == "1.02"


def test_a_silent_agency_is_verified_after_the_day(round_, officer):
    with pytest.raises(RuleError):
        rating.verified("SXD", officer, POINTS["SXD"])
    rating.verified("SXD", officer, POINTS["SXD"], at=AFTER_SELF)
    assert sheet_of("SXD").state == SheetState.VERIFIED


@pytest.mark.parametrize(
    "name", ["commander", "clerk", "admin", "front_head", "head", "focal_point", "viewer"]
)
def test_only_the_officer_verifies(round_, cast, name):
    sheet = scored("SXD", cast.head)
    with pytest.raises(PermissionDenied):
        rating_sheets.verify(
            sheet, by=getattr(cast, name), at=NOW, verdicts=verdicts(sheet, None, None, None, 9, 5)
        )


def test_points_that_were_told_are_not_verified_again(told, officer):
    with pytest.raises(RuleError):
        rating.verified("SXD", officer, POINTS["SXD"], at=AFTER_SELF)


# --- Re-examination --------------------------------------------------------------------------------
def test_a_request_is_answered_with_other_points(told, head, officer, focal_point):
    row = rating_sheets.ask_again(point_of("SXD", 4), by=head, at=AFTER_SELF, reason=REASON)
    assert [one.recipient for one in Notice.objects.filter(kind="rating.reexamination_asked")] == [officer]
    rating_sheets.answer(row, by=officer, at=AFTER_SELF, points=D(10), answer="Đã xem lại.")
    assert (point_of("SXD", 4).points, Reexamination.objects.get().old_points) == (10, 9)
    people = Notice.objects.filter(kind="rating.reexamined").values_list("recipient", flat=True)
    assert set(people) == {head.pk, focal_point.pk}
    assert not Notice.objects.filter(kind="rating.reexamination_asked", read_at=None).exists()


def test_a_point_is_asked_about_once(told, head):
    rating_sheets.ask_again(point_of("SXD", 4), by=head, at=AFTER_SELF, reason=REASON)
    with pytest.raises(RuleError):
        rating_sheets.ask_again(point_of("SXD", 4), by=head, at=AFTER_SELF, reason=REASON)


def test_nobody_asks_before_points_are_told_or_after_the_day(round_, head, officer):
    with pytest.raises(RuleError):
        rating_sheets.ask_again(point_of("SXD", 4), by=head, at=NOW, reason=REASON)
    rating.told(officer, POINTS)
    late = AFTER_SELF + dt.timedelta(days=4)
    with pytest.raises(RuleError):
        rating_sheets.ask_again(point_of("SXD", 4), by=head, at=late, reason=REASON)


@pytest.mark.parametrize("name", ["officer", "commander", "admin", "front_head", "focal_point", "viewer"])
def test_only_its_heads_ask(told, cast, name):
    with pytest.raises(PermissionDenied):
        rating_sheets.ask_again(point_of("SXD", 4), by=getattr(cast, name), at=AFTER_SELF, reason=REASON)


@pytest.mark.parametrize("name", ["commander", "clerk", "admin", "head", "focal_point", "viewer"])
def test_only_the_officer_answers(told, cast, name):
    row = rating_sheets.ask_again(point_of("SXD", 4), by=cast.head, at=AFTER_SELF, reason=REASON)
    with pytest.raises(PermissionDenied):
        rating_sheets.answer(row, by=getattr(cast, name), at=AFTER_SELF, points=D(9), answer=REASON)


def test_two_answers_at_once_and_one_loses(told, head, officer):
    row = rating_sheets.ask_again(point_of("SXD", 4), by=head, at=AFTER_SELF, reason=REASON)
    one, other = Reexamination.objects.get(pk=row.pk), Reexamination.objects.get(pk=row.pk)
    for each in (one, other):
        each.point = point_of("SXD", 4)
    rating_sheets.answer(one, by=officer, at=AFTER_SELF, points=D(10), answer=REASON)
    with pytest.raises(RuleError):
        rating_sheets.answer(other, by=officer, at=AFTER_SELF, points=D(1), answer=REASON)
    assert point_of("SXD", 4).points == 10


# --- Reminders -------------------------------------------------------------------------------------
def test_who_has_not_sent_is_reminded(round_, front_head, focal_point):
    scored("UBMTTQ", front_head)
    day = NOW + dt.timedelta(days=7)  # a week before the day
    assert rating_reminders.plan(day) == 1
    assert [row.recipient for row in Notice.objects.filter(kind="rating.due")] == [focal_point]
    assert rating_reminders.plan(day) == 0


def test_the_last_days_of_review_are_told(told, head):
    assert rating_reminders.plan(AFTER_SELF + dt.timedelta(days=1)) >= 1
    assert Notice.objects.filter(kind="rating.review_ends", recipient=head).exists()


# --- A change of agencies -------------------------------------------------------------------------------
def renamed(agency, officer, commander, *, code="MOI"):
    new = factories.AgencyFactory(code=code, valid_from=TODAY)
    planned = changing.plan("rename", [agency], [new], by=officer)
    assert takeovers.counts(planned).sheets == 1
    changing.carry_out(planned, by=officer, then=commander)
    return new


def test_the_successor_goes_on_with_the_sheet(round_, department, officer, commander, focal_point):
    sheet = sheet_of("SXD")
    rating_sheets.save(sheet, by=focal_point, at=NOW, given=rating.given(sheet, None, None, None, 9, 5))
    new = renamed(department, officer, commander)
    heir = factories.person("moi.dm", Role.FOCAL_POINT, new)
    passed = sheet_of("MOI")
    assert (passed.pk, point_of("MOI", 4).self_points) == (sheet.pk, 9)
    rating_sheets.submit(passed, by=heir, at=NOW)
    told = json.loads(Event.objects.get(verb="rating.taken_over").payload)
    assert (told["before"], told["after"]) == ({"agency": "SXD"}, {"agency": "MOI"})


def test_who_is_rated_already_keeps_one_sheet(round_, department, front, officer, commander):
    planned = changing.plan("merge", [department], [front], by=officer)
    assert takeovers.counts(planned).sheets == 0
    changing.carry_out(planned, by=officer, then=commander)
    assert {row.agency.code for row in round_.sheets.select_related("agency")} == {"UBMTTQ", "SXD"}
    assert not Event.objects.filter(verb="rating.taken_over").exists()
    verified = verdicts(sheet_of("SXD"), None, None, None, 5, 3)
    rating_sheets.verify(sheet_of("SXD"), by=officer, at=AFTER_SELF, verdicts=verified)
    assert sheet_of("SXD").state == SheetState.VERIFIED
