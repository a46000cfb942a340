"""WHO may see and do what with programmes, assignments and periodic reports.

The text of an open programme is for every party. What a lead has done about an assignment (status,
standing, figures, result, log) is a narrower thing: it is for the lead, those who coordinate, and
the command; viewers get its figures once it is confirmed. The administrator keeps the records and
reads no results.
"""

import datetime as dt
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from portal.agencies.models import Agency, AgencyChange
from portal.files import access as files_access
from portal.users.models import COMMAND_ROLES, HEAD_ROLES, Membership, Role, User
from tasks.models import (
    Assignment,
    Consolidation,
    Coordination,
    Evidence,
    ExtensionRequest,
    PartyHeir,
    PlannedSuccessor,
    Programme,
    Progress,
    Report,
    ReportingPeriod,
    SendingGrant,
    Signatory,
    Urging,
    UrgingLetter,
)
from tasks.models.assignments import AssignmentQuerySet
from tasks.states import OPEN_PROGRAMME, AssignmentStatus, PlanState, UrgingLetterState

SEES_DRAFTS = COMMAND_ROLES | {Role.ADMINISTRATOR}
WORKS = HEAD_ROLES | {Role.FOCAL_POINT, Role.DEPUTY_HEAD, Role.PROGRAMME_OFFICER}
"""Posts that work on their agency's assignments; at the host the officer is the focal point."""

SENDS_BY_GRANT = frozenset({Role.FOCAL_POINT, Role.PROGRAMME_OFFICER})
"""Posts that send without the head's approval where she gave leave."""

APPROVES = HEAD_ROLES | {Role.DEPUTY_HEAD}
RUNS = frozenset({Role.PROGRAMME_OFFICER, Role.COMMANDER})
NUMBERS = frozenset({Role.RECORDS_CLERK, Role.PROGRAMME_OFFICER})
"""Posts that note the number and the date of a paper which was signed outside the portal."""


# --- Programmes ------------------------------------------------------------------------------
def visible_programmes(user: User) -> QuerySet[Programme]:
    """Drafts for the command and the administrator; from freezing on also for parties and viewers."""
    if user.post is None:
        return Programme.objects.none()
    if user.role in SEES_DRAFTS:
        return Programme.objects.all()
    opened = Programme.objects.filter(state__in=OPEN_PROGRAMME)
    if user.role == Role.VIEWER:
        return opened
    of_agency = {"programme": OuterRef("pk"), "agency": user.agency_id}
    return opened.filter(
        Exists(Signatory.objects.filter(**of_agency)) | Exists(PartyHeir.objects.filter(**of_agency))
    )


def may_settle(user: User, programme: Programme) -> bool:
    """The host's officer or commander settles the text, and takes that back."""
    return user.agency_id == programme.host_id and user.role in RUNS


may_freeze = may_close = may_settle


def may_see_every_figure(user: User) -> bool:
    """Figures over all agencies, whatever their part: the command's."""
    return user.role in COMMAND_ROLES


def may_edit_periods(user: User, programme: Programme) -> bool:
    """Those who run the programme; and the administrator, who keeps its records."""
    return may_settle(user, programme) or user.role == Role.ADMINISTRATOR


def may_bring_into_force(user: User, programme: Programme) -> bool:
    return user.agency_id == programme.host_id and user.role == Role.COMMANDER


may_terminate = may_bring_into_force


# --- Agencies ----------------------------------------------------------------------------------
def visible_agencies(user: User) -> QuerySet[Agency]:
    """The register, for whoever has to do with a programme: who stands where is no secret there."""
    if user.role in SEES_DRAFTS:
        return Agency.objects.all()
    if user.role == Role.VIEWER or visible_programmes(user).exists():
        return Agency.objects.exclude(pk__in=_only_planned())
    return Agency.objects.none()


def _only_planned() -> QuerySet[PlannedSuccessor, Any]:
    """Agencies that were entered for a change which nobody has confirmed yet."""
    drafts = {PlanState.DRAFT, PlanState.PROPOSED}
    return PlannedSuccessor.objects.filter(is_new=True, plan__state__in=drafts).values("agency")


def visible_changes(user: User) -> QuerySet[AgencyChange]:
    """Mergers, splits and renamings: as public as the agencies they made and ended."""
    changes = AgencyChange.objects.prefetch_related("predecessors", "succession_set__agency")
    return changes.none() if user.post is None else changes


def may_see_numbers(user: User, agency: Agency) -> bool:
    """The four numbers of an agency: its own row for itself, every row for the command."""
    return user.agency_id == agency.pk or may_see_every_figure(user)


# --- Assignments -----------------------------------------------------------------------------
def visible_assignments(user: User) -> AssignmentQuerySet:
    """Every assignment of the programmes that the user sees."""
    return Assignment.objects.filter(programme__in=visible_programmes(user))


def progress_rule(user: User) -> Q:
    """Condition on an assignment: the user sees how it is carried out."""
    if user.role in COMMAND_ROLES:
        return Q(pk__isnull=False)
    if user.role == Role.VIEWER:
        return Q(status=AssignmentStatus.CONFIRMED)
    if user.role == Role.ADMINISTRATOR or user.post is None:
        return Q(pk__isnull=True)
    coordinates = Coordination.objects.filter(assignment=OuterRef("pk"), agency=user.agency_id)
    return Q(lead_id=user.agency_id) | Q(Exists(coordinates))


def with_progress_visible(assignments: AssignmentQuerySet, user: User) -> AssignmentQuerySet:
    """Annotate `progress_visible`, so that a list asks once for all its rows."""
    return assignments.annotate(
        progress_visible=ExpressionWrapper(progress_rule(user), output_field=BooleanField())
    )


def assignments_with_progress(user: User) -> AssignmentQuerySet:
    """Those assignments whose progress the user sees."""
    return visible_assignments(user).filter(progress_rule(user))


def may_see_progress(user: User, assignment: Assignment) -> bool:
    """Ask progress_rule() for one assignment."""
    return assignments_with_progress(user).filter(pk=assignment.pk).exists()


def may_see_log(user: User, assignment: Assignment) -> bool:
    """Who reported what, and why it was sent back: not for viewers, who get figures only."""
    return user.role != Role.VIEWER and may_see_progress(user, assignment)


def visible_log(user: User, assignment: Assignment) -> QuerySet[Progress]:
    """The entries of an assignment's log, with who wrote them."""
    if user.role == Role.VIEWER:
        return Progress.objects.none()
    seen = visible_assignments(user).filter(progress_rule(user), pk=assignment.pk)
    return Progress.objects.filter(assignment__in=seen).select_related("by", "grant", "paper")


def may_work(user: User, assignment: Assignment) -> bool:
    """Accept, hand back, report progress, submit: whoever works for the lead agency."""
    return user.agency_id == assignment.lead_id and user.role in WORKS


def may_approve(user: User, assignment: Assignment) -> bool:
    """Approve a result or send it back: head or deputy of the lead agency."""
    return user.agency_id == assignment.lead_id and user.role in APPROVES


def may_confirm(user: User, assignment: Assignment) -> bool:
    """Confirm or reject a result, assign again: the host's programme officer."""
    return user.agency_id == assignment.programme.host_id and user.role == Role.PROGRAMME_OFFICER


def may_cancel(user: User, assignment: Assignment) -> bool:
    """Of those that a conference added: what stands in the signed text is changed by an amendment."""
    return assignment.is_added and may_confirm(user, assignment)


# --- The head's leave to send ---------------------------------------------------------------------
def may_grant_sending(user: User, agency: Agency) -> bool:
    """Give and revoke it: the head alone, no deputy, for the agency's name is hers to lend."""
    return user.agency_id == agency.pk and user.role in HEAD_ROLES


def visible_grants(user: User) -> QuerySet[SendingGrant]:
    """Those of one's own agency; all of them for the command."""
    rows = SendingGrant.objects.filter(reporting_rule(user))
    return rows.select_related("agency", "granted_by", "revoked_by")


def grant_of(agency_id: int | None, today: dt.date) -> SendingGrant | None:
    """Return the leave that an agency's focal points have today."""
    rows = SendingGrant.objects.filter(agency=agency_id).select_related("granted_by")
    return rows.counting_on(today).first()


def senders(agency: Agency, today: dt.date) -> QuerySet[User]:
    """The people whom a leave lets send: those who hold such a post in the agency today."""
    posts = Membership.objects.held_on(today).filter(agency=agency, role__in=SENDS_BY_GRANT)
    return User.objects.filter(pk__in=posts.values("user")).order_by("name_sort_key")


def sending_grant(user: User, agency_id: int, today: dt.date) -> SendingGrant | None:
    """Return the leave by which the user sends in the agency's name without the head's approval."""
    if user.agency_id != agency_id or user.role not in SENDS_BY_GRANT:
        return None
    return grant_of(agency_id, today)


# --- Evidence ----------------------------------------------------------------------------------
def visible_evidence(user: User) -> QuerySet[Evidence]:
    """The files of one's own agency, of those who coordinate where it leads, all for the command.

    Withdrawn and recalled ones stay in sight, without their content. The administrator sees that they
    exist in the administration, to recall them, and opens none.
    """
    rows = Evidence.objects.filter(assignment__in=visible_assignments(user))
    rows = rows.select_related("agency", "file__recall__by", "uploaded_by", "withdrawn_by")
    if user.role in COMMAND_ROLES:
        return rows
    if user.role in {Role.VIEWER, Role.ADMINISTRATOR}:
        return rows.none()
    return rows.filter(Q(agency=user.agency_id) | Q(assignment__lead=user.agency_id))


def may_see_evidence(user: User, assignment: Assignment) -> bool:
    """Whether files of this assignment may be the reader's to see: of visible_evidence, without a query."""
    if user.role in COMMAND_ROLES:
        return True
    return user.role not in {Role.VIEWER, Role.ADMINISTRATOR} and takes_part(user, assignment)


def takes_part(user: User, assignment: Assignment) -> bool:
    """Whether the user's agency leads or coordinates. No query once the coordinations are in hand."""
    return user.agency_id == assignment.lead_id or any(
        share.agency_id == user.agency_id for share in assignment.coordinations.all()
    )


def may_add_evidence(user: User, assignment: Assignment) -> bool:
    """Whoever works for the lead or for an agency that coordinates."""
    return user.role in WORKS and takes_part(user, assignment)


def may_withdraw_evidence(user: User, evidence: Evidence) -> bool:
    """Whoever works for the agency that added it."""
    return user.agency_id == evidence.agency_id and user.role in WORKS


may_recall_evidence = files_access.may_recall


# --- Extensions ----------------------------------------------------------------------------------
def visible_extensions(user: User) -> QuerySet[ExtensionRequest]:
    """Requests of one's own agency; all of them for the command, and for deputies who decide."""
    rows = ExtensionRequest.objects.filter(assignment__programme__in=visible_programmes(user))
    rows = rows.select_related(
        "assignment__programme__host", "agency", "evidence__file__recall", "requested_by", "decided_by"
    )
    if user.role in COMMAND_ROLES:
        return rows
    if user.role in {Role.VIEWER, Role.ADMINISTRATOR}:
        return rows.none()
    seen = Q(agency=user.agency_id)
    if user.role == Role.DEPUTY_HEAD:
        seen |= Q(
            assignment__programme__host=user.agency_id,
            assignment__programme__deputies_decide_extensions=True,
        )
    return rows.filter(seen)


may_ask_extension = may_work


def may_withdraw_extension(user: User, request: ExtensionRequest) -> bool:
    """Whoever works for the agency that asked."""
    return user.agency_id == request.agency_id and user.role in WORKS


def decides_extensions(user: User, programme: Programme) -> bool:
    """The host's commander; its deputies where the programme says so."""
    if user.agency_id != programme.host_id:
        return False
    is_deputy = user.role == Role.DEPUTY_HEAD
    return user.role == Role.COMMANDER or (is_deputy and programme.deputies_decide_extensions)


def may_decide_extension(user: User, request: ExtensionRequest) -> bool:
    return decides_extensions(user, request.assignment.programme)


# --- Periodic reports ----------------------------------------------------------------------------
def may_see_reports(user: User) -> bool:
    """Whether reports are the user's business at all. No query."""
    return user.post is not None and user.role not in {Role.VIEWER, Role.ADMINISTRATOR}


def visible_reports(user: User) -> QuerySet[Report]:
    """One's own agency's reports; all of them for the command."""
    rows = Report.objects.filter(reporting_rule(user), period__programme__in=visible_programmes(user))
    return rows.select_related("period__programme__host", "agency", "saved_by")


def reporting_rule(user: User) -> Q:
    """Condition on what an agency reports, and on the leave to: one's own; all of it for the command."""
    theirs = Q() if user.role in COMMAND_ROLES else Q(agency=user.agency_id)
    return theirs if may_see_reports(user) else Q(pk__in=[])


def visible_periods(user: User) -> QuerySet[ReportingPeriod]:
    """The periods of the programmes that the user sees."""
    rows = ReportingPeriod.objects.filter(programme__in=visible_programmes(user))
    return rows.select_related("programme__host")


def may_write_report(user: User, report: Report) -> bool:
    """Write, submit, take back: whoever works for the agency."""
    return user.agency_id == report.agency_id and user.role in WORKS


def may_approve_report(user: User, report: Report) -> bool:
    """Send it in the agency's name, or back to be mended: its head or deputy."""
    return user.agency_id == report.agency_id and user.role in APPROVES


def may_decide_report(user: User, report: Report) -> bool:
    """Accept or return it: the host's programme officer."""
    return user.agency_id == report.period.programme.host_id and user.role == Role.PROGRAMME_OFFICER


def may_lock_period(user: User, period: ReportingPeriod) -> bool:
    """Lock a period, and open it for one agency again: those who run the programme."""
    return may_settle(user, period.programme)


# --- Consolidated reports -------------------------------------------------------------------------
def visible_consolidations(user: User) -> QuerySet[Consolidation]:
    """Drafts and frozen ones for the command alone: they hold what every agency wrote."""
    rows = Consolidation.objects.filter(period__programme__in=visible_programmes(user))
    rows = rows.select_related("period__programme__host", "saved_by", "frozen_by")
    return rows if user.role in COMMAND_ROLES else rows.none()


def may_consolidate(user: User, period: ReportingPeriod) -> bool:
    """Draft, edit, gather anew: the host's programme officer."""
    return user.agency_id == period.programme.host_id and user.role == Role.PROGRAMME_OFFICER


def may_freeze_consolidation(user: User, period: ReportingPeriod) -> bool:
    """Those who run the programme: it is the commander who signs the paper, whoever freezes its text."""
    return may_settle(user, period.programme)


def may_number_consolidation(user: User, period: ReportingPeriod) -> bool:
    """The host's records office gives number and date; the officer notes them too."""
    return user.agency_id == period.programme.host_id and user.role in NUMBERS


# --- Urging ----------------------------------------------------------------------------------------
def may_urge(user: User, programme: Programme) -> bool:
    """Those who run the programme."""
    return may_settle(user, programme)


def may_number_letter(user: User, programme: Programme) -> bool:
    """Of a letter of urging: as of the consolidated report."""
    return user.agency_id == programme.host_id and user.role in NUMBERS


def may_see_contacts(user: User) -> bool:
    """Telephone numbers of all agencies, beside what each owes: for those who urge."""
    return user.role in RUNS


def visible_urgings(user: User) -> QuerySet[Urging]:
    """What was said to one's own agency; all of it for the command."""
    rows = Urging.objects.select_related("by", "assignment", "report__period__programme")
    if user.role in COMMAND_ROLES:
        return rows
    if user.role in {Role.VIEWER, Role.ADMINISTRATOR} or user.post is None:
        return rows.none()
    return rows.filter(agency=user.agency_id)


def visible_urging_letters(user: User) -> QuerySet[UrgingLetter]:
    """The issued ones to one's own agency; all of them, drafts too, for the command."""
    rows = UrgingLetter.objects.select_related("agency", "programme__host", "written_by", "issued_by")
    if user.role in COMMAND_ROLES:
        return rows
    if user.role in {Role.VIEWER, Role.ADMINISTRATOR} or user.post is None:
        return rows.none()
    return rows.filter(agency=user.agency_id, state=UrgingLetterState.ISSUED)
