"""WHO may see and do what in the rating of agencies (xếp loại).

Criteria are for every party once they are published. An agency's points and grade are for itself and the
command; a list over agencies is the command's, but for the grades that the approved public list names.
"""

from django.db.models import QuerySet

from portal.users.models import COMMAND_ROLES, Role, User
from tasks import access
from tasks.models import (
    PartyHeir,
    Programme,
    RatingDecision,
    RatingPoint,
    RatingProof,
    RatingRound,
    RatingSheet,
    Reexamination,
    Signatory,
    SupportAnswer,
    SupportReceipt,
)
from tasks.states import TOLD_RATING, RatingState

OUTSIDE = frozenset({Role.VIEWER, Role.ADMINISTRATOR})


def may_follow(user: User) -> bool:
    """Open the pages of the rating: whoever holds a post, but for administrators, who rate nobody."""
    return user.post is not None and user.role != Role.ADMINISTRATOR


def visible_rounds(user: User) -> QuerySet[RatingRound]:
    """All for the command; for parties and viewers from publication on. Administrators rate nobody."""
    rows = RatingRound.objects.filter(programme__in=access.visible_programmes(user))
    rows = rows.select_related("programme__host", "decision__approved_by")
    if not may_follow(user):
        return rows.none()
    return rows if user.role in COMMAND_ROLES else rows.exclude(state=RatingState.DRAFT)


def visible_sheets(user: User) -> QuerySet[RatingSheet]:
    """One's own agency's; all of them for the command."""
    rows = RatingSheet.objects.filter(round__programme__in=access.visible_programmes(user))
    rows = rows.select_related("round__programme__host", "agency", "grade", "saved_by", "sent_by")
    rows = rows.select_related("verified_by")
    if user.post is None or user.role in OUTSIDE:
        return rows.none()
    return rows if user.role in COMMAND_ROLES else rows.filter(agency=user.agency_id)


def visible_points(user: User) -> QuerySet[RatingPoint]:
    """The rows of those sheets; what was verified is shown by shows_points()."""
    rows = RatingPoint.objects.filter(sheet__in=visible_sheets(user))
    return rows.select_related("criterion", "sheet__round__programme__host", "sheet__agency")


def visible_proofs(user: User) -> QuerySet[RatingProof]:
    """What is shown in those sheets."""
    rows = RatingProof.objects.filter(point__in=visible_points(user))
    return rows.select_related("point__criterion", "point__sheet__round__programme__host", "assignment")


def visible_reexaminations(user: User) -> QuerySet[Reexamination]:
    """Those of the sheets that the user sees."""
    rows = Reexamination.objects.filter(point__in=visible_points(user))
    return rows.select_related("point__criterion", "point__sheet__round__programme__host")


def visible_decisions(user: User) -> QuerySet[RatingDecision]:
    """What was approved over all agencies: for the command alone."""
    rows = RatingDecision.objects.select_related("round__programme__host", "approved_by")
    return rows if user.role in COMMAND_ROLES else rows.none()


def may_see_table(user: User) -> bool:
    """Every agency's points, ranks and rewards: the command's."""
    return user.role in COMMAND_ROLES


def shows_points(user: User, sheet: RatingSheet) -> bool:
    """Verified points: the command at once, the agency once every agency is told."""
    return user.role in COMMAND_ROLES or sheet.round.state in TOLD_RATING


def shows_grade(user: User, sheet: RatingSheet) -> bool:
    """The grade: the command at once, the agency once it is approved."""
    return user.role in COMMAND_ROLES or sheet.round.state == RatingState.APPROVED


# --- The command ------------------------------------------------------------------------------------
def may_prepare(user: User, programme: Programme) -> bool:
    """Write the criteria, verify, tell, answer, propose: the host's programme officer."""
    return user.agency_id == programme.host_id and user.role == Role.PROGRAMME_OFFICER


def may_publish(user: User, round_: RatingRound) -> bool:
    """Those who run the programme."""
    return access.may_settle(user, round_.programme)


def may_verify(user: User, sheet: RatingSheet) -> bool:
    return may_prepare(user, sheet.round.programme)


def may_decide(user: User, programme: Programme) -> bool:
    """Approve what is proposed, or give it back: the host's commander."""
    return user.agency_id == programme.host_id and user.role == Role.COMMANDER


# --- The agency --------------------------------------------------------------------------------------
def may_score(user: User, sheet: RatingSheet) -> bool:
    """Write the self-score, show proofs, submit: whoever works for the agency."""
    return user.agency_id == sheet.agency_id and user.role in access.WORKS


def may_approve(user: User, sheet: RatingSheet) -> bool:
    """Send the self-score, or back; ask for re-examination: head or deputy of the agency."""
    return user.agency_id == sheet.agency_id and user.role in access.APPROVES


# --- The command's support ---------------------------------------------------------------------------
def may_rate_support(user: User, round_: RatingRound) -> bool:
    """Head or deputy of a party that is not the host, once the criteria are published."""
    programme = round_.programme
    of_agency = {"programme": programme, "agency": user.agency_id}
    if user.agency_id == programme.host_id or user.role not in access.APPROVES:
        return False
    is_party = (
        Signatory.objects.filter(**of_agency).exists() or PartyHeir.objects.filter(**of_agency).exists()
    )
    return is_party and round_.state != RatingState.DRAFT


def visible_receipts(user: User) -> QuerySet[SupportReceipt]:
    """That one's own agency has answered; of all agencies for the command."""
    rows = SupportReceipt.objects.all()
    if user.post is None or user.role in OUTSIDE:
        return rows.none()
    return rows if user.role in COMMAND_ROLES else rows.filter(agency=user.agency_id)


def visible_support(user: User) -> QuerySet[SupportAnswer]:
    """The answers, which name nobody: for the command, which reads them in sum."""
    return SupportAnswer.objects.all() if user.role in COMMAND_ROLES else SupportAnswer.objects.none()
