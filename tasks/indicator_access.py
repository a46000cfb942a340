"""WHO may see and do what with indicators, shares and figures: as with the progress they are part of."""

from django.db.models import Exists, OuterRef, QuerySet

from portal.users.models import Role, User
from tasks.access import (
    WORKS,
    assignments_with_progress,
    may_approve,
    may_confirm,
    may_work,
    takes_part,
    visible_programmes,
)
from tasks.models import Assignment, Figure, JointIndicator, Locality, Quota
from tasks.models.assignments import AssignmentQuerySet
from tasks.models.localities import LocalityQuerySet


def may_see_parts(user: User) -> bool:
    """Shares and entries are not for viewers, who read the headline figure of what is confirmed."""
    return user.role != Role.VIEWER


def measured_assignments(user: User) -> AssignmentQuerySet:
    """Assignments of which the user sees shares and figures: those whose progress the user sees."""
    rows = assignments_with_progress(user)
    return rows if may_see_parts(user) else rows.none()


def visible_quotas(user: User) -> QuerySet[Quota]:
    """The shares of those assignments, with whose they are."""
    rows = Quota.objects.filter(indicator__assignment__in=measured_assignments(user))
    return rows.select_related("agency", "locality")


def visible_figures(user: User) -> QuerySet[Figure]:
    """Every figure of those assignments, corrected ones too, with who entered it."""
    rows = Figure.objects.filter(indicator__assignment__in=measured_assignments(user))
    return rows.select_related(
        "by", "quota__agency", "quota__locality", "corrects", "correction", "indicator__assignment"
    )


def visible_joint_indicators(user: User) -> QuerySet[JointIndicator]:
    """Those of which the user sees the figures of every part."""
    hidden = Assignment.objects.filter(joint_indicators=OuterRef("pk")).exclude(
        pk__in=measured_assignments(user).values("pk")
    )
    rows = JointIndicator.objects.filter(programme__in=visible_programmes(user), parts__isnull=False)
    return rows.exclude(Exists(hidden)).select_related("programme").distinct()


def visible_localities(user: User) -> LocalityQuerySet:
    """The register of districts and communes: as public as that of agencies."""
    return Locality.objects.none() if user.post is None else Locality.objects.all()


may_define_indicator = may_confirm
may_distribute = may_work
may_settle_distribution = may_approve


def may_enter_figure(user: User, assignment: Assignment, agency_id: int | None) -> bool:
    """Whoever works for the lead; of an agency's share (`agency_id`) whoever works for that agency.

    No query once the coordinations are in hand.
    """
    if may_work(user, assignment):
        return True
    is_own = agency_id is not None and agency_id == user.agency_id
    return is_own and user.role in WORKS and takes_part(user, assignment)
