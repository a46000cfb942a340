"""A change of agencies: what moves, what stays, who may, and what stands in the way."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from portal.agencies.models import Agency, AgencyChange
from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from portal.notices.models import Notice
from portal.users.models import Membership, Role, User
from tasks import access, assignments, changes, jobs, parties, quotas, takeovers
from tasks.content import assignment_content
from tasks.models import Assignment, ChangePlan, ExtensionRequest, Figure, Programme, Quota, Report
from tasks.quotas import Holder
from tests import factories
from tests.factories import NOW, TODAY, person
from tests.tasks import changing, extending, reporting
from tests.tasks.changing import parts_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
DAY = dt.timedelta(days=1)


@pytest.fixture
def successor(department) -> Agency:
    return factories.AgencyFactory(code="SXD-2026", name_vi=department.name_vi, valid_from=TODAY)


@pytest.fixture
def renaming(programme, department, successor, officer) -> ChangePlan:
    """The department becomes another body today."""
    return changing.plan("rename", [department], [successor], by=officer)


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


# --- It works -----------------------------------------------------------------------------------------
def test_assignments_pass_to_the_successor_and_say_so(renaming, officer, commander):
    changing.carry_out(renaming, by=officer, then=commander)
    assert parts_of("1.01") == ("SXD-2026", ["UBMTTQ"])
    assert parts_of("1.02") == ("UBMTTQ", ["SXD-2026"])
    row = Assignment.objects.get(code="1.01")
    assert "Sở Xây dựng tiếp nhận từ Sở Xây dựng (1234/QĐ-UBND" in row.log.first().text
    taken = Event.objects.filter(verb="assignment.taken_over")
    assert set(taken.values_list("agency_code", flat=True)) == {"SXD-2026", "UBMTTQ"}


def test_it_ends_and_begins_in_the_register_with_its_document(renaming, officer, commander, department):
    changing.carry_out(renaming, by=officer, then=commander)
    department.refresh_from_db()
    assert department.valid_to == TODAY - DAY
    change = AgencyChange.objects.get()
    assert (change.legal_document, change.document_on) == ("1234/QĐ-UBND", TODAY - 20 * DAY)
    assert list(change.successors.values_list("code", flat=True)) == ["SXD-2026"]


def test_people_keep_their_roles_and_see_what_they_took_over(
    renaming, officer, commander, head, focal_point, department
):
    changing.carry_out(renaming, by=officer, then=commander)
    assert (again(head).post.agency.code, again(head).role) == ("SXD-2026", Role.AGENCY_HEAD)
    assert again(head).post.document == "1234/QĐ-UBND"
    assert head.memberships.get(agency=department).valid_to == TODAY - DAY
    seen = access.assignments_with_progress(again(focal_point))
    assert set(seen.values_list("code", flat=True)) == {"1.01", "1.02"}


def test_who_stays_behind_sees_nothing_any_more(renaming, officer, commander, focal_point):
    changes.choose(
        renaming,
        by=officer,
        at=NOW,
        choices=changes.Choices({}, {focal_point.memberships.get().pk: (None, "")}),
    )
    changes.propose(renaming, by=officer, at=NOW)
    changes.confirm(renaming, by=commander, at=NOW)
    assert again(focal_point).post is None
    assert not access.visible_programmes(again(focal_point)).exists()


def test_what_is_confirmed_stays_with_who_did_it(renaming, officer, commander):
    Assignment.objects.filter(code="1.01").update(status="confirmed", submitted_on=TODAY)
    changing.carry_out(renaming, by=officer, then=commander)
    assert parts_of("1.01")[0] == "SXD"


def test_signed_text_keeps_its_signatory_and_the_successor_is_a_party(
    renaming, officer, commander, programme, successor
):
    changing.carry_out(renaming, by=officer, then=commander)
    assert set(programme.signatories.values_list("agency__code", flat=True)) == {"BCHQS", "UBMTTQ", "SXD"}
    assert [agency.code for agency in parties.in_order(programme)] == ["BCHQS", "UBMTTQ", "SXD-2026"]


def test_text_that_may_still_change_gets_the_new_signatory(
    draft_programme, department, successor, officer, commander
):
    plan = changing.plan("rename", [department], [successor], by=officer)
    changing.carry_out(plan, by=officer, then=commander)
    rows = draft_programme.signatories.values_list("agency__code", "order")
    assert set(rows) == {("BCHQS", 1), ("UBMTTQ", 2), ("SXD-2026", 3)}
    assert parts_of("1.01")[0] == "SXD-2026"


def test_what_the_signed_duties_come_to_is_what_is_tracked(renaming, programme, officer, commander):
    """So that a comparison with the signed file finds no difference."""
    signed = {row.code: assignment_content(row) for row in programme.assignments.all()}
    changing.carry_out(renaming, by=officer, then=commander)
    moved = takeovers.moved(programme, after=NOW - DAY)
    assert {code for code, _moves in moved} == {"1.01", "1.02"}
    for code, moves in moved:
        now = programme.assignments.select_related("lead", "task").get(code=code)
        assert takeovers.content_after(signed[code], moves) == assignment_content(now)
    assert not takeovers.moved(programme, after=NOW)


# --- What hangs on an assignment ------------------------------------------------------------------------
def test_open_request_for_more_time_passes_on_and_an_old_one_stays(
    renaming, assignment, head, officer, commander, successor, department
):
    old = extending.asked(extending.fresh(assignment), head)
    ExtensionRequest.objects.filter(pk=old.pk).update(state="refused", decided_at=NOW, decision_note="Không")
    waiting = extending.asked(extending.fresh(assignment), head)
    changing.carry_out(renaming, by=officer, then=commander)
    assert ExtensionRequest.objects.get(pk=waiting.pk).agency == successor
    assert ExtensionRequest.objects.get(pk=old.pk).agency == department


def divided(assignment: Assignment, head: User, front: Agency) -> Assignment:
    """Divide the target of 10: 7 for the department, 3 for the Front."""
    Assignment.objects.filter(pk=assignment.pk).update(status="in_progress", target=10)
    row = extending.fresh(assignment)
    shares = {Holder(agency_id=row.lead_id): Decimal(7), Holder(agency_id=front.pk): Decimal(3)}
    quotas.distribute(row, by=head, at=NOW, shares=shares)
    return row


def merged_into_front(front, department, officer, commander, **more) -> ChangePlan:
    plan = changing.plan("merge", [department], [front], by=officer)
    return changing.carry_out(plan, by=officer, then=commander, **more)


def test_two_shares_become_one_and_the_sum_stays(
    assignment, head, front, front_head, department, officer, commander
):
    divided(assignment, head, front)
    merged_into_front(front, department, officer, commander)
    assert list(Quota.objects.values_list("agency__code", "share")) == [("UBMTTQ", Decimal(10))]
    assert parts_of("1.01") == ("UBMTTQ", [])  # it coordinated; now it leads


def test_figures_under_a_share_that_went_stay_in_the_total(
    assignment, head, front, front_head, department, officer, commander
):
    row = divided(assignment, head, front)
    quota = Quota.objects.get(agency=department)
    Figure.objects.create(indicator=quota.indicator, quota=quota, on=TODAY, value=4, at=NOW, by=head)
    merged_into_front(front, department, officer, commander)
    shares = dict(Quota.objects.values_list("agency__code", "share"))
    assert shares == {"UBMTTQ": Decimal(10), "SXD": Decimal(0)}
    assert Figure.objects.get().value == 4
    assert row.measure.quotas.count() == 2


def test_second_head_becomes_a_deputy(programme, head, front, front_head, department, officer, commander):
    merged_into_front(front, department, officer, commander)
    assert (again(head).role, again(head).post.agency) == (Role.DEPUTY_HEAD, front)
    assert again(front_head).role == Role.AGENCY_HEAD


# --- Reports --------------------------------------------------------------------------------------------
def test_open_report_passes_on_and_a_sent_one_stays(renaming, programme, head, officer, commander):
    reporting.first_quarter(programme)
    factories.ReportingPeriodFactory(
        programme=programme, code="2026-H1", data_to=dt.date(2026, 6, 14), due_on=dt.date(2026, 6, 16)
    )
    reporting.submit(reporting.of("SXD"), head)
    changing.carry_out(renaming, by=officer, then=commander)
    assert reporting.of("SXD").state == "submitted"
    assert reporting.of("SXD-2026", "2026-H1").state == "draft"
    assert Report.objects.filter(agency__code="SXD").count() == 1


def test_draft_is_put_into_the_report_of_the_successor(
    programme, focal_point, front, front_head, department, officer, commander
):
    reporting.first_quarter(programme)
    report = reporting.of("SXD")
    draft = reporting.draft(report, summary="Đang rà soát quy hoạch.")
    from_them = reporting.reports.save
    from_them(report, by=focal_point, at=NOW, draft=draft)
    merged_into_front(front, department, officer, commander)
    whole = reporting.of("UBMTTQ")
    assert "Sở Xây dựng: Đang rà soát quy hoạch." in whole.summary
    assert not Report.objects.filter(agency=department).exists()
    assert set(whole.lines.values_list("assignment__code", flat=True)) == {"1.01", "1.02"}


# --- Choosing -------------------------------------------------------------------------------------------
@pytest.fixture
def splitting(programme, department, successor, officer) -> ChangePlan:
    other = factories.AgencyFactory(code="SQH", name_vi="Sở Quy hoạch", valid_from=TODAY)
    return changing.plan("split", [department], [other, successor], by=officer)


def test_of_several_the_officer_chooses_and_the_same_name_is_proposed(splitting, officer, commander):
    part = takeovers.parts(splitting)[0]
    assert part.is_open
    assert part.proposed.code == "SXD-2026"
    with pytest.raises(RuleError, match=r"1\.01, 1\.02"):
        changes.propose(splitting, by=officer, at=NOW)
    changing.carry_out(splitting, {"1.01": "SQH"}, by=officer, then=commander)
    assert parts_of("1.01")[0] == "SQH"
    assert parts_of("1.02")[1] == ["SXD-2026"]
    programme = Programme.objects.get()
    assert {"SQH", "SXD-2026"} <= {agency.code for agency in parties.agencies(programme)}


def test_predecessor_that_goes_on_keeps_what_is_not_given_away(
    programme, department, successor, officer, commander
):
    plan = changing.plan("split", [department], [department, successor], by=officer)
    changing.carry_out(plan, {"1.02": "SXD-2026"}, by=officer, then=commander)
    assert parts_of("1.01")[0] == "SXD"
    assert parts_of("1.02")[1] == ["SXD-2026"]
    department.refresh_from_db()
    assert department.valid_to is None
    assert {"SXD", "SXD-2026"} <= {agency.code for agency in parties.agencies(programme)}


def test_agency_that_is_no_successor_cannot_be_chosen(splitting, officer, outside):
    key = takeovers.parts(splitting)[0]
    choices = changes.Choices({(key.assignment.pk, key.predecessor.pk): outside.pk}, {})
    with pytest.raises(RuleError):
        changes.choose(splitting, by=officer, at=NOW, choices=choices)


# --- Two people, one day ----------------------------------------------------------------------------------
def test_who_proposed_does_not_confirm(renaming, officer, admin):
    changing.choose(renaming, by=officer)
    changes.propose(renaming, by=officer, at=NOW)
    with pytest.raises(RuleError):
        changes.confirm(renaming, by=officer, at=NOW)
    changes.confirm(renaming, by=admin, at=NOW)
    assert renaming.state == "carried_out"


@pytest.mark.parametrize("name", ["commander", "clerk", "head", "focal_point", "viewer"])
def test_others_prepare_nothing(cast, department, successor, name):
    with pytest.raises(PermissionDenied):
        changing.plan("rename", [department], [successor], by=getattr(cast, name))


def test_later_day_waits_for_the_job(programme, department, officer, commander, head):
    successor = factories.AgencyFactory(code="SXD-2026", valid_from=TODAY + 20 * DAY)
    plan = changing.plan("rename", [department], [successor], by=officer, on=TODAY + 20 * DAY)
    changing.carry_out(plan, by=officer, then=commander)
    assert (plan.state, parts_of("1.01")[0]) == ("confirmed", "SXD")
    assert changes.carry_out_due(at=NOW + 19 * DAY) == 0
    with time_machine.travel(NOW + 20 * DAY, tick=False):
        jobs.carry_out_changes()
        assert again(head).post.agency == successor
    assert parts_of("1.01")[0] == "SXD-2026"
    assert changes.carry_out_due(at=NOW + 20 * DAY) == 0  # once
    assert Event.objects.get(verb="agency_change.carried_out").actor_id == commander.pk


def test_taken_back_before_its_day_nothing_moves(programme, department, officer, commander):
    successor = factories.AgencyFactory(code="SXD-2026", valid_from=TODAY + 20 * DAY)
    plan = changing.plan("rename", [department], [successor], by=officer, on=TODAY + 20 * DAY)
    changing.carry_out(plan, by=officer, then=commander)
    changes.take_back(plan, by=officer, at=NOW)
    assert changes.carry_out_due(at=NOW + 30 * DAY) == 0
    changing.carry_out(plan, by=officer, then=commander)  # proposed anew, confirmed anew
    assert plan.state == "confirmed"


def test_programme_out_for_signing_comes_first_and_the_officers_hear(programme, renaming, officer, commander):
    changing.choose(renaming, by=officer)
    changes.propose(renaming, by=officer, at=NOW)
    Programme.objects.update(state="frozen")
    with pytest.raises(RuleError, match="2026"):
        changes.confirm(renaming, by=commander, at=NOW)
    ChangePlan.objects.update(state="confirmed", confirmed_by=commander, confirmed_at=NOW)
    assert changes.carry_out_due(at=NOW + DAY) == 0
    assert changes.carry_out_due(at=NOW + 2 * DAY) == 0
    assert "2026" in ChangePlan.objects.get().refusal
    assert (
        Notice.objects.filter(kind="agency_change.refused", recipient=officer).count() == 1
    )  # not each time
    Programme.objects.update(state="in_force")
    assert changes.carry_out_due(at=NOW + 3 * DAY) == 1
    assert not Notice.objects.filter(kind="agency_change.refused", read_at=None).exists()


def test_host_of_a_programme_that_runs_does_not_end(programme, host, officer):
    new = factories.AgencyFactory(valid_from=TODAY)
    plan = changing.plan("rename", [host], [new], by=officer)
    changing.choose(plan, by=officer)
    with pytest.raises(RuleError, match="2026"):
        changes.propose(plan, by=officer, at=NOW)


def test_stale_page_is_refused(renaming, officer):
    version = changes.version_of(renaming)
    changing.choose(renaming, by=officer)
    with pytest.raises(StaleError):
        changes.propose(renaming, by=officer, at=NOW, version=version)


def test_who_takes_over_is_told_and_who_confirms_was_asked(renaming, officer, commander, head, front_head):
    changing.choose(renaming, by=officer)
    changes.propose(renaming, by=officer, at=NOW)
    assert Notice.objects.get(kind="agency_change.proposed").recipient == commander
    changes.confirm(renaming, by=commander, at=NOW)
    assert Notice.objects.get(kind="agency_change.proposed").read_at
    told = Notice.objects.filter(kind="agency_change.carried_out")
    assert [notice.recipient for notice in told] == [head]


def test_new_lead_hears_what_waits_for_it(renaming, assignment, head, officer, commander, focal_point):
    Assignment.objects.filter(pk=assignment.pk).update(status="in_progress")
    row = extending.fresh(assignment)
    assignments.submit_to_head(row, by=focal_point, at=NOW, result_text="Xong.")
    changing.carry_out(renaming, by=officer, then=commander, at=NOW + dt.timedelta(hours=1))
    unread = Notice.objects.get(kind="assignment.awaiting_head", read_at=None)
    assert unread.recipient == head  # now the successor's


# --- Drafts -----------------------------------------------------------------------------------------------
def test_agency_entered_for_a_draft_goes_with_it(programme, department, officer, focal_point):
    plan = changing.plan("rename", [department], [], by=officer)
    new = Agency(code="SXD-MOI", name_vi="Sở mới", kind="department", signature_block="GIÁM ĐỐC")
    changes.add_successor(plan, by=officer, at=NOW, agency=new, note="toàn bộ")
    assert new.valid_from == TODAY
    assert access.visible_agencies(officer).filter(code="SXD-MOI").exists()
    assert not access.visible_agencies(focal_point).filter(code="SXD-MOI").exists()
    changing.choose(plan, by=officer)
    changes.discard(plan, by=officer, at=NOW)
    assert not Agency.objects.filter(code="SXD-MOI").exists()
    assert plan.state == "discarded"


def test_facts_are_written_anew_and_stale_choices_forgotten(splitting, officer, department, front):
    changing.choose(splitting, by=officer)
    facts = changing.facts("rename", [front], [department], on=TODAY + DAY)
    changes.describe(splitting, by=officer, at=NOW, facts=facts)
    assert not splitting.takeovers.exists()
    assert not splitting.post_moves.exists()
    assert [row.agency for row in splitting.successors.all()] == [department]


def test_no_post_of_the_command_leaves_the_host(programme, department, host, officer, commander):
    """A department that goes into the host brings no second head and no post of the command."""
    person("sxd.head2", Role.AGENCY_HEAD, department)
    plan = changing.plan("merge", [department], [host], by=officer)
    changing.carry_out(plan, by=officer, then=commander)
    roles = set(Membership.objects.valid_on(TODAY).filter(agency=host).values_list("role", flat=True))
    assert Role.DEPUTY_HEAD in roles
    assert Role.AGENCY_HEAD not in roles
    assert parts_of("1.01")[0] == "BCHQS"
