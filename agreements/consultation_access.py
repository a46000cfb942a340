"""WHO may see and do what with draft versions and consultations.

A draft is the command's. Who is asked reads the version that was sent, and of the comments their own
agency's alone; when the consultation is closed its table is for every party.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from agreements.models import Consultation, ConsultationAnswer, ConsultationComment, DraftVersion
from agreements.states import AnswerState, ConsultationState
from portal.users.models import COMMAND_ROLES, Role, User
from tasks import access as tasks_access
from tasks.models import PartyHeir, Programme, Signatory

READS_NOTHING = frozenset({Role.VIEWER, Role.ADMINISTRATOR})
"""Posts of no party: a viewer reads what is agreed, an administrator keeps records."""


# --- Versions ----------------------------------------------------------------------------------------
def may_see_versions(user: User) -> bool:
    return user.role in COMMAND_ROLES


def draft_programmes(user: User) -> QuerySet[Programme]:
    """Programmes whose drafts the user works on: the command's."""
    rows = tasks_access.visible_programmes(user).select_related("host")
    return rows if may_see_versions(user) else rows.none()


def versions_of(programme: Programme) -> QuerySet[DraftVersion]:
    """Every version of a programme's text; no question of who reads them."""
    return DraftVersion.objects.filter(programme=programme).select_related("taken_by")


def visible_versions(user: User, programme: Programme) -> QuerySet[DraftVersion]:
    rows = versions_of(programme)
    return rows if may_see_versions(user) else rows.none()


def may_take_version(user: User, programme: Programme) -> bool:
    """Those who run the programme."""
    return tasks_access.may_settle(user, programme)


# --- Consultations -----------------------------------------------------------------------------------
def may_see_consultations(user: User) -> bool:
    """Whether consultations are the user's business at all. No query."""
    return user.post is not None and user.role not in READS_NOTHING


def visible_consultations(user: User) -> QuerySet[Consultation]:
    """All for the command; else those in which the agency was asked, and closed ones of its programmes."""
    rows = Consultation.objects.select_related("programme__host", "version", "outcome")
    if user.role in COMMAND_ROLES:
        return rows
    if not may_see_consultations(user):
        return rows.none()
    asked = ConsultationAnswer.objects.filter(consultation=OuterRef("pk"), agency=user.agency_id)
    return rows.filter(Exists(asked) | _published(user))


def _published(user: User, prefix: str = "") -> Q:
    """Condition on a consultation: it is closed, and the user's agency is a party or came into its place."""
    programme = OuterRef(f"{prefix}programme")
    named = {"programme": programme, "agency": user.agency_id}
    party = Exists(Signatory.objects.filter(**named)) | Exists(PartyHeir.objects.filter(**named))
    return Q(party, **{f"{prefix}state": ConsultationState.CLOSED})


def visible_answers(user: User) -> QuerySet[ConsultationAnswer]:
    """One's own agency's; those of all for the command, and once the table is published for the parties."""
    rows = ConsultationAnswer.objects.select_related(
        "consultation__programme__host", "consultation__version", "agency", "prepared_by", "answered_by"
    )
    if user.role in COMMAND_ROLES:
        return rows
    if not may_see_consultations(user):
        return rows.none()
    return rows.filter(Q(agency=user.agency_id) | _published(user, "consultation__"))


def visible_comments(user: User) -> QuerySet[ConsultationComment]:
    """Comments of the answers that the user sees; of another agency only what it has sent."""
    rows = ConsultationComment.objects.select_related(
        "answer__consultation__programme__host",
        "answer__consultation__version",
        "answer__consultation__outcome",
        "answer__agency",
        "responded_by",
    )
    sent = Q(answer__agency=user.agency_id) | Q(answer__state=AnswerState.ANSWERED)
    return rows.filter(sent, answer__in=visible_answers(user).order_by())


def may_run_consultation(user: User, programme: Programme) -> bool:
    """Open, close: those who run the programme."""
    return tasks_access.may_settle(user, programme)


def may_see_table(user: User, consultation: Consultation) -> bool:
    """The command as it grows; everybody else who sees the consultation once it is closed."""
    return user.role in COMMAND_ROLES or not consultation.is_open


def may_respond(user: User, comment: ConsultationComment) -> bool:
    """Say what becomes of a comment: those who run the programme."""
    return tasks_access.may_settle(user, comment.answer.consultation.programme)


def may_prepare(user: User, answer: ConsultationAnswer) -> bool:
    """Write comments, submit, take back from the head: whoever works for the agency."""
    return user.agency_id == answer.agency_id and user.role in tasks_access.WORKS


def may_answer(user: User, answer: ConsultationAnswer) -> bool:
    """Answer in the agency's name: its head or deputy. Her leave to send reports does not reach here."""
    return user.agency_id == answer.agency_id and user.role in tasks_access.APPROVES
