"""WHO may read and write comments, and whom they may mention.

Conversation is of those who carry the thing out: readers are who sees the log of an assignment, who sees a
report, and of a clause every party; viewers and administrators read none.
"""

import datetime as dt

from django.db.models import Q, QuerySet

from portal.agencies.models import Agency
from portal.users.models import COMMAND_ROLES, Membership, Role, User
from tasks import access
from tasks.models import Assignment, Clause, Comment, PartyHeir, Programme, Report, Signatory
from tasks.states import OPEN_PROGRAMME

Subject = Assignment | Clause | Report
OUTSIDE = frozenset({Role.VIEWER, Role.ADMINISTRATOR})


def programme_of(subject: Subject) -> Programme:
    return subject.period.programme if isinstance(subject, Report) else subject.programme


def agencies_of(subject: Subject) -> set[int]:
    """The agencies whose people talk here, besides the command."""
    if isinstance(subject, Report):
        return {subject.agency_id}
    if isinstance(subject, Clause):
        signed = Signatory.objects.filter(programme=subject.programme).values("agency")
        heirs = PartyHeir.objects.filter(programme=subject.programme).values("agency")
        there = Agency.objects.filter(Q(pk__in=signed) | Q(pk__in=heirs))
        return set(there.values_list("pk", flat=True))
    return {subject.lead_id, *(share.agency_id for share in subject.coordinations.all())}


def visible_clauses(user: User) -> QuerySet[Clause]:
    """Clauses of the programmes that the user sees: from freezing on they are talked about here."""
    shown = access.visible_programmes(user).filter(state__in=OPEN_PROGRAMME)
    return Clause.objects.filter(programme__in=shown).select_related("programme__host")


def visible_comments(user: User) -> QuerySet[Comment]:
    """Shared ones of the things whose conversation the user reads; internal ones of their own agency."""
    rows = Comment.objects.select_related("by", "agency", "deleted_by")
    if user.post is None or user.role in OUTSIDE:
        return rows.none()
    seen = (
        Q(assignment__in=access.assignments_with_progress(user).values("pk"))
        | Q(report__in=access.visible_reports(user).select_related(None).values("pk"))
        | Q(clause__in=visible_clauses(user).select_related(None).values("pk"))
    )
    return rows.filter(seen, Q(is_internal=False) | Q(agency=user.agency_id))


def may_read(user: User, subject: Subject) -> bool:
    """Whether the conversation about a visible thing is the reader's business."""
    if user.post is None or user.role in OUTSIDE:
        return False
    return user.role in COMMAND_ROLES or user.agency_id in agencies_of(subject)


def may_write(user: User, subject: Subject) -> bool:
    """Whoever works for an agency that takes part, and those who run the programme."""
    if user.role not in access.WORKS:
        return False
    return access.may_settle(user, programme_of(subject)) or user.agency_id in agencies_of(subject)


def may_edit(user: User, comment: Comment) -> bool:
    """Its writer, as long as they are of the agency they wrote for."""
    return user.pk == comment.by_id and user.agency_id == comment.agency_id


def may_delete(user: User, comment: Comment) -> bool:
    """Its writer; a shared one also those who run the programme, who answer for what stands here."""
    runs = access.may_settle(user, programme_of(comment.subject))
    return may_edit(user, comment) or (runs and not comment.is_internal)


def mentionable(user: User, subject: Subject, today: dt.date) -> QuerySet[Membership]:
    """The posts of those who read the conversation, but for the user."""
    readers = Q(agency__in=agencies_of(subject)) | Q(role__in=COMMAND_ROLES)
    posts = Membership.objects.held_on(today).filter(readers, user__is_active=True)
    posts = posts.exclude(role__in=OUTSIDE).exclude(user=user)
    return posts.select_related("user", "agency").order_by("agency__protocol_order", "user__name_sort_key")
